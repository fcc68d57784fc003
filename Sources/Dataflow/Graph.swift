package import Columnar
package import SQLTypes

/// A node's number in its graph. Greater than those of its inputs, and never given out again.
package struct NodeID: Hashable, Comparable, Sendable {
  package let rawValue: Int
  package init(_ rawValue: Int) { self.rawValue = rawValue }
  package static func < (a: NodeID, b: NodeID) -> Bool { a.rawValue < b.rawValue }
}

/// Operators joined by edges, run tick by tick on one thread.
///
/// A batch goes depth first as far as it can within `push`; then `endTick` visits the nodes that got input, in the order
/// of their numbers. An edge leads from a smaller number to a greater one, so a node's inputs have ended their tick when
/// its turn comes. Nodes without input do not run: a thousand idle views cost nothing.
package final class Graph {
  private final class Node {
    let id: NodeID
    let name: String
    let operation: any Operator
    /// The operator, if it is an exchange.
    let exchange: Exchange?
    var inputs: [NodeID]
    var consumers: [(node: Node, port: Int)] = []
    var isDirty = false

    init(_ id: NodeID, _ name: String, _ operation: any Operator, inputs: [NodeID]) {
      self.id = id
      self.name = name
      self.operation = operation
      exchange = operation as? Exchange
      self.inputs = inputs
    }
  }

  private var nodes: [NodeID: Node] = [:]
  private var nextID = 1
  /// Nodes that got input in this tick and have not ended it: a binary heap by number.
  private var dirty = NodeHeap()
  /// Nodes that have ended a tick since they were last taken, in this order.
  private var ended: [NodeID] = []
  /// How many of them have closed the tick too.
  private var closedCount = 0
  /// Error rows that began in this tick, each at the node whose expression failed.
  private var originated: [(node: NodeID, errors: ErrorBatch)] = []
  /// The first failure of the tick: what a SELECT asked once raises.
  package private(set) var firstError: SQLError?
  /// Whether nobody waits for the rows any more; the graph is thrown away then.
  package var isCancelled: () -> Bool = { false }

  package init() {}

  /// The number that the next node will have: operators that originate errors are told it.
  package var nextNode: NodeID { NodeID(nextID) }

  /// Adds a node that reads `inputs` on ports 0, 1, …; it runs once at the end of this tick, input or not.
  ///
  /// - name: what `leat.operators` and EXPLAIN call it.
  package func add(_ name: String, _ operation: any Operator, inputs: [NodeID]) -> NodeID {
    let id = NodeID(nextID)
    nextID += 1
    let node = Node(id, name, operation, inputs: inputs)
    for (port, input) in inputs.enumerated() {
      guard let source = nodes[input] else { preconditionFailure("an input is a node of the graph") }
      source.consumers.append((node, port))
    }
    nodes[id] = node
    markDirty(node)
    return id
  }

  /// Takes nodes away, with the edges that lead to them; no other node reads them.
  package func remove(_ ids: some Sequence<NodeID>) {
    for id in ids.sorted(by: >) {
      guard let node = nodes.removeValue(forKey: id) else { preconditionFailure("a node is removed once") }
      precondition(node.consumers.isEmpty, "a node that another one reads stays")
      for input in node.inputs { nodes[input]?.consumers.removeAll { $0.node === node } }
    }
    dirty.remove { nodes[$0] == nil }
  }

  /// Lets a node that has no inputs read `source` from the next tick on; between two ticks.
  package func connect(_ source: NodeID, to id: NodeID) {
    guard let from = nodes[source], let node = nodes[id] else { preconditionFailure("an edge joins nodes of the graph") }
    precondition(source < id && node.inputs.isEmpty, "an edge leads to a greater number, and to a node without inputs")
    node.inputs = [source]
    from.consumers.append((node, 0))
  }

  /// Lets all that reads a node read `other`, whose rows have been and will be the same; between two ticks. The node stays,
  /// read by nobody.
  package func redirect(_ id: NodeID, to other: NodeID) {
    guard let from = nodes[id], let to = nodes[other] else { preconditionFailure("an edge joins nodes of the graph") }
    precondition(other < id, "an edge leads to a greater number")
    for (consumer, port) in from.consumers {
      consumer.inputs[port] = other
      consumer.operation.readsInstead(to.operation, port: port)
      to.consumers.append((consumer, port))
    }
    from.consumers = []
  }

  /// Hands a batch to a node's port, and what it makes of it to its consumers.
  @discardableResult
  package func push(_ batch: Batch, to id: NodeID, port: Int = 0) -> Demand {
    guard let node = nodes[id] else { preconditionFailure("rows go to a node of the graph") }
    return push(batch, to: node, port)
  }

  /// Ends the tick at every node that got input.
  package func endTick() {
    while nextToEnd != nil { endNext() }
    closeTick()
  }

  /// The node that ends the tick next.
  var nextToEnd: NodeID? { dirty.first }

  /// Ends the tick at that node.
  func endNext() {
    guard let id = dirty.popFirst(), let node = nodes[id] else { return }
    ended.append(id)
    node.isDirty = false
    var output = TickOutput(of: id, in: self)
    node.operation.endTick(into: &output)
    _ = deliver(output, from: node)
  }

  /// Closes the tick at the nodes that have ended it.
  func closeTick() {
    for id in ended[closedCount...] { nodes[id]?.operation.closeTick() }
    closedCount = ended.count
  }

  /// Which nodes ended the tick, and what began to fail; the next tick begins with none.
  package func takeTick() -> (ended: [NodeID], originated: [(node: NodeID, errors: ErrorBatch)]) {
    defer { (ended, closedCount, originated, firstError) = ([], 0, [], nil) }
    return (ended, originated)
  }

  package var nodeCount: Int { nodes.count }

  package func name(of id: NodeID) -> String { nodes[id]?.name ?? "" }

  package func figures(of id: NodeID) -> OperatorFigures { nodes[id]?.operation.figures ?? OperatorFigures() }

  /// Whether another node reads it.
  func isRead(_ id: NodeID) -> Bool { nodes[id]?.consumers.isEmpty == false }

  // Backfill ---------------------------------------------------------------------------------------------------------

  /// The operator of a join.
  private func join(_ id: NodeID) -> (node: Node, join: Join) {
    guard let node = nodes[id], let join = node.operation as? Join else { preconditionFailure("a node that is filled is a join") }
    return (node, join)
  }

  func beginBackfill(_ id: NodeID, left: Bool, right: Bool) { join(id).join.beginBackfill(left: left, right: right) }

  func backfillLeft(_ id: NodeID) -> Int { join(id).join.backfillLeft }

  /// Reads on, and delivers what comes of that.
  func backfill(_ id: NodeID, _ rowCount: Int) {
    let (node, join) = join(id)
    var output = TickOutput(of: id, in: self)
    join.backfill(rowCount, into: &output)
    _ = deliver(output, from: node)
  }

  // What `ShardedGraph` asks -----------------------------------------------------------------------------------------

  func isExchange(_ id: NodeID) -> Bool { nodes[id]?.exchange != nil }

  /// Lets a node end the tick though it got no input.
  func markDirty(_ id: NodeID) {
    if let node = nodes[id] { markDirty(node) }
  }

  /// Sends what an exchange has for other workers.
  func sendMarks(at id: NodeID) { nodes[id]?.exchange?.sendMarks() }

  /// The exchanges that what a node sends, or gets if it is one, can come to.
  func exchanges(from id: NodeID) -> [NodeID] {
    var seen: Set<NodeID> = [id]
    var open = [id]
    while let next = open.popLast() {
      for (consumer, _) in nodes[next]?.consumers ?? [] where seen.insert(consumer.id).inserted { open.append(consumer.id) }
    }
    return seen.filter { isExchange($0) }.sorted()
  }

  private func push(_ batch: Batch, to node: Node, _ port: Int) -> Demand {
    markDirty(node)
    var output = TickOutput(of: node.id, in: self)
    let demand = node.operation.push(batch, port: port, into: &output)
    return deliver(output, from: node) == .enough ? .enough : demand
  }

  private func push(_ errors: ErrorBatch, to node: Node, _ port: Int) {
    markDirty(node)
    var output = TickOutput(of: node.id, in: self)
    node.operation.push(errors, port: port, into: &output)
    _ = deliver(output, from: node)
  }

  private func markDirty(_ node: Node) {
    if node.isDirty { return }
    node.isDirty = true
    dirty.insert(node.id)
  }

  /// Delivers what a node's operator has pushed until now; it goes on with none.
  func sendOn(_ output: inout TickOutput, from id: NodeID) {
    guard let node = nodes[id] else { preconditionFailure("a node that runs is in the graph") }
    _ = deliver(output, from: node)
    (output.batches, output.errors) = ([], [])
  }

  /// - Returns: `.enough` if every consumer has enough.
  private func deliver(_ output: TickOutput, from node: Node) -> Demand {
    if let error = output.firstError, firstError == nil { firstError = error }
    for errors in output.errors {
      let own = errors.originating(at: node.id)
      if let own { originated.append((node.id, own)) }
      for (consumer, port) in node.consumers { push(own == nil ? errors : errors.withoutOrigin, to: consumer, port) }
    }
    if node.consumers.isEmpty { return .more }
    var demand = Demand.enough
    for (consumer, port) in node.consumers {
      if output.batches.isEmpty { demand = .more }
      for batch in output.batches where push(batch, to: consumer, port) == .more { demand = .more }
    }
    return demand
  }
}

/// Node numbers, the smallest first.
private struct NodeHeap {
  private var ids: [NodeID] = []

  var first: NodeID? { ids.first }

  mutating func insert(_ id: NodeID) {
    ids.append(id)
    var child = ids.count - 1
    while child > 0, ids[child] < ids[(child - 1) / 2] {
      ids.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> NodeID? {
    guard let first = ids.first, let last = ids.popLast() else { return nil }
    if ids.isEmpty { return first }
    ids[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < ids.count && ids[child] < ids[least] { least = child }
      if least == parent { return first }
      ids.swapAt(parent, least)
      parent = least
    }
  }

  mutating func remove(where isGone: (NodeID) -> Bool) {
    let kept = ids.filter { !isGone($0) }
    ids = []
    for id in kept { insert(id) }
  }
}
