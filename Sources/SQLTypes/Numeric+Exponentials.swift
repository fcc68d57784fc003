import Glibc

/// Exponentials, logarithms and powers.
///
/// Each shows as many digits as PostgreSQL 15 gives it: at least 16 significant ones by an estimate of the result's size, and
/// no fewer places than an argument shows. The estimates are part of the result and so are made as there, in double
/// precision and from a number's leading groups of four digits. The digits are those of the exact value, rounded half away
/// from zero: at least 20 more are computed. Where a result would need more than 38 digits, it loses the last places, as a
/// quotient does; what is too large even so is 22003.
///
/// Sources: PostgreSQL 15, §9.3 and the scales that a server gives; the series are Taylor's (Abramowitz and Stegun 4.1.24,
/// 4.2.1).
extension Numeric {
  /// PostgreSQL's NUMERIC_MIN_SIG_DIGITS.
  static let significantDigits = 16
  /// Digits computed beyond those that are shown: 6 for what the squarings of `exp` lose, 20 so that rounding is right.
  private static let guardDigits = 26
  /// Beyond these, e^x is above 10^38 or nothing in 254 places.
  private static let (largestExponent, smallestExponent) = (88.0, -600.0)
  private static let decimalOfE = 0.434294481903252

  /// `exp(n)`. Errors: 22003.
  package func exponential() throws(SQLError) -> Numeric {
    guard isFinite else { return isNegative ? .zero : self }
    let size = Double(nearest: self)
    let wanted = Numeric.resultScale(Numeric.clampedWeight(size * Numeric.decimalOfE), scale)
    return try Numeric.exponential(size, toScale: wanted) { FixedDecimal(self, fractionLimbs: $0) }
  }

  /// e to the power of a number that is about `size`.
  ///
  /// - exponent: the number, with so many limbs behind the point.
  private static func exponential(
    _ size: Double, toScale scale: Int, isNegative: Bool = false, _ exponent: (_ fractionLimbs: Int) -> FixedDecimal
  ) throws(SQLError) -> Numeric {
    if size > largestExponent { throw .numericOverflow() }
    if size < smallestExponent { return Numeric(unscaled: 0, scale: UInt8(scale)) }
    let wholeDigits = Swift.max(Int(size * decimalOfE), 0) + 1
    var result = FixedDecimal.exponential(
      exponent(FixedDecimal.limbCount(digits: scale + wholeDigits + guardDigits)))
    result.isNegative = isNegative
    return try result.rounded(toScale: scale)
  }

  /// `ln(n)`. Errors: 2201E.
  package func naturalLogarithm() throws(SQLError) -> Numeric {
    try checkLogarithm()
    guard isFinite else { return self }
    let wanted = Numeric.resultScale(logarithmWeight, scale)
    let limbs = FixedDecimal.limbCount(digits: wanted + Numeric.guardDigits)
    return try FixedDecimal.logarithm(self, fractionLimbs: limbs).rounded(toScale: wanted)
  }

  /// `log(b, n)`. Errors: 2201E, 22012 where the base is 1.
  package func logarithm(base: Numeric) throws(SQLError) -> Numeric {
    guard isFinite, base.isFinite else {
      if isNaN || base.isNaN { return .nan }
      if isNegative || base.isNegative { throw Numeric.logarithmOfNegative() }
      if isZero || base.isZero { throw Numeric.logarithmOfZero() }
      return base.isFinite ? .infinity : isFinite ? .zero : .nan
    }
    try base.checkLogarithm()
    try checkLogarithm()
    let (baseWeight, weight) = (base.logarithmWeight, logarithmWeight)
    let wanted = Numeric.resultScale(weight - baseWeight, Swift.max(scale, base.scale))
    // A small divisor makes what is missing of both logarithms large.
    let digits = wanted + Numeric.guardDigits + 2 * Swift.max(-baseWeight, 0) + Swift.max(weight, 0)
    let limbs = FixedDecimal.limbCount(digits: digits)
    let divisor = FixedDecimal.logarithm(base, fractionLimbs: limbs)
    if divisor.isZero { throw .divisionByZero() }
    return try (FixedDecimal.logarithm(self, fractionLimbs: limbs) / divisor).rounded(toScale: wanted)
  }

