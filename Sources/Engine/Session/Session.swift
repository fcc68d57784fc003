import Dataflow
import Planner
import Platform
import SQLCatalog
import SQLSyntax
package import SQLTypes
import StateMemory

/// One client's conversation with the engine, on one thread; only its cancel token is for others.
package final class Session {
  /// As the wire tells it after each statement.
  package enum TransactionStatus: Sendable { case idle, inBlock, failed }

  let engine: Engine
  let cancelToken: CancelToken
  var settings = Settings()
  var block: TransactionBlock?
  /// Whether a statement that reads a source nobody has read yet starts it. Without, whoever runs the session hands the
  /// source's events over (`Engine.take`).
  package var startsSources = true

  init(_ engine: Engine, cancelToken: CancelToken) {
    self.engine = engine
    self.cancelToken = cancelToken
  }

  package var transactionStatus: TransactionStatus {
    guard let block else { return .idle }
    return block.isFailed ? .failed : .inBlock
  }

  /// Runs the statements of `text` in turn, each handed to `body` with its answer, up to the first that fails.
  ///
  /// - Returns: how many statements there were.
  /// - Errors: that statement's, its range in `text`.
  @discardableResult
  package func run(_ text: String, _ body: (StatementResult) throws(SQLError) -> Void) throws(SQLError) -> Int {
    let statements = Parser.parseScript(text)
    if block == nil && isOneTransaction(statements) {
      // As PostgreSQL: the statements of one text that all read and write rows are done together or not at all.
      block = TransactionBlock(TransactionModes(), at: engine.clock.wallMicroseconds)
      do throws(SQLError) {
        try runEach(statements, text, body)
        _ = try commit(andChain: false)
      } catch {
        block = nil
        throw error
      }
    } else {
      try runEach(statements, text, body)
    }
    return statements.count
  }

  private func runEach(
    _ statements: [ParsedStatement], _ text: String, _ body: (StatementResult) throws(SQLError) -> Void
  ) throws(SQLError) {
    for parsed in statements {
      let result = try failingBlock { () throws(SQLError) in try perform(try bind(parsed.result.get(), text, isDescribed: false)) }
      try body(result)
    }
  }

  /// Whether several statements, one of which writes, are one transaction without BEGIN: none opens, ends or refuses one.
  private func isOneTransaction(_ statements: [ParsedStatement]) -> Bool {
    if statements.count < 2 { return false }
    var writes = false
    for parsed in statements {
      guard case .success(let statement) = parsed.result else { continue }
      switch statement.kind {
      case .insert, .update, .delete: writes = true
      case .query(let query) where query.emit == nil: break
      default: return false
      }
    }
    return writes
  }

  /// Binds a text of one statement; nil if it holds none.
  ///
  /// - Errors: 42601 for several statements.
  package func prepare(_ text: String) throws(SQLError) -> PreparedStatement? {
    try failingBlock { () throws(SQLError) in
      let statements = Parser.parseScript(text)
      guard let first = statements.first else { return nil }
      if statements.count > 1 {
        throw SQLError(
          .syntaxError, "cannot insert multiple commands into a prepared statement", at: statements[1].range)
      }
      return try bind(first.result.get(), text, isDescribed: true)
    }
  }

  /// - Errors: a failing row's, or 57014 when cancelled.
  package func execute(_ statement: PreparedStatement) throws(SQLError) -> StatementResult {
    try failingBlock { () throws(SQLError) in try perform(statement) }
  }

  /// For whoever reads live rows: ends the statement if it has been cancelled.
  ///
  /// - Errors: 57014.
  package func checkCancelled() throws(SQLError) { try cancelToken.check() }

  /// After an error a transaction block only takes its end.
  private func failingBlock<Value>(_ body: () throws(SQLError) -> Value) throws(SQLError) -> Value {
    do throws(SQLError) { return try body() } catch {
      block?.fail()
      throw error
    }
  }

  /// - isDescribed: whether the columns of its answer are to be told before it runs. Statements other than queries are bound
  ///   when they run; bound here too, only what they answer and their errors would come of it.
  private func bind(_ statement: Statement, _ text: String, isDescribed: Bool) throws(SQLError) -> PreparedStatement {
    try refuseIfFailed(statement)
    let catalog = engine.published.catalog
    switch statement.kind {
    case .query(let query) where query.emit?.mode != .changes:
      let plan = try plan(query, catalog)
      return PreparedStatement(columns: plan.query.columns, statement: statement, text: text, plan: plan)
    case _ where !isDescribed: return PreparedStatement(columns: nil, statement: statement, text: text, plan: nil)
    case .query(let query):
      let following = try bindEmitChanges(query, catalog)
      return PreparedStatement(columns: following.allColumns, statement: statement, text: text, plan: nil)
    case .subscribe(let subscribe):
      let following = try bindSubscribe(subscribe, catalog)
      return PreparedStatement(columns: following.allColumns, statement: statement, text: text, plan: nil)
    case .insert, .update, .delete:
      let columns = try WritePlan(statement, catalog, statementTime()).returningColumns
      return PreparedStatement(columns: columns, statement: statement, text: text, plan: nil)
    case .explain: return PreparedStatement(columns: Self.explainColumns, statement: statement, text: text, plan: nil)
    case .show(let show):
      return PreparedStatement(columns: try Self.columns(of: show), statement: statement, text: text, plan: nil)
    default: return PreparedStatement(columns: nil, statement: statement, text: text, plan: nil)
    }
  }

  private func perform(_ prepared: PreparedStatement) throws(SQLError) -> StatementResult {
    let statement = prepared.statement
    cancelToken.clear()
    try refuseIfFailed(statement)
    switch statement.kind {
    case .query(let query) where query.emit?.mode == .changes:
      return try follow { (catalog) throws(SQLError) in try bindEmitChanges(query, catalog) }
    case .subscribe(let subscribe):
      return try follow { (catalog) throws(SQLError) in try bindSubscribe(subscribe, catalog) }
    case .query(let query):
      if let plan = prepared.plan, plan.isCurrent(engine.published.catalog) { return try select(plan.query) }
      let planned = try plan(query, engine.published.catalog).query
      if let columns = prepared.columns, planned.columns.map(\.type) != columns.map(\.type) {
        throw SQLError(.featureNotSupported, "cached plan must not change result type", at: statement.range)
      }
      return try select(planned)
    case .insert, .update, .delete: return try write(statement)
    case .createTable, .createView, .drop: return try changeCatalog(statement, prepared.text)
    case .begin(let modes): return try begin(modes, at: statement.range)
    case .commit(let andChain): return try commit(andChain: andChain)
    case .rollback(let andChain): return rollBack(andChain: andChain)
    case .set(let variable): return try set(variable, at: statement.range)
    case .reset(let name): return try reset(name)
    case .show(let show): return try self.show(show, prepared.columns)
    case .explain(let explain): return try self.explain(explain)
    default: throw .unsupported(statement.kind.name, at: statement.range)
    }
  }

  func plan(_ query: Query, _ catalog: Catalog) throws(SQLError) -> PreparedStatement.Plan {
    let time = statementTime()
    var context = BindingContext(names: catalog)
    context.statementTime = time
    let planned = try QueryBinder.plan(query, context: context)
    return PreparedStatement.Plan(query: planned, catalogVersion: catalog.version, isOfMoment: time.isRead)
  }

  /// What now() is in the statement that is bound: the same throughout a transaction, as in PostgreSQL.
  func statementTime() -> StatementTime {
    StatementTime(statementMoment)
  }

  var statementMoment: SQLTimestamp {
    SQLTimestamp(microseconds: block?.beganAtMicroseconds ?? engine.clock.wallMicroseconds)
  }

  private func refuseIfFailed(_ statement: Statement) throws(SQLError) {
    guard block?.isFailed == true else { return }
    switch statement.kind {
    case .commit, .rollback: return
    default:
      throw SQLError(
        .failedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
    }
  }

  // MARK: reading

  /// The tick that a statement reads: the newest, or that of a transaction with one view of everything.
  func reading() throws(SQLError) -> Reading {
    if let pinned = block?.pinned { return Reading(pinned.content, pinned.snapshot, pending: block?.pending ?? PendingChanges()) }
    let (content, snapshot) = try engine.published.read(on: engine.space.snapshots)
    if block?.pinsItsTick == true { block?.pinned = (content, snapshot) }
    return Reading(content, snapshot, pending: block?.pending ?? PendingChanges())
  }

  private func select(_ query: PlannedQuery) throws(SQLError) -> StatementResult {
    try startSources(query.plan.relations)
    let reading = try reading()
    var result = StatementResult(columns: query.columns, tag: "")
    result.batches = try reading.rows(of: query, access: .queue(engine, cancelToken), cancelToken)
    result.notices = reading.warnings(query.plan)
    result.tag = "SELECT \(result.rowCount)"
    return result
  }

  // MARK: the catalog

  private func changeCatalog(_ statement: Statement, _ text: String) throws(SQLError) -> StatementResult {
    if block != nil {
      throw .unsupported("\(statement.kind.name) in a transaction block", at: statement.range)
    }
    while true {
      try cancelToken.check()
      switch try CatalogBinder(engine.published.catalog).bind(statement, text) {
      case .nothing(let notices, let tag): return StatementResult(tag: tag, notices: notices)
      case .request(var request, let notices, let tag):
        request.isBackground = settings.isOn("leat.background_ddl")
        let reply = Reply<CatalogOutcome>()
        try engine.submit(.catalog(request, reply), cancelToken)
        let outcome = try reply.wait(cancelToken) { () throws(SQLError) in
          try engine.submit(.cancelJob(ObjectIdentifier(reply)))
        }
        switch outcome {
        case .stale: continue
        case .applied:
          if case .create(let relation, let query?, let orReplace) = request.change {
            do throws(SQLError) { try startSources(query.plan.relations, waits: !request.isBackground) } catch {
              if error.state == .queryCanceled && !orReplace { takeBack(relation) }
              throw error
            }
          }
          return StatementResult(tag: tag, notices: notices)
        case .begun:
          if case .create(_, let query?, _) = request.change { try startSources(query.plan.relations, waits: false) }
          let notice = Notice(
            severity: .notice, state: SQLState("00000"), message: "the view is being filled; leat.jobs tells how far it is")
          return StatementResult(tag: tag, notices: notices + [notice])
        }
      }
    }
  }

  /// Drops a view whose creation was cancelled while its sources' first rows came in. What others have built on it since
  /// keeps it.
  private func takeBack(_ relation: Relation) {
    let text = "DROP MATERIALIZED VIEW \(relation.name.asIdentifier)"
    guard case .success(let statement)? = Parser.parseScript(text).first?.result else { return }
    while case .request(let request, _, _)? = try? CatalogBinder(engine.published.catalog).bind(statement, text) {
      let reply = Reply<CatalogOutcome>()
      do throws(SQLError) {
        try engine.submit(.catalog(request, reply))
        if case .stale = try reply.wait() { continue }
      } catch { return }
      return
    }
  }

  /// Starts sources that nobody has read yet, and waits until what they hold has been taken in (DESIGN §9.10).
  func startSources(_ relations: Set<RelationID>, waits: Bool = true) throws(SQLError) {
    let waiting = engine.published.waitingSources.intersection(relations)
    if waiting.isEmpty || !startsSources { return }
    let reply = Reply<Void>()
    try engine.submit(.startSources(waiting.sorted(), reply), cancelToken)
    if waits { try reply.wait(cancelToken) }
  }
}
