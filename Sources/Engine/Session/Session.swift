import Connectors
import Dataflow
import Expressions
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
  /// Statements that have names, given by PREPARE or by the wire's Parse.
  var namedStatements: [String: PreparedStatement] = [:]
  /// Cursors that outlive the transaction that declared them.
  var heldCursors: [String: Cursor] = [:]
  /// Whether a statement that reads a source nobody has read yet starts it. Without, whoever runs the session hands the
  /// source's events over (`Engine.take`).
  package var startsSources = true
  /// Whom the client says to be, to which database it says to come, and the number under which it is cancelled.
  package var identity = SessionIdentity()

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
      let result = try failingBlock { () throws(SQLError) in try perform(try bind(parsed.result.get(), text)) }
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

  /// For whoever reads live rows: ends the statement if it has been cancelled.
  ///
  /// - Errors: 57014.
  package func checkCancelled() throws(SQLError) { try cancelToken.check() }

  /// After an error a transaction block only takes its end.
  func failingBlock<Value>(_ body: () throws(SQLError) -> Value) throws(SQLError) -> Value {
    do throws(SQLError) { return try body() } catch {
      block?.fail()
      throw error
    }
  }

  /// What a statement of a text that is run at once needs: a query its plan.
  private func bind(_ statement: Statement, _ text: String) throws(SQLError) -> PreparedStatement {
    guard case .query(let query) = statement.kind, query.emit?.mode != .changes else {
      return PreparedStatement(statement: statement, text: text)
    }
    try refuseIfFailed(statement)
    let plan = try plan(query, facts(), catalog)
    return PreparedStatement(statement: statement, text: text, columns: plan.query.columns, plan: plan)
  }

  /// - values: what its parameters are; nil where it can have none.
  func perform(_ prepared: PreparedStatement, _ values: [BoundExpression]? = nil) throws(SQLError) -> StatementResult {
    let statement = prepared.statement
    let facts = facts(values)
    cancelToken.clear()
    try refuseIfFailed(statement)
    switch statement.kind {
    case .query(let query) where query.emit?.mode == .changes:
      return try follow { (catalog) throws(SQLError) in try bindEmitChanges(query, facts.context(catalog)) }
    case .subscribe(let subscribe):
      return try follow { (catalog) throws(SQLError) in try bindSubscribe(subscribe, facts.context(catalog)) }
    case .query(let query): return try select(try currentPlan(prepared, query, facts))
    case .insert, .update, .delete: return try write(statement, facts)
    case .createTable, .createView, .drop: return try changeCatalog(statement, prepared.text)
    case .begin(let modes): return try begin(modes, at: statement.range)
    case .commit(let andChain): return try commit(andChain: andChain)
    case .rollback(let andChain): return rollBack(andChain: andChain)
    case .set(let variable): return try set(variable, at: statement.range)
    case .reset(let name): return try reset(name)
    case .show(let show): return try self.show(show, prepared.columns)
    case .explain(let explain): return try self.explain(explain, facts)
    case .prepare(let name, let types, let inner): return try prepare(name, types, inner, prepared.text)
    case .execute(let name, let arguments): return try execute(name, arguments)
    case .deallocate(let name): return try deallocate(name)
    case .declareCursor(let cursor): return try declare(cursor, facts, at: statement.range)
    case .fetch(let fetch): return try self.fetch(fetch)
    case .waitFor(let wait): return try self.wait(for: wait)
    case .closeCursor(let name): return try close(name)
    case .copy(let copy): return try self.copy(copy, facts, at: statement.range)
    case .discard(let target): return try discard(target)
    default: throw .unsupported(statement.kind.name, at: statement.range)
    }
  }

  /// The plan that a query was prepared with, or a new one if that is out of date or was made without values.
  private func currentPlan(
    _ prepared: PreparedStatement, _ query: Query, _ facts: StatementFacts
  ) throws(SQLError) -> PlannedQuery {
    let catalog = self.catalog
    if let plan = prepared.plan, plan.isCurrent(catalog) { return plan.query }
    return try plan(query, facts, catalog).query
  }

  func plan(_ query: Query, _ facts: StatementFacts, _ catalog: Catalog) throws(SQLError) -> PreparedStatement.Plan {
    let context = facts.context(catalog)
    let planned = try QueryBinder.plan(query, context: context)
    return PreparedStatement.Plan(
      query: planned, catalogVersion: catalog.version, isOfMoment: context.statementTime?.isRead == true)
  }

  /// - values: what a statement's parameters are; nil where it can have none.
  func facts(_ values: [BoundExpression]? = nil) -> StatementFacts {
    // now() is the same throughout a transaction, as in PostgreSQL.
    let moment = block?.beganAtMicroseconds ?? engine.clock.wallMicroseconds
    return StatementFacts(
      moment: SQLTimestamp(microseconds: moment), session: sessionFacts(catalog), values: values)
  }

  func refuseIfFailed(_ statement: Statement) throws(SQLError) {
    guard block?.isFailed == true else { return }
    switch statement.kind {
    case .commit, .rollback: return
    default:
      throw SQLError(
        .failedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
    }
  }

  // MARK: reading

  /// What names mean to the next query: in a transaction with one view of everything, what they meant at its tick.
  var catalog: Catalog { block?.pinned?.content.catalog ?? engine.published.catalog }

  /// The tick that a statement reads: the newest, or that of a transaction with one view of everything.
  func reading() throws(SQLError) -> Reading {
    if let pinned = block?.pinned { return reading(pinned.content, pinned.snapshot) }
    let (content, snapshot) = try engine.published.read(on: engine.space.snapshots)
    if block?.pinsItsTick == true { block?.pinned = (content, snapshot) }
    return reading(content, snapshot)
  }

  private func reading(_ content: PublishedState.Content, _ snapshot: Snapshot) -> Reading {
    Reading(content, snapshot, pending: block?.pending ?? PendingChanges(), session: sessionFacts(content.catalog))
  }

  func select(_ query: PlannedQuery) throws(SQLError) -> StatementResult {
    try startSources(query.plan.relations)
    let reading = try reading()
    noteRead(query.plan.relations)
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
      switch try CatalogBinder(engine.published.catalog, engine.connectors).bind(statement, text) {
      case .nothing(let notices, let tag): return StatementResult(tag: tag, notices: notices)
      case .request(var request, let notices, let tag):
        request.isBackground = settings.isOn("leat.background_ddl")
        if case .create(let relation, _, _) = request.change, let spec = try relation.sourceSpec(engine.connectors) {
          request.startPositions = try spec.connector.startPositions() ?? []
        }
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
              if error.state == .queryCanceled {
                if !orReplace { takeBack(relation) }
                throw error
              }
              // The view is there, and will have the rows when its source gets on.
              let warning = Notice(
                severity: .warning, state: .warning, message: "the view lacks what its source cannot give: \(error.message)")
              return StatementResult(tag: tag, notices: notices + [warning])
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
    while case .request(let request, _, _)? = try? CatalogBinder(engine.published.catalog, engine.connectors).bind(statement, text) {
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
