/// A signed number with a fixed count of digits after the point and as many as it needs before it: what the elementary
/// functions of `Numeric` are computed in.
///
/// The magnitude is in limbs of nine decimal digits, least significant first and without zeros at the end; the lowest
/// `fractionLimbs` of them are behind the point. The limbs are decimal so that the last rounding, which is one of decimal
/// digits, has the exact number before it. Both operands of an operation have equally many limbs behind the point. Products
/// and quotients are cut after the last limb: each is off by less than one unit of the last digit.
struct FixedDecimal {
  var isNegative = false
  var limbs: [UInt32]
  let fractionLimbs: Int

  /// The limbs for `digits` digits behind the point.
  static func limbCount(digits: Int) -> Int { (digits + 8) / 9 }

  init(isNegative: Bool = false, limbs: [UInt32], fractionLimbs: Int) {
    self.isNegative = isNegative
    self.limbs = limbs
    self.fractionLimbs = fractionLimbs
  }

  /// A finite number, cut where it has more digits.
  init(_ value: Numeric, fractionLimbs: Int) {
    let digits = DecimalNatural.limbs(value.unscaled.magnitude)
    self.init(
      isNegative: value.isNegative, limbs: DecimalNatural.shifted(digits, by: fractionLimbs * 9 - Int(value.scale)),
      fractionLimbs: fractionLimbs)
  }

  var isZero: Bool { limbs.isEmpty }

  var negated: FixedDecimal {
    FixedDecimal(isNegative: !isNegative, limbs: limbs, fractionLimbs: fractionLimbs)
  }

  /// The number to the 18 digits around its point.
  var approximation: Double {
    var result = 0.0
    for limb in limbs.dropFirst(Swift.max(fractionLimbs - 2, 0)).reversed() { result = result * 1e9 + Double(limb) }
    for _ in 0..<Swift.min(fractionLimbs, 2) { result /= 1e9 }
    return isNegative ? -result : result
  }

  static func + (left: FixedDecimal, right: FixedDecimal) -> FixedDecimal {
    var result = left
    if left.isNegative == right.isNegative {
      result.limbs = DecimalNatural.sum(left.limbs, right.limbs)
    } else if DecimalNatural.isLess(left.limbs, right.limbs) {
      result.limbs = DecimalNatural.difference(right.limbs, left.limbs)
      result.isNegative = right.isNegative
    } else {
      result.limbs = DecimalNatural.difference(left.limbs, right.limbs)
    }
    return result
  }

  static func * (left: FixedDecimal, right: FixedDecimal) -> FixedDecimal {
    FixedDecimal(
      isNegative: left.isNegative != right.isNegative,
      limbs: Array(DecimalNatural.product(left.limbs, right.limbs).dropFirst(left.fractionLimbs)),
      fractionLimbs: left.fractionLimbs)
  }

  static func / (left: FixedDecimal, right: FixedDecimal) -> FixedDecimal {
    FixedDecimal(
      isNegative: left.isNegative != right.isNegative,
      limbs: DecimalNatural.quotient(DecimalNatural.shifted(left.limbs, by: left.fractionLimbs * 9), right.limbs),
      fractionLimbs: left.fractionLimbs)
  }

  static func / (left: FixedDecimal, right: UInt32) -> FixedDecimal {
    FixedDecimal(
      isNegative: left.isNegative, limbs: DecimalNatural.quotient(left.limbs, by: right).quotient,
      fractionLimbs: left.fractionLimbs)
  }

  /// The nearest number with `scale` digits after the point, halves away from zero; with fewer of them, down to none, where
  /// it would otherwise need more than 38 in all. Errors: 22003 where even so it needs more.
  func rounded(toScale scale: Int) throws(SQLError) -> Numeric {
    try DecimalNatural.rounded(limbs, isNegative: isNegative, places: fractionLimbs * 9, toScale: scale)
  }
}

/// Whole numbers in limbs of nine decimal digits, least significant first, without zeros at the end.
enum DecimalNatural {
  static let base: UInt64 = 1_000_000_000

  static func limbs(_ value: UInt128) -> [UInt32] {
    var (rest, result) = (value, [UInt32]())
    while rest != 0 {
      let (quotient, limb) = rest.quotientAndRemainder(dividingBy: UInt128(base))
      result.append(UInt32(limb))
      rest = quotient
    }
    return result
  }

  static func isLess(_ a: [UInt32], _ b: [UInt32]) -> Bool {
    if a.count != b.count { return a.count < b.count }
    for index in a.indices.reversed() where a[index] != b[index] { return a[index] < b[index] }
    return false
  }

  static func sum(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var (result, carry) = (a.count < b.count ? b : a, UInt32(0))
    let other = a.count < b.count ? a : b
    for index in result.indices {
      if index >= other.count && carry == 0 { break }
      var limb = result[index] + (index < other.count ? other[index] : 0) + carry
      carry = limb >= UInt32(base) ? 1 : 0
      if carry == 1 { limb -= UInt32(base) }
      result[index] = limb
    }
    if carry == 1 { result.append(1) }
    return result
  }

  /// `a - b`, of which `b` is not the larger one.
  static func difference(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var (result, borrow) = (a, UInt32(0))
    for index in result.indices {
      if index >= b.count && borrow == 0 { break }
      let taken = (index < b.count ? b[index] : 0) + borrow
      borrow = result[index] < taken ? 1 : 0
      result[index] = result[index] + borrow * UInt32(base) - taken
    }
    trim(&result)
    return result
  }

