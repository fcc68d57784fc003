/// A decimal number's text taken apart: `[+-] digits [. digits] [e [+-] digits]`, at least one digit before the
/// exponent.
struct DecimalLiteral {
  var isNegative = false
  /// The digits and the point: offsets into the text.
  var mantissa = 0..<0
  /// Digits from the first that is not zero on.
  var digitCount = 0
  /// Digits after the point.
  var fractionDigits = 0
  /// What stands after `e`, held within ±2^30.
  var exponent = 0
  /// The value of the digits if there are at most 19 of them.
  var leadingDigits: UInt64 = 0

  /// Nil if `range` of `text` is not such a number.
  init?(_ text: borrowing Span<UInt8>, _ range: Range<Int>) {
    var index = range.lowerBound
    let end = range.upperBound
    if index < end, text[index] == 45 || text[index] == 43 {
      isNegative = text[index] == 45
      index += 1
    }
    let start = index
    var anyDigit = false
    var seenPoint = false
    while index < end {
      let byte = text[index]
      if isDigit(byte) {
        anyDigit = true
        if digitCount > 0 || byte != 48 {
          digitCount += 1
          leadingDigits = leadingDigits &* 10 &+ UInt64(byte &- 48)
        }
        if seenPoint { fractionDigits += 1 }
      } else if byte == 46, !seenPoint {
        seenPoint = true
      } else {
        break
      }
      index += 1
    }
    guard anyDigit else { return nil }
    mantissa = start..<index
    guard index < end else { return }
    guard text[index] | 0x20 == 101 else { return nil }
    index += 1
    var isExponentNegative = false
    if index < end, text[index] == 45 || text[index] == 43 {
      isExponentNegative = text[index] == 45
      index += 1
    }
    guard index < end else { return nil }
    while index < end {
      guard isDigit(text[index]) else { return nil }
      if exponent < 1 << 30 { exponent = exponent * 10 + Int(text[index] &- 48) }
      index += 1
    }
    if exponent > 1 << 30 { exponent = 1 << 30 }
    if isExponentNegative { exponent = -exponent }
  }

  /// The digits from the first that is not zero on, until `body` returns false.
  func forEachDigit(of text: borrowing Span<UInt8>, _ body: (UInt8) -> Bool) {
    var started = false
    for index in mantissa {
      let byte = text[index]
      if byte == 46 || (!started && byte == 48) { continue }
      started = true
      if !body(byte &- 48) { return }
    }
  }
}
