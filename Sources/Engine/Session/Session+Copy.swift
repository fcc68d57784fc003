import Expressions
import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes

/// COPY … TO STDOUT: of a relation, a query, or a subscription, whose lines come until the client has enough.
extension Session {
  /// - Errors: 0A000 for COPY FROM, for a file of the server's, and for what RETURNING answers.
  func copy(_ copy: Copy, _ facts: StatementFacts, at range: SourceRange) throws(SQLError) -> StatementResult {
    if copy.isFrom { throw .unsupported("COPY FROM", at: range) }
    if case .file = copy.endpoint {
      throw .unsupported("COPY to a file of the server", hint: "COPY … TO STDOUT is, and the shell's \\copy.", at: range)
    }
    let format = try CopyFormat(copy.options)
    var result: StatementResult
    switch copy.source {
    case .table(let name, let columns):
      let query = Query(QueryBody(.table(name), name.range), name.range)
      let planned = try plan(query, facts, catalog).query
      result = try select(columns.isEmpty ? planned : planned.selecting(columns))
    case .query(let statement):
      switch statement.kind {
      case .query(let query) where query.emit?.mode == .changes:
        result = try follow { (catalog) throws(SQLError) in try bindEmitChanges(query, facts.context(catalog)) }
      case .subscribe(let subscribe):
        result = try follow { (catalog) throws(SQLError) in try bindSubscribe(subscribe, facts.context(catalog)) }
      case .query(let query): result = try select(plan(query, facts, catalog).query)
      default: throw .unsupported("COPY of \(statement.kind.name)", at: statement.range)
      }
    }
    result.copyFormat = format
    result.tag = "COPY \(result.rowCount)"
    return result
  }
}

extension PlannedQuery {
  /// Those of its columns that are named, in this order.
  ///
  /// - Errors: 42703 for one that it does not have, 42701 for one that stands twice.
  fileprivate func selecting(_ names: [Identifier]) throws(SQLError) -> PlannedQuery {
    var chosen: [Int] = []
    for name in names {
      guard let index = columns.firstIndex(where: { $0.name == name.name }) else {
        throw SQLError(
          .undefinedColumn, "column \"\(name.name)\" does not exist",
          hint: Nearest.hint(for: name.name, among: columns.map(\.name)), at: name.range)
      }
      if chosen.contains(index) {
        throw SQLError(.duplicateColumn, "column \"\(name.name)\" specified more than once", at: name.range)
      }
      chosen.append(index)
    }
    return PlannedQuery(
      plan: .project(plan, chosen.map { .column($0, plan.types[$0]) }), columns: chosen.map { columns[$0] })
  }
}
