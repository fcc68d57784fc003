internal import SQLTypes

/// Records that were to be read are gone: the topic's retention was shorter than the source was away, or the topic was made anew.
enum KafkaGap {
  static let state = SQLState.objectNotInPrerequisiteState

  static func message(
    _ partition: Int, of topic: String, from next: Int64, _ there: (low: Int64, high: Int64)
  ) -> String {
    "partition \(partition) of topic \"\(topic)\" has no offset \(next): its records are from \(there.low) to below \(there.high)"
  }

  static func error(_ message: String) -> SQLError {
    SQLError(state, message, hint: "on_gap = 'skip' goes on with the oldest record that is there.")
  }
}
