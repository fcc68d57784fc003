import Columnar
import Expressions
import SQLSyntax
import SQLTypes

/// Functions that tell of the session, made for one statement.
struct SessionFunctions {
  let facts: SessionFacts

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

  /// `quote_ident` asks nobody: it is here because it knows the keywords.
  static let quoteIdentifier = Overload(
    ScalarFunction("quote_ident", [.text], .text, neverFails: true) { arguments, _ in
      FunctionOutput(.quotedIdentifiers(arguments[0]) { !Keywords.canNameColumn($0) || !Keywords.canNameFunction($0) })
    })
}
