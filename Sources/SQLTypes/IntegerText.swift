extension Int16: SQLTextConvertible {
  package init(sqlText text: borrowing Span<UInt8>) throws(SQLError) { self = try parseInteger(text, "smallint") }
  package func appendSQLText(to bytes: inout [UInt8]) { bytes.appendDecimal(Int64(self)) }
}

extension Int32: SQLTextConvertible {
  package init(sqlText text: borrowing Span<UInt8>) throws(SQLError) { self = try parseInteger(text, "integer") }
  package func appendSQLText(to bytes: inout [UInt8]) { bytes.appendDecimal(Int64(self)) }
}

extension Int64: SQLTextConvertible {
  package init(sqlText text: borrowing Span<UInt8>) throws(SQLError) { self = try parseInteger(text, "bigint") }
  package func appendSQLText(to bytes: inout [UInt8]) { bytes.appendDecimal(self) }
}

/// Blanks, a sign, digits, blanks. As in PostgreSQL, digits too many are noticed before what follows them.
@inline(__always)
private func parseInteger<Value: FixedWidthInteger & SignedInteger>(
  _ text: borrowing Span<UInt8>, _ type: String
) throws(SQLError) -> Value {
  var index = 0
  let end = text.count
  while index < end, isSpace(text[index]) { index += 1 }
  var isNegative = false
  if index < end, text[index] == 45 || text[index] == 43 {
    isNegative = text[index] == 45
    index += 1
  }
  guard index < end, isDigit(text[index]) else { throw .invalidInput(type, text) }
  // Negative, because there is one more negative value than there are positive ones.
  var value: Value = 0
  while index < end, isDigit(text[index]) {
    let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
    let (next, carry) = shifted.subtractingReportingOverflow(Value(truncatingIfNeeded: text[index] &- 48))
    if overflow || carry { throw .valueOutOfRange(type, text) }
    value = next
    index += 1
  }
  while index < end, isSpace(text[index]) { index += 1 }
  guard index == end else { throw .invalidInput(type, text) }
  if isNegative { return value }
  guard value != Value.min else { throw .valueOutOfRange(type, text) }
  return 0 - value
}
