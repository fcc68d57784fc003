extension Numeric {
  /// Which way a dropped fraction goes.
  @usableFromInline
  enum Rounding { case halfAwayFromZero, towardZero, up, down }

  /// The magnitude divided by 10^`digits`; `rounding` is in terms of the signed value.
  @usableFromInline
  func droppingDigits(_ digits: Int, _ rounding: Rounding) -> UInt128 {
    let magnitude = unscaled.magnitude
    if digits == 0 { return magnitude }
    // 10^38 is more than any magnitude: beyond that everything is a fraction below one tenth.
    if digits > Numeric.maximumDigits {
      switch rounding {
      case .halfAwayFromZero, .towardZero: return 0
      case .up: return unscaled > 0 ? 1 : 0
      case .down: return unscaled < 0 ? 1 : 0
      }
    }
    let power = powerOfTen(digits)
    let (quotient, remainder) = Numeric.divide(magnitude, by: power)
    let awayFromZero: Bool
    switch rounding {
    case .halfAwayFromZero: awayFromZero = remainder >= power &- remainder
    case .towardZero: awayFromZero = false
    case .up: awayFromZero = remainder != 0 && unscaled > 0
    case .down: awayFromZero = remainder != 0 && unscaled < 0
    }
    return awayFromZero ? quotient &+ 1 : quotient
  }

  /// 128-bit division that is cheap where both fit in 64 bits.
  @inlinable
  static func divide(_ dividend: UInt128, by divisor: UInt128) -> (quotient: UInt128, remainder: UInt128) {
    if (dividend | divisor) >> 64 == 0 {
      let (quotient, remainder) = UInt64(truncatingIfNeeded: dividend)
        .quotientAndRemainder(dividingBy: UInt64(truncatingIfNeeded: divisor))
      return (UInt128(quotient), UInt128(remainder))
    }
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return (quotient, remainder)
  }

  /// The value with `target` digits after the point; a negative target clears digits before it. 22003 beyond 38 digits.
  @usableFromInline
  func withScale(_ target: Int, _ rounding: Rounding) throws(SQLError) -> Numeric {
    guard isFinite else { return self }
    // PostgreSQL holds the target within ±2000; anything beyond our own limits behaves alike.
    let target = Swift.min(Swift.max(target, -2000), 2000)
    let shown = Swift.max(target, 0)
    let magnitude: UInt128
    if target >= Int(scale) {
      guard let aligned = self.magnitude(atScale: target) else { throw .numericOverflow() }
      magnitude = aligned
    } else {
      let kept = droppingDigits(Int(scale) - target, rounding)
      if target >= 0 || kept == 0 {
        magnitude = kept
      } else {
        guard -target <= Numeric.maximumDigits else { throw .numericOverflow() }
        let (product, overflow) = kept.multipliedReportingOverflow(by: powerOfTen(-target))
        if overflow { throw .numericOverflow() }
        magnitude = product
      }
    }
    guard let result = Numeric(negative: unscaled < 0, magnitude: magnitude, scale: shown) else {
      throw .numericOverflow()
    }
    return result
  }

  /// `round(n, s)`: half away from zero.
  package func rounded(toScale target: Int = 0) throws(SQLError) -> Numeric {
    try withScale(target, .halfAwayFromZero)
  }

  /// `trunc(n, s)`
  package func truncated(toScale target: Int = 0) throws(SQLError) -> Numeric {
    try withScale(target, .towardZero)
  }

  package func ceiling() throws(SQLError) -> Numeric { try withScale(0, .up) }

  package func floor() throws(SQLError) -> Numeric { try withScale(0, .down) }

  /// The value as a `numeric(p,s)` column holds it: rounded half away from zero, 22003 if more than p digits remain.
  package func rescaled(to modifier: SQLType.NumericModifier) throws(SQLError) -> Numeric {
    guard isFinite else {
      if isInfinite { throw .numericFieldOverflow(modifier, infinite: true) }
      return self
    }
    let magnitude: UInt128
    if modifier.scale >= Int(scale) {
      guard let aligned = self.magnitude(atScale: modifier.scale) else { throw .numericFieldOverflow(modifier) }
      magnitude = aligned
    } else {
      magnitude = droppingDigits(Int(scale) - modifier.scale, .halfAwayFromZero)
    }
    guard magnitude < powerOfTen(Swift.min(modifier.precision, Numeric.maximumDigits)),
      let result = Numeric(negative: unscaled < 0, magnitude: magnitude, scale: modifier.scale)
    else { throw .numericFieldOverflow(modifier) }
    return result
  }
}
