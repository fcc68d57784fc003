import Glibc
import SQLTypes

/// Functions of one number.
package enum RoundingFunction: Sendable { case ceiling, floor, round, truncate, sign }
package enum RealFunction: Sendable {
  case squareRoot, cubeRoot, exponential, naturalLogarithm, decimalLogarithm, degrees, radians
}

extension Column {
  /// `ceil`, `floor`, `round` (half to even), `trunc` and `sign` of doubles.
  package static func round(doubles input: Column, _ function: RoundingFunction) -> CheckedResult {
    checkedRows(input, Double.self, into: .float64) { (x) throws(SQLError) in
      switch function {
      case .ceiling: return x.rounded(.up)
      case .floor: return x.rounded(.down)
      case .round: return x.rounded(.toNearestOrEven)
      case .truncate: return x.rounded(.towardZero)
      case .sign: return x > 0 ? 1 : x < 0 ? -1 : 0
      }
    }
  }

  /// The same of numerics, `round` half away from zero. Errors: 22003.
  package static func round(numericCells input: Column, _ function: RoundingFunction) -> CheckedResult {
    checkedRows(input, NumericCell.self, into: .numeric) { (cell) throws(SQLError) in
      let x = cell.numeric
      switch function {
      case .ceiling: return NumericCell(try x.ceiling())
      case .floor: return NumericCell(try x.floor())
      case .round: return NumericCell(try x.rounded())
      case .truncate: return NumericCell(try x.truncated())
      case .sign:
        if x.isNaN { return NumericCell(.nan) }
        return NumericCell(Numeric(Int64(x.isZero ? 0 : x.isNegative ? -1 : 1)))
      }
    }
  }

  /// `round(numeric, digits)` and `trunc(numeric, digits)`. Errors: 22003.
  package static func round(numericCells input: Column, toScale scales: Column, isTruncation: Bool) -> CheckedResult {
    checkedPairs(input, scales, NumericCell.self, Int32.self, into: .numeric) { (cell, scale) throws(SQLError) in
      let (x, scale) = (cell.numeric, Int(scale))
      return NumericCell(try isTruncation ? x.truncated(toScale: scale) : x.rounded(toScale: scale))
    }
  }

  /// `div(a, b)`: the quotient without its fraction. Errors: 22012, 22003.
  package static func quotient(numericCells lhs: Column, _ rhs: Column) -> CheckedResult {
    checkedPairs(lhs, rhs, NumericCell.self, NumericCell.self, into: .numeric) { (a, b) throws(SQLError) in
      let (a, b) = (a.numeric, b.numeric)
      guard a.isFinite, b.isFinite, !b.isZero else { return NumericCell(try a.divided(by: b)) }
      // The remainder is exact, so that what is left divides without a rest: rounding cannot reach the next integer.
      let whole = try a.subtracting(try a.remainder(dividingBy: b))
      return NumericCell(try whole.divided(by: b).rounded())
    }
  }

  /// Real functions. Errors: 2201F, 2201E, 22003 as PostgreSQL words them.
  package static func real(_ function: RealFunction, _ input: Column) -> CheckedResult {
    checkedRows(input, Double.self, into: .float64) { (x) throws(SQLError) in
      let result: Double
      switch function {
      case .squareRoot:
        if x < 0 { throw SQLError(.invalidArgumentForPower, "cannot take square root of a negative number") }
        return x.squareRoot()
      case .cubeRoot: return cbrt(x)
      case .exponential: result = exp(x)
      case .naturalLogarithm, .decimalLogarithm:
        if x == 0 { throw SQLError(.invalidArgumentForLogarithm, "cannot take logarithm of zero") }
        if x < 0 { throw SQLError(.invalidArgumentForLogarithm, "cannot take logarithm of a negative number") }
        return function == .naturalLogarithm ? log(x) : log10(x)
      case .degrees: result = x / (Double.pi / 180)
      case .radians: return x * (Double.pi / 180)
      }
      if result.isInfinite && x.isFinite { throw SQLError(.numericValueOutOfRange, "value out of range: overflow") }
      if function == .exponential && result == 0 && x.isFinite {
        throw SQLError(.numericValueOutOfRange, "value out of range: underflow")
      }
      return result
    }
  }

  /// `power(a, b)` of doubles. Errors: 2201F, 22003.
  package static func power(_ bases: Column, _ exponents: Column) -> CheckedResult {
    checkedPairs(bases, exponents, Double.self, Double.self, into: .float64) { (a, b) throws(SQLError) in
      if a == 0 && b < 0 {
        throw SQLError(.invalidArgumentForPower, "zero raised to a negative power is undefined")
      }
      if a < 0 && b.isFinite && b != b.rounded(.towardZero) {
        throw SQLError(
          .invalidArgumentForPower, "a negative number raised to a non-integer power yields a complex result")
      }
      let result = pow(a, b)
      if a.isFinite && b.isFinite {
        if result.isInfinite { throw SQLError(.numericValueOutOfRange, "value out of range: overflow") }
        if result == 0 && a != 0 { throw SQLError(.numericValueOutOfRange, "value out of range: underflow") }
      }
      return result
    }
  }

  /// `gcd` and `lcm` of integers or bigints. Errors: 22003.
  package static func commonDivisor(_ lhs: Column, _ rhs: Column, isMultiple: Bool) -> CheckedResult {
    lhs.physicalType == .int32
      ? checkedPairs(lhs, rhs, Int32.self, Int32.self, into: .int32) { (a, b) throws(SQLError) in
        try divisor(a, b, isMultiple, .integer)
      }
      : checkedPairs(lhs, rhs, Int64.self, Int64.self, into: .int64) { (a, b) throws(SQLError) in
        try divisor(a, b, isMultiple, .bigint)
      }
  }

  private static func divisor<T: FixedWidthInteger>(
    _ a: T, _ b: T, _ isMultiple: Bool, _ type: SQLType
  ) throws(SQLError) -> T {
    var (x, y) = (a.magnitude, b.magnitude)
    while y != 0 { (x, y) = (y, x % y) }
    if !isMultiple || x == 0 {
      guard let result = T(exactly: x) else { throw .outOfRange(type) }
      return result
    }
    let (product, overflow) = (a.magnitude / x).multipliedReportingOverflow(by: b.magnitude)
    guard !overflow, let result = T(exactly: product) else { throw .outOfRange(type) }
    return result
  }
}
