// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target of ours: Swift 6 mode, explicit existentials and imports.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

/// What KERNELS.md §9 measured: whole-program specialisation and AVX2 code in release builds.
let optimized: [SwiftSetting] = [
  .unsafeFlags(
    ["-cross-module-optimization", "-target-cpu", "haswell", "-Xcc", "-march=haswell", "-enforce-exclusivity=unchecked"],
    .when(configuration: .release))
]

/// Safe code: every unsafe construct must say so.
let safe: [SwiftSetting] = strict + optimized + [.strictMemorySafety()]

/// The kernel and state-array targets, the only ones without strict memory safety (STYLE §1).
let kernels: [SwiftSetting] = strict + optimized

let package = Package(
  name: "leat",
  products: [],
  targets: [
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
    .systemLibrary(name: "CRdkafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
    .systemLibrary(name: "CGetopt"),
    .target(name: "CPlatform"),
    .target(name: "Platform", dependencies: ["CPlatform"], swiftSettings: safe),
    .target(name: "StateMemory", dependencies: ["CPlatform"], swiftSettings: kernels),
    .target(name: "SQLTypes", swiftSettings: safe),
    .target(name: "SQLSyntax", dependencies: ["SQLTypes"], swiftSettings: safe),
    .target(name: "Columnar", dependencies: ["CScan", "SQLTypes"], swiftSettings: kernels),
    .target(
      name: "ZSets", dependencies: ["Columnar", "CPlatform", "SQLTypes", "StateMemory"], swiftSettings: kernels),
    .target(name: "Expressions", dependencies: ["Columnar", "SQLTypes"], swiftSettings: safe),
    .target(name: "SQLCatalog", dependencies: ["SQLTypes"], swiftSettings: safe),
    .target(
      name: "Planner", dependencies: ["SQLSyntax", "SQLCatalog", "Expressions", "Columnar", "SQLTypes"], swiftSettings: safe),
    .target(
      name: "Dataflow", dependencies: ["Expressions", "Columnar", "Platform", "SQLTypes", "StateMemory", "ZSets"],
      swiftSettings: safe),
    .target(
      name: "SQLiteStorage", dependencies: ["Dataflow", "Columnar", "Platform", "CSQLite", "SQLTypes"], swiftSettings: safe),
    .target(
      name: "Engine",
      dependencies: [
        "Planner", "Dataflow", "Connectors", "ZSets", "StateMemory", "Platform", "SQLCatalog", "SQLSyntax", "Expressions", "Columnar", "SQLTypes",
      ],
      swiftSettings: safe),
    .target(name: "CScan"),
    .target(name: "JSONScan", dependencies: ["CScan", "Columnar", "SQLTypes"], swiftSettings: kernels),
    .target(
      name: "Connectors", dependencies: ["JSONScan", "Columnar", "Platform", "SQLTypes"], swiftSettings: safe),
    .target(
      name: "KafkaConnector", dependencies: ["Connectors", "JSONScan", "Columnar", "Platform", "CRdkafka", "SQLTypes"],
      swiftSettings: safe),
    .target(name: "PGWire", dependencies: ["SQLTypes"], swiftSettings: safe),
    .target(
      name: "PGServer", dependencies: ["PGWire", "Engine", "Planner", "Platform", "Columnar", "SQLTypes"], swiftSettings: safe),
    .target(name: "SpecRunner", dependencies: ["Engine", "Planner", "SQLTypes"], swiftSettings: safe),
    .target(name: "Shell", dependencies: ["SQLTypes", "CReadline"], swiftSettings: safe),
    .target(
      name: "CLI",
      dependencies: [
        "Columnar", "Connectors", "Engine", "KafkaConnector", "PGServer", "PGWire", "Planner", "Platform", "Shell", "SpecRunner",
        "SQLiteStorage", "SQLTypes", "CGetopt",
      ],
      swiftSettings: safe),
    .target(
      name: "ReferenceModel",
      dependencies: ["TestSupport", "Planner", "Expressions", "SQLCatalog", "SQLSyntax", "Columnar", "SQLTypes"],
      swiftSettings: safe),
    .target(
      name: "TestSupport",
      dependencies: ["PGServer", "Engine", "SQLTypes", "Platform"],
      swiftSettings: safe),
    .executableTarget(name: "leat", dependencies: ["CLI"], swiftSettings: safe),
    // Appends to a log until it is killed; the crash tests run it.
    .executableTarget(
      name: "TickLogWriter", dependencies: ["SQLiteStorage", "Dataflow", "SQLTypes"], path: "Tests/TickLogWriter",
      swiftSettings: safe),
    // Writes of which a model knows the outcome; what runs them until it is killed; and the tests.
    .target(
      name: "CrashWorkload", dependencies: ["Engine", "SQLTypes", "TestSupport"], path: "Tests/CrashWorkload",
      swiftSettings: safe),
    .executableTarget(
      name: "StatementWriter", dependencies: ["CrashWorkload", "Dataflow", "Engine", "Platform", "SQLiteStorage", "SQLTypes"],
      path: "Tests/StatementWriter", swiftSettings: safe),
    .testTarget(
      name: "EngineCrashTests",
      dependencies: [
        "CrashWorkload", "CrashVFS", "Dataflow", "Engine", "Planner", "Platform", "SQLCatalog", "SQLiteStorage", "SQLSyntax", "SQLTypes",
        "StatementWriter", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(name: "PlatformTests", dependencies: ["Platform"], swiftSettings: strict),
    .testTarget(name: "StateMemoryTests", dependencies: ["Platform", "StateMemory", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "SQLTypesTests", dependencies: ["SQLTypes", "TestSupport"], exclude: ["Golden"], swiftSettings: strict),
    .testTarget(name: "SQLSyntaxTests", dependencies: ["SQLSyntax", "SQLTypes", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "ColumnarTests", dependencies: ["Columnar", "SQLTypes", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "ExpressionsTests", dependencies: ["Columnar", "Expressions", "SQLTypes", "TestSupport"], swiftSettings: strict),
    // A disk that loses power, as a SQLite VFS; `CrashVFS` is its Swift face.
    .target(name: "CCrashVFS", dependencies: ["CSQLite"], path: "Tests/CCrashVFS"),
    .target(name: "CrashVFS", dependencies: ["CCrashVFS"], path: "Tests/CrashVFS", swiftSettings: safe),
    .target(
      name: "RowTestSupport", dependencies: ["Columnar", "SQLTypes", "TestSupport"], path: "Tests/RowTestSupport",
      swiftSettings: strict),
    .testTarget(
      name: "ZSetsTests", dependencies: ["RowTestSupport", "ZSets", "Columnar", "Platform", "SQLTypes", "StateMemory", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "DataflowTests",
      dependencies: ["Dataflow", "RowTestSupport", "ZSets", "StateMemory", "Expressions", "Columnar", "SQLTypes", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SQLiteStorageTests",
      dependencies: [
        "SQLiteStorage", "Columnar", "CrashVFS", "Dataflow", "Platform", "SQLTypes", "TestSupport", "TickLogWriter",
      ], swiftSettings: strict),
    .testTarget(
      name: "PlannerTests",
      dependencies: ["Planner", "SQLSyntax", "SQLCatalog", "Expressions", "Columnar", "SQLTypes", "TestSupport"],
      exclude: ["Plans"], swiftSettings: strict),
    .testTarget(
      name: "SpecTests",
      dependencies: ["SpecRunner", "Dataflow", "Engine", "Planner", "Shell", "SQLiteStorage", "SQLTypes", "TestSupport"],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "ConnectorsTests", dependencies: ["Connectors", "JSONScan", "Columnar", "Platform", "SQLTypes", "TestSupport"],
      swiftSettings: strict),
    // Kafka without a cluster: librdkafka's mock cluster, and a real broker where one can be started.
    .target(
      name: "KafkaTestSupport", dependencies: ["CRdkafka", "KafkaConnector", "Platform"], path: "Tests/KafkaTestSupport",
      swiftSettings: safe),
    .testTarget(
      name: "KafkaConnectorTests",
      dependencies: [
        "Connectors", "Engine", "KafkaConnector", "KafkaTestSupport", "Platform", "SQLiteStorage", "SQLTypes", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(name: "ShellTests", dependencies: ["Shell", "SQLTypes", "TestSupport"], exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "CLITests",
      dependencies: ["CLI", "Columnar", "Connectors", "Dataflow", "Engine", "leat", "Platform", "SQLTypes", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "PGServerTests", dependencies: ["PGServer", "PGWire", "Platform", "SQLTypes", "TestSupport"],
      exclude: ["psycopg_session.py"], swiftSettings: strict),
    .testTarget(
      name: "RecomputeTests",
      dependencies: [
        "ReferenceModel", "TestSupport", "Engine", "Planner", "Dataflow", "StateMemory", "Expressions", "SQLCatalog", "Columnar",
        "SQLTypes",
      ],
      swiftSettings: strict),
    .target(name: "AgreeingEngine", dependencies: ["PGWire"], path: "Tests/AgreeingEngine", swiftSettings: strict),
    .testTarget(
      name: "PGWireTests", dependencies: ["AgreeingEngine", "PGWire", "SQLTypes", "TestSupport"], swiftSettings: strict),
  ]
)

// Benchmarks: only under BENCH=1, so that ordinary builds stay light.
if Context.environment["BENCH"] != nil {
  package.targets += [
    .executableTarget(
      name: "LogBench", dependencies: ["SQLiteStorage", "Columnar", "Dataflow", "Platform", "SQLTypes"],
      path: "Benchmarks/LogBench", swiftSettings: kernels),
    .target(name: "CTwins", path: "Benchmarks/CTwins", cSettings: [.unsafeFlags(["-O3", "-march=haswell"])]),
    .executableTarget(
      name: "StateBench", dependencies: ["CTwins", "Platform", "StateMemory"], path: "Benchmarks/StateBench",
      swiftSettings: kernels),
    .executableTarget(
      name: "KernelBench", dependencies: ["CTwins", "Columnar", "Platform", "SQLTypes", "ZSets"],
      path: "Benchmarks/KernelBench", swiftSettings: kernels),
    .executableTarget(
      name: "OperatorBench", dependencies: ["Dataflow", "Expressions", "Columnar", "Platform", "SQLTypes", "StateMemory"],
      path: "Benchmarks/OperatorBench", swiftSettings: strict + optimized),
    .executableTarget(
      name: "JoinBench", dependencies: ["Columnar", "Dataflow", "Platform", "SQLTypes", "StateMemory"],
      path: "Benchmarks/JoinBench", swiftSettings: strict + optimized),
    .executableTarget(
      name: "JSONScanBench", dependencies: ["Columnar", "Connectors", "JSONScan", "Platform", "SQLTypes"], path: "Benchmarks/JSONScanBench",
      swiftSettings: strict + optimized),
  ]
}

// Fuzzers: only under FUZZ=1, and then everything is instrumented (see scripts/fuzz).
if Context.environment["FUZZ"] != nil {
  let fuzzed: [SwiftSetting] = strict + [.unsafeFlags(["-parse-as-library"])]
  package.targets += [
    .target(name: "CFuzzer", path: "Fuzz/CFuzzer"),
    .executableTarget(
      name: "FuzzJSON", dependencies: ["CFuzzer", "JSONScan"], path: "Fuzz/JSON", swiftSettings: fuzzed),
    .executableTarget(
      name: "FuzzWire", dependencies: ["AgreeingEngine", "CFuzzer", "PGWire", "SQLTypes"], path: "Fuzz/Wire", swiftSettings: fuzzed),
    .executableTarget(
      name: "FuzzParser", dependencies: ["CFuzzer", "Planner", "SQLCatalog", "SQLSyntax", "SQLTypes"], path: "Fuzz/Parser",
      swiftSettings: fuzzed),
    .target(name: "CTraps", path: "Fuzz/CTraps"),
    .executableTarget(
      name: "FuzzSQL",
      dependencies: [
        "AgreeingEngine", "CTraps", "Columnar", "Engine", "Expressions", "PGServer", "PGWire", "Planner", "Platform", "SQLCatalog", "SQLSyntax",
        "SQLTypes", "TestSupport",
      ],
      path: "Fuzz/SQL", swiftSettings: fuzzed + optimized),
  ]
}
