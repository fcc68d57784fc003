import Columnar
import Dataflow
import Planner
import Platform
import SQLCatalog
import SQLSyntax
import SQLTypes

/// Views are filled slice by slice between ticks, while everything else goes on (DESIGN §4, §9.9).
///
/// A job's nodes are in the graph, but no relation's changes lead to them: the driver pushes what passes their gates. When
/// all gates are open the nodes hold what they would had they always been there; then they are joined to the relations'.
extension Driver {
  private static let endedJobsKept = 100

  /// The job that fills views, each of which has a lowering.
  ///
  /// - new: the relations that it makes.
  func makeJob(
    _ purpose: BackfillJob.Purpose, _ views: [(id: RelationID, stored: ViewRelation)], _ lowerings: [Lowering],
    besides new: Set<RelationID>
  ) -> BackfillJob {
    var (lowerings, cursors): ([Lowering], [ArrangementCursor]) = (lowerings, [])
    for (index, view) in views.enumerated() { cursors += adoptArrangements(view.stored, &lowerings[index]) }
    defer { nextJob += 1 }
    return BackfillJob(
      nextJob, purpose, views: views, gates: gates(of: lowerings, besides: new), cursors: cursors,
      startNanoseconds: clock.monotonicNanoseconds)
  }

  /// The gates of new nodes: one for each relation that is there already. What is on the right of joins is read first, so
  /// that few rows of a left side are sent as unmatched before their match is seen.
  private func gates(of lowerings: [Lowering], besides new: Set<RelationID>) -> [BackfillGate] {
    var order: [RelationID] = []
    var nodes: [RelationID: [NodeID]] = [:]
    for (node, relation) in lowerings.flatMap(\.scans).reversed() where !new.contains(relation) {
      if nodes[relation] == nil { order.append(relation) }
      nodes[relation, default: []].append(node)
    }
    return order.compactMap { id in
      relations[id].map { BackfillGate(id, nodes: nodes[id] ?? [], content: $0.content) }
    }
  }

  // MARK: life

  /// Begins a job with its first slice, in which most end. Nodes of constants have their rows already.
  func begin(_ job: BackfillJob) {
    jobs.append(job)
    readMoreColumns(of: job.gates.map(\.relation))
    for gate in job.gates { gatesByRelation[gate.relation, default: []].append(gate) }
    if !pace.isStepped && advance(job) { return }
    job.isAnnounced = true
    if !job.definitions.isEmpty { catalog.beginFilling(job.number, job.definitions) }
    guard case .definition(_, let request, let reply) = job.purpose, request.isBackground else {
      return publish(isTick: false)
    }
    // Who asked is told now, so it must be there after a restart.
    do throws(SQLError) {
      if !job.isLogged { try logMark(request.statement) }
      job.isLogged = true
      publish(isTick: false)
      job.forgetReply()
      reply?.fulfil(.success(.begun))
    } catch { fail(job, error) }
  }

  /// Reads a further slice for each job.
  func advanceJobs() {
    for job in jobs { _ = advance(job) }
  }

  /// - Returns: whether the job has ended.
  private func advance(_ job: BackfillJob) -> Bool {
    do throws(SQLError) {
      try readSlice(of: job)
      if !job.isRead { return false }
      try finish(job)
    } catch { fail(job, error) }
    return true
  }

  /// Pushes what has passed the gates, and the next rows.
  private func readSlice(of job: BackfillJob) throws(SQLError) {
    var left = pace.sliceRows
    for gate in job.gates {
      left += gate.takeDroppedCount()
      for batch in gate.takePassed() { push(batch, through: gate) }
    }
    for gate in job.gates where left > 0 {
      guard let stored = relations[gate.relation] else { preconditionFailure("what a job reads stays") }
      for batch in try gate.read(stored, &left) { push(batch, through: gate) }
    }
    graph.endTick()
    // A left side's rows come when what they meet is there.
    for cursor in job.cursors where left > 0 && !cursor.isAtEnd && job.gates.allSatisfy(\.isOpen) { cursor.read(graph, &left) }
    let (_, originated) = graph.takeTick()
    for (node, errors) in originated { failingRows[node]?.add(errors, tick: tick) }
    // Nobody can see these views yet, so it need not be within a publish.
    for view in job.views where view.stored.isChanged { _ = view.stored.applyChanges(tick: tick, isFollowed: false, gates: []) }
  }

