import Glibc

/// e^x and ln x to the last digits of a `FixedDecimal`.
extension FixedDecimal {
  private static func one(_ fractionLimbs: Int) -> FixedDecimal {
    FixedDecimal(limbs: [UInt32](repeating: 0, count: fractionLimbs) + [1], fractionLimbs: fractionLimbs)
  }

  /// e^x for |x| below 1000: Taylor's series of x / 2^k, squared k times. About k/3 of the last digits are lost.
  static func exponential(_ x: FixedDecimal) -> FixedDecimal {
    let size = x.approximation
    let halvings = size == 0 ? 0 : Swift.max(0, Int(size.exponent) + 9)
    let part = x / (UInt32(1) << UInt32(halvings))
    var sum = one(x.fractionLimbs)
    var (term, count) = (sum, UInt32(1))
    while !term.isZero {
      term = term * part / count
      sum = sum + term
      count += 1
    }
    for _ in 0..<halvings { sum = sum * sum }
    return sum
  }

  /// ln x of a positive number.
  ///
  /// With y the logarithm as a double, x / e^y is 1 to 15 digits, and each term of Mercator's series for the logarithm of
  /// that gives 15 digits more. x is taken as m * 10^p with m from 1 to 10, and as it is near 1, where the logarithm's own
  /// digits begin far behind the point.
  static func logarithm(_ x: Numeric, fractionLimbs: Int) -> FixedDecimal {
    if x > Numeric(unscaled: 5, scale: 1), x < Numeric(unscaled: 5, scale: 0) {
      return smallLogarithm(x, fractionLimbs: fractionLimbs)
    }
    let digits = decimalDigitCount(x.unscaled.magnitude)
    let power = digits - 1 - Int(x.scale)
    let significand = Numeric(unscaled: x.unscaled, scale: UInt8(digits - 1))
    let powers = FixedDecimal(Numeric(Int64(power)), fractionLimbs: fractionLimbs)
    return smallLogarithm(significand, fractionLimbs: fractionLimbs) + powers * logarithmOfTen(fractionLimbs)
  }

  private static func smallLogarithm(_ x: Numeric, fractionLimbs: Int) -> FixedDecimal {
    precondition(fractionLimbs >= 2, "a double's digits")
    let digits = Int64((log(Double(nearest: x)) * 1e15).rounded())
    let near = FixedDecimal(Numeric(unscaled: Int128(digits), scale: 15), fractionLimbs: fractionLimbs)
    let rest = FixedDecimal(x, fractionLimbs: fractionLimbs) * exponential(near.negated) + one(fractionLimbs).negated
    var sum = near + rest
    var (term, count) = (rest, UInt32(2))
    while !term.isZero {
      term = (term * rest).negated
      sum = sum + term / count
      count += 1
    }
    return sum
  }

  /// ln 10 to more digits than any result of `Numeric` takes.
  private static let longLogarithmOfTen = smallLogarithm(Numeric(unscaled: 10, scale: 0), fractionLimbs: 48)

  private static func logarithmOfTen(_ fractionLimbs: Int) -> FixedDecimal {
    precondition(fractionLimbs < 48, "a result of numeric")
    return longLogarithmOfTen.cut(toFractionLimbs: fractionLimbs)
  }

  /// The number without the limbs behind the first so many.
  func cut(toFractionLimbs count: Int) -> FixedDecimal {
    FixedDecimal(isNegative: isNegative, limbs: Array(limbs.dropFirst(fractionLimbs - count)), fractionLimbs: count)
  }
}
