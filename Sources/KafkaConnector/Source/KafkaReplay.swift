internal import Connectors
internal import Platform
internal import SQLTypes

/// Reads ranges of a topic's partitions again, each partition with a consumer of its own.
final class KafkaReplay: SourceReplay {
  private let spec: SourceSpec
  private let options: KafkaOptions
  private let decoder: KafkaRecordDecoder
  private var readers: [Int: KafkaRangeReader] = [:]

  init(_ spec: SourceSpec, _ options: KafkaOptions) {
    self.spec = spec
    self.options = options
    decoder = KafkaRecordDecoder(spec, options)
  }

  func next(_ from: PartitionPosition, to: [UInt8]) throws(SQLError) -> SourceBatch? {
    // Nothing was read of a partition that has only been found.
    if to.isEmpty { return nil }
    let end = try KafkaOffsets(from.moved(to: to))
    let next = from.position.isEmpty ? end.start : try KafkaOffsets(from).next
    if next >= end.next { return nil }
    return try reader(of: from.partition).next(KafkaOffsets(start: end.start, next: next), to: end.next, decoder)
  }

  private func reader(of partition: Int) throws(SQLError) -> KafkaRangeReader {
    if let reader = readers[partition] { return reader }
    let reader = KafkaRangeReader(options, try options.makeConsumer(), partition: partition)
    readers[partition] = reader
    return reader
  }
}

/// Reads one partition from offset to offset.
private final class KafkaRangeReader {
  private static let messagesAtOnce = 4096
  private static let waitMilliseconds = 200
  /// A broker that gives nothing for so long counts as one that does not answer.
  private static let patienceNanoseconds: Int64 = 30_000_000_000

  private let options: KafkaOptions
  private let partition: Int
  private let consumer: KafkaConsumer
  private let clock = SystemClock()
  private var batch = KafkaBatch(capacity: KafkaRangeReader.messagesAtOnce)
  /// The first of the batch's messages that was not handed over.
  private var used = 0
  /// The offset that the consumer, but for what is left of the batch, goes on with; nil: it is assigned nothing.
  private var reached: Int64?

  init(_ options: KafkaOptions, _ consumer: KafkaConsumer, partition: Int) {
    self.options = options
    self.consumer = consumer
    self.partition = partition
  }

  /// The next rows from `from` on, or only a position; ends at `end`.
  ///
  /// - Errors: 55000 for records that are gone, unless gaps are skipped; 08001 and others if they cannot be read.
  func next(_ from: KafkaOffsets, to end: Int64, _ decoder: KafkaRecordDecoder) throws(SQLError) -> SourceBatch? {
    if reached != from.next { try seek(from.next) }
    let begin = clock.monotonicNanoseconds
    var lastError: KafkaError?
    while true {
      var indices: [Int] = []
      while used < batch.count {
        switch batch.kind(used) {
        case .message:
          if batch.offset(used) >= end { return try hand(over: indices, from, end, decoder) }
          indices.append(used)
        case .partitionEnd:
          if batch.offset(used) >= end { return try hand(over: indices, from, end, decoder) }
        case .error:
          guard let error = batch.error(used) else { break }
          if !error.isOffsetOutOfRange {
            lastError = error
          } else if indices.isEmpty {
            try crossGap(from.next)
            continue
          } else {
            return try hand(over: indices, from, end, decoder)
          }
        }
        used += 1
      }
      if !indices.isEmpty { return try hand(over: indices, from, end, decoder) }
      if clock.monotonicNanoseconds - begin > Self.patienceNanoseconds { throw unanswered(lastError) }
      for case .error(let error) in consumer.drainEvents() { lastError = error }
      consumer.consume(into: &batch, timeoutMilliseconds: Self.waitMilliseconds)
      used = 0
    }
  }

  private func seek(_ offset: Int64) throws(SQLError) {
    do throws(KafkaError) {
      try consumer.assign([KafkaPosition(topic: options.topic, partition: partition, offset: offset)])
    } catch { throw unanswered(error) }
    batch.removeAll()
    (used, reached) = (0, offset)
  }

  /// The rows of the messages, as many as make one batch. No messages: nothing is left before `end`.
  private func hand(
    over indices: [Int], _ from: KafkaOffsets, _ end: Int64, _ decoder: KafkaRecordDecoder
  ) throws(SQLError) -> SourceBatch? {
    guard let last = indices.last else {
      reached = end
      return nil
    }
    let (batches, error) = decoder.decode(batch, indices[...], partition: partition, start: from.start)
    if let error { throw error }
    guard let first = batches.first else { return nil }
    if batches.count > 1, let position = KafkaOffsets(first.positionAfter) {
      // The others are handed over by the next calls.
      used = indices.first { batch.offset($0) >= position.next } ?? used
      reached = position.next
    } else {
      reached = batch.offset(last) + 1
    }
    return first
  }

  /// Goes to the oldest record that is there.
  private func crossGap(_ next: Int64) throws(SQLError) {
    let there: (low: Int64, high: Int64)
    do throws(KafkaError) {
      there = try consumer.watermarks(of: options.topic, partition: partition, timeoutMilliseconds: 10_000)
    } catch { throw unanswered(error) }
    if options.onGap == .stop { throw KafkaGap.error(KafkaGap.message(partition, of: options.topic, from: next, there)) }
    try seek(there.low)
  }

  private func unanswered(_ error: KafkaError?) -> SQLError {
    SQLError(
      error?.sqlState ?? .unableToConnect,
      "partition \(partition) of topic \"\(options.topic)\" could not be read again: \(error?.message ?? "no broker has answered for 30 seconds")")
  }
}