  /// `n ^ exponent`. Errors: 2201F, 22003.
  package func raised(to exponent: Numeric) throws(SQLError) -> Numeric {
    if isNaN || exponent.isNaN { return exponent.isZero || self == Numeric.one ? Numeric.one : .nan }
    if isZero && exponent.isNegative {
      throw SQLError(.invalidArgumentForPower, "zero raised to a negative power is undefined")
    }
    if isNegative && !exponent.isIntegral {
      throw SQLError(
        .invalidArgumentForPower, "a negative number raised to a non-integer power yields a complex result")
    }
    guard isFinite, exponent.isFinite else { return raisedToLimit(exponent) }
    if exponent.isIntegral, let whole = Int32(exactly: exponent.canonical.unscaled) { return try raised(toWhole: whole) }
    if isZero { return Numeric(unscaled: 0, scale: UInt8(Numeric.significantDigits)) }
    return try raisedByLogarithm(exponent)
  }

  /// Where a side is an infinity and neither is NaN: the rules of POSIX's `pow`.
  private func raisedToLimit(_ exponent: Numeric) -> Numeric {
    if self == Numeric.one || exponent.isZero { return Numeric.one }
    if isZero { return .zero }
    if exponent.isInfinite {
      if self == Numeric.one.negated { return Numeric.one }
      return (absolute > Numeric.one) == !exponent.isNegative ? .infinity : .zero
    }
    if exponent.isNegative { return .zero }
    return isNegative && exponent.isOdd ? .negativeInfinity : .infinity
  }

  /// A power whose exponent is a whole number: products, which are exact as long as they have at most 90 digits.
  private func raised(toWhole exponent: Int32) throws(SQLError) -> Numeric {
    let wanted = Swift.min(Swift.max(Numeric.significantDigits, Int(scale)), Numeric.maximumScale)
    if isZero && exponent != 0 { return Numeric(unscaled: 0, scale: UInt8(wanted)) }
    let value = canonical
    let size = isZero ? 0 : Double(exponent) * (log10(Double(value.unscaled.magnitude)) - Double(value.scale))
    if size > Double(Numeric.maximumDigits + 1) { throw .numericOverflow() }
    if size < -Double(wanted + 2) { return Numeric(unscaled: 0, scale: UInt8(wanted)) }
    var (result, square) = (DecimalPower(Numeric.one), DecimalPower(value))
    var rest = exponent.magnitude
    while true {
      if rest & 1 == 1 { result = result * square }
      rest >>= 1
      if rest == 0 { break }
      square = square * square
    }
    let isNegative = isNegative && exponent & 1 == 1
    if exponent >= 0 {
      return try DecimalNatural.rounded(result.limbs, isNegative: isNegative, places: -result.exponent, toScale: wanted)
    }
    // A quotient cut one digit behind those that are shown still tells how it rounds.
    let places = wanted + 1
    let shift = places - result.exponent
    let quotient = shift < 0 ? [] : DecimalNatural.quotient(DecimalNatural.shifted([1], by: shift), result.limbs)
    return try DecimalNatural.rounded(quotient, isNegative: isNegative, places: places, toScale: wanted)
  }

