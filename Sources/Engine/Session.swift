package import Columnar
package import Planner
import SQLSyntax
package import SQLTypes

/// What a statement answers.
package struct StatementResult: Sendable {
  /// Empty for a statement that answers no rows.
  package var columns: [OutputColumn]
  package var batches: [Batch]
  /// PostgreSQL's command tag: `SELECT 1`.
  package var tag: String

  package var rowCount: Int { batches.reduce(0) { $0 + $1.count } }
}

/// One client's conversation with the engine.
package final class Session {
  package init() {}

  /// Runs the statements of `text` in turn, each handed to `body` with its answer, up to the first that fails.
  ///
  /// - Errors: that statement's, its range in `text`.
  package func run(_ text: String, _ body: (StatementResult) throws(SQLError) -> Void) throws(SQLError) {
    for parsed in Parser.parseScript(text) {
      try body(try run(parsed.result.get()))
    }
  }

  private func run(_ statement: Statement) throws(SQLError) -> StatementResult {
    switch statement.kind {
    case .query(let query):
      let planned = try QueryBinder.plan(query)
      let batches = try PlanRun.rows(of: planned.plan)
      var result = StatementResult(columns: planned.columns, batches: batches, tag: "")
      result.tag = "SELECT \(result.rowCount)"
      return result
    default: throw .unsupported(Self.name(of: statement.kind), at: statement.range)
    }
  }

  /// What a refusal calls a statement that this build does not run.
  private static func name(of kind: Statement.Kind) -> String {
    switch kind {
    case .query: "SELECT"
    case .createView(let view): view.isMaterialized ? "CREATE MATERIALIZED VIEW" : "CREATE VIEW"
    case .createTable(let table): "CREATE \(table.kind.rawValue)"
    case .drop: "DROP"
    case .insert: "INSERT"
    case .update: "UPDATE"
    case .delete: "DELETE"
    case .begin: "BEGIN"
    case .commit: "COMMIT"
    case .rollback: "ROLLBACK"
    case .subscribe: "SUBSCRIBE"
    case .explain: "EXPLAIN"
    case .show: "SHOW"
    case .set: "SET"
    case .reset: "RESET"
    case .describe: "DESCRIBE"
    case .prepare: "PREPARE"
    case .execute: "EXECUTE"
    case .deallocate: "DEALLOCATE"
    case .declareCursor: "DECLARE"
    case .fetch: "FETCH"
    case .closeCursor: "CLOSE"
    case .copy: "COPY"
    case .discard: "DISCARD"
    case .unsupported(let name): name
    }
  }
}
