import Expressions
import SQLTypes

/// Functions that tell of the session, made for one statement, and those that write SQL's names and texts.
struct SessionFunctions {
  let facts: SessionFacts

  static let names: Set<String> = [
    "current_database", "current_schema", "current_setting", "pg_backend_pid", "version", "pg_is_in_recovery", "pg_client_encoding",
  ]

  /// Those of PostgreSQL's that would need arrays, or change something while they are evaluated.
  static let refused: Set<String> = ["current_schemas", "set_config", "txid_current", "pg_current_xact_id"]

  func overloads(_ name: String) -> [Overload] {
    switch name {
    case "current_database": [constant(name, .catalogText(.name), .text(facts.database))]
    case "current_schema": [constant(name, .catalogText(.name), .text("public"))]
    case "pg_client_encoding": [constant(name, .catalogText(.name), .text("UTF8"))]
    case "version": [constant(name, .text, .text(SessionFacts.version))]
    case "pg_backend_pid": [constant(name, .integer, .integer(Int64(facts.processID)))]
    case "pg_is_in_recovery": [constant(name, .boolean, .boolean(false))]
    case "current_setting": settings
    default: []
    }
  }

  private func constant(_ name: String, _ type: SQLType, _ value: SystemValue) -> Overload {
    Overload(ScalarFunction.byRow(name, [], type) { _ in value })
  }

  private var settings: [Overload] {
    let values = Dictionary(facts.settings().map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
    let read: @Sendable ([SystemValue]) throws(SQLError) -> SystemValue = { (arguments) throws(SQLError) in
      guard case .text(let name) = arguments[0] else { return .null }
      if let value = values[name.lowercased()] { return .text(value) }
      if arguments.count == 2, arguments[1] == .boolean(true) { return .null }
      throw SQLError(.undefinedObject, "unrecognized configuration parameter \"\(name)\"")
    }
    return [[SQLType.text], [.text, .boolean]].map { Overload(ScalarFunction.byRow("current_setting", $0, .text, read)) }
  }

  /// Those that ask nobody.
  static let plain: [String: [Overload]] = Dictionary(grouping: [
    text("quote_ident") { quotedIdentifier($0) },
    text("quote_literal") { quotedLiteral($0) },
    Overload(ScalarFunction.byRow("quote_nullable", [.text], .text, takesNulls: true) { arguments in
      if case .text(let text) = arguments[0] { .text(quotedLiteral(text)) } else { .text("NULL") }
    }),
    Overload(ScalarFunction.byRow("pg_size_pretty", [.bigint], .text) { arguments in
      if case .integer(let bytes) = arguments[0] { .text(size(bytes)) } else { .null }
    }),
  ]) { $0.function.name }

  private static func text(_ name: String, _ body: @escaping @Sendable (String) -> String) -> Overload {
    Overload(ScalarFunction.byRow(name, [.text], .text) { arguments in
      if case .text(let text) = arguments[0] { .text(body(text)) } else { .null }
    })
  }

  /// In quotes; with a backslash in it, as an E'' text in which each is doubled, as PostgreSQL does it.
  static func quotedLiteral(_ text: String) -> String {
    var result = text.unicodeScalars.contains("\\") ? "E'" : "'"
    for scalar in text.unicodeScalars {
      if scalar == "'" || scalar == "\\" { result.unicodeScalars.append(scalar) }
      result.unicodeScalars.append(scalar)
    }
    return result + "'"
  }

  /// `pg_size_pretty`: in the first unit of which there are few enough, rounded half away from zero.
  static func size(_ bytes: Int64) -> String {
    if bytes.magnitude < 10 * 1024 { return "\(bytes) bytes" }
    // Above bytes, the number has one bit more than it shows, for the rounding.
    var halves = bytes / 512
    var units = ["kB", "MB", "GB", "TB", "PB"][...]
    while units.count > 1, halves.magnitude >= 20 * 1024 - 1 {
      halves /= 1024
      units = units.dropFirst()
    }
    return "\((halves + (halves < 0 ? -1 : 1)) / 2) \(units.first ?? "")"
  }
}
