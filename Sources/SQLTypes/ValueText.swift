/// Reads the text forms of booleans and integers as PostgreSQL does.
package enum ValueText {
  /// An integer of `type`, blanks around it allowed.
  ///
  /// - Errors: 22P02 for what is no integer, 22003 for one outside of the type.
  package static func parseInteger<T: FixedWidthInteger>(_ text: Span<UInt8>, _ type: SQLType) throws(SQLError) -> T {
    let (start, end) = trimmed(text)
    var index = start
    var isNegative = false
    if index < end, text[index] == 0x2d || text[index] == 0x2b {
      isNegative = text[index] == 0x2d
      index += 1
    }
    var value: T = 0
    var overflow = false
    guard index < end else { throw invalidSyntax(text, type) }
    while index < end {
      let digit = text[index] &- 0x30
      guard digit <= 9 else { throw invalidSyntax(text, type) }
      let (scaled, o1) = value.multipliedReportingOverflow(by: 10)
      let (next, o2) = isNegative
        ? scaled.subtractingReportingOverflow(T(digit)) : scaled.addingReportingOverflow(T(digit))
      overflow = overflow || o1 || o2
      value = next
      index += 1
    }
    if overflow {
      throw SQLError(
        .numericValueOutOfRange, "value \"\(string(text))\" is out of range for type \(type.baseName)")
    }
    return value
  }

  /// `true`, `yes`, `on`, `1`, `false`, `no`, `off`, `0` and their unambiguous beginnings, in any case.
  package static func parseBoolean(_ text: Span<UInt8>) throws(SQLError) -> Bool {
    let (start, end) = trimmed(text)
    let word = string(text.extracting(start..<end)).lowercased()
    if word.isEmpty { throw invalidSyntax(text, .boolean) }
    if "true".hasPrefix(word) || "yes".hasPrefix(word) || word == "on" || word == "1" { return true }
    if "false".hasPrefix(word) || "no".hasPrefix(word) || word == "0" || (word.count > 1 && "off".hasPrefix(word)) {
      return false
    }
    throw invalidSyntax(text, .boolean)
  }

  private static func trimmed(_ text: Span<UInt8>) -> (start: Int, end: Int) {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0d) }
    var (start, end) = (0, text.count)
    while start < end && isBlank(text[start]) { start += 1 }
    while end > start && isBlank(text[end - 1]) { end -= 1 }
    return (start, end)
  }

  private static func string(_ text: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in text.indices { bytes.append(text[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func invalidSyntax(_ text: Span<UInt8>, _ type: SQLType) -> SQLError {
    SQLError(.invalidTextRepresentation, "invalid input syntax for type \(type.baseName): \"\(string(text))\"")
  }
}
