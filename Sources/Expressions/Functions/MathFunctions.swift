import Columnar
import SQLTypes

/// PostgreSQL's functions of numbers.
enum MathFunctions {
  static let overloads: [Overload] = rounding + real + integers + [
    Overload(ScalarFunction("div", [.numeric(nil), .numeric(nil)], .numeric(nil)) { arguments, _ in
      FunctionOutput(Column.quotient(numericCells: arguments[0], arguments[1]))
    }),
    Overload(ScalarFunction("pi", [], .double, neverFails: true) { _, count in
      FunctionOutput(.constant(Double.pi, .float64, count: count))
    }),
  ]

  private static let rounding: [Overload] = {
    let functions: [(String, RoundingFunction)] = [
      ("ceil", .ceiling), ("ceiling", .ceiling), ("floor", .floor), ("round", .round), ("trunc", .truncate), ("sign", .sign),
    ]
    var overloads: [Overload] = []
    for (name, function) in functions {
      overloads.append(Overload(ScalarFunction(name, [.numeric(nil)], .numeric(nil)) { arguments, _ in
        FunctionOutput(Column.round(numericCells: arguments[0], function))
      }))
      overloads.append(Overload(ScalarFunction(name, [.double], .double) { arguments, _ in
        FunctionOutput(Column.round(doubles: arguments[0], function))
      }))
    }
    for (name, isTruncation) in [("round", false), ("trunc", true)] {
      overloads.append(Overload(ScalarFunction(name, [.numeric(nil), .integer], .numeric(nil)) { arguments, _ in
        FunctionOutput(Column.round(numericCells: arguments[0], toScale: arguments[1], isTruncation: isTruncation))
      }))
    }
    return overloads
  }()

  /// Functions that PostgreSQL has for numeric too, and we for double precision alone.
  private static let realOfNumeric = ["sqrt", "exp", "ln", "log", "log10", "power", "pow"]

  private static let real: [Overload] = {
    let functions: [(String, RealFunction)] = [
      ("sqrt", .squareRoot), ("exp", .exponential), ("ln", .naturalLogarithm), ("log", .decimalLogarithm),
      ("log10", .decimalLogarithm), ("degrees", .degrees), ("radians", .radians),
    ]
    var overloads = functions.map { name, function in
      Overload(ScalarFunction(name, [.double], .double) { arguments, _ in
        FunctionOutput(Column.real(function, arguments[0]))
      })
    }
    for name in ["power", "pow"] {
      overloads.append(Overload(ScalarFunction(name, [.double, .double], .double) { arguments, _ in
        FunctionOutput(Column.power(arguments[0], arguments[1]))
      }))
      overloads.append(uncomputed(name, [.numeric(nil), .numeric(nil)]))
    }
    overloads.append(uncomputed("log", [.numeric(nil), .numeric(nil)]))
    return overloads + ["sqrt", "exp", "ln", "log", "log10"].map { uncomputed($0, [.numeric(nil)]) }
  }()

  /// An overload that takes part in the choice, as in PostgreSQL, and is refused where it is chosen.
  private static func uncomputed(_ name: String, _ arguments: [SQLType]) -> Overload {
    Overload(ScalarFunction(name, arguments, .numeric(nil)) { _, _ in
      preconditionFailure("a call of this overload is refused when it is bound")
    })
  }

  /// 0A000 for a real function of numeric: its exact digits are not computed, and a double's would be another answer.
  static func refuseUncomputed(_ function: ScalarFunction, at range: SourceRange) throws(SQLError) {
    guard function.result == .numeric(nil), realOfNumeric.contains(function.name) else { return }
    throw .unsupported(
      "\(function.name) of numeric", hint: "Cast the arguments to double precision.", at: range)
  }

  private static let integers: [Overload] = [("gcd", false), ("lcm", true)].flatMap { name, isMultiple in
    [SQLType.integer, .bigint].map { type in
      Overload(ScalarFunction(name, [type, type], type) { arguments, _ in
        FunctionOutput(Column.commonDivisor(arguments[0], arguments[1], isMultiple: isMultiple))
      })
    }
  }
}
