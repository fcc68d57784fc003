/// What can be wrong with the text of a date, timestamp or interval.
enum DateTimeProblem: Error {
  case badFormat
  case fieldOverflow
  /// A month or day that is none, perhaps because the order of the fields was taken wrong.
  case monthOrDayOverflow
  case zoneOverflow
  case notSupported(String)

  /// The error that PostgreSQL raises; `type` is its name for the type of the text.
  func error(_ type: String, _ text: borrowing Span<UInt8>) -> SQLError {
    switch self {
    case .badFormat:
      SQLError(.invalidDatetimeFormat, "invalid input syntax for type \(type): \"\(String(bytes: text))\"")
    case .fieldOverflow where type == "interval":
      SQLError(.intervalFieldOverflow, "interval field value out of range: \"\(String(bytes: text))\"")
    case .fieldOverflow:
      SQLError(.datetimeFieldOverflow, "date/time field value out of range: \"\(String(bytes: text))\"")
    case .monthOrDayOverflow:
      SQLError(
        .datetimeFieldOverflow, "date/time field value out of range: \"\(String(bytes: text))\"",
        hint: "Dates are read as year-month-day or month/day/year.")
    case .zoneOverflow:
      SQLError(.invalidTimeZoneDisplacement, "time zone displacement out of range: \"\(String(bytes: text))\"")
    case .notSupported(let what):
      SQLError.unsupported(what, at: nil)
    }
  }
}

/// The text of a date, timestamp or interval cut into fields (PostgreSQL's `ParseDateTime`).
struct DateTimeTokens {
  enum Kind {
    /// Digits, perhaps with a point.
    case number
    /// Letters.
    case word
    /// Digits or letters joined by `-`, `/` or `.`; it may also be the name of a time zone.
    case date
    /// Begins with digits and a colon.
    case time
    /// A sign and digits: a zone, or a signed number.
    case signed
    /// A sign and letters.
    case signedWord
  }

  struct Field {
    var kind: Kind
    /// Where it stands in `bytes`.
    var range: Range<Int>
  }

  /// The fields' text: lower case, without blanks.
  var bytes: [UInt8] = []
  var fields: [Field] = []

  /// PostgreSQL's own limits, on hostile text.
  private static let maximumFields = 25
  private static let maximumBytes = 255

  init(_ text: borrowing Span<UInt8>) throws(DateTimeProblem) {
    var index = 0
    let end = text.count
    func at(_ offset: Int, _ text: borrowing Span<UInt8>) -> UInt8 { offset < end ? text[offset] : 0 }
    while index < end {
      let first = text[index]
      if isSpace(first) {
        index += 1
        continue
      }
      let start = bytes.count
      let kind: Kind
      if isDigit(first) {
        kind = takeNumberOrDate(text, &index)
      } else if first == 46 {
        bytes.append(first)
        index += 1
        take(text, &index, while: isDigit)
        kind = .number
      } else if isLetter(first) {
        take(text, &index, while: isLetter)
        kind = takeRestOfName(text, &index, from: start) ? .date : .word
      } else if first == 43 || first == 45 {
        bytes.append(first)
        index += 1
        while index < end, isSpace(text[index]) { index += 1 }
        if isDigit(at(index, text)) {
          take(text, &index) { isDigit($0) || $0 == 58 || $0 == 46 || $0 == 45 }
          kind = .signed
        } else if isLetter(at(index, text)) {
          take(text, &index, while: isLetter)
          kind = .signedWord
        } else {
          throw .badFormat
        }
      } else if first > 32, first < 127 {
        // Other punctuation only separates.
        index += 1
        continue
      } else {
        throw .badFormat
      }
      guard fields.count < DateTimeTokens.maximumFields, bytes.count <= DateTimeTokens.maximumBytes else {
        throw .badFormat
      }
      fields.append(Field(kind: kind, range: start..<bytes.count))
    }
  }

  private mutating func take(_ text: borrowing Span<UInt8>, _ index: inout Int, while belongs: (UInt8) -> Bool) {
    while index < text.count, belongs(text[index]) {
      bytes.append(lowercased(text[index]))
      index += 1
    }
  }

  private mutating func takeNumberOrDate(_ text: borrowing Span<UInt8>, _ index: inout Int) -> Kind {
    take(text, &index, while: isDigit)
    guard index < text.count else { return .number }
    let delimiter = text[index]
    if delimiter == 58 {
      take(text, &index) { isDigit($0) || $0 == 58 || $0 == 46 }
      return .time
    }
    guard delimiter == 45 || delimiter == 47 || delimiter == 46 else { return .number }
    bytes.append(delimiter)
    index += 1
    guard index < text.count, isDigit(text[index]) else {
      take(text, &index) { isDigit($0) || isLetter($0) || $0 == delimiter }
      return .date
    }
    take(text, &index, while: isDigit)
    // Three fields of a date have the same delimiter twice.
    if index < text.count, text[index] == delimiter {
      take(text, &index) { isDigit($0) || $0 == delimiter }
      return .date
    }
    return delimiter == 46 ? .number : .date
  }

