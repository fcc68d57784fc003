internal import CRdkafka

/// Makes and removes topics; from any thread. Each call waits until the controller has done it, or the timeout.
///
/// Errors of all: `_TIMED_OUT` and `_TRANSPORT` where no broker answers in time, the broker's own with its words.
package final class KafkaAdmin: Sendable {
  private let client: KafkaHandle

  /// - Errors: as for `KafkaConsumer`.
  package init(_ properties: KafkaProperties) throws(KafkaError) { client = try KafkaHandle(RD_KAFKA_PRODUCER, properties) }

  /// - configuration: of the topic, such as `cleanup.policy`; what it does not name is the broker's default.
  package func createTopic(
    _ name: String, partitions: Int, replication: Int = 1, configuration: [(name: String, value: String)] = [],
    timeoutMilliseconds: Int
  ) throws(KafkaError) {
    var topic: OpaquePointer?
    let reason = unsafe errorText {
      unsafe topic = rd_kafka_NewTopic_new(name, Int32(clamping: partitions), Int32(clamping: replication), $0, $1)
    }
    guard unsafe topic != nil else { throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: reason) }
    defer { unsafe rd_kafka_NewTopic_destroy(topic) }
    for property in configuration { try check(unsafe rd_kafka_NewTopic_set_config(topic, property.name, property.value)) }
    try unsafe request(RD_KAFKA_ADMIN_OP_CREATETOPICS, timeoutMilliseconds) { client, options, queue in
      unsafe rd_kafka_CreateTopics(client, &topic, 1, options, queue)
    } results: { event, count in
      unsafe rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), count)
    }
  }

  package func deleteTopic(_ name: String, timeoutMilliseconds: Int) throws(KafkaError) {
    var topic = unsafe rd_kafka_DeleteTopic_new(name)
    defer { unsafe rd_kafka_DeleteTopic_destroy(topic) }
    try unsafe request(RD_KAFKA_ADMIN_OP_DELETETOPICS, timeoutMilliseconds) { client, options, queue in
      unsafe rd_kafka_DeleteTopics(client, &topic, 1, options, queue)
    } results: { event, count in
      unsafe rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), count)
    }
  }

  /// Adds partitions, so that there are `total`.
  package func createPartitions(of name: String, total: Int, timeoutMilliseconds: Int) throws(KafkaError) {
    var partitions: OpaquePointer?
    let reason = unsafe errorText { unsafe partitions = rd_kafka_NewPartitions_new(name, total, $0, $1) }
    guard unsafe partitions != nil else { throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: reason) }
    defer { unsafe rd_kafka_NewPartitions_destroy(partitions) }
    try unsafe request(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, timeoutMilliseconds) { client, options, queue in
      unsafe rd_kafka_CreatePartitions(client, &partitions, 1, options, queue)
    } results: { event, count in
      unsafe rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event), count)
    }
  }

  private typealias Results = UnsafeMutablePointer<OpaquePointer?>?

  /// Sends a request about one topic and throws what its answer tells.
  private func request(
    _ operation: rd_kafka_admin_op_t, _ timeoutMilliseconds: Int,
    send: (_ client: OpaquePointer, _ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void,
    results: (_ event: OpaquePointer, _ count: UnsafeMutablePointer<Int>) -> Results
  ) throws(KafkaError) {
    let options = unsafe rd_kafka_AdminOptions_new(client.pointer, operation)
    defer { unsafe rd_kafka_AdminOptions_destroy(options) }
    let timeout = milliseconds(timeoutMilliseconds)
    var isSet = RD_KAFKA_RESP_ERR_NO_ERROR
    // How long we wait for the answer, and how long the controller waits for the other brokers.
    let reason = unsafe errorText {
      unsafe isSet = rd_kafka_AdminOptions_set_request_timeout(options, timeout, $0, $1)
      if isSet == RD_KAFKA_RESP_ERR_NO_ERROR { unsafe isSet = rd_kafka_AdminOptions_set_operation_timeout(options, timeout, $0, $1) }
    }
    if isSet != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(isSet, message: reason) }

    let queue = unsafe rd_kafka_queue_new(client.pointer)
    defer { unsafe rd_kafka_queue_destroy(queue) }
    unsafe send(client.pointer, options, queue)
    // The request's own timeout makes an answer, a little later than this at worst.
    guard let event = unsafe rd_kafka_queue_poll(queue, milliseconds(timeoutMilliseconds + 1000)) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
    }
    defer { unsafe rd_kafka_event_destroy(event) }
    let failure = unsafe rd_kafka_event_error(event)
    if failure != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw KafkaError(failure, message: unsafe string(rd_kafka_event_error_string(event)))
    }
    var count = 0
    guard let topics = unsafe results(event, &count) else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL) }
    for index in 0..<count {
      let code = unsafe rd_kafka_topic_result_error(topics[index])
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { continue }
      let words = unsafe string(rd_kafka_topic_result_error_string(topics[index]))
      throw KafkaError(code, message: words.isEmpty ? nil : words)
    }
  }
}
