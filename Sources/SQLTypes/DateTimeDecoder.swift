/// Reads the fields of a date or timestamp in the forms that PostgreSQL 15 takes with DateStyle `ISO, MDY`
/// (`DecodeDateTime` and what it calls, whose order of decisions this follows).
///
/// Not taken: `now` and its like, for there is no clock here, and named time zones, for there is no zone database.
struct DateTimeDecoder {
  enum Meaning { case calendar, epoch, infinity, negativeInfinity }

  var meaning = Meaning.calendar
  var date = CivilDate(year: 0, month: 0, day: 0)
  var time = ClockTime()
  /// Seconds east of Greenwich; zero where the text names no zone.
  var offset = 0

  private var tokens: DateTimeTokens
  private var seen: FieldMask = []
  /// The unit that a word before has announced for the next number, as in `y2001m02d04`.
  private var announced: Announcement?
  private var dayOfYear = 0
  private var hasTextMonth = false
  private var isJulian = false
  private var hasShortYear = false
  private var isBeforeChrist = false
  private var meridiem: DateTimeWord?

  private enum Announcement: Equatable {
    case unit(DateTimeField)
    case isoTime
  }

  /// What has been read; two fields of a kind make the text wrong.
  struct FieldMask: OptionSet {
    let rawValue: UInt32
    static let month = FieldMask(rawValue: 1 << 0)
    static let year = FieldMask(rawValue: 1 << 1)
    static let day = FieldMask(rawValue: 1 << 2)
    static let zone = FieldMask(rawValue: 1 << 3)
    static let daylightZone = FieldMask(rawValue: 1 << 4)
    static let meridiem = FieldMask(rawValue: 1 << 5)
    static let hour = FieldMask(rawValue: 1 << 6)
    static let minute = FieldMask(rawValue: 1 << 7)
    static let second = FieldMask(rawValue: 1 << 8)
    static let subsecond = FieldMask(rawValue: 1 << 9)
    static let dayOfYear = FieldMask(rawValue: 1 << 10)
    static let dayOfWeek = FieldMask(rawValue: 1 << 11)
    static let era = FieldMask(rawValue: 1 << 12)
    static let daylightModifier = FieldMask(rawValue: 1 << 13)
    static let date: FieldMask = [.year, .month, .day]
    static let time: FieldMask = [.hour, .minute, .second, .subsecond]
  }

  init(_ text: borrowing Span<UInt8>) throws(DateTimeProblem) {
    tokens = try DateTimeTokens(text)
    for index in tokens.fields.indices {
      let new = try decodeField(index)
      guard new.isDisjoint(with: seen) else { throw .badFormat }
      seen.formUnion(new)
    }
    guard meaning == .calendar else { return }
    try validateDate()
    try applyMeridiem()
    guard seen.isSuperset(of: .date) else { throw .badFormat }
  }

  static func read(_ text: borrowing Span<UInt8>, as type: String) throws(SQLError) -> DateTimeDecoder {
    do throws(DateTimeProblem) {
      return try DateTimeDecoder(text)
    } catch {
      throw error.error(type, text)
    }
  }

  private mutating func decodeField(_ index: Int) throws(DateTimeProblem) -> FieldMask {
    let field = tokens.fields[index]
    switch field.kind {
    case .date: return try decodeDateField(field.range)
    case .time:
      if announced != nil {
        guard announced == .isoTime else { throw .badFormat }
        announced = nil
      }
      time = try tokens.time(field.range, isMinuteToSecond: false)
      guard time.hour <= 24, let total = time.microseconds, total <= SQLTimestamp.microsecondsPerDay else {
        throw .fieldOverflow
      }
      return .time
    case .signed:
      offset = try decodeOffset(field.range)
      return .zone
    case .number:
      if let announced {
        let new = try decodeAnnounced(announced, field.range)
        self.announced = nil
        return new
      }
      return try decodePlainNumber(field.range)
    case .word, .signedWord: return try decodeWord(field.range, at: index)
    }
  }

  // MARK: Dates

