package import SQLTypes

/// A row as the reference evaluator sees it.
package typealias Row = [Value]

/// One SQL value, of any type, or null.
///
/// `==` is identity: the same bytes, as rows cancel (DESIGN §9.13), so that 1.0 and 1.00 differ. What SQL compares goes
/// through `compare` and `canonical`.
package enum Value: Sendable {
  case null
  case boolean(Bool)
  case smallint(Int16)
  case integer(Int32)
  case bigint(Int64)
  case real(Float)
  case double(Double)
  case numeric(Numeric)
  case text([UInt8])
  case date(SQLDate)
  /// `timestamp` or `timestamptz`.
  case timestamp(SQLTimestamp)
  case interval(Interval)

  package static func text(_ text: String) -> Value { .text(Array(text.utf8)) }

  package var isNull: Bool { if case .null = self { true } else { false } }
}

extension Value: Hashable {
  package static func == (a: Value, b: Value) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.smallint(let a), .smallint(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.bigint(let a), .bigint(let b)): a == b
    case (.real(let a), .real(let b)): a.bitPattern == b.bitPattern
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
    case (.numeric(let a), .numeric(let b)): a.unscaled == b.unscaled && a.scale == b.scale
    case (.text(let a), .text(let b)): a == b
    case (.date(let a), .date(let b)): a == b
    case (.timestamp(let a), .timestamp(let b)): a == b
    case (.interval(let a), .interval(let b)): a.isIdentical(to: b)
    default: false
    }
  }

  package func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .boolean(let value): hasher.combine(value)
    case .smallint(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    case .bigint(let value): hasher.combine(value)
    case .real(let value): hasher.combine(value.bitPattern)
    case .double(let value): hasher.combine(value.bitPattern)
    case .numeric(let value):
      hasher.combine(value.unscaled)
      hasher.combine(value.scale)
    case .text(let value): hasher.combine(value)
    case .date(let value): hasher.combine(value)
    case .timestamp(let value): hasher.combine(value)
    case .interval(let value): hasher.combine(value)
    }
  }
}

extension Value {
  /// The one form of values that SQL calls equal: no zeros at a numeric's end, no -0, one NaN, an
  /// interval of whole months and days.
  ///
  /// `numeric(p, s)` has one form already, which shows its scale.
  package func canonical(as type: SQLType) -> Value {
    switch self {
    case .real(let value): return .real(value.isNaN ? .nan : value == 0 ? 0 : value)
    case .double(let value): return .double(value.isNaN ? .nan : value == 0 ? 0 : value)
    case .numeric(let value):
      if case .numeric(_?) = type { return self }
      return .numeric(value.canonical)
    case .interval(let value):
      // Months of 30 days and days of 24 hours, all of one sign.
      let day: Int128 = 86_400_000_000
      let total = value.comparableMicroseconds
      let rest = total % (30 * day)
      return .interval(
        Interval(months: Int32(total / (30 * day)), days: Int32(rest / day), microseconds: Int64(rest % day)))
    default: return self
    }
  }

  /// Less, equal or greater (-1, 0, 1) as SQL orders two values of one type that are not null; NaN is the greatest.
  package static func compare(_ a: Value, _ b: Value) -> Int {
    func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : (b < a ? 1 : 0) }
    func floats<T: FloatingPoint>(_ a: T, _ b: T) -> Int {
      if a.isNaN || b.isNaN { return order(a.isNaN ? 1 : 0, b.isNaN ? 1 : 0) }
      return order(a, b)
    }
    switch (a, b) {
    case (.boolean(let a), .boolean(let b)): return order(a ? 1 : 0, b ? 1 : 0)
    case (.smallint(let a), .smallint(let b)): return order(a, b)
    case (.integer(let a), .integer(let b)): return order(a, b)
    case (.bigint(let a), .bigint(let b)): return order(a, b)
    case (.real(let a), .real(let b)): return floats(a, b)
    case (.double(let a), .double(let b)): return floats(a, b)
    case (.numeric(let a), .numeric(let b)): return order(a, b)
    case (.text(let a), .text(let b)):
      return a == b ? 0 : (a.lexicographicallyPrecedes(b) ? -1 : 1)
    case (.date(let a), .date(let b)): return order(a, b)
    case (.timestamp(let a), .timestamp(let b)): return order(a, b)
    case (.interval(let a), .interval(let b)): return order(a, b)
    default: preconditionFailure("values of one type, not null, are compared")
    }
  }

  /// The order of the forms of equal values, so that of 1.0 and 1.00 it is laid down which one is shown: fewer digits first.
  package static func compareForms(_ a: Value, _ b: Value) -> Int {
    guard case (.numeric(let a), .numeric(let b)) = (a, b), a.scale != b.scale else { return 0 }
    return a.scale < b.scale ? -1 : 1
  }

  /// What PostgreSQL sends; nil for null.
  package func outputText(as type: SQLType) -> String? {
    switch self {
    case .null: return nil
    case .boolean(let value): return value.sqlText
    case .smallint(let value): return value.sqlText
    case .integer(let value): return value.sqlText
    case .bigint(let value): return value.sqlText
    case .real(let value): return value.sqlText
    case .double(let value): return value.sqlText
    case .numeric(let value): return value.sqlText
    case .text(let value): return String(decoding: value, as: UTF8.self)
    case .date(let value): return value.sqlText
    case .timestamp(let value): return type == .timestamptz ? value.zonedSQLText : value.sqlText
    case .interval(let value): return value.sqlText
    }
  }
}
