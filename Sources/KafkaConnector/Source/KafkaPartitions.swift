internal import Connectors
internal import SQLTypes

/// Finds a topic's partitions, and where in each a source begins.
struct KafkaPartitions {
  private let options: KafkaOptions
  private let consumer: KafkaConsumer

  init(_ options: KafkaOptions, _ consumer: KafkaConsumer) {
    self.options = options
    self.consumer = consumer
  }

  /// A partition's name, for people and for good.
  static func name(_ topic: String, _ partition: Int) -> String { "\(topic)-\(partition)" }

  /// The partitions that are there, but for the first `known`; none where there is no topic.
  ///
  /// - isNew: whether they came after the source was made: then all that they hold is new to it.
  /// - Errors: as the consumer's questions.
  func find(
    after known: Int = 0, isNew: Bool = false, timeoutMilliseconds: Int
  ) throws(KafkaError) -> [PartitionPosition] {
    let count: Int
    do throws(KafkaError) {
      count = try consumer.partitionCount(of: options.topic, timeoutMilliseconds: timeoutMilliseconds)
    } catch {
      if error.isUnknownTopic && !isNew { return [] }
      throw error
    }
    var found: [PartitionPosition] = []
    for partition in known..<max(known, count) {
      let start = try start(of: partition, isNew, timeoutMilliseconds)
      found.append(
        PartitionPosition(
          partition: partition, name: Self.name(options.topic, partition), position: KafkaOffsets(start: start, next: start).bytes))
    }
    return found
  }

  private func start(of partition: Int, _ isNew: Bool, _ timeout: Int) throws(KafkaError) -> Int64 {
    let ends = try consumer.watermarks(of: options.topic, partition: partition, timeoutMilliseconds: timeout)
    switch options.start {
    case .earliest: return ends.low
    case .latest: return isNew ? ends.low : ends.high
    case .timestamp(let time):
      let offsets = try consumer.offsets(of: options.topic, at: [(partition, time)], timeoutMilliseconds: timeout)
      return offsets[0] ?? ends.high
    case .offsets(let offsets): return offsets[partition] ?? ends.low
    }
  }
}
