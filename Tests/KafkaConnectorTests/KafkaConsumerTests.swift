import KafkaConnector
import KafkaTestSupport
import Platform
import Testing

/// Over the mock cluster.
@Suite struct KafkaConsumerTests {
  private let cluster = MockCluster()
  private let producer: KafkaProducer

  init() throws {
    producer = try KafkaProducer(producerProperties(cluster.bootstrapServers))
  }

  private func reader(batchCapacity: Int = 100) throws -> Reader {
    try Reader(consumerProperties(cluster.bootstrapServers), batchCapacity: batchCapacity)
  }

  @Test func messagesOfFourPartitionsComeInOrderAndOnce() throws {
    cluster.createTopic("t", partitions: 4)
    for partition in 0..<4 { try producer.fill("t", partition: partition, (0..<250 * (partition + 1)).map { "\(partition).\($0)" }) }
    let reader = try reader()
    try reader.consumer.assign(positions("t", 0..<4))
    #expect(reader.read { $0.ends.count == 4 })
    for partition in 0..<4 {
      let count = 250 * (partition + 1)
      #expect(reader.ends[partition] == Int64(count))
      #expect(
        reader.records(of: partition)
          == (0..<count).map { Record(partition: partition, offset: Int64($0), key: "\($0)", value: "\(partition).\($0)") })
      #expect(reader.consumer.endOffset(of: "t", partition: partition) == Int64(count))
    }
    #expect(reader.errors == [])
  }

  @Test func nullAndEmptyKeysAndValuesDiffer() throws {
    cluster.createTopic("t", partitions: 1)
    let cells: [[UInt8]?] = [nil, [], [65]]
    for key in cells { for value in cells { try producer.produce(topic: "t", partition: 0, key: key, value: value) } }
    try producer.flush(timeoutMilliseconds: 10_000)
    #expect(producer.takeDeliveries().map(\.offset) == (0..<9).map { $0 })
    let reader = try reader()
    try reader.consumer.assign(positions("t", 0..<1))
    #expect(reader.read { $0.ends.count == 1 })
    let texts: [String?] = [nil, "", "A"]
    #expect(reader.records.map(\.key) == texts.flatMap { [$0, $0, $0] })
    #expect(reader.records.map(\.value) == texts + texts + texts)
  }

  @Test func timestampsAreTheProducers() throws {
    cluster.createTopic("t", partitions: 1)
    for time in [0, 1, 1_700_000_000_123] as [Int64] {
      try producer.produce(topic: "t", partition: 0, key: nil, value: [1], timestampMilliseconds: time)
    }
    try producer.flush(timeoutMilliseconds: 10_000)
    let reader = try reader()
    try reader.consumer.assign(positions("t", 0..<1))
    #expect(reader.read { $0.ends.count == 1 })
    // Zero is librdkafka's word for now.
    #expect(reader.timestamps.dropFirst().map { $0?.milliseconds } == [1, 1_700_000_000_123])
    #expect(reader.timestamps.allSatisfy { $0?.isAppendTime == false })
  }

  @Test func aPausedPartitionIsSilentAndGoesOnWhereItWas() throws {
    cluster.createTopic("t", partitions: 2)
    for partition in 0..<2 { try producer.fill("t", partition: partition, (0..<1000).map { "\($0)" }) }
    let reader = try reader(batchCapacity: 10)
    try reader.consumer.assign(positions("t", 0..<2))
    #expect(reader.read { $0.records(of: 0).count >= 20 })
    let first = [KafkaPartition(topic: "t", partition: 0)]
    try reader.consumer.pause(first)
    let seen = reader.records(of: 0).count
    #expect(reader.read { $0.ends[1] != nil })
    for _ in 0..<3 { reader.consumeOnce(timeoutMilliseconds: 20) }
    #expect(reader.records(of: 0).count == seen)
    try reader.consumer.resume(first)
    #expect(reader.read { $0.ends[0] != nil })
    for partition in 0..<2 { #expect(reader.records(of: partition).map(\.offset) == (0..<1000).map { $0 }) }
  }

  @Test func aSeekForgetsWhatWasFetched() throws {
    cluster.createTopic("t", partitions: 1)
    try producer.fill("t", partition: 0, (0..<500).map { "\($0)" })
    let reader = try reader(batchCapacity: 10)
    try reader.consumer.assign(positions("t", 0..<1))
    #expect(reader.read { $0.records.count >= 10 })
    let seen = reader.records.count
    try reader.consumer.seek([KafkaPosition(topic: "t", partition: 0, offset: 400)], timeoutMilliseconds: 5000)
    #expect(reader.read { $0.ends[0] != nil })
    #expect(reader.records.dropFirst(seen).map(\.offset) == (400..<500).map { $0 })
    try reader.consumer.seek([KafkaPosition(topic: "t", partition: 0, offset: KafkaPosition.beginning)], timeoutMilliseconds: 5000)
    #expect(reader.read { $0.records.count == seen + 600 })
    #expect(reader.records.suffix(500).map(\.offset) == (0..<500).map { $0 })
  }

  @Test func partitionsAreAddedAndRemovedWithoutDisturbingOthers() throws {
    cluster.createTopic("t", partitions: 3)
    for partition in 0..<3 { try producer.fill("t", partition: partition, (0..<300).map { "\($0)" }) }
    let reader = try reader(batchCapacity: 10)
    try reader.consumer.assign(positions("t", 0..<1))
    #expect(reader.read { $0.records.count >= 50 })
    try reader.consumer.add(positions("t", 1..<3, offset: 100))
    #expect(reader.read { $0.ends.count == 3 })
    #expect(reader.records(of: 0).map(\.offset) == (0..<300).map { $0 })
    for partition in 1..<3 { #expect(reader.records(of: partition).map(\.offset) == (100..<300).map { $0 }) }
    #expect { try reader.consumer.add(positions("t", 1..<2)) } throws: { ($0 as? KafkaError)?.name == "_CONFLICT" }

    try reader.consumer.remove([KafkaPartition(topic: "t", partition: 1)])
    for partition in 0..<3 { try producer.fill("t", partition: partition, ["late"]) }
    #expect(reader.read { $0.ends[0] == 301 && $0.ends[2] == 301 })
    reader.consumeOnce()
    #expect(reader.records(of: 1).count == 200)
  }

  @Test func anEndIsToldAgainAfterMore() throws {
    cluster.createTopic("t", partitions: 1)
    let reader = try reader()
    try reader.consumer.assign(positions("t", 0..<1))
    #expect(reader.read { $0.ends[0] == 0 })
    try producer.fill("t", partition: 0, ["a", "b"])
    #expect(reader.read { $0.ends[0] == 2 })
    #expect(reader.records.map(\.value) == ["a", "b"])
  }

  @Test func brokersAreAskedAboutTopics() throws {
    cluster.createTopic("t", partitions: 4)
    try producer.fill("t", partition: 2, ["a", "b", "c"])
    let consumer = try reader().consumer
    #expect(try consumer.partitionCount(of: "t", timeoutMilliseconds: 10_000) == 4)
    #expect(try consumer.watermarks(of: "t", partition: 2, timeoutMilliseconds: 10_000) == (0, 3))
    #expect(try consumer.watermarks(of: "t", partition: 0, timeoutMilliseconds: 10_000) == (0, 0))
    #expect(consumer.endOffset(of: "t", partition: 3) == nil)
    cluster.hideTopic("hidden")
    #expect { _ = try consumer.partitionCount(of: "hidden", timeoutMilliseconds: 10_000) } throws: {
      ($0 as? KafkaError)?.isUnknownTopic == true
    }
  }

  @Test func waitingEndsWithAWakeBeforeOrDuringIt() throws {
    cluster.createTopic("t", partitions: 1)
    let reader = try reader()
    try reader.consumer.assign(positions("t", 0..<1))
    #expect(reader.read { $0.ends[0] == 0 })
    reader.consumer.wake()
    #expect(elapsed { reader.consumeOnce(timeoutMilliseconds: 20_000) } < 5_000_000_000)
    let consumer = reader.consumer
    let waker = try Platform.Thread(named: "waker") {
      sleep(milliseconds: 200)
      consumer.wake()
    }
    let waited = elapsed { reader.consumeOnce(timeoutMilliseconds: 20_000) }
    waker.join()
    #expect(waited < 5_000_000_000)
    #expect(reader.records.isEmpty)
  }

  @Test func aFirstMessageEndsTheWaitWithoutAFullBatch() throws {
    cluster.createTopic("t", partitions: 1)
    let reader = try reader()
    try reader.consumer.assign(positions("t", 0..<1))
    #expect(reader.read { $0.ends[0] == 0 })
    try producer.fill("t", partition: 0, ["a"])
    #expect(elapsed { reader.read { $0.records.count == 1 } } < 5_000_000_000)
  }

  @Test func aBatchKeepsItsMessagesWhenTheConsumerIsGone() throws {
    cluster.createTopic("t", partitions: 1)
    try producer.fill("t", partition: 0, ["a", "b"])
    var batch = KafkaBatch(capacity: 10)
    do {
      let consumer = try KafkaConsumer(consumerProperties(cluster.bootstrapServers))
      try consumer.assign(positions("t", 0..<1))
      while batch.count == 0 || batch.kind(0) != .message { consumer.consume(into: &batch, timeoutMilliseconds: 1000) }
    }
    #expect(batch.topic(0) == "t")
    #expect(batch.value(0)?.byteCount == 1)
    batch.removeAll()
    #expect(batch.count == 0)
  }

  @Test func aHundredThousandMessagesComeInBatches() throws {
    cluster.createTopic("t", partitions: 4)
    let value = String(repeating: "x", count: 150)
    for partition in 0..<4 { try producer.fill("t", partition: partition, repeatElement(value, count: 25_000)) }
    let consumer = try KafkaConsumer(consumerProperties(cluster.bootstrapServers))
    try consumer.assign(positions("t", 0..<4))
    var batch = KafkaBatch(capacity: 1000)
    var (messages, bytes, ends, largest) = (0, 0, 0, 0)
    var next = [Int64](repeating: 0, count: 4)
    while ends < 4 {
      consumer.consume(into: &batch, timeoutMilliseconds: 1000)
      largest = max(largest, batch.count)
      for index in 0..<batch.count {
        switch batch.kind(index) {
        case .message:
          #expect(batch.offset(index) == next[batch.partition(index)])
          next[batch.partition(index)] += 1
          messages += 1
          bytes += batch.value(index)?.byteCount ?? 0
        case .partitionEnd: ends += 1
        case .error: Issue.record("an error: \(String(describing: batch.error(index)))")
        }
      }
    }
    #expect(messages == 100_000)
    #expect(bytes == 15_000_000)
    #expect(largest > 100)
  }
}
