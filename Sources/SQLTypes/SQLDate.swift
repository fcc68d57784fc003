/// A DATE: days since 1970-01-01, from 4714-11-24 BC to 5874897-12-31, or an infinity.
package struct SQLDate: Hashable, Sendable, Comparable {
  package var days: Int32

  @inlinable
  package init(days: Int32) { self.days = days }

  @inlinable package static var infinity: SQLDate { SQLDate(days: .max) }
  @inlinable package static var negativeInfinity: SQLDate { SQLDate(days: .min) }
  package static let minimum = SQLDate(days: -2_440_588)
  package static let maximum = SQLDate(days: 2_145_042_905)

  @inlinable package var isFinite: Bool { days != .max && days != .min }

  @inlinable
  package static func < (left: SQLDate, right: SQLDate) -> Bool { left.days < right.days }

  /// Nil outside PostgreSQL's range of dates.
  package init?(checking days: Int) {
    guard days >= Int(SQLDate.minimum.days), days <= Int(SQLDate.maximum.days) else { return nil }
    self.init(days: Int32(days))
  }

  package init?(_ date: CivilDate) { self.init(checking: date.days) }

  /// The calendar day of a finite date.
  @inlinable package var civil: CivilDate { CivilDate(days: Int(days)) }
}
