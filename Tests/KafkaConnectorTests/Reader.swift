import KafkaConnector
import Platform
import Testing

/// Properties of a consumer as a source of the engine has them, and quick with the mock cluster.
func consumerProperties(_ bootstrapServers: String) -> KafkaProperties {
  KafkaProperties([
    ("bootstrap.servers", bootstrapServers), ("group.id", "leat-tests"), ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"), ("enable.partition.eof", "true"), ("isolation.level", "read_committed"),
    ("auto.offset.reset", "error"), ("fetch.wait.max.ms", "10"), ("reconnect.backoff.ms", "20"), ("reconnect.backoff.max.ms", "100"),
  ])
}

func producerProperties(_ bootstrapServers: String) -> KafkaProperties {
  KafkaProperties([("bootstrap.servers", bootstrapServers), ("linger.ms", "5")])
}

struct Record: Hashable {
  var partition: Int
  var offset: Int64
  var key: String?
  var value: String?
}

/// Consumes and keeps what came.
final class Reader {
  let consumer: KafkaConsumer
  private var batch: KafkaBatch
  private(set) var records: [Record] = []
  private(set) var timestamps: [KafkaBatch.Timestamp?] = []
  /// The offset of each partition's last end.
  private(set) var ends: [Int: Int64] = [:]
  private(set) var errors: [KafkaError] = []
  private(set) var consumeCalls = 0

  init(_ properties: KafkaProperties, batchCapacity: Int = 100) throws {
    consumer = try KafkaConsumer(properties)
    batch = KafkaBatch(capacity: batchCapacity)
  }

  func consumeOnce(timeoutMilliseconds: Int = 100) {
    consumer.consume(into: &batch, timeoutMilliseconds: timeoutMilliseconds)
    consumeCalls += 1
    for index in 0..<batch.count {
      switch batch.kind(index) {
      case .message:
        records.append(
          Record(
            partition: batch.partition(index), offset: batch.offset(index), key: text(batch.key(index)), value: text(batch.value(index))))
        timestamps.append(batch.timestamp(index))
      case .partitionEnd: ends[batch.partition(index)] = batch.offset(index)
      case .error: if let error = batch.error(index) { errors.append(error) }
      }
    }
  }

  /// Consumes until `isEnough`; false after 30 s without.
  @discardableResult
  func read(until isEnough: (Reader) -> Bool) -> Bool {
    let end = SystemClock().monotonicNanoseconds + 30_000_000_000
    while !isEnough(self) {
      if SystemClock().monotonicNanoseconds > end { return false }
      consumeOnce()
    }
    return true
  }

  func records(of partition: Int) -> [Record] { records.filter { $0.partition == partition } }

  private func text(_ bytes: RawSpan?) -> String? {
    guard let bytes else { return nil }
    return String(decoding: (0..<bytes.byteCount).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }, as: UTF8.self)
  }
}

extension KafkaProducer {
  /// Produces `values` to a partition in order, keys being their numbers, and waits until they are there.
  func fill(_ topic: String, partition: Int, _ values: some Sequence<String>) throws {
    for (number, value) in values.enumerated() {
      while true {
        do {
          try produce(topic: topic, partition: partition, key: Array("\(number)".utf8), value: Array(value.utf8))
          break
        } catch {
          if error.name != "_QUEUE_FULL" { throw error }
          poll(timeoutMilliseconds: 100)
        }
      }
    }
    try flush(timeoutMilliseconds: 30_000)
    for delivery in takeDeliveries() { #expect(delivery.error == nil) }
  }
}

func positions(_ topic: String, _ partitions: Range<Int>, offset: Int64 = 0) -> [KafkaPosition] {
  partitions.map { KafkaPosition(topic: topic, partition: $0, offset: offset) }
}

/// Nanoseconds that `body` takes.
func elapsed(_ body: () throws -> Void) rethrows -> Int64 {
  let start = SystemClock().monotonicNanoseconds
  try body()
  return SystemClock().monotonicNanoseconds - start
}
