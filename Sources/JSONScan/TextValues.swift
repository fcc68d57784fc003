/// What PostgreSQL's input functions make of a text: the value of a field, or a fault.
///
/// All take bytes by start and count, which need no end mark, and ignore white space around the text as `isspace` sees it.
enum TextValues {
  typealias Bytes = UnsafePointer<UInt8>

  /// The bits of a slot, or why there is none.
  enum Slot {
    case bits(UInt64)
    case fault(ScanFault)
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// The text without white space around it.
  static func trim(_ start: Bytes, _ count: Int) -> (start: Bytes, count: Int) {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }
    var start = start
    var count = count
    while count > 0, isSpace(start[0]) {
      start += 1
      count -= 1
    }
    while count > 0, isSpace(start[count - 1]) { count -= 1 }
    return (start, count)
  }

  /// `int8in` and its narrower kin. Digits are added up below zero, where one more number fits; too many of them are out of
  /// range even if nonsense follows, as in PostgreSQL.
  static func integer(_ text: Bytes, _ textCount: Int, least: Int64) -> Slot {
    let (start, count) = trim(text, textCount)
    var index = 0
    var isNegative = false
    if count > 0, start[0] == UInt8(ascii: "-") || start[0] == UInt8(ascii: "+") {
      isNegative = start[0] == UInt8(ascii: "-")
      index = 1
    }
    let firstDigit = index
    var negated: Int64 = 0
    while index < count, isDigit(start[index]) {
      let (product, productOverflow) = negated.multipliedReportingOverflow(by: 10)
      let (sum, sumOverflow) = product.subtractingReportingOverflow(Int64(start[index] &- UInt8(ascii: "0")))
      if productOverflow || sumOverflow || sum < least { return .fault(.outOfRange) }
      negated = sum
      index += 1
    }
    if index == firstDigit || index < count { return .fault(.invalidValue) }
    if isNegative { return .bits(UInt64(bitPattern: negated)) }
    return negated == least ? .fault(.outOfRange) : .bits(UInt64(bitPattern: -negated))
  }

  /// A decimal number's parts. `exponent` counts the digits behind the point, too.
  private struct Decimal {
    var isNegative = false
    var mantissa: UInt64 = 0  // exact if `isShort`
    var isShort = true  // at most 19 significant digits
    var isZero = true
    var exponent = 0
  }

  /// Reads sign, digits, point, digits and exponent, to the end; nil if it is anything else.
  private static func decimal(_ start: Bytes, _ count: Int) -> Decimal? {
    var result = Decimal()
    var index = 0
    var significant = 0
    var digits = 0
    if count > 0, start[0] == UInt8(ascii: "-") || start[0] == UInt8(ascii: "+") {
      result.isNegative = start[0] == UInt8(ascii: "-")
      index = 1
    }
    var isBehindPoint = false
    while index < count {
      let byte = start[index]
      if byte == UInt8(ascii: "."), !isBehindPoint {
        isBehindPoint = true
        index += 1
        continue
      }
      guard isDigit(byte) else { break }
      digits += 1
      if byte != UInt8(ascii: "0") { result.isZero = false }
      if significant > 0 || byte != UInt8(ascii: "0") { significant += 1 }
      if significant <= 19 {
        result.mantissa = result.mantissa &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
        if isBehindPoint { result.exponent -= 1 }
      } else {
        result.isShort = false
      }
      index += 1
    }
    if digits == 0 { return nil }
    if index == count { return result }
    guard start[index] == UInt8(ascii: "e") || start[index] == UInt8(ascii: "E") else { return nil }
    index += 1
    var isNegative = false
    if index < count, start[index] == UInt8(ascii: "-") || start[index] == UInt8(ascii: "+") {
      isNegative = start[index] == UInt8(ascii: "-")
      index += 1
    }
    if index == count { return nil }
    var exponent = 0
    while index < count {
      guard isDigit(start[index]) else { return nil }
      exponent = min(exponent * 10 + Int(start[index] &- UInt8(ascii: "0")), 1_000_000)
      index += 1
    }
    result.exponent += isNegative ? -exponent : exponent
    return result
  }

