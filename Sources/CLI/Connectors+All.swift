import Connectors
import KafkaConnector

extension Connectors {
  /// Those of the program.
  static let all = builtIn.adding(KafkaOptions.kind)
}