  /// Any other power: e^(exponent * ln |n|).
  private func raisedByLogarithm(_ exponent: Numeric) throws(SQLError) -> Numeric {
    let (base, weight) = (absolute, absolute.logarithmWeight)
    // The result's size, as PostgreSQL estimates it: from eight digits of the logarithm.
    let places = Swift.max(8 - weight, 0)
    let wholeDigits = Swift.max(decimalDigitCount(exponent.unscaled.magnitude) - Int(exponent.scale), 0)
    let few = FixedDecimal.limbCount(digits: places + wholeDigits + Int(exponent.scale) + 9)
    let logarithm = try FixedDecimal.logarithm(base, fractionLimbs: few).rounded(toScale: places)
    let estimate = FixedDecimal(logarithm, fractionLimbs: few) * FixedDecimal(exponent, fractionLimbs: few)
    if estimate.approximation > Numeric.largestExponent + 1 { throw .numericOverflow() }
    if estimate.approximation < Numeric.smallestExponent - 1 {
      return Numeric(unscaled: 0, scale: UInt8(Numeric.maximumScale))
    }
    let size = Double(nearest: try estimate.rounded(toScale: places))
    let wanted = Numeric.resultScale(
      Numeric.clampedWeight(size * Numeric.decimalOfE), Swift.max(scale, exponent.scale))
    return try Numeric.exponential(size, toScale: wanted, isNegative: isNegative && exponent.isOdd) { limbs in
      // The exponent multiplies what is missing of the logarithm.
      let wide = limbs + FixedDecimal.limbCount(digits: wholeDigits)
      let logarithm = FixedDecimal.logarithm(base, fractionLimbs: wide)
      return (logarithm * FixedDecimal(exponent, fractionLimbs: wide)).cut(toFractionLimbs: limbs)
    }
  }

  // Sizes and scales.

  /// Places for at least 16 significant digits of a number about 10^weight, and no fewer than an argument shows.
  private static func resultScale(_ weight: Int, _ argumentScale: UInt8) -> Int {
    Swift.min(Swift.max(significantDigits - weight, Int(argumentScale), 0), maximumScale)
  }

  private static func clampedWeight(_ size: Double) -> Int { Int(Swift.min(Swift.max(size, -2000), 2000)) }

  /// PostgreSQL's estimate of the decimal exponent of ln(n), for a positive number.
  private var logarithmWeight: Int {
    if self >= Numeric(unscaled: 9, scale: 1), self <= Numeric(unscaled: 11, scale: 1) {
      // ln(1 + x) is about x.
      guard let x = addingIfFits(Numeric.one.negated), !x.isZero else { return 0 }
      let (weight, group) = Numeric.leadingGroup(x)
      return weight * 4 + decimalDigitCount(group) - 1
    }
    let (weight, groups) = Numeric.leadingGroup(self, count: 2)
    let size = log(Double(groups)) + Double((weight - 1) * 4) * 2.302585092994046
    return Int(log10(size.magnitude))
  }

  private static let one = Numeric(unscaled: 1, scale: 0)

  /// Whether there is nothing after the point; of an infinity there is not.
  private var isIntegral: Bool { isFinite ? canonical.scale == 0 : !isNaN }

  private var isOdd: Bool { isFinite && canonical.scale == 0 && canonical.unscaled & 1 == 1 }

  private func checkLogarithm() throws(SQLError) {
    if isZero { throw Numeric.logarithmOfZero() }
    if isNegative { throw Numeric.logarithmOfNegative() }
  }

  private static func logarithmOfZero() -> SQLError {
    SQLError(.invalidArgumentForLogarithm, "cannot take logarithm of zero")
  }

  private static func logarithmOfNegative() -> SQLError {
    SQLError(.invalidArgumentForLogarithm, "cannot take logarithm of a negative number")
  }
}

/// `limbs * 10^exponent`, of which products keep the first 90 digits.
private struct DecimalPower {
  var limbs: [UInt32]
  var exponent: Int

  init(limbs: [UInt32], exponent: Int) {
    self.limbs = limbs
    self.exponent = exponent
  }

  init(_ value: Numeric) {
    self.init(limbs: DecimalNatural.limbs(value.unscaled.magnitude), exponent: -Int(value.scale))
  }

  static func * (left: DecimalPower, right: DecimalPower) -> DecimalPower {
    let product = DecimalNatural.product(left.limbs, right.limbs)
    let dropped = Swift.max(product.count - 10, 0)
    return DecimalPower(
      limbs: Array(product.dropFirst(dropped)), exponent: left.exponent + right.exponent + dropped * 9)
  }
}
