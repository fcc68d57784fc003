import SQLTypes

/// A setting of a session: what it may be set to.
struct Setting: Sendable {
  enum Rule: Sendable {
    case anything
    /// These, in any case of letters; others are 0A000, for nothing would become of them.
    case oneOf([String])
    /// Told to clients, never set.
    case fixed
  }

  let name: String
  let initial: String
  let rule: Rule
  let description: String

  /// The value as it is kept.
  ///
  /// - Errors: 55P02 for a fixed setting, 0A000 for a value that this build does not honour.
  func accepted(_ value: String) throws(SQLError) -> String {
    switch rule {
    case .anything: return value
    case .fixed:
      if value.lowercased() == initial.lowercased() { return initial }
      throw SQLError(SQLState("55P02"), "parameter \"\(name)\" cannot be changed")
    case .oneOf(let values):
      if let known = values.first(where: { $0.lowercased() == value.lowercased() }) { return known }
      throw .unsupported(
        "\(name) = \(value)", hint: "It can be \(values.map { "\"\($0)\"" }.joined(separator: ", ")).", at: nil)
    }
  }
}

/// The settings that this build knows, and one session's values of them.
struct Settings: Sendable {
  private var values: [String: String] = [:] {
    didSet { version += 1 }
  }
  /// Another one after each change.
  private(set) var version: UInt64 = 0
  private var committed: [String: String] = [:]
  /// What RESET goes back to, where it is not a setting's own initial value: what the client said as it connected.
  private var atStart: [String: String] = [:]

  static let all: [Setting] = [
    Setting(name: "application_name", initial: "", rule: .anything, description: "Sets the application name to be reported."),
    Setting(name: "bytea_output", initial: "hex", rule: .oneOf(["hex"]), description: "Sets the output format for bytea."),
    Setting(name: "client_encoding", initial: "UTF8", rule: .oneOf(["UTF8", "UTF-8", "unicode", "SQL_ASCII"]), description: "Sets the client's encoding."),
    Setting(
      name: "client_min_messages", initial: "notice", rule: .oneOf(["notice", "warning", "error"]),
      description: "Sets the least severity of messages that are sent."),
    Setting(name: "DateStyle", initial: "ISO, MDY", rule: .oneOf(["ISO, MDY", "ISO"]), description: "Sets how dates are shown."),
    Setting(
      name: "default_transaction_isolation", initial: "read committed", rule: .oneOf(["read committed"]),
      description: "Sets the isolation of new transactions."),
    Setting(
      name: "default_transaction_read_only", initial: "off", rule: .oneOf(["off", "false"]),
      description: "Sets whether new transactions only read."),
    Setting(
      name: "extra_float_digits", initial: "1", rule: .oneOf(["1", "2", "3"]),
      description: "Floats are shown with the fewest digits that read back the same."),
    Setting(name: "integer_datetimes", initial: "on", rule: .fixed, description: "Times are whole microseconds."),
    Setting(name: "IntervalStyle", initial: "postgres", rule: .oneOf(["postgres"]), description: "Sets how intervals are shown."),
    Setting(name: "is_superuser", initial: "on", rule: .fixed, description: "Whether the user may do everything."),
    Setting(name: "max_identifier_length", initial: "63", rule: .fixed, description: "The longest name in bytes."),
    Setting(
      name: "leat.background_ddl", initial: "off", rule: .oneOf(["on", "off", "true", "false"]),
      description: "Whether CREATE MATERIALIZED VIEW returns before the view is filled."),
    Setting(
      name: "search_path", initial: "public", rule: .oneOf(["public", "\"$user\", public", "$user, public"]),
      description: "Sets where names without a schema are looked up."),
    Setting(name: "server_encoding", initial: "UTF8", rule: .fixed, description: "The encoding of texts."),
    Setting(name: "server_version", initial: "15.0", rule: .fixed, description: "The version of PostgreSQL's behaviour."),
    Setting(name: "server_version_num", initial: "150000", rule: .fixed, description: "The same as a number."),
    Setting(name: "session_authorization", initial: "leat", rule: .fixed, description: "The user."),
    Setting(
      name: "standard_conforming_strings", initial: "on", rule: .oneOf(["on", "true"]),
      description: "Whether backslashes in quoted texts are themselves."),
    Setting(name: "statement_timeout", initial: "0", rule: .oneOf(["0"]), description: "Sets the longest time of a statement."),
    Setting(
      name: "synchronous_commit", initial: "on", rule: .oneOf(["on", "off", "true", "false"]),
      description: "Whether a commit is acknowledged, and seen, only when it is on the disk."),
    Setting(name: "TimeZone", initial: "UTC", rule: .oneOf(["UTC", "GMT", "Etc/UTC"]), description: "Sets the time zone."),
    Setting(
      name: "transaction_isolation", initial: "read committed", rule: .oneOf(["read committed"]),
      description: "The isolation of the current transaction."),
    Setting(
      name: "workers", initial: "1", rule: .fixed,
      description: "Threads that run the dataflow of a large tick; set by --workers."),
  ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name.lowercased(), $0) })

  /// - Errors: 42704 for a name that is none.
  static func setting(_ name: String) throws(SQLError) -> Setting {
    guard let setting = byName[name.lowercased()] else {
      throw SQLError(.undefinedObject, "unrecognized configuration parameter \"\(name)\"")
    }
    return setting
  }

  /// Those whose changes the protocol tells to clients, as PostgreSQL 15 does.
  static let reported = all.filter { setting in
    [
      "application_name", "client_encoding", "DateStyle", "default_transaction_read_only", "integer_datetimes", "IntervalStyle",
      "is_superuser", "server_encoding", "server_version", "session_authorization", "standard_conforming_strings", "TimeZone",
    ].contains(setting.name)
  }

  /// Whether a setting of this name is on.
  func isOn(_ name: String) -> Bool {
    guard let setting = Self.byName[name] else { preconditionFailure("there is a setting \(name)") }
    return ["on", "true"].contains(value(setting))
  }

  func value(_ setting: Setting) -> String { values[setting.name] ?? atStart[setting.name] ?? setting.initial }

  /// Takes a setting of the startup packet.
  mutating func begin(_ setting: Setting, _ value: String) throws(SQLError) {
    atStart[setting.name] = try setting.accepted(value)
  }

  /// nil sets it back to its initial value.
  mutating func set(_ setting: Setting, _ value: String?) throws(SQLError) {
    if let value { values[setting.name] = try setting.accepted(value) } else { values[setting.name] = nil }
  }

  mutating func resetAll() { values = [:] }

  /// What SET did in a transaction goes with it when that is rolled back.
  mutating func commit() { committed = values }
  mutating func rollBack() { values = committed }
}
