import Columnar
import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes
import Synchronization

extension Session {
  /// Whether commits wait for the disk.
  var isSynchronous: Bool { settings.isOn("synchronous_commit") }

  /// How often a statement is evaluated on its own thread before the driver does it, which nothing can overtake.
  private static let attempts = 3

  func write(_ statement: Statement, _ facts: StatementFacts) throws(SQLError) -> StatementResult {
    try startSources(readBy: statement, facts)
    if block != nil { return try writeInBlock(statement, facts) }
    for _ in 0..<Self.attempts {
      let reading = try reading()
      let plan = try WritePlan(statement, facts.context(reading.content.catalog))
      let evaluation = try plan.evaluate(reading, access: .queue(engine, cancelToken), cancelToken)
      if evaluation.change.count == 0 { return Self.result(plan, evaluation) }
      let reply = Reply<WriteOutcome>()
      try engine.submit(.write(WriteRequest(changes: [plan.relation.id: evaluation.change], isSynchronous: isSynchronous), reply), cancelToken)
      if case .applied = try reply.wait(cancelToken) { return Self.result(plan, evaluation) }
    }
    return try writeOnDriver(statement, facts)
  }

  /// INSERT … SELECT from a source that nobody has read yet reads all that it holds, as a SELECT does.
  private func startSources(readBy statement: Statement, _ facts: StatementFacts) throws(SQLError) {
    if engine.published.waitingSources.isEmpty { return }
    let plan = try WritePlan(statement, facts.context(catalog))
    guard case .insert(let insert) = plan else { return }
    try startSources(insert.rows.plan.relations)
  }

  private func writeOnDriver(_ statement: Statement, _ facts: StatementFacts) throws(SQLError) -> StatementResult {
    let reply = Reply<WriteOutcome>()
    let outcome = Outcome()
    let (cancelToken, isSynchronous) = (cancelToken, isSynchronous)
    try engine.submit(
      .writeNow({ (driver) throws(SQLError) in
        let reading = try driver.reading(for: facts.session)
        let plan = try WritePlan(statement, facts.context(reading.content.catalog))
        let evaluation = try plan.evaluate(reading, access: .direct(driver), cancelToken)
        outcome.made.withLock { $0 = (plan, evaluation) }
        return WriteRequest(
          changes: evaluation.change.count == 0 ? [:] : [plan.relation.id: evaluation.change], isSynchronous: isSynchronous)
      }, reply), cancelToken)
    _ = try reply.wait(cancelToken)
    guard let (plan, evaluation) = outcome.made.withLock({ $0 }) else {
      preconditionFailure("a request that was applied was evaluated")
    }
    return Self.result(plan, evaluation)
  }

  /// What the driver evaluated for the session.
  private final class Outcome: Sendable {
    let made = Mutex<(WritePlan, WritePlan.Evaluation)?>(nil)
  }

  /// In a block a statement changes what the block has pending; keys are checked against it and the newest tick.
  private func writeInBlock(_ statement: Statement, _ facts: StatementFacts) throws(SQLError) -> StatementResult {
    let reading = try reading()
    let plan = try WritePlan(statement, facts.context(reading.content.catalog))
    if block?.isReadOnly == true {
      throw SQLError(SQLState("25006"), "cannot execute \(statement.kind.name) in a read-only transaction")
    }
    let evaluation = try plan.evaluate(reading, access: .queue(engine, cancelToken), cancelToken)
    noteRead(plan.relationsRead)
    if evaluation.change.count == 0 { return Self.result(plan, evaluation) }
    var pending = block?.pending ?? PendingChanges()
    let id = plan.relation.id
    pending.add(evaluation.change, to: plan.relation)
    if let change = pending[id] {
      // A row that has changed since is told at COMMIT (40001), as PostgreSQL does when it comes to wait for it.
      let duplicate = try engine.onDriver(cancelToken) { (driver) -> SQLError? in
        do throws(SQLError) {
          _ = try (driver.relations[id] as? any ChangeableRelation)?.accepts(change)
          return nil
        } catch { return error }
      }
      if let duplicate { throw duplicate }
    }
    block?.pending = pending
    return Self.result(plan, evaluation)
  }

  private static func result(_ plan: WritePlan, _ evaluation: WritePlan.Evaluation) -> StatementResult {
    StatementResult(
      columns: plan.returningColumns, batches: evaluation.returned, tag: plan.tag(evaluation.affectedRows))
  }
}
