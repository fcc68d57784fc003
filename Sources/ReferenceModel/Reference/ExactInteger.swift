/// An integer of any size, by schoolbook methods: what the reference aggregates count with.
///
/// Nothing of the engine's own wide arithmetic is used, so that both cannot be wrong in the same way.
package struct ExactInteger: Equatable, Sendable {
  /// Base 2^32, least significant limb first, without zeros at the end; empty for zero.
  private var limbs: [UInt32] = []
  private var isNegative = false

  package init() {}

  package init(_ value: Int128) {
    isNegative = value < 0
    var rest = value.magnitude
    while rest != 0 {
      limbs.append(UInt32(truncatingIfNeeded: rest))
      rest >>= 32
    }
  }

  private init(_ limbs: [UInt32], negative: Bool) {
    self.limbs = limbs
    while self.limbs.last == 0 { self.limbs.removeLast() }
    isNegative = negative && !self.limbs.isEmpty
  }

  package var isZero: Bool { limbs.isEmpty }
  package var sign: Int { isZero ? 0 : (isNegative ? -1 : 1) }
  package var bitWidth: Int { limbs.last.map { limbs.count * 32 - $0.leadingZeroBitCount } ?? 0 }

  package static func + (left: ExactInteger, right: ExactInteger) -> ExactInteger {
    if left.isNegative == right.isNegative {
      return ExactInteger(sum(left.limbs, right.limbs), negative: left.isNegative)
    }
    if isLess(left.limbs, right.limbs) {
      return ExactInteger(difference(right.limbs, left.limbs), negative: right.isNegative)
    }
    return ExactInteger(difference(left.limbs, right.limbs), negative: left.isNegative)
  }

  package static func * (left: ExactInteger, right: ExactInteger) -> ExactInteger {
    var product = [UInt32](repeating: 0, count: left.limbs.count + right.limbs.count + 1)
    for i in left.limbs.indices {
      var carry: UInt64 = 0
      for j in 0..<product.count - i {
        let digit = j < right.limbs.count ? UInt64(right.limbs[j]) : 0
        let next = UInt64(left.limbs[i]) * digit + UInt64(product[i + j]) + carry
        product[i + j] = UInt32(truncatingIfNeeded: next)
        carry = next >> 32
      }
    }
    return ExactInteger(product, negative: left.isNegative != right.isNegative)
  }

  /// The magnitude's quotient and remainder; the quotient keeps the sign.
  package func divided(by divisor: UInt32) -> (quotient: ExactInteger, remainder: UInt32) {
    precondition(divisor > 0, "a divisor is not zero")
    var quotient = limbs
    var remainder: UInt64 = 0
    for index in quotient.indices.reversed() {
      let value = remainder << 32 | UInt64(quotient[index])
      quotient[index] = UInt32(value / UInt64(divisor))
      remainder = value % UInt64(divisor)
    }
    return (ExactInteger(quotient, negative: isNegative), UInt32(remainder))
  }

  package static func powerOfTen(_ exponent: Int) -> ExactInteger {
    var power = ExactInteger(1)
    for _ in 0..<exponent { power = power * ExactInteger(10) }
    return power
  }

  package static func powerOfTwo(_ exponent: Int) -> ExactInteger {
    ExactInteger([UInt32](repeating: 0, count: exponent / 32) + [1 << UInt32(exponent % 32)], negative: false)
  }

  /// The magnitude's decimal digits; "0" for zero.
  package var digits: String {
    var groups: [String] = []
    var rest = self
    while !rest.isZero {
      let (quotient, remainder) = rest.divided(by: 1_000_000_000)
      let group = String(remainder)
      groups.append(quotient.isZero ? group : String(repeating: "0", count: 9 - group.count) + group)
      rest = quotient
    }
    return groups.isEmpty ? "0" : groups.reversed().joined()
  }

  /// The value, if its magnitude is below 2^127.
  package var int128: Int128? {
    guard bitWidth <= 127 else { return nil }
    var value: Int128 = 0
    for limb in limbs.reversed() { value = value << 32 | Int128(limb) }
    return isNegative ? -value : value
  }

  /// Whether bit `index` of the magnitude is set.
  package func bit(_ index: Int) -> Bool { index / 32 < limbs.count && limbs[index / 32] >> UInt32(index % 32) & 1 != 0 }

  private static func sum(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0..<max(a.count, b.count) {
      let next = UInt64(index < a.count ? a[index] : 0) + UInt64(index < b.count ? b[index] : 0) + carry
      result.append(UInt32(truncatingIfNeeded: next))
      carry = next >> 32
    }
    return result + [UInt32(carry)]
  }

  /// `a - b`, of which `a` is not the smaller.
  private static func difference(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    var borrow: Int64 = 0
    for index in a.indices {
      let next = Int64(a[index]) - Int64(index < b.count ? b[index] : 0) - borrow
      result.append(UInt32(truncatingIfNeeded: next))
      borrow = next < 0 ? 1 : 0
    }
    return result
  }

  private static func isLess(_ a: [UInt32], _ b: [UInt32]) -> Bool {
    a.count != b.count ? a.count < b.count : a.reversed().lexicographicallyPrecedes(b.reversed())
  }
}

/// An exact sum of doubles and floats: an integer number of 2^-1074, the smallest double.
package struct ExactFloatSum: Sendable {
  private var units = ExactInteger()
  private static let unitExponent = -1074

  package init() {}

  /// Adds a finite value `count` times.
  package mutating func add(_ value: Double, count: Int) {
    guard value != 0 else { return }
    // A finite double is an integer of at most 53 bits times a power of two.
    let exponent = max(value.exponent - 52, Self.unitExponent)
    let significand = Int128(value.magnitude / 2.0.power(exponent))
    let signed = ExactInteger(value < 0 ? -significand : significand)
    units = units + signed * ExactInteger.powerOfTwo(exponent - Self.unitExponent) * ExactInteger(Int128(count))
  }

  /// The nearest value with `precision` bits, of which the last is worth at least 2^`least`; ties to even.
  private func nearest(precision: Int, least: Int) -> Double {
    let dropped = max(units.bitWidth - precision, least - Self.unitExponent, 0)
    var kept: UInt64 = 0
    for index in stride(from: units.bitWidth - 1, through: dropped, by: -1) { kept = kept << 1 | (units.bit(index) ? 1 : 0) }
    if dropped > 0, units.bit(dropped - 1) {
      let isTie = (0..<dropped - 1).allSatisfy { !units.bit($0) }
      if !isTie || kept & 1 == 1 { kept += 1 }
    }
    let magnitude = Double(sign: .plus, exponent: dropped + Self.unitExponent, significand: Double(kept))
    return units.sign < 0 ? -magnitude : magnitude
  }

  /// Rounded once; infinite beyond the type's range.
  package var double: Double { nearest(precision: 53, least: -1074) }
  package var float: Float { Float(nearest(precision: 24, least: -149)) }
}

extension Double {
  /// `self`, which is 2, to a power that may make it subnormal.
  fileprivate func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
}
