/// Dates, timestamps and intervals together; a TIMESTAMPTZ is in UTC, whose days all have 24 hours.
extension SQLTimestamp {
  /// Months first, the day held within the month reached, then days, then time. Infinities stay. 22008.
  package func adding(_ interval: Interval) throws(SQLError) -> SQLTimestamp {
    guard isFinite else { return self }
    var result = self
    if interval.months != 0 {
      let (days, timeOfDay) = result.dayAndTime
      var date = CivilDate(days: days)
      let month = date.year * 12 + date.month - 1 + Int(interval.months)
      date.year = floorDivide(month, 12)
      date.month = floorModulo(month, 12) + 1
      date.day = Swift.min(date.day, CivilDate.daysInMonth(date.month, of: date.year))
      result = try SQLTimestamp.checked(days: date.days, timeOfDay: timeOfDay)
    }
    if interval.days != 0 {
      let (days, timeOfDay) = result.dayAndTime
      result = try SQLTimestamp.checked(days: days + Int(interval.days), timeOfDay: timeOfDay)
    }
    return try result.adding(microseconds: interval.microseconds)
  }

  package func subtracting(_ interval: Interval) throws(SQLError) -> SQLTimestamp {
    // PostgreSQL negates with wrap-around; an interval at the very end of its range leaves the timestamps' anyway.
    guard isFinite else { return self }
    guard interval.months != .min, interval.days != .min, interval.microseconds != .min else {
      throw .timestampOutOfRange()
    }
    return try adding(
      Interval(months: -interval.months, days: -interval.days, microseconds: -interval.microseconds))
  }

  /// A finite timestamp, later by `amount`.
  @inlinable
  package func adding(microseconds amount: Int64) throws(SQLError) -> SQLTimestamp {
    let (sum, overflow) = microseconds.addingReportingOverflow(amount)
    guard !overflow, let result = SQLTimestamp(checking: sum) else { throw .timestampOutOfRange() }
    return result
  }

  static func checked(days: Int, timeOfDay: Int64) throws(SQLError) -> SQLTimestamp {
    guard let result = SQLTimestamp(days: days, timeOfDay: timeOfDay) else { throw .timestampOutOfRange() }
    return result
  }

  /// The difference in days and time.
  package func subtracting(_ other: SQLTimestamp) throws(SQLError) -> Interval {
    guard isFinite, other.isFinite else {
      throw SQLError(.datetimeFieldOverflow, "cannot subtract infinite timestamps")
    }
    let (difference, overflow) = microseconds.subtractingReportingOverflow(other.microseconds)
    if overflow { throw .intervalOutOfRange() }
    return try Interval(microseconds: difference).justifyingHours()
  }

  /// `age(self, other)`: the difference in years, months, days and time, as one counts on a calendar.
  package func age(since other: SQLTimestamp) throws(SQLError) -> Interval {
    guard isFinite, other.isFinite else { throw .timestampOutOfRange() }
    let isNegative = self < other
    let (later, earlier) = isNegative ? (other, self) : (self, other)
    let (laterDays, laterTime) = later.dayAndTime
    let (earlierDays, earlierTime) = earlier.dayAndTime
    let (laterDate, earlierDate) = (CivilDate(days: laterDays), CivilDate(days: earlierDays))
    var time = laterTime - earlierTime
    var days = laterDate.day - earlierDate.day
    var months = (laterDate.year - earlierDate.year) * 12 + laterDate.month - earlierDate.month
    if time < 0 {
      time += SQLTimestamp.microsecondsPerDay
      days -= 1
    }
    // Borrowed days are those of the earlier date's month.
    while days < 0 {
      days += CivilDate.daysInMonth(earlierDate.month, of: earlierDate.year)
      months -= 1
    }
    let sign = isNegative ? -1 : 1
    return Interval(
      months: Int32(months * sign), days: Int32(days * sign), microseconds: time * Int64(sign))
  }

  /// `date_bin(stride, self, origin)`: the start of the bin that holds this time; 0A000, 22008.
  package func binned(by stride: Interval, from origin: SQLTimestamp) throws(SQLError) -> SQLTimestamp {
    guard isFinite else { return self }
    guard origin.isFinite else { throw SQLError(.datetimeFieldOverflow, "origin out of range") }
    if stride.months != 0 {
      throw SQLError(
        .featureNotSupported, "timestamps cannot be binned into intervals containing months or years")
    }
    let (days, overflow) = Int64(stride.days).multipliedReportingOverflow(by: SQLTimestamp.microsecondsPerDay)
    let (width, carry) = days.addingReportingOverflow(stride.microseconds)
    if overflow || carry { throw .intervalOutOfRange() }
    guard width > 0 else { throw SQLError(.datetimeFieldOverflow, "stride must be greater than zero") }
    let (distance, tooFar) = microseconds.subtractingReportingOverflow(origin.microseconds)
    if tooFar { throw .intervalOutOfRange() }
    let (start, before) = microseconds.subtractingReportingOverflow(floorModulo(distance, width))
    guard !before, let result = SQLTimestamp(checking: start) else { throw .timestampOutOfRange() }
    return result
  }
}

extension SQLDate {
  /// `date + integer`; infinities stay. 22008.
  package func adding(days amount: Int32) throws(SQLError) -> SQLDate {
    guard isFinite else { return self }
    guard let result = SQLDate(checking: Int(days) + Int(amount)) else { throw .dateOutOfRange() }
    return result
  }

  /// `date - integer`
  package func subtracting(days amount: Int32) throws(SQLError) -> SQLDate {
    guard isFinite else { return self }
    guard let result = SQLDate(checking: Int(days) - Int(amount)) else { throw .dateOutOfRange() }
    return result
  }

  /// `date - date`, in days.
  package func subtracting(_ other: SQLDate) throws(SQLError) -> Int32 {
    guard isFinite, other.isFinite else { throw SQLError(.datetimeFieldOverflow, "cannot subtract infinite dates") }
    guard let difference = Int32(exactly: Int(days) - Int(other.days)) else { throw .dateOutOfRange() }
    return difference
  }

  /// `date + interval` is a timestamp.
  package func adding(_ interval: Interval) throws(SQLError) -> SQLTimestamp {
    try SQLTimestamp(self).adding(interval)
  }

  package func subtracting(_ interval: Interval) throws(SQLError) -> SQLTimestamp {
    try SQLTimestamp(self).subtracting(interval)
  }
}
