/// A day of the proleptic Gregorian calendar. Years are astronomical: 0 is 1 BC, -1 is 2 BC.
package struct CivilDate: Hashable, Sendable {
  package var year: Int
  package var month: Int
  package var day: Int

  @inlinable
  package init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The day `days` after 1970-01-01.
  ///
  /// Source: Hinnant, "chrono-compatible low-level date algorithms". Years begin in March, eras of 400 years have
  /// 146,097 days, and day 719,468 of era 0 is 1970-01-01.
  @inlinable
  package init(days: Int) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days since 1970-01-01. The month is 1 ... 12; any day counts from the month's first.
  @inlinable
  package var days: Int {
    let year = month <= 2 ? year - 1 : year
    let era = floorDivide(year, 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  @inlinable
  package static func isLeap(_ year: Int) -> Bool { year & 3 == 0 && (year % 100 != 0 || year % 400 == 0) }

  @inlinable
  package static func daysInMonth(_ month: Int, of year: Int) -> Int {
    if month == 2 { return isLeap(year) ? 29 : 28 }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
  }

  /// The year as written: there is no year zero, 1 BC is -1.
  var writtenYear: Int { year > 0 ? year : year - 1 }

  /// 1 ... 366
  var dayOfYear: Int { days - CivilDate(year: year, month: 1, day: 1).days + 1 }

  /// The ISO 8601 week, 1 ... 53, and the year it belongs to: that of its Thursday.
  var isoWeek: (year: Int, week: Int) {
    let thursday = days - isoDayOfWeek + 4
    let date = CivilDate(days: thursday)
    return (date.year, (date.dayOfYear - 1) / 7 + 1)
  }

  /// 1 for Monday ... 7 for Sunday.
  var isoDayOfWeek: Int { floorModulo(days + 3, 7) + 1 }
}

@inlinable
package func floorDivide<Value: FixedWidthInteger & SignedInteger>(_ dividend: Value, _ divisor: Value) -> Value {
  let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
  return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
}

@inlinable
package func floorModulo<Value: FixedWidthInteger & SignedInteger>(_ dividend: Value, _ divisor: Value) -> Value {
  let remainder = dividend % divisor
  return remainder != 0 && (remainder < 0) != (divisor < 0) ? remainder + divisor : remainder
}
