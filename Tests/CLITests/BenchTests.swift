import Columnar
import Connectors
import Platform
import Testing

@testable import CLI

/// Writes Nexmark's files, and takes them away again.
private func withEvents(_ count: Int64, seed: UInt64, _ body: (String) throws -> Void) throws {
  let directory = try makeTemporaryDirectory(prefix: "/tmp/leat-bench-")
  defer {
    for kind in ["person", "auction", "bid"] {
      for part in 0..<2 { try? removeFile("\(directory)/\(kind)/part-\(part).jsonl") }
      try? removeDirectory("\(directory)/\(kind)")
    }
    try? removeDirectory(directory)
  }
  try NexmarkFiles.write(events: count, seed: seed, directory: directory)
  try body(directory)
}

@Suite struct BenchTests {
  /// RFC 1321, A.5: the low halves of its test suite.
  @Test(arguments: [
    ("", 0xe980_0998_ecf8_427e), ("abc", 0xd696_3f7d_28e1_7f72), ("message digest", 0x525a_2f31_aaf1_61d0),
    ("12345678901234567890123456789012345678901234567890123456789012345678901234567890", 0xac49_da2e_2107_b67a),
  ] as [(String, UInt64)])
  func md5IsThatOfTheRFC(text: String, low: UInt64) { #expect(MD5Digest(of: Array(text.utf8).span).low == low) }

  @Test func rowsOfEventsAreThoseOfTheEpochs() {
    #expect(NexmarkQuery.named("q0")?.rows(ofEvents: 100) == 92)
    #expect(NexmarkQuery.named("q3")?.rows(ofEvents: 102) == 10)
    #expect(NexmarkQuery.named("q20")?.rows(ofEvents: 55) == 53)
  }

  /// The ticks' boundaries differ from run to run and between the ways in and out; the answers do not.
  @Test(.serialized, arguments: [1, 42] as [UInt64]) func everyWayGivesTheSameAnswer(seed: UInt64) throws {
    try withEvents(20_000, seed: seed) { directory in
      for query in NexmarkQuery.all {
        var answers: Set<String> = []
        for way in [[], ["--preload"], ["--sink", "view"], ["--preload", "--sink", "view"]] {
          var (output, errors) = ("", "")
          let tool = CommandLineTool(output: { output += $0 }, errors: { errors += $0 })
          let status = tool.run(
            ["bench", "nexmark", "--query", query.name, "--events", "20000", "--input", directory] + way)
          #expect(status == 0 && errors.isEmpty, "\(errors)")
          #expect(output.hasPrefix("{\"query\": \"\(query.name)\", \"events\": 20000, \"rows\": \(query.rows(ofEvents: 20000)), "))
          if let range = output.firstRange(of: "\"out_rows\"") { answers.insert(String(output[range.lowerBound...])) }
        }
        #expect(answers.count == 1, "\(query.name): \(answers)")
      }
    }
  }

  @Test func filesOfOtherEventsAreRefused() throws {
    try withEvents(1000, seed: 1) { directory in
      var (output, errors) = ("", "")
      let tool = CommandLineTool(output: { output += $0 }, errors: { errors += $0 })
      #expect(tool.run(["bench", "nexmark", "--query", "gb", "--events", "2000", "--input", directory]) == 1)
      #expect(output.isEmpty && errors.contains("2000 events make 1840 rows for gb, but 920 were read"))
      #expect(tool.run(["bench", "nexmark", "--query", "gb", "--workers", "2", "--input", directory]) == 2)
    }
  }
}
