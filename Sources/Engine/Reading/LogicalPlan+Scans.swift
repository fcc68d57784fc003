import Expressions
import Planner
import SQLCatalog
import SQLTypes

extension LogicalPlan {
  /// The relations that the plan scans.
  var relations: Set<RelationID> {
    if case .scan(let relation, _) = self { return [relation] }
    return inputs.reduce(into: []) { $0.formUnion($1.relations) }
  }

  /// The columns of each relation that the plan reads, or may read on some row.
  var columnsRead: [RelationID: Set<Int>] {
    var columns: [RelationID: Set<Int>] = [:]
    collectColumns(Set(types.indices), into: &columns)
    return columns
  }

  /// - read: which of the plan's columns are read.
  private func collectColumns(_ read: Set<Int>, into columns: inout [RelationID: Set<Int>]) {
    switch self {
    case .unit, .values: break
    case .scan(let relation, _): columns[relation, default: []].formUnion(read)
    case .filter(let input, let condition): input.collectColumns(read.union(condition.readColumns), into: &columns)
    // All expressions are evaluated, whoever reads them.
    case .project(let input, let expressions):
      input.collectColumns(expressions.reduce(into: []) { $0.formUnion($1.readColumns) }, into: &columns)
    case .windows(let input, let windows):
      input.collectColumns(read.subtracting([input.types.count]).union([windows.time]), into: &columns)
    case .distinct(let input), .topK(let input, _, _, _): input.collectColumns(Set(input.types.indices), into: &columns)
    case .aggregate(let input, let keys, let calls):
      let arguments = calls.flatMap(\.columns)
      input.collectColumns(Set(keys + arguments), into: &columns)
    case .unionAll(let inputs): for input in inputs { input.collectColumns(read, into: &columns) }
    case .join(let join):
      let width = join.left.types.count
      let both = read.union(join.residual?.readColumns ?? [])
      join.left.collectColumns(Set(both.filter { $0 < width }).union(join.keys.map(\.left)), into: &columns)
      join.right.collectColumns(
        Set(both.filter { $0 >= width }.map { $0 - width }).union(join.keys.map(\.right)), into: &columns)
    }
  }

  /// The plan with each scan that `replacement` gives a plan for replaced by it.
  func replacingScans(
    _ replacement: (RelationID) throws(SQLError) -> LogicalPlan?
  ) throws(SQLError) -> LogicalPlan {
    switch self {
    case .unit, .values: return self
    case .scan(let relation, _): return try replacement(relation) ?? self
    case .filter(let input, let condition): return .filter(try input.replacingScans(replacement), condition)
    case .project(let input, let expressions): return .project(try input.replacingScans(replacement), expressions)
    case .windows(let input, let windows): return .windows(try input.replacingScans(replacement), windows)
    case .distinct(let input): return .distinct(try input.replacingScans(replacement))
    case .aggregate(let input, let keys, let calls):
      return .aggregate(try input.replacingScans(replacement), keys: keys, calls: calls)
    case .topK(let input, let order, let limit, let offset):
      return .topK(try input.replacingScans(replacement), order: order, limit: limit, offset: offset)
    case .unionAll(let inputs):
      var replaced: [LogicalPlan] = []
      for input in inputs { replaced.append(try input.replacingScans(replacement)) }
      return .unionAll(replaced)
    case .join(var join):
      join.left = try join.left.replacingScans(replacement)
      join.right = try join.right.replacingScans(replacement)
      return .join(join)
    }
  }
}

extension PlannedQuery {
  /// The plan without the columns that only its order needs: what a view keeps.
  var visiblePlan: LogicalPlan {
    let types = plan.types
    if types.count == columns.count { return plan }
    return .project(plan, columns.indices.map { .column($0, types[$0]) })
  }
}
