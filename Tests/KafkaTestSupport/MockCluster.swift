// KafkaTestSupport: clusters that tests can start. It knows nothing of the engine, so that tests of any module can use it.
internal import CRdkafka

/// Brokers inside this process, by librdkafka: they keep 5 MiB or 100,000 batches of a partition, in memory.
///
/// It cannot do transactions, compaction, offsets by time, topic administration and SASL; topics are created on first use. Give its
/// consumers `fetch.wait.max.ms=10`: it answers a fetch that finds nothing only then.
@safe
package final class MockCluster: @unchecked Sendable {  // librdkafka hands each call to the cluster's own thread
  private let client: OpaquePointer
  private let cluster: OpaquePointer

  package init(brokers: Int = 1) {
    let configuration = unsafe rd_kafka_conf_new()
    unsafe rd_kafka_conf_set_log_cb(configuration, nil)
    guard let client = unsafe rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0),
      let cluster = unsafe rd_kafka_mock_cluster_new(client, Int32(brokers))
    else { preconditionFailure("librdkafka cannot make a mock cluster") }
    unsafe self.client = client
    unsafe self.cluster = cluster
  }

  deinit {
    unsafe rd_kafka_mock_cluster_destroy(cluster)
    unsafe rd_kafka_destroy(client)
  }

  package var bootstrapServers: String { unsafe String(cString: rd_kafka_mock_cluster_bootstraps(cluster)) }

  package func createTopic(_ name: String, partitions: Int) {
    check(unsafe rd_kafka_mock_topic_create(cluster, name, Int32(partitions), 1))
  }

  /// Makes requests for a topic's metadata answer that it is unknown.
  package func hideTopic(_ name: String) {
    unsafe rd_kafka_mock_topic_set_error(cluster, name, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
  }

  /// Ends all connections of a broker, or of all, and takes no more.
  package func setDown(broker: Int? = nil) { check(unsafe rd_kafka_mock_broker_set_down(cluster, Int32(broker ?? -1))) }

  package func setUp(broker: Int? = nil) { check(unsafe rd_kafka_mock_broker_set_up(cluster, Int32(broker ?? -1))) }

  /// Delays each answer.
  package func setRoundTrip(milliseconds: Int, broker: Int? = nil) {
    check(unsafe rd_kafka_mock_broker_set_rtt(cluster, Int32(broker ?? -1), Int32(milliseconds)))
  }

  /// Makes the next requests of a kind fail, one with each error.
  ///
  /// - apiKey: the protocol's number of the request: 0 produce, 1 fetch, 2 offsets, 3 metadata.
  /// - codes: librdkafka's; -195 (`_TRANSPORT`) ends the connection.
  package func failRequests(apiKey: Int, with codes: [Int32]) {
    let errors = codes.map { rd_kafka_resp_err_t($0) }
    unsafe rd_kafka_mock_push_request_errors_array(cluster, Int16(apiKey), errors.count, errors)
  }

  private func check(_ code: rd_kafka_resp_err_t) {
    precondition(code == RD_KAFKA_RESP_ERR_NO_ERROR, "the mock cluster refuses: \(code.rawValue)")
  }
}
