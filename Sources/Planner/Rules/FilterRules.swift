import Expressions

/// Conditions that cannot fail are evaluated before those that can.
///
/// ```
/// Filter: 1 / a > 2 AND b = 1   →   Filter: 1 / a > 2
///   x                                 Filter: b = 1
///                                       x
/// ```
/// The same for a filter that cannot fail over one that can: it goes below. Those that can fail keep their order, and a
/// filter of its own for each filter that they stood in: AND evaluates its next operand for NULL too, a filter does not.
enum SplitFilter {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .filter(let input, let condition) = plan else { return nil }
    let conjuncts = condition.conjuncts
    let total = BoundExpression.all(conjuncts.filter { !$0.mayFail })
    let failing = BoundExpression.all(conjuncts.filter(\.mayFail))
    if let total, let failing { return .filter(.filter(input, total), failing) }
    if let total, case .filter(let below, let other) = input, other.mayFail {
      return .filter(.filter(below, total), other)
    }
    return nil
  }
}

/// Two filters that cannot fail are one.
///
/// ```
/// Filter: a         →   Filter: b AND a
///   Filter: b             x
///     x
/// ```
enum MergeFilters {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .filter(.filter(let input, let lower), let upper) = plan, !lower.mayFail, !upper.mayFail else { return nil }
    return .filter(input, .and(lower.conjuncts + upper.conjuncts))
  }
}

extension LogicalPlan {
  /// The plan under those conditions that are given; a filter that is left without any is gone.
  func filtered(by conditions: [BoundExpression]) -> LogicalPlan {
    BoundExpression.all(conditions).map { .filter(self, $0) } ?? self
  }
}

/// A filter over columns that a projection passes on is evaluated below it.
///
/// ```
/// Filter: x > 1 AND y > 2      →   Filter: y > 2
///   Project: a AS x, b + c AS y      Project: a AS x, b + c AS y
///     z                                Filter: a > 1
///                                        z
/// ```
/// A condition that can fail goes below only if the projection cannot: a row would tell another error.
enum PushFilterThroughProject {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .filter(.project(let input, let expressions), let condition) = plan else { return nil }
    let projectMayFail = expressions.contains(where: \.mayFail)
    var (pushed, kept): ([BoundExpression], [BoundExpression]) = ([], [])
    var keepsFailing = projectMayFail
    for conjunct in condition.conjuncts {
      let reads = conjunct.readColumns
      let isPassedOn = reads.allSatisfy { index in
        switch expressions[index] {
        case .column, .constant: true
        default: false
        }
      }
      if isPassedOn && !(conjunct.mayFail && keepsFailing) {
        pushed.append(conjunct.substitutingColumns { index, _ in expressions[index] })
      } else {
        // What can fail keeps its order.
        if conjunct.mayFail { keepsFailing = true }
        kept.append(conjunct)
      }
    }
    if pushed.isEmpty { return nil }
    return LogicalPlan.project(input.filtered(by: pushed), expressions).filtered(by: kept)
  }
}

/// A filter of a union filters each input: every row is seen once, above or below.
///
/// ```
/// Filter: c        →   Union All
///   Union All            Filter: c
///     x                    x
///     y                  Filter: c
///                          y
/// ```
enum PushFilterThroughUnion {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .filter(.unionAll(let inputs), let condition) = plan else { return nil }
    return .unionAll(inputs.map { .filter($0, condition) })
  }
}

/// A filter that cannot fail goes below DISTINCT, if it does not tell forms of a value apart.
///
/// ```
/// Filter: c      →   Distinct
///   Distinct           Filter: c
///     x                  x
/// ```
enum PushFilterThroughDistinct {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .filter(.distinct(let input), let condition) = plan else { return nil }
    let conjuncts = condition.conjuncts
    let pushed = conjuncts.filter { !$0.mayFail && $0.ignoresForm }
    if pushed.isEmpty { return nil }
    let kept = conjuncts.filter { $0.mayFail || !$0.ignoresForm }
    return LogicalPlan.distinct(input.filtered(by: pushed)).filtered(by: kept)
  }
}

/// A filter of groups by their keys is a filter of rows, unless it can fail.
///
/// ```
/// Filter: k = 1 AND count > 2     →   Filter: count > 2
///   Aggregate: k; count(*)              Aggregate: k; count(*)
///     x                                   Filter: k = 1
///                                           x
/// ```
/// Without keys there is a group even of no rows: nothing goes below.
enum PushFilterThroughAggregate {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .filter(.aggregate(let input, let keys, let calls), let condition) = plan, !keys.isEmpty else { return nil }
    var (pushed, kept): ([BoundExpression], [BoundExpression]) = ([], [])
    for conjunct in condition.conjuncts {
      if !conjunct.mayFail && conjunct.ignoresForm && conjunct.readColumns.allSatisfy({ $0 < keys.count }) {
        pushed.append(conjunct.mapColumns { keys[$0] })
      } else {
        kept.append(conjunct)
      }
    }
    if pushed.isEmpty { return nil }
    return LogicalPlan.aggregate(input.filtered(by: pushed), keys: keys, calls: calls).filtered(by: kept)
  }
}

/// A filter of the left columns of a left join is a filter of its left input, unless it can fail.
///
/// ```
/// Filter: l.a = 1 AND r.b = 2     →   Filter: r.b = 2
///   Left Join                           Left Join
///     l                                   Filter: l.a = 1
///     r                                     l
///                                         r
/// ```
/// A condition of right columns stays: it also sees the NULLs of rows without a match.
enum PushFilterThroughLeftJoin {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .filter(.join(var join), let condition) = plan, join.kind == .left else { return nil }
    let width = join.left.types.count
    let conjuncts = condition.conjuncts
    func isPushed(_ conjunct: BoundExpression) -> Bool {
      !conjunct.mayFail && conjunct.readColumns.allSatisfy { $0 < width }
    }
    let pushed = conjuncts.filter(isPushed)
    if pushed.isEmpty { return nil }
    join.left = join.left.filtered(by: pushed)
    return LogicalPlan.join(join).filtered(by: conjuncts.filter { !isPushed($0) })
  }
}
