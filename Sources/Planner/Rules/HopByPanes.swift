import Expressions
import SQLTypes

/// Groups of hopping windows are put together from groups of panes, which windows share: a row is aggregated once, and not once for
/// each of its windows.
///
/// ```
/// Aggregate: k, start; sum(x)         →   Aggregate: k, start; sum(s)
///   Project: k, start, x                    Hop: pane; slide 5 s; size 10 s
///     Hop: at; slide 5 s; size 10 s           Aggregate: k, pane; sum(x) AS s
///       y (k, x, at)                            Project: k, x, date_bin(5 s, at, 1970) AS pane
///                                                 Filter: at IS NOT NULL
///                                                   y (k, x, at)
/// ```
/// A pane is as long as the slide, if the size is a multiple of that, else as what divides both; the windows that hold its start
/// hold all of it. Only aggregates are rewritten whose parts make exactly the whole, in its form too. Not so: DISTINCT; sums and
/// averages of floats, which are exact inside and rounded when they are sent; those of numerics that could leave 38 digits within a
/// pane and come back within the window, which would add an error. A filter of starts that cannot fail stays above the panes. (A
/// pane's sum of integers leaves bigint from 2^32 rows on.)
enum HopByPanes {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .aggregate(.project(let windowed, let expressions), let keys, let calls) = plan,
      case (let input, var windows, let condition)? = windowed.filteredWindows, let width = windows.paneWidth
    else { return nil }
    let start = input.types.count
    let isStart = keys.map { key in if case .column(start, _) = expressions[key] { true } else { false } }
    let others = zip(keys, isStart).filter { !$1 }.map { $0.0 }
    // What the groups need of a row, without the window.
    var needed: [Int] = []
    for column in others + calls.flatMap(\.columns) where !needed.contains(column) {
      needed.append(column)
    }
    guard isStart.contains(true), !needed.contains(where: { expressions[$0].readColumns.contains(start) }) else { return nil }
    var places: [Int: Int] = [:]
    for (place, column) in needed.enumerated() { places[column] = place }
    guard let parts = PaneParts(calls, of: needed.map { expressions[$0].type }, places, behind: others.count + 1) else { return nil }

    let time = BoundExpression.column(windows.time, windows.type)
    let rows = LogicalPlan.project(
      .filter(input, .isNull(time, negated: true)), needed.map { expressions[$0] } + [windows.bin(time, width: width)])
    let panes = LogicalPlan.aggregate(rows, keys: others.compactMap { places[$0] } + [needed.count], calls: parts.partial)
    windows.time = others.count
    let windowStart = others.count + 1 + parts.partial.count
    var next = 0
    let windowKeys = isStart.map { isStart in
      if isStart { return windowStart }
      next += 1
      return next - 1
    }
    let kept = LogicalPlan.windows(panes, windows).filtered(by: condition.map { [$0.mapColumns { _ in windowStart }] } ?? [])
    let groups = LogicalPlan.aggregate(kept, keys: windowKeys, calls: parts.whole)
    let types = groups.types
    let columns = keys.indices.map { BoundExpression.column($0, types[$0]) }
    return .project(groups, columns + parts.results(behind: keys.count, types, at: windows.range))
  }
}

extension LogicalPlan {
  /// What is windowed, how, and which windows are kept; nil for any other plan, and where that is decided by more than their starts.
  fileprivate var filteredWindows: (input: LogicalPlan, windows: TimeWindows, condition: BoundExpression?)? {
    switch self {
    case .windows(let input, let windows): (input, windows, nil)
    case .filter(.windows(let input, let windows), let condition)
    where !condition.mayFail && condition.readColumns == [input.types.count]:
      (input, windows, condition)
    default: nil
    }
  }
}

extension TimeWindows {
  /// How long panes are; nil where windows share none, or where there are many panes to a slide.
  fileprivate var paneWidth: Int64? {
    guard windowsPerRow > 1 else { return nil }
    var (width, rest) = (slide, size % slide)
    while rest != 0 { (width, rest) = (rest, width % rest) }
    return slide / width <= 4 ? width : nil
  }
}

/// Aggregates of windows by aggregates of their panes.
private struct PaneParts {
  private enum Result {
    /// An aggregate of the panes' aggregates.
    case whole(Int)
    /// Of a sum and a count.
    case quotient(sum: Int, count: Int)
  }

  /// Over the rows: a pane's.
  private(set) var partial: [AggregateCall] = []
  /// Over the panes: a window's.
  private(set) var whole: [AggregateCall] = []
  private var results: [Result] = []
  private let offset: Int

  /// - types: of the columns that `places` gives for those which the calls name.
  /// - offset: where the panes' aggregates begin in the panes' rows.
  init?(_ calls: [AggregateCall], of types: [SQLType], _ places: [Int: Int], behind offset: Int) {
    self.offset = offset
    for var call in calls {
      if call.isDistinct { return nil }
      call.argument = call.argument.flatMap { places[$0] }
      call.key = call.key.flatMap { places[$0] }
      call.filter = call.filter.flatMap { places[$0] }
      switch call.function {
      case .count: results.append(.whole(add(call, .sum)))
      case .argMin, .argMax: return nil
      case .min, .max: results.append(.whole(add(call, call.function)))
      case .sum, .avg:
        guard let argument = call.argument, Self.isExact(types[argument]) else { return nil }
        if call.function == .sum {
          results.append(.whole(add(call, .sum)))
          continue
        }
        var (sum, count) = (call, call)
        (sum.function, sum.result) = (.sum, .numeric(nil))
        (count.function, count.result) = (.count, .bigint)
        results.append(.quotient(sum: add(sum, .sum), count: add(count, .sum)))
      }
    }
  }

  /// Whether no sum of a pane leaves what holds it.
  private static func isExact(_ type: SQLType) -> Bool {
    switch type {
    case .smallint, .integer, .bigint: true
    case .numeric(let modifier?): modifier.precision <= 18
    default: false
    }
  }

  /// The number of the aggregate that puts the results of `call` together.
  private mutating func add(_ call: AggregateCall, _ function: AggregateFunction) -> Int {
    var place = partial.firstIndex(of: call)
    if place == nil {
      partial.append(call)
      place = partial.count - 1
    }
    let combined = AggregateCall(function, argument: offset + (place ?? 0), result: call.result)
    if let known = whole.firstIndex(of: combined) { return known }
    whole.append(combined)
    return whole.count - 1
  }

  /// What the calls give, over the windows' groups.
  func results(behind keyCount: Int, _ types: [SQLType], at range: SourceRange) -> [BoundExpression] {
    func column(_ number: Int) -> BoundExpression { .column(keyCount + number, types[keyCount + number]) }
    return results.map { result in
      switch result {
      case .whole(let number): return column(number)
      case .quotient(let sum, let count):
        guard let divide = try? FunctionTable.resolve("/", .infixOperator, [.numeric(nil), .numeric(nil)], at: range),
          let toNumeric = Casts.function(.bigint, .numeric(nil))
        else { preconditionFailure("a sum is divided by a count") }
        return .call(divide, [column(sum), .call(toNumeric, [column(count)], range)], range)
      }
    }
  }
}
