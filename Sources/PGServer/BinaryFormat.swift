import Columnar
import PGWire
import SQLTypes

/// Values in PostgreSQL's binary format: what each type's `send` function writes and its `recv` function reads.
///
/// | type | bytes |
/// |---|---|
/// | boolean | 1: 0 or 1 |
/// | smallint, integer, bigint | 2, 4, 8, big-endian |
/// | real, double precision | 4, 8: IEEE 754, big-endian |
/// | date | 4: days since 2000-01-01 |
/// | timestamp, timestamptz | 8: microseconds since 2000-01-01 |
/// | interval | 8 + 4 + 4: microseconds, days, months |
/// | numeric | 2 each: number of digits, weight of the first, sign, digits after the point; then digits of base 10,000 |
/// | oid | 4 |
/// | text, varchar, name | the text |
enum BinaryFormat {
  private static let epochDays: Int32 = 10_957
  private static let epochMicroseconds: Int64 = 946_684_800_000_000

  /// Whether this build writes and reads the type so. Of the catalogues' other types it has only the text.
  static func has(_ type: SQLType) -> Bool {
    if case .catalogText = type { type.isText } else { true }
  }

  // MARK: writing

  /// The column as `append` reads it: numerics in one form, whatever their precision.
  static func prepared(_ column: Column, _ type: SQLType) -> Column {
    guard case .numeric(.some) = type else { return column }
    return .numericCells(column, from: type)
  }

