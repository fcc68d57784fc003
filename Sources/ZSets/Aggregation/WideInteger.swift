/// Adds `value * factor` to a sum of 192 bits in two's complement, low word first.
@inline(__always)
func addProduct(_ value: Int128, _ factor: Int64, to sum: UnsafeMutablePointer<UInt64>) {
  let magnitude = value.magnitude, by = factor.magnitude
  let low = UInt64(truncatingIfNeeded: magnitude).multipliedFullWidth(by: by)
  let high = UInt64(truncatingIfNeeded: magnitude &>> 64).multipliedFullWidth(by: by)
  let (middle, carry) = low.high.addingReportingOverflow(high.low)
  var words = (low.low, middle, high.high &+ (carry ? 1 : 0))
  if (value < 0) != (factor < 0) {
    words = (~words.0, ~words.1, ~words.2)
    let first = words.0.addingReportingOverflow(1)
    let second = words.1.addingReportingOverflow(first.overflow ? 1 : 0)
    words = (first.partialValue, second.partialValue, words.2 &+ (second.overflow ? 1 : 0))
  }
  let first = sum[0].addingReportingOverflow(words.0)
  let second = sum[1].addingReportingOverflow(words.1)
  let carried = second.partialValue.addingReportingOverflow(first.overflow ? 1 : 0)
  sum[0] = first.partialValue
  sum[1] = carried.partialValue
  sum[2] = sum[2] &+ words.2 &+ (second.overflow || carried.overflow ? 1 : 0)
}

/// Adds `value * factor` to a sum of 128 bits in two's complement, low word first.
@inline(__always)
func addProduct(_ value: Int64, _ factor: Int64, to sum: UnsafeMutablePointer<UInt64>) {
  let product = value.multipliedFullWidth(by: factor)
  let low = sum[0].addingReportingOverflow(product.low)
  sum[0] = low.partialValue
  sum[1] = sum[1] &+ UInt64(bitPattern: product.high) &+ (low.overflow ? 1 : 0)
}

@inline(__always)
func int128(_ words: UnsafePointer<UInt64>) -> Int128 {
  Int128(truncatingIfNeeded: UInt128(words[1]) &<< 64 | UInt128(words[0]))
}

/// An integer of some words in two's complement: the exact sum of doubles in units of a power of two, or of numerics
/// brought to one scale. For results, not for rows.
struct WideInteger {
  private(set) var words: [UInt64]

  init(wordCount: Int) { words = [UInt64](repeating: 0, count: wordCount) }

  var isNegative: Bool { words[words.count - 1] >> 63 == 1 }

  /// Adds a sum of 192 bits times 2^(64 * word).
  mutating func add(_ sum: (UInt64, UInt64, UInt64), atWord word: Int) {
    let extension_: UInt64 = sum.2 >> 63 == 1 ? .max : 0
    var carry: UInt64 = 0
    for index in word..<words.count {
      let part = index == word ? sum.0 : index == word + 1 ? sum.1 : index == word + 2 ? sum.2 : extension_
      let first = words[index].addingReportingOverflow(part)
      let second = first.partialValue.addingReportingOverflow(carry)
      words[index] = second.partialValue
      carry = first.overflow || second.overflow ? 1 : 0
    }
  }

  mutating func negate() {
    var carry: UInt64 = 1
    for index in 0..<words.count {
      let (sum, overflow) = (~words[index]).addingReportingOverflow(carry)
      words[index] = sum
      carry = overflow ? 1 : 0
    }
  }

  /// Multiplies a value that is not negative; the product must fit.
  mutating func multiply(by factor: UInt64) {
    var carry: UInt64 = 0
    for index in 0..<words.count {
      let product = words[index].multipliedFullWidth(by: factor)
      let (low, overflow) = product.low.addingReportingOverflow(carry)
      words[index] = low
      carry = product.high + (overflow ? 1 : 0)
    }
  }

  mutating func add(_ other: WideInteger) {
    var carry: UInt64 = 0
    for index in 0..<words.count {
      let first = words[index].addingReportingOverflow(other.words[index])
      let second = first.partialValue.addingReportingOverflow(carry)
      words[index] = second.partialValue
      carry = first.overflow || second.overflow ? 1 : 0
    }
  }

  /// The value, if it is not negative and below 2^128.
  var magnitude128: UInt128? {
    guard words[2...].allSatisfy({ $0 == 0 }) else { return nil }
    return UInt128(words[1]) << 64 | UInt128(words[0])
  }

  /// The nearest number, halves to even, of a value in units of 2^`unit`; nil where that is beyond the type's range.
  ///
  /// - significandBits, leastExponent: of the type: 53 and -1074 for a double.
  func nearest(unit: Int, significandBits: Int, leastExponent: Int, greatest: Double) -> Double? {
    var magnitude = self
    if isNegative { magnitude.negate() }
    guard let top = magnitude.words.lastIndex(where: { $0 != 0 }) else { return 0 }
    let bits = top * 64 + 64 - magnitude.words[top].leadingZeroBitCount
    // Bits below the last one that the type can hold.
    let dropped = max(0, bits - significandBits, leastExponent - unit)
    var kept = magnitude.bits(from: dropped, count: min(64, max(0, bits - dropped)))
    if dropped > 0, magnitude.bits(from: dropped - 1, count: 1) == 1 {
      let isAboveHalf = magnitude.hasBit(below: dropped - 1)
      if isAboveHalf || kept & 1 == 1 { kept += 1 }
    }
    let value = Double(sign: .plus, exponent: dropped + unit, significand: 1) * Double(kept)
    guard value <= greatest else { return nil }
    return isNegative ? -value : value
  }

  private func bits(from first: Int, count: Int) -> UInt64 {
    if count == 0 { return 0 }
    let word = first / 64, shift = UInt64(first % 64)
    var value = words[word] >> shift
    if shift > 0, word + 1 < words.count { value |= words[word + 1] << (64 - shift) }
    return count == 64 ? value : value & (1 << UInt64(count) - 1)
  }

  private func hasBit(below end: Int) -> Bool {
    for word in 0..<end / 64 where words[word] != 0 { return true }
    return end % 64 > 0 && words[end / 64] & (1 << UInt64(end % 64) - 1) != 0
  }
}
