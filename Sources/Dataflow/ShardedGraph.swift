package import Columnar
package import Platform
package import SQLTypes

/// A graph for each worker, with the same nodes under the same numbers; exchanges between them move rows to the worker that
/// owns their key (DESIGN §4, §9.7).
///
/// - With one worker there is one graph and nothing else: no exchange, no queue, no thread.
/// - With more, what is pushed waits for `endTick`. A small tick is run by the caller's thread, node number by node number over
///   all workers. In a larger one every worker's thread takes its share of the batches and ends its nodes in the order of
///   their numbers. At an exchange it sends its mark before it waits for those of others, and the exchanges that the tick
///   can reach are marked on every worker before it begins: so all of them come by the same exchanges in the same order, and
///   none waits for one that waits for it.
/// - Whatever the workers, the sums of what nodes send over a tick are the same; for one number of workers, so is their order.
package final class ShardedGraph {
  package struct Sizes: Sendable {
    /// Ticks below so many rows are run by the caller's thread.
    package var smallTickRows: Int
    /// The most rows that a worker is dealt at once.
    package var dealtRows: Int
    /// So many rows are run before the tick ends, so that a view's first rows do not all lie in memory.
    package var queuedRows = 1 << 18

    package init(smallTickRows: Int = 2000, dealtRows: Int = Batch.targetRowCount) {
      self.smallTickRows = smallTickRows
      self.dealtRows = dealtRows
    }
  }

  /// A batch on its way to a node.
  private struct Entry: Sendable {
    var batch: Batch
    var node: NodeID
    var port: Int
  }

  private let shards: [Graph]
  private let team: WorkerTeam?
  private let sizes: Sizes

  // The tick under way
  private var queued: [Entry] = []
  private var queuedRows = 0
  /// Whether threads have run a part of it.
  private var isLarge = false
  /// Nodes that got rows, or are new.
  private var touched: Set<NodeID> = []

  /// The exchanges that a node's rows can come to. Forgotten whenever an edge comes or goes.
  private var reach: [NodeID: [NodeID]] = [:]

  /// With one worker.
  package init() {
    shards = [Graph()]
    team = nil
    sizes = Sizes()
  }

  /// - Errors: the system's, where a worker's thread does not start.
  package init(workers: Int, sizes: Sizes = Sizes()) throws(PlatformError) {
    precondition(workers > 0, "there is a worker")
    shards = (0..<workers).map { _ in Graph() }
    team = workers > 1 ? try WorkerTeam(count: workers) : nil
    self.sizes = sizes
  }

  package var workerCount: Int { shards.count }

  /// Asks `isCancelled` now and then whether anybody still waits for the rows; of a graph with one worker, which is thrown away then.
  package func cancel(when isCancelled: @escaping () -> Bool) { shards[0].isCancelled = isCancelled }

  /// Ends the workers' threads.
  package func stop() { team?.stop() }

  // MARK: nodes

  /// The number that the next node will have.
  package var nextNode: NodeID { shards[0].nextNode }

  /// Adds a node on every worker; `make` gives each its own operator.
  package func add(_ name: String, inputs: [NodeID], _ make: (_ worker: Int) -> any Operator) -> NodeID {
    let id = nextNode
    for (worker, shard) in shards.enumerated() { _ = shard.add(name, make(worker), inputs: inputs) }
    if team != nil {
      touched.insert(id)
      reach = [:]
    }
    return id
  }

  /// The same; `operation` is evaluated for each worker.
  package func add(_ name: String, _ operation: @autoclosure () -> any Operator, inputs: [NodeID]) -> NodeID {
    add(name, inputs: inputs) { _ in operation() }
  }

  /// Lets a node that has no inputs read `source` from the next tick on; between two ticks.
  package func connect(_ source: NodeID, to id: NodeID) {
    for shard in shards { shard.connect(source, to: id) }
    reach = [:]
  }

  /// Lets all that reads a node read `other`, whose rows have been and will be the same, and takes the node away; between two
  /// ticks.
  package func replace(_ id: NodeID, by other: NodeID) {
    for shard in shards { shard.redirect(id, to: other) }
    remove([id])
  }

  /// Takes nodes away, with the edges that lead to them and the rows on their way; no other node reads them.
  package func remove(_ ids: some Sequence<NodeID>) {
    let gone = Set(ids)
    for shard in shards { shard.remove(gone) }
    if team == nil { return }
    queued.removeAll { gone.contains($0.node) }
    queuedRows = queued.reduce(0) { $0 + $1.batch.count }
    touched.subtract(gone)
    reach = [:]
  }

  // MARK: ticks

  /// Hands a batch to a node's port. With one worker it runs at once; with more when the tick ends, and there is no telling
  /// whether there is enough.
  @discardableResult
  package func push(_ batch: Batch, to id: NodeID, port: Int = 0) -> Demand {
    if team == nil { return shards[0].push(batch, to: id, port: port) }
    queued.append(Entry(batch: batch, node: id, port: port))
    queuedRows += batch.count
    touched.insert(id)
    if queuedRows >= sizes.queuedRows { runQueued(isEnding: false) }
    return .more
  }

  /// Ends the tick at every node that got input.
  package func endTick() {
    if team == nil { return shards[0].endTick() }
    if isLarge || queuedRows >= sizes.smallTickRows { runQueued(isEnding: true) } else { runInline() }
    touched = []
    isLarge = false
  }

  /// Runs a small tick on this thread, for all workers: the first one takes all rows.
  private func runInline() {
    for entry in takeQueued() { shards[0].push(entry.batch, to: entry.node, port: entry.port) }
    while let next = nextToEnd {
      if shards[0].isExchange(next) {
        for shard in shards {
          shard.markDirty(next)
          shard.sendMarks(at: next)
        }
      }
      for shard in shards where shard.nextToEnd == next { shard.endNext() }
    }
    for shard in shards { shard.closeTick() }
  }

  /// The least node that a worker has still to end.
  private var nextToEnd: NodeID? {
    var least: NodeID?
    for shard in shards {
      if let next = shard.nextToEnd { least = min(least ?? next, next) }
    }
    return least
  }

  /// Deals what is queued to the workers, whose threads run it and, if the tick ends, end it.
  private func runQueued(isEnding: Bool) {
    guard let team else { return }
    isLarge = true
    if isEnding { markReached() }
    let round = Round(shards: shards, task: .push(dealt(takeQueued())), isEnding: isEnding)
    team.run { worker in round.run(worker) }
  }

  /// Before workers' threads end a tick: all of them come by the exchanges that it can reach.
  private func markReached() {
    let reached = touched.reduce(into: Set<NodeID>()) { $0.formUnion(exchanges(beyond: $1)) }
    for shard in shards { for id in reached { shard.markDirty(id) } }
  }

  /// One turn of all workers: each touches its own graph alone.
  private struct Round: @unchecked Sendable {  // a graph is used by one thread at a time: the team's rounds hand it over
    enum Task {
      case push([[Entry]])
      case backfill(NodeID, rowCount: Int)
    }

    let shards: [Graph]
    let task: Task
    let isEnding: Bool

    func run(_ worker: Int) {
      let shard = shards[worker]
      switch task {
      case .push(let inboxes): for entry in inboxes[worker] { shard.push(entry.batch, to: entry.node, port: entry.port) }
      case .backfill(let id, let rowCount): shard.backfill(id, rowCount)
      }
      if isEnding { shard.endTick() }
    }
  }

  private func takeQueued() -> [Entry] {
    defer { (queued, queuedRows) = ([], 0) }
    return queued
  }

  /// Operators before the first exchange keep nothing of a row's key, so that any worker may have any batch.
  private func dealt(_ entries: [Entry]) -> [[Entry]] {
    var inboxes = [[Entry]](repeating: [], count: shards.count)
    var next = 0
    for entry in entries {
      for part in entry.batch.slices(of: sizes.dealtRows) {
        inboxes[next].append(Entry(batch: part, node: entry.node, port: entry.port))
        next = (next + 1) % shards.count
      }
    }
    return inboxes
  }

  private func exchanges(beyond id: NodeID) -> [NodeID] {
    if let known = reach[id] { return known }
    let found = shards[0].exchanges(from: id)
    reach[id] = found
    return found
  }

  /// Which nodes ended the tick, and what began to fail, by node and then by worker; the next tick begins with none.
  package func takeTick() -> (ended: [NodeID], originated: [(node: NodeID, errors: ErrorBatch)]) {
    if team == nil { return shards[0].takeTick() }
    var ended: Set<NodeID> = []
    var originated: [NodeID: [ErrorBatch]] = [:]
    for shard in shards {
      let tick = shard.takeTick()
      ended.formUnion(tick.ended)
      for (node, errors) in tick.originated { originated[node, default: []].append(errors) }
    }
    return (
      ended.sorted(),
      originated.keys.sorted().flatMap { node in (originated[node] ?? []).map { (node: node, errors: $0) } }
    )
  }

  /// The first failure of the tick on the first worker that had one.
  package var firstError: SQLError? { shards.lazy.compactMap(\.firstError).first }

  // MARK: joins over arrangements that are there

  package func isRead(_ id: NodeID) -> Bool { shards[0].isRead(id) }

  /// Tells a new join which of the arrangements that it looks into hold rows already; it has to be filled with what those of its
  /// left side are to it (`Join.beginBackfill`).
  package func beginBackfill(_ id: NodeID, left: Bool, right: Bool) {
    for shard in shards { shard.beginBackfill(id, left: left, right: right) }
  }

  /// How many rows' ids a join has still to read, all workers together.
  package func backfillLeft(_ id: NodeID) -> Int { shards.reduce(0) { $0 + $1.backfillLeft(id) } }

  /// Between two ticks: a join reads about `rowCount` further ids, and what comes of them goes through the nodes above it, as in a
  /// tick.
  ///
  /// - Returns: whether there are more.
  package func backfill(_ id: NodeID, _ rowCount: Int) -> Bool {
    precondition(queued.isEmpty && !isLarge, "a join is filled between two ticks")
    let isOnThreads = team != nil && rowCount >= sizes.smallTickRows
    let round = Round(
      shards: shards, task: .backfill(id, rowCount: max(1, rowCount / shards.count)), isEnding: isOnThreads)
    if let team, isOnThreads {
      touched.insert(id)
      markReached()
      team.run { worker in round.run(worker) }
      touched = []
    } else {
      for worker in shards.indices { round.run(worker) }
      endTick()
    }
    return backfillLeft(id) > 0
  }

  // MARK: figures

  /// How many nodes there are on each worker.
  package var nodeCount: Int { shards[0].nodeCount }

  package func name(of id: NodeID) -> String { shards[0].name(of: id) }

  /// The sums of all workers'; between ticks.
  package func figures(of id: NodeID) -> OperatorFigures {
    shards.reduce(into: OperatorFigures()) { $0.add($1.figures(of: id)) }
  }
}

extension OperatorFigures {
  fileprivate mutating func add(_ other: OperatorFigures) {
    rowsIn += other.rowsIn
    rowsOut += other.rowsOut
    stateReads += other.stateReads
    stateRows += other.stateRows
    stateBytes += other.stateBytes
  }
}
