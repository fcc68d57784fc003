import SQLTypes

/// How large a plan may grow.
///
/// The parser bounds what one text nests. Plain views and WITH queries stand in a plan at each mention, so that a few
/// lines could make a plan of any depth, or one that doubles with each line; every walk over plans is recursive.
enum PlanSize {
  static let nodeLimit = 10_000
  static let depthLimit = 250
  static let queryDepthLimit = 64
  static let fromLimit = 100

  /// - Errors: 54001 for a plan beyond the limits.
  static func check(_ plan: LogicalPlan, at range: SourceRange) throws(SQLError) {
    var nodes = 0
    if count(plan, depth: 1, &nodes) { return }
    throw SQLError(
      .statementTooComplex, "the query is too complex",
      detail: "With all views and WITH queries in place, a query has at most \(nodeLimit) parts, nested at most \(depthLimit) deep.",
      hint: "Keep a part of it as a materialized view.", at: range)
  }

  /// Counts nodes; false as soon as a limit is passed.
  private static func count(_ plan: LogicalPlan, depth: Int, _ nodes: inout Int) -> Bool {
    nodes += 1
    if nodes > nodeLimit || depth > depthLimit { return false }
    switch plan {
    case .unit, .values, .scan: return true
    case .filter(let input, _), .project(let input, _), .windows(let input, _), .distinct(let input),
      .aggregate(let input, _, _), .topK(let input, _, _, _):
      return count(input, depth: depth + 1, &nodes)
    case .unionAll(let inputs):
      for input in inputs where !count(input, depth: depth + 1, &nodes) { return false }
      return true
    case .join(let join):
      return count(join.left, depth: depth + 1, &nodes) && count(join.right, depth: depth + 1, &nodes)
    }
  }
}
