import Columnar
import Dataflow
import Expressions
import Planner
import SQLCatalog
import SQLTypes
import StateMemory

/// Makes the operators of a logical plan in a graph: the same for a view that is kept and for a query asked once.
///
/// Parts of the plan that are equal become one node. With more than one worker, exchanges stand before what keeps state, where the
/// rows are not dealt that way already.
struct Lowering {
  /// A node, and which worker has which of its rows.
  private struct Placed {
    var node: NodeID
    var dealing: Dealing
  }

  let graph: ShardedGraph
  /// Where a worker's operators keep their state; made when the first one needs it, for most queries asked once need none.
  private let space: (_ worker: Int) -> StateSpace
  /// The node that a relation's rows come from; nil where whoever runs the graph pushes them.
  private let root: (RelationID) -> NodeID?
  /// Whether a plan's rows are never taken back, so that what reads it need keep less.
  private let isAppendOnly: (LogicalPlan) -> Bool
  /// The nodes that were made, inputs first.
  private(set) var nodes: [PlanNode] = []
  private var nodeByKey: [NodeKey: NodeID] = [:]
  /// The operators of arranging nodes, for the joins that look into them.
  private var arranges: [NodeID: [Arrange]] = [:]
  /// The joins, inputs first, and the arranging nodes that they look into.
  private(set) var joins: [(node: NodeID, left: NodeID, right: NodeID)] = []
  /// The nodes that a relation's rows enter by: what is there already is pushed to them.
  private(set) var scans: [(node: NodeID, relation: RelationID)] = []
  /// Rows that enter once, when the graph starts.
  private(set) var constants: [(node: NodeID, rows: [[BoundExpression]])] = []

  init(
    _ graph: ShardedGraph, space: @escaping (_ worker: Int) -> StateSpace,
    root: @escaping (RelationID) -> NodeID? = { _ in nil }, isAppendOnly: @escaping (LogicalPlan) -> Bool
  ) {
    self.isAppendOnly = isAppendOnly
    self.graph = graph
    self.space = space
    self.root = root
  }

  /// - Returns: the node that the plan's rows come from.
  mutating func lower(_ plan: LogicalPlan) -> NodeID { place(plan).node }

  private mutating func place(_ plan: LogicalPlan) -> Placed {
    switch plan {
    case .unit: return values([[]], plan)
    case .values(let rows, _): return values(rows, plan)
    case .scan(let relation, _):
      // Rows that were there before the plan are dealt as they come.
      let key = NodeKey(operation: .scan(relation), inputs: [])
      let node = add("Scan", root(relation).map { [$0] } ?? [], plan.types, key: key) { _ in Input() }
      if !scans.contains(where: { $0.node == node }) { scans.append((node, relation)) }
      return Placed(node: node, dealing: .anywhere)
    case .filter(let input, let condition):
      let below = place(input)
      let origin = origin
      let node = add("Filter", [below.node], plan.types, .filter(condition)) { _ in Filter(condition, origin: origin) }
      return Placed(node: node, dealing: below.dealing)
    case .project(let input, let expressions):
      let below = place(input)
      let origin = origin
      let node = add("Project", [below.node], plan.types, .project(expressions)) { _ in Project(expressions, origin: origin) }
      return Placed(node: node, dealing: below.dealing.projected(by: expressions))
    case .windows(let input, let windows):
      let below = place(input)
      let origin = origin
      let node = add("Hop", [below.node], plan.types, .hop(windows)) { _ in Hop(windows, origin: origin) }
      // Columns keep their numbers.
      return Placed(node: node, dealing: below.dealing)
    case .unionAll(let inputs):
      let below = inputs.map { place($0) }
      let node = add("UnionAll", below.map(\.node), plan.types, OperationKey("UnionAll")) { _ in UnionAll(inputCount: inputs.count) }
      return Placed(node: node, dealing: below.dropFirst().reduce(below[0].dealing) { $0.united(with: $1.dealing) })
    case .distinct(let input): return distinct(input)
    case .aggregate(let input, let keys, let calls): return aggregate(input, keys, calls)
    case .join(let join): return place(join)
    case .topK(let input, let order, let limit, let offset):
      let below = toFirst(place(input), input)
      let (types, space, isAppendOnly) = (input.types, space, isAppendOnly(input))
      let operation = OperationKey.topK(order, limit: limit, offset: offset)
      let node = add("TopK", [below.node], types, operation, onFirst: true) { worker in
        TopK(types: types, order: order, limit: limit, offset: offset, isAppendOnly: isAppendOnly, space: space(worker))
      }
      return Placed(node: node, dealing: .first)
    }
  }

