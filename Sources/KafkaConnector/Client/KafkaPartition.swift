internal import CRdkafka

/// A partition of a topic, counted from 0.
package struct KafkaPartition: Hashable, Sendable {
  package let topic: String
  package let partition: Int

  package init(topic: String, partition: Int) {
    self.topic = topic
    self.partition = partition
  }
}

/// Where to read a partition from.
package struct KafkaPosition: Hashable, Sendable {
  package let topic: String
  package let partition: Int
  /// Of the next message to read, or `beginning`, or `end`. One that is not there is `auto.offset.reset`'s business.
  package let offset: Int64

  /// The oldest message that the broker has.
  package static let beginning = Int64(RD_KAFKA_OFFSET_BEGINNING)
  /// Behind the newest.
  package static let end = Int64(RD_KAFKA_OFFSET_END)

  package init(topic: String, partition: Int, offset: Int64) {
    precondition(offset >= 0 || offset == Self.beginning || offset == Self.end, "an offset is not negative")
    self.topic = topic
    self.partition = partition
    self.offset = offset
  }
}

/// Owns a list of partitions, each with an offset and librdkafka's result.
@safe
struct KafkaPartitionList: ~Copyable {
  let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init(capacity: Int) { unsafe pointer = rd_kafka_topic_partition_list_new(Int32(capacity)) }

  init(_ positions: [KafkaPosition]) {
    self.init(capacity: positions.count)
    for position in positions { add(position.topic, position.partition, offset: position.offset) }
  }

  init(_ partitions: [KafkaPartition]) {
    self.init(capacity: partitions.count)
    for partition in partitions { add(partition.topic, partition.partition, offset: Int64(RD_KAFKA_OFFSET_INVALID)) }
  }

  deinit { unsafe rd_kafka_topic_partition_list_destroy(pointer) }

  func add(_ topic: String, _ partition: Int, offset: Int64) {
    unsafe rd_kafka_topic_partition_list_add(pointer, topic, Int32(partition)).pointee.offset = offset
  }

  var count: Int { Int(unsafe pointer.pointee.cnt) }

  func partition(_ index: Int) -> Int { Int(unsafe element(index).partition) }
  func offset(_ index: Int) -> Int64 { unsafe element(index).offset }

  /// Throws the first partition's error.
  func checkEach() throws(KafkaError) {
    for index in 0..<count { try check(unsafe element(index).err) }
  }

  private func element(_ index: Int) -> rd_kafka_topic_partition_t {
    precondition(index >= 0 && index < count, "no such element")
    return unsafe pointer.pointee.elems[index]
  }
}
