package import SQLTypes

/// An aggregate function (PostgreSQL 15, §9.21).
package enum AggregateFunction: String, Sendable, CaseIterable {
  case count, sum, avg, min, max
  case argMin = "arg_min", argMax = "arg_max"
}

/// One aggregate over columns of an operator's input.
package struct AggregateCall: Hashable, Sendable {
  package var function: AggregateFunction
  /// The argument's column; nil for `count(*)`.
  package var argument: Int?
  /// The column by whose least or greatest value `arg_min` and `arg_max` choose a row; nil for all others.
  package var key: Int?
  /// Whether equal arguments count once.
  package var isDistinct: Bool
  /// A boolean column: only rows in which it is true count.
  package var filter: Int?
  /// As PostgreSQL's: sum of bigint is numeric, of integer and smallint bigint, avg of integers numeric, …
  package var result: SQLType

  /// The columns that it reads.
  package var columns: [Int] { [argument, key, filter].compactMap { $0 } }

  /// The same over other places of its columns.
  package func mapColumns(_ place: (Int) -> Int) -> AggregateCall {
    var call = self
    (call.argument, call.key, call.filter) = (argument.map(place), key.map(place), filter.map(place))
    return call
  }

  package init(
    _ function: AggregateFunction, argument: Int?, key: Int? = nil, isDistinct: Bool = false, filter: Int? = nil,
    result: SQLType
  ) {
    self.function = function
    self.argument = argument
    self.key = key
    self.isDistinct = isDistinct
    self.filter = filter
    self.result = result
  }
}