  private func push(_ batch: Batch, through gate: BackfillGate) {
    for node in gate.nodes { graph.push(batch, to: node) }
  }

  /// Reads a job to its end at once, where nothing else can happen meanwhile: in a replay.
  ///
  /// - Errors: what reading a source's content throws.
  func runToEnd(_ job: BackfillJob) throws(SQLError) {
    repeat { try readSlice(of: job) } while !job.isRead
    connect(job)
  }

  /// All gates are open: what was filled becomes what readers see, in a tick of its own.
  private func finish(_ job: BackfillJob) throws(SQLError) {
    switch job.purpose {
    case .definition(let draft, let request, let reply):
      try logDefinition(request, firstID: draft.firstID)
      end(job, .done)
      connect(job)
      apply(draft)
      reply?.fulfil(.success(.applied(tick: tick)))
    case .subscription(let id, let query, let reply):
      end(job, .done)
      connect(job)
      guard let view = job.views.first?.stored else { preconditionFailure("a subscription's job has its view") }
      keep(view, as: id)
      hiddenViews[id] = query.plan.relations
      publish(isTick: false)
      do throws(SQLError) { reply.fulfil(.success(try follow(id))) } catch { reply.fulfil(.failure(error)) }
    }
  }

  /// From the next tick on the nodes get the relations' changes as others do, and equal ones of others stand in for them.
  private func connect(_ job: BackfillJob) {
    for gate in job.gates {
      guard let root = relations[gate.relation]?.root else { preconditionFailure("what a job reads stays") }
      for node in gate.nodes { graph.connect(root, to: node) }
    }
    for (_, view) in job.views {
      let shared = sharedNodes?.add(view.planNodes) { node, other in
        graph.replace(node, by: other)
        failingRows[node] = nil
      }
      if let shared { view.planNodes = shared }
    }
  }

  /// Ends a job that cannot go on; nothing of it is left.
  private func fail(_ job: BackfillJob, _ error: SQLError) { abandon(job, .failed, error) }

  /// Ends the job that `reply` waits for, if it has not ended.
  func cancelJob(awaitedBy reply: ObjectIdentifier) {
    guard let job = jobs.first(where: { $0.isAwaited(by: reply) }) else { return }
    abandon(job, .cancelled, SQLError(.queryCanceled, "canceling statement due to user request"))
  }

  /// Ends jobs by number, whose views are dropped.
  func cancelJobs(_ numbers: Set<UInt64>) {
    for job in jobs where numbers.contains(job.number) {
      abandon(job, .cancelled, SQLError(.queryCanceled, "the view has been dropped while it was being filled"))
    }
  }

  /// Ends the jobs that need any of the relations, which are about to go.
  func cancelJobs(reading ids: [RelationID]) {
    for job in jobs where !job.reads.isDisjoint(with: ids) {
      abandon(job, .cancelled, SQLError(.undefinedTable, "a relation that is read has been dropped"))
    }
  }

  /// The engine stops: what the log says has begun begins again with the next start.
  func stopJobs() {
    for job in jobs { job.answer(SQLError(.adminShutdown, "the engine is shutting down")) }
  }

  /// Ends all jobs where nothing can be published any more: they stay in the catalog as being filled, and begin again with the
  /// next start if the log says that they have begun.
  func haltJobs(_ error: SQLError) {
    for job in jobs {
      end(job, .failed, error)
      job.answer(error)
    }
  }

