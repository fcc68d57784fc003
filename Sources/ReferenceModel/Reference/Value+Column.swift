package import Columnar
package import SQLTypes

extension Value {
  /// The value of one row of a column.
  package init(_ column: Column, row: Int, as type: SQLType) {
    if column.isNull(row) {
      self = .null
      return
    }
    switch type {
    case .unknown, .text, .varchar, .catalogText: self = column.withText(row) { bytes in .text(bytes.indices.map { bytes[$0] }) }
    case .boolean: self = .boolean(column.value(row, as: UInt8.self) != 0)
    case .smallint: self = .smallint(column.value(row, as: Int16.self))
    case .integer: self = .integer(column.value(row, as: Int32.self))
    case .bigint, .oid: self = .bigint(column.value(row, as: Int64.self))
    case .real: self = .real(column.value(row, as: Float.self))
    case .double: self = .double(column.value(row, as: Double.self))
    case .date: self = .date(SQLDate(days: column.value(row, as: Int32.self)))
    case .timestamp, .timestamptz: self = .timestamp(SQLTimestamp(microseconds: column.value(row, as: Int64.self)))
    case .interval: self = .interval(column.value(row, as: Interval.self))
    case .numeric(nil): self = .numeric(column.value(row, as: NumericCell.self).numeric)
    case .numeric(let modifier?):
      let unscaled =
        type.physicalType == .int64 ? Int128(column.value(row, as: Int64.self)) : column.value(row, as: Int128.self)
      self = .numeric(Numeric(unscaled: unscaled, scale: UInt8(modifier.scale)))
    }
  }

  /// A column of the one value.
  package func column(as type: SQLType) -> Column {
    Value.column([self], as: type)
  }

  /// A column of values, each of `type` or null.
  package static func column(_ values: [Value], as type: SQLType) -> Column {
    switch type {
    case .unknown, .text, .varchar, .catalogText:
      var builder = TextBuilder(capacity: values.count)
      for value in values {
        if case .text(let bytes) = value { builder.append(bytes.span) } else { builder.appendNull() }
      }
      return builder.finish()
    case .boolean: return build(values, type) { value in if case .boolean(let v) = value { v ? 1 as UInt8 : 0 } else { nil } }
    case .smallint: return build(values, type) { value in if case .smallint(let v) = value { v } else { nil } }
    case .integer: return build(values, type) { value in if case .integer(let v) = value { v } else { nil } }
    case .bigint, .oid: return build(values, type) { value in if case .bigint(let v) = value { v } else { nil } }
    case .real: return build(values, type) { value in if case .real(let v) = value { v } else { nil } }
    case .double: return build(values, type) { value in if case .double(let v) = value { v } else { nil } }
    case .date: return build(values, type) { value in if case .date(let v) = value { v.days } else { nil } }
    case .timestamp, .timestamptz:
      return build(values, type) { value in if case .timestamp(let v) = value { v.microseconds } else { nil } }
    case .interval: return build(values, type) { value in if case .interval(let v) = value { v } else { nil } }
    case .numeric(nil):
      return build(values, type) { value in if case .numeric(let v) = value { NumericCell(v) } else { nil } }
    case .numeric(_?):
      if type.physicalType == .int64 {
        return build(values, type) { value in if case .numeric(let v) = value { Int64(v.unscaled) } else { nil } }
      }
      return build(values, type) { value in if case .numeric(let v) = value { v.unscaled } else { nil } }
    }
  }

  private static func build<T: BitwiseCopyable>(_ values: [Value], _ type: SQLType, _ stored: (Value) -> T?) -> Column {
    var builder = ColumnBuilder<T>(type.physicalType, capacity: values.count)
    for value in values {
      if let item = stored(value) {
        builder.append(item)
      } else {
        precondition(value.isNull, "a value of the column's type")
        builder.appendNull()
      }
    }
    return builder.finish()
  }
}
