import SQLTypes

/// Elementary functions of one numeric.
package enum NumericFunction: Sendable { case squareRoot, exponential, naturalLogarithm, decimalLogarithm, withoutTrailingZeros }

extension Column {
  /// Errors: 2201E, 2201F, 22003.
  package static func elementary(_ function: NumericFunction, numericCells input: Column) -> CheckedResult {
    let ten = Numeric(unscaled: 10, scale: 0)
    return checkedRows(input, NumericCell.self, into: .numeric) { (cell) throws(SQLError) in
      let x = cell.numeric
      switch function {
      case .squareRoot: return NumericCell(try x.squareRoot())
      case .exponential: return NumericCell(try x.exponential())
      case .naturalLogarithm: return NumericCell(try x.naturalLogarithm())
      case .decimalLogarithm: return NumericCell(try x.logarithm(base: ten))
      case .withoutTrailingZeros: return NumericCell(x.canonical)
      }
    }
  }

  /// `power(a, b)` and `a ^ b`. Errors: 2201F, 22003.
  package static func power(numericCells bases: Column, _ exponents: Column) -> CheckedResult {
    checkedPairs(bases, exponents, NumericCell.self, NumericCell.self, into: .numeric) { (a, b) throws(SQLError) in
      NumericCell(try a.numeric.raised(to: b.numeric))
    }
  }

  /// `log(base, number)`. Errors: 2201E, 22012, 22003.
  package static func logarithm(numericCells numbers: Column, base: Column) -> CheckedResult {
    checkedPairs(base, numbers, NumericCell.self, NumericCell.self, into: .numeric) { (base, x) throws(SQLError) in
      NumericCell(try x.numeric.logarithm(base: base.numeric))
    }
  }

  /// `gcd` and `lcm` of numerics. Errors: 22003.
  package static func commonDivisor(numericCells lhs: Column, _ rhs: Column, isMultiple: Bool) -> CheckedResult {
    checkedPairs(lhs, rhs, NumericCell.self, NumericCell.self, into: .numeric) { (a, b) throws(SQLError) in
      let (a, b) = (a.numeric, b.numeric)
      return NumericCell(try isMultiple ? a.leastCommonMultiple(b) : a.greatestCommonDivisor(b))
    }
  }

  /// `scale(n)`, or `min_scale(n)`, which leaves zeros at the end out; null where there are no digits.
  package static func scale(numericCells input: Column, isLeast: Bool) -> CheckedResult {
    checkedValues([input], Int32.self, into: .int32) { (row) throws(SQLError) in
      let number = input.value(row, as: NumericCell.self).numeric
      return number.isFinite ? Int32(isLeast ? number.canonical.scale : number.scale) : nil
    }
  }

  /// `factorial(n)`. Errors: 22003.
  package static func factorial(_ input: Column) -> CheckedResult {
    checkedRows(input, Int64.self, into: .numeric) { (n) throws(SQLError) in
      if n < 0 { throw SQLError(.numericValueOutOfRange, "factorial of a negative number is undefined") }
      var product = Numeric(unscaled: 1, scale: 0)
      // 34! has 39 digits.
      for factor in 1..<Swift.max(Swift.min(n, 34) + 1, 1) { product = try product.multiplied(by: Numeric(factor)) }
      return NumericCell(product)
    }
  }
}
