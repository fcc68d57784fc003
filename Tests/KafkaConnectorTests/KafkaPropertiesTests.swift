import KafkaConnector
import SQLTypes
import Testing

@Suite struct KafkaPropertiesTests {
  private func error(_ name: String, _ value: String) -> KafkaPropertyError? {
    do throws(KafkaPropertyError) {
      try KafkaProperties([("client.id", "leat"), (name, value)]).validate()
      return nil
    } catch { return error }
  }

  @Test func anUnknownPropertyIsNamed() {
    let error = error("fetch.wait.min.ms", "1")
    #expect(error?.name == "fetch.wait.min.ms")
    #expect(error?.isUnknown == true)
    #expect(error?.message == "No such configuration property: \"fetch.wait.min.ms\"")
  }

  @Test func aBadValueIsTold() {
    let error = error("fetch.wait.max.ms", "soon")
    #expect(error?.isUnknown == false)
    #expect(error?.message == "Invalid value for configuration property \"fetch.wait.max.ms\"")
    #expect(self.error("security.protocol", "plain")?.message.contains("\"security.protocol\"") == true)
  }

  @Test func propertiesOfTopicsAreTakenToo() { #expect(error("auto.offset.reset", "error") == nil) }

  @Test func aZeroByteDoesNotCutAValueShort() {
    #expect(error("client.id", "a\0b")?.isUnknown == false)
    #expect(error("client.id\0", "a")?.isUnknown == false)
  }

  @Test func theLaterOfTwoValuesCounts() {
    let properties = KafkaProperties([("client.id", "a"), ("group.id", "g"), ("client.id", "b")])
    #expect(properties["client.id"] == "b")
    #expect(properties.setting("client.id", "c")["client.id"] == "c")
    #expect(properties["acks"] == nil)
  }

  @Test(arguments: [
    "sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.client.secret",
  ])
  func secretsAreNotShown(_ name: String) {
    let properties = KafkaProperties([("sasl.username", "leat"), (name, "hunter2")])
    #expect(KafkaProperties.isSecret(name))
    #expect("\(properties)" == "sasl.username=leat \(name)=******")
    #expect(!String(reflecting: properties).contains("hunter2"))
    #expect(error(name, "hunter2").map { !$0.message.contains("hunter2") } ?? true)
  }

  @Test func otherPropertiesAreNoSecrets() { #expect(!KafkaProperties.isSecret("bootstrap.servers")) }

  @Test func propertiesThatDoNotFitTogetherAreRefusedByTheClient() {
    let properties = KafkaProperties([("group.id", "g"), ("security.protocol", "sasl_plaintext"), ("sasl.mechanism", "NONE")])
    #expect { _ = try KafkaConsumer(properties) } throws: { ($0 as? KafkaError)?.sqlState == .invalidParameterValue }
  }

  @Test func aConsumerNeedsAGroup() {
    #expect { _ = try KafkaConsumer(KafkaProperties([])) } throws: { ($0 as? KafkaError)?.message.contains("group.id") == true }
  }
}
