import Glibc
import SQLTypes

/// Timestamps and intervals made of numbers.
extension Column {
  /// `make_timestamp(year, month, day, hour, minute, seconds)`; a negative year is before Christ. Errors: 22008.
  package static func makeTimestamp(_ parts: [Column]) -> CheckedResult {
    checkedValues(parts, Int64.self, into: .int64) { (row) throws(SQLError) in
      let (year, month, day) = (parts[0].integer(row), parts[1].integer(row), parts[2].integer(row))
      let (hour, minute) = (parts[3].integer(row), parts[4].integer(row))
      let seconds = parts[5].value(row, as: Double.self)
      let date = try date(year, month, day)
      let time = "\(hour):\(twoDigits(minute)):\(shown(seconds))"
      guard let timeOfDay = timeOfDay(hour, minute, seconds) else {
        throw SQLError(.datetimeFieldOverflow, "time field value out of range: \(time)")
      }
      guard let timestamp = SQLTimestamp(days: Int(date.days), timeOfDay: timeOfDay) else {
        throw SQLError(
          .datetimeFieldOverflow, "timestamp out of range: \(year)-\(twoDigits(month))-\(twoDigits(day)) \(time)")
      }
      return timestamp.microseconds
    }
  }

  /// Microseconds since midnight, of which the end of the day is one; nil where the numbers are no time of day.
  private static func timeOfDay(_ hour: Int, _ minute: Int, _ seconds: Double) -> Int64? {
    let microseconds = (seconds * 1e6).rounded(.toNearestOrEven)
    guard (0...24).contains(hour), (0...59).contains(minute), microseconds >= 0, microseconds <= 60e6 else { return nil }
    let time = Int64(hour * 60 + minute) * SQLTimestamp.microsecondsPerMinute + Int64(microseconds)
    return time <= SQLTimestamp.microsecondsPerDay ? time : nil
  }

  private static func twoDigits(_ number: Int) -> String { (0..<10).contains(number) ? "0\(number)" : "\(number)" }

  /// Seconds with six significant digits, as PostgreSQL's message has them (`%02g`).
  private static func shown(_ seconds: Double) -> String {
    if !seconds.isFinite { return seconds.isNaN ? "NaN" : seconds < 0 ? "-Infinity" : "Infinity" }
    if seconds == 0 { return "00" }
    let power = Int(Glibc.floor(log10(seconds.magnitude)))
    if power < -4 || power > 5 {
      let significand = (seconds / pow(10, Double(power)) * 1e5).rounded() / 1e5
      let digits = Int(exactly: significand).map { "\($0)" } ?? "\(significand)"
      return "\(digits)e\(power < 0 ? "-" : "+")\(twoDigits(Int(power.magnitude)))"
    }
    let unit = pow(10, Double(5 - power))
    let rounded = (seconds * unit).rounded() / unit
    return Int(exactly: rounded).map { twoDigits($0) } ?? "\(rounded)"
  }

  /// `make_interval(years, months, weeks, days, hours, minutes, seconds)`.
  ///
  /// Errors: 22008 wherever a sum leaves its field, where PostgreSQL 15 goes round (later releases refuse it, too).
  package static func makeInterval(_ parts: [Column]) -> CheckedResult {
    checkedValues(parts, Interval.self, into: .interval) { (row) throws(SQLError) in
      let numbers = parts.prefix(6).map { Int64($0.value(row, as: Int32.self)) }
      let microseconds = (parts[6].value(row, as: Double.self) * 1e6).rounded(.toNearestOrEven)
      guard let months = Int32(exactly: numbers[0] * 12 + numbers[1]),
        let days = Int32(exactly: numbers[2] * 7 + numbers[3]), let rest = Int64(exactly: microseconds)
      else { throw .intervalOutOfRange() }
      let hours = numbers[4] * SQLTimestamp.microsecondsPerHour + numbers[5] * SQLTimestamp.microsecondsPerMinute
      let (time, overflow) = hours.addingReportingOverflow(rest)
      if overflow { throw .intervalOutOfRange() }
      return Interval(months: months, days: days, microseconds: time)
    }
  }
}
