package import SQLTypes

/// A NUMERIC as a column holds it: 24 bytes without padding, so that equal cells are equal bytes.
///
/// | offset | size | meaning |
/// |---|---|---|
/// | 0 | 16 | `Numeric.unscaled`, low word first |
/// | 16 | 8 | `Numeric.scale` |
@frozen
package struct NumericCell: BitwiseCopyable, Sendable {
  @usableFromInline let low: UInt64
  @usableFromInline let high: Int64
  @usableFromInline let scale: UInt64

  @inlinable
  package init(_ value: Numeric) {
    low = UInt64(truncatingIfNeeded: value.unscaled)
    high = Int64(truncatingIfNeeded: value.unscaled >> 64)
    scale = UInt64(value.scale)
  }

  @inlinable
  package var numeric: Numeric {
    Numeric(unscaled: Int128(high) << 64 | Int128(low), scale: UInt8(truncatingIfNeeded: scale))
  }
}
