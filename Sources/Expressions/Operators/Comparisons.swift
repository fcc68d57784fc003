import Columnar
import SQLTypes

/// `=`, `<>`, `<`, `<=`, `>`, `>=`, as `pg_operator` lists them.
enum Comparisons {
  static let operators: [(name: String, op: ComparisonOperator)] = [
    ("=", .equal), ("<>", .notEqual), ("<", .less), ("<=", .lessOrEqual), (">", .greater), (">=", .greaterOrEqual),
  ]

  static let infix: [Overload] = operators.flatMap { name, op in
    let same: [SQLType] = [.boolean, .text, .date, .timestamp, .timestamptz, .interval, .oid]
    var overloads = same.map { Overload(comparison(name, op, $0)) }
    overloads += NumberOperators.pairs.map { Overload([$0.left, $0.right], comparison(name, op, $0.common)) }
    for type in [SQLType.timestamp, .timestamptz] {
      for signature in [[SQLType.date, type], [type, .date]] {
        overloads.append(Overload(ScalarFunction(name, signature, .boolean, neverFails: true) { arguments, _ in
          FunctionOutput(.compareDates(op, arguments[0], arguments[1]))
        }))
      }
    }
    // The session's time zone is UTC: a timestamp and a timestamptz of the same reading are the same number.
    for signature in [[SQLType.timestamp, .timestamptz], [.timestamptz, .timestamp]] {
      overloads.append(Overload(signature, comparison(name, op, .timestamptz)))
    }
    return overloads
  }

  static func comparison(_ name: String, _ op: ComparisonOperator, _ type: SQLType) -> ScalarFunction {
    ScalarFunction(name, [type, type], .boolean, neverFails: true) { arguments, _ in
      FunctionOutput(.compare(op, arguments[0], arguments[1]))
    }
  }
}
