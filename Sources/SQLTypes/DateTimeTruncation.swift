/// `date_trunc`
extension SQLTimestamp {
  /// The start of the `field` that this time is in; infinities stay. 0A000 or 22023 for a field that cuts nothing,
  /// 22008.
  package func truncated(to field: DateTimeField, zoned: Bool = false) throws(SQLError) -> SQLTimestamp {
    guard isFinite else { return self }
    switch field {
    case .microseconds: return self
    case .milliseconds: return try floored(to: 1000)
    case .second: return try floored(to: SQLTimestamp.microsecondsPerSecond)
    case .minute: return try floored(to: SQLTimestamp.microsecondsPerMinute)
    case .hour: return try floored(to: SQLTimestamp.microsecondsPerHour)
    case .day: return try floored(to: SQLTimestamp.microsecondsPerDay)
    case .week:
      let days = dayAndTime.days
      return try SQLTimestamp.checked(days: days - CivilDate(days: days).isoDayOfWeek + 1, timeOfDay: 0)
    case .month, .quarter, .year, .decade, .century, .millennium:
      let start = CivilDate(days: dayAndTime.days).firstDay(of: field)
      return try SQLTimestamp.checked(days: start.days, timeOfDay: 0)
    default: throw field.cannotTruncate(zoned ? .timestamptz : .timestamp)
    }
  }

  private func floored(to unit: Int64) throws(SQLError) -> SQLTimestamp {
    try adding(microseconds: -floorModulo(microseconds, unit))
  }
}

extension DateTimeField {
  /// As PostgreSQL words it: `date_trunc` knows units of an interval, of which some cut nothing, and no other fields.
  fileprivate func cannotTruncate(_ type: SQLType) -> SQLError {
    switch self {
    case .dayOfWeek, .isoDayOfWeek, .dayOfYear, .isoYear, .julian, .epoch: .unrecognizedUnit(name, of: type)
    default: notSupported(type.baseName)
    }
  }
}

extension CivilDate {
  /// The first day of the month, quarter, ... millennium; decades begin with a year that ends in 0, larger ones in 1.
  fileprivate func firstDay(of field: DateTimeField) -> CivilDate {
    func firstYear(_ years: Int) -> Int { floorDivide(year - 1, years) * years + 1 }
    switch field {
    case .month: return CivilDate(year: year, month: month, day: 1)
    case .quarter: return CivilDate(year: year, month: (month - 1) / 3 * 3 + 1, day: 1)
    case .decade: return CivilDate(year: floorDivide(year, 10) * 10, month: 1, day: 1)
    case .century: return CivilDate(year: firstYear(100), month: 1, day: 1)
    case .millennium: return CivilDate(year: firstYear(1000), month: 1, day: 1)
    default: return CivilDate(year: year, month: 1, day: 1)
    }
  }
}

extension Interval {
  /// Cuts off, toward zero, what is smaller than `field`; 0A000 or 22023 for weeks and for fields that cut
  /// nothing.
  package func truncated(to field: DateTimeField) throws(SQLError) -> Interval {
    func wholeMonths(_ unit: Int32) -> Interval { Interval(months: months / unit * unit) }
    func wholeTime(_ unit: Int64) -> Interval {
      Interval(months: months, days: days, microseconds: microseconds / unit * unit)
    }
    switch field {
    case .microseconds: return self
    case .milliseconds: return wholeTime(1000)
    case .second: return wholeTime(SQLTimestamp.microsecondsPerSecond)
    case .minute: return wholeTime(SQLTimestamp.microsecondsPerMinute)
    case .hour: return wholeTime(SQLTimestamp.microsecondsPerHour)
    case .day: return Interval(months: months, days: days)
    case .month: return Interval(months: months)
    case .quarter: return wholeMonths(3)
    case .year: return wholeMonths(12)
    case .decade: return wholeMonths(120)
    case .century: return wholeMonths(1200)
    case .millennium: return wholeMonths(12_000)
    default: throw field.cannotTruncate(.interval)
    }
  }
}
