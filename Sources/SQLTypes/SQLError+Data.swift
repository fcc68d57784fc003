/// Errors of class 22 (data exception): what a value's text or arithmetic can do wrong. Worded as PostgreSQL 15 does.
extension SQLError {
  @inline(never)
  package static func invalidInput(_ type: String, _ text: borrowing Span<UInt8>) -> SQLError {
    SQLError(.invalidTextRepresentation, "invalid input syntax for type \(type): \"\(String(bytes: text))\"")
  }

  /// A value whose text is well formed and does not fit its type: `value "40000" is out of range for type smallint`.
  @inline(never)
  package static func valueOutOfRange(_ type: String, _ text: borrowing Span<UInt8>) -> SQLError {
    SQLError(.numericValueOutOfRange, "value \"\(String(bytes: text))\" is out of range for type \(type)")
  }

  @inline(never)
  package static func floatOutOfRange(_ type: String, _ text: borrowing Span<UInt8>) -> SQLError {
    SQLError(.numericValueOutOfRange, "\"\(String(bytes: text))\" is out of range for type \(type)")
  }

  /// A result that leaves its type: `integer out of range`.
  @inline(never)
  package static func outOfRange(_ type: String) -> SQLError {
    SQLError(.numericValueOutOfRange, "\(type) out of range")
  }

  /// The same as kernels tell it; PostgreSQL names no type where a float leaves its range.
  package static func outOfRange(_ type: SQLType) -> SQLError {
    type == .double || type == .real
      ? SQLError(.numericValueOutOfRange, "value out of range") : outOfRange(type.baseName)
  }

  /// A result that needs more than 38 digits, or more than 254 of them after the point.
  @inline(never)
  package static func numericOverflow() -> SQLError {
    SQLError(.numericValueOutOfRange, "value overflows numeric format")
  }

  @inline(never)
  package static func numericFieldOverflow(_ modifier: SQLType.NumericModifier, infinite: Bool = false) -> SQLError {
    let field = "A field with precision \(modifier.precision), scale \(modifier.scale)"
    let power = modifier.precision - modifier.scale
    let limit = power == 0 ? "1" : "10^\(power)"
    return SQLError(
      .numericValueOutOfRange, "numeric field overflow",
      detail: infinite
        ? "\(field) cannot hold an infinite value." : "\(field) must round to an absolute value less than \(limit).")
  }

  @inline(never)
  package static func divisionByZero() -> SQLError { SQLError(.divisionByZero, "division by zero") }

  /// `cannot convert NaN to integer`
  @inline(never)
  package static func cannotConvert(_ value: String, to type: String) -> SQLError {
    SQLError(.featureNotSupported, "cannot convert \(value) to \(type)")
  }

  @inline(never)
  package static func dateOutOfRange() -> SQLError { SQLError(.datetimeFieldOverflow, "date out of range") }

  @inline(never)
  package static func timestampOutOfRange() -> SQLError { SQLError(.datetimeFieldOverflow, "timestamp out of range") }

  @inline(never)
  package static func intervalOutOfRange() -> SQLError { SQLError(.datetimeFieldOverflow, "interval out of range") }

  /// `date out of range: "6000000-01-01"`
  @inline(never)
  package static func datetimeOutOfRange(_ type: String, _ text: borrowing Span<UInt8>) -> SQLError {
    SQLError(.datetimeFieldOverflow, "\(type) out of range: \"\(String(bytes: text))\"")
  }
}
