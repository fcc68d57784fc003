import Expressions
import Planner
import SQLTypes

extension ReferenceEvaluator {
  /// Each left row with each right row.
  mutating func join(_ plan: JoinPlan) -> [ReferenceRow] {
    let (left, right) = (rows(of: plan.left), rows(of: plan.right))
    let (leftWidth, rightWidth) = (plan.left.types.count, plan.right.types.count)
    let rightColumns = Set(leftWidth..<leftWidth + rightWidth)
    let nulls = Row(repeating: .null, count: rightWidth)
    var output: [ReferenceRow] = []

    func keyIsPoisoned(_ row: ReferenceRow, _ columns: [Int]) -> Bool {
      !(row.failure?.poisoned.isDisjoint(with: columns) ?? true)
    }
    let leftKeys = plan.keys.map(\.left)
    let rightKeys = plan.keys.map(\.right)
    let homelessRight = right.first { keyIsPoisoned($0, rightKeys) }

    for l in left {
      if let failure = l.failure, keyIsPoisoned(l, leftKeys) {
        output.append(
          ReferenceRow(l.values + nulls, failure: ReferenceFailure(poisoned: failure.poisoned.union(rightColumns), error: failure.error)))
        continue
      }
      var pairs: [ReferenceRow] = []
      for r in right where !keyIsPoisoned(r, rightKeys) && Self.keysMeet(l.values, r.values, plan.keys) {
        let pair = Self.pair(l, r, leftWidth)
        if let residual = plan.residual {
          if let kept = filter(pair, residual) { pairs.append(kept) }
        } else {
          pairs.append(pair)
        }
      }
      output += pairs
      guard plan.kind == .left, l.failure != nil || pairs.allSatisfy({ $0.failure != nil }) else { continue }
      if l.failure != nil {
        if pairs.isEmpty { output.append(ReferenceRow(l.values + nulls, failure: l.failure)) }
      } else if let failure = pairs.first?.failure ?? (leftKeys.contains { l.values[$0].isNull } ? nil : homelessRight?.failure) {
        output.append(ReferenceRow(l.values + nulls, failure: ReferenceFailure(poisoned: [], error: failure.error)))
      } else {
        output.append(ReferenceRow(l.values + nulls))
      }
    }
    for r in right where keyIsPoisoned(r, rightKeys) {
      guard let failure = r.failure else { continue }
      let poisoned = Set(failure.poisoned.map { $0 + leftWidth }).union(0..<leftWidth)
      output.append(
        ReferenceRow(
          Row(repeating: .null, count: leftWidth) + r.values, failure: ReferenceFailure(poisoned: poisoned, error: failure.error)))
    }
    return output
  }

  private static func keysMeet(_ left: Row, _ right: Row, _ keys: [JoinPlan.Key]) -> Bool {
    keys.allSatisfy { key in
      let (a, b) = (left[key.left], right[key.right])
      return !a.isNull && !b.isNull && Value.compare(a, b) == 0
    }
  }

  /// Both rows side by side; an error row if one is, with the poisoned columns of both.
  private static func pair(_ left: ReferenceRow, _ right: ReferenceRow, _ leftWidth: Int) -> ReferenceRow {
    let poisoned = (left.failure?.poisoned ?? []).union(right.failure?.poisoned.map { $0 + leftWidth } ?? [])
    let error = left.failure?.error ?? right.failure?.error
    return ReferenceRow(
      left.values + right.values, failure: error.map { ReferenceFailure(poisoned: poisoned, error: $0) })
  }
}
