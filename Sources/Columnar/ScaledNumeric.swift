package import SQLTypes

/// The values of a numeric(p, s) column: the number times 10^s as an integer, in 64 bits up to p = 18 and in 128 above.
///
/// NaN, which PostgreSQL allows in such a column, is the largest integer: it is no number's (18 digits end below 2^63, 38
/// below 2^127), it equals itself and it is above every number, so that integer comparison is PostgreSQL's order.
/// Infinities do not fit a numeric(p, s) (22003). Arithmetic has to look for NaN.
package enum ScaledNumeric {
  @inlinable
  package static func nan<T: FixedWidthInteger>(_ type: T.Type) -> T { T.max }

  /// The number that `value` of a column of that scale stands for.
  @inlinable @inline(__always)
  package static func numeric<T: FixedWidthInteger>(_ value: T, scale: Int) -> Numeric {
    value == T.max ? .nan : Numeric(unscaled: Int128(truncatingIfNeeded: value), scale: UInt8(truncatingIfNeeded: scale))
  }

  /// How a number that `Numeric.rescaled(to:)` gave lies in a column.
  @inlinable @inline(__always)
  package static func value<T: FixedWidthInteger>(_ number: Numeric, as type: T.Type) -> T {
    number.isFinite ? T(truncatingIfNeeded: number.unscaled) : T.max
  }
}

extension Column {
  /// The number in row `row` of a numeric column. For edges, not for loops.
  package func numeric(_ row: Int, _ modifier: SQLType.NumericModifier?) -> Numeric {
    switch (modifier, physicalType) {
    case (let modifier?, .int64): ScaledNumeric.numeric(value(row, as: Int64.self), scale: modifier.scale)
    case (let modifier?, .int128): ScaledNumeric.numeric(value(row, as: Int128.self), scale: modifier.scale)
    case (nil, .numeric): value(row, as: NumericCell.self).numeric
    default: preconditionFailure("a numeric column of its type")
    }
  }
}
