package import Connectors
package import SQLTypes

/// Options of `connector = 'kafka'`.
package struct KafkaOptions: Connector, Hashable {
  /// Where a source begins.
  package enum Start: Hashable, Sendable {
    case earliest, latest
    /// At the first record that is as new, by its timestamp (milliseconds since 1970). A partition that has none is read from its end.
    case timestamp(Int64)
    /// At these offsets, by partition; other partitions are read from their beginning.
    case offsets([Int: Int64])
  }

  /// What a record's key is to a table.
  package enum KeyFormat: String, Sendable {
    /// The bytes are the text of the primary key's one column.
    case raw
    /// A JSON object with the primary key's columns; or the value of its one column.
    case json
    /// The key is not looked at: the primary key's columns are in the value.
    case none
  }

  /// What happens where records that were to be read are gone.
  package enum OnGap: String, Sendable {
    case stop
    /// The oldest record that is there is the next one; the gap is told.
    case skip
  }

  package var topic: String
  /// librdkafka's, of the statement, in order.
  package var properties: KafkaProperties
  package var start = Start.earliest
  /// Nil: raw for a primary key of one column, else JSON.
  package var keyFormat: KeyFormat?
  package var onGap = OnGap.stop
  package var onError = OnRowError.log

  package static let kind = ConnectorKind(name: "kafka") { (reader) throws(SQLError) in try KafkaOptions(&reader) }

  package var metadata: [String: SQLType] {
    ["partition": .integer, "offset": .bigint, "timestamp": .timestamptz, "key": .text, "topic": .text]
  }

  package func check(_ spec: SourceSpec, _ options: [SourceOption]) throws(SQLError) {
    func range(_ name: String) -> SourceRange? { options.first { $0.name == name }?.range }
    for key in spec.keyColumns where spec.columns[key].metadata != nil {
      throw .unsupported("METADATA \"\(spec.columns[key].name)\" in a primary key", at: nil)
    }
    if spec.keyColumns.isEmpty {
      if keyFormat != nil && keyFormat != KeyFormat.none && !spec.columns.contains(where: { $0.metadata == "key" }) {
        throw SQLError(.invalidTableDefinition, "key_format has no primary key to read", at: range("key_format"))
      }
    } else if keyFormat == .raw && spec.keyColumns.count > 1 {
      throw SQLError(
        .invalidTableDefinition, "key_format \"raw\" makes one column, and the primary key has \(spec.keyColumns.count)",
        at: range("key_format"))
    }
  }

  package func offset(of position: [UInt8]) -> Int64? { KafkaOffsets(position)?.next }

  package func mayHave(_ partition: String) -> Bool {
    guard let dash = partition.lastIndex(of: "-"), partition[..<dash] == topic else { return false }
    return Int32(partition[partition.index(after: dash)...]).map { $0 >= 0 } ?? false
  }

  package func startPositions() throws(SQLError) -> [PartitionPosition]? {
    if start == .earliest { return nil }
    let consumer = try makeConsumer()
    do throws(KafkaError) {
      return try KafkaPartitions(self, consumer).find(timeoutMilliseconds: Self.askMilliseconds)
    } catch { throw SQLError(error.sqlState, "topic \"\(topic)\" cannot be asked where to start: \(error.message)") }
  }

  /// How long a statement waits for an answer.
  private static let askMilliseconds = 10_000

  package func makeSource(_ spec: SourceSpec) -> any Source { KafkaSource(spec, self) }

  /// How the key of a table's records is read.
  func keyFormat(of spec: SourceSpec) -> KeyFormat { keyFormat ?? (spec.keyColumns.count > 1 ? .json : .raw) }

  /// A consumer of these records: without a group, and told of ends of partitions.
  func makeConsumer() throws(SQLError) -> KafkaConsumer {
    do throws(KafkaError) { return try KafkaConsumer(consumerProperties) } catch {
      throw SQLError(error.sqlState, "the consumer of topic \"\(topic)\" does not start: \(error.message)")
    }
  }

  private var consumerProperties: KafkaProperties {
    properties.setting("group.id", properties["group.id"] ?? "leat").setting("enable.auto.commit", "false")
      .setting("enable.auto.offset.store", "false").setting("enable.partition.eof", "true")
      .setting("auto.offset.reset", "error").setting("allow.auto.create.topics", "false")
  }
}