  /// Never shared: its rows come once.
  private mutating func values(_ rows: [[BoundExpression]], _ plan: LogicalPlan) -> Placed {
    let node = add("Values", [], plan.types, nil) { _ in Input() }
    constants.append((node, rows))
    return Placed(node: node, dealing: .anywhere)
  }

  private mutating func distinct(_ input: LogicalPlan) -> Placed {
    let (types, space) = (input.types, space)
    var below = place(input)
    if !below.dealing.unites(Set(types.indices)) { below = exchanged(below, input, keys: Array(types.indices)) }
    let node = add("Distinct", [below.node], types, OperationKey("Distinct")) { Distinct(types: types, space: space($0)) }
    return Placed(node: node, dealing: below.dealing)
  }

  private mutating func aggregate(_ input: LogicalPlan, _ keys: [Int], _ calls: [AggregateCall]) -> Placed {
    let (types, space, isAppendOnly) = (input.types, space, isAppendOnly(input))
    var below = place(input)
    if keys.isEmpty {
      below = toFirst(below, input)
    } else if !below.dealing.unites(Set(keys)) {
      below = exchanged(below, input, keys: keys)
    }
    let origin = origin
    let output = LogicalPlan.aggregate(input, keys: keys, calls: calls).types
    // A group that is there without a row is there once.
    let node = add("Aggregate", [below.node], output, .aggregate(keys, calls), onFirst: keys.isEmpty) { worker in
      Aggregate(types: types, keys: keys, calls: calls, isAppendOnly: isAppendOnly, space: space(worker), origin: origin)
    }
    return Placed(node: node, dealing: below.dealing.renumbered(keys.enumerated().map { (old: $1, new: $0) }))
  }

  private mutating func place(_ join: JoinPlan) -> Placed {
    var (left, right) = (place(join.left), place(join.right))
    let (leftKeys, rightKeys) = (join.keys.map(\.left), join.keys.map(\.right))
    let dealing: Dealing
    if join.keys.isEmpty || (left.dealing == .first && right.dealing == .first) {
      left = toFirst(left, join.left)
      right = toFirst(right, join.right)
      dealing = .first
    } else {
      if !left.dealing.isByKey(leftKeys) { left = exchanged(left, join.left, keys: leftKeys) }
      let isDealt = right.dealing.isByKey(rightKeys)
      if !isDealt || join.kind == .left {
        right = exchanged(right, join.right, keys: rightKeys, isDealt: isDealt, copiesUnknownKeys: join.kind == .left)
      }
      let width = join.left.types.count
      // A left row without a match has no right key.
      dealing = .byKey(join.keys.map { join.kind == .left ? [$0.left] : [$0.left, $0.right + width] })
    }
    let leftNode = arranged(left, join.left, leftKeys, isCounted: join.kind == .left)
    let rightNode = arranged(right, join.right, rightKeys, isCounted: false)
    guard let leftArranges = arranges[leftNode], let rightArranges = arranges[rightNode] else {
      preconditionFailure("an arranging node has its operators")
    }
    let origin = origin
    let node = add("Join", [leftNode, rightNode], join.left.types + join.right.types, .join(join)) { worker in
      Join(
        kind: join.kind == .inner ? .inner : .left, left: leftArranges[worker], right: rightArranges[worker],
        residual: join.residual, origin: origin, worker: worker)
    }
    if !joins.contains(where: { $0.node == node }) { joins.append((node, leftNode, rightNode)) }
    return Placed(node: node, dealing: dealing)
  }

  /// The plan's nodes without those that are gone: other nodes stand in for the arranging ones.
  mutating func remove(_ gone: Set<NodeID>, standIns: [NodeID: NodeID]) {
    nodes.removeAll { gone.contains($0.id) }
    for (index, node) in nodes.enumerated() {
      if let key = node.key { nodes[index].key?.inputs = key.inputs.map { standIns[$0] ?? $0 } }
    }
    scans.removeAll { gone.contains($0.node) }
  }

  /// - isCounted: whether each row's matches are counted, so that equal rows have to be one.
  private mutating func arranged(_ input: Placed, _ plan: LogicalPlan, _ keys: [Int], isCounted: Bool) -> NodeID {
    let (types, space, isAppendOnly) = (plan.types, space, !isCounted && isAppendOnly(plan))
    var made: [Arrange] = []
    let node = add("Arrange", [input.node], types, .arrange(keys, isAppendOnly: isAppendOnly)) { worker in
      let arrange = Arrange(types: types, keys: keys, isAppendOnly: isAppendOnly, space: space(worker))
      made.append(arrange)
      return arrange
    }
    if !made.isEmpty { arranges[node] = made }
    return node
  }

  private mutating func toFirst(_ input: Placed, _ plan: LogicalPlan) -> Placed {
    input.dealing == .first ? input : exchanged(input, plan, keys: [])
  }

