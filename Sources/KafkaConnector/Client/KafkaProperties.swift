/// Properties of a Kafka client by librdkafka's names, in order: of two with one name the later one counts.
package struct KafkaProperties: Sendable, Hashable {
  private struct Property: Sendable, Hashable { let name: String; let value: String }
  private var properties: [Property]

  package init(_ properties: [(name: String, value: String)]) {
    self.properties = properties.map { Property(name: $0.name, value: $0.value) }
  }

  /// The value that counts; nil where librdkafka's default does.
  package subscript(name: String) -> String? { properties.last { $0.name == name }?.value }

  /// The same with one more at the end.
  package func setting(_ name: String, _ value: String) -> KafkaProperties {
    var copy = self
    copy.properties.append(Property(name: name, value: value))
    return copy
  }

  /// Checks each property by itself. Which ones go together, and whether files can be read, is known only when a client is made.
  package func validate() throws(KafkaPropertyError) { _ = try configuration() }

  /// What librdkafka makes a client of.
  func configuration() throws(KafkaPropertyError) -> KafkaConfiguration {
    let configuration = KafkaConfiguration()
    for property in properties { try configuration.set(property.name, property.value) }
    return configuration
  }

  /// Whether the value of a property must not be shown: passwords, private keys, and what may hold one.
  package static func isSecret(_ name: String) -> Bool {
    switch name {
    case "sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.config": true
    default: name.hasPrefix("sasl.oauthbearer.") && name.hasSuffix("secret")
    }
  }
}

/// Hides the secrets.
extension KafkaProperties: CustomStringConvertible {
  package var description: String {
    properties.map { "\($0.name)=\(Self.isSecret($0.name) ? "******" : $0.value)" }.joined(separator: " ")
  }
}

/// A property that librdkafka refuses.
package struct KafkaPropertyError: Error, Hashable, Sendable {
  package let name: String
  /// librdkafka's words, which name the property; of a secret without its value.
  package let message: String
  /// Whether there is no such property; else its value is bad.
  package let isUnknown: Bool
}
