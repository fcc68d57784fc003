package import SQLTypes

extension Column {
  /// The numbers of an integer or numeric column as numeric without modifiers.
  ///
  /// - Shapes: as many rows; nulls stay. A numeric without modifiers is returned as it is.
  package static func numericCells(_ input: Column, from type: SQLType) -> Column {
    func scaled<T: FixedWidthInteger & BitwiseCopyable>(_ integer: T.Type, _ scale: Int) -> Column {
      mapRows(input, integer, into: .numeric) { (NumericCell(ScaledNumeric.numeric($0, scale: scale)), 0) }.column
    }
    func whole<T: FixedWidthInteger & BitwiseCopyable>(_ integer: T.Type) -> Column {
      mapRows(input, integer, into: .numeric) { (NumericCell(Numeric(unscaled: Int128($0), scale: 0)), 0) }.column
    }
    switch type {
    case .smallint: return whole(Int16.self)
    case .integer: return whole(Int32.self)
    case .bigint: return whole(Int64.self)
    case .numeric(let modifier?):
      return input.physicalType == .int64 ? scaled(Int64.self, modifier.scale) : scaled(Int128.self, modifier.scale)
    case .numeric(nil): return input
    default: preconditionFailure("no exact numbers in a column of \(type.name)")
    }
  }

  /// Numbers rounded, half away from zero, to the digits of `numeric(p, s)`.
  ///
  /// - Errors: 22003 where more than p digits remain, and for infinities.
  package static func scaledNumeric(_ cells: Column, to modifier: SQLType.NumericModifier) -> CheckedResult {
    if modifier.precision <= 18 {
      return checkedRows(cells, NumericCell.self, into: .int64) { (cell) throws(SQLError) in
        ScaledNumeric.value(try cell.numeric.rescaled(to: modifier), as: Int64.self)
      }
    }
    return checkedRows(cells, NumericCell.self, into: .int128) { (cell) throws(SQLError) in
      ScaledNumeric.value(try cell.numeric.rescaled(to: modifier), as: Int128.self)
    }
  }

  /// Floats as the numerics of their 6 (real) or 15 (double) significant digits. Errors: 22003.
  package static func numericCells(fromFloats input: Column) -> CheckedResult {
    input.physicalType == .float32
      ? checkedRows(input, Float.self, into: .numeric) { (value) throws(SQLError) in NumericCell(try Numeric(value)) }
      : checkedRows(input, Double.self, into: .numeric) { (value) throws(SQLError) in NumericCell(try Numeric(value)) }
  }

  /// Floats as the numbers of a `numeric(p, s)` column, by way of their 6 or 15 significant digits. Errors: 22003.
  package static func scaledNumeric(fromFloats input: Column, to modifier: SQLType.NumericModifier) -> CheckedResult {
    func rescaled(_ magnitude: Double, _ convert: () throws(SQLError) -> Numeric) throws(SQLError) -> Numeric {
      // Beyond the numbers that numeric without modifiers holds the answer is plain: too large, or nothing.
      if magnitude < 1e-40 { return try Numeric.zero.rescaled(to: modifier) }
      if magnitude >= 1e38, magnitude.isFinite { throw .numericFieldOverflow(modifier) }
      return try convert().rescaled(to: modifier)
    }
    func scaled<T: FixedWidthInteger & BitwiseCopyable>(_ integer: T.Type, _ physicalType: PhysicalType) -> CheckedResult {
      input.physicalType == .float32
        ? checkedRows(input, Float.self, into: physicalType) { (value) throws(SQLError) in
          ScaledNumeric.value(
            try rescaled(Double(value).magnitude) { () throws(SQLError) in try Numeric(value) }, as: integer)
        }
        : checkedRows(input, Double.self, into: physicalType) { (value) throws(SQLError) in
          ScaledNumeric.value(try rescaled(value.magnitude) { () throws(SQLError) in try Numeric(value) }, as: integer)
        }
    }
    return modifier.precision <= 18 ? scaled(Int64.self, .int64) : scaled(Int128.self, .int128)
  }

  /// Numerics as integers, rounded half away from zero, or as the nearest floats. Errors: 22003, 0A000 for NaN.
  package static func convert(numericCells input: Column, to target: PhysicalType) -> CheckedResult {
    switch target {
    case .int16:
      checkedRows(input, NumericCell.self, into: target) { (cell) throws(SQLError) in try Int16(rounding: cell.numeric) }
    case .int32:
      checkedRows(input, NumericCell.self, into: target) { (cell) throws(SQLError) in try Int32(rounding: cell.numeric) }
    case .int64:
      checkedRows(input, NumericCell.self, into: target) { (cell) throws(SQLError) in try Int64(rounding: cell.numeric) }
    case .float32:
      checkedRows(input, NumericCell.self, into: target) { (cell) throws(SQLError) in try Float(nearest: cell.numeric) }
    case .float64:
      checkedRows(input, NumericCell.self, into: target) { (cell) throws(SQLError) in Double(nearest: cell.numeric) }
    default: preconditionFailure("no conversion from numeric to \(target)")
    }
  }

