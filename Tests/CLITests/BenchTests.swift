import Columnar
import Connectors
import Dataflow
import Engine
import Platform
import SQLTypes
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

/// Hands the rows of events to an engine in ticks of so many rows of one stream, the streams in turn; how many there were.
private func give(
  _ events: [(stream: String, event: SourceEvent)], to engine: Engine, rowsPerTick: Int
) throws -> Int {
  var waiting: [String: [SourceBatch]] = [:]
  var total = 0
  func tick(_ stream: String) throws {
    guard let batches = waiting.removeValue(forKey: stream), let last = batches.last else { return }
    let rows = Batch.concatenated(batches.map(\.batch), types: last.batch.columns.map(\.physicalType))
    for first in stride(from: 0, to: rows.count, by: rowsPerTick) {
      let part = rows.gather(Selection(first..<min(first + rowsPerTick, rows.count)))
      try engine.take(
        .rows(
          SourceBatch(
            partition: last.partition, batch: part, offsets: .constant(Int64(0), .int64, count: part.count),
            positionAfter: last.positionAfter)), ofStream: stream)
      // What the driver is asked behind them it answers before it looks for more: these rows are a tick.
      total = try engine.settle().sourceRows.values.reduce(0, +)
    }
  }
  for (stream, event) in events {
    guard case .rows(let batch) = event else {
      if case .discovered = event { try engine.take(event, ofStream: stream) }
      continue
    }
    waiting[stream, default: []].append(batch)
    if waiting[stream, default: []].reduce(0, { $0 + $1.batch.count }) >= rowsPerTick { try tick(stream) }
  }
  for stream in waiting.keys.sorted() { try tick(stream) }
  return total
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
        for way in [
          [], ["--preload"], ["--sink", "view"], ["--preload", "--sink", "view"], ["--workers", "2"],
          ["--preload", "--sink", "view", "--workers", "4"],
        ] {
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

  /// However many workers, on threads and inline, and wherever ticks are cut.
  @Test(.serialized, arguments: [1, 7, 512, 40_000]) func workersAndCutsGiveOneAnswer(rowsPerTick: Int) throws {
    let events = rowsPerTick < 100 ? 2_000 : 60_000
    try withEvents(Int64(events), seed: 3) { directory in
      for query in NexmarkQuery.all {
        let preloaded = try NexmarkRun(query, input: directory, isPreloaded: true, workers: 1, sink: .blackhole).preload()
        var answers: Set<String> = []
        for (workers, sizes) in [
          (1, .init()), (2, .init()), (4, .init()), (2, .init(smallTickRows: 0, dealtRows: 100)),
          (4, .init(smallTickRows: 0, dealtRows: 1000)),
        ] as [(Int, ShardedGraph.Sizes)] {
          let tally = ChangeTally(hashesRows: true)
          let engine = try Engine(workers: workers, sizes: sizes, changeSink: tally)
          defer { engine.stop() }
          let session = engine.session()
          session.startsSources = false
          for stream in query.streams { try session.run(stream.definition(input: directory)) { _ in } }
          try session.run("CREATE MATERIALIZED VIEW answer AS \(query.sql)") { _ in }
          let settled = try give(preloaded, to: engine, rowsPerTick: rowsPerTick)
          #expect(settled == query.rows(ofEvents: events))
          answers.insert("\(tally.sums.rows) \(tally.sums.checksum)")
        }
        #expect(answers.count == 1, "\(query.name), \(rowsPerTick) rows a tick: \(answers)")
      }
    }
  }

  @Test func filesOfOtherEventsAreRefused() throws {
    try withEvents(1000, seed: 1) { directory in
      var (output, errors) = ("", "")
      let tool = CommandLineTool(output: { output += $0 }, errors: { errors += $0 })
      #expect(tool.run(["bench", "nexmark", "--query", "gb", "--events", "2000", "--input", directory]) == 1)
      #expect(output.isEmpty && errors.contains("2000 events make 1840 rows for gb, but 920 were read"))
      #expect(tool.run(["bench", "nexmark", "--query", "gb", "--workers", "0", "--input", directory]) == 2)
      #expect(errors.contains("needs a whole number from 1 to 1024, not \"0\""))
    }
  }
}
