import KafkaConnector
import KafkaTestSupport
import Platform
import SQLTypes
import Testing

extension RealBrokerTests {
  /// What only a real broker does. One after another, because some stop it.
  @Suite struct KafkaBrokerTests {
    private let broker: RealBroker
    private let admin: KafkaAdmin
    private let timeout = 20_000

    init() throws {
      broker = try RealBroker.shared()
      admin = try KafkaAdmin(KafkaProperties([("bootstrap.servers", broker.bootstrapServers)]))
    }

    /// A new topic's name.
    private func createTopic(_ name: String, partitions: Int, configuration: [(name: String, value: String)] = []) throws -> String {
      let topic = "\(name)-\(UInt32.random(in: 0 ... .max))"
      try admin.createTopic(topic, partitions: partitions, configuration: configuration, timeoutMilliseconds: timeout)
      return topic
    }

    private func producer(transactionalID: String? = nil) throws -> KafkaProducer {
      let properties = producerProperties(broker.bootstrapServers)
      guard let transactionalID else { return try KafkaProducer(properties) }
      let producer = try KafkaProducer(properties.setting("transactional.id", transactionalID))
      try producer.initTransactions(timeoutMilliseconds: timeout)
      return producer
    }

    private func reader(batchCapacity: Int = 100) throws -> Reader {
      try Reader(consumerProperties(broker.bootstrapServers), batchCapacity: batchCapacity)
    }

    @Test func abortedTransactionsAreNotReadAndEndsAreBehindControlRecords() throws {
      let topic = try createTopic("aborted", partitions: 1)
      let producer = try producer(transactionalID: topic)
      func transaction(_ values: [String], commits: Bool) throws {
        try producer.beginTransaction()
        try producer.fill(topic, partition: 0, values)
        if commits {
          try producer.commitTransaction(timeoutMilliseconds: timeout)
        } else {
          try producer.abortTransaction(timeoutMilliseconds: timeout)
        }
      }
      try transaction(["a", "b"], commits: true)  // 0, 1 and a control record at 2
      try transaction(["c", "d"], commits: false)  // 3, 4, 5
      try transaction(["e"], commits: true)  // 6, 7
      let reader = try reader()
      try reader.consumer.assign(positions(topic, 0..<1))
      #expect(reader.read { $0.ends[0] == 8 })
      #expect(reader.records.map(\.value) == ["a", "b", "e"])
      #expect(reader.records.map(\.offset) == [0, 1, 6])
      #expect(try reader.consumer.watermarks(of: topic, partition: 0, timeoutMilliseconds: timeout) == (0, 8))
      #expect(reader.consumer.endOffset(of: topic, partition: 0) == 8)

      // An open transaction is beyond the end, until it commits.
      try producer.beginTransaction()
      try producer.fill(topic, partition: 0, ["f"])
      for _ in 0..<5 { reader.consumeOnce() }
      #expect(reader.ends[0] == 8)
      #expect(try reader.consumer.watermarks(of: topic, partition: 0, timeoutMilliseconds: timeout).high == 8)
      #expect(reader.consumer.endOffset(of: topic, partition: 0) == 9)
      try producer.commitTransaction(timeoutMilliseconds: timeout)
      #expect(reader.read { $0.ends[0] == 10 })
      #expect(reader.records.last == Record(partition: 0, offset: 8, key: "0", value: "f"))
    }

    @Test func offsetsAreFoundByTime() throws {
      let topic = try createTopic("times", partitions: 2)
      let producer = try producer()
      for time in 1...10 as ClosedRange<Int64> {
        try producer.produce(topic: topic, partition: 0, key: nil, value: [1], timestampMilliseconds: time * 1000)
      }
      try producer.flush(timeoutMilliseconds: timeout)
      let consumer = try reader().consumer
      func offsets(_ times: [(partition: Int, milliseconds: Int64)]) throws -> [Int64?] {
        try consumer.offsets(of: topic, at: times, timeoutMilliseconds: timeout)
      }
      #expect(try offsets([(0, 3000), (1, 3000)]) == [2, nil])
      #expect(try offsets([(1, 0), (0, 3001)]) == [nil, 3])
      #expect(try offsets([(0, 0)]) == [0])
      #expect(try offsets([(0, 10_001)]) == [nil])
    }

    @Test func timestampsCanBeTheBrokers() throws {
      let topic = try createTopic("append", partitions: 1, configuration: [("message.timestamp.type", "LogAppendTime")])
      let producer = try producer()
      try producer.produce(topic: topic, partition: 0, key: nil, value: [1], timestampMilliseconds: 1)
      try producer.flush(timeoutMilliseconds: timeout)
      let reader = try reader()
      try reader.consumer.assign(positions(topic, 0..<1))
      #expect(reader.read { $0.ends[0] == 1 })
      #expect(reader.timestamps.first??.isAppendTime == true)
      #expect((reader.timestamps.first??.milliseconds ?? 0) > 1_700_000_000_000)
    }

