/// An INTERVAL: months, days and microseconds, kept apart because their lengths depend on the calendar.
///
/// Compared as if a month had 30 days and a day 24 hours, so that 1 month and 30 days are equal and hash alike.
package struct Interval: BitwiseCopyable, Sendable {
  package var months: Int32
  package var days: Int32
  package var microseconds: Int64

  @inlinable
  package init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }

  @inlinable package static var zero: Interval { Interval() }

  /// The length in microseconds with months of 30 days and days of 24 hours; what comparison goes by.
  @inlinable
  package var comparableMicroseconds: Int128 {
    Int128(Int64(months) * 30 + Int64(days)) * 86_400_000_000 + Int128(microseconds)
  }
}

extension Interval: Comparable, Hashable {
  @inlinable
  package static func == (left: Interval, right: Interval) -> Bool {
    left.comparableMicroseconds == right.comparableMicroseconds
  }

  @inlinable
  package static func < (left: Interval, right: Interval) -> Bool {
    left.comparableMicroseconds < right.comparableMicroseconds
  }

  @inlinable
  package func hash(into hasher: inout Hasher) { hasher.combine(comparableMicroseconds) }

  /// Whether the parts are the same, not only the length: `1 month` and `30 days` are not.
  @inlinable
  package func isIdentical(to other: Interval) -> Bool {
    months == other.months && days == other.days && microseconds == other.microseconds
  }
}
