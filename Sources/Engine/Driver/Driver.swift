import Columnar
import Connectors
import Dataflow
import Planner
import Platform
import SQLCatalog
import SQLSyntax
import SQLTypes
import StateMemory
import ZSets

/// The one writer: owns catalog, tables, views and the graph, and runs ticks on its thread, large ones with its workers.
///
/// A tick: requests are checked against what is stored and staged; the log's thread writes and syncs its entry while the
/// changes run through the graph; when both have ended, in the short publish phase, tables and views change and readers see the
/// new tick (DESIGN §4, §9.2). Requests that wait share a tick, and so a sync, as long as they touch different rows; one that touches a
/// row which the tick has changed begins the next tick, because checks look at stored rows.
final class Driver {
  /// Of tables, streams and views, and of the first worker's operators.
  let space: StateSpace
  /// The workers', for their operators: a space has one writer. Nobody reads those but their operators, so that no snapshot is
  /// ever open on them.
  let spaces: [StateSpace]
  let graph: ShardedGraph
  var catalog: Catalog
  var relations: [RelationID: any StoredRelation] = [:]
  /// The tick of each relation's last change, if it has had one since the start.
  private var changedAt: [RelationID: UInt64] = [:]
  /// Views by the node that their rows come from: a publish looks only at those that the tick reached.
  private var viewsByRoot: [NodeID: RelationID] = [:]
  private(set) var tick: UInt64 = 0
  let log: (any TickLog)?
  let clock: any Clock
  private let published: PublishedState
  let changeSink: (any ChangeSink)?
  let events: EventLog
  let connectors: Connectors
  /// When the driver took the first command of the tick under way; nanoseconds.
  private var tickBegan: Int64 = 0
  /// How long ticks took since somebody last asked.
  var tickDurations = TickDurations()
  /// Why the engine takes no more writes: the log lacks a tick that the graph has run.
  var halted: SQLError?
  private var lastClock: Int64 = 0
  var nextRelation = Catalog.firstUserID.rawValue
  /// Rows on which a node's expression fails, as they stand.
  var failingRows: [NodeID: FailingRows] = [:]
  /// What views that are there have in common; nil: each has nodes of its own.
  var sharedNodes: SharedNodes?

  /// Sources by the id of the stream or table that they make.
  var sources: [RelationID: SourceState] = [:]
  /// Puts a command into the queue; the cancellation ends a wait for room.
  let send: @Sendable (Command, Cancellation) throws(SQLError) -> Void

  /// Who waits for positions of sources.
  var positionWaits: [PositionWait] = []

  /// Who follows a relation.
  var subscriptions: [RelationID: [Subscription]] = [:]
  /// Views that are kept for their subscriptions alone, and the relations that they read.
  var hiddenViews: [RelationID: Set<RelationID>] = [:]
  var nextHiddenView = Driver.firstHiddenView

  /// New views that are being filled, and the ways of relations' rows into them.
  var jobs: [BackfillJob] = []
  var gatesByRelation: [RelationID: [BackfillGate]] = [:]
  var endedJobs: [JobFigures] = []
  var nextJob: UInt64 = 1
  let pace: BackfillPace
  /// What the log says is being filled, by name, while it is replayed.
  var unfinished: [(name: String, statement: String)] = []

  // The tick under way
  /// Changes of tables, consolidated.
  var staged: [RelationID: Batch] = [:]
  /// Changes by later requests of the tick to tables that it changes already, and the keys of all.
  private var joined: [RelationID: [Batch]] = [:]
  private var stagedKeys: [RelationID: StagedKeys] = [:]
  /// Rows that are appended to streams.
  var stagedStreams: [RelationID: [Batch]] = [:]
  /// Those of local streams, as they are stored.
  private var stagedChunks: [RelationID: [StreamChunk]] = [:]
  /// In a replay: where the rows that local streams have got end.
  private var replayedEnds: [RelationID: UInt64] = [:]
  /// What the tick's entry says of sources: partitions found, and positions reached.
  var stagedPartitions: [TickEntry.Partition] = []
  var stagedPositions: [TickEntry.Position] = []
  private var stagedReplies: [Reply<WriteOutcome>] = []
  /// Whether somebody waits for the tick's entry to be on the disk.
  private var isStagedSynchronous = false

