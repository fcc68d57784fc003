package import Connectors
package import Platform
package import SQLTypes

/// Reads a topic: each of its partitions is one of the source's, under Kafka's own number.
///
/// It has no end. Where no broker answers, or there is no topic, it says so and tries again for ever; it stops where records that
/// were to be read are gone (`on_gap`), at a bad record if it shall (`on_error`), and where librdkafka gives up.
package final class KafkaSource: Source {
  package let spec: SourceSpec
  private let options: KafkaOptions
  private let thread = SourceThread()

  init(_ spec: SourceSpec, _ options: KafkaOptions) {
    self.spec = spec
    self.options = options
  }

  package func start(
    from partitions: [PartitionPosition], into queue: BoundedQueue<SourceEvent>
  ) throws(SQLError) {
    let (spec, options, consumer) = (spec, options, try options.makeConsumer())
    try thread.start(named: "kafka \(spec.relation)", queue) { output throws(SourceEnd) in
      let reader = KafkaReader(spec, options, consumer, output)
      try reader.run(from: partitions)
    }
  }

  package func stop() { thread.stop() }

  package func makeReplay() -> any SourceReplay { KafkaReplay(spec, options) }
}

/// The work of a source's thread.
private final class KafkaReader {
  private static let messagesAtOnce = 4096
  /// Between two looks whether the source is to stop.
  private static let waitMilliseconds = 100
  /// How long a broker may take to answer; nothing is read meanwhile.
  private static let askMilliseconds = 2_000
  private static let nanosecondsBetweenLooks: Int64 = 1_000_000_000
  private static let patienceNanoseconds: Int64 = 1_500_000_000
  private static let looksBetweenDiscoveries = 5

  private let options: KafkaOptions
  private let consumer: KafkaConsumer
  private let output: SourceOutput
  private let decoder: KafkaRecordDecoder
  private let clock = SystemClock()
  /// By partition number; without gaps.
  private var offsets: [KafkaOffsets] = []
  private var ends: [Int: Int64] = [:]
  private var batch = KafkaBatch(capacity: KafkaReader.messagesAtOnce)
  /// The messages of a batch by partition; kept for its memory.
  private var indices: [[Int]] = []
  private var trouble: KafkaError?
  /// Since when nothing but errors has come.
  private var failingSince: Int64?
  /// Whether the next look asks brokers, because something went wrong.
  private var mustAsk = false
  /// Whether partitions stand still until they are assigned again.
  private var mustAssign = true

  init(_ spec: SourceSpec, _ options: KafkaOptions, _ consumer: KafkaConsumer, _ output: SourceOutput) {
    self.options = options
    self.consumer = consumer
    self.output = output
    decoder = KafkaRecordDecoder(spec, options)
  }

  func run(from known: [PartitionPosition]) throws(SourceEnd) {
    for position in known.sorted(by: { $0.partition < $1.partition }) { try add(position) }
    var nextLook: Int64 = 0
    var looks = 0
    while true {
      if output.isStopped { throw .stopped }
      if clock.monotonicNanoseconds >= nextLook {
        if mustAsk || mustAssign || looks % Self.looksBetweenDiscoveries == 0 { try discover() }
        try tellEnds()
        nextLook = clock.monotonicNanoseconds + Self.nanosecondsBetweenLooks
        looks += 1
      }
      consumer.consume(into: &batch, timeoutMilliseconds: Self.waitMilliseconds)
      if batch.count > 0 { try takeBatch() }
      // One of several brokers, or addresses, that is not there is no trouble yet: the next look finds out.
      for case .error(let error) in consumer.drainEvents() {
        if error.isFatal { try tell(error, in: nil) }
        mustAsk = true
      }
    }
  }

  /// The next partition, by its number.
  private func add(_ position: PartitionPosition) throws(SourceEnd) {
    offsets.append(try output.failing(in: position.partition) { () throws(SQLError) in try KafkaOffsets(position) })
  }

  /// Looks for partitions that were not there before, and reads them too.
  private func discover() throws(SourceEnd) {
    let found: [PartitionPosition]
    let asked = clock.monotonicNanoseconds
    do throws(KafkaError) {
      found = try KafkaPartitions(options, consumer).find(
        after: offsets.count, isNew: true, timeoutMilliseconds: Self.askMilliseconds)
    } catch {
      // librdkafka may stay with what it knew of the topic for minutes: it is given its partitions anew.
      (mustAsk, mustAssign) = (true, true)
      failingSince = failingSince ?? asked
      return try tell(error, in: nil)
    }
    mustAsk = false
    try recovered()
    for position in found {
      try add(position)
      try output.send(.discovered(position))
    }
    do throws(KafkaError) {
      if mustAssign {
        try consumer.assign(offsets.indices.map(position))
      } else if !found.isEmpty {
        try consumer.add(found.map { position($0.partition) })
      }
      mustAssign = false
    } catch { try tell(error, in: nil) }
  }

