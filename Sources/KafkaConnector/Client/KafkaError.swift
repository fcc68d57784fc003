internal import CRdkafka

/// What librdkafka or a broker refused, or could not do.
package struct KafkaError: Error, Hashable, Sendable {
  /// librdkafka's code: below zero its own, else one of the protocol.
  package let code: Int32
  /// librdkafka's words.
  package let message: String
  /// Whether the client can do nothing any more and must be made anew.
  package let isFatal: Bool
  /// Whether the same may succeed later.
  package let isRetriable: Bool

  /// librdkafka's name of the code: `_TRANSPORT`, `UNKNOWN_TOPIC_OR_PART`.
  package var name: String { unsafe string(rd_kafka_err2name(rd_kafka_resp_err_t(code))) }

  /// Whether there is no such topic, or no such partition of it.
  package var isUnknownTopic: Bool { Self.unknownTopic.contains(rd_kafka_resp_err_t(code)) }

  /// Whether records at the offset that was asked for are not there.
  package var isOffsetOutOfRange: Bool {
    code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue || code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE.rawValue
  }

  /// - message: nil for librdkafka's general words on the code.
  init(_ code: rd_kafka_resp_err_t, message: String? = nil, isFatal: Bool = false) {
    self.code = code.rawValue
    self.message = unsafe message ?? string(rd_kafka_err2str(code))
    self.isFatal = isFatal
    isRetriable = !isFatal && (Self.connection.contains(code) || Self.passing.contains(code))
  }

  /// Reads and frees an error object.
  init(consuming error: OpaquePointer) {
    defer { unsafe rd_kafka_error_destroy(error) }
    code = unsafe rd_kafka_error_code(error).rawValue
    message = unsafe string(rd_kafka_error_string(error))
    isFatal = unsafe rd_kafka_error_is_fatal(error) != 0
    isRetriable = unsafe rd_kafka_error_is_retriable(error) != 0
  }

  /// What the error callback tells: `_FATAL` stands for the error that made the client useless.
  init(client: OpaquePointer?, code: Int32, reason: String) {
    guard let client = unsafe client, code == RD_KAFKA_RESP_ERR__FATAL.rawValue else {
      self.init(rd_kafka_resp_err_t(code), message: reason)
      return
    }
    var fatal = RD_KAFKA_RESP_ERR__FATAL
    let text = unsafe errorText { unsafe fatal = rd_kafka_fatal_error(client, $0, $1) }
    self.init(fatal, message: text, isFatal: true)
  }
}

extension KafkaError: CustomStringConvertible {
  package var description: String { "\(name): \(message)" }
}

extension KafkaError {
  /// No broker answers, or the one that must is not ready.
  static let connection: Set<rd_kafka_resp_err_t> = [
    RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT,
    RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__WAIT_COORD,
    RD_KAFKA_RESP_ERR__WAIT_CACHE, RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
    RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
    RD_KAFKA_RESP_ERR_NOT_CONTROLLER,
  ]

  /// Other states that pass.
  static let passing: Set<rd_kafka_resp_err_t> = [
    RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS, RD_KAFKA_RESP_ERR__RETRY,
    RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
  ]

  static let authorization: Set<rd_kafka_resp_err_t> = [
    RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM,
    RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE, RD_KAFKA_RESP_ERR_SECURITY_DISABLED,
  ]

  static let unknownTopic: Set<rd_kafka_resp_err_t> = [
    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
  ]

  /// What was asked for makes no sense, whenever it is asked.
  static let invalid: Set<rd_kafka_resp_err_t> = [
    RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR__NOT_CONFIGURED, RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
    RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, RD_KAFKA_RESP_ERR_INVALID_CONFIG, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
    RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, RD_KAFKA_RESP_ERR_INVALID_GROUP_ID,
    RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
  ]
}

/// Turns the C convention into a thrown error.
func check(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
  if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code) }
}

/// The same where librdkafka gives an object, which is freed.
func check(consuming error: OpaquePointer?) throws(KafkaError) {
  if let error = unsafe error { throw unsafe KafkaError(consuming: error) }
}