  private mutating func decodeDateField(_ range: Range<Int>) throws(DateTimeProblem) -> FieldMask {
    let start = range.lowerBound
    if announced == .unit(.julian) {
      // A Julian day with a zone: `j2451187-08`.
      var index = start
      guard let day = tokens.integer32(&index, range.upperBound), day >= 0 else { throw .fieldOverflow }
      setJulianDay(day)
      offset = try decodeOffset(index..<range.upperBound)
      announced = nil
      return [.date, .time, .zone]
    }
    guard announced != nil || seen.isSuperset(of: [.month, .day]) else { return try decodeDate(range) }
    // There is a date already: a time run together with its zone, or a zone's name.
    guard isDigit(tokens.bytes[start]) || announced != nil else {
      let name = String(decoding: tokens.bytes[range], as: UTF8.self)
      throw .notSupported("time zone \"\(name)\"")
    }
    if announced != nil {
      guard announced == .isoTime else { throw .badFormat }
      announced = nil
    }
    guard !seen.isSuperset(of: .time), let minus = tokens.bytes[range].firstIndex(of: 45) else { throw .badFormat }
    offset = try decodeOffset(minus..<range.upperBound)
    return try decodeRunTogether(start..<minus, seen: seen).union(.zone)
  }

  /// Fields of a date joined by delimiters; the text month first, because it is unambiguous.
  private mutating func decodeDate(_ range: Range<Int>) throws(DateTimeProblem) -> FieldMask {
    var parts: [Range<Int>] = []
    var index = range.lowerBound
    let end = range.upperBound
    while index < end {
      while index < end, !isDigit(tokens.bytes[index]), !isLetter(tokens.bytes[index]) { index += 1 }
      guard index < end else { throw .badFormat }
      let start = index
      if isDigit(tokens.bytes[index]) {
        while index < end, isDigit(tokens.bytes[index]) { index += 1 }
      } else {
        while index < end, isLetter(tokens.bytes[index]) { index += 1 }
      }
      parts.append(start..<index)
      index += 1
    }
    var all = seen
    var new: FieldMask = []
    var hasMonthName = false
    for part in parts where isLetter(tokens.bytes[part.lowerBound]) {
      guard case .month(let month)? = DateTimeWord(tokens.word(part)), !all.contains(.month) else {
        throw .badFormat
      }
      date.month = month
      hasMonthName = true
      all.insert(.month)
      new.insert(.month)
    }
    for part in parts where isDigit(tokens.bytes[part.lowerBound]) {
      let mask = try decodeNumber(part, hasTextMonth: hasMonthName, seen: all)
      guard mask.isDisjoint(with: all) else { throw .badFormat }
      all.formUnion(mask)
      new.formUnion(mask)
    }
    guard all.subtracting([.dayOfYear, .zone]) == .date else { throw .badFormat }
    return new
  }

  /// One number of a date, by what is known already and how many digits it has.
  private mutating func decodeNumber(
    _ range: Range<Int>, hasTextMonth: Bool, seen: FieldMask
  ) throws(DateTimeProblem) -> FieldMask {
    var index = range.lowerBound
    let length = range.count
    guard let value = tokens.integer32(&index, range.upperBound) else { throw .fieldOverflow }
    if index == range.lowerBound { throw .badFormat }
    if index < range.upperBound {
      guard tokens.bytes[index] == 46 else { throw .badFormat }
      // More than two digits and a point: 20011225.040506, 040506.789.
      if index - range.lowerBound > 2 { return try decodeRunTogether(range, seen: seen.union(.date)) }
      time.microsecond = try tokens.fractionalSecond(index..<range.upperBound)
    }
    let known = seen.intersection(.date)
    if length == 3, known == .year, (1...366).contains(value) {
      dayOfYear = value
      return [.dayOfYear, .month, .day]
    }
    let mask: FieldMask
    switch known {
    case []: mask = length >= 3 ? .year : .month
    case .year: mask = .month
    case .month: mask = hasTextMonth && length >= 3 ? .year : .day
    case [.year, .month]:
      if hasTextMonth, length >= 3, hasShortYear {
        // The first number was the day, as this one must be the year.
        date.day = date.year
        date.year = value
        hasShortYear = false
        return .day
      }
      mask = .day
    case .day: mask = .month
    case [.month, .day]: mask = .year
    case .date: return try decodeRunTogether(range, seen: seen)
    default: throw .badFormat
    }
    switch mask {
    case .year:
      date.year = value
      hasShortYear = length <= 2
    case .month: date.month = value
    default: date.day = value
    }
    return mask
  }

