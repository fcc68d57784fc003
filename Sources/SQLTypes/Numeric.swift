/// A decimal number: `unscaled / 10^scale`, at most 38 digits in all and 254 after the point, or NaN or an infinity.
///
/// `scale` is the number of digits shown after the point (PostgreSQL's `dscale`), so that 1.50 and 1.5 are equal and
/// print differently. What needs more than 38 digits is error 22003; only division and an explicit rounding round.
///
/// | state     | `scale`   | `unscaled`                   |
/// |-----------|-----------|------------------------------|
/// | finite    | 0 ... 254 | between -10^38 and 10^38     |
/// | -Infinity | 255       | -1                           |
/// | Infinity  | 255       | 1                            |
/// | NaN       | 255       | 2; equal to itself, greatest |
package struct Numeric: Sendable {
  package var unscaled: Int128
  package var scale: UInt8

  @inlinable
  package init(unscaled: Int128, scale: UInt8) {
    self.unscaled = unscaled
    self.scale = scale
  }

  package static let maximumDigits = 38
  package static let maximumScale = 254

  /// 10^38: the smallest magnitude that does not fit.
  @inlinable
  package static var limit: UInt128 { UInt128(10_000_000_000_000_000_000) * 10_000_000_000_000_000_000 }

  @inlinable package static var zero: Numeric { Numeric(unscaled: 0, scale: 0) }
  @inlinable package static var nan: Numeric { Numeric(unscaled: 2, scale: 255) }
  @inlinable package static var infinity: Numeric { Numeric(unscaled: 1, scale: 255) }
  @inlinable package static var negativeInfinity: Numeric { Numeric(unscaled: -1, scale: 255) }

  @inlinable package var isFinite: Bool { scale != 255 }
  @inlinable package var isNaN: Bool { scale == 255 && unscaled == 2 }
  @inlinable package var isInfinite: Bool { scale == 255 && unscaled != 2 }
  @inlinable package var isZero: Bool { unscaled == 0 }
  @inlinable package var isNegative: Bool { unscaled < 0 }

  /// The value if it has at most 38 digits and 254 of them after the point.
  @inlinable
  init?(negative: Bool, magnitude: UInt128, scale: Int) {
    guard magnitude < Numeric.limit, scale <= 254 else { return nil }
    let unscaled = Int128(truncatingIfNeeded: magnitude)
    self.init(unscaled: negative ? 0 &- unscaled : unscaled, scale: UInt8(truncatingIfNeeded: scale))
  }

  /// `unscaled / 10^scale`, if that is a finite value of this type.
  @inlinable
  package init?(exactly unscaled: Int128, scale: Int) {
    guard scale >= 0 else { return nil }
    self.init(negative: unscaled < 0, magnitude: unscaled.magnitude, scale: scale)
  }

  /// The same value without zeros at the end of its fraction: what equal values have in common.
  package var canonical: Numeric {
    guard isFinite, scale > 0 else { return self }
    if unscaled == 0 { return .zero }
    var value = unscaled
    var scale = scale
    if var narrow = Int64(exactly: value) {
      // The same in 64 bits, where division is several times cheaper.
      while scale > 0, narrow % 10 == 0 {
        narrow /= 10
        scale -= 1
      }
      return Numeric(unscaled: Int128(narrow), scale: scale)
    }
    while scale > 0 {
      let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
      if remainder != 0 { break }
      value = quotient
      scale -= 1
    }
    return Numeric(unscaled: value, scale: scale)
  }

  /// Appends 17 bytes, the same for equal values and different for others: the canonical scale, then the unscaled value
  /// in little-endian order.
  package func appendCanonicalBytes(to bytes: inout [UInt8]) {
    let value = canonical
    bytes.append(value.scale)
    var rest = UInt128(truncatingIfNeeded: value.unscaled)
    for _ in 0..<16 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }
}

extension Numeric: Comparable, Hashable {
  @inlinable
  package static func == (left: Numeric, right: Numeric) -> Bool {
    left.scale == right.scale ? left.unscaled == right.unscaled : compareScaled(left, right) == 0
  }

  @inlinable
  package static func < (left: Numeric, right: Numeric) -> Bool {
    left.scale == right.scale ? left.unscaled < right.unscaled : compareScaled(left, right) < 0
  }

  /// -1, 0 or 1, as `left` is less than, equal to or greater than `right`; NaN is greatest and equal to itself.
  @inlinable
  package static func compare(_ left: Numeric, _ right: Numeric) -> Int {
    guard left.scale == right.scale else { return compareScaled(left, right) }
    return left.unscaled == right.unscaled ? 0 : (left.unscaled < right.unscaled ? -1 : 1)
  }

  /// Compares values of different scales.
  @usableFromInline
  static func compareScaled(_ left: Numeric, _ right: Numeric) -> Int {
    if !left.isFinite { return left.unscaled > 0 ? 1 : -1 }
    if !right.isFinite { return right.unscaled > 0 ? -1 : 1 }
    let (leftSign, rightSign) = (left.unscaled.signum(), right.unscaled.signum())
    if leftSign != rightSign { return leftSign < rightSign ? -1 : 1 }
    if leftSign == 0 { return 0 }
    // Equal signs: the one with fewer digits after the point is brought to the other's scale; if it does not fit, it
    // is the one of greater magnitude.
    let leftIsCoarse = left.scale < right.scale
    let (coarse, fine) = leftIsCoarse ? (left, right) : (right, left)
    let order: Int
    if let aligned = coarse.magnitude(atScale: Int(fine.scale)) {
      let other = fine.unscaled.magnitude
      order = aligned == other ? 0 : (aligned < other ? -1 : 1)
    } else {
      order = 1
    }
    let outward = leftIsCoarse ? order : -order
    return leftSign > 0 ? outward : -outward
  }

  package func hash(into hasher: inout Hasher) {
    let value = canonical
    hasher.combine(value.scale)
    hasher.combine(value.unscaled)
  }

  /// The magnitude with `target` (at least `scale`) digits after the point, if it stays below 2^128.
  @inlinable
  func magnitude(atScale target: Int) -> UInt128? {
    let shift = target - Int(scale)
    let magnitude = unscaled.magnitude
    if shift == 0 || magnitude == 0 { return magnitude }
    guard shift <= Numeric.maximumDigits else { return nil }
    let (product, overflow) = magnitude.multipliedReportingOverflow(by: powerOfTen(shift))
    return overflow ? nil : product
  }
}
