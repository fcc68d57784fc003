import Columnar
import SQLTypes

/// `&`, `|`, `#`, `~`, `<<` and `>>` of integers, as `pg_operator` lists them: both sides of one type, shifts by an integer.
enum BitOperators {
  static let infix: [Overload] = NumberOperators.integers.flatMap { type in
    let operators: [(String, BitOperator)] = [("&", .and), ("|", .or), ("#", .exclusiveOr)]
    return operators.map { name, op in
      Overload(ScalarFunction(name, [type, type], type, neverFails: true) { arguments, _ in
        FunctionOutput(.bits(op, arguments[0], arguments[1]))
      })
    } + [("<<", true), (">>", false)].map { name, isLeft in
      Overload(ScalarFunction(name, [type, .integer], type, neverFails: true) { arguments, _ in
        FunctionOutput(.shift(arguments[0], by: arguments[1], isLeft: isLeft))
      })
    }
  }

  static let prefix: [Overload] = NumberOperators.integers.map { type in
    Overload(ScalarFunction("~", [type], type, neverFails: true) { arguments, _ in
      FunctionOutput(.complement(arguments[0]))
    })
  }
}