  /// Digits without delimiters: yyyymmdd, yymmdd, hhmmss, hhmm, the last two perhaps with a fraction.
  private mutating func decodeRunTogether(
    _ range: Range<Int>, seen: FieldMask
  ) throws(DateTimeProblem) -> FieldMask {
    var range = range
    if let point = tokens.bytes[range].firstIndex(of: 46) {
      time.microsecond = try tokens.fractionalSecond(point..<range.upperBound)
      range = range.lowerBound..<point
    } else if !seen.isSuperset(of: .date), range.count >= 6 {
      date.day = try number(range.suffix(2))
      date.month = try number(range.dropLast(2).suffix(2))
      date.year = try number(range.dropLast(4))
      if range.count == 6 { hasShortYear = true }
      return .date
    }
    guard !seen.isSuperset(of: .time), range.count == 6 || range.count == 4 else { throw .badFormat }
    time.hour = Int64(try number(range.prefix(2)))
    time.minute = try number(range.dropFirst(2).prefix(2))
    time.second = range.count == 6 ? try number(range.suffix(2)) : 0
    return .time
  }

  private func number(_ range: Range<Int>) throws(DateTimeProblem) -> Int {
    var index = range.lowerBound
    guard let value = tokens.integer32(&index, range.upperBound) else { throw .fieldOverflow }
    return value
  }

  private mutating func setJulianDay(_ day: Int) {
    date = CivilDate(days: day - 2_440_588)
    isJulian = true
  }

  // MARK: Numbers

  private mutating func decodePlainNumber(_ range: Range<Int>) throws(DateTimeProblem) -> FieldMask {
    if let point = tokens.bytes[range].firstIndex(of: 46) {
      if seen.isDisjoint(with: .date) { return try decodeDate(range) }
      if point - range.lowerBound > 2 { return try decodeRunTogether(range, seen: seen) }
    } else if range.count >= 6, seen.isDisjoint(with: .date) || seen.isDisjoint(with: .time) {
      return try decodeRunTogether(range, seen: seen)
    }
    return try decodeNumber(range, hasTextMonth: hasTextMonth, seen: seen)
  }

  /// A number after a unit's name.
  private mutating func decodeAnnounced(
    _ announcement: Announcement, _ range: Range<Int>
  ) throws(DateTimeProblem) -> FieldMask {
    var index = range.lowerBound
    let end = range.upperBound
    guard let value = tokens.integer32(&index, end) else { throw .fieldOverflow }
    let hasFraction = index < end
    if hasFraction {
      guard tokens.bytes[index] == 46 else { throw .badFormat }
      switch announcement {
      case .isoTime, .unit(.julian), .unit(.second): break
      default: throw .badFormat
      }
    }
    switch announcement {
    case .unit(.year):
      date.year = value
      return .year
    case .unit(.month):
      // After a month and an hour, `m` must mean minutes.
      if seen.contains(.month), seen.contains(.hour) {
        time.minute = value
        return .minute
      }
      date.month = value
      return .month
    case .unit(.day):
      date.day = value
      return .day
    case .unit(.hour):
      time.hour = Int64(value)
      return .hour
    case .unit(.minute):
      time.minute = value
      return .minute
    case .unit(.second):
      time.second = value
      guard hasFraction else { return .second }
      time.microsecond = try tokens.fractionalSecond(index..<end)
      return [.second, .subsecond]
    case .unit(.julian):
      guard value >= 0 else { throw .fieldOverflow }
      setJulianDay(value)
      guard hasFraction else { return .date }
      let micros = Int64(try tokens.fraction(index..<end) * Double(SQLTimestamp.microsecondsPerDay))
      time = ClockTime(microsecond: micros)
      return [.date, .time]
    case .isoTime:
      let new = try decodeRunTogether(range, seen: seen.union(.date))
      guard new == .time else { throw .badFormat }
      return new
    default: throw .badFormat
    }
  }

  // MARK: Words and zones

