import Expressions

extension LogicalPlan {
  /// The plans that this node reads.
  package var inputs: [LogicalPlan] {
    switch self {
    case .unit, .values, .scan: []
    case .filter(let input, _), .project(let input, _), .windows(let input, _), .distinct(let input),
      .aggregate(let input, _, _), .topK(let input, _, _, _):
      [input]
    case .unionAll(let inputs): inputs
    case .join(let join): [join.left, join.right]
    }
  }

  /// The same node over other inputs.
  func mapInputs(_ map: (LogicalPlan) -> LogicalPlan) -> LogicalPlan {
    switch self {
    case .unit, .values, .scan: self
    case .filter(let input, let condition): .filter(map(input), condition)
    case .project(let input, let expressions): .project(map(input), expressions)
    case .windows(let input, let windows): .windows(map(input), windows)
    case .unionAll(let inputs): .unionAll(inputs.map(map))
    case .distinct(let input): .distinct(map(input))
    case .aggregate(let input, let keys, let calls): .aggregate(map(input), keys: keys, calls: calls)
    case .join(var join):
      {
        join.left = map(join.left)
        join.right = map(join.right)
        return .join(join)
      }()
    case .topK(let input, let order, let limit, let offset):
      .topK(map(input), order: order, limit: limit, offset: offset)
    }
  }
}
