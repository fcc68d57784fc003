import Glibc

package enum ArithmeticOperator: Sendable {
  case add, subtract, multiply, divide, remainder
}

extension Column {
  /// `lhs op rhs` over integers or floats of one physical type.
  ///
  /// - Faults: `outOfRange` where the result leaves the type, `divisionByZero`.
  package static func arithmetic(_ op: ArithmeticOperator, _ lhs: Column, _ rhs: Column) -> KernelResult {
    precondition(lhs.physicalType == rhs.physicalType, "operands of one physical type")
    switch lhs.physicalType {
    case .int16: return integerArithmetic(op, lhs, rhs, Int16.self)
    case .int32:
      if op == .divide, rhs.isConstant, rhs.count > 0, let divisor = ConstantDivisor(rhs.value(0, as: Int32.self)) {
        return mapPairs(lhs, rhs, Int32.self, Int32.self, into: .int32) { a, _ in (divisor.quotient(a), 0) }
      }
      return integerArithmetic(op, lhs, rhs, Int32.self)
    case .int64:
      if op == .divide, rhs.isConstant, rhs.count > 0, let divisor = ConstantDivisor(rhs.value(0, as: Int64.self)) {
        return mapPairs(lhs, rhs, Int64.self, Int64.self, into: .int64) { a, _ in (divisor.quotient(a), 0) }
      }
      return integerArithmetic(op, lhs, rhs, Int64.self)
    case .float32: return floatArithmetic(op, lhs, rhs, Float.self)
    case .float64: return floatArithmetic(op, lhs, rhs, Double.self)
    default: preconditionFailure("arithmetic on \(lhs.physicalType)")
    }
  }

  @inline(__always)
  private static func integerArithmetic<T: FixedWidthInteger & BitwiseCopyable>(
    _ op: ArithmeticOperator, _ lhs: Column, _ rhs: Column, _ type: T.Type
  ) -> KernelResult {
    let physicalType = lhs.physicalType
    switch op {
    case .add:
      return mapPairs(lhs, rhs, type, type, into: physicalType) { a, b in
        let sum = a &+ b
        // The sign bit of this is set when both operands have a sign that the sum has not; it vectorises (KERNELS §1).
        return (sum, UInt8(truncatingIfNeeded: ((a ^ sum) & (b ^ sum)) >> (T.bitWidth - 1)) & KernelFault.outOfRange.rawValue)
      }
    case .subtract:
      return mapPairs(lhs, rhs, type, type, into: physicalType) { a, b in
        let difference = a &- b
        return (
          difference,
          UInt8(truncatingIfNeeded: ((a ^ b) & (a ^ difference)) >> (T.bitWidth - 1)) & KernelFault.outOfRange.rawValue
        )
      }
    case .multiply:
      return mapPairs(lhs, rhs, type, type, into: physicalType) { a, b in
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return (product, overflow ? KernelFault.outOfRange.rawValue : 0)
      }
    case .divide:
      return mapPairs(lhs, rhs, type, type, into: physicalType) { a, b in
        if b == 0 { return (0 as T, KernelFault.divisionByZero.rawValue) }
        let (quotient, overflow) = a.dividedReportingOverflow(by: b)
        return (quotient, overflow ? KernelFault.outOfRange.rawValue : 0)
      }
    case .remainder:
      return mapPairs(lhs, rhs, type, type, into: physicalType) { a, b in
        if b == 0 { return (0 as T, KernelFault.divisionByZero.rawValue) }
        return (a.remainderReportingOverflow(dividingBy: b).partialValue, 0)
      }
    }
  }

  /// PostgreSQL's rules: an infinite result of finite operands overflows, a zero product or quotient of operands that
  /// are not zero underflows; both are 22003.
  @inline(__always)
  private static func floatArithmetic<T: BinaryFloatingPoint & BitwiseCopyable>(
    _ op: ArithmeticOperator, _ lhs: Column, _ rhs: Column, _ type: T.Type
  ) -> KernelResult {
    let physicalType = lhs.physicalType
    let outOfRange = KernelFault.outOfRange.rawValue
    let underflow = KernelFault.underflow.rawValue
    switch op {
    case .add:
      return mapPairs(lhs, rhs, type, type, into: physicalType) { a, b in
        let sum = a + b
        return (sum, sum.isInfinite && a.isFinite && b.isFinite ? outOfRange : 0)
      }
    case .subtract:
      return mapPairs(lhs, rhs, type, type, into: physicalType) { a, b in
        let difference = a - b
        return (difference, difference.isInfinite && a.isFinite && b.isFinite ? outOfRange : 0)
      }
    case .multiply:
      return mapPairs(lhs, rhs, type, type, into: physicalType) { a, b in
        let product = a * b
        if product.isInfinite && a.isFinite && b.isFinite { return (product, outOfRange) }
        return (product, product == 0 && a != 0 && b != 0 ? underflow : 0)
      }
    case .divide:
      return mapPairs(lhs, rhs, type, type, into: physicalType) { a, b in
        if b == 0 && !a.isNaN { return (0 as T, KernelFault.divisionByZero.rawValue) }
        let quotient = a / b
        if quotient.isInfinite && a.isFinite { return (quotient, outOfRange) }
        return (quotient, quotient == 0 && a != 0 && b.isFinite ? underflow : 0)
      }
    case .remainder:
      preconditionFailure("PostgreSQL has no remainder of floats")
    }
  }

  /// `-x`. Faults: `outOfRange` for the smallest integer.
  package static func negate(_ input: Column) -> KernelResult {
    func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> KernelResult {
      mapRows(input, type, into: input.physicalType) { value in
        (0 &- value, value == T.min ? KernelFault.outOfRange.rawValue : 0)
      }
    }
    switch input.physicalType {
    case .int16: return integer(Int16.self)
    case .int32: return integer(Int32.self)
    case .int64: return integer(Int64.self)
    case .float32: return mapRows(input, Float.self, into: .float32) { (-$0, 0) }
    case .float64: return mapRows(input, Double.self, into: .float64) { (-$0, 0) }
    default: preconditionFailure("negation of \(input.physicalType)")
    }
  }

  /// `abs(x)`. Faults: `outOfRange` for the smallest integer.
  package static func absolute(_ input: Column) -> KernelResult {
    func integer<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(_ type: T.Type) -> KernelResult {
      mapRows(input, type, into: input.physicalType) { value in
        (value < 0 ? 0 &- value : value, value == T.min ? KernelFault.outOfRange.rawValue : 0)
      }
    }
    switch input.physicalType {
    case .int16: return integer(Int16.self)
    case .int32: return integer(Int32.self)
    case .int64: return integer(Int64.self)
    case .float32: return mapRows(input, Float.self, into: .float32) { (Swift.abs($0), 0) }
    case .float64: return mapRows(input, Double.self, into: .float64) { (Swift.abs($0), 0) }
    default: preconditionFailure("absolute value of \(input.physicalType)")
    }
  }
}