  private mutating func decodeWord(_ range: Range<Int>, at index: Int) throws(DateTimeProblem) -> FieldMask {
    let text = tokens.word(range)
    guard let word = DateTimeWord.zone(text) ?? DateTimeWord(text) else { throw .badFormat }
    switch word {
    case .ignored: return []
    case .clock: throw .notSupported("date/time value \"\(text)\"")
    case .midnight:
      time = ClockTime()
      offset = 0
      return [.time, .zone]
    case .epoch, .infinity, .negativeInfinity:
      meaning = word == .epoch ? .epoch : (word == .infinity ? .infinity : .negativeInfinity)
      return [.date, .time, .zone]
    case .month(let month):
      var new = FieldMask.month
      // A number taken for the month was the day.
      if seen.contains(.month), !hasTextMonth, !seen.contains(.day), (1...31).contains(date.month) {
        date.day = date.month
        new = .day
      }
      hasTextMonth = true
      date.month = month
      return new
    case .daylight:
      offset += 3600
      return [.daylightModifier, .daylightZone]
    case .zone(let seconds, let isDaylight):
      offset = seconds
      return isDaylight ? [.daylightZone, .zone] : .zone
    case .anteMeridiem, .postMeridiem:
      meridiem = word
      return .meridiem
    case .beforeChrist, .annoDomini:
      isBeforeChrist = word == .beforeChrist
      return .era
    case .dayOfWeek: return .dayOfWeek
    case .unit(let unit):
      announced = .unit(unit)
      return []
    case .isoTime:
      guard seen.isSuperset(of: .date), index + 1 < tokens.fields.count else { throw .badFormat }
      switch tokens.fields[index + 1].kind {
      case .number, .time, .date: announced = .isoTime
      default: throw .badFormat
      }
      return []
    }
  }

  /// `+hh`, `+hhmm`, `+hh:mm` or `+hh:mm:ss`, in seconds.
  private func decodeOffset(_ range: Range<Int>) throws(DateTimeProblem) -> Int {
    guard let first = range.first, tokens.bytes[first] == 43 || tokens.bytes[first] == 45 else { throw .badFormat }
    var index = first + 1
    let end = range.upperBound
    guard var hour = tokens.integer32(&index, end) else { throw .zoneOverflow }
    var minute = 0
    var second = 0
    if index < end, tokens.bytes[index] == 58 {
      index += 1
      guard let value = tokens.integer32(&index, end) else { throw .zoneOverflow }
      minute = value
      if index < end, tokens.bytes[index] == 58 {
        index += 1
        guard let value = tokens.integer32(&index, end) else { throw .zoneOverflow }
        second = value
      }
    } else if index == end, range.count > 3 {
      minute = hour % 100
      hour /= 100
    }
    guard (0...15).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { throw .zoneOverflow }
    guard index == end else { throw .badFormat }
    let seconds = (hour * 60 + minute) * 60 + second
    return tokens.bytes[first] == 45 ? -seconds : seconds
  }

  // MARK: The whole

  private mutating func validateDate() throws(DateTimeProblem) {
    if seen.contains(.year), !isJulian {
      if isBeforeChrist {
        guard date.year > 0 else { throw .fieldOverflow }
        date.year = 1 - date.year
      } else if hasShortYear {
        guard date.year >= 0 else { throw .fieldOverflow }
        if date.year < 70 { date.year += 2000 } else if date.year < 100 { date.year += 1900 }
      } else if date.year <= 0 {
        throw .fieldOverflow
      }
    }
    if seen.contains(.dayOfYear) {
      date = CivilDate(days: CivilDate(year: date.year, month: 1, day: dayOfYear).days)
    }
    if seen.contains(.month), !(1...12).contains(date.month) { throw .monthOrDayOverflow }
    if seen.contains(.day), !(1...31).contains(date.day) { throw .monthOrDayOverflow }
    if seen.isSuperset(of: .date), date.day > CivilDate.daysInMonth(date.month, of: date.year) {
      throw .fieldOverflow
    }
  }

  private mutating func applyMeridiem() throws(DateTimeProblem) {
    guard let meridiem else { return }
    if time.hour > 12 { throw .fieldOverflow }
    if meridiem == .anteMeridiem {
      if time.hour == 12 { time.hour = 0 }
    } else if time.hour != 12 {
      time.hour += 12
    }
  }

  /// The timestamp, `offset` taken off if it counts; nil outside the range.
  func timestamp(inUTC: Bool) -> SQLTimestamp? {
    switch meaning {
    case .epoch: return SQLTimestamp(microseconds: 0)
    case .infinity: return .infinity
    case .negativeInfinity: return .negativeInfinity
    case .calendar:
      guard let timeOfDay = time.microseconds else { return nil }
      return SQLTimestamp(
        days: date.days, timeOfDay: timeOfDay - (inUTC ? Int64(offset) * SQLTimestamp.microsecondsPerSecond : 0))
    }
  }

  /// The date; nil outside the range.
  var day: SQLDate? {
    switch meaning {
    case .epoch: SQLDate(days: 0)
    case .infinity: .infinity
    case .negativeInfinity: .negativeInfinity
    case .calendar: SQLDate(date)
    }
  }
}
