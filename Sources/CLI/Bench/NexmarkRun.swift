import Columnar
import Connectors
import Engine
import Planner
import Platform
import SQLTypes

/// One query over the files of a directory, on an engine of its own.
struct NexmarkRun {
  private static let eventsAhead = 16

  private let query: NexmarkQuery
  private let input: String
  private let isPreloaded: Bool
  private let workers: Int
  private let sink: BenchOptions.Sink

  init(_ query: NexmarkQuery, input: String, isPreloaded: Bool, workers: Int, sink: BenchOptions.Sink) {
    self.query = query
    self.input = input
    self.isPreloaded = isPreloaded
    self.workers = workers
    self.sink = sink
  }

  /// Runs the query and takes its figures; those of a view have the checksum already.
  ///
  /// - Errors: of files that are missing or cannot be read, and the engine's.
  func measure() throws(SQLError) -> NexmarkFigures {
    let tally = ChangeTally(hashesRows: false)
    let engine = try Engine(workers: workers, changeSink: sink == .blackhole ? tally : nil)
    defer { engine.stop() }
    let session = engine.session()
    for stream in query.streams { try session.run(stream.definition(input: input)) { _ in } }
    let preloaded = isPreloaded ? try preload() : []
    session.startsSources = !isPreloaded
    let clock = SystemClock()
    let (cpuStart, start) = (ProcessUsage.now.cpuSeconds, clock.monotonicNanoseconds)
    try session.run("CREATE MATERIALIZED VIEW answer AS \(query.sql)") { _ in }
    for (stream, event) in preloaded { try engine.take(event, ofStream: stream) }
    let settled = try engine.settle()
    let usage = ProcessUsage.now
    let sums = tally.sums
    var figures = NexmarkFigures(
      rows: settled.sourceRows.values.reduce(0, +), seconds: Double(clock.monotonicNanoseconds - start) / 1e9,
      cpuSeconds: usage.cpuSeconds - cpuStart, peakMegabytes: usage.peakMegabytes, stateBytes: settled.stateBytes,
      tickNanoseconds: sums.tickNanoseconds.sorted(), outRows: sums.rows, checksum: nil)
    if sink == .view {
      session.startsSources = false
      try session.run("SELECT * FROM answer") { result in
        let types = (result.columns ?? []).map(\.type)
        figures.outRows = result.batches.reduce(0) { $0 + $1.netCount }
        figures.checksum = result.batches.reduce(0) { $0 &+ $1.checksum(types) }
      }
    }
    return figures
  }

  /// Computes the answer once more and adds up its rows' checksum.
  func checksum() throws(SQLError) -> UInt64 {
    let tally = ChangeTally(hashesRows: true)
    let engine = try Engine(workers: workers, changeSink: tally)
    defer { engine.stop() }
    let session = engine.session()
    for stream in query.streams { try session.run(stream.definition(input: input)) { _ in } }
    try session.run("CREATE MATERIALIZED VIEW answer AS \(query.sql)") { _ in }
    _ = try engine.settle()
    return tally.sums.checksum
  }

  /// The decoded events of all streams, a batch of each in turn.
  func preload() throws(SQLError) -> [(stream: String, event: SourceEvent)] {
    var queues: [(name: String, source: any Source, queue: BoundedQueue<SourceEvent>)] = []
    defer { for (_, source, _) in queues { source.stop() } }
    for stream in query.streams {
      let source = try stream.spec(input: input).makeSource()
      let queue = BoundedQueue<SourceEvent>(capacity: Self.eventsAhead)
      queues.append((stream.name, source, queue))
      try source.start(from: [], into: queue)
    }
    var events: [(String, SourceEvent)] = []
    var open = queues.map { ($0.name, $0.queue) }
    while !open.isEmpty {
      var left: [(String, BoundedQueue<SourceEvent>)] = []
      for (name, queue) in open {
        let event: SourceEvent?
        do throws(QueueEnd) { event = try queue.pop() } catch { event = nil }
        guard let event else { continue }
        if case .failed(let failure) = event { throw failure.error }
        events.append((name, event))
        left.append((name, queue))
      }
      open = left
    }
    return events
  }
}

extension NexmarkQuery.Stream {
  /// What `definition` declares, for a source that the engine does not start.
  func spec(input: String) throws(SQLError) -> SourceSpec {
    let options = [("connector", "file"), ("path", "\(input)/\(name)/part-*.jsonl"), ("format", "json")]
    let columns = declared.map { field in
      let type: SQLType =
        switch Self.sqlType(ofField: field) {
        case "BIGINT": .bigint
        case "TIMESTAMP": .timestamp
        default: .text
        }
      return SourceSpec.Column(name: field, type: type)
    }
    let spec = try SourceSpec(
      relation: name, columns: columns, options: options.map { SourceOption(name: $0.0, value: $0.1) })
    return spec.needing { fields.contains(declared[$0]) }
  }
}
