extension Numeric {
  /// `sqrt(n)`, correctly rounded, to at least 15 significant digits and no fewer places than `n` shows (PostgreSQL 15).
  ///
  /// The digits are those of a whole number's root, found by Newton's method from above. Errors: 2201F.
  package func squareRoot() throws(SQLError) -> Numeric {
    if isNegative { throw SQLError(.invalidArgumentForPower, "cannot take square root of a negative number") }
    guard isFinite else { return self }
    let weight = Numeric.leadingGroup(self).weight
    let wanted = Swift.max(Numeric.significantDigits - (weight * 2 + 1), Int(scale), 0)
    if isZero { return Numeric(unscaled: 0, scale: UInt8(Swift.min(wanted, Numeric.maximumScale))) }
    // The root of a number of `digits` digits before its point has half as many.
    let digits = decimalDigitCount(unscaled.magnitude) - Int(scale)
    let rootDigits = (digits + 1) >> 1
    var target = Swift.min(wanted, Numeric.maximumScale, Numeric.maximumDigits - rootDigits)
    while true {
      let root = Numeric.roundedRoot(unscaled.magnitude, powerOfTen: 2 * target - Int(scale))
      if let result = Numeric(negative: false, magnitude: root, scale: target) { return result }
      target -= 1
    }
  }

  /// `round(sqrt(value * 10^power))`, of what is below 10^76.
  private static func roundedRoot(_ value: UInt128, powerOfTen power: Int) -> UInt128 {
    // A root of 38 digits takes more digits than any number has after its point.
    precondition(power >= 0 && power <= 2 * maximumDigits, "a whole number of at most 76 digits")
    let second = Swift.min(power, maximumDigits)
    let square = (value * powerOfTen(power - second)).multipliedFullWidth(by: powerOfTen(second))
    let size = Double(square.high) * 0x1p128 + Double(square.low)
    var root = UInt128(size.squareRoot() * (1 + 0x1p-50)) + 1
    while true {
      let quotient = square.high == 0 ? square.low / root : root.dividingFullWidth(square).quotient
      if quotient >= root { break }
      root = quotient + (root - quotient) / 2
    }
    // Half a unit above the root is passed if the rest is larger than the root.
    let (below, borrow) = square.low.subtractingReportingOverflow(root.multipliedFullWidth(by: root).low)
    let high = square.high - root.multipliedFullWidth(by: root).high - (borrow ? 1 : 0)
    return high > 0 || below > root ? root + 1 : root
  }
}