  static func product(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    if a.isEmpty || b.isEmpty { return [] }
    var result = [UInt32](repeating: 0, count: a.count + b.count)
    for (i, left) in a.enumerated() where left != 0 {
      var carry: UInt64 = 0
      for (j, right) in b.enumerated() {
        let cell = UInt64(left) * UInt64(right) + UInt64(result[i + j]) + carry
        carry = cell / base
        result[i + j] = UInt32(cell - carry * base)
      }
      result[i + b.count] = UInt32(carry)
    }
    trim(&result)
    return result
  }

  static func quotient(_ a: [UInt32], by divisor: UInt32) -> (quotient: [UInt32], remainder: UInt32) {
    var (result, remainder) = (a, UInt64(0))
    for index in result.indices.reversed() {
      let cell = remainder * base + UInt64(result[index])
      result[index] = UInt32(cell / UInt64(divisor))
      remainder = cell % UInt64(divisor)
    }
    trim(&result)
    return (result, UInt32(remainder))
  }

  /// `a / b` without its fraction (Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D).
  static func quotient(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    precondition(!b.isEmpty, "a divisor that is not zero")
    if isLess(a, b) { return [] }
    if b.count == 1 { return quotient(a, by: b[0]).quotient }
    // Both are multiplied so that the divisor's leading limb is at least half the base: then a guess is at most 2 too large.
    let factor = [UInt32(base / (UInt64(b[b.count - 1]) + 1))]
    let divisor = product(b, factor)
    var rest = product(a, factor)
    while rest.count <= a.count { rest.append(0) }
    let (size, top, second) = (divisor.count, UInt64(divisor[divisor.count - 1]), UInt64(divisor[divisor.count - 2]))
    var result = [UInt32](repeating: 0, count: a.count - size + 1)
    for index in result.indices.reversed() {
      let leading = UInt64(rest[index + size]) * base + UInt64(rest[index + size - 1])
      var (guess, left) = leading.quotientAndRemainder(dividingBy: top)
      while guess >= base || guess * second > left * base + UInt64(rest[index + size - 2]) {
        guess -= 1
        left += top
        if left >= base { break }
      }
      if subtract(guess, divisor, from: &rest, at: index) {
        guess -= 1
        addBack(divisor, to: &rest, at: index)
      }
      result[index] = UInt32(guess)
    }
    trim(&result)
    return result
  }

  /// Takes `factor * divisor` off the limbs from `index` on; whether that was one divisor too much.
  private static func subtract(_ factor: UInt64, _ divisor: [UInt32], from rest: inout [UInt32], at index: Int) -> Bool {
    var carry: UInt64 = 0
    for (offset, limb) in divisor.enumerated() {
      let taken = factor * UInt64(limb) + carry
      carry = taken / base
      var cell = Int64(rest[index + offset]) - Int64(taken % base)
      if cell < 0 {
        cell += Int64(base)
        carry += 1
      }
      rest[index + offset] = UInt32(cell)
    }
    let last = Int64(rest[index + divisor.count]) - Int64(carry)
    rest[index + divisor.count] = UInt32(last < 0 ? last + Int64(base) : last)
    return last < 0
  }

  private static func addBack(_ divisor: [UInt32], to rest: inout [UInt32], at index: Int) {
    var carry: UInt64 = 0
    for (offset, limb) in (divisor + [0]).enumerated() {
      let cell = UInt64(rest[index + offset]) + UInt64(limb) + carry
      carry = cell / base
      rest[index + offset] = UInt32(cell % base)
    }
  }

  /// `a * 10^places`, cut to a whole number.
  static func shifted(_ a: [UInt32], by places: Int) -> [UInt32] {
    let (limbs, digits) = places.magnitude.quotientAndRemainder(dividingBy: 9)
    let power = UInt32(powerOfTen(Int(digits)))
    if places >= 0 {
      let scaled = product(a, [power])
      return scaled.isEmpty ? [] : [UInt32](repeating: 0, count: Int(limbs)) + scaled
    }
    return quotient(Array(a.dropFirst(Int(limbs))), by: power).quotient
  }

  static func digitCount(_ a: [UInt32]) -> Int {
    a.last.map { (a.count - 1) * 9 + decimalDigitCount(UInt128($0)) } ?? 0
  }

  /// `a / 10^places` to `scale` digits after the point: see `FixedDecimal.rounded`.
  static func rounded(_ a: [UInt32], isNegative: Bool, places: Int, toScale scale: Int) throws(SQLError) -> Numeric {
    let wholeDigits = digitCount(a) - places
    var target = Swift.min(scale, Numeric.maximumScale, Numeric.maximumDigits - wholeDigits)
    while target >= 0 {
      // One digit more than is kept decides.
      let (kept, next) = quotient(shifted(a, by: target + 1 - places), by: 10)
      var magnitude: UInt128 = 0
      for limb in kept.reversed() { magnitude = magnitude * UInt128(base) + UInt128(limb) }
      if next >= 5 { magnitude += 1 }
      if let result = Numeric(negative: isNegative, magnitude: magnitude, scale: target) { return result }
      target -= 1  // 999…9 has become 1000…0.
    }
    throw .numericOverflow()
  }

  private static func trim(_ limbs: inout [UInt32]) {
    while limbs.last == 0 { limbs.removeLast() }
  }
}