  init(
    space: StateSpace, graph: ShardedGraph, log: (any TickLog)?, clock: any Clock, published: PublishedState,
    changeSink: (any ChangeSink)?, events: EventLog, connectors: Connectors, pace: BackfillPace, sharesNodes: Bool,
    send: @escaping @Sendable (Command, Cancellation) throws(SQLError) -> Void
  ) {
    self.send = send
    self.space = space
    self.graph = graph
    spaces = [space] + (1..<graph.workerCount).map { _ in StateSpace() }
    self.log = log
    self.clock = clock
    self.published = published
    self.changeSink = changeSink
    self.events = events
    self.connectors = connectors
    self.pace = pace
    sharedNodes = sharesNodes ? SharedNodes() : nil
    catalog = published.catalog
  }

  /// Readers of the sources' content, while the log is replayed.
  var replays: [RelationID: any SourceReplay] = [:]

  // MARK: the loop

  /// Runs commands until the queue is closed and empty.
  func run(_ queue: BoundedQueue<Command>) {
    while true {
      if !jobs.isEmpty && !pace.isStepped {
        // Looked at first: what was queued before the end is still performed.
        let isLast = queue.isClosed
        let commands = queue.popAll(atMost: 1024)
        if isLast && commands.isEmpty { return stop() }
        for command in commands { perform(command) }
        finishTick()
        advanceJobs()
        continue
      }
      let first: Command?
      do throws(QueueEnd) { first = try queue.pop() } catch { preconditionFailure("a pop without a limit ends with the queue") }
      guard let first else { return stop() }
      perform(first)
      for command in queue.popAll(atMost: 1024) { perform(command) }
      finishTick()
    }
  }

  private func stop() {
    stopSources()
    refusePositionWaits(SQLError(.adminShutdown, "the engine is shutting down"))
    stopJobs()
    graph.stop()
    endAllSubscriptions(SQLError(.adminShutdown, "the engine is shutting down"))
    log?.stop()
  }

  private func perform(_ command: Command) {
    if halted == nil && endsTick(command) { finishTick() }
    if let halted { return refuse(command, halted) }
    if staged.isEmpty && stagedStreams.isEmpty { tickBegan = clock.monotonicNanoseconds }
    switch command {
    case .write(let request, let reply):
      if !reply.claim() { return }
      do throws(SQLError) {
        if try stage(request) { stagedReplies.append(reply) } else { reply.fulfil(.success(.stale)) }
      } catch { reply.fulfil(.failure(error)) }
    case .writeNow(let evaluate, let reply):
      if !reply.claim() { return }
      do throws(SQLError) {
        guard try stage(evaluate(self)) else { preconditionFailure("what was read at this tick is there") }
        stagedReplies.append(reply)
      } catch { reply.fulfil(.failure(error)) }
    case .catalog(let request, let reply):
      if !reply.claim() { return }
      guard request.catalogVersion == catalog.version else { return reply.fulfil(.success(.stale)) }
      do throws(SQLError) { try change(request, reply) } catch { reply.fulfil(.failure(error)) }
    case .source(let id, let event, let feed): take(event, of: id, feed)
    case .subscribe(let request, let reply):
      if !reply.claim() { return }
      do throws(SQLError) { try subscribe(request, reply) } catch { reply.fulfil(.failure(error)) }
    case .cancelJob(let reply): cancelJob(awaitedBy: reply)
    case .stepJobs(let count, let reply):
      for _ in 0..<count { advanceJobs() }
      reply.fulfil(.success(jobs.count))
    case .unsubscribe(let id, let subscription): unsubscribe(id, subscription)
    case .startSources(let ids, let reply): startSources(ids, reply)
    case .waitFor(let wait): self.wait(for: wait)
    case .inspect(let look): look(self)
    }
  }

  /// Whether the tick under way has to end before a command is performed.
  private func endsTick(_ command: Command) -> Bool {
    switch command {
    // What the tick under way changes is not known before its end.
    case .write(let request, _): request.reads != nil || !mayJoin(request)
    // A table's rows look up what is stored under their keys.
    case .source(let id, .rows, _): staged[id] != nil
    case .source(_, .discovered, _): false
    // What is staged is not to be seen before its tick, and to finish that for each look would cost a sync.
    case .inspect: false
    case .writeNow, .catalog, .source, .subscribe, .cancelJob, .stepJobs, .unsubscribe, .startSources, .waitFor: true
    }
  }

  /// The newest tick, for what is evaluated on this thread.
  func reading(for session: SessionFacts) throws(SQLError) -> Reading {
    let (content, snapshot) = try published.read(on: space.snapshots)
    var session = session
    session.catalog = content.catalog
    return Reading(content, snapshot, pending: PendingChanges(), session: session)
  }

