/// A value with PostgreSQL's text form. Reading what was written gives the same value back.
package protocol SQLTextConvertible {
  /// Reads the text form; blanks around it are skipped.
  init(sqlText text: borrowing Span<UInt8>) throws(SQLError)
  /// Appends the text form as PostgreSQL's output function writes it.
  func appendSQLText(to bytes: inout [UInt8])
}

extension SQLTextConvertible {
  package init(sqlText text: String) throws(SQLError) {
    try self.init(sqlText: text.utf8Span.span)
  }

  package var sqlText: String {
    var bytes: [UInt8] = []
    appendSQLText(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  /// Text for an error message; broken UTF-8 is repaired.
  init(bytes: borrowing Span<UInt8>) {
    var copy: [UInt8] = []
    copy.reserveCapacity(bytes.count)
    for index in bytes.indices { copy.append(bytes[index]) }
    self.init(decoding: copy, as: UTF8.self)
  }
}

/// C's `isspace` in the C locale: blank, \t, \n, \v, \f, \r.
@inline(__always)
func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

@inline(__always)
func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 97 < 26 }

@inline(__always)
func lowercased(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 0x20 : byte }

/// The range of `text` without the blanks around it.
@inline(__always)
func trimmedRange(_ text: borrowing Span<UInt8>) -> Range<Int> {
  var start = 0
  var end = text.count
  while start < end, isSpace(text[start]) { start += 1 }
  while end > start, isSpace(text[end - 1]) { end -= 1 }
  return start..<end
}

/// Whether `range` of `text` spells `word` (lower case), in any case of letters.
func spells(_ word: StaticString, _ text: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
  guard range.count == word.utf8CodeUnitCount else { return false }
  var index = range.lowerBound
  for byte in word.description.utf8 {
    if lowercased(text[index]) != byte { return false }
    index += 1
  }
  return true
}

extension [UInt8] {
  /// Appends `value` in decimal, with zeros in front up to `width` digits, at most 24.
  package mutating func appendDecimal(_ value: UInt64, width: Int = 1) {
    append(addingCapacity: 24) { output in output.appendDecimal(value, width: width) }
  }

  /// Appends `value` in decimal with its sign.
  package mutating func appendDecimal(_ value: Int64) {
    append(addingCapacity: 24) { output in
      if value < 0 { output.append(45) }
      output.appendDecimal(value.magnitude)
    }
  }

  mutating func append(ascii text: StaticString) {
    append(contentsOf: text.description.utf8)
  }
}

extension OutputSpan<UInt8> {
  @inline(__always)
  mutating func appendDecimal(_ value: UInt64, width: Int = 1) {
    var digits = InlineArray<24, UInt8>(repeating: 48)
    var start = 24
    digits.fillDecimal(value, before: &start)
    append(digits, from: Swift.min(start, 24 - width))
  }

  /// `value` is 0 ... 99.
  @inline(__always)
  mutating func appendTwoDigits(_ value: Int) {
    append(48 &+ UInt8(truncatingIfNeeded: value / 10))
    append(48 &+ UInt8(truncatingIfNeeded: value % 10))
  }

  @inline(__always)
  mutating func append<let size: Int>(_ digits: InlineArray<size, UInt8>, from start: Int) {
    var index = start
    while index < size {
      append(digits[index])
      index &+= 1
    }
  }
}

extension InlineArray where Element == UInt8 {
  /// Writes the digits of `value`, none for zero, to end before `start`, which moves to the first.
  @inline(__always)
  mutating func fillDecimal(_ value: UInt64, before start: inout Int) {
    var rest = value
    while rest != 0 {
      start &-= 1
      self[start] = 48 &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }
}
