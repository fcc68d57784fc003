import Expressions

/// Inner joins and the filters over them are joined anew, in an order that avoids cross products.
///
/// ```
/// Filter: a.x = c.x AND c.y = b.y AND b.z > 1    →    Project: a…, b…, c…
///   Cross Join                                          Inner Join: c.y = b.y
///     Cross Join                                          Inner Join: a.x = c.x
///       a                                                   a
///       b                                                   c
///     c                                                   Filter: b.z > 1
///                                                           b
/// ```
/// From the first input on, the next one is the first, as they were written, that an equality connects. What nothing
/// connects is a tree of its own, and trees are crossed last. A condition is evaluated as soon as its columns are there;
/// one that can fail, above all joins, in its order and in a filter of its own (`SplitFilter`).
enum OrderJoins {
  /// - optimizeInput: applied to each input, with the filters that were put on it.
  static func apply(
    _ plan: LogicalPlan, optimizeInput: (LogicalPlan) -> LogicalPlan
  ) -> LogicalPlan? {
    guard JoinGraph.isRegion(plan) else { return nil }
    var graph = JoinGraph()
    let outputs = graph.add(plan)
    var builder = Builder(graph, optimizeInput)
    var result = builder.join()
    for condition in graph.conditions where condition.mayFail {
      result.plan = .filter(result.plan, condition.mapColumns { result.places[$0] })
    }
    return .project(result.plan, outputs.map { $0.mapColumns { result.places[$0] } })
  }

  /// Some of the inputs, joined.
  private struct Part {
    var plan: LogicalPlan
    /// Where the graph's column stands in the plan's rows; -1 for those of other inputs.
    var places: [Int]

    func holds(_ column: Int) -> Bool { places[column] >= 0 }
  }

  private struct Builder {
    private var waiting: [Part] = []
    /// Conditions over several inputs that no join has taken yet.
    private var pending: [BoundExpression]
    private let width: Int

    init(_ graph: JoinGraph, _ optimizeInput: (LogicalPlan) -> LogicalPlan) {
      width = graph.width
      let total = graph.conditions.filter { !$0.mayFail }
      var taken = Set<Int>()
      for (number, input) in graph.inputs.enumerated() {
        let columns = input.offset..<input.offset + input.plan.types.count
        var own: [BoundExpression] = []
        for (index, condition) in total.enumerated() where !taken.contains(index) {
          let reads = condition.readColumns
          // A condition of no column excludes all rows or none: the first input's will do.
          if reads.isEmpty ? number == 0 : reads.allSatisfy(columns.contains) {
            taken.insert(index)
            own.append(condition.mapColumns { $0 - input.offset })
          }
        }
        var places = [Int](repeating: -1, count: graph.width)
        for column in columns { places[column] = column - input.offset }
        waiting.append(Part(plan: optimizeInput(input.plan.filtered(by: own)), places: places))
      }
      pending = total.enumerated().filter { !taken.contains($0.offset) }.map(\.element)
    }

    /// Joins all inputs.
    mutating func join() -> Part {
      var trees: [Part] = []
      while !waiting.isEmpty {
        var tree = waiting.removeFirst()
        while let next = waiting.firstIndex(where: { isConnected(tree, $0) }) {
          tree = join(tree, waiting.remove(at: next))
        }
        trees.append(tree)
      }
      var result = trees.removeFirst()
      while !trees.isEmpty {
        let next = trees.firstIndex { isConnected(result, $0) } ?? trees.firstIndex { isRelated(result, $0) } ?? 0
        result = join(result, trees.remove(at: next))
      }
      precondition(pending.isEmpty, "each condition's columns are there when all inputs are joined")
      return result
    }

    private func isConnected(_ left: Part, _ right: Part) -> Bool {
      pending.contains { JoinEquality($0, isLeft: left.holds, isRight: right.holds) != nil }
    }

    private func isRelated(_ left: Part, _ right: Part) -> Bool {
      pending.contains { $0.readColumns.allSatisfy { left.holds($0) || right.holds($0) } }
    }

    private mutating func join(_ left: Part, _ right: Part) -> Part {
      let leftWidth = left.plan.types.count
      var keyed = KeyedJoin(left.plan, right.plan)
      var (residual, later): ([BoundExpression], [BoundExpression]) = ([], [])
      for condition in pending {
        if let equality = JoinEquality(condition, isLeft: left.holds, isRight: right.holds) {
          keyed.add(equality.left.mapColumns { left.places[$0] }, equality.right.mapColumns { right.places[$0] })
        } else if condition.readColumns.allSatisfy({ left.holds($0) || right.holds($0) }) {
          residual.append(
            condition.mapColumns { left.holds($0) ? left.places[$0] : leftWidth + right.places[$0] })
        } else {
          later.append(condition)
        }
      }
      pending = later
      var places = left.places
      for column in 0..<width where right.holds(column) { places[column] = keyed.place(leftWidth + right.places[column]) }
      return Part(plan: keyed.plan(.inner, residual: residual), places: places)
    }
  }
}

/// Inner joins with all that stands between them: inputs, conditions, and what the whole gives.
///
/// Its columns are those of all inputs side by side, in the order in which the query has them.
struct JoinGraph {
  private(set) var inputs: [(plan: LogicalPlan, offset: Int)] = []
  /// In the order in which they were evaluated.
  private(set) var conditions: [BoundExpression] = []
  private(set) var width = 0

  /// Whether a plan is an inner join without keys, under any filters and projections that compute nothing that can fail.
  static func isRegion(_ plan: LogicalPlan) -> Bool {
    switch plan {
    case .join(let join): join.kind == .inner && join.keys.isEmpty
    case .filter(let input, _): isRegion(input)
    case .project(let input, let expressions): expressions.allSatisfy(\.isCheap) && isRegion(input)
    default: false
    }
  }

  /// Takes a plan apart.
  ///
  /// - Returns: its columns, over the graph's.
  mutating func add(_ plan: LogicalPlan) -> [BoundExpression] {
    guard Self.isRegion(plan) else {
      let types = plan.types
      let columns = types.enumerated().map { BoundExpression.column(width + $0.offset, $0.element) }
      inputs.append((plan, width))
      width += types.count
      return columns
    }
    switch plan {
    case .join(let join):
      let columns = add(join.left) + add(join.right)
      if let residual = join.residual { add(residual, over: columns) }
      return columns
    case .filter(let input, let condition):
      let columns = add(input)
      add(condition, over: columns)
      return columns
    case .project(let input, let expressions):
      let columns = add(input)
      return expressions.map { $0.substitutingColumns { index, _ in columns[index] } }
    default: preconditionFailure("a region is a join, a filter or a projection")
    }
  }

  private mutating func add(_ condition: BoundExpression, over columns: [BoundExpression]) {
    conditions += condition.conjuncts.map { $0.substitutingColumns { index, _ in columns[index] } }
  }
}

extension BoundExpression {
  /// Whether it may be evaluated several times instead of once: a column, a constant, or a cast of one that cannot fail.
  fileprivate var isCheap: Bool {
    switch self {
    case .column, .constant: true
    case .call(let function, let arguments, _):
      function.isCast && !mayFail && arguments.allSatisfy { if case .column = $0 { true } else { false } }
    default: false
    }
  }
}