  private func abandon(_ job: BackfillJob, _ state: JobFigures.State, _ error: SQLError) {
    let wasAnnounced = job.isAnnounced
    end(job, state, error)
    switch job.purpose {
    case .definition(let draft, _, _): discard(draft)
    case .subscription: for view in job.views { discard(view.stored.nodes) }
    }
    // What failed in the tick that did not end failed at nodes that are gone.
    _ = graph.takeTick()
    if job.isLogged, let statement = dropStatement(of: job) {
      // Not logged, it begins again after a restart: that does no harm.
      try? logMark(statement)
    }
    if wasAnnounced {
      if let relation = job.definitions.first { events.note(.warning, "\"\(relation.name)\" has not been filled: \(error.message)") }
      publish(isTick: false)
    }
    job.answer(error)
  }

  /// A job is none any more.
  private func end(_ job: BackfillJob, _ state: JobFigures.State, _ error: SQLError? = nil) {
    if job.isAnnounced {
      var ended = figures(of: job)
      (ended.state, ended.message) = (state, error?.message)
      endedJobs.append(ended)
      if endedJobs.count > Self.endedJobsKept { endedJobs.removeFirst() }
      if !job.definitions.isEmpty { catalog.endFilling(job.number) }
    }
    jobs.removeAll { $0 === job }
    for gate in job.gates {
      gatesByRelation[gate.relation]?.removeAll { $0 === gate }
      if gatesByRelation[gate.relation]?.isEmpty == true { gatesByRelation[gate.relation] = nil }
    }
  }

  // MARK: replay

  /// A view began to be filled, or was given up.
  func replayMark(_ change: TickEntry.CatalogChange, tick number: UInt64) throws(SQLError) {
    guard let statement = Parser.parseScript(change.statement).first else { throw Self.damaged(number) }
    switch try statement.result.get().kind {
    case .createView(let view): unfinished.append((view.name.last.name, change.statement))
    case .drop(let drop): unfinished.removeAll { line in drop.names.contains { $0.last.name == line.name } }
    default: throw Self.damaged(number)
    }
    publish()
  }

  /// After a replay: what had begun and not ended begins again.
  func resumeJobs() {
    for (name, statement) in unfinished {
      do throws(SQLError) {
        var request = try request(statement, tick: tick)
        request.isBackground = true
        let draft = try prepare(request)
        guard let job = try makeJob(draft, request, nil) else { continue }
        job.isLogged = true
        begin(job)
      } catch {
        endedJobs.append(
          JobFigures(relation: name, state: .failed, rowsDone: 0, rowsInAll: 0, nanoseconds: 0, message: error.message))
      }
    }
    unfinished = []
  }

  // MARK: figures

  /// Jobs that have ended, the newest last, then those that go on.
  var jobFigures: [JobFigures] { endedJobs + jobs.filter(\.isAnnounced).map(figures) }

  private func figures(of job: BackfillJob) -> JobFigures {
    let done = job.gates.reduce(0) { $0 + $1.readCount } + job.cursors.reduce(0) { $0 + $1.readCount }
    let rest = job.gates.reduce(0) { $1.isOpen ? $0 : $0 + max(0, (relations[$1.relation]?.rowCount ?? 0) - $1.readCount) }
      + job.cursors.reduce(0) { $0 + $1.left(graph) }
    return JobFigures(
      relation: job.definitions.first?.name, rowsDone: done, rowsInAll: done + rest,
      nanoseconds: clock.monotonicNanoseconds - job.startNanoseconds)
  }

  // MARK: the log

  // A job that begins, and one that is given up, are DDL without ids: nothing of the catalog changes. The entry of its end
  // has the ids, and alone makes the relations.

  /// - Errors: what the log throws.
  private func logMark(_ statement: String) throws(SQLError) {
    var entry = nextEntry()
    entry.ddl.append(.init(statement: statement, ids: []))
    try append(entry)
    publish()
  }

  private func dropStatement(of job: BackfillJob) -> String? {
    job.definitions.first.map { "DROP \($0.kind.rawValue.uppercased()) \($0.name.asIdentifier)" }
  }
}