  private func position(_ partition: Int) -> KafkaPosition {
    KafkaPosition(topic: options.topic, partition: partition, offset: offsets[partition].next)
  }

  private func tellEnds() throws(SourceEnd) {
    var moved = false
    for partition in offsets.indices {
      guard let end = consumer.endOffset(of: options.topic, partition: partition), end != ends[partition] else { continue }
      ends[partition] = end
      moved = true
    }
    if moved { try output.send(.ends(ends)) }
  }

  // MARK: messages

  private func takeBatch() throws(SourceEnd) {
    while indices.count < offsets.count { indices.append([]) }
    for index in 0..<batch.count {
      let partition = batch.partition(index)
      switch batch.kind(index) {
      case .message:
        // Below the position lies what was fetched before partitions were assigned anew.
        if offsets.indices.contains(partition), batch.offset(index) >= offsets[partition].next { indices[partition].append(index) }
      case .partitionEnd:
        guard offsets.indices.contains(partition) else { continue }
        try send(partition)
        try reachedEnd(partition, at: batch.offset(index))
      case .error:
        // What came before it moves the position first.
        if offsets.indices.contains(partition) { try send(partition) }
        if let error = batch.error(index) { try take(error, in: partition) }
      }
    }
    for partition in indices.indices { try send(partition) }
  }

  /// Sends the rows of a partition's messages.
  private func send(_ partition: Int) throws(SourceEnd) {
    let messages = indices[partition]
    guard let last = messages.last else { return }
    indices[partition].removeAll(keepingCapacity: true)
    let (batches, error) = decoder.decode(batch, messages[...], partition: partition, start: offsets[partition].start)
    for batch in batches { try output.send(.rows(batch)) }
    if let error { throw .failed(SourceFailure(partition: partition, error: error)) }
    offsets[partition].next = batch.offset(last) + 1
    try recovered()
  }

  /// All that the partition held a moment ago was read; control records may lie behind the last message.
  private func reachedEnd(_ partition: Int, at offset: Int64) throws(SourceEnd) {
    if offset > offsets[partition].next {
      offsets[partition].next = offset
      try output.send(.rows(decoder.emptyBatch(partition: partition, offsets[partition])))
    }
    try output.send(.caughtUp(partition: partition))
    try recovered()
  }

  // MARK: errors

  private func take(_ error: KafkaError, in partition: Int) throws(SourceEnd) {
    if error.isOffsetOutOfRange, offsets.indices.contains(partition) { return try crossGap(partition) }
    if error.isUnknownTopic { mustAssign = true }
    try tell(error, in: partition >= 0 ? partition : nil)
  }

  /// The records that were to be read next are not there.
  private func crossGap(_ partition: Int) throws(SourceEnd) {
    let there: (low: Int64, high: Int64)
    do throws(KafkaError) {
      there = try consumer.watermarks(of: options.topic, partition: partition, timeoutMilliseconds: Self.askMilliseconds)
    } catch {
      mustAssign = true
      return try tell(error, in: partition)
    }
    let next = offsets[partition].next
    let message = KafkaGap.message(partition, of: options.topic, from: next, there)
    if options.onGap == .stop { throw .failed(SourceFailure(partition: partition, error: KafkaGap.error(message))) }
    // It may lie before what was read: the topic was deleted and made again.
    offsets[partition] = KafkaOffsets(start: min(offsets[partition].start, there.low), next: there.low)
    let error = RowError(offset: next, state: KafkaGap.state, message: message, payload: [])
    try output.send(.rows(decoder.emptyBatch(partition: partition, offsets[partition], errors: [error])))
    do throws(KafkaError) {
      try consumer.seek([position(partition)], timeoutMilliseconds: Self.askMilliseconds)
    } catch {
      mustAssign = true
      try tell(error, in: partition)
    }
  }

  /// Says that the source does not get on, once for each reason, and not of what passes at once, as a new topic's lack of a leader.
  private func tell(_ error: KafkaError, in partition: Int?) throws(SourceEnd) {
    let failure = SourceFailure(partition: partition, error: SQLError(error.sqlState, "topic \"\(options.topic)\": \(error.message)"))
    if error.isFatal { throw .failed(failure) }
    let now = clock.monotonicNanoseconds
    let since = failingSince ?? now
    failingSince = since
    if trouble?.code == error.code || now - since < Self.patienceNanoseconds { return }
    trouble = error
    try output.send(.trouble(failure))
  }

  private func recovered() throws(SourceEnd) {
    failingSince = nil
    if trouble == nil { return }
    trouble = nil
    try output.send(.recovered)
  }
}
