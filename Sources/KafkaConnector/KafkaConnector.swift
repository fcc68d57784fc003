// KafkaConnector: Kafka topics as sources, over librdkafka.
//
// - client: librdkafka's consumers, producers and administration, with errors and messages as values; knows nothing of sources.
// - source: a topic's records as rows. Partitions have Kafka's numbers; a position is where the source began and the next offset.
// - range: the records between two offsets, which a replay reads again with a consumer of its own.
// - gap: records that were to be read and are not there any more.
//
// Invariants: the rows between two positions depend on the records alone; every record is a row, a deletion or an error.
internal import CRdkafka

/// The librdkafka that is linked in.
package enum KafkaLibrary {
  /// Of the library that is loaded, which may be newer than the headers that this was built with: `2.0.2`.
  package static var version: String { unsafe String(cString: rd_kafka_version_str()) }

  /// Whether the loaded library has what we were built for: the same major version, and nothing older.
  package static var isSupported: Bool { isSupported(loaded: rd_kafka_version(), built: RD_KAFKA_VERSION) }

  /// - loaded, built: as `rd_kafka_version()` tells them, 0xMMmmrrxx: major, minor, revision, pre-release.
  static func isSupported(loaded: Int32, built: Int32) -> Bool { loaded >= built && loaded >> 24 == built >> 24 }
}
