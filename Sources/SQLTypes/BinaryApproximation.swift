/// The leading 64 bits of a positive rational number: `bits * 2^exponent`, with the lowest bit set if anything was cut
/// off below, so that rounding it once more, to the 53 or 24 bits of a float, is correct rounding.
struct BinaryApproximation {
  var bits: UInt64
  var exponent: Int

  /// `magnitude / 10^scale`, for a magnitude other than zero and scales 0 ... 38.
  init(_ magnitude: UInt128, scale: Int) {
    let shift = magnitude.leadingZeroBitCount
    let dividend = magnitude << shift
    if scale == 0 {
      self.init(dividend, isInexact: false, exponent: -shift)
      return
    }
    let power = powerOfTen(scale)
    let powerShift = power.leadingZeroBitCount
    // Both have their highest bit set, so that half the dividend is below the divisor.
    let (quotient, remainder) = (power << powerShift).dividingFullWidth((dividend >> 1, dividend << 127))
    let quotientShift = quotient.leadingZeroBitCount
    self.init(
      quotient << quotientShift, isInexact: remainder != 0, exponent: powerShift - shift - 127 - quotientShift)
  }

  /// The literal's magnitude if its digits fit 128 bits and its exponent is within ±38.
  init?(_ literal: DecimalLiteral, of text: borrowing Span<UInt8>, exponent: Int) {
    guard literal.digitCount <= 38, exponent >= -38, literal.digitCount + Swift.max(exponent, 0) <= 38 else {
      return nil
    }
    var magnitude: UInt128 = 0
    if literal.digitCount <= 19 {
      magnitude = UInt128(literal.leadingDigits)
    } else {
      literal.forEachDigit(of: text) { digit in
        magnitude = magnitude &* 10 &+ UInt128(digit)
        return true
      }
    }
    self.init(magnitude &* powerOfTen(Swift.max(exponent, 0)), scale: Swift.max(-exponent, 0))
  }

  private init(_ wide: UInt128, isInexact: Bool, exponent: Int) {
    let isCut = isInexact || UInt64(truncatingIfNeeded: wide) != 0
    bits = UInt64(truncatingIfNeeded: wide >> 64) | (isCut ? 1 : 0)
    self.exponent = exponent + 64
  }
}
