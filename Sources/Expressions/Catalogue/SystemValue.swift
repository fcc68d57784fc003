package import Columnar
package import SQLTypes

/// A value of a system view. System views are small and read by people and tools: one object a value is fine here.
package enum SystemValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  case integer(Int64)
  case double(Double)
  case text(String)

  package init(_ text: String?) { self = text.map { .text($0) } ?? .null }
  package init(_ number: Double?) { self = number.map { .double($0) } ?? .null }
  package init(_ number: Int) { self = .integer(Int64(number)) }
}

extension Batch {
  /// Rows of a system view as columns of its types: not numeric, nor interval.
  package init(_ rows: [[SystemValue]], types: [SQLType]) {
    self.init(count: rows.count, columns: types.indices.map { index in
      Column.of(rows.map { $0[index] }, types[index])
    })
  }

}

extension Column {
  /// Values of one type, or null.
  static func of(_ values: [SystemValue], _ type: SQLType) -> Column {
    switch type.physicalType {
    case .bool:
      return build(values, UInt8.self, .bool) { if case .boolean(let value) = $0 { value ? 1 : 0 } else { nil } }
    case .int16:
      return build(values, Int16.self, .int16) { if case .integer(let value) = $0 { Int16(clamping: value) } else { nil } }
    case .int32:
      return build(values, Int32.self, .int32) { if case .integer(let value) = $0 { Int32(clamping: value) } else { nil } }
    case .int64:
      return build(values, Int64.self, .int64) { if case .integer(let value) = $0 { value } else { nil } }
    case .float32:
      return build(values, Float.self, .float32) { if case .double(let value) = $0 { Float(value) } else { nil } }
    case .float64:
      return build(values, Double.self, .float64) { if case .double(let value) = $0 { value } else { nil } }
    case .text:
      var builder = TextBuilder(capacity: values.count)
      for value in values {
        if case .text(let text) = value { builder.append(Array(text.utf8).span) } else { builder.appendNull() }
      }
      return builder.finish()
    case .int128, .numeric, .interval: preconditionFailure("no system view has a column of type \(type.name)")
    }
  }

  private static func build<T: BitwiseCopyable>(
    _ values: [SystemValue], _ type: T.Type, _ physicalType: PhysicalType, _ read: (SystemValue) -> T?
  ) -> Column {
    var builder = ColumnBuilder<T>(physicalType, capacity: values.count)
    for value in values {
      if case .null = value {
        builder.appendNull()
        continue
      }
      guard let native = read(value) else { preconditionFailure("a system view's value is of its column's type") }
      builder.append(native)
    }
    return builder.finish()
  }
}

extension SystemValue {
  /// A row's value of a column: boolean, integer number, oid or text.
  package init(_ column: Column, row: Int) {
    if column.isNull(row) {
      self = .null
      return
    }
    switch column.physicalType {
    case .bool: self = .boolean(column.value(row, as: UInt8.self) != 0)
    case .int16: self = .integer(Int64(column.value(row, as: Int16.self)))
    case .int32: self = .integer(Int64(column.value(row, as: Int32.self)))
    case .int64: self = .integer(column.value(row, as: Int64.self))
    case .text: self = .text(column.text(row))
    case .float32, .float64, .int128, .numeric, .interval:
      preconditionFailure("no function of the catalogues takes a \(column.physicalType)")
    }
  }
}

extension SystemValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral {
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .boolean(value) }
  package init(nilLiteral: ()) { self = .null }
}
