package enum BitOperator: Sendable {
  case and, or, exclusiveOr
}

extension Column {
  /// `lhs & rhs`, `lhs | rhs`, `lhs # rhs` over integers of one physical type.
  package static func bits(_ op: BitOperator, _ lhs: Column, _ rhs: Column) -> Column {
    precondition(lhs.physicalType == rhs.physicalType, "operands of one physical type")
    func map<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> Column {
      switch op {
      case .and: mapPairs(lhs, rhs, type, type, into: lhs.physicalType) { ($0 & $1, 0) }.column
      case .or: mapPairs(lhs, rhs, type, type, into: lhs.physicalType) { ($0 | $1, 0) }.column
      case .exclusiveOr: mapPairs(lhs, rhs, type, type, into: lhs.physicalType) { ($0 ^ $1, 0) }.column
      }
    }
    switch lhs.physicalType {
    case .int16: return map(Int16.self)
    case .int32: return map(Int32.self)
    case .int64: return map(Int64.self)
    default: preconditionFailure("bits of \(lhs.physicalType)")
    }
  }

  /// `~x`
  package static func complement(_ input: Column) -> Column {
    switch input.physicalType {
    case .int16: mapRows(input, Int16.self, into: .int16) { (~$0, 0) }.column
    case .int32: mapRows(input, Int32.self, into: .int32) { (~$0, 0) }.column
    case .int64: mapRows(input, Int64.self, into: .int64) { (~$0, 0) }.column
    default: preconditionFailure("bits of \(input.physicalType)")
    }
  }

  /// `x << n` and `x >> n` by an integer column of shifts.
  ///
  /// As PostgreSQL's C on x86-64: the shift counts modulo the width, of a smallint modulo that of the integer in which it
  /// is shifted; a right shift keeps the sign.
  package static func shift(_ input: Column, by amounts: Column, isLeft: Bool) -> Column {
    func map<T: FixedWidthInteger & BitwiseCopyable, Wide: FixedWidthInteger>(_ type: T.Type, in wide: Wide.Type) -> Column {
      mapPairs(input, amounts, type, Int32.self, into: input.physicalType) { value, amount in
        let value = Wide(truncatingIfNeeded: value)
        return (T(truncatingIfNeeded: isLeft ? value &<< Wide(truncatingIfNeeded: amount) : value &>> Wide(truncatingIfNeeded: amount)), 0)
      }.column
    }
    switch input.physicalType {
    case .int16: return map(Int16.self, in: Int32.self)
    case .int32: return map(Int32.self, in: Int32.self)
    case .int64: return map(Int64.self, in: Int64.self)
    default: preconditionFailure("bits of \(input.physicalType)")
    }
  }
}