  /// Appends the value of a row that is not null.
  ///
  /// - column: as `prepared` gave it.
  static func append(_ column: Column, _ row: Int, as type: SQLType, to bytes: inout [UInt8]) {
    switch type {
    case .boolean: bytes.append(column.value(row, as: UInt8.self))
    case .smallint: append(column.value(row, as: Int16.self), to: &bytes)
    case .integer: append(column.value(row, as: Int32.self), to: &bytes)
    case .oid: append(UInt32(truncatingIfNeeded: column.value(row, as: Int64.self)), to: &bytes)
    case .bigint: append(column.value(row, as: Int64.self), to: &bytes)
    case .real: append(column.value(row, as: Float.self).bitPattern, to: &bytes)
    case .double: append(column.value(row, as: Double.self).bitPattern, to: &bytes)
    case .date:
      let date = SQLDate(days: column.value(row, as: Int32.self))
      append(date.isFinite ? date.days - epochDays : date.days, to: &bytes)
    case .timestamp, .timestamptz:
      let time = SQLTimestamp(microseconds: column.value(row, as: Int64.self))
      append(time.isFinite ? time.microseconds - epochMicroseconds : time.microseconds, to: &bytes)
    case .interval:
      let interval = column.value(row, as: Interval.self)
      append(interval.microseconds, to: &bytes)
      append(interval.days, to: &bytes)
      append(interval.months, to: &bytes)
    case .numeric: append(column.value(row, as: NumericCell.self).numeric, to: &bytes)
    case .text, .varchar, .unknown, .catalogText:
      column.withText(row) { text in
        for index in 0..<text.count { bytes.append(text[index]) }
      }
    }
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    unsafe withUnsafeBytes(of: value.bigEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  private static func append(_ value: Numeric, to bytes: inout [UInt8]) {
    guard value.isFinite else {
      let sign: UInt16 = value.isNaN ? 0xC000 : value.isNegative ? 0xF000 : 0xD000
      for word in [0, 0, sign, 0] as [UInt16] { append(word, to: &bytes) }
      return
    }
    // Digits of base 10,000 begin at the point: the fraction is filled up to whole ones.
    let scale = Int(value.scale)
    let filler = (4 - scale % 4) % 4
    var digits: [UInt16] = []
    var rest = value.unscaled.magnitude
    if filler > 0 {
      let power = [1, 10, 100, 1000][4 - filler] as UInt128
      digits.append(UInt16(rest % power) * [1, 10, 100, 1000][filler])
      rest /= power
    }
    while rest > 0 {
      digits.append(UInt16(rest % 10_000))
      rest /= 10_000
    }
    // The last digit stands for 10,000^-fractionDigits; zeros at the end are not written, nor ones in front.
    let fractionDigits = (scale + filler) / 4
    let weight = digits.count - fractionDigits - 1
    while digits.last == 0 { digits.removeLast() }
    let leading = max(weight + 1 + fractionDigits - digits.count, 0)
    let trailing = digits.prefix { $0 == 0 }.count
    digits.removeFirst(trailing)
    append(Int16(digits.count), to: &bytes)
    append(Int16(digits.isEmpty ? 0 : weight - leading), to: &bytes)
    append((value.isNegative ? 0x4000 : 0) as UInt16, to: &bytes)
    append(UInt16(scale), to: &bytes)
    for digit in digits.reversed() { append(digit, to: &bytes) }
  }

  // MARK: reading

  /// A parameter's value.
  ///
  /// - Returns: a column of one row.
  /// - Errors: 22P03 for bytes of another length than the type has, 22021 for a text that is not UTF-8, 22003 and 22008 for
  ///   values out of the type's range.
  static func value(_ bytes: ArraySlice<UInt8>, as type: SQLType, parameter number: Int) throws(SQLError) -> Column {
    func integer<T: FixedWidthInteger>(_ type: T.Type, at offset: Int = 0) -> T {
      bytes.dropFirst(offset).prefix(T.bitWidth / 8).reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
    }
    let malformed = SQLError(
      .invalidBinaryRepresentation, "incorrect binary data format in bind parameter \(number)")
    let length = Int(type.typeLength)
    if length > 0 && bytes.count != length { throw malformed }
    switch type {
    case .boolean: return .constant(bytes.first == 0 ? 0 : 1 as UInt8, .bool, count: 1)
    case .smallint: return .constant(integer(Int16.self), .int16, count: 1)
    case .integer: return .constant(integer(Int32.self), .int32, count: 1)
    case .bigint: return .constant(integer(Int64.self), .int64, count: 1)
    case .oid: return .constant(Int64(integer(UInt32.self)), .int64, count: 1)
    case .real: return .constant(Float(bitPattern: integer(UInt32.self)), .float32, count: 1)
    case .double: return .constant(Double(bitPattern: integer(UInt64.self)), .float64, count: 1)
    case .date:
      let days = integer(Int32.self)
      if !SQLDate(days: days).isFinite { return .constant(days, .int32, count: 1) }
      guard let date = SQLDate(checking: Int(days) + Int(epochDays)) else {
        throw SQLError(.datetimeFieldOverflow, "date out of range")
      }
      return .constant(date.days, .int32, count: 1)
    case .timestamp, .timestamptz:
      let microseconds = integer(Int64.self)
      if !SQLTimestamp(microseconds: microseconds).isFinite { return .constant(microseconds, .int64, count: 1) }
      let (sum, overflow) = microseconds.addingReportingOverflow(epochMicroseconds)
      guard !overflow, let time = SQLTimestamp(checking: sum) else {
        throw SQLError(.datetimeFieldOverflow, "timestamp out of range")
      }
      return .constant(time.microseconds, .int64, count: 1)
    case .interval:
      let interval = Interval(
        months: integer(Int32.self, at: 12), days: integer(Int32.self, at: 8), microseconds: integer(Int64.self))
      return .constant(interval, .interval, count: 1)
    case .numeric: return .constant(NumericCell(try numeric(bytes, malformed)), .numeric, count: 1)
    case .text, .varchar, .unknown, .catalogText: return .constant(text: try validatedParameter(bytes), count: 1)
    }
  }

  private static func numeric(_ bytes: ArraySlice<UInt8>, _ malformed: SQLError) throws(SQLError) -> Numeric {
    guard bytes.count >= 8, bytes.count % 2 == 0 else { throw malformed }
    let first = bytes.startIndex
    let words = (0..<bytes.count / 2).map { UInt16(bytes[first + 2 * $0]) << 8 | UInt16(bytes[first + 2 * $0 + 1]) }
    let (count, weight, sign, scale) = (Int(words[0]), Int(Int16(bitPattern: words[1])), words[2], Int(words[3]))
    let digits = words[4...]
    switch sign {
    case 0xC000: return .nan
    case 0xD000: return .infinity
    case 0xF000: return .negativeInfinity
    case 0, 0x4000: break
    default: throw malformed
    }
    guard count == digits.count, digits.allSatisfy({ $0 < 10_000 }), scale <= 0x3FFF else { throw malformed }
    // More than any numeric of ours has: out of range, without a text of 130,000 digits.
    if count > 0 && weight > 12 || scale > Numeric.maximumScale {
      throw .outOfRange(.numeric(nil))
    }
    func digit(_ place: Int) -> String {
      let index = weight - place
      let text = index >= 0 && index < count ? String(digits[4 + index]) : "0"
      return String(repeating: "0", count: 4 - text.count) + text
    }
    let whole = weight < 0 ? "0" : stride(from: weight, through: 0, by: -1).map(digit).joined()
    let fraction = stride(from: -1, through: -((scale + 3) / 4), by: -1).map(digit).joined().prefix(scale)
    return try Numeric(sqlText: (sign == 0 ? "" : "-") + whole + (scale > 0 ? "." + fraction : ""))
  }
}

/// A parameter's text. Errors: 22021 for bytes that are not UTF-8, and for a zero byte.
func validatedParameter(_ bytes: ArraySlice<UInt8>) throws(SQLError) -> String {
  if bytes.contains(0) { throw .invalidUTF8([0]) }
  return try validatedText(bytes)
}
