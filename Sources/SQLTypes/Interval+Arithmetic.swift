/// Sums, multiples and the ways to balance the parts. What leaves the parts' ranges is 22008 `interval out of range`.
extension Interval {
  package func adding(_ other: Interval) throws(SQLError) -> Interval {
    let (months, overflow1) = months.addingReportingOverflow(other.months)
    let (days, overflow2) = days.addingReportingOverflow(other.days)
    let (microseconds, overflow3) = microseconds.addingReportingOverflow(other.microseconds)
    if overflow1 || overflow2 || overflow3 { throw .intervalOutOfRange() }
    return Interval(months: months, days: days, microseconds: microseconds)
  }

  package func subtracting(_ other: Interval) throws(SQLError) -> Interval {
    let (months, overflow1) = months.subtractingReportingOverflow(other.months)
    let (days, overflow2) = days.subtractingReportingOverflow(other.days)
    let (microseconds, overflow3) = microseconds.subtractingReportingOverflow(other.microseconds)
    if overflow1 || overflow2 || overflow3 { throw .intervalOutOfRange() }
    return Interval(months: months, days: days, microseconds: microseconds)
  }

  package func negated() throws(SQLError) -> Interval { try Interval.zero.subtracting(self) }

  package func multiplied(by factor: Double) throws(SQLError) -> Interval {
    try scaled(Double(months) * factor, Double(days) * factor, Double(microseconds) * factor)
  }

  /// 22012 for a zero divisor.
  package func divided(by divisor: Double) throws(SQLError) -> Interval {
    if divisor == 0 { throw .divisionByZero() }
    return try scaled(Double(months) / divisor, Double(days) / divisor, Double(microseconds) / divisor)
  }

  /// Brings fractions of months down to days of 1/30 month and fractions of days down to microseconds, never up, as
  /// PostgreSQL's `interval_mul` does, with its roundings to a millionth on the way.
  private func scaled(_ months: Double, _ days: Double, _ microseconds: Double) throws(SQLError) -> Interval {
    guard months.magnitude <= 2_147_483_647, days.magnitude <= 2_147_483_647 else { throw .intervalOutOfRange() }
    let (wholeMonths, wholeDays) = (Int32(months), Int32(days))
    func toMillionth(_ value: Double) -> Double { (value * 1_000_000).rounded(.toNearestOrEven) / 1_000_000 }
    let monthRest = toMillionth((months - Double(wholeMonths)) * 30)
    let monthRestDays = monthRest.rounded(.towardZero)
    var seconds = toMillionth((days - Double(wholeDays) + monthRest - monthRestDays) * 86_400)
    var extraDays = monthRestDays
    if seconds.magnitude >= 86_400 {
      let carried = (seconds / 86_400).rounded(.towardZero)
      extraDays += carried
      seconds -= carried * 86_400
    }
    // Both summands of extraDays are small: at most 30 and 2 days.
    let (sum, overflow) = wholeDays.addingReportingOverflow(Int32(extraDays))
    let time = (microseconds + seconds * 1_000_000).rounded(.toNearestOrEven)
    guard !overflow, let wholeTime = Int64(exactly: time) else { throw .intervalOutOfRange() }
    return Interval(months: wholeMonths, days: sum, microseconds: wholeTime)
  }

  /// `justify_hours`: whole 24 hours become days; days and time get the same sign.
  package func justifyingHours() throws(SQLError) -> Interval {
    var result = self
    let carried = Int32(microseconds / SQLTimestamp.microsecondsPerDay)
    result.microseconds -= Int64(carried) * SQLTimestamp.microsecondsPerDay
    let (days, overflow) = days.addingReportingOverflow(carried)
    if overflow { throw .intervalOutOfRange() }
    result.days = days
    result.alignTimeWithDays()
    return result
  }

  /// `justify_days`: whole 30 days become months; months and days get the same sign.
  package func justifyingDays() throws(SQLError) -> Interval {
    var result = self
    try result.carryDays()
    if result.months > 0, result.days < 0 {
      result.days += 30
      result.months -= 1
    } else if result.months < 0, result.days > 0 {
      result.days -= 30
      result.months += 1
    }
    return result
  }

  /// `justify_interval`: both, and all parts get the same sign.
  package func justified() throws(SQLError) -> Interval {
    var result = self
    // First the days, where days and time of one sign might overflow together.
    if (days > 0 && microseconds > 0) || (days < 0 && microseconds < 0) { try result.carryDays() }
    let carried = Int32(result.microseconds / SQLTimestamp.microsecondsPerDay)
    result.microseconds -= Int64(carried) * SQLTimestamp.microsecondsPerDay
    result.days += carried
    try result.carryDays()
    if result.months > 0, result.days < 0 || (result.days == 0 && result.microseconds < 0) {
      result.days += 30
      result.months -= 1
    } else if result.months < 0, result.days > 0 || (result.days == 0 && result.microseconds > 0) {
      result.days -= 30
      result.months += 1
    }
    result.alignTimeWithDays()
    return result
  }

  private mutating func carryDays() throws(SQLError) {
    let carried = days / 30
    days -= carried * 30
    let (sum, overflow) = months.addingReportingOverflow(carried)
    if overflow { throw .intervalOutOfRange() }
    months = sum
  }

  /// The time is less than a day.
  private mutating func alignTimeWithDays() {
    if days > 0, microseconds < 0 {
      microseconds += SQLTimestamp.microsecondsPerDay
      days -= 1
    } else if days < 0, microseconds > 0 {
      microseconds -= SQLTimestamp.microsecondsPerDay
      days += 1
    }
  }
}