  private static func equals(_ start: Bytes, _ count: Int, _ lowercased: StaticString) -> Bool {
    guard count == lowercased.utf8CodeUnitCount else { return false }
    for index in 0..<count where start[index] | 0x20 != lowercased.utf8Start[index] { return false }
    return true
  }

  /// NaN and the infinities by name; nil for any other text.
  private static func named(_ start: Bytes, _ count: Int) -> Double? {
    var start = start
    var count = count
    var isNegative = false
    if count > 0, start[0] == UInt8(ascii: "-") || start[0] == UInt8(ascii: "+") {
      isNegative = start[0] == UInt8(ascii: "-")
      start += 1
      count -= 1
    }
    if equals(start, count, "nan") { return .nan }
    if equals(start, count, "inf") || equals(start, count, "infinity") { return isNegative ? -.infinity : .infinity }
    return nil
  }

  /// `float8in`, but without hexadecimal numbers.
  static func double(_ text: Bytes, _ textCount: Int) -> Slot {
    let (start, count) = trim(text, textCount)
    guard let decimal = decimal(start, count) else {
      return named(start, count).map { .bits($0.bitPattern) } ?? .fault(.invalidValue)
    }
    var value: Double
    // A mantissa below 2^53 and a power of ten to 10^22 are exact, and so one operation rounds once (Clinger 1990).
    if decimal.isShort, decimal.mantissa < 1 << 53, abs(decimal.exponent) <= 22 {
      value = Double(decimal.mantissa)
      if decimal.exponent < 0 { value /= powersOfTen[-decimal.exponent] } else { value *= powersOfTen[decimal.exponent] }
      if decimal.isNegative { value = -value }
    } else {
      value = Double(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)) ?? .infinity
    }
    if value.isInfinite || value == 0 && !decimal.isZero { return .fault(.outOfRange) }
    return .bits(value.bitPattern)
  }

  /// `float4in`, rounded once to a Float, as the bits of the Double of that value.
  static func real(_ text: Bytes, _ textCount: Int) -> Slot {
    let (start, count) = trim(text, textCount)
    guard let decimal = decimal(start, count) else {
      return named(start, count).map { .bits($0.bitPattern) } ?? .fault(.invalidValue)
    }
    let value = Float(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)) ?? .infinity
    if value.isInfinite || value == 0 && !decimal.isZero { return .fault(.outOfRange) }
    return .bits(Double(value).bitPattern)
  }

  /// Whether the trimmed text is a number that `numeric_in` takes; its size is for whoever makes the number.
  static func isNumeric(_ start: Bytes, _ count: Int) -> Bool {
    if decimal(start, count) != nil { return true }
    guard let value = named(start, count) else { return false }
    return value.isInfinite || count == 3  // NaN takes no sign
  }

  /// `boolin`: any beginning of true, false, yes, no; on, off, of; 1, 0.
  static func boolean(_ text: Bytes, _ textCount: Int) -> Slot {
    let (start, count) = trim(text, textCount)
    func begins(_ word: StaticString) -> Bool {
      if count > word.utf8CodeUnitCount { return false }
      for index in 0..<count where start[index] | 0x20 != word.utf8Start[index] { return false }
      return true
    }
    if count == 0 { return .fault(.invalidValue) }
    if count == 1, start[0] == UInt8(ascii: "1") { return .bits(1) }
    if count == 1, start[0] == UInt8(ascii: "0") { return .bits(0) }
    if begins("true") || begins("yes") || equals(start, count, "on") { return .bits(1) }
    if begins("false") || begins("no") || count >= 2 && begins("off") { return .bits(0) }
    return .fault(.invalidValue)
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
    1e22,
  ]
}
