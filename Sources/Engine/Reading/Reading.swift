import Columnar
import Connectors
import Dataflow
import Planner
import SQLCatalog
import SQLTypes
import StateMemory
import ZSets

/// How a system view asks the driver: through its queue, or on its own thread.
enum DriverAccess {
  case queue(Engine, CancelToken)
  case direct(Driver)

  /// What has happened to the instance: any thread may ask, whatever the driver is busy with.
  var events: EventLog {
    switch self {
    case .queue(let engine, _): engine.events
    case .direct(let driver): driver.events
    }
  }

  func look<Value: Sendable>(_ body: @escaping @Sendable (Driver) -> Value) throws(SQLError) -> Value {
    switch self {
    case .queue(let engine, let cancelToken): try engine.onDriver(cancelToken, body)
    case .direct(let driver): body(driver)
    }
  }
}

/// What one statement reads: one tick's rows, and over them what its transaction has written.
struct Reading {
  let content: PublishedState.Content
  private let snapshot: Snapshot
  private let pending: PendingChanges
  /// Who reads, with this tick's catalog.
  let session: SessionFacts

  init(
    _ content: PublishedState.Content, _ snapshot: Snapshot, pending: PendingChanges, session: SessionFacts
  ) {
    self.content = content
    self.snapshot = snapshot
    self.pending = pending
    self.session = session
  }

  var hasOwnWrites: Bool { !pending.isEmpty }

  /// The rows of a query, in its order.
  ///
  /// - scanLimit: in a table of more rows the one under a key is asked of the driver, who may be busy; else it is found by a scan.
  func rows(
    of query: PlannedQuery, access: DriverAccess, _ cancelToken: CancelToken, scanLimit: Int = 1 << 18
  ) throws(SQLError) -> [Batch] {
    var query = query
    if !pending.isEmpty { query.plan = try withOwnWrites(query.plan) }
    let rows = try lookedUp(query.plan, access, scanLimit)
    let run = QueryRun(cancelToken) { (relation, body) throws(SQLError) in try scan(relation, rows[relation], access, body) }
    return try run.rows(of: query, mayCancel: pending.retracts)
  }

  /// The rows of relations of which the plan uses one, found by its key.
  private func lookedUp(_ plan: LogicalPlan, _ access: DriverAccess, _ scanLimit: Int) throws(SQLError) -> [RelationID: Batch] {
    var rows: [RelationID: Batch] = [:]
    let lookUps = plan.keyLookUps { id in
      guard case .kept(let reference) = content.relations[id], reference.rowLimit > scanLimit else { return nil }
      return content.catalog[id]?.primaryKey
    }
    for lookUp in lookUps { rows[lookUp.relation] = try lookUp.row(asOf: content.tick, access) }
    return rows
  }

  /// - found: the rows of the relation that are needed, if it need not be read.
  private func scan(
    _ relation: RelationID, _ found: Batch?, _ access: DriverAccess, _ body: (Batch) throws(SQLError) -> Demand
  ) throws(SQLError) {
    if let system = SystemView.byID[relation] {
      _ = try body(system.batch(SystemReading(access: access, content: content, session: session)))
      return
    }
    guard let rows = content.relations[relation] else {
      throw SQLError(.undefinedTable, "a relation that the statement reads has been dropped")
    }
    var demand = Demand.more
    if let found {
      if found.count > 0 { demand = try body(found) }
    } else {
      try rows.scan(snapshot) { (batch) throws(SQLError) in
        demand = try body(batch)
        return demand
      }
    }
    if demand == .more, let changes = pending[relation] { _ = try body(changes) }
  }

  /// WARNING 01000 for each view that the plan reads and on whose rows expressions fail (DIALECT §7).
  func warnings(_ plan: LogicalPlan) -> [Notice] {
    failedSources(plan) + failingRows(plan)
  }

  private func failedSources(_ plan: LogicalPlan) -> [Notice] {
    if content.failedSources.isEmpty { return [] }
    var reached: Set<RelationID> = []
    var next = Array(plan.relations)
    while let id = next.popLast() {
      if reached.insert(id).inserted { next += content.catalog[id]?.dependencies ?? [] }
    }
    return reached.sorted().compactMap { id in
      guard let failure = content.failedSources[id], let relation = content.catalog[id] else { return nil }
      return Notice(
        severity: .warning, state: .warning, message: "the source of \"\(relation.name)\" has stopped: \(failure)")
    }
  }

  private func failingRows(_ plan: LogicalPlan) -> [Notice] {
    if content.failingRowCounts.isEmpty { return [] }
    return plan.relations.sorted().compactMap { id in
      guard let count = content.failingRowCounts[id], count > 0, let relation = content.catalog[id] else { return nil }
      return Notice(
        severity: .warning, state: .warning,
        message: "\(count) \(count == 1 ? "row" : "rows") of \"\(relation.name)\" cannot be computed; see leat.errors")
    }
  }

  /// The plan with each materialized view that depends on a changed table replaced by its query.
  private func withOwnWrites(_ plan: LogicalPlan) throws(SQLError) -> LogicalPlan {
    try plan.replacingScans { (id) throws(SQLError) in
      guard let relation = content.catalog[id], relation.kind == .materializedView, dependsOnOwnWrites(relation) else { return nil }
      // A view's definition names no connector.
      let (_, query) = try CatalogBinder(content.catalog, .builtIn).rebind(relation)
      guard let query else { return nil }
      return try withOwnWrites(query.visiblePlan)
    }
  }

  private func dependsOnOwnWrites(_ relation: Relation) -> Bool {
    relation.dependencies.contains { id in
      pending[id] != nil || (content.catalog[id].map(dependsOnOwnWrites) ?? false)
    }
  }
}

/// What a transaction has changed so far, by relation, consolidated.
struct PendingChanges: Sendable {
  private(set) var changes: [RelationID: Batch] = [:]
  /// Whether a row that readers find in a relation may be taken back here.
  private(set) var retracts = false

  var isEmpty: Bool { changes.isEmpty }
  subscript(relation: RelationID) -> Batch? { changes[relation] }

  /// Adds a change of a relation, as a statement's evaluation gives it.
  mutating func add(_ change: Batch, to relation: Relation) {
    let all = (changes[relation.id].map { [$0] } ?? []) + [change]
    let types = relation.columns.map(\.type.physicalType)
    let sum = relation.kind == .stream ? Batch.joined(all, types: types) : .consolidated(all, types: types)
    changes[relation.id] = sum.count == 0 ? nil : sum
    retracts = retracts || change.retracts
  }
}