  // MARK: writes

  /// Checks a request and stages it for this tick.
  ///
  /// - Returns: false if a row that it changes, or a relation that it has read, has changed since.
  /// - Errors: 23505 for a key that is there already.
  private func stage(_ request: WriteRequest) throws(SQLError) -> Bool {
    if let reads = request.reads, reads.relations.contains(where: { hasChanged($0, since: reads.tick) }) { return false }
    for relation in request.changes.keys.sorted() {
      if relations[relation] is LocalStream { continue }
      guard let stored = relations[relation] as? any ChangeableRelation, let change = request.changes[relation] else { return false }
      if try !stored.accepts(change) { return false }
    }
    if request.isSynchronous { isStagedSynchronous = true }
    for (relation, change) in request.changes {
      if relations[relation] is LocalStream {
        stagedStreams[relation, default: []].append(change)
        continue
      }
      stagedKeys[relation]?.add(change)
      if staged[relation] == nil { staged[relation] = change } else { joined[relation, default: []].append(change) }
    }
    return true
  }

  private func hasChanged(_ id: RelationID, since tick: UInt64) -> Bool {
    // System views tell of the instance: what they show is no row of anybody's.
    if SystemView.byID[id] != nil { return false }
    return relations[id] == nil || (changedAt[id] ?? 0) > tick
  }

  /// Whether the tick under way can take the request in after those that it has.
  private func mayJoin(_ request: WriteRequest) -> Bool {
    for (relation, change) in request.changes {
      guard let before = staged[relation] else { continue }
      guard sources[relation] == nil, let stored = relations[relation] as? any ChangeableRelation,
        stored.mayJoin(change, staged: before, &stagedKeys[relation])
      else { return false }
    }
    return true
  }

  /// Makes one change of all requests' for each table, and batches of the usual size for each local stream.
  private func consolidateStaged() {
    for (id, batches) in stagedStreams {
      guard let stream = relations[id] as? LocalStream else { continue }
      let slices = Batch.joined(batches, types: stream.types.map(\.physicalType)).slices()
      stagedStreams[id] = slices
      stagedChunks[id] = stream.rows.chunks(of: slices)
    }
    for (relation, changes) in joined {
      guard let stored = relations[relation], let first = staged[relation] else { continue }
      staged[relation] = .consolidated([first] + changes, types: stored.types.map(\.physicalType))
    }
    joined = [:]
  }

  /// Computes what is staged while it is logged, and publishes it.
  func finishTick() {
    if staged.isEmpty && stagedStreams.isEmpty && stagedPartitions.isEmpty && stagedPositions.isEmpty {
      for reply in stagedReplies { reply.fulfil(.success(.applied(tick: tick))) }
      stagedReplies = []
      return
    }
    defer {
      clearStaged()
      stagedReplies = []
      // What the driver has taken already and begins the next tick with, has waited for the end of this one only.
      tickBegan = clock.monotonicNanoseconds
    }
    consolidateStaged()
    do throws(SQLError) {
      let entry = stagedEntry()
      let isSynchronous = isStagedSynchronous || !stagedPartitions.isEmpty || !stagedPositions.isEmpty
      try log?.submit(entry, stagedChunks.values.flatMap(\.self), isSynchronous: isSynchronous)
      computeStaged()
      for (relation, chunks) in stagedChunks { (relations[relation] as? LocalStream)?.rows.append(chunks) }
      if isSynchronous { try log?.waitDurable(entry.number) }
    } catch {
      for reply in stagedReplies { reply.fulfil(.failure(error)) }
      return halt(error)
    }
    let computed = clock.monotonicNanoseconds
    publish()
    let ended = clock.monotonicNanoseconds
    tickDurations.add(nanoseconds: ended - tickBegan, publishNanoseconds: ended - computed)
    changeSink?.tickEnded(nanoseconds: ended - tickBegan)
    for reply in stagedReplies { reply.fulfil(.success(.applied(tick: tick))) }
    answerPositionWaits()
  }

