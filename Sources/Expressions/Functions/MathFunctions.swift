import Columnar
import SQLTypes

/// PostgreSQL's functions of numbers.
enum MathFunctions {
  static let overloads: [Overload] = rounding + real + exact + integers + buckets + [
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

  private static let real: [Overload] = {
    let functions: [(String, RealFunction)] = [
      ("sqrt", .squareRoot), ("cbrt", .cubeRoot), ("exp", .exponential), ("ln", .naturalLogarithm),
      ("log", .decimalLogarithm), ("log10", .decimalLogarithm), ("degrees", .degrees), ("radians", .radians),
    ]
    var overloads = functions.map { name, function in Overload(real(name, function)) }
    overloads += TrigonometricFunction.allCases.map { function in
      Overload(ScalarFunction(function.rawValue, [.double], .double) { arguments, _ in
        FunctionOutput(Column.trigonometric(function, arguments[0]))
      })
    }
    overloads.append(Overload(ScalarFunction("atan2", [.double, .double], .double) { arguments, _ in
      FunctionOutput(Column.angle(arguments[0], arguments[1]))
    }))
    return overloads + ["power", "pow"].flatMap { powers($0) }
  }()

  private static func real(_ name: String, _ function: RealFunction) -> ScalarFunction {
    ScalarFunction(name, [.double], .double) { arguments, _ in FunctionOutput(Column.real(function, arguments[0])) }
  }

  private static func powers(_ name: String) -> [Overload] {
    [
      Overload(ScalarFunction(name, [.double, .double], .double) { arguments, _ in
        FunctionOutput(Column.power(arguments[0], arguments[1]))
      }),
      Overload(ScalarFunction(name, [.numeric(nil), .numeric(nil)], .numeric(nil)) { arguments, _ in
        FunctionOutput(Column.power(numericCells: arguments[0], arguments[1]))
      }),
    ]
  }

  /// `a ^ b`.
  static let infix = powers("^")

  /// `|/ x` and `||/ x`: the square and the cube root.
  static let prefix = [Overload(real("|/", .squareRoot)), Overload(real("||/", .cubeRoot))]

  private static let exact: [Overload] = {
    let functions: [(String, NumericFunction)] = [
      ("sqrt", .squareRoot), ("exp", .exponential), ("ln", .naturalLogarithm), ("log", .decimalLogarithm),
      ("log10", .decimalLogarithm), ("trim_scale", .withoutTrailingZeros),
    ]
    var overloads = functions.map { name, function in
      Overload(ScalarFunction(name, [.numeric(nil)], .numeric(nil)) { arguments, _ in
        FunctionOutput(Column.elementary(function, numericCells: arguments[0]))
      })
    }
    overloads += [("gcd", false), ("lcm", true)].map { name, isMultiple in
      Overload(ScalarFunction(name, [.numeric(nil), .numeric(nil)], .numeric(nil)) { arguments, _ in
        FunctionOutput(Column.commonDivisor(numericCells: arguments[0], arguments[1], isMultiple: isMultiple))
      })
    }
    overloads += [("scale", false), ("min_scale", true)].map { name, isLeast in
      Overload(ScalarFunction(name, [.numeric(nil)], .integer) { arguments, _ in
        FunctionOutput(Column.scale(numericCells: arguments[0], isLeast: isLeast))
      })
    }
    return overloads + [
      Overload(ScalarFunction("log", [.numeric(nil), .numeric(nil)], .numeric(nil)) { arguments, _ in
        FunctionOutput(Column.logarithm(numericCells: arguments[1], base: arguments[0]))
      }),
      Overload(ScalarFunction("factorial", [.bigint], .numeric(nil)) { arguments, _ in
        FunctionOutput(Column.factorial(arguments[0]))
      }),
    ]
  }()

  private static let buckets: [Overload] = [
    Overload(ScalarFunction("width_bucket", [.double, .double, .double, .integer], .integer) { arguments, _ in
      FunctionOutput(Column.widthBucket(doubles: arguments[0], arguments[1], arguments[2], arguments[3]))
    }),
    Overload(
      ScalarFunction("width_bucket", [.numeric(nil), .numeric(nil), .numeric(nil), .integer], .integer) { arguments, _ in
        FunctionOutput(Column.widthBucket(numericCells: arguments[0], arguments[1], arguments[2], arguments[3]))
      }),
  ]

  private static let integers: [Overload] = [("gcd", false), ("lcm", true)].flatMap { name, isMultiple in
    [SQLType.integer, .bigint].map { type in
      Overload(ScalarFunction(name, [type, type], type) { arguments, _ in
        FunctionOutput(Column.commonDivisor(arguments[0], arguments[1], isMultiple: isMultiple))
      })
    }
  }
}
