import Expressions

/// Two projections are one, where that evaluates nothing twice.
///
/// ```
/// Project: x + 1, y     →   Project: a * b + 1, c
///   Project: a * b AS x, c AS y      z
///     z
/// ```
enum MergeProjects {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .project(.project(let input, let lower), let upper) = plan else { return nil }
    var uses = [Int](repeating: 0, count: lower.count)
    for expression in upper { expression.countUses(&uses) }
    let isOnce = lower.enumerated().allSatisfy { index, expression in
      switch expression {
      case .column, .constant: true
      default: uses[index] <= 1
      }
    }
    if !isOnce { return nil }
    return .project(input, upper.map { $0.substitutingColumns { index, _ in lower[index] } })
  }
}

/// A projection of all columns in their order is none.
///
/// ```
/// Project: a, b    →   x
///   x (a, b)
/// ```
enum RemoveIdentityProject {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .project(let input, let expressions) = plan, expressions.count == input.types.count else { return nil }
    let isIdentity = expressions.enumerated().allSatisfy { index, expression in
      if case .column(index, _) = expression { true } else { false }
    }
    return isIdentity ? input : nil
  }
}

/// An aggregate names its columns by number: what only picks columns below it is not needed.
///
/// ```
/// Aggregate: a; sum(b)     →   Aggregate: a; sum(b)
///   Project: a, b                x (c, b, a)
///     x (c, b, a)
/// ```
enum SkipProjectBelowAggregate {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .aggregate(.project(let input, let expressions), let keys, let calls) = plan else { return nil }
    var columns: [Int] = []
    for expression in expressions {
      guard case .column(let index, _) = expression else { return nil }
      columns.append(index)
    }
    return .aggregate(
      input, keys: keys.map { columns[$0] },
      calls: calls.map { $0.mapColumns { columns[$0] } })
  }
}

extension BoundExpression {
  /// Counts how often each column is read.
  fileprivate func countUses(_ uses: inout [Int]) {
    if case .column(let index, _) = self { uses[index] += 1 }
    for operand in operands { operand.countUses(&uses) }
  }
}
