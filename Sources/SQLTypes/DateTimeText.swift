extension SQLDate: SQLTextConvertible {
  /// Reads a date; of a text with a time the date counts. 22007, 22008.
  package init(sqlText text: borrowing Span<UInt8>) throws(SQLError) {
    if text.count == 10, let days = isoDate(text) {
      self.init(days: days)
      return
    }
    guard let date = try DateTimeDecoder.read(text, as: "date").day else { throw .datetimeOutOfRange("date", text) }
    self = date
  }

  /// `2015-07-15`, `0044-03-15 BC`, `infinity`
  package func appendSQLText(to bytes: inout [UInt8]) {
    guard isFinite else {
      bytes.append(ascii: self == .infinity ? "infinity" : "-infinity")
      return
    }
    let date = civil
    bytes.append(addingCapacity: 24) { output in output.appendDate(date) }
    if date.year <= 0 { bytes.append(ascii: " BC") }
  }
}

extension SQLTimestamp: SQLTextConvertible {
  /// Reads a TIMESTAMP; a time zone in the text is read and ignored. 22007, 22008.
  package init(sqlText text: borrowing Span<UInt8>) throws(SQLError) {
    try self.init(text, zoned: false)
  }

  /// Reads a TIMESTAMPTZ; without a zone the time is in UTC.
  package init(zonedSQLText text: borrowing Span<UInt8>) throws(SQLError) {
    try self.init(text, zoned: true)
  }

  package init(zonedSQLText text: String) throws(SQLError) {
    try self.init(zonedSQLText: text.utf8Span.span)
  }

  private init(_ text: borrowing Span<UInt8>, zoned: Bool) throws(SQLError) {
    if let timestamp = isoTimestamp(text, zoned: zoned) {
      self = timestamp
      return
    }
    let decoded = try DateTimeDecoder.read(text, as: zoned ? "timestamp with time zone" : "timestamp")
    guard let timestamp = decoded.timestamp(inUTC: zoned) else { throw .datetimeOutOfRange("timestamp", text) }
    self = timestamp
  }

  /// `2015-07-15 10:00:00.5`
  package func appendSQLText(to bytes: inout [UInt8]) { append(to: &bytes, zoned: false) }

  /// `2015-07-15 10:00:00.5+00`: always in UTC.
  package func appendZonedSQLText(to bytes: inout [UInt8]) { append(to: &bytes, zoned: true) }

  package var zonedSQLText: String {
    var bytes: [UInt8] = []
    appendZonedSQLText(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func append(to bytes: inout [UInt8], zoned: Bool) {
    guard isFinite else {
      bytes.append(ascii: self == .infinity ? "infinity" : "-infinity")
      return
    }
    let (days, timeOfDay) = dayAndTime
    let date = CivilDate(days: days)
    bytes.append(addingCapacity: 48) { output in
      output.appendDate(date)
      output.append(32)
      output.appendClock(timeOfDay.magnitude)
      if zoned {
        output.append(43)
        output.append(48)
        output.append(48)
      }
    }
    if date.year <= 0 { bytes.append(ascii: " BC") }
  }
}

extension OutputSpan<UInt8> {
  /// 2015-07-15; years before 1 as BC, which the caller appends.
  fileprivate mutating func appendDate(_ date: CivilDate) {
    appendDecimal(UInt64(date.year > 0 ? date.year : 1 - date.year), width: 4)
    append(45)
    appendTwoDigits(date.month)
    append(45)
    appendTwoDigits(date.day)
  }

  /// Appends hours, minutes, seconds and a fraction without zeros at its end.
  mutating func appendClock(_ microseconds: UInt64) {
    let seconds = microseconds / 1_000_000
    var fraction = microseconds % 1_000_000
    let hours = seconds / 3600
    if hours < 100 { appendTwoDigits(Int(hours)) } else { appendDecimal(hours) }
    append(58)
    appendTwoDigits(Int(seconds / 60 % 60))
    append(58)
    appendTwoDigits(Int(seconds % 60))
    guard fraction != 0 else { return }
    var width = 6
    while fraction % 10 == 0 {
      fraction /= 10
      width -= 1
    }
    append(46)
    appendDecimal(fraction, width: width)
  }
}

// MARK: The common forms, without taking the text apart

/// Two digits at `index`, or a value above 99.
@inline(__always)
private func twoDigits(_ text: borrowing Span<UInt8>, _ index: Int) -> Int {
  let (tens, ones) = (text[index] &- 48, text[index + 1] &- 48)
  return tens < 10 && ones < 10 ? Int(tens) * 10 + Int(ones) : 1000
}

/// The days of `YYYY-MM-DD` at the text's beginning; nil for anything else, including what is out of range.
@inline(__always)
private func isoDate(_ text: borrowing Span<UInt8>) -> Int32? {
  guard text.count >= 10, text[4] == 45, text[7] == 45 else { return nil }
  let (century, year) = (twoDigits(text, 0), twoDigits(text, 2))
  let (month, day) = (twoDigits(text, 5), twoDigits(text, 8))
  guard century <= 99, year <= 99, month >= 1, month <= 12, day >= 1, day <= 31, century + year > 0 else { return nil }
  let date = CivilDate(year: century * 100 + year, month: month, day: day)
  guard day <= 28 || day <= CivilDate.daysInMonth(month, of: date.year) else { return nil }
  return Int32(truncatingIfNeeded: date.days)
}

/// `YYYY-MM-DD[( |T)HH:MM:SS[.f ... ffffff][Z|(+|-)HH[:MM]]]`; nil for anything else.
@inline(__always)
private func isoTimestamp(_ text: borrowing Span<UInt8>, zoned: Bool) -> SQLTimestamp? {
  guard let days = isoDate(text) else { return nil }
  let midnight = Int64(days) * SQLTimestamp.microsecondsPerDay
  let end = text.count
  if end == 10 { return SQLTimestamp(microseconds: midnight) }
  guard end >= 19, text[10] == 32 || text[10] | 0x20 == 116, text[13] == 58, text[16] == 58 else { return nil }
  let (hour, minute, second) = (twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17))
  guard hour <= 23, minute <= 59, second <= 59 else { return nil }
  var microseconds = midnight + Int64((hour * 60 + minute) * 60 + second) * SQLTimestamp.microsecondsPerSecond
  var index = 19
  if index < end, text[index] == 46 {
    index += 1
    var unit: Int64 = 100_000
    while index < end, isDigit(text[index]) {
      if unit == 0 { return nil }
      microseconds += Int64(text[index] &- 48) * unit
      unit /= 10
      index += 1
    }
  }
  if index == end { return SQLTimestamp(microseconds: microseconds) }
  if text[index] | 0x20 == 122, index + 1 == end { return SQLTimestamp(microseconds: microseconds) }
  guard text[index] == 43 || text[index] == 45, end - index == 3 || (end - index == 6 && text[index + 3] == 58) else {
    return nil
  }
  let zoneHour = twoDigits(text, index + 1)
  let zoneMinute = end - index == 6 ? twoDigits(text, index + 4) : 0
  guard zoneHour <= 15, zoneMinute <= 59 else { return nil }
  let offset = Int64(zoneHour * 60 + zoneMinute) * SQLTimestamp.microsecondsPerMinute
  if zoned { microseconds -= text[index] == 45 ? -offset : offset }
  return SQLTimestamp(microseconds: microseconds)
}