  /// After letters: the rest of a date such as `jan-8-1999` or of a zone such as `america/new_york`, if this is one.
  private mutating func takeRestOfName(_ text: borrowing Span<UInt8>, _ index: inout Int, from start: Int) -> Bool {
    guard index < text.count else { return false }
    let next = text[index]
    var isJoined = next == 45 || next == 47 || next == 46
    if next == 43 || isDigit(next) { isJoined = DateTimeWord(word(start..<bytes.count)) == nil }
    if isJoined {
      take(text, &index) {
        isDigit($0) || isLetter($0) || $0 == 43 || $0 == 45 || $0 == 47 || $0 == 95 || $0 == 46 || $0 == 58
      }
    }
    return isJoined
  }

  /// The field's text; words count only up to ten characters.
  func word(_ range: Range<Int>) -> String {
    String(decoding: bytes[range.prefix(10)], as: UTF8.self)
  }

  /// `strtol`: a sign, digits; zero, and `index` as it was, if there is no digit. Nil outside 64 bits.
  func integer(_ index: inout Int, _ end: Int) -> Int64? {
    var position = index
    var isNegative = false
    if position < end, bytes[position] == 45 || bytes[position] == 43 {
      isNegative = bytes[position] == 45
      position += 1
    }
    guard position < end, isDigit(bytes[position]) else { return 0 }
    var value: Int64 = 0
    var overflows = false
    while position < end, isDigit(bytes[position]) {
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(bytes[position] &- 48)
      let (next, carry) =
        isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
      overflows = overflows || overflow || carry
      value = next
      position += 1
    }
    index = position
    return overflows ? nil : value
  }

  /// The same within 32 bits.
  func integer32(_ index: inout Int, _ end: Int) -> Int? {
    guard let value = integer(&index, end), let small = Int32(exactly: value) else { return nil }
    return Int(small)
  }

  /// `.` and digits up to the end of the field; `.` alone is zero.
  func fraction(_ range: Range<Int>) throws(DateTimeProblem) -> Double {
    if range.count == 1 { return 0 }
    for byte in bytes[range.dropFirst()] where !isDigit(byte) { throw .badFormat }
    do throws(SQLError) {
      return try Double(sqlText: bytes.span.extracting(range))
    } catch {
      throw .badFormat
    }
  }

  /// The same in microseconds.
  func fractionalSecond(_ range: Range<Int>) throws(DateTimeProblem) -> Int64 {
    Int64((try fraction(range) * 1_000_000).rounded(.toNearestOrEven))
  }

  /// `hh:mm[:ss[.ffffff]]` or `mm:ss.ffffff`; what it means does not depend on the date.
  func time(_ range: Range<Int>, isMinuteToSecond: Bool) throws(DateTimeProblem) -> ClockTime {
    var time = ClockTime()
    var index = range.lowerBound
    let end = range.upperBound
    guard let hour = integer(&index, end) else { throw .fieldOverflow }
    time.hour = hour
    guard index < end, bytes[index] == 58 else { throw .badFormat }
    index += 1
    guard let minute = integer32(&index, end) else { throw .fieldOverflow }
    time.minute = minute
    if index == end {
      if isMinuteToSecond { try time.shiftToMinutes() }
    } else if bytes[index] == 46 {
      time.microsecond = try fractionalSecond(index..<end)
      try time.shiftToMinutes()
    } else if bytes[index] == 58 {
      index += 1
      guard let second = integer32(&index, end) else { throw .fieldOverflow }
      time.second = second
      if index < end {
        guard bytes[index] == 46 else { throw .badFormat }
        time.microsecond = try fractionalSecond(index..<end)
      }
    } else {
      throw .badFormat
    }
    guard time.hour >= 0, (0...59).contains(time.minute), (0...60).contains(time.second),
      (0...1_000_000).contains(time.microsecond)
    else { throw .fieldOverflow }
    return time
  }
}

/// Hours, minutes and seconds as read.
struct ClockTime {
  var hour: Int64 = 0
  var minute = 0
  var second = 0
  var microsecond: Int64 = 0

  /// The two fields read were minutes and seconds.
  fileprivate mutating func shiftToMinutes() throws(DateTimeProblem) {
    guard let hours = Int32(exactly: hour) else { throw .fieldOverflow }
    second = minute
    minute = Int(hours)
    hour = 0
  }

  /// Microseconds since midnight; nil outside 64 bits.
  var microseconds: Int64? {
    let (hours, overflow) = hour.multipliedReportingOverflow(by: SQLTimestamp.microsecondsPerHour)
    let rest = Int64(minute) * 60_000_000 + Int64(second) * 1_000_000 + microsecond
    let (sum, carry) = hours.addingReportingOverflow(rest)
    return overflow || carry ? nil : sum
  }
}
