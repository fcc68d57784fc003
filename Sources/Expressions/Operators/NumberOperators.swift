import Columnar
import SQLTypes

/// Arithmetic of numbers, as `pg_operator` lists it.
enum NumberOperators {
  static let integers: [SQLType] = [.smallint, .integer, .bigint]
  static let floats: [SQLType] = [.real, .double]

  /// The pairs of number types that have operators of their own, and the type in which both are taken.
  static let pairs: [(left: SQLType, right: SQLType, common: SQLType)] = {
    var pairs: [(left: SQLType, right: SQLType, common: SQLType)] = []
    for types in [integers, floats] {
      for (i, left) in types.enumerated() {
        for (j, right) in types.enumerated() { pairs.append((left, right, types[max(i, j)])) }
      }
    }
    return pairs + [(.numeric(nil), .numeric(nil), .numeric(nil))]
  }()

  static let infix: [Overload] = {
    let operators: [(String, ArithmeticOperator)] = [
      ("+", .add), ("-", .subtract), ("*", .multiply), ("/", .divide), ("%", .remainder),
    ]
    return operators.flatMap { name, op in
      // A remainder there is of equal types alone, and of floats none.
      pairs.filter { op != .remainder || ($0.left == $0.right && !floats.contains($0.left)) }.map { left, right, common in
        Overload([left, right], arithmetic(name, op, common))
      }
    }
  }()

  /// `type op type`, giving the type.
  static func arithmetic(_ name: String, _ op: ArithmeticOperator, _ type: SQLType) -> ScalarFunction {
    ScalarFunction(name, [type, type], type) { arguments, _ in
      type == .numeric(nil)
        ? FunctionOutput(Column.numericArithmetic(op, arguments[0], arguments[1]))
        : FunctionOutput(Column.arithmetic(op, arguments[0], arguments[1]), type)
    }
  }

  static let prefix: [Overload] = (integers + floats + [.numeric(nil)]).flatMap { type in
    [
      Overload(ScalarFunction("-", [type], type) { arguments, _ in
        type == .numeric(nil)
          ? FunctionOutput(.negate(numericCells: arguments[0])) : FunctionOutput(Column.negate(arguments[0]), type)
      }),
      Overload(ScalarFunction("+", [type], type) { arguments, _ in FunctionOutput(arguments[0]) }),
      Overload(absolute("@", type)),
    ]
  }

  static func absolute(_ name: String, _ type: SQLType) -> ScalarFunction {
    ScalarFunction(name, [type], type) { arguments, _ in
      type == .numeric(nil)
        ? FunctionOutput(.absolute(numericCells: arguments[0])) : FunctionOutput(Column.absolute(arguments[0]), type)
    }
  }
}
