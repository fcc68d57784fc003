/// A TIMESTAMP, or a TIMESTAMPTZ in UTC: microseconds since 1970-01-01 00:00, or an infinity.
///
/// From 4714-11-24 00:00 BC, as in PostgreSQL, to 294247-01-10 04:00:54.775806, where 64 bits end; PostgreSQL counts
/// from
/// 2000 and ends at 294276-12-31.
package struct SQLTimestamp: Hashable, Sendable, Comparable {
  package var microseconds: Int64

  @inlinable
  package init(microseconds: Int64) { self.microseconds = microseconds }

  @inlinable package static var infinity: SQLTimestamp { SQLTimestamp(microseconds: .max) }
  @inlinable package static var negativeInfinity: SQLTimestamp { SQLTimestamp(microseconds: .min) }
  package static let minimum = SQLTimestamp(microseconds: -210_866_803_200_000_000)
  package static let maximum = SQLTimestamp(microseconds: .max - 1)

  @inlinable package static var microsecondsPerSecond: Int64 { 1_000_000 }
  @inlinable package static var microsecondsPerMinute: Int64 { 60_000_000 }
  @inlinable package static var microsecondsPerHour: Int64 { 3_600_000_000 }
  @inlinable package static var microsecondsPerDay: Int64 { 86_400_000_000 }

  @inlinable package var isFinite: Bool { microseconds != .max && microseconds != .min }

  @inlinable
  package static func < (left: SQLTimestamp, right: SQLTimestamp) -> Bool { left.microseconds < right.microseconds }

  /// Nil outside the range of timestamps.
  @inlinable
  package init?(checking microseconds: Int64) {
    guard microseconds >= -210_866_803_200_000_000, microseconds != .max else { return nil }
    self.init(microseconds: microseconds)
  }

  /// `days` since 1970-01-01 and a time of day, which may exceed a day; nil outside the range.
  package init?(days: Int, timeOfDay: Int64) {
    guard let days = Int64(exactly: days) else { return nil }
    let (start, overflow) = days.multipliedReportingOverflow(by: SQLTimestamp.microsecondsPerDay)
    let (sum, carry) = start.addingReportingOverflow(timeOfDay)
    if overflow || carry { return nil }
    self.init(checking: sum)
  }

  /// The day and the microseconds since its midnight, of a finite timestamp.
  @inlinable
  package var dayAndTime: (days: Int, timeOfDay: Int64) {
    let days = floorDivide(microseconds, SQLTimestamp.microsecondsPerDay)
    return (Int(days), microseconds - days * SQLTimestamp.microsecondsPerDay)
  }
}

/// Between dates and timestamps.
extension SQLTimestamp {
  /// Midnight of `date`; 22008 beyond the range of timestamps.
  package init(_ date: SQLDate) throws(SQLError) {
    guard date.isFinite else {
      self = date == .infinity ? .infinity : .negativeInfinity
      return
    }
    guard let start = SQLTimestamp(days: Int(date.days), timeOfDay: 0) else {
      throw SQLError(.datetimeFieldOverflow, "date out of range for timestamp")
    }
    self = start
  }

  /// The day this timestamp is in.
  package var date: SQLDate {
    guard isFinite else { return self == .infinity ? .infinity : .negativeInfinity }
    return SQLDate(days: Int32(dayAndTime.days))
  }
}
