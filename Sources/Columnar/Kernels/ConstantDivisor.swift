import CScan

/// Divides signed integers by one number above 1 with a multiplication and shifts, as C compilers do it for a constant.
///
/// Source: Granlund and Montgomery, "Division by Invariant Integers using Multiplication", PLDI 1994, figure 5.2.
struct ConstantDivisor<T: FixedWidthInteger> {
  private let multiplier: T
  private let shift: T

  /// Nil for divisors below 2: 0 and -1 have faults, and the others are rare.
  init?(_ divisor: T) {
    if divisor < 2 { return nil }
    let magnitude = divisor.magnitude
    let shift = T.bitWidth - (magnitude - 1).leadingZeroBitCount - 1
    // 2^(width + shift) / divisor, whose bit `width` is left out: `quotient` adds the dividend for it.
    let (quotient, _) = magnitude.dividingFullWidth((1 << shift, 0))
    multiplier = T(truncatingIfNeeded: quotient &+ 1)
    self.shift = T(shift)
  }

  /// `dividend / divisor`, rounded towards zero.
  @inline(__always)
  func quotient(_ dividend: T) -> T {
    let product = dividend &+ Self.highWord(multiplier, dividend)
    return (product &>> shift) &- (dividend &>> T(T.bitWidth - 1))
  }

  @inline(__always)
  private static func highWord(_ a: T, _ b: T) -> T {
    T.bitWidth == 64
      ? T(truncatingIfNeeded: cscan_high_word(Int64(truncatingIfNeeded: a), Int64(truncatingIfNeeded: b)))
      : a.multipliedFullWidth(by: b).high
  }
}
