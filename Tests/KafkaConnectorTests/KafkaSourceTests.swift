import Connectors
import Engine
import KafkaConnector
import KafkaTestSupport
import Platform
import SQLTypes
import SQLiteStorage
import TestSupport
import Testing

/// A topic of the mock cluster, what writes to it, and engines that read it.
private final class Topic {
  let cluster = MockCluster()
  let name: String
  private let producer: KafkaProducer

  init(_ name: String, partitions: Int) throws {
    self.name = name
    cluster.createTopic(name, partitions: partitions)
    producer = try KafkaProducer(KafkaProperties([("bootstrap.servers", cluster.bootstrapServers), ("linger.ms", "0")]))
  }

  func write(_ value: String?, key: String? = nil, partition: Int = 0, at milliseconds: Int64? = nil) throws {
    try write(bytes: value.map { Array($0.utf8) }, key: key.map { Array($0.utf8) }, partition, milliseconds)
  }

  func write(bytes value: [UInt8]?, key: [UInt8]? = nil, _ partition: Int = 0, _ milliseconds: Int64? = nil) throws {
    try producer.produce(topic: name, partition: partition, key: key, value: value, timestampMilliseconds: milliseconds)
  }

  func flush() throws {
    try producer.flush(timeoutMilliseconds: 10_000)
    for delivery in producer.takeDeliveries() { #expect(delivery.error == nil) }
  }

  /// The clause of a stream or table over it.
  func with(_ options: String = "") -> String {
    "WITH (connector = 'kafka', brokers = '\(cluster.bootstrapServers)', topic = '\(name)', format = 'json'\(options.isEmpty ? "" : ", " + options))"
  }
}

/// Kafka topics as streams and tables of an engine.
@Suite struct KafkaSourceTests {
  @Test func aStreamOfFourPartitionsIsReadAndFollowed() throws {
    let topic = try Topic("payments", partitions: 4)
    for number in 0..<1000 { try topic.write(#"{"id": \#(number), "amount": \#(number % 7)}"#, partition: number % 4) }
    try topic.flush()
    let session = try Engine(connectors: kafkaConnectors).session()
    try session.runAll("CREATE STREAM payments (id BIGINT, amount BIGINT) \(topic.with())")
    try expectLines(session, "SELECT count(*), sum(id), sum(amount) FROM payments", ["1000 499500 2997"])
    try session.runAll("CREATE MATERIALIZED VIEW totals AS SELECT amount, count(*) AS n FROM payments GROUP BY amount")
    try expectLines(session, "SELECT sum(n) FROM totals", ["1000"])
    for number in 0..<10 { try topic.write(#"{"id": \#(number), "amount": 100}"#, partition: number % 4) }
    try topic.flush()
    try expectLines(session, "SELECT n FROM totals WHERE amount = 100", ["10"])
    try expectLines(session, "SELECT count(*) FROM payments", ["1010"])
    try expectLines(session, "SELECT sum(position), sum(lag), count(*) FROM leat.partitions", ["1010 0 4"])
  }

  @Test func aTableFollowsKeysAndTombstones() throws {
    let topic = try Topic("positions", partitions: 2)
    try topic.write(#"{"client": "Ada", "exchange": "NASDAQ"}"#, key: "1", partition: 0)
    try topic.write(#"{"client": "Bob", "exchange": "XETRA", "position_id": 77}"#, key: "2", partition: 1)
    try topic.write(#"{"client": "Cyd", "exchange": "NASDAQ"}"#, key: "3", partition: 0)
    try topic.write(nil, key: "1", partition: 0)
    try topic.flush()
    let session = try Engine(connectors: kafkaConnectors).session()
    try session.runAll(
      "CREATE TABLE positions (position_id BIGINT PRIMARY KEY, client TEXT, exchange TEXT) \(topic.with())",
      "CREATE MATERIALIZED VIEW us AS SELECT DISTINCT client FROM positions WHERE exchange = 'NASDAQ'")
    try expectLines(session, "SELECT * FROM positions ORDER BY 1", ["2 Bob XETRA", "3 Cyd NASDAQ"])
    try expectLines(session, "SELECT * FROM us", ["Cyd"])
    try topic.write(#"{"client": "Bob", "exchange": "NASDAQ"}"#, key: "2", partition: 1)
    try topic.write(nil, key: "3", partition: 0)
    try topic.flush()
    try expectLines(session, "SELECT * FROM us", ["Bob"])
    try expectLines(session, "SELECT refused_rows, moved_keys FROM leat.sources", ["0 0"])
  }

  @Test func keysOfEveryFormatAreRead() throws {
    let topic = try Topic("keyed", partitions: 1)
    try topic.write(#"{"v": 1}"#, key: #"{"a": 1, "b": "x"}"#)
    try topic.write(#"{"v": 2}"#, key: #"{"b": "y\"", "a": 2, "c": []}"#)
    try topic.write(nil, key: #"{"a": 1, "b": "x"}"#)
    try topic.write(#"{"v": 3}"#, key: #"7,"a":8"#)
    try topic.write(#"{"v": 3}"#, key: nil)
    try topic.write(#"{"v": 3}"#, key: #"{"a": 3}"#)
    try topic.flush()
    let session = try Engine(connectors: kafkaConnectors).session()
    try session.runAll("CREATE TABLE pairs (v INT, a INT, b TEXT, PRIMARY KEY (a, b)) \(topic.with())")
    try expectLines(session, "SELECT * FROM pairs", ["2 2 y\""])
    try expectLines(session, "SELECT \"offset\", sqlstate FROM leat.errors ORDER BY 1", ["3 22P02", "4 23502", "5 23502"])

    let words = try Topic("words", partitions: 1)
    for key in ["plain", "a \"quoted\" \\ one\n", "\u{1}é", "{}"] { try words.write(#"{"v": 1}"#, key: key) }
    try words.write(bytes: Array(#"{"v": 1}"#.utf8), key: [0xff])
    try words.flush()
    try session.runAll("CREATE TABLE words (k TEXT PRIMARY KEY, v INT) \(words.with())")
    try expectLines(session, "SELECT k FROM words ORDER BY k", ["\u{1}é", "a \"quoted\" \\ one\n", "plain", "{}"])
    try expectLines(session, "SELECT sqlstate FROM leat.errors WHERE relation = 'words'", ["22021"])

    let scalars = try Topic("scalars", partitions: 1)
    try scalars.write(#"{"v": 1}"#, key: "\"a, b\"")
    try scalars.write(#"{"v": 1}"#, key: #"{"k": "c"}"#)
    try scalars.write(#"{"v": 1}"#, key: #""d","k":"e""#)
    try scalars.flush()
    try session.runAll("CREATE TABLE scalars (k TEXT PRIMARY KEY, v INT) \(scalars.with("key_format = 'json'"))")
    try expectLines(session, "SELECT k FROM scalars ORDER BY k", ["a, b", "c"])

    let none = try Topic("none", partitions: 1)
    try none.write(#"{"k": 1, "v": 1}"#)
    try none.write(#"{"k": 1, "v": 2}"#, key: "9")
    try none.write(nil, key: "1")
    try none.flush()
    try session.runAll("CREATE TABLE none (k INT PRIMARY KEY, v INT) \(none.with("key_format = 'none'"))")
    try expectLines(session, "SELECT * FROM none", ["1 2"])
    try expectLines(session, "SELECT message FROM leat.errors WHERE relation = 'none'", ["the record has no value"])
  }

  @Test func metadataIsRead() throws {
    let topic = try Topic("meta", partitions: 2)
    try topic.write(#"{"a": 1}"#, key: "k", partition: 1, at: 1_700_000_000_123)
    try topic.write(#"{"a": 2}"#, partition: 1, at: 1_000)
    try topic.flush()
    let session = try Engine(connectors: kafkaConnectors).session()
    try session.runAll(
      """
      CREATE STREAM meta (a INT, partition INT METADATA, "offset" BIGINT METADATA, ts TIMESTAMPTZ METADATA FROM 'timestamp',
        key TEXT METADATA, t TEXT METADATA FROM 'topic') \(topic.with())
      """)
    try expectLines(
      session, "SELECT a, partition, \"offset\", ts, key, t FROM meta ORDER BY a",
      ["1 1 0 2023-11-14 22:13:20.123+00 k meta", "2 1 1 1970-01-01 00:00:01+00 NULL meta"])
    let wrong = session.error(of: "CREATE STREAM m (a INT METADATA FROM 'offset') \(topic.with())")
    #expect(wrong?.state == .datatypeMismatch)
    #expect(session.error(of: "CREATE STREAM m (a INT METADATA FROM 'ofset') \(topic.with())")?.hint == "Perhaps you meant \"offset\".")
    #expect(session.error(of: "CREATE STREAM m (a INT METADATA)")?.state == .invalidTableDefinition)
  }

  /// One bad record at each place in turn changes only itself.
  @Test(arguments: 0..<12) func aBadRecordChangesOnlyItself(_ place: Int) throws {
    let bad: [[UInt8]?] = [
      Array(#"{"a": 1"#.utf8), Array(#"{"a": "x"}"#.utf8), [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d], nil, [], Array(" \n".utf8),
      Array(#"{"a": 1e99}"#.utf8), Array(#"{"a": 1} {"a": 2}"#.utf8), Array("[1]".utf8), Array("{\"t\": \"x\ny\"}".utf8),
      Array(#"{"a": 1},"b":{"a":2}"#.utf8), Array(repeating: UInt8(ascii: "["), count: 10_000),
    ]
    let topic = try Topic("bad", partitions: 1)
    for number in 0..<12 {
      if number == place { for value in bad { try topic.write(bytes: value) } }
      try topic.write("{\"a\":\n\(number)}")
    }
    try topic.flush()
    let session = try Engine(connectors: kafkaConnectors).session()
    try session.runAll("CREATE STREAM bad (a INT, t TEXT) \(topic.with())")
    try expectLines(session, "SELECT count(*), sum(a) FROM bad", ["12 66"])
    try expectLines(
      session, "SELECT min(\"offset\"), max(\"offset\"), count(*) FROM leat.errors WHERE relation = 'bad'",
      ["\(place) \(place + bad.count - 1) \(bad.count)"])
  }

  @Test func aRestartGoesOnExactlyWhereTheStateStands() throws {
    let topic = try Topic("restart", partitions: 3)
    try withFolder { folder in
      var count = 0
      for round in 0..<4 {
        let engine = try Engine(connectors: kafkaConnectors, openLog: { () throws(SQLError) in try LogThread.open(directory: folder) })
        let session = engine.session()
        if round == 0 {
          try session.runAll(
            "CREATE STREAM numbers (a INT) \(topic.with("start = 'latest'"))",
            "CREATE MATERIALIZED VIEW sums AS SELECT count(*) AS n, sum(a) AS total FROM numbers")
        }
        for _ in 0..<500 {
          try topic.write("{\"a\": \(count)}", partition: count % 3)
          count += 1
          if count % 50 == 0 { try topic.flush() }
        }
        try topic.flush()
        try expectLines(session, "SELECT n, total FROM sums", ["\(count) \(count * (count - 1) / 2)"])
        engine.stop()
      }
    }
  }

  /// What is written right behind CREATE is the stream's, and what was there before is not, however soon the engine stops.
  @Test func latestBeginsWithTheStatement() throws {
    let topic = try Topic("late", partitions: 2)
    for number in 0..<10 { try topic.write("{\"a\": \(number)}", partition: number % 2) }
    try topic.flush()
    try withFolder { folder in
      let first = try Engine(connectors: kafkaConnectors, openLog: { () throws(SQLError) in try LogThread.open(directory: folder) })
      try first.session().runAll(
        "CREATE STREAM late (a INT) \(topic.with("start = 'latest'"))",
        "CREATE STREAM partly (a INT) \(topic.with("start = '0:3,1:5'"))")
      first.stop()
      for number in 10..<14 { try topic.write("{\"a\": \(number)}", partition: number % 2) }
      try topic.flush()
      let second = try Engine(connectors: kafkaConnectors, openLog: { () throws(SQLError) in try LogThread.open(directory: folder) })
      let session = second.session()
      try expectLines(session, "SELECT count(*), sum(a) FROM late", ["4 46"])
      try expectLines(session, "SELECT count(*), sum(a) FROM partly", ["6 60"])
      second.stop()
    }
  }

  @Test func whatWasWrittenIsReadBehindAWait() throws {
    let topic = try Topic("waits", partitions: 2)
    let session = try Engine(connectors: kafkaConnectors).session()
    try session.runAll(
      "CREATE STREAM waits (a INT) \(topic.with())", "CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM waits")
    for number in 0..<200 {
      try topic.write("{\"a\": \(number)}", partition: 1)
      try topic.flush()
      try session.runAll("WAIT FOR 'waits-1@\(number)' TIMEOUT 10 SECONDS")
      #expect(try session.texts("SELECT n FROM n") == [["\(number + 1)"]])
    }
    #expect(session.error(of: "WAIT FOR 'waits-1@200' TIMEOUT INTERVAL '50 ms'")?.state == .queryCanceled)
    #expect(session.error(of: "WAIT FOR 'others-1@0'")?.state == .undefinedObject)
    #expect(session.error(of: "WAIT FOR 'waits-1'")?.state == .invalidParameterValue)
    #expect(session.error(of: "WAIT FOR 'waits-1@-4'")?.state == .invalidParameterValue)
    #expect(session.error(of: "WAIT FOR 'waits-1@4' TIMEOUT '-1 s'")?.state == .invalidParameterValue)
    // Nobody has read this one before.
    try session.runAll("DROP MATERIALIZED VIEW n", "DROP STREAM waits", "CREATE STREAM again (a INT) \(topic.with())")
    try session.runAll("WAIT FOR 'waits-1@199'")
    #expect(try session.texts("SELECT count(*) FROM again") == [["200"]])
  }

  @Test func aBrokerThatIsDownIsToldOfAndComesBack() throws {
    let topic = try Topic("down", partitions: 1)
    try topic.write("{\"a\": 1}")
    try topic.flush()
    let session = try Engine(connectors: kafkaConnectors).session()
    try session.runAll(
      "CREATE STREAM down (a INT) \(topic.with("kafka.reconnect.backoff.max.ms = '200'"))",
      "CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM down")
    try expectLines(session, "SELECT n FROM n", ["1"])
    topic.cluster.setDown()
    try expectLines(session, "SELECT count(*) > 0 FROM leat.log WHERE message LIKE '%does not get on%'", ["t"])
    try expectLines(session, "SELECT n FROM n", ["1"])
    topic.cluster.setUp()
    try topic.write("{\"a\": 2}")
    try topic.flush()
    try expectLines(session, "SELECT n FROM n", ["2"])
    try expectLines(session, "SELECT count(*) > 0 FROM leat.log WHERE message LIKE '%gets on again%'", ["t"])
  }

  @Test func aTopicThatIsNotThereIsToldOf() throws {
    let topic = try Topic("there", partitions: 1)
    topic.cluster.hideTopic("there")
    let session = try Engine(connectors: kafkaConnectors).session()
    try session.runAll("CREATE STREAM gone (a INT) \(topic.with())")
    #expect(session.error(of: "SELECT * FROM gone")?.state == .undefinedTable)
    try session.runAll("CREATE STREAM lost (a INT) \(topic.with())")
    var notices: [String] = []
    try session.run("CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM lost") { notices += $0.notices.map(\.message) }
    #expect(notices.count == 1 && notices[0].hasPrefix("the view lacks what its source cannot give: topic \"there\""))
    #expect(try session.texts("SELECT n FROM v") == [["0"]])
  }

  @Test func whatIsWrongInTheOptionsIsSaid() throws {
    let topic = try Topic("options", partitions: 1)
    let session = try Engine(connectors: kafkaConnectors).session()
    func error(_ options: String, _ columns: String = "a INT", _ kind: String = "STREAM") -> SQLError? {
      session.error(of: "CREATE \(kind) x (\(columns)) \(topic.with(options))")
    }
    #expect(error("kafka.fetch.wait.max.ms = '1'") == nil)
    #expect(error("kafka.fetch.wayt.max.ms = '1'")?.state == .syntaxError)
    #expect(error("kafka.fetch.wait.max.ms = 'soon'")?.state == .invalidParameterValue)
    #expect(error("kafka.bootstrap.servers = 'x'")?.hint == "\"brokers\" says it.")
    #expect(error("start = 'tomorrow'")?.state == .invalidParameterValue)
    #expect(error("start = '0:x'")?.state == .invalidParameterValue)
    #expect(error("start = '0:1,0:2'")?.state == .invalidParameterValue)
    #expect(error("on_gap = 'jump'")?.state == .invalidParameterValue)
    #expect(error("key_format = 'avro'")?.state == .featureNotSupported)
    #expect(error("key_format = 'raw'", "a INT, b INT, PRIMARY KEY (a, b)", "TABLE")?.state == .invalidTableDefinition)
    #expect(error("foo = '1'")?.state == .syntaxError)
    #expect(
      session.error(of: "CREATE STREAM y (a INT) WITH (connector = 'kafka', brokers = 'x:1', topic = 'a/b', format = 'json')")?.state
        == .invalidParameterValue)
  }
}