// MARK: reading them

extension KafkaOptions {
  private init(_ reader: inout OptionReader) throws(SQLError) {
    let topic = try reader.require("topic")
    guard Self.isTopic(topic.value) else { throw topic.invalid("a topic's name") }
    let brokers = try reader.require("brokers")
    if brokers.value.isEmpty { throw brokers.invalid("a list of HOST:PORT") }
    self.topic = topic.value
    properties = try Self.properties(brokers, reader.take("group"), reader.take(prefix: Self.prefix))
    try reader.requireFormat()
    if let option = reader.take("key_format") {
      keyFormat = KeyFormat(rawValue: try option.choice(of: ["raw", "json", "none"], unsupported: ["avro", "protobuf", "csv", "delimited"]))
    }
    if let option = reader.take("envelope") {
      _ = try option.choice(of: ["plain"], unsupported: ["upsert", "debezium", "cloudevents"])
    }
    if let option = reader.take("start") { start = try Self.start(option) }
    if let option = reader.take("on_gap") { onGap = OnGap(rawValue: try option.choice(of: ["stop", "skip"])) ?? .stop }
    if let option = reader.take("on_error") { onError = try OnRowError(option) }
  }

  private static let prefix = "kafka."

  /// What Leat decides or refuses, by librdkafka's name, and what says it instead.
  private static let owned = [
    "bootstrap.servers": "brokers", "metadata.broker.list": "brokers", "group.id": "group", "enable.auto.commit": nil,
    "enable.auto.offset.store": nil, "enable.partition.eof": nil, "auto.offset.reset": "start", "allow.auto.create.topics": nil,
    // These load code into the process.
    "plugin.library.paths": nil, "ssl.engine.location": nil,
  ]

  private static func properties(
    _ brokers: SourceOption, _ group: SourceOption?, _ given: [SourceOption]
  ) throws(SQLError) -> KafkaProperties {
    // What a source fetches ahead of the engine is bounded by bytes. A statement's own properties come behind these.
    var properties = KafkaProperties([
      ("bootstrap.servers", brokers.value), ("client.id", "leat"), ("isolation.level", "read_committed"),
      ("queued.max.messages.kbytes", "16384"), ("fetch.wait.max.ms", "10"), ("reconnect.backoff.max.ms", "1000"),
    ])
    if let group { properties = properties.setting("group.id", group.value) }
    for option in given {
      let name = String(option.name.dropFirst(prefix.count))
      if let instead = owned[name] {
        throw SQLError(
          .invalidParameterValue, "option \"\(option.name)\" cannot be set", hint: instead.map { "\"\($0)\" says it." },
          at: option.range)
      }
      properties = properties.setting(name, option.value)
      do throws(KafkaPropertyError) { try KafkaProperties([(name, option.value)]).validate() } catch {
        throw SQLError(error.isUnknown ? .syntaxError : .invalidParameterValue, "option \"\(option.name)\": \(error.message)", at: option.range)
      }
    }
    return properties
  }

  /// Kafka's rule for the names of topics.
  private static func isTopic(_ name: String) -> Bool {
    (1...249).contains(name.utf8.count) && name != "." && name != ".."
      && name.utf8.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "._-".utf8.contains($0) }
  }

  /// `earliest`, `latest`, a timestamp, or offsets as `0:17,3:0`.
  private static func start(_ option: SourceOption) throws(SQLError) -> Start {
    if option.value == "earliest" { return .earliest }
    if option.value == "latest" { return .latest }
    var offsets: [Int: Int64] = [:]
    for pair in option.value.split(separator: ",") {
      let parts = pair.split(separator: ":").map { $0.filter { $0 != " " } }
      guard parts.count == 2, let partition = Int(parts[0]), let offset = Int64(parts[1]), partition >= 0, offset >= 0,
        offsets.updateValue(offset, forKey: partition) == nil
      else { offsets = [:]; break }
    }
    if !offsets.isEmpty { return .offsets(offsets) }
    do throws(SQLError) {
      let time = try SQLTimestamp(zonedSQLText: option.value)
      if time.isFinite { return .timestamp(time.microseconds / 1000) }
    } catch {}
    throw option.invalid("\"earliest\", \"latest\", a timestamp, or offsets as \"0:17,1:0\"")
  }
}
