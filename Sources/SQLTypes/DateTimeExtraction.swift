/// EXTRACT: a field as numeric, with PostgreSQL 15's scales. Nil is NULL: a field of an infinity that has no bound.
extension CivilDate {
  /// The fields that a date alone decides.
  func extract(_ field: DateTimeField) -> Int64? {
    switch field {
    case .day: Int64(day)
    case .month: Int64(month)
    case .quarter: Int64((month - 1) / 3 + 1)
    case .year: Int64(writtenYear)
    case .decade: Int64(floorDivide(year, 10))
    // Centuries and millennia begin with the year 1, and there is no century zero.
    case .century: Int64(year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100))
    case .millennium: Int64(year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000))
    case .week: Int64(isoWeek.week)
    case .isoYear: Int64(isoWeek.year > 0 ? isoWeek.year : isoWeek.year - 1)
    case .dayOfWeek: Int64(isoDayOfWeek % 7)
    case .isoDayOfWeek: Int64(isoDayOfWeek)
    case .dayOfYear: Int64(dayOfYear)
    case .julian: Int64(days + 2_440_588)
    default: nil
    }
  }
}

extension DateTimeField {
  /// Grows without bound, so that an infinity's is infinite; others of an infinity are NULL.
  fileprivate var isUnbounded: Bool {
    switch self {
    case .year, .decade, .century, .millennium, .isoYear, .julian, .epoch: true
    default: false
    }
  }

  fileprivate func ofInfinity(isPositive: Bool) -> Numeric? {
    isUnbounded ? (isPositive ? .infinity : .negativeInfinity) : nil
  }
}

extension SQLDate {
  /// 0A000 for fields of a time.
  package func extract(_ field: DateTimeField) throws(SQLError) -> Numeric? {
    switch field {
    case .microseconds, .milliseconds, .second, .minute, .hour, .timezone, .timezoneHour, .timezoneMinute:
      throw field.notSupported(SQLType.date.baseName)
    default: break
    }
    guard isFinite else { return field.ofInfinity(isPositive: self == .infinity) }
    if field == .epoch { return Numeric(Int64(days) * 86_400) }
    return civil.extract(field).map { Numeric($0) }
  }
}

extension SQLTimestamp {
  /// - zoned: whether this is a TIMESTAMPTZ, which has a zone: UTC.
  package func extract(_ field: DateTimeField, zoned: Bool = false) throws(SQLError) -> Numeric? {
    switch field {
    case .timezone, .timezoneHour, .timezoneMinute:
      guard zoned else { throw field.notSupported(SQLType.timestamp.baseName) }
    default: break
    }
    guard isFinite else { return field.ofInfinity(isPositive: self == .infinity) }
    let (days, timeOfDay) = dayAndTime
    switch field {
    case .timezone, .timezoneHour, .timezoneMinute: return .zero
    case .microseconds: return Numeric(timeOfDay % 60_000_000)
    case .milliseconds: return Numeric(unscaled: Int128(timeOfDay % 60_000_000), scale: 3)
    case .second: return Numeric(unscaled: Int128(timeOfDay % 60_000_000), scale: 6)
    case .minute: return Numeric(timeOfDay / SQLTimestamp.microsecondsPerMinute % 60)
    case .hour: return Numeric(timeOfDay / SQLTimestamp.microsecondsPerHour)
    case .epoch: return Numeric(unscaled: Int128(microseconds), scale: 6)
    case .julian:
      let fraction = try Numeric(timeOfDay).divided(by: Numeric(SQLTimestamp.microsecondsPerDay))
      return try Numeric(Int64(days + 2_440_588)).adding(fraction)
    default: return CivilDate(days: days).extract(field).map { Numeric($0) }
    }
  }
}

extension Interval {
  /// Years and months are those of `months`, not of `days`; 0A000 for fields that a length does not have.
  package func extract(_ field: DateTimeField) throws(SQLError) -> Numeric {
    let (years, month) = (Int64(months) / 12, Int64(months) % 12)
    let subminute = microseconds % SQLTimestamp.microsecondsPerMinute
    switch field {
    case .microseconds: return Numeric(subminute)
    case .milliseconds: return Numeric(unscaled: Int128(subminute), scale: 3)
    case .second: return Numeric(unscaled: Int128(subminute), scale: 6)
    case .minute: return Numeric(microseconds / SQLTimestamp.microsecondsPerMinute % 60)
    case .hour: return Numeric(microseconds / SQLTimestamp.microsecondsPerHour)
    case .day: return Numeric(days)
    case .month: return Numeric(month)
    case .quarter: return Numeric(month / 3 + 1)
    case .year: return Numeric(years)
    case .decade: return Numeric(years / 10)
    case .century: return Numeric(years / 100)
    case .millennium: return Numeric(years / 1000)
    case .epoch:
      // A year counts 365.25 days here, and a month 30.
      let quarterDays = 1461 * years + 120 * month + 4 * Int64(days)
      return Numeric(unscaled: Int128(quarterDays) * 21_600_000_000 + Int128(microseconds), scale: 6)
    default: throw field.notSupported(SQLType.interval.baseName)
    }
  }
}
