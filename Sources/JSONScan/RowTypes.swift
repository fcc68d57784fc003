import SQLTypes

extension SQLType {
  /// What the scanner makes of a value for a column of this type.
  var scanKind: ScanKind {
    switch self {
    case .bigint, .oid: .bigint
    case .integer: .integer
    case .smallint: .smallint
    case .double: .double
    case .real: .real
    case .boolean: .boolean
    case .numeric: .numeric
    case .text, .varchar, .unknown, .catalogText: .text
    case .date, .timestamp, .timestamptz, .interval: .moment
    }
  }

  /// Whether a text may be too long for it.
  var isLimited: Bool {
    if case .varchar(_?) = self { return true }
    return false
  }

  /// Reads a text as the type's input function does, for its error alone.
  func check(_ text: borrowing Span<UInt8>) throws(SQLError) {
    switch self {
    case .bigint: _ = try Int64(sqlText: text)
    case .integer: _ = try Int32(sqlText: text)
    case .smallint: _ = try Int16(sqlText: text)
    case .double: _ = try Double(sqlText: text)
    case .real: _ = try Float(sqlText: text)
    case .boolean: _ = try Bool(sqlText: text)
    case .numeric(let modifier): _ = try Numeric(sqlText: text, modifier: modifier)
    case .date: _ = try SQLDate(sqlText: text)
    case .timestamp: _ = try SQLTimestamp(sqlText: text)
    case .timestamptz: _ = try SQLTimestamp(zonedSQLText: text)
    case .interval: _ = try Interval(sqlText: text)
    case .varchar(let limit?):
      if SQLType.keptBytes(text, limit: limit) == nil {
        throw SQLError(.stringDataRightTruncation, "value too long for type \(name)")
      }
    case .oid: _ = try SQLType.oid(sqlText: text)
    case .text, .varchar(nil), .unknown, .catalogText: break
    }
  }

  /// How many bytes of a UTF-8 text a `varchar(limit)` keeps: all, or all but spaces beyond the limit; nil if it refuses it.
  static func keptBytes(_ text: borrowing Span<UInt8>, limit: Int) -> Int? {
    if text.count <= limit { return text.count }
    var characters = 0
    var index = 0
    while index < text.count {
      if text[index] & 0xc0 != 0x80 {
        if characters == limit { break }
        characters += 1
      }
      index += 1
    }
    for rest in index..<text.count where text[rest] != UInt8(ascii: " ") { return nil }
    return index
  }
}
