/// Quotients and remainders.
extension Numeric {
  /// The quotient, rounded half away from zero to the scale that PostgreSQL 15 gives it (`select_div_scale`).
  ///
  /// Where the quotient would need more than 38 digits at that scale, the scale is lowered until it fits: at 38 digits
  /// PostgreSQL's own choice would go on, and nothing but digits of a quotient is lost. 22012 for a zero divisor.
  package func divided(by divisor: Numeric) throws(SQLError) -> Numeric {
    guard isFinite, divisor.isFinite else {
      if isNaN || divisor.isNaN { return .nan }
      if divisor.isZero { throw .divisionByZero() }
      if isFinite { return .zero }
      if !divisor.isFinite { return .nan }
      return isNegative == divisor.isNegative ? .infinity : .negativeInfinity
    }
    if divisor.isZero { throw .divisionByZero() }
    var target = Numeric.quotientScale(self, divisor)
    if isZero { return Numeric(unscaled: 0, scale: UInt8(target)) }
    let (dividend, by) = (unscaled.magnitude, divisor.unscaled.magnitude)
    let negative = isNegative != divisor.isNegative
    while true {
      let shift = target + Int(divisor.scale) - Int(scale)
      if let magnitude = Numeric.roundedQuotient(dividend, by: by, powerOfTen: shift),
        let result = Numeric(negative: negative, magnitude: magnitude, scale: target)
      {
        return result
      }
      guard target > 0 else { throw .numericOverflow() }
      // The quotient has `digits` or one digit fewer at this scale.
      let digits = decimalDigitCount(dividend) - decimalDigitCount(by) + shift + 1
      target = Swift.max(0, target - Swift.max(1, digits - 1 - Numeric.maximumDigits))
    }
  }

  /// `round(dividend * 10^power / divisor)`, half away from zero; nil from 10^38 on.
  static func roundedQuotient(_ dividend: UInt128, by divisor: UInt128, powerOfTen power: Int) -> UInt128? {
    var power = power
    if power < 0 {
      // Dividing by 10^-power as well. A divisor beyond 2^128 is more than twice any dividend.
      guard power >= -38 else { return 0 }
      let (scaled, overflow) = divisor.multipliedReportingOverflow(by: powerOfTen(-power))
      if overflow { return 0 }
      let (quotient, remainder) = divide(dividend, by: scaled)
      return remainder >= scaled &- remainder ? quotient &+ 1 : quotient
    }
    var (quotient, remainder) = divide(dividend, by: divisor)
    while power > 0, remainder != 0 {
      // Up to 38 further digits: remainder < divisor, so that this step's quotient is below 10^step.
      let step = Swift.min(power, maximumDigits)
      let factor = powerOfTen(step)
      let digits: UInt128
      if remainder >> 64 == 0, factor >> 64 == 0 {
        (digits, remainder) = divide(remainder &* factor, by: divisor)
      } else {
        let wide = remainder.multipliedFullWidth(by: factor)
        if wide.high == 0 {
          (digits, remainder) = divide(wide.low, by: divisor)
        } else {
          (digits, remainder) = divisor.dividingFullWidth(wide)
        }
      }
      let (shifted, overflow) = quotient.multipliedReportingOverflow(by: factor)
      if overflow { return nil }
      let (sum, carry) = shifted.addingReportingOverflow(digits)
      if carry || sum >= limit { return nil }
      quotient = sum
      power -= step
    }
    while power > 0, quotient != 0 {
      let step = Swift.min(power, maximumDigits)
      let (shifted, overflow) = quotient.multipliedReportingOverflow(by: powerOfTen(step))
      if overflow { return nil }
      quotient = shifted
      power -= step
    }
    return remainder >= divisor &- remainder ? quotient &+ 1 : quotient
  }

  /// PostgreSQL's `select_div_scale`: at least 16 significant digits, counted in groups of four, and not less than
  /// either
  /// operand's scale.
  private static func quotientScale(_ dividend: Numeric, _ divisor: Numeric) -> Int {
    let (weight1, first1) = leadingGroup(dividend)
    let (weight2, first2) = leadingGroup(divisor)
    var weight = weight1 - weight2
    if first1 <= first2 { weight -= 1 }
    let wanted = Swift.max(16 - weight * 4, Int(dividend.scale), Int(divisor.scale), 0)
    return Swift.min(wanted, maximumScale)
  }

  /// The first non-zero digit in base 10,000 and its weight, as PostgreSQL stores the value; or the first `count` digits
  /// as one number, and the weight of the first.
  static func leadingGroup(_ value: Numeric, count: Int = 1) -> (weight: Int, digit: UInt128) {
    if value.isZero { return (0, 0) }
    let magnitude = value.unscaled.magnitude
    let digits = decimalDigitCount(magnitude)
    let exponent = digits - 1 - Int(value.scale)
    let weight = exponent >> 2
    // The group holds the leading digit and those down to 10^(4 * weight).
    let taken = exponent - (weight + 1 - count) * 4 + 1
    let group = digits >= taken ? magnitude / powerOfTen(digits - taken) : magnitude * powerOfTen(taken - digits)
    return (weight, group)
  }

  /// `mod(n, m)`: the remainder of the truncated quotient; it has the dividend's sign and the larger scale.
  package func remainder(dividingBy divisor: Numeric) throws(SQLError) -> Numeric {
    guard isFinite, divisor.isFinite else {
      if isNaN || divisor.isNaN { return .nan }
      if divisor.isZero { throw .divisionByZero() }
      return isFinite ? self : .nan
    }
    if divisor.isZero { throw .divisionByZero() }
    let target = Swift.max(Int(scale), Int(divisor.scale))
    let remainder: UInt128
    if let by = divisor.magnitude(atScale: target) {
      // At most one of the two is scaled here; if it is the dividend, its factor goes in step by step, modulo the
      // divisor.
      var rest = unscaled.magnitude % by
      var power = target - Int(scale)
      while power > 0, rest != 0 {
        let step = Swift.min(power, Numeric.maximumDigits)
        let wide = rest.multipliedFullWidth(by: powerOfTen(step))
        rest = wide.high == 0 ? wide.low % by : by.dividingFullWidth(wide).remainder
        power -= step
      }
      remainder = rest
    } else {
      // The divisor exceeds every dividend of this scale.
      remainder = unscaled.magnitude
    }
    guard let result = Numeric(negative: isNegative, magnitude: remainder, scale: target) else {
      throw .numericOverflow()
    }
    return result
  }
}
