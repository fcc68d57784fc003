// KafkaConnector: Kafka topics as sources and sinks, over librdkafka.
//
// So far it holds what must be known before any of that: which librdkafka this process runs with.
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