  private func stagedEntry() -> TickEntry {
    var entry = nextEntry()
    for relation in staged.keys.sorted() {
      guard let change = staged[relation], sources[relation] == nil else { continue }
      entry.tableChanges.append(.init(relation: relation.rawValue, batch: BatchCodec.encode(change)))
    }
    for relation in stagedChunks.keys.sorted() {
      guard let stream = relations[relation] as? LocalStream, let chunks = stagedChunks[relation] else { continue }
      var offset = stream.endOffset
      for chunk in chunks {
        entry.streamAppends.append(
          .init(relation: relation.rawValue, firstOffset: offset, rowCount: chunk.rowCount, chunk: chunk.id))
        offset += UInt64(chunk.rowCount)
      }
    }
    (entry.partitions, entry.positions) = (stagedPartitions, stagedPositions)
    return entry
  }

  /// Runs the staged changes through the graph; nobody sees what comes of that before it is published.
  private func computeStaged() {
    for relation in staged.keys.sorted() {
      guard let stored = relations[relation], let change = staged[relation] else { continue }
      for batch in change.slices() { graph.push(batch, to: stored.root) }
    }
    for relation in stagedStreams.keys.sorted() {
      guard let stored = relations[relation], let batches = stagedStreams[relation] else { continue }
      for batch in batches { graph.push(batch, to: stored.root) }
    }
    graph.endTick()
  }

  func clearStaged() {
    (staged, stagedStreams, stagedPartitions, stagedPositions) = ([:], [:], [], [])
    (joined, stagedKeys, stagedChunks, replayedEnds) = ([:], [:], [:], [:])
    isStagedSynchronous = false
  }

  // MARK: publishing

