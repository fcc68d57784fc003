internal import CRdkafka
package import SQLTypes

extension KafkaError {
  /// 08001 where no broker answers, 28000 where it does not let us, 42P01 for an unknown topic or partition, 42P07 for one that
  /// is there already, 22023 for what no broker would take, 58030 for the rest.
  package var sqlState: SQLState {
    let code = rd_kafka_resp_err_t(code)
    if Self.connection.contains(code) { return .unableToConnect }
    if Self.authorization.contains(code) { return .invalidAuthorization }
    if isUnknownTopic { return .undefinedTable }
    if code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { return .duplicateTable }
    return Self.invalid.contains(code) ? .invalidParameterValue : .ioError
  }
}
