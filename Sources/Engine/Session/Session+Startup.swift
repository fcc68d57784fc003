package import SQLTypes

/// What a client says as it connects.
extension Session {
  /// Takes who the client says to be, and the startup packet's settings; what the client sets is what RESET goes back to.
  ///
  /// - Returns: what the client is to be told. A time zone other than UTC does not end the connection, because drivers send
  ///   the one of their machine whether anybody cares or not: times are then shown in UTC, and the client is warned.
  /// - Errors: 42704 for a setting that is none, 0A000 and 55P02 for a value that this build does not honour, 42601 for
  ///   `options` that cannot be read.
  package func begin(
    as identity: SessionIdentity, settings given: [(name: String, value: String)]
  ) throws(SQLError) -> [Notice] {
    self.identity = identity
    var notices: [Notice] = []
    for (name, value) in given {
      switch name {
      case "user", "database": continue
      case "replication":
        if ["0", "off", "false", "no"].contains(value.lowercased()) { continue }
        throw .unsupported("the replication protocol", at: nil)
      case "options":
        for (name, value) in try Self.options(value) { try begin(name, value, &notices) }
      default: try begin(name, value, &notices)
      }
    }
    return notices
  }

  private func begin(_ name: String, _ value: String, _ notices: inout [Notice]) throws(SQLError) {
    let setting = try Settings.setting(name)
    do throws(SQLError) { try settings.begin(setting, value) } catch {
      guard setting.name == "TimeZone", error.state == .featureNotSupported else { throw error }
      notices.append(
        Notice(
          severity: .warning, state: .warning,
          message: "time zone \"\(value)\" is not supported: times are shown in \(setting.initial)"))
    }
  }

  /// The settings of `-c name=value` and `--name=value`, as PostgreSQL's command line has them: a backslash keeps the blank
  /// behind it.
  private static func options(_ text: String) throws(SQLError) -> [(name: String, value: String)] {
    var words: [String] = []
    var word = ""
    var isEscaped = false
    for character in text {
      if isEscaped {
        word.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character.isWhitespace {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    if !word.isEmpty { words.append(word) }
    var settings: [(name: String, value: String)] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      let assignment: Substring?
      if word == "-c" {
        assignment = rest.popFirst()?[...]
      } else if word.hasPrefix("--") || word.hasPrefix("-c") {
        assignment = word.dropFirst(2)
      } else {
        assignment = nil
      }
      guard let parts = assignment?.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false), parts.count == 2 else {
        throw SQLError(.syntaxError, "invalid command-line argument for server process: \(word)")
      }
      settings.append((parts[0].split(separator: "-").joined(separator: "_"), String(parts[1])))
    }
    return settings
  }

  /// The settings whose changes clients are told, as they are.
  package var reportedSettings: [(name: String, value: String)] {
    let current = currentSettings
    return Settings.reported.map { ($0.name, current.value($0)) }
  }

  /// As long as this stays, so do the settings that clients are told.
  package var settingsVersion: UInt64 { settings.version }
}
