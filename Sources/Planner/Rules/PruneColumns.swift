import Expressions

/// What nothing above needs is not computed, and does not enter a join's or an aggregate's state.
///
/// ```
/// Project: a                →   Project: a
///   Inner Join: a = c             Inner Join: a = c
///     x (a, b)                      Project: a
///     Project: c, d + 1               x (a, b)
///       y (c, d)                    Project: c
///                                     y (c, d)
/// ```
/// DISTINCT compares whole rows, and a top-k orders ties by them: below these everything is needed.
enum PruneColumns {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    let all = Array(plan.types.indices)
    return prune(plan, Set(all)).narrowed(to: all)
  }

  private struct Pruned {
    var plan: LogicalPlan
    /// Where a column of the plan before stands now.
    var places: [Int: Int]

    init(_ plan: LogicalPlan, kept: [Int]) {
      self.plan = plan
      places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($0.element, $0.offset) })
    }

    func place(_ column: Int) -> Int {
      guard let place = places[column] else { preconditionFailure("a needed column is kept") }
      return place
    }

    /// The plan with exactly these columns of the plan before, in this order.
    func narrowed(to columns: [Int]) -> LogicalPlan {
      let types = plan.types
      let isExact = types.count == columns.count && columns.enumerated().allSatisfy { place($0.element) == $0.offset }
      return isExact ? plan : .project(plan, columns.map { .column(place($0), types[place($0)]) })
    }
  }

  private static func prune(_ plan: LogicalPlan, _ needed: Set<Int>) -> Pruned {
    switch plan {
    case .unit, .values, .scan: return Pruned(plan, kept: Array(plan.types.indices))
    case .filter(let input, let condition):
      var pruned = prune(input, needed.union(condition.readColumns))
      pruned.plan = .filter(pruned.plan, condition.mapColumns(pruned.place))
      return pruned
    case .project(let input, let expressions):
      let kept = needed.sorted()
      let below = prune(input, kept.reduce(into: []) { $0.formUnion(expressions[$1].readColumns) })
      return Pruned(.project(below.plan, kept.map { expressions[$0].mapColumns(below.place) }), kept: kept)
    case .windows(let input, var windows):
      let start = input.types.count
      var pruned = prune(input, needed.subtracting([start]).union([windows.time]))
      windows.time = pruned.place(windows.time)
      pruned.places[start] = pruned.plan.types.count
      pruned.plan = .windows(pruned.plan, windows)
      return pruned
    case .unionAll(let inputs):
      let kept = needed.isEmpty ? Array(plan.types.indices.prefix(1)) : needed.sorted()
      return Pruned(.unionAll(inputs.map { prune($0, Set(kept)).narrowed(to: kept) }), kept: kept)
    case .distinct(let input): return Pruned(.distinct(whole(input)), kept: Array(plan.types.indices))
    case .topK(let input, let order, let limit, let offset):
      return Pruned(
        .topK(whole(input), order: order, limit: limit, offset: offset), kept: Array(plan.types.indices))
    case .aggregate(let input, let keys, let calls): return prune(input, keys, calls, needed)
    case .join(let join): return prune(join, needed)
    }
  }

  private static func whole(_ plan: LogicalPlan) -> LogicalPlan {
    let all = Array(plan.types.indices)
    return prune(plan, Set(all)).narrowed(to: all)
  }

  private static func prune(
    _ input: LogicalPlan, _ keys: [Int], _ calls: [AggregateCall], _ needed: Set<Int>
  ) -> Pruned {
    var kept = calls.indices.filter { needed.contains(keys.count + $0) }
    // A row without columns would be a special case of every operator above.
    if keys.isEmpty && kept.isEmpty { kept = Array(calls.indices.prefix(1)) }
    var columns = Set(keys)
    for call in kept { columns.formUnion(calls[call].columns) }
    let below = prune(input, columns)
    let plan = LogicalPlan.aggregate(
      below.plan, keys: keys.map(below.place),
      calls: kept.map { calls[$0].mapColumns(below.place) })
    return Pruned(plan, kept: Array(keys.indices) + kept.map { keys.count + $0 })
  }

  private static func prune(_ join: JoinPlan, _ needed: Set<Int>) -> Pruned {
    let width = join.left.types.count
    let columns = needed.union(join.residual?.readColumns ?? [])
    func side(_ plan: LogicalPlan, _ own: Set<Int>) -> (plan: LogicalPlan, kept: [Int]) {
      // At least one column, as long as there is any: states hold rows of some width.
      let kept = own.isEmpty ? Array(plan.types.indices.prefix(1)) : own.sorted()
      return (prune(plan, Set(kept)).narrowed(to: kept), kept)
    }
    let left = side(join.left, Set(columns.filter { $0 < width } + join.keys.map(\.left)))
    let right = side(join.right, Set(columns.filter { $0 >= width }.map { $0 - width } + join.keys.map(\.right)))
    let kept = left.kept + right.kept.map { $0 + width }
    var pruned = Pruned(.unit, kept: kept)
    pruned.plan = .join(
      JoinPlan(
        kind: join.kind, left: left.plan, right: right.plan,
        keys: join.keys.map {
          JoinPlan.Key(left: pruned.place($0.left), right: pruned.place($0.right + width) - left.kept.count)
        },
        residual: join.residual?.mapColumns(pruned.place)))
    return pruned
  }
}
