package import Columnar
package import Planner
import Platform
import SQLCatalog
import SQLSyntax
package import SQLTypes
import Synchronization

/// Something that a statement tells beside its answer.
package struct Notice: Sendable {
  package var severity: Severity
  package var state: SQLState
  package var message: String
}

/// What a statement answers.
package struct StatementResult {
  /// nil for a statement that answers no rows.
  package var columns: [OutputColumn]?
  package var batches: [Batch] = []
  /// PostgreSQL's command tag: `SELECT 1`.
  package var tag: String
  package var notices: [Notice] = []
  /// Rows that go on coming; then `batches` is empty.
  package var live: LiveRows?

  /// Whether its tag counts the rows that a client fetched.
  package var isQuery: Bool { tag.hasPrefix("SELECT ") }
  package init(
    columns: [OutputColumn]? = nil, batches: [Batch] = [], tag: String, notices: [Notice] = [], live: LiveRows? = nil
  ) {
    self.columns = columns
    self.batches = batches
    self.tag = tag
    self.notices = notices
    self.live = live
  }

  package var rowCount: Int { batches.reduce(0) { $0 + $1.count } }
}

/// A statement that is bound and can be run any number of times; it is bound again when the catalog has changed.
package struct PreparedStatement: Sendable {
  /// nil for a statement that answers no rows, or that was not bound to be described.
  package let columns: [OutputColumn]?
  let statement: Statement
  /// What the statement's ranges refer to.
  let text: String
  /// A query's plan; it is used as long as it is current.
  let plan: Plan?

  /// A query's plan, and the catalog that it was made under.
  struct Plan: Sendable {
    var query: PlannedQuery
    var catalogVersion: UInt64
    /// Whether it has now() in it, as it was when it was made.
    var isOfMoment: Bool

    func isCurrent(_ catalog: Catalog) -> Bool { catalogVersion == catalog.version && !isOfMoment }
  }
}

/// Ends the statement that a session is running, from any thread.
package final class CancelToken: Sendable {
  private let flag = Atomic(false)
  private let waits = Mutex(Cancellation())
  package init() {}

  package func cancel() {
    flag.store(true, ordering: .relaxed)
    waits.withLock { $0 }.cancel()
  }

  func clear() {
    waits.withLock { if $0.isCancelled { $0 = Cancellation() } }
    flag.store(false, ordering: .relaxed)
  }

  /// Ends the waits of the statement that is running.
  var cancellation: Cancellation { waits.withLock { $0 } }

  static let error = SQLError(.queryCanceled, "canceling statement due to user request")

  /// - Errors: 57014 if `cancel` was called since the statement began.
  func check() throws(SQLError) {
    if flag.load(ordering: .relaxed) { throw Self.error }
  }
}

extension Statement.Kind {
  /// What a refusal calls a statement that this build does not run.
  var name: String {
    switch self {
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