    @Test func aTopicIsNotCreatedByAskingForIt() throws {
      let reader = try reader()
      for _ in 0..<2 {
        #expect { _ = try reader.consumer.partitionCount(of: "nowhere", timeoutMilliseconds: timeout) } throws: {
          ($0 as? KafkaError)?.sqlState == .undefinedTable
        }
      }
      #expect { _ = try reader.consumer.watermarks(of: "nowhere", partition: 0, timeoutMilliseconds: timeout) } throws: {
        ($0 as? KafkaError)?.isUnknownTopic == true
      }
      // A consumer may be given it, and says nothing.
      try reader.consumer.assign(positions("nowhere", 0..<1))
      for _ in 0..<5 { reader.consumeOnce() }
      #expect(reader.errors.allSatisfy { $0.isUnknownTopic })
      #expect { _ = try reader.consumer.partitionCount(of: "nowhere", timeoutMilliseconds: timeout) } throws: {
        ($0 as? KafkaError)?.isUnknownTopic == true
      }
    }

    @Test func aTopicsOffersAreRefusedWithTheBrokersWords() throws {
      let topic = try createTopic("twice", partitions: 1)
      func refused(_ body: () throws -> Void) -> KafkaError? {
        do { try body(); return nil } catch { return error as? KafkaError }
      }
      let twice = refused { try admin.createTopic(topic, partitions: 1, timeoutMilliseconds: timeout) }
      #expect(twice?.sqlState == .duplicateTable)
      #expect(twice?.message.contains(topic) == true)
      #expect(
        refused { try admin.createTopic("x", partitions: 1, configuration: [("cleanup.policy", "never")], timeoutMilliseconds: timeout) }?
          .sqlState == .invalidParameterValue)
      #expect(refused { try admin.createTopic("x y", partitions: 1, timeoutMilliseconds: timeout) }?.sqlState == .invalidParameterValue)
      #expect(refused { try admin.deleteTopic("nowhere", timeoutMilliseconds: timeout) }?.isUnknownTopic == true)
      #expect(refused { try admin.createPartitions(of: topic, total: 1, timeoutMilliseconds: timeout) }?.name == "INVALID_PARTITIONS")
    }

    @Test func newPartitionsAreFoundAndAdded() throws {
      let topic = try createTopic("growing", partitions: 2)
      let producer = try producer()
      for partition in 0..<2 { try producer.fill(topic, partition: partition, (0..<50).map { "\($0)" }) }
      let reader = try reader()
      try reader.consumer.assign(positions(topic, 0..<2))
      #expect(reader.read { $0.ends == [0: 50, 1: 50] })
      try admin.createPartitions(of: topic, total: 4, timeoutMilliseconds: timeout)
      #expect(reader.read { _ in (try? reader.consumer.partitionCount(of: topic, timeoutMilliseconds: timeout)) == 4 })
      try reader.consumer.add(positions(topic, 2..<4))
      let second = try self.producer()
      for partition in 0..<4 { try second.fill(topic, partition: partition, (0..<50).map { "\($0)" }) }
      #expect(reader.read { $0.ends == [0: 100, 1: 100, 2: 50, 3: 50] })
      for partition in 0..<2 { #expect(reader.records(of: partition).map(\.offset) == (0..<100).map { $0 }) }
    }

    @Test func aTopicMadeAnewIsReadFromItsBeginning() throws {
      let topic = try createTopic("again", partitions: 1)
      try producer().fill(topic, partition: 0, (0..<50).map { "old \($0)" })
      let reader = try reader()
      try reader.consumer.assign(positions(topic, 0..<1))
      #expect(reader.read { $0.ends[0] == 50 })
      try admin.deleteTopic(topic, timeoutMilliseconds: timeout)
      #expect(reader.read { _ in
        (try? admin.createTopic(topic, partitions: 1, timeoutMilliseconds: timeout)) != nil
      })
      try producer().fill(topic, partition: 0, (0..<10).map { "new \($0)" })
      let seen = reader.records.count
      try reader.consumer.assign(positions(topic, 0..<1))
      #expect(reader.read { $0.records.count == seen + 10 })
      #expect(reader.records.dropFirst(seen).map(\.value) == (0..<10).map { "new \($0)" })
    }

    @Test(.enabled(if: RealBroker.canStop, "the broker of LEAT_KAFKA is not ours to stop"))
    func aKilledBrokerThatComesBackLosesNothing() throws {
      let topic = try createTopic("killed", partitions: 2)
      for partition in 0..<2 { try producer().fill(topic, partition: partition, (0..<100).map { "\($0)" }) }
      let reader = try reader()
      try reader.consumer.assign(positions(topic, 0..<2))
      #expect(reader.read { $0.ends == [0: 100, 1: 100] })
      try broker.kill()
      for _ in 0..<5 { reader.consumeOnce() }
      try broker.up()
      for partition in 0..<2 { try producer().fill(topic, partition: partition, (0..<100).map { "\($0)" }) }
      #expect(reader.read { $0.ends == [0: 200, 1: 200] })
      for partition in 0..<2 { #expect(reader.records(of: partition).map(\.offset) == (0..<200).map { $0 }) }
      #expect(reader.errors.allSatisfy { $0.isRetriable })
    }
  }
}
