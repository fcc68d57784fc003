import SQLTypes

/// Conversions between dates and timestamps. A timestamptz is in UTC and the session's time zone is UTC, so that it and a
/// timestamp of the same reading are the same number.
extension Column {
  /// Dates as the timestamps of their midnights. Errors: 22008.
  package static func timestamps(fromDates input: Column) -> CheckedResult {
    checkedRows(input, Int32.self, into: .int64) { (days) throws(SQLError) in
      try SQLTimestamp(SQLDate(days: days)).microseconds
    }
  }

  /// The dates that timestamps are in.
  package static func dates(fromTimestamps input: Column) -> Column {
    mapRows(input, Int64.self, into: .int32) { (SQLTimestamp(microseconds: $0).date.days, 0) }.column
  }

  /// `date op timestamp` and `timestamp op date`.
  ///
  /// No error where the date is beyond every timestamp: it is later than all of them and earlier than infinity, as in
  /// PostgreSQL, so that both sides are compared in 128 bits.
  package static func compareDates(_ op: ComparisonOperator, _ lhs: Column, _ rhs: Column) -> Column {
    compare(op, wideMicroseconds(lhs), wideMicroseconds(rhs))
  }

  private static func wideMicroseconds(_ input: Column) -> Column {
    func wide<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, _ unit: Int128) -> Column {
      mapRows(input, type, into: .int128) { value in
        (value == T.max ? Int128.max : value == T.min ? Int128.min : Int128(value) &* unit, 0)
      }.column
    }
    return input.physicalType == .int32
      ? wide(Int32.self, Int128(SQLTimestamp.microsecondsPerDay)) : wide(Int64.self, 1)
  }

  /// `date + integer` and `date - integer`. Errors: 22008.
  package static func shiftDates(_ dates: Column, by days: Column, isBackward: Bool) -> CheckedResult {
    checkedPairs(dates, days, Int32.self, Int32.self, into: .int32) { (date, days) throws(SQLError) in
      let date = SQLDate(days: date)
      return try isBackward ? date.subtracting(days: days).days : date.adding(days: days).days
    }
  }

  /// `date - date` in days. Errors: 22008.
  package static func daysBetween(_ lhs: Column, _ rhs: Column) -> CheckedResult {
    checkedPairs(lhs, rhs, Int32.self, Int32.self, into: .int32) { (a, b) throws(SQLError) in
      try SQLDate(days: a).subtracting(SQLDate(days: b))
    }
  }

  /// `timestamp + interval` and `timestamp - interval`. Errors: 22008.
  package static func shiftTimestamps(_ timestamps: Column, by intervals: Column, isBackward: Bool) -> CheckedResult {
    checkedPairs(timestamps, intervals, Int64.self, Interval.self, into: .int64) { (time, interval) throws(SQLError) in
      let time = SQLTimestamp(microseconds: time)
      return try isBackward ? time.subtracting(interval).microseconds : time.adding(interval).microseconds
    }
  }

  /// `timestamp - timestamp`. Errors: 22008.
  package static func timeBetween(_ lhs: Column, _ rhs: Column) -> CheckedResult {
    checkedPairs(lhs, rhs, Int64.self, Int64.self, into: .interval) { (a, b) throws(SQLError) in
      try SQLTimestamp(microseconds: a).subtracting(SQLTimestamp(microseconds: b))
    }
  }

  /// `interval + interval` and `interval - interval`. Errors: 22008.
  package static func addIntervals(_ lhs: Column, _ rhs: Column, isBackward: Bool) -> CheckedResult {
    checkedPairs(lhs, rhs, Interval.self, Interval.self, into: .interval) { (a, b) throws(SQLError) in
      try isBackward ? a.subtracting(b) : a.adding(b)
    }
  }

  /// `-interval`. Errors: 22008.
  package static func negate(intervals input: Column) -> CheckedResult {
    checkedRows(input, Interval.self, into: .interval) { (value) throws(SQLError) in try value.negated() }
  }

  /// `interval * double` and `interval / double`. Errors: 22008, 22012.
  package static func scaleIntervals(_ intervals: Column, by factors: Column, isDivision: Bool) -> CheckedResult {
    checkedPairs(intervals, factors, Interval.self, Double.self, into: .interval) { (value, factor) throws(SQLError) in
      try isDivision ? value.divided(by: factor) : value.multiplied(by: factor)
    }
  }
}