  /// - isTick: false where nothing that others see changes: no tick, and no entry of the log.
  func publish(isTick: Bool = true, _ change: (inout PublishedState.Content) -> Void = { _ in }) {
    if isTick { tick += 1 }
    let number = tick
    var changes: [RelationID: [Batch]] = stagedStreams
    let (ended, originated) = graph.takeTick()
    published.publish(tick: number, on: space.snapshots) { content in
      for (relation, change) in staged { apply(change, to: relation, tick: number) }
      for (id, chunks) in stagedChunks {
        (relations[id] as? LocalStream)?.moved(by: chunks)
        content.relations[id] = relations[id]?.content
      }
      for (id, end) in replayedEnds {
        (relations[id] as? LocalStream)?.moved(to: end)
        content.relations[id] = relations[id]?.content
      }
      for (relation, batches) in stagedStreams {
        for gate in gatesByRelation[relation] ?? [] { for batch in batches { gate.take(batch, ids: nil) } }
      }
      for (node, errors) in originated { failingRows[node]?.add(errors, tick: number) }
      for id in ended.compactMap({ viewsByRoot[$0] }) {
        guard let view = relations[id] as? ViewRelation, view.isChanged else { continue }
        changes[id] = view.applyChanges(tick: number, isFollowed: subscriptions[id] != nil, gates: gatesByRelation[id] ?? [])
        noteFailing(id, before: content.failingRowCounts[id] ?? 0, now: view.failingRowCount)
        content.failingRowCounts[id] = view.failingRowCount
      }
      for id in sources.keys where relations[id] is SourcedStream { content.relations[id] = relations[id]?.content }
      content.waitingSources = Set(sources.keys.filter { sources[$0]?.phase == .waiting })
      content.failedSources = sources.compactMapValues { $0.failure?.message }
      content.catalog = catalog
      change(&content)
    }
    for id in staged.keys { changedAt[id] = number }
    for id in changes.keys { changedAt[id] = number }
    for (id, followers) in subscriptions {
      let changed = changes[id] ?? staged[id].map { [$0] } ?? []
      for subscription in followers where subscription.publish(tick: number, changed) == .cutOff {
        events.note(.warning, "a subscription to \(catalog[id].map { "\"\($0.name)\"" } ?? "a query") was too slow and has been ended")
      }
    }
  }

  /// Notes that rows of a view begin to fail, or that none does any more.
  private func noteFailing(_ id: RelationID, before: Int, now: Int) {
    guard (before == 0) != (now == 0), let name = catalog[id]?.name else { return }
    if now == 0 { return events.note(.log, "all rows of view \"\(name)\" can be computed again") }
    events.note(.warning, "\(now) \(now == 1 ? "row" : "rows") of view \"\(name)\" cannot be computed; see leat.errors")
  }

  /// Applies a change that was accepted, and tells new views that follow the relation.
  private func apply(_ change: Batch, to id: RelationID, tick: UInt64) {
    guard let stored = relations[id] as? any ChangeableRelation else { return }
    guard let gates = gatesByRelation[id] else { return stored.apply(change, tick: tick, ids: nil) }
    let ids = AppliedIDs(count: change.count)
    stored.apply(change, tick: tick, ids: ids)
    for gate in gates { gate.take(change, ids: ids) }
  }

  /// Makes a relation known, and views to a publish.
  func keep(_ stored: any StoredRelation, as id: RelationID) {
    relations[id] = stored
    if stored is ViewRelation { viewsByRoot[stored.root] = id }
  }

  /// Takes a relation and its nodes away, which no other one's read.
  func forget(_ id: RelationID) {
    guard let stored = relations.removeValue(forKey: id) else { return }
    changedAt[id] = nil
    viewsByRoot[stored.root] = nil
    (stored as? LocalStream)?.rows.drop()
    discard(stored.nodes)
  }

  /// Takes nodes away that nobody else uses, and what fails at them.
  func discard(_ nodes: [NodeID]) {
    let gone = nodes.filter { sharedNodes?.release($0) ?? true }
    graph.remove(gone)
    for node in gone { failingRows[node] = nil }
  }

  // MARK: the log

  func nextEntry() -> TickEntry {
    lastClock = max(lastClock, clock.wallMicroseconds)
    return TickEntry(number: tick + 1, clockMicroseconds: lastClock)
  }

  func append(_ entry: TickEntry) throws(SQLError) {
    try log?.append(entry)
  }

  /// Applies the logged ticks.
  ///
  /// - Errors: XX001 for a damaged log, or what a logged statement fails with, which names its tick.
  func replay() throws(SQLError) {
    guard let log else { return }
    try log.replay(from: 1) { (entry) throws(SQLError) in
      lastClock = entry.clockMicroseconds
      for change in entry.ddl {
        if change.ids.isEmpty { try replayMark(change, tick: entry.number) } else { try replay(change, tick: entry.number) }
      }
      if !entry.ddl.isEmpty { try replayStarts(entry) }
      if entry.ddl.isEmpty {
        for change in entry.tableChanges {
          guard let stored = relations[RelationID(change.relation)] else { throw Self.damaged(entry.number) }
          staged[RelationID(change.relation)] = try BatchCodec.decode(change.batch, types: stored.types.map(\.physicalType))
        }
        try replayStreams(entry)
        try replaySources(entry)
        computeStaged()
        publish()
        clearStaged()
      }
      guard tick == entry.number else { throw Self.damaged(entry.number) }
    }
    replays = [:]
    for case let stream as LocalStream in relations.values { stream.endReplay() }
    resumeJobs()
    startSources(sources.keys.filter { isRead($0) }.sorted(), nil)
  }

  /// Stages what the entry says was appended to local streams.
  ///
  /// - Errors: XX001 for damage.
  private func replayStreams(_ entry: TickEntry) throws(SQLError) {
    for append in entry.streamAppends {
      let id = RelationID(append.relation)
      guard let stream = relations[id] as? LocalStream,
        let rows = try stream.replay(Int(append.rowCount), at: append.firstOffset, after: replayedEnds[id])
      else { throw Self.damaged(entry.number) }
      if rows.count > 0 { stagedStreams[id, default: []].append(rows) }
      replayedEnds[id] = append.firstOffset + UInt64(append.rowCount)
    }
  }

  private func replay(_ change: TickEntry.CatalogChange, tick number: UInt64) throws(SQLError) {
    let request = try request(change.statement, tick: number)
    let highest = nextRelation
    nextRelation = change.ids.first ?? nextRelation
    let draft = try prepare(request)
    if let job = try makeJob(draft, request, nil) {
      do throws(SQLError) { try runToEnd(job) } catch {
        discard(draft)
        throw error
      }
    }
    apply(draft)
    // A definition that took long has smaller ids than one that was made meanwhile.
    nextRelation = max(highest, nextRelation)
    if case .create(let relation, _, _) = request.change { unfinished.removeAll { $0.name == relation.name } }
  }

  /// A logged statement, bound again.
  func request(_ text: String, tick number: UInt64) throws(SQLError) -> CatalogRequest {
    guard let statement = Parser.parseScript(text).first,
      case .request(let request, _, _) = try CatalogBinder(catalog, connectors).bind(statement.result.get(), text)
    else { throw Self.damaged(number) }
    return request
  }

  static func damaged(_ tick: UInt64) -> SQLError {
    SQLError(.dataCorrupted, "the log does not fit the catalog at tick \(tick)")
  }
}
