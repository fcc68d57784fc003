/// Greatest common divisors and least common multiples; both show as many places as the side that shows more.
extension Numeric {
  /// `gcd(a, b)`; NaN where a side is not finite. Errors: 22003.
  package func greatestCommonDivisor(_ other: Numeric) throws(SQLError) -> Numeric {
    guard isFinite, other.isFinite else { return .nan }
    var (larger, smaller) = (absolute, other.absolute)
    while !smaller.isZero { (larger, smaller) = (smaller, try larger.remainder(dividingBy: smaller)) }
    return try larger.canonical.rounded(toScale: Int(Swift.max(scale, other.scale)))
  }

  /// `lcm(a, b)`; NaN where a side is not finite. Errors: 22003.
  package func leastCommonMultiple(_ other: Numeric) throws(SQLError) -> Numeric {
    guard isFinite, other.isFinite else { return .nan }
    let scale = Int(Swift.max(scale, other.scale))
    if isZero || other.isZero { return try Numeric.zero.rounded(toScale: scale) }
    // A whole number, so that the quotient is exact.
    let factor = try canonical.divided(by: try greatestCommonDivisor(other).canonical).canonical
    return try factor.multiplied(by: other.canonical).absolute.canonical.rounded(toScale: scale)
  }
}
