internal import Columnar
package import Platform
package import SQLTypes

/// Makes the rows of one of Nexmark's tables; one partition, whose offsets are event numbers.
///
/// The random state of an event is known only after those before it, so a table of 3 rows in 50 events costs as much as all 50.
/// A position holds that state, and so a restart draws nothing again but the pools.
package final class NexmarkSource: Source {
  package let spec: SourceSpec
  private let options: NexmarkOptions
  private let thread = SourceThread()

  /// A rate is kept in steps of this length.
  private static let stepMilliseconds: Int64 = 10

  init(_ spec: SourceSpec, _ options: NexmarkOptions) {
    self.spec = spec
    self.options = options
  }

  package func start(
    from partitions: [PartitionPosition], into queue: BoundedQueue<SourceEvent>
  ) throws(SQLError) {
    let name = options.table.rawValue
    let from = partitions.first ?? PartitionPosition(partition: 0, name: name)
    let (isNew, spec, options) = (partitions.isEmpty, spec, options)
    try thread.start(named: "nexmark \(name)", queue) { output throws(SourceEnd) in
      if isNew { try output.send(.discovered(from)) }
      let rows = try output.failing(in: from.partition) { () throws(SQLError) in
        try NexmarkRows(spec, options, from: from)
      }
      try Self.run(rows, options, output)
      try output.send(.partitionEnded(partition: from.partition))
    }
  }

  private static func run(_ rows: NexmarkRows, _ options: NexmarkOptions, _ output: SourceOutput) throws(SourceEnd) {
    guard let rate = options.rate else {
      while let batch = rows.next(atMost: Batch.targetRowCount) { try output.send(.rows(batch)) }
      return
    }
    let clock = SystemClock()
    let start = clock.monotonicNanoseconds
    var made: Int64 = 0
    while true {
      let elapsed = clock.monotonicNanoseconds - start
      let due = Int64(truncatingIfNeeded: Int128(elapsed) * Int128(rate) / 1_000_000_000) - made
      if due <= 0 {
        try output.wait(milliseconds: stepMilliseconds)
        continue
      }
      guard let batch = rows.next(atMost: Int(min(due, Int64(Batch.targetRowCount)))) else { return }
      made += Int64(batch.batch.count)
      try output.send(.rows(batch))
    }
  }

  package func stop() { thread.stop() }

  package func makeReplay() -> any SourceReplay { NexmarkReplay(spec, options) }
}

/// Makes again what a Nexmark source made before.
private final class NexmarkReplay: SourceReplay {
  private let spec: SourceSpec
  private let options: NexmarkOptions
  private var rows: NexmarkRows?

  init(_ spec: SourceSpec, _ options: NexmarkOptions) {
    self.spec = spec
    self.options = options
  }

  func next(_ from: PartitionPosition, to: [UInt8]) throws(SQLError) -> SourceBatch? {
    // A source that has been started may not have made a row yet.
    if to.isEmpty && from.position.isEmpty { return nil }
    guard let end = NexmarkGenerator.Position(to) else { throw .badPosition(of: from.name) }
    var reused = self.rows
    self.rows = nil
    if reused == nil || reused?.position.bytes != from.position { reused = try NexmarkRows(spec, options, from: from) }
    guard let rows = reused else { return nil }
    let batch = rows.next(atMost: Batch.targetRowCount, upTo: end.event)
    if batch == nil && rows.position != end { throw .badPosition(of: from.name) }
    self.rows = rows
    return batch
  }
}
