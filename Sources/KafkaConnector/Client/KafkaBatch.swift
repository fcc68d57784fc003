internal import CRdkafka

/// Messages in the order in which they came, of one partition by growing offset. It owns them, and keeps their client alive.
///
/// One batch serves all calls of `KafkaConsumer.consume`: each call frees the messages of the one before and uses the room again.
/// Whoever holds it, one thread at a time. Indices count from 0; another one traps.
@safe
package struct KafkaBatch: ~Copyable {
  /// What stands at an index.
  package enum Kind: Sendable {
    case message
    /// All that can be read of the partition so far was read; its offset is that of the next message, behind control records.
    case partitionEnd
    /// `error(_:)` tells which.
    case error
  }

  /// A message's time, in milliseconds since 1970-01-01 00:00 UTC.
  package struct Timestamp: Hashable, Sendable {
    package let milliseconds: Int64
    /// Whether the broker set it when it appended the message; else the producer did.
    package let isAppendTime: Bool
  }

  package let capacity: Int
  package private(set) var count = 0
  private let messages: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
  private var client: KafkaHandle?

  package init(capacity: Int) {
    precondition(capacity > 0, "a batch needs room for one message")
    self.capacity = capacity
    unsafe messages = .allocate(capacity: capacity)
  }

  deinit {
    destroyMessages()
    unsafe messages.deallocate()
  }

  package func kind(_ index: Int) -> Kind {
    switch unsafe message(index).pointee.err {
    case RD_KAFKA_RESP_ERR_NO_ERROR: .message
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: .partitionEnd
    default: .error
    }
  }

  /// -1 for an error that is not of one partition.
  package func partition(_ index: Int) -> Int { Int(unsafe message(index).pointee.partition) }

  package func offset(_ index: Int) -> Int64 { unsafe message(index).pointee.offset }

  /// Nil where the topic's message format has none.
  package func timestamp(_ index: Int) -> Timestamp? {
    var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
    let milliseconds = unsafe rd_kafka_message_timestamp(message(index), &type)
    if type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE { return nil }
    return Timestamp(milliseconds: milliseconds, isAppendTime: type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME)
  }

  /// The bytes of a message's key; nil for NULL, which is not the empty key.
  @_lifetime(borrow self)
  package func key(_ index: Int) -> RawSpan? {
    let message = unsafe message(index)
    guard let base = unsafe message.pointee.key, unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    return unsafe _overrideLifetime(RawSpan(_unsafeStart: base, byteCount: message.pointee.key_len), borrowing: self)
  }

  /// The bytes of a message's value; nil for NULL, which is a tombstone and not the empty value.
  @_lifetime(borrow self)
  package func value(_ index: Int) -> RawSpan? {
    let message = unsafe message(index)
    guard let base = unsafe message.pointee.payload, unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    return unsafe _overrideLifetime(RawSpan(_unsafeStart: base, byteCount: message.pointee.len), borrowing: self)
  }

  /// Nil for what is no error.
  package func error(_ index: Int) -> KafkaError? {
    guard kind(index) == .error else { return nil }
    let message = unsafe message(index)
    return unsafe KafkaError(message.pointee.err, message: string(rd_kafka_message_errstr(message)))
  }

  /// The topic, for consumers of several; makes a string for each call. Nil for an error that is not of one topic.
  package func topic(_ index: Int) -> String? {
    guard let topic = unsafe message(index).pointee.rkt else { return nil }
    return unsafe string(rd_kafka_topic_name(topic))
  }

  /// Frees the messages.
  package mutating func removeAll() {
    destroyMessages()
    count = 0
    client = nil
  }

  /// Takes at most `limit` messages behind those that are there, waiting until so many came or the time has passed.
  mutating func append(from queue: OpaquePointer, of client: KafkaHandle, atMost limit: Int, timeoutMilliseconds: Int32) {
    precondition(limit <= capacity - count, "a batch does not grow")
    if limit == 0 { return }
    let taken = unsafe rd_kafka_consume_batch_queue(queue, timeoutMilliseconds, messages + count, limit)
    precondition(taken >= 0 && taken <= limit, "librdkafka takes what it is asked for")
    self.client = client
    count += taken
  }

  private func destroyMessages() {
    for index in 0..<count { unsafe rd_kafka_message_destroy(messages[index]) }
  }

  private func message(_ index: Int) -> UnsafeMutablePointer<rd_kafka_message_t> {
    precondition(index >= 0 && index < count, "no such message")
    return unsafe messages[index]!
  }
}
