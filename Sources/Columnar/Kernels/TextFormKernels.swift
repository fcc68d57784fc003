package import SQLTypes

extension Column {
  /// Appends the text that a cast of row `row` to text gives: the type's output form, of a boolean the whole word.
  ///
  /// - type: the column's; a timestamptz is written in UTC, the only session time zone there is.
  package func appendText(_ row: Int, as type: SQLType, to bytes: inout [UInt8]) {
    switch type {
    case .boolean: bytes.append(contentsOf: value(row, as: UInt8.self) != 0 ? "true".utf8 : "false".utf8)
    case .smallint, .integer, .bigint, .oid: appendInteger(row, to: &bytes)
    case .real: value(row, as: Float.self).appendSQLText(to: &bytes)
    case .double: value(row, as: Double.self).appendSQLText(to: &bytes)
    case .numeric(let modifier): numeric(row, modifier).appendSQLText(to: &bytes)
    case .text, .varchar, .unknown, .catalogText: withBytes(row) { bytes.append(contentsOf: $0) }
    case .date: SQLDate(days: value(row, as: Int32.self)).appendSQLText(to: &bytes)
    case .timestamp: SQLTimestamp(microseconds: value(row, as: Int64.self)).appendSQLText(to: &bytes)
    case .timestamptz: SQLTimestamp(microseconds: value(row, as: Int64.self)).appendZonedSQLText(to: &bytes)
    case .interval: value(row, as: Interval.self).appendSQLText(to: &bytes)
    }
  }

  /// Every row's text form, as `appendText` has it.
  package static func textForm(_ input: Column, as type: SQLType) -> Column {
    textRows([input]) { row, scratch in input.appendText(row, as: type, to: &scratch) }
  }

  /// Values read from their text forms.
  ///
  /// - Errors: 22P02, 22003, 22007, 22008, … as the type's reader throws them.
  package static func parse(_ texts: Column, as type: SQLType) -> CheckedResult {
    switch type {
    case .boolean: parseRows(texts, .bool) { (text) throws(SQLError) in try Bool(sqlText: text) ? 1 as UInt8 : 0 }
    case .smallint: parseRows(texts, .int16) { (text) throws(SQLError) in try Int16(sqlText: text) }
    case .integer: parseRows(texts, .int32) { (text) throws(SQLError) in try Int32(sqlText: text) }
    case .bigint: parseRows(texts, .int64) { (text) throws(SQLError) in try Int64(sqlText: text) }
    case .real: parseRows(texts, .float32) { (text) throws(SQLError) in try Float(sqlText: text) }
    case .double: parseRows(texts, .float64) { (text) throws(SQLError) in try Double(sqlText: text) }
    case .numeric(nil):
      parseRows(texts, .numeric) { (text) throws(SQLError) in NumericCell(try Numeric(sqlText: text)) }
    case .numeric(let modifier?) where modifier.precision <= 18:
      parseRows(texts, .int64) { (text) throws(SQLError) in
        ScaledNumeric.value(try Numeric(sqlText: text, modifier: modifier), as: Int64.self)
      }
    case .numeric(let modifier?):
      parseRows(texts, .int128) { (text) throws(SQLError) in
        ScaledNumeric.value(try Numeric(sqlText: text, modifier: modifier), as: Int128.self)
      }
    case .date: parseRows(texts, .int32) { (text) throws(SQLError) in try SQLDate(sqlText: text).days }
    case .timestamp:
      parseRows(texts, .int64) { (text) throws(SQLError) in try SQLTimestamp(sqlText: text).microseconds }
    case .timestamptz:
      // A text without a zone is in the session's, which is UTC.
      parseRows(texts, .int64) { (text) throws(SQLError) in try SQLTimestamp(zonedSQLText: text).microseconds }
    case .interval: parseRows(texts, .interval) { (text) throws(SQLError) in try Interval(sqlText: text) }
    case .oid: parseRows(texts, .int64) { (text) throws(SQLError) in try SQLType.oid(sqlText: text) }
    case .text, .varchar, .unknown, .catalogText: CheckedResult(texts)
    }
  }

  @inline(__always)
  private static func parseRows<R: BitwiseCopyable>(
    _ texts: Column, _ physicalType: PhysicalType, _ parse: (Span<UInt8>) throws(SQLError) -> R
  ) -> CheckedResult {
    let arenas = texts.arenas
    return checkedRows(texts, TextView.self, into: physicalType) { (view) throws(SQLError) in
      try view.withBytes(in: arenas) { (bytes) throws(SQLError) in try parse(Span(_unsafeBytes: bytes)) }
    }
  }
}
