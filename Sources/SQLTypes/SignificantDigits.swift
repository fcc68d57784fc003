/// `value * 10^places` as a whole number, exactly rounded, halves to even: what `printf("%.15g")` keeps of a double.
enum SignificantDigits {
  /// `value` is positive, finite, and below 10^38 where `places` is negative; the result has about 6 or 15 digits.
  static func scaled(_ value: Double, _ places: Int) -> UInt128 {
    let isNormal = value.exponentBitPattern != 0
    let significand = isNormal ? value.significandBitPattern | 1 << 52 : value.significandBitPattern
    let exponent = isNormal ? Int(value.exponentBitPattern) - 1075 : -1074
    if places < 0 {
      let power = powerOfTen(-places)
      let dividend = exponent > 0 ? UInt128(significand) << exponent : UInt128(significand)
      let divisor = exponent < 0 ? power << -exponent : power
      let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
      return rounded(quotient, remainder, divisor)
    }
    // 10^places = 5^places * 2^places; 5^27 is the last power below 2^63.
    let shift = exponent + places
    guard places <= 27 else { return scaledWide(significand, places, shift) }
    var product = UInt128(significand)
    for _ in 0..<places { product &*= 5 }
    if shift >= 0 { return product << shift }
    if shift <= -127 { return 0 }
    let unit: UInt128 = 1 << -shift
    return rounded(product >> -shift, product & (unit - 1), unit)
  }

  private static func rounded(_ quotient: UInt128, _ remainder: UInt128, _ divisor: UInt128) -> UInt128 {
    let rest = divisor - remainder
    return remainder > rest || (remainder == rest && quotient & 1 == 1) ? quotient + 1 : quotient
  }

  /// The same for small values, whose product with 5^places needs more than 128 bits.
  private static func scaledWide(_ significand: UInt64, _ places: Int, _ shift: Int) -> UInt128 {
    var limbs = [UInt32(truncatingIfNeeded: significand), UInt32(truncatingIfNeeded: significand >> 32)]
    for _ in 0..<places {
      var carry: UInt64 = 0
      for index in limbs.indices {
        carry += UInt64(limbs[index]) * 5
        limbs[index] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      if carry != 0 { limbs.append(UInt32(carry)) }
    }
    func bit(_ index: Int) -> Bool {
      index >= 0 && index / 32 < limbs.count && limbs[index / 32] >> UInt32(index % 32) & 1 == 1
    }
    let dropped = -shift
    guard dropped > 0 else { return 0 }
    var quotient: UInt128 = 0
    for index in stride(from: limbs.count * 32 - 1, through: dropped, by: -1) {
      quotient = quotient << 1 | (bit(index) ? 1 : 0)
    }
    guard bit(dropped - 1) else { return quotient }
    let isMore = (0..<dropped - 1).contains { bit($0) }
    return isMore || quotient & 1 == 1 ? quotient + 1 : quotient
  }
}