  /// `lhs op rhs` over numerics without modifiers, with PostgreSQL's scales. Errors: 22003 beyond 38 digits, 22012.
  package static func numericArithmetic(_ op: ArithmeticOperator, _ lhs: Column, _ rhs: Column) -> CheckedResult {
    precondition(lhs.physicalType == .numeric && rhs.physicalType == .numeric, "numerics without modifiers")
    switch op {
    case .add:
      return checkedPairs(lhs, rhs, NumericCell.self, NumericCell.self, into: .numeric) { (a, b) throws(SQLError) in
        NumericCell(try a.numeric.adding(b.numeric))
      }
    case .subtract:
      return checkedPairs(lhs, rhs, NumericCell.self, NumericCell.self, into: .numeric) { (a, b) throws(SQLError) in
        NumericCell(try a.numeric.subtracting(b.numeric))
      }
    case .multiply:
      return checkedPairs(lhs, rhs, NumericCell.self, NumericCell.self, into: .numeric) { (a, b) throws(SQLError) in
        NumericCell(try a.numeric.multiplied(by: b.numeric))
      }
    case .divide:
      return checkedPairs(lhs, rhs, NumericCell.self, NumericCell.self, into: .numeric) { (a, b) throws(SQLError) in
        NumericCell(try a.numeric.divided(by: b.numeric))
      }
    case .remainder:
      return checkedPairs(lhs, rhs, NumericCell.self, NumericCell.self, into: .numeric) { (a, b) throws(SQLError) in
        NumericCell(try a.numeric.remainder(dividingBy: b.numeric))
      }
    }
  }

  /// `-x` of numerics without modifiers.
  package static func negate(numericCells input: Column) -> Column {
    mapRows(input, NumericCell.self, into: .numeric) { (NumericCell($0.numeric.negated), 0) }.column
  }

  /// `abs(x)` of numerics without modifiers.
  package static func absolute(numericCells input: Column) -> Column {
    mapRows(input, NumericCell.self, into: .numeric) { (NumericCell($0.numeric.absolute), 0) }.column
  }
}

extension Column {
  /// `lhs op rhs` over 64-bit numbers of any two scales up to 18, as numerics without modifiers.
  ///
  /// The result is what `numericArithmetic` gives, with PostgreSQL's scale: the larger one of a sum or difference, the sum
  /// of both of a product. Nothing can overflow: 19 digits and 18 zeros stay below 10^37, two of them below 10^38.
  ///
  /// - isScaled: whether the side is numeric(p, s), of which the largest integer is NaN (`ScaledNumeric`), or bigint.
  package static func scaledArithmetic(
    _ op: ArithmeticOperator, _ lhs: (column: Column, scale: Int, isScaled: Bool),
    _ rhs: (column: Column, scale: Int, isScaled: Bool)
  ) -> Column {
    precondition(lhs.column.physicalType == .int64 && rhs.column.physicalType == .int64, "64-bit numbers")
    precondition(lhs.scale <= 18 && rhs.scale <= 18, "scales of 64-bit numbers")
    let scale = max(lhs.scale, rhs.scale)
    let leftFactor = Int128(powerOfTen(scale - lhs.scale))
    let rightFactor = Int128(powerOfTen(scale - rhs.scale))
    let (leftScaled, rightScaled) = (lhs.isScaled, rhs.isScaled)
    func map(_ resultScale: Int, _ operation: (Int128, Int128) -> Int128) -> Column {
      mapPairs(lhs.column, rhs.column, Int64.self, Int64.self, into: .numeric) { a, b in
        if (leftScaled && a == Int64.max) || (rightScaled && b == Int64.max) { return (NumericCell(.nan), 0) }
        return (NumericCell(Numeric(unscaled: operation(Int128(a), Int128(b)), scale: UInt8(resultScale))), 0)
      }.column
    }
    switch op {
    case .add: return map(scale) { $0 &* leftFactor &+ $1 &* rightFactor }
    case .subtract: return map(scale) { $0 &* leftFactor &- $1 &* rightFactor }
    case .multiply: return map(lhs.scale + rhs.scale) { $0 &* $1 }
    case .divide, .remainder: preconditionFailure("quotients go through numericArithmetic")
    }
  }
}
