import Columnar
import SQLTypes

/// The names of functions' parameters, for calls such as `make_interval(days => 3)`, and what those are that a call leaves out.
package struct NamedParameters: Sendable {
  package let names: [String]
  /// The value of each parameter that a call does not give; nil where it has to give all.
  package let defaults: [BoundExpression]?

  private static let functions: [String: NamedParameters] = {
    let date = ["year", "month", "day"]
    let timestamp = ["year", "month", "mday", "hour", "min", "sec"]
    let zero = BoundExpression.constant(.constant(Int32(0), .int32, count: 1), .integer)
    let zeroSeconds = BoundExpression.constant(.constant(0.0, .float64, count: 1), .double)
    return [
      "make_date": NamedParameters(names: date, defaults: nil),
      "make_timestamp": NamedParameters(names: timestamp, defaults: nil),
      "make_timestamptz": NamedParameters(names: timestamp, defaults: nil),
      "make_interval": NamedParameters(
        names: ["years", "months", "weeks", "days", "hours", "mins", "secs"],
        defaults: Array(repeating: zero, count: 6) + [zeroSeconds]),
    ]
  }()

  /// Of a built-in function; nil for one whose arguments have to stand in order.
  package static func of(_ function: String) -> NamedParameters? { functions[function] }

  /// The arguments in the order of the parameters, with the defaults of those left out.
  ///
  /// - arguments: those without a name stand first and are as many as `names` has nils.
  /// - Returns: nil where they do not fit the parameters.
  package func ordered(_ arguments: [BoundExpression], names given: [String?]) -> [BoundExpression]? {
    var values: [BoundExpression?] = Array(repeating: nil, count: names.count)
    for (index, argument) in arguments.enumerated() {
      guard let place = given[index].map({ names.firstIndex(of: $0) }) ?? index, place < names.count, values[place] == nil
      else { return nil }
      values[place] = argument
    }
    var result: [BoundExpression] = []
    for (index, value) in values.enumerated() {
      guard let value = value ?? defaults?[index] else { return nil }
      result.append(value)
    }
    return result
  }
}