  /// Deals rows by a key, or without one all to the first worker. One worker has them all anyway.
  private mutating func exchanged(
    _ input: Placed, _ plan: LogicalPlan, keys: [Int], isDealt: Bool = false, copiesUnknownKeys: Bool = false
  ) -> Placed {
    let dealing: Dealing = keys.isEmpty ? .first : isDealt ? input.dealing : .byKey(keys)
    if graph.workerCount == 1 { return Placed(node: input.node, dealing: dealing) }
    let rule = ExchangeRule(keys: keys, types: plan.types, isDealt: isDealt, copiesUnknownKeys: copiesUnknownKeys)
    let channels = ExchangeChannels(workerCount: graph.workerCount)
    let node = add("Exchange", [input.node], plan.types, .exchange(rule)) { Exchange(rule, worker: $0, channels: channels) }
    return Placed(node: node, dealing: dealing)
  }

  /// The number of the node that is made next, under which it tells its errors.
  private var origin: Int64 { Int64(graph.nextNode.rawValue) }

  /// - operation: what the node does to its inputs, if that can be told.
  private mutating func add(
    _ name: String, _ inputs: [NodeID], _ types: [SQLType], _ operation: OperationKey?, onFirst: Bool = false,
    _ make: (_ worker: Int) -> any Operator
  ) -> NodeID {
    let key = operation.map { NodeKey(operation: $0, inputs: inputs) }
    return add(name, inputs, types, key: key, onFirst: onFirst, make)
  }

  /// - onFirst: whether the first worker alone has the operator; nothing comes to the node on others.
  /// - Returns: a new node, or the one that was made for this key.
  private mutating func add(
    _ name: String, _ inputs: [NodeID], _ types: [SQLType], key: NodeKey?, onFirst: Bool = false,
    _ make: (_ worker: Int) -> any Operator
  ) -> NodeID {
    if let key, let node = nodeByKey[key] { return node }
    let node = graph.add(name, inputs: inputs) { worker in onFirst && worker > 0 ? Absent() : make(worker) }
    nodes.append(PlanNode(id: node, types: types, key: key))
    if let key { nodeByKey[key] = node }
    return node
  }

  /// Puts a node of the caller's on top of the plan's.
  mutating func finish(
    _ name: String, on input: NodeID, _ plan: LogicalPlan, _ make: (_ worker: Int) -> any Operator
  ) -> NodeID {
    add(name, [input], plan.types, nil, make)
  }

  /// Pushes the rows that enter once.
  ///
  /// - Errors: a constant that cannot be computed, as in the statement.
  func pushConstants() throws(SQLError) {
    for (node, rows) in constants {
      for row in rows {
        var columns: [Column] = []
        for expression in row { columns.append(try expression.constantValue()) }
        graph.push(Batch(count: 1, columns: columns), to: node)
      }
    }
  }
}

extension OperationKey {
  fileprivate static func scan(_ relation: RelationID) -> OperationKey {
    var key = OperationKey("Scan")
    key.add(Int(relation.rawValue))
    return key
  }

  fileprivate static func filter(_ condition: BoundExpression) -> OperationKey? {
    var key = OperationKey("Filter")
    return key.add(condition) ? key : nil
  }

  fileprivate static func project(_ expressions: [BoundExpression]) -> OperationKey? {
    var key = OperationKey("Project")
    return key.add(expressions) ? key : nil
  }

  fileprivate static func hop(_ windows: TimeWindows) -> OperationKey {
    var key = OperationKey("Hop")
    key.add(windows)
    return key
  }

  fileprivate static func aggregate(_ keys: [Int], _ calls: [AggregateCall]) -> OperationKey {
    var key = OperationKey("Aggregate")
    key.add(keys)
    key.add(calls)
    return key
  }

  fileprivate static func topK(_ order: [SortKey], limit: Int64?, offset: Int64) -> OperationKey {
    var key = OperationKey("TopK")
    key.add(order)
    key.add(Int(limit ?? -1))
    key.add(Int(offset))
    return key
  }

  fileprivate static func arrange(_ keys: [Int], isAppendOnly: Bool) -> OperationKey {
    var key = OperationKey("Arrange")
    key.add(keys)
    key.add(isAppendOnly)
    return key
  }

  /// Over two arrangements, which say what is equal.
  fileprivate static func join(_ join: JoinPlan) -> OperationKey? {
    var key = OperationKey("Join")
    key.add(join.kind.rawValue)
    guard let residual = join.residual else { return key }
    return key.add(residual) ? key : nil
  }

  fileprivate static func exchange(_ rule: ExchangeRule) -> OperationKey {
    var key = OperationKey("Exchange")
    key.add(rule.keys)
    key.add(rule.isDealt)
    key.add(rule.copiesUnknownKeys)
    return key
  }
}
