import Foundation
import Testing

@testable import Connectors

/// gen.c, if this machine has it: the original that the generator must equal.
private let originalPath: String? = {
  let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  let candidates =
    [ProcessInfo.processInfo.environment["LEAT_SHARED"]].compactMap { $0.map { "\($0)/peers/gen.c" } }
    + [packageRoot.deletingLastPathComponent().appendingPathComponent("shared/peers/gen.c").path, "/work/shared/peers/gen.c"]
  return candidates.first { FileManager.default.isReadableFile(atPath: $0) }
}()

private let fileNames = ["person", "auction", "bid"].flatMap { ["\($0)/part-0.jsonl", "\($0)/part-1.jsonl"] }

private func fnv1a(_ data: Data) -> UInt64 {
  data.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

private func run(_ command: String, _ arguments: [String]) throws -> Int32 {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: command)
  process.arguments = arguments
  try process.run()
  process.waitUntilExit()
  return process.terminationStatus
}

@Test(.enabled(if: originalPath != nil, "peers/gen.c is not on this machine (LEAT_SHARED, ../shared, /work/shared)"), arguments: [42, 7])
func filesEqualThoseOfTheOriginal(seed: UInt64) throws {
  let directory = try TemporaryDirectory()
  let source = try String(contentsOfFile: #require(originalPath), encoding: .utf8)
  #expect(source.contains("rng_state = 42;"))
  try source.replacingOccurrences(of: "rng_state = 42;", with: "rng_state = \(seed);")
    .write(toFile: directory.path + "/gen.c", atomically: true, encoding: .utf8)
  #expect(try run("/usr/bin/gcc", ["-O2", "-o", directory.path + "/gen", directory.path + "/gen.c", "-lm"]) == 0)
  #expect(try run(directory.path + "/gen", ["20000", directory.path + "/original"]) == 0)
  try NexmarkFiles.write(events: 20_000, seed: seed, directory: directory.path + "/ours")
  for name in fileNames {
    let original = try Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/original/\(name)"))
    let ours = try Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/ours/\(name)"))
    let areEqual = original == ours && !original.isEmpty
    #expect(areEqual, "\(name)")
  }
}

/// FNV-1a 64 of the six files that gen.c writes for 20,000 events.
private let goldenDigests: [UInt64: [UInt64]] = [
  42: [
    0xdb81_c77d_4c95_b8dd, 0x421a_1f78_6949_f020, 0x35cc_2876_8cb7_b99b,
    0xdf28_3dc3_edbf_2db3, 0xfacc_7f89_cc19_15d9, 0xd077_42be_44da_db65,
  ],
  7: [
    0xe6dc_3379_7f57_b9b0, 0xfd58_0209_e128_24d4, 0x2628_b808_967c_5964,
    0xa6d0_e1f5_7ad5_7f35, 0xb9cd_b3a1_7788_816c, 0x3fcd_5662_1995_6950,
  ],
]

@Test(arguments: [42, 7])
func filesHaveTheGoldenDigests(seed: UInt64) throws {
  let directory = try TemporaryDirectory()
  try NexmarkFiles.write(events: 20_000, seed: seed, directory: directory.path)
  let digests = try fileNames.map { fnv1a(try Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/\($0)"))) }
  #expect(digests == goldenDigests[seed])
}

@Test func aGeneratorGoesOnFromItsPosition() {
  var whole = NexmarkGenerator(seed: 42)
  whole.skip(to: 1234)
  let position = whole.position
  var resumed = NexmarkGenerator(seed: 42)
  resumed.resume(at: position)
  for _ in 0..<1000 {
    let expected = whole.next()
    #expect(resumed.next() == expected)
    if case .auction(let row) = expected {
      let isSameText = resumed.arena[row.description.range] == whole.arena[row.description.range]
      #expect(isSameText)
    }
  }
}

@Test func fileErrorsAreValues() {
  #expect(throws: FileError(action: "create directory", path: "/proc/nexmark", code: ENOENT)) {
    try NexmarkFiles.write(events: 1, seed: 1, directory: "/proc/nexmark")
  }
}
