// RowTestSupport: rows as arrays of cells, random ones of every type, and batches of them.

package import Columnar
package import SQLTypes
package import TestSupport

/// A value as tests write it; equal if the bytes are.
package enum Cell: Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case wide(Int128)
  case bits(UInt64)
  case text(String)
  case numeric(Int128, UInt8)
  case interval(Int32, Int32, Int64)

  /// What values that are equal in SQL have in common.
  package func canonical(_ type: SQLType) -> Cell {
    switch (self, type) {
    case (.bits(let bits), .double):
      let value = Double(bitPattern: bits)
      return .bits(value.isNaN ? 1 : value == 0 ? 0 : bits)
    case (.bits(let bits), .real):
      let value = Float(bitPattern: UInt32(bits))
      return .bits(value.isNaN ? 1 : value == 0 ? 0 : bits)
    case (.numeric(let unscaled, let scale), _):
      let value = Numeric(unscaled: unscaled, scale: scale).canonical
      return .numeric(value.unscaled, value.scale)
    case (.interval(let months, let days, let microseconds), _):
      return .wide(Interval(months: months, days: days, microseconds: microseconds).comparableMicroseconds)
    default: return self
    }
  }
}

package typealias Row = [Cell]

private let longTexts = ["", "a", "twelve bytes", "thirteen byte", "thirteen bytf", String(repeating: "long text ", count: 9),
  String(repeating: "long text ", count: 8) + "different."]

package func randomCell(_ type: SQLType, _ random: inout SeededRandom) -> Cell {
  let draw = Int(random.next() % 8)
  if draw == 7 { return .null }
  switch type {
  case .boolean: return .bool(draw % 2 == 0)
  case .smallint, .integer, .date: return .integer([0, -1, 1, 7, 32767, -32768, 100][draw])
  case .oid: return .integer([0, 1, 2, 5, 1259, 16_384, Int64(UInt32.max)][draw])
  case .bigint, .timestamp, .timestamptz: return .integer([0, -1, .max, .min, 5, 6, 7][draw])
  case .real: return .bits(UInt64([0, -0.0, .nan, -.nan, 1.5, .infinity, -2].map(\Float.bitPattern)[draw]))
  case .double: return .bits([0, -0.0, .nan, -.nan, 1.5, .infinity, -2].map(\Double.bitPattern)[draw])
  case .text, .varchar, .unknown, .catalogText: return .text(longTexts[draw])
  case .numeric(let modifier?):
    return modifier.precision > 18 ? .wide([0, 1, -1, Int128(1) << 100, 5, -(Int128(1) << 90), 77][draw]) : .integer(Int64(draw))
  case .numeric(nil): return [.numeric(0, 0), .numeric(0, 2), .numeric(10, 1), .numeric(100, 2), .numeric(1, 0),
    .numeric(-5, 0), .numeric(2, 255)][draw]
  case .interval: return [.interval(0, 0, 0), .interval(1, 0, 0), .interval(0, 30, 0), .interval(0, 0, 86_400_000_000),
    .interval(0, 1, 0), .interval(-1, 30, 0), .interval(2, -3, 4)][draw]
  }
}

package func column(_ cells: [Cell], _ type: SQLType) -> Column {
  func build<T: BitwiseCopyable>(_ as: T.Type, _ value: (Cell) -> T?) -> Column {
    var builder = ColumnBuilder<T>(type.physicalType, capacity: cells.count)
    for cell in cells { if let value = value(cell) { builder.append(value) } else { builder.appendNull() } }
    return builder.finish()
  }
  func integer(_ cell: Cell) -> Int64? { if case .integer(let value) = cell { value } else { nil } }
  func bits(_ cell: Cell) -> UInt64? { if case .bits(let value) = cell { value } else { nil } }
  switch type.physicalType {
  case .bool: return build(UInt8.self) { if case .bool(let value) = $0 { value ? 1 : 0 } else { nil } }
  case .int16: return build(Int16.self) { integer($0).map(Int16.init) }
  case .int32: return build(Int32.self) { integer($0).map(Int32.init) }
  case .int64: return build(Int64.self, integer)
  case .float32: return build(UInt32.self) { bits($0).map { UInt32($0) } }
  case .float64: return build(UInt64.self, bits)
  case .int128: return build(Int128.self) { if case .wide(let value) = $0 { value } else { nil } }
  case .numeric:
    return build(NumericCell.self) {
      if case .numeric(let value, let scale) = $0 { NumericCell(Numeric(unscaled: value, scale: scale)) } else { nil }
    }
  case .interval:
    return build(Interval.self) {
      if case .interval(let months, let days, let rest) = $0 { Interval(months: months, days: days, microseconds: rest) } else { nil }
    }
  case .text:
    var builder = TextBuilder(capacity: cells.count)
    for cell in cells { if case .text(let text) = cell { builder.append(Array(text.utf8).span) } else { builder.appendNull() } }
    return builder.finish()
  }
}

package func cell(_ column: Column, _ row: Int, _ type: SQLType) -> Cell {
  if column.isNull(row) { return .null }
  switch type.physicalType {
  case .bool: return .bool(column.value(row, as: UInt8.self) != 0)
  case .int16: return .integer(Int64(column.value(row, as: Int16.self)))
  case .int32: return .integer(Int64(column.value(row, as: Int32.self)))
  case .int64: return .integer(column.value(row, as: Int64.self))
  case .float32: return .bits(UInt64(column.value(row, as: UInt32.self)))
  case .float64: return .bits(column.value(row, as: UInt64.self))
  case .int128: return .wide(column.value(row, as: Int128.self))
  case .numeric:
    let value = column.value(row, as: NumericCell.self).numeric
    return .numeric(value.unscaled, value.scale)
  case .interval:
    let value = column.value(row, as: Interval.self)
    return .interval(value.months, value.days, value.microseconds)
  case .text: return .text(column.text(row))
  }
}

package func batch(_ rows: [(row: Row, weight: Int64)], _ types: [SQLType]) -> Batch {
  let columns = types.indices.map { index in column(rows.map { $0.row[index] }, types[index]) }
  let weights = rows.allSatisfy { $0.weight == 1 } ? nil : column(rows.map { .integer($0.weight) }, .bigint)
  return Batch(count: rows.count, columns: columns, weights: weights)
}

package func rows(_ batch: Batch, _ types: [SQLType]) -> [(row: Row, weight: Int64)] {
  (0..<batch.count).map { row in
    (types.indices.map { cell(batch.columns[$0], row, types[$0]) }, batch.weight(row))
  }
}

package let allTypes: [SQLType] = [
  .bigint, .text, .boolean, .smallint, .integer, .real, .double, .numeric(nil),
  .numeric(.init(precision: 30, scale: 2)), .interval, .timestamptz,
]

/// Some columns' types, a different choice for each draw.
package func randomTypes(_ random: inout SeededRandom) -> [SQLType] {
  (0..<(1 + Int(random.next() % 4))).map { _ in allTypes[Int(random.next() % UInt64(allTypes.count))] }
}

package func randomRow(_ types: [SQLType], _ random: inout SeededRandom) -> Row { types.map { randomCell($0, &random) } }
