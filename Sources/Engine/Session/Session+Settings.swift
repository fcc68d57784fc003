import Columnar
import Expressions
import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes

extension Session {
  func set(_ variable: SetVariable, at range: SourceRange) throws(SQLError) -> StatementResult {
    if case .transaction(let modes) = variable.value { return try setTransaction(modes, variable.scope, at: range) }
    let setting = try Self.located(variable.name)
    if variable.scope == .local && block == nil {
      return StatementResult(tag: "SET", notices: [
        Notice(severity: .warning, state: .noActiveTransaction, message: "SET LOCAL can only be used in transaction blocks")
      ])
    }
    if variable.scope == .local { throw .unsupported("SET LOCAL", at: range) }
    do throws(SQLError) {
      switch variable.value {
      case .defaultValue: try settings.set(setting, nil)
      case .values(let values): try settings.set(setting, values.map(Self.text).joined(separator: ", "))
      case .transaction: preconditionFailure("handled above")
      }
    } catch { throw error.located(at: variable.name.range) }
    if block == nil { settings.commit() }
    return StatementResult(tag: "SET")
  }

  /// `SET TRANSACTION` before the transaction's first statement.
  private func setTransaction(
    _ modes: TransactionModes, _ scope: SetVariable.Scope?, at range: SourceRange
  ) throws(SQLError) -> StatementResult {
    if scope == .session { throw .unsupported("SET SESSION CHARACTERISTICS", at: range) }
    guard let current = block else {
      return StatementResult(tag: "SET", notices: [
        Notice(severity: .warning, state: .noActiveTransaction, message: "SET TRANSACTION can only be used in transaction blocks")
      ])
    }
    if current.pinned != nil || !current.pending.isEmpty {
      throw SQLError(.activeTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query", at: range)
    }
    if let isolation = modes.isolation { block?.isolation = isolation }
    if let isReadOnly = modes.isReadOnly { block?.isReadOnly = isReadOnly }
    return StatementResult(tag: "SET")
  }

  func reset(_ name: ObjectName?) throws(SQLError) -> StatementResult {
    if let name { try settings.set(Self.located(name), nil) } else { settings.resetAll() }
    if block == nil { settings.commit() }
    return StatementResult(tag: "RESET")
  }

  static func columns(of show: Show) throws(SQLError) -> [OutputColumn] {
    switch show {
    case .setting(let name): [OutputColumn(name: try located(name).name, type: .text)]
    case .all: ["name", "setting", "description"].map { OutputColumn(name: $0, type: .text) }
    case .objects(.tables), .objects(.streams), .objects(.views), .objects(.materializedViews):
      ["schema", "name", "kind"].map { OutputColumn(name: $0, type: .text) }
    case .objects(let objects): throw .unsupported("SHOW \(objects.rawValue)", at: nil)
    case .create: ["name", "statement"].map { OutputColumn(name: $0, type: .text) }
    }
  }

  func show(_ show: Show, _ given: [OutputColumn]?) throws(SQLError) -> StatementResult {
    let columns = if let given { given } else { try Self.columns(of: show) }
    var rows: [[SystemValue]]
    switch show {
    case .setting(let name): rows = [[.text(currentSettings.value(try Self.located(name)))]]
    case .all:
      let current = currentSettings
      rows = Settings.all.map { [.text($0.name), .text(current.value($0)), .text($0.description)] }
    case .objects(let objects):
      rows = catalog.user.filter { objects.includes($0.kind.rawValue) }.map {
        [.text($0.schema), .text($0.name), .text($0.kind.rawValue)]
      }
    case .create(_, let name):
      guard let relation = catalog.relation(schema: name.schema, name: name.last.name), relation.kind != .system else {
        throw SQLError(.undefinedTable, "relation \"\(name.last.name)\" does not exist", at: name.range)
      }
      rows = [[.text(relation.name), .text(relation.statement)]]
    }
    return StatementResult(columns: columns, batches: [Batch(rows, types: columns.map(\.type))], tag: "SHOW")
  }

  private static func located(_ name: ObjectName) throws(SQLError) -> Setting {
    do throws(SQLError) {
      return try Settings.setting(name.parts.dotted)
    } catch { throw error.located(at: name.range) }
  }

  private static func text(_ value: Expr) -> String {
    switch value.kind {
    case .string(let text), .integer(let text), .decimal(let text): text
    case .boolean(let value): value ? "on" : "off"
    default: Printer.print(value)
    }
  }

  // MARK: EXPLAIN

  static let explainColumns = [OutputColumn(name: "QUERY PLAN", type: .text)]

  func explain(_ explain: Explain, _ facts: StatementFacts) throws(SQLError) -> StatementResult {
    if let option = explain.options.first { throw .unsupported("EXPLAIN (\(option.name.uppercased()))", at: option.nameRange) }
    guard case .query(let query) = explain.statement.kind else {
      throw .unsupported("EXPLAIN of \(explain.statement.kind.name)", at: explain.statement.range)
    }
    let catalog = self.catalog
    let planned = try plan(query, facts, catalog).query
    let text = PlanPrinter.print(planned, relation: { catalog[$0] })
    let rows = text.split(separator: "\n").map { [SystemValue.text(String($0))] }
    return StatementResult(columns: Self.explainColumns, batches: [Batch(rows, types: [.text])], tag: "EXPLAIN")
  }
}

extension ShowObjects {
  fileprivate func includes(_ kind: String) -> Bool {
    switch self {
    case .tables: kind == "table"
    case .streams: kind == "stream"
    case .views: kind == "view" || kind == "materialized view"
    case .materializedViews: kind == "materialized view"
    default: false
    }
  }
}
