import Columnar
import Dataflow
import Expressions
import Planner
import SQLCatalog
import SQLTypes
import StateMemory

/// Makes the operators of a logical plan in a graph: the same for a view that is kept and for a query asked once.
struct Lowering {
  let graph: Graph
  /// Where operators keep their state; made when the first one needs it, for most queries asked once need none.
  private let space: () -> StateSpace
  /// The node that a relation's rows come from; nil where whoever runs the graph pushes them.
  private let root: (RelationID) -> NodeID?
  /// The nodes that were made, inputs first, and the types of their rows.
  private(set) var nodes: [(id: NodeID, types: [SQLType])] = []
  /// The nodes that a relation's rows enter by: what is there already is pushed to them.
  private(set) var scans: [(node: NodeID, relation: RelationID)] = []
  /// Rows that enter once, when the graph starts.
  private(set) var constants: [(node: NodeID, rows: [[BoundExpression]])] = []

  init(_ graph: Graph, space: @escaping () -> StateSpace, root: @escaping (RelationID) -> NodeID? = { _ in nil }) {
    self.graph = graph
    self.space = space
    self.root = root
  }

  /// - Returns: the node that the plan's rows come from.
  mutating func lower(_ plan: LogicalPlan) -> NodeID {
    switch plan {
    case .unit:
      let node = add("Values", Input(), [], plan)
      constants.append((node, [[]]))
      return node
    case .values(let rows, _):
      let node = add("Values", Input(), [], plan)
      constants.append((node, rows))
      return node
    case .scan(let relation, _):
      let node = add("Scan", Input(), root(relation).map { [$0] } ?? [], plan)
      scans.append((node, relation))
      return node
    case .filter(let input, let condition):
      let input = lower(input)
      return add("Filter", Filter(condition, origin: origin), [input], plan)
    case .project(let input, let expressions):
      let input = lower(input)
      return add("Project", Project(expressions, origin: origin), [input], plan)
    case .unionAll(let inputs):
      let nodes = inputs.map { lower($0) }
      return add("UnionAll", UnionAll(inputCount: nodes.count), nodes, plan)
    case .distinct(let input):
      let node = lower(input)
      return add("Distinct", Distinct(types: input.types, space: space()), [node], plan)
    case .aggregate(let input, let keys, let calls):
      let node = lower(input)
      let aggregate = Aggregate(
        types: input.types, keys: keys, calls: calls, isAppendOnly: false, space: space(), origin: origin)
      return add("Aggregate", aggregate, [node], plan)
    case .join(let join): return lower(join)
    case .topK(let input, let order, let limit, let offset):
      let node = lower(input)
      let topK = TopK(
        types: input.types, order: order, limit: limit, offset: offset, isAppendOnly: false, space: space())
      return add("TopK", topK, [node], plan)
    }
  }

  private mutating func lower(_ join: JoinPlan) -> NodeID {
    let left = lower(join.left)
    let right = lower(join.right)
    let leftArrange = Arrange(types: join.left.types, keys: join.keys.map(\.left), space: space())
    let rightArrange = Arrange(types: join.right.types, keys: join.keys.map(\.right), space: space())
    let leftNode = add("Arrange", leftArrange, [left], join.left)
    let rightNode = add("Arrange", rightArrange, [right], join.right)
    let kind: Join.Kind = join.kind == .inner ? .inner : .left
    let node = Join(kind: kind, left: leftArrange, right: rightArrange, residual: join.residual, origin: origin)
    return add("Join", node, [leftNode, rightNode], .join(join))
  }

  /// The number of the node that is made next, under which it tells its errors.
  private var origin: Int64 { Int64(graph.nextNode.rawValue) }

  private mutating func add(_ name: String, _ operation: any Operator, _ inputs: [NodeID], _ plan: LogicalPlan) -> NodeID {
    let node = graph.add(name, operation, inputs: inputs)
    nodes.append((node, plan.types))
    return node
  }

  /// Puts a node of the caller's on top of the plan's.
  mutating func finish(_ name: String, _ operation: any Operator, on input: NodeID, _ plan: LogicalPlan) -> NodeID {
    add(name, operation, [input], plan)
  }

  /// Pushes the rows that enter once.
  ///
  /// - Errors: a constant that cannot be computed, as in the statement.
  func pushConstants() throws(SQLError) {
    for (node, rows) in constants {
      for row in rows {
        var errors = RowErrors()
        let columns = row.map { $0.evaluate(.unit, errors: &errors) }
        if let error = errors.first { throw error }
        graph.push(Batch(count: 1, columns: columns), to: node)
      }
    }
  }
}
