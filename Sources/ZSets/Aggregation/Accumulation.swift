package import SQLTypes
import Columnar

/// One aggregate of a group, over columns of the input.
package struct Accumulation: Sendable {
  package enum Function: Sendable { case count, sum, average, minimum, maximum, argMinimum, argMaximum }

  package var function: Function
  /// The argument's column and type; nil counts rows.
  package var argument: (column: Int, type: SQLType)?
  /// The column and type of the key by which `argMinimum` and `argMaximum` choose a row.
  package var key: (column: Int, type: SQLType)?
  package var isDistinct: Bool
  /// A boolean column that is true in the rows that count.
  package var filter: Int?
  package var result: SQLType

  package init(
    _ function: Function, argument: (column: Int, type: SQLType)?, key: (column: Int, type: SQLType)? = nil,
    isDistinct: Bool = false, filter: Int? = nil, result: SQLType
  ) {
    precondition(argument != nil || function == .count, "only count(*) has no argument")
    self.function = function
    self.argument = argument
    self.key = key
    self.isDistinct = isDistinct
    self.filter = filter
    self.result = result
  }
}

/// What a group keeps for an aggregate, as words of its row (DESIGN §9.14). None overflows: sums are as wide as 2^63 times
/// the largest argument, and are judged when they are sent.
///
/// | kind | for | words |
/// |---|---|---|
/// | rows | count(*) | none: the group's own weight |
/// | count | count(x) | weight of the rows that count |
/// | integers | sums of integers | count, then the sum in 128 bits |
/// | scaled | sums of numeric(p, s), p up to 18 | as integers, then the count of NaN |
/// | wide | sums of numeric(p, s), p above 18 | count, then the sum in 192 bits, then the count of NaN |
/// | buckets | sums of floats and of numeric | count, then the first of the group's buckets (`BucketSums`), as id + 1 |
/// | interval | sums of intervals | count, months, days, then microseconds in 128 bits |
/// | latest | min, max over insertions alone | count, then the value's words |
/// | ordered | min, max, arg_min, arg_max | the extreme value's row in the argument's index (`ArgumentIndex`), as id + 1; 0: none |
enum AccumulatorKind {
  case rows, count, integers, scaled, wide, buckets, interval, latest, ordered

  init(_ call: Accumulation, isAppendOnly: Bool) {
    guard let type = call.argument?.type else {
      self = call.filter == nil ? .rows : .count
      return
    }
    switch call.function {
    case .count: self = .count
    case .minimum, .maximum: self = isAppendOnly ? .latest : .ordered
    case .argMinimum, .argMaximum: self = .ordered
    case .sum, .average:
      switch type {
      case .smallint, .integer, .bigint: self = .integers
      case .numeric(let modifier?): self = modifier.precision <= 18 ? .scaled : .wide
      case .numeric(nil), .real, .double: self = .buckets
      case .interval: self = .interval
      default: preconditionFailure("a sum of numbers or intervals")
      }
    }
  }

  func wordCount(_ type: PhysicalType?) -> Int {
    switch self {
    case .rows: 0
    case .count, .ordered: 1
    case .buckets: 2
    case .integers: 3
    case .scaled: 4
    case .wide, .interval: 5
    case .latest: 1 + ((type?.stride ?? 0) + 7) / 8
    }
  }
}
