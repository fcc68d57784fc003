import Glibc

extension Column {
  /// Converts between integers and floats as PostgreSQL does: floats round half to even, narrowing may fail.
  ///
  /// - Faults: `outOfRange`; `underflow` where a double becomes a real zero.
  package static func convert(_ input: Column, to target: PhysicalType) -> KernelResult {
    if input.physicalType == target { return KernelResult(column: input) }
    switch input.physicalType {
    case .int16: return fromInteger(input, Int16.self, target)
    case .int32: return fromInteger(input, Int32.self, target)
    case .int64: return fromInteger(input, Int64.self, target)
    case .float32: return fromFloat(input, Float.self, target)
    case .float64: return fromFloat(input, Double.self, target)
    default: preconditionFailure("no conversion from \(input.physicalType) to \(target)")
    }
  }

  @inline(__always)
  private static func fromInteger<S: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _ input: Column, _ source: S.Type, _ target: PhysicalType
  ) -> KernelResult {
    switch target {
    case .int16: integerToInteger(input, source, Int16.self, target)
    case .int32: integerToInteger(input, source, Int32.self, target)
    case .int64: integerToInteger(input, source, Int64.self, target)
    case .float32: mapRows(input, source, into: target) { (Float($0), 0) }
    case .float64: mapRows(input, source, into: target) { (Double($0), 0) }
    default: preconditionFailure("no conversion from integers to \(target)")
    }
  }

  @inline(__always)
  private static func integerToInteger<S: FixedWidthInteger & BitwiseCopyable, T: FixedWidthInteger & BitwiseCopyable>(
    _ input: Column, _ source: S.Type, _ target: T.Type, _ physicalType: PhysicalType
  ) -> KernelResult {
    mapRows(input, source, into: physicalType) { value in
      let narrowed = T(truncatingIfNeeded: value)
      return (narrowed, S(truncatingIfNeeded: narrowed) == value ? 0 : KernelFault.outOfRange.rawValue)
    }
  }

  @inline(__always)
  private static func fromFloat<S: BinaryFloatingPoint & BitwiseCopyable>(
    _ input: Column, _ source: S.Type, _ target: PhysicalType
  ) -> KernelResult {
    switch target {
    case .int16: floatToInteger(input, source, Int16.self, target)
    case .int32: floatToInteger(input, source, Int32.self, target)
    case .int64: floatToInteger(input, source, Int64.self, target)
    case .float64: mapRows(input, source, into: target) { (Double($0), 0) }
    case .float32:
      mapRows(input, source, into: target) { value in
        let narrowed = Float(value)
        if narrowed.isInfinite && value.isFinite { return (narrowed, KernelFault.outOfRange.rawValue) }
        return (narrowed, narrowed == 0 && value != 0 ? KernelFault.underflow.rawValue : 0)
      }
    default: preconditionFailure("no conversion from floats to \(target)")
    }
  }

  @inline(__always)
  private static func floatToInteger<S: BinaryFloatingPoint & BitwiseCopyable, T: FixedWidthInteger & BitwiseCopyable>(
    _ input: Column, _ source: S.Type, _ target: T.Type, _ physicalType: PhysicalType
  ) -> KernelResult {
    mapRows(input, source, into: physicalType) { value in
      let rounded = value.rounded(.toNearestOrEven)
      // T.min is a power of two, exact in every float; -T.min is the first value above T.max.
      let isInside = rounded >= S(T.min) && rounded < -S(T.min)
      return (isInside ? T(rounded) : 0, isInside ? 0 : KernelFault.outOfRange.rawValue)
    }
  }
}
