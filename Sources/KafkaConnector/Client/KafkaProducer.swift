internal import CRdkafka

/// What became of a message that was produced.
package struct KafkaDelivery: Hashable, Sendable {
  package let topic: String
  package let partition: Int
  /// Nil with an error, or where the broker does not tell it (`acks=0`).
  package let offset: Int64?
  package let error: KafkaError?

  init(_ message: rd_kafka_message_t) {
    topic = unsafe string(rd_kafka_topic_name(message.rkt))
    partition = Int(unsafe message.partition)
    offset = unsafe message.offset >= 0 ? message.offset : nil
    error = unsafe message.err == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(message.err)
  }
}

/// Writes messages; from any thread. The last reference closes it, and forgets what was not flushed.
package final class KafkaProducer: Sendable {
  let client: KafkaHandle

  /// - Errors: as for `KafkaConsumer`.
  package init(_ properties: KafkaProperties) throws(KafkaError) { client = try KafkaHandle(RD_KAFKA_PRODUCER, properties) }

  /// Queues a copy of a message.
  ///
  /// - partition: nil leaves it to the property `partitioner`.
  /// - key, value: nil is NULL.
  /// - timestampMilliseconds: nil is now.
  /// - Errors: `_QUEUE_FULL`, to be tried again after `poll`; `isUnknownTopic`; fatal ones.
  package func produce(
    topic: String, partition: Int? = nil, key: [UInt8]?, value: [UInt8]?, timestampMilliseconds: Int64? = nil
  ) throws(KafkaError) {
    let error = unsafe withBytes(key) { keyBytes in
      unsafe withBytes(value) { valueBytes in
        unsafe topic.withCString { topicText in
          var fields: [rd_kafka_vu_t] = unsafe [
            field(RD_KAFKA_VTYPE_TOPIC) { unsafe $0.cstr = topicText },
            field(RD_KAFKA_VTYPE_MSGFLAGS) { unsafe $0.i = Int32(RD_KAFKA_MSG_F_COPY) },
            field(RD_KAFKA_VTYPE_KEY) { unsafe $0.mem = .init(ptr: keyBytes, size: key?.count ?? 0) },
            field(RD_KAFKA_VTYPE_VALUE) { unsafe $0.mem = .init(ptr: valueBytes, size: value?.count ?? 0) },
          ]
          if let partition { unsafe fields.append(field(RD_KAFKA_VTYPE_PARTITION) { unsafe $0.i32 = Int32(partition) }) }
          if let timestampMilliseconds {
            unsafe fields.append(field(RD_KAFKA_VTYPE_TIMESTAMP) { unsafe $0.i64 = timestampMilliseconds })
          }
          return unsafe rd_kafka_produceva(client.pointer, fields, fields.count)
        }
      }
    }
    try unsafe check(consuming: error)
  }

  /// Collects delivery reports, waiting for one at most until the timeout.
  package func poll(timeoutMilliseconds: Int) { _ = unsafe rd_kafka_poll(client.pointer, milliseconds(timeoutMilliseconds)) }

  /// Waits until every message was delivered or has failed, and collects the reports.
  ///
  /// - Errors: `_TIMED_OUT`.
  package func flush(timeoutMilliseconds: Int) throws(KafkaError) {
    try check(unsafe rd_kafka_flush(client.pointer, milliseconds(timeoutMilliseconds)))
  }

  /// The reports that `poll` and `flush` collected since the last call.
  package func takeDeliveries() -> [KafkaDelivery] { client.inbox.takeDeliveries() }

  /// What happened since the last call; see `KafkaConsumer.drainEvents`.
  package func drainEvents() -> [KafkaEvent] { client.inbox.drainEvents() }
}

/// Runs `body` with the bytes: not nil for an empty array, nil for nil.
private func withBytes(_ bytes: [UInt8]?, _ body: (UnsafeMutableRawPointer?) -> OpaquePointer?) -> OpaquePointer? {
  guard var bytes else { return unsafe body(nil) }
  if bytes.isEmpty { bytes = [0] }
  return unsafe bytes.withUnsafeMutableBytes { unsafe body($0.baseAddress) }
}

private func field(_ type: rd_kafka_vtype_t, _ set: (inout rd_kafka_vu_s.__Unnamed_union_u) -> Void) -> rd_kafka_vu_t {
  var field = unsafe rd_kafka_vu_t()
  unsafe field.vtype = type
  unsafe set(&field.u)
  return unsafe field
}
