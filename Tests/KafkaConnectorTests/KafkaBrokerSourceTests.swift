import Engine
import KafkaConnector
import KafkaTestSupport
import Platform
import SQLTypes
import SQLiteStorage
import TestSupport
import Testing

extension RealBrokerTests {
  /// Sources on a real broker: what the mock cluster cannot do.
  @Suite struct KafkaBrokerSourceTests {
    private let broker: RealBroker
    private let admin: KafkaAdmin
    private static let timeout = 20_000

    init() throws {
      broker = try RealBroker.shared()
      admin = try KafkaAdmin(KafkaProperties([("bootstrap.servers", broker.bootstrapServers)]))
    }

    private func createTopic(_ name: String, partitions: Int) throws -> String {
      let topic = "\(name)-\(UInt32.random(in: 0 ... .max))"
      try admin.createTopic(topic, partitions: partitions, configuration: [], timeoutMilliseconds: Self.timeout)
      return topic
    }

    private func producer(transactionalID: String? = nil) throws -> KafkaProducer {
      let properties = KafkaProperties([("bootstrap.servers", broker.bootstrapServers), ("linger.ms", "0")])
      guard let transactionalID else { return try KafkaProducer(properties) }
      let producer = try KafkaProducer(properties.setting("transactional.id", transactionalID))
      try producer.initTransactions(timeoutMilliseconds: Self.timeout)
      return producer
    }

    private func write(_ producer: KafkaProducer, _ topic: String, _ numbers: Range<Int>, partition: Int = 0) throws {
      for number in numbers {
        try producer.produce(topic: topic, partition: partition, key: nil, value: Array("{\"a\": \(number)}".utf8))
      }
      try producer.flush(timeoutMilliseconds: Self.timeout)
    }

    private func with(_ topic: String, _ options: String = "") -> String {
      "WITH (connector = 'kafka', brokers = '\(broker.bootstrapServers)', topic = '\(topic)', format = 'json'\(options))"
    }

    /// Aborted records are nobody's rows; the source stands behind the control records, and a restart reads the same again.
    @Test func transactionsAreReadWhenTheyAreCommitted() throws {
      let topic = try createTopic("transactions", partitions: 1)
      let producer = try producer(transactionalID: topic)
      for (numbers, commits) in [(0..<3, true), (3..<6, false), (6..<7, true), (7..<9, false)] {
        try producer.beginTransaction()
        try write(producer, topic, numbers)
        if commits { try producer.commitTransaction(timeoutMilliseconds: Self.timeout) } else { try producer.abortTransaction(timeoutMilliseconds: Self.timeout) }
      }
      try withFolder { folder in
        for round in 0..<2 {
          let engine = try Engine(connectors: kafkaConnectors, openLog: { () throws(SQLError) in try LogThread.open(directory: folder) })
          let session = engine.session()
          if round == 0 {
            try session.runAll(
              "CREATE STREAM t (a INT, \"offset\" BIGINT METADATA) \(with(topic))",
              "CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n, sum(a) AS total, max(\"offset\") AS last FROM t")
          }
          // 9 records and 4 that mark the ends of transactions.
          try session.runAll("WAIT FOR '\(topic)-0@12' TIMEOUT 10 SECONDS")
          try expectLines(session, "SELECT * FROM v", ["4 9 8"])
          try expectLines(session, "SELECT position, lag FROM leat.partitions", ["13 0"])
          engine.stop()
        }
      }
    }

    @Test func aTimestampIsWhereToStart() throws {
      let topic = try createTopic("timestamps", partitions: 2)
      let producer = try producer()
      for number in 0..<20 {
        try producer.produce(
          topic: topic, partition: number % 2, key: nil, value: Array("{\"a\": \(number)}".utf8),
          timestampMilliseconds: 1_700_000_000_000 + Int64(number) * 1000)
      }
      try producer.flush(timeoutMilliseconds: Self.timeout)
      let session = try Engine(connectors: kafkaConnectors).session()
      try session.runAll(
        "CREATE STREAM t (a INT) \(with(topic, ", start = '2023-11-14 22:13:35+00'"))",   // the 15th second
        "CREATE STREAM later (a INT) \(with(topic, ", start = '2100-01-01'"))")
      try expectLines(session, "SELECT count(*), min(a) FROM t", ["5 15"])
      try expectLines(session, "SELECT count(*) FROM later", ["0"])
    }

    @Test func newPartitionsAreNoticed() throws {
      let topic = try createTopic("partitions", partitions: 1)
      let producer = try producer()
      try write(producer, topic, 0..<10)
      let session = try Engine(connectors: kafkaConnectors).session()
      try session.runAll(
        "CREATE STREAM t (a INT, partition INT METADATA) \(with(topic, ", start = 'latest'"))",
        "CREATE MATERIALIZED VIEW v AS SELECT partition, count(*) AS n FROM t GROUP BY partition")
      try admin.createPartitions(of: topic, total: 3, timeoutMilliseconds: Self.timeout)
      let late = try self.producer()
      try write(late, topic, 0..<5, partition: 2)
      try write(late, topic, 0..<7, partition: 0)
      try expectLines(session, "SELECT * FROM v ORDER BY 1", ["0 7", "2 5"])
    }

    /// The broker is killed and started while records come: each is there once.
    @Test(.enabled(if: RealBroker.canStop)) func aBrokerThatIsKilledLosesNothing() throws {
      let topic = try createTopic("killed", partitions: 2)
      let session = try Engine(connectors: kafkaConnectors).session()
      try session.runAll(
        "CREATE STREAM t (a INT) \(with(topic))", "CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n, sum(a) AS total FROM t")
      let producer = try producer()
      for round in 0..<3 {
        try write(producer, topic, round * 100..<round * 100 + 50, partition: 0)
        try broker.kill()
        try expectLines(session, "SELECT n FROM v", ["\(round * 100 + 50)"])
        try broker.up()
        try write(producer, topic, round * 100 + 50..<round * 100 + 100, partition: 1)
        try expectLines(session, "SELECT n FROM v", ["\(round * 100 + 100)"])
      }
      try expectLines(session, "SELECT total FROM v", ["\(299 * 300 / 2)"])
    }

    /// A topic that was deleted and made again: its records are not those that the source has read.
    @Test(arguments: ["stop", "skip"]) func aTopicThatIsMadeAgainIsAGap(_ onGap: String) throws {
      let topic = try createTopic("again", partitions: 1)
      try write(try producer(), topic, 0..<10)
      let session = try Engine(connectors: kafkaConnectors).session()
      try session.runAll(
        "CREATE STREAM t (a INT) \(with(topic, ", on_gap = '\(onGap)'"))", "CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM t")
      try expectLines(session, "SELECT n FROM v", ["10"])
      try admin.deleteTopic(topic, timeoutMilliseconds: Self.timeout)
      try expectLines(session, "SELECT count(*) > 0 FROM leat.log WHERE message LIKE '%does not get on%'", ["t"])
      try admin.createTopic(topic, partitions: 1, configuration: [], timeoutMilliseconds: Self.timeout)
      try write(try producer(), topic, 0..<3)
      if onGap == "stop" {
        try expectLines(session, "SELECT state FROM leat.sources", ["failed"])
        try expectLines(session, "SELECT n FROM v", ["10"])
      } else {
        try expectLines(session, "SELECT n FROM v", ["13"])
        try expectLines(session, "SELECT sqlstate FROM leat.errors", ["55000"])
      }
    }
  }
}
