package import Columnar
package import Planner
import SQLSyntax
package import SQLTypes
import Synchronization

/// What a statement answers.
package struct StatementResult: Sendable {
  /// Empty for a statement that answers no rows.
  package var columns: [OutputColumn]
  package var batches: [Batch]
  /// PostgreSQL's command tag: `SELECT 1`.
  package var tag: String

  package var rowCount: Int { batches.reduce(0) { $0 + $1.count } }
}

/// A statement that is planned and can be run any number of times.
package struct PreparedStatement: Sendable {
  /// Empty for a statement that answers no rows.
  package var columns: [OutputColumn] { query.columns }
  let query: PlannedQuery
}

/// Ends the statement that a session is running, from any thread.
package final class CancelToken: Sendable {
  private let flag = Atomic(false)
  package init() {}
  package func cancel() { flag.store(true, ordering: .relaxed) }
  func clear() { flag.store(false, ordering: .relaxed) }

  /// - Errors: 57014 if `cancel` was called since the statement began.
  func check() throws(SQLError) {
    if flag.load(ordering: .relaxed) {
      throw SQLError(.queryCanceled, "canceling statement due to user request")
    }
  }
}

/// One client's conversation with the engine, on one thread; only its cancel token is for others.
package final class Session {
  private let cancelToken: CancelToken

  package init(cancelToken: CancelToken = CancelToken()) { self.cancelToken = cancelToken }

  /// Runs the statements of `text` in turn, each handed to `body` with its answer, up to the first that fails.
  ///
  /// - Returns: how many statements there were.
  /// - Errors: that statement's, its range in `text`.
  @discardableResult
  package func run(_ text: String, _ body: (StatementResult) throws(SQLError) -> Void) throws(SQLError) -> Int {
    let statements = Parser.parseScript(text)
    for parsed in statements {
      try body(try execute(try plan(parsed.result.get())))
    }
    return statements.count
  }

  /// Plans a text of one statement; nil if it holds none.
  ///
  /// - Errors: 42601 for several statements.
  package func prepare(_ text: String) throws(SQLError) -> PreparedStatement? {
    let statements = Parser.parseScript(text)
    guard let first = statements.first else { return nil }
    if statements.count > 1 {
      throw SQLError(
        .syntaxError, "cannot insert multiple commands into a prepared statement", at: statements[1].range)
    }
    return try plan(first.result.get())
  }

  /// - Errors: a failing row's, or 57014 when cancelled.
  package func execute(_ statement: PreparedStatement) throws(SQLError) -> StatementResult {
    cancelToken.clear()
    let batches = try PlanRun.rows(of: statement.query.plan, cancelToken)
    var result = StatementResult(columns: statement.columns, batches: batches, tag: "")
    result.tag = "SELECT \(result.rowCount)"
    return result
  }

  private func plan(_ statement: Statement) throws(SQLError) -> PreparedStatement {
    switch statement.kind {
    case .query(let query):
      return PreparedStatement(query: try QueryBinder.plan(query))
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
