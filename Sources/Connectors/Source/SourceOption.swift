package import SQLTypes

/// One `name = 'value'` of a WITH clause; the name in lower case.
package struct SourceOption: Hashable, Sendable {
  package let name: String
  package let value: String
  /// Where it stands in the statement.
  package let range: SourceRange?

  package init(name: String, value: String, range: SourceRange? = nil) {
    self.name = name
    self.value = value
    self.range = range
  }
}

extension OnRowError {
  /// Reads `on_error`.
  package init(_ option: SourceOption) throws(SQLError) {
    if option.value.hasPrefix("topic:") { throw .unsupported("on_error \"\(option.value)\"", at: option.range) }
    self =
      switch try option.choice(of: ["log", "skip", "stop"]) {
      case "skip": .skip
      case "stop": .stop
      default: .log
      }
  }
}

/// The options of one WITH clause, taken one by one; what is left at the end was not known.
package struct OptionReader {
  private let connector: String
  private var known: [String] = ["connector"]
  private var left: [SourceOption]

  package init(_ options: [SourceOption], connector: String) throws(SQLError) {
    self.connector = connector
    left = []
    for option in options {
      if left.contains(where: { $0.name == option.name }) {
        throw SQLError(.syntaxError, "option \"\(option.name)\" is given twice", at: option.range)
      }
      left.append(option)
    }
    left.removeAll { $0.name == "connector" }
  }

  package mutating func take(_ name: String) -> SourceOption? {
    known.append(name)
    guard let index = left.firstIndex(where: { $0.name == name }) else { return nil }
    return left.remove(at: index)
  }

  /// All options whose names begin with a prefix.
  package mutating func take(prefix: String) -> [SourceOption] {
    defer { left.removeAll { $0.name.hasPrefix(prefix) } }
    return left.filter { $0.name.hasPrefix(prefix) }
  }

  package mutating func require(_ name: String) throws(SQLError) -> SourceOption {
    if let option = take(name) { return option }
    throw SQLError(.syntaxError, "connector \"\(connector)\" needs the option \"\(name)\"")
  }

  /// Takes the format of records, which must be JSON.
  package mutating func requireFormat() throws(SQLError) {
    _ = try require("format").choice(of: ["json"], unsupported: ["csv", "delimited", "avro", "protobuf", "raw", "none"])
  }

  /// An integer of at least `least`.
  package mutating func integer(_ name: String, least: Int64) throws(SQLError) -> Int64? {
    guard let option = take(name) else { return nil }
    guard let value = Int64(option.value) else { throw option.invalid("an integer") }
    guard value >= least else { throw option.invalid("an integer of at least \(least)") }
    return value
  }

  package mutating func boolean(_ name: String) throws(SQLError) -> Bool? {
    guard let option = take(name) else { return nil }
    guard let value = try? Bool(sqlText: option.value) else { throw option.invalid("a boolean") }
    return value
  }

  /// Refuses what nobody took.
  package func finish() throws(SQLError) {
    guard let option = left.first else { return }
    if Self.promised.contains(option.name) {
      throw .unsupported("option \"\(option.name)\" of connector \"\(connector)\"", at: option.range)
    }
    throw SQLError(
      .syntaxError, "connector \"\(connector)\" has no option \"\(option.name)\"",
      hint: Nearest.hint(for: option.name, among: known), at: option.range)
  }

  /// Options of DIALECT §9 for every connector that nothing here acts on yet.
  private static let promised: Set<String> = [
    "key_format", "idle_timeout", "max_ahead", "advance_when_idle", "late_retention", "error_retention", "retention",
  ]
}

extension SourceOption {
  package func invalid(_ wanted: String) -> SQLError {
    SQLError(.invalidParameterValue, "option \"\(name)\" is not \(wanted): \"\(value)\"", at: range)
  }

  /// The value as one of `names`; 0A000 for one of `unsupported`, else 22023 with the nearest as a hint.
  package func choice(of names: [String], unsupported: [String] = []) throws(SQLError) -> String {
    if names.contains(value) { return value }
    if unsupported.contains(value) { throw .unsupported("\(name) \"\(value)\"", at: range) }
    throw SQLError(
      .invalidParameterValue, "option \"\(name)\" has no value \"\(value)\"",
      hint: Nearest.hint(for: value, among: names + unsupported), at: range)
  }
}
