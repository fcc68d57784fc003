/// Sums the fields of an interval's text as PostgreSQL 15 does: whole parts where they belong, fractions of a year in
/// months, of a month or week in days, of anything else in microseconds. Overflow is `fieldOverflow`.
struct IntervalAccumulator {
  private(set) var years: Int32 = 0
  private(set) var months: Int32 = 0
  private(set) var days: Int32 = 0
  private(set) var microseconds: Int64 = 0

  /// Adds `whole + fraction` units; `fraction` is between -1 and 1.
  mutating func add(_ whole: Int64, _ fraction: Double, _ unit: DateTimeField) throws(DateTimeProblem) {
    switch unit {
    case .microseconds: try addTime(whole, fraction, 1)
    case .milliseconds: try addTime(whole, fraction, 1000)
    case .second: try addTime(whole, fraction, SQLTimestamp.microsecondsPerSecond)
    case .minute: try addTime(whole, fraction, SQLTimestamp.microsecondsPerMinute)
    case .hour: try addTime(whole, fraction, SQLTimestamp.microsecondsPerHour)
    case .day:
      try IntervalAccumulator.add(whole, 1, to: &days)
      try addTimeFraction(fraction, SQLTimestamp.microsecondsPerDay)
    case .week:
      try IntervalAccumulator.add(whole, 7, to: &days)
      try addDayFraction(fraction, 7)
    case .month:
      try IntervalAccumulator.add(whole, 1, to: &months)
      try addDayFraction(fraction, 30)
    case .year: try addYears(whole, fraction, 1)
    case .decade: try addYears(whole, fraction, 10)
    case .century: try addYears(whole, fraction, 100)
    case .millennium: try addYears(whole, fraction, 1000)
    default: throw .badFormat
    }
  }

  mutating func addMicroseconds(_ amount: Int64) throws(DateTimeProblem) {
    let (sum, overflow) = microseconds.addingReportingOverflow(amount)
    if overflow { throw .fieldOverflow }
    microseconds = sum
  }

  mutating func negate() throws(DateTimeProblem) {
    guard years != .min, months != .min, days != .min, microseconds != .min else { throw .fieldOverflow }
    years = -years
    months = -months
    days = -days
    microseconds = -microseconds
  }

  /// Nil if years and months together leave 32 bits.
  var interval: Interval? {
    guard let months = Int32(exactly: Int64(years) * 12 + Int64(months)) else { return nil }
    return Interval(months: months, days: days, microseconds: microseconds)
  }

  private mutating func addTime(_ whole: Int64, _ fraction: Double, _ unit: Int64) throws(DateTimeProblem) {
    let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
    if overflow { throw .fieldOverflow }
    try addMicroseconds(product)
    try addTimeFraction(fraction, unit)
  }

  private mutating func addTimeFraction(_ fraction: Double, _ unit: Int64) throws(DateTimeProblem) {
    if fraction == 0 { return }
    let exact = fraction * Double(unit)
    var whole = Int64(exact)
    let rest = exact - Double(whole)
    if rest > 0.5 { whole += 1 } else if rest < -0.5 { whole -= 1 }
    try addMicroseconds(whole)
  }

  private mutating func addDayFraction(_ fraction: Double, _ daysPerUnit: Double) throws(DateTimeProblem) {
    if fraction == 0 { return }
    let exact = fraction * daysPerUnit
    try IntervalAccumulator.add(Int64(exact), 1, to: &days)
    try addTimeFraction(exact - exact.rounded(.towardZero), SQLTimestamp.microsecondsPerDay)
  }

  private mutating func addYears(_ whole: Int64, _ fraction: Double, _ unit: Int64) throws(DateTimeProblem) {
    try IntervalAccumulator.add(whole, unit, to: &years)
    let extraMonths = (fraction * Double(unit) * 12).rounded(.toNearestOrEven)
    try IntervalAccumulator.add(Int64(extraMonths), 1, to: &months)
  }

  private static func add(_ whole: Int64, _ factor: Int64, to field: inout Int32) throws(DateTimeProblem) {
    guard let whole = Int32(exactly: whole), let product = Int32(exactly: Int64(whole) * factor) else {
      throw .fieldOverflow
    }
    let (sum, overflow) = field.addingReportingOverflow(product)
    if overflow { throw .fieldOverflow }
    field = sum
  }
}
