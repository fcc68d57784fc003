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
    .systemLibrary(name: "CGetopt"),
    .target(name: "CPlatform"),
    .target(name: "Platform", dependencies: ["CPlatform"], swiftSettings: safe),
    .target(name: "StateMemory", dependencies: ["CPlatform"], swiftSettings: kernels),
    .target(name: "SQLTypes", swiftSettings: safe),
    .target(name: "SQLSyntax", dependencies: ["SQLTypes"], swiftSettings: safe),
    .target(name: "Columnar", dependencies: ["SQLTypes"], swiftSettings: kernels),
    .target(name: "Expressions", dependencies: ["Columnar", "SQLTypes"], swiftSettings: safe),
    .target(name: "Planner", dependencies: ["SQLSyntax", "Expressions", "Columnar", "SQLTypes"], swiftSettings: safe),
    .target(name: "Dataflow", dependencies: ["Expressions", "Columnar", "SQLTypes"], swiftSettings: safe),
    .target(name: "SQLiteStorage", dependencies: ["Dataflow", "CSQLite", "SQLTypes"], swiftSettings: safe),
    .target(
      name: "Engine", dependencies: ["Planner", "Dataflow", "SQLSyntax", "Expressions", "Columnar", "SQLTypes"],
      swiftSettings: safe),
    .target(name: "CScan"),
    .target(name: "JSONScan", dependencies: ["CScan", "SQLTypes"], swiftSettings: kernels),
    .target(name: "Connectors", dependencies: ["SQLTypes"], swiftSettings: safe),
    .target(name: "PGWire", dependencies: ["SQLTypes"], swiftSettings: safe),
    .target(
      name: "PGServer", dependencies: ["PGWire", "Engine", "Planner", "Platform", "Columnar", "SQLTypes"], swiftSettings: safe),
    .target(name: "SpecRunner", dependencies: ["Engine", "Planner", "SQLTypes"], swiftSettings: safe),
    .target(name: "Shell", dependencies: ["SQLTypes", "CReadline"], swiftSettings: safe),
    .target(
      name: "CLI",
      dependencies: [
        "Connectors", "Engine", "PGServer", "PGWire", "Planner", "Platform", "Shell", "SpecRunner", "SQLTypes", "CGetopt",
      ],
      swiftSettings: safe),
    .target(name: "TestSupport", dependencies: ["PGServer", "Platform"], swiftSettings: safe),
    .executableTarget(name: "leat", dependencies: ["CLI"], swiftSettings: safe),
    // Appends to a log until it is killed; the crash tests run it.
    .executableTarget(
      name: "TickLogWriter", dependencies: ["SQLiteStorage", "Dataflow", "SQLTypes"], path: "Tests/TickLogWriter",
      swiftSettings: safe),
    .testTarget(name: "PlatformTests", dependencies: ["Platform"], swiftSettings: strict),
    .testTarget(name: "StateMemoryTests", dependencies: ["Platform", "StateMemory", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "SQLTypesTests", dependencies: ["SQLTypes", "TestSupport"], exclude: ["Golden"], swiftSettings: strict),
    .testTarget(name: "SQLSyntaxTests", dependencies: ["SQLSyntax", "SQLTypes", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "ColumnarTests", dependencies: ["Columnar", "SQLTypes", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "SQLiteStorageTests", dependencies: ["SQLiteStorage", "Dataflow", "SQLTypes", "TickLogWriter"],
      swiftSettings: strict),
    .testTarget(name: "SpecTests", dependencies: ["SpecRunner", "Engine", "SQLTypes", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "ConnectorsTests", dependencies: ["Connectors", "JSONScan", "SQLTypes"], swiftSettings: strict),
    .testTarget(name: "ShellTests", dependencies: ["Shell", "SQLTypes", "TestSupport"], exclude: ["Golden"], swiftSettings: strict),
    .testTarget(name: "CLITests", dependencies: ["CLI", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "PGServerTests", dependencies: ["PGServer", "PGWire", "Platform", "SQLTypes", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "PGWireTests", dependencies: ["PGWire", "SQLTypes", "TestSupport"], swiftSettings: strict),
  ]
)

// Benchmarks: only under BENCH=1, so that ordinary builds stay light.
if Context.environment["BENCH"] != nil {
  package.targets += [
    .target(name: "CTwins", path: "Benchmarks/CTwins", cSettings: [.unsafeFlags(["-O3", "-march=haswell"])]),
    .executableTarget(
      name: "StateBench", dependencies: ["CTwins", "Platform", "StateMemory"], path: "Benchmarks/StateBench",
      swiftSettings: kernels),
    .executableTarget(
      name: "JSONScanBench", dependencies: ["Connectors", "JSONScan"], path: "Benchmarks/JSONScanBench",
      swiftSettings: strict + optimized),
  ]
}
