package import SQLTypes

extension Column {
  /// The form under which keys match (DESIGN §9.13): values of `type` that are equal have equal bytes in it.
  ///
  /// | type | canonical form |
  /// |---|---|
  /// | real, double | -0 is 0; every NaN is the one positive quiet NaN |
  /// | numeric | no zeros at the fraction's end: 1.50 is 1.5 |
  /// | interval | what `justify_interval` makes of it: months of 30 days, days of 24 hours, all of one sign |
  /// | others, numeric(p, s) among them | as it is |
  ///
  /// - Shapes: the same rows and nulls; null slots hold zero. A column that needs no change is returned without a copy.
  package func canonical(as type: SQLType) -> Column {
    switch type {
    case .real:
      Column.mapRowsOf(self, Float.self) { $0.isNaN ? .nan : $0 == 0 ? 0 : $0 }
    case .double:
      Column.mapRowsOf(self, Double.self) { $0.isNaN ? .nan : $0 == 0 ? 0 : $0 }
    case .numeric(nil):
      Column.mapRowsOf(self, NumericCell.self) { NumericCell($0.numeric.canonical) }
    case .interval:
      Column.mapRowsOf(self, Interval.self) { $0.canonical }
    default: self
    }
  }

  @inline(__always)
  private static func mapRowsOf<T: BitwiseCopyable>(_ input: Column, _ type: T.Type, _ operation: (T) -> T) -> Column {
    mapRows(input, type, into: input.physicalType) { (operation($0), 0) }.column
  }
}

extension Interval {
  /// The interval that stands for all that are equal to this one: whole months of 30 days, then whole days of 24 hours,
  /// then the rest of the time, all of one sign.
  ///
  /// `30 days` becomes `1 mon` and `36:00:00` becomes `1 day 12:00:00`, as PostgreSQL's `justify_interval` shows them; the
  /// other choice, no months at all, would show `1 year` as `360 days`. Where months leave 32 bits, the rest stays in
  /// days and where these do, in the time, which then holds it: the parts' own ranges bound the whole.
  package var canonical: Interval {
    let isWithinParts = days.magnitude < 30 && microseconds.magnitude < UInt64(SQLTimestamp.microsecondsPerDay)
    let isPositive = months >= 0 && days >= 0 && microseconds >= 0
    let isNegative = months <= 0 && days <= 0 && microseconds <= 0
    if isWithinParts && (isPositive || isNegative) { return self }
    let day = Int128(SQLTimestamp.microsecondsPerDay)
    var rest = comparableMicroseconds
    let months = Interval.clamp(rest / (30 * day))
    rest -= Int128(months) * 30 * day
    let days = Interval.clamp(rest / day)
    rest -= Int128(days) * day
    return Interval(months: months, days: days, microseconds: Int64(rest))
  }

  private static func clamp(_ value: Int128) -> Int32 { Int32(min(max(value, Int128(Int32.min)), Int128(Int32.max))) }
}
