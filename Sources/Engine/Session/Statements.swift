package import Columnar
import Expressions
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
  /// The rows are to be sent as lines of COPY … TO STDOUT.
  package var copyFormat: CopyFormat?
  /// What became of the names of prepared statements, which the wire keeps too.
  package var nameChange: NameChange?

  package enum NameChange: Sendable {
    case prepared(String, PreparedStatement)
    case deallocated(String)
    case deallocatedAll
  }

  /// Whether its tag counts the rows that a client fetched.
  package var isQuery: Bool { tag.hasPrefix("SELECT ") }
  package init(
    columns: [OutputColumn]? = nil, batches: [Batch] = [], tag: String, notices: [Notice] = [], live: LiveRows? = nil,
    nameChange: NameChange? = nil
  ) {
    self.columns = columns
    self.batches = batches
    self.tag = tag
    self.notices = notices
    self.live = live
    self.nameChange = nameChange
  }

  package var rowCount: Int { batches.reduce(0) { $0 + $1.count } }
}

/// A statement that can be run any number of times; it is bound again when the catalog has changed, or for its values.
package struct PreparedStatement: Sendable {
  let statement: Statement
  /// What the statement's ranges refer to.
  let text: String
  /// Of the catalog that it was described under; 0: it was not described.
  var catalogVersion: UInt64 = 0
  /// nil for a statement that answers no rows, or that was not described.
  package var columns: [OutputColumn]?
  /// The types of its parameters.
  package var parameterTypes: [SQLType] = []
  /// A query's plan, if it has no parameters; it is used as long as it is current.
  var plan: Plan?

  /// A query's plan, and the catalog that it was made under.
  struct Plan: Sendable {
    var query: PlannedQuery
    var catalogVersion: UInt64
    /// Whether it has now() in it, as it was when it was made.
    var isOfMoment: Bool

    func isCurrent(_ catalog: Catalog) -> Bool { catalogVersion == catalog.version && !isOfMoment }
  }
}

/// What a statement is bound with besides its text and the catalog.
struct StatementFacts: Sendable {
  /// What now() is.
  var moment: SQLTimestamp
  /// Who asks.
  var session: SessionFacts
  /// What its parameters are, constants of one row each; nil where it can have none.
  var values: [BoundExpression]?

  func context(_ names: Catalog) -> BindingContext {
    var context = BindingContext(names: names)
    context.statementTime = StatementTime(moment)
    var session = session
    session.catalog = names
    context.session = session
    context.parameters = values.map { QueryParameters(values: $0) }
    return context
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

  /// Whether `cancel` was called since the statement began.
  var isCancelled: Bool { flag.load(ordering: .relaxed) }

  /// - Errors: 57014 if `cancel` was called since the statement began.
  func check() throws(SQLError) {
    if isCancelled { throw Self.error }
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
    case .waitFor: "WAIT FOR"
    case .closeCursor: "CLOSE"
    case .copy: "COPY"
    case .discard: "DISCARD"
    case .unsupported(let name): name
    }
  }
}
