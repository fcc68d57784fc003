internal import CRdkafka

/// Questions to brokers; from any thread. Each waits for its answer, or the timeout, and nothing else ends that wait.
///
/// Errors of all: `_TRANSPORT` or `_TIMED_OUT` where no broker answers in time; those of authorization; `isUnknownTopic`.
extension KafkaConsumer {
  /// How many partitions a topic has. The topic is not created by asking, unless `allow.auto.create.topics` was set.
  package func partitionCount(of topic: String, timeoutMilliseconds: Int) throws(KafkaError) -> Int {
    guard let asked = unsafe rd_kafka_topic_new(client.pointer, topic, nil) else { throw KafkaError(rd_kafka_last_error()) }
    defer { unsafe rd_kafka_topic_destroy(asked) }
    var answer: UnsafePointer<rd_kafka_metadata>?
    try check(unsafe rd_kafka_metadata(client.pointer, 0, asked, &answer, milliseconds(timeoutMilliseconds)))
    guard let metadata = unsafe answer else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL) }
    defer { unsafe rd_kafka_metadata_destroy(metadata) }
    guard unsafe metadata.pointee.topic_cnt == 1 else { throw KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) }
    try check(unsafe metadata.pointee.topics[0].err)
    return Int(unsafe metadata.pointee.topics[0].partition_cnt)
  }

  /// The offset of the oldest message, and the one behind the newest: under `isolation.level=read_committed` the first offset
  /// of the oldest transaction that is still open.
  package func watermarks(
    of topic: String, partition: Int, timeoutMilliseconds: Int
  ) throws(KafkaError) -> (low: Int64, high: Int64) {
    var low: Int64 = 0
    var high: Int64 = 0
    try check(
      unsafe rd_kafka_query_watermark_offsets(
        client.pointer, topic, Int32(partition), &low, &high, milliseconds(timeoutMilliseconds)))
    return (low, high)
  }

  /// For each partition the offset of the first message whose timestamp is at or after `milliseconds`; nil where there is none.
  /// The answers are in the order of `times`.
  package func offsets(
    of topic: String, at times: [(partition: Int, milliseconds: Int64)], timeoutMilliseconds: Int
  ) throws(KafkaError) -> [Int64?] {
    let list = KafkaPartitionList(capacity: times.count)
    for time in times { list.add(topic, time.partition, offset: time.milliseconds) }
    try check(unsafe rd_kafka_offsets_for_times(client.pointer, list.pointer, milliseconds(timeoutMilliseconds)))
    try list.checkEach()
    return (0..<list.count).map { list.offset($0) >= 0 ? list.offset($0) : nil }
  }

  /// The offset behind the newest message as the last fetch told it, without asking anyone; nil before the first fetch. It counts
  /// messages of open transactions too, and control records.
  package func endOffset(of topic: String, partition: Int) -> Int64? {
    var low: Int64 = 0
    var high: Int64 = 0
    let result = unsafe rd_kafka_get_watermark_offsets(client.pointer, topic, Int32(partition), &low, &high)
    return result == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
  }
}
