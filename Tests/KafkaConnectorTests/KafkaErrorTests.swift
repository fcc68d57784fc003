import CRdkafka
import SQLTypes
import Testing

@testable import KafkaConnector

@Suite struct KafkaErrorTests {
  @Test(arguments: [
    (-195, "_TRANSPORT", "08001", true), (-187, "_ALL_BROKERS_DOWN", "08001", true), (-193, "_RESOLVE", "08001", true),
    (-185, "_TIMED_OUT", "08001", true), (-169, "_AUTHENTICATION", "28000", false), (29, "TOPIC_AUTHORIZATION_FAILED", "28000", false),
    (3, "UNKNOWN_TOPIC_OR_PART", "42P01", false), (-190, "_UNKNOWN_PARTITION", "42P01", false),
    (36, "TOPIC_ALREADY_EXISTS", "42P07", false), (-186, "_INVALID_ARG", "22023", false), (1, "OFFSET_OUT_OF_RANGE", "58030", false),
    (-144, "_FENCED", "58030", false),
  ] as [(Int32, String, String, Bool)])
  func codesHaveNamesAndStates(_ code: Int32, _ name: String, _ state: String, _ isRetriable: Bool) {
    let error = KafkaError(rd_kafka_resp_err_t(code))
    #expect(error.name == name)
    #expect(error.sqlState == SQLState(state))
    #expect(error.isRetriable == isRetriable)
    #expect(!error.isFatal)
    #expect(!error.message.isEmpty)
    #expect(error.isUnknownTopic == (state == "42P01"))
  }
}
