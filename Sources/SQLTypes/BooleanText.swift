extension Bool: SQLTextConvertible {
  /// Reads `true`, `false`, `yes`, `no`, `on`, `off`, `1`, `0` or an unambiguous beginning of one, in any case of
  /// letters.
  package init(sqlText text: borrowing Span<UInt8>) throws(SQLError) {
    let range = trimmedRange(text)
    func begins(_ word: StaticString, from least: Int = 1) -> Bool {
      guard range.count >= least, range.count <= word.utf8CodeUnitCount else { return false }
      var index = range.lowerBound
      for byte in word.description.utf8.prefix(range.count) {
        if lowercased(text[index]) != byte { return false }
        index += 1
      }
      return true
    }
    if begins("true") || begins("yes") || begins("on", from: 2) || begins("1") {
      self = true
    } else if begins("false") || begins("no") || begins("off", from: 2) || begins("0") {
      self = false
    } else {
      throw .invalidInput("boolean", text)
    }
  }

  package func appendSQLText(to bytes: inout [UInt8]) { bytes.append(self ? 116 : 102) }
}
