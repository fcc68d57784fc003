import Columnar
import Expressions
import SQLTypes

/// A time is in one tumbling window, which is computed like any column.
///
/// ```
/// Tumble: at; size 10 s     →   Project: a, at, date_bin(10 s, at, 1970)
///   x (a, at)                     Filter: at IS NOT NULL
///                                   x (a, at)
/// ```
/// The start is then evaluated by those alone who need it.
enum TumbleAsProject {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .windows(let input, let windows) = plan, windows.isTumbling else { return nil }
    let columns = input.types.enumerated().map { BoundExpression.column($0.offset, $0.element) }
    let time = columns[windows.time]
    return .project(.filter(input, .isNull(time, negated: true)), columns + [windows.bin(time, width: windows.size)])
  }
}

/// A filter of what is windowed filters the rows below, unless it can fail.
///
/// ```
/// Filter: a = 1 AND window_start > x    →   Filter: window_start > x
///   Hop: at                                   Hop: at
///     z (a, at)                                 Filter: a = 1
///                                                 z (a, at)
/// ```
/// One that can fail stays: below are rows without a time too.
enum PushFilterThroughWindows {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .filter(.windows(let input, let windows), let condition) = plan else { return nil }
    let start = input.types.count
    let conjuncts = condition.conjuncts
    func isPushed(_ conjunct: BoundExpression) -> Bool { !conjunct.mayFail && !conjunct.readColumns.contains(start) }
    let pushed = conjuncts.filter(isPushed)
    if pushed.isEmpty { return nil }
    return LogicalPlan.windows(input.filtered(by: pushed), windows).filtered(by: conjuncts.filter { !isPushed($0) })
  }
}

/// A key that is another key moved by a fixed time is computed of the groups, not of the rows, and divides none.
///
/// ```
/// Aggregate: k, s, e                  →   Project: k, s, s + 10 s AS e
///   Project: k, s, s + 10 s AS e            Aggregate: k, s
///     x (k, s)                                Project: k, s
///                                               x (k, s)
/// ```
/// So it is with `window_start` and `window_end`.
enum ComputeKeyAboveGroups {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .aggregate(.project(let input, let expressions), let keys, let calls) = plan else { return nil }
    for (place, key) in keys.enumerated() {
      guard case .call(let plus, let operands, let range) = expressions[key], plus.name == "+", operands.count == 2,
        case .column(let column, let type) = operands[0], type == .timestamp || type == .timestamptz, operands[1].isConstant,
        let base = keys.firstIndex(where: { if case .column(column, _) = expressions[$0] { true } else { false } })
      else { continue }
      var kept = keys
      kept.remove(at: place)
      let groups = LogicalPlan.aggregate(.project(input, expressions), keys: kept, calls: calls)
      let types = groups.types
      var columns = types.indices.map { BoundExpression.column($0, types[$0]) }
      let basePlace = base < place ? base : base - 1
      columns.insert(.call(plus, [columns[basePlace], operands[1]], range), at: place)
      return .project(groups, columns)
    }
    return nil
  }
}

extension TimeWindows {
  /// The start of the bin of a width that holds a time; bins are counted as the windows are.
  func bin(_ time: BoundExpression, width: Int64) -> BoundExpression {
    guard let function = try? FunctionTable.resolve("date_bin", .function, [.interval, type, type], at: range) else {
      preconditionFailure("date_bin takes any timestamp")
    }
    let origin = BoundExpression.constant(.constant(offset, .int64, count: 1), type)
    return .call(function, [.interval(width), time, origin], range)
  }
}
