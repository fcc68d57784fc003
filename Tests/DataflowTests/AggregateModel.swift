import Columnar
import Expressions
import RowTestSupport
import SQLTypes

/// PostgreSQL's order of cells of one type.
func isLess(_ a: Cell, _ b: Cell, _ type: SQLType) -> Bool {
  switch (a, b) {
  case (.bool(let x), .bool(let y)): return !x && y
  case (.integer(let x), .integer(let y)): return x < y
  case (.wide(let x), .wide(let y)): return x < y
  case (.text(let x), .text(let y)): return Array(x.utf8).lexicographicallyPrecedes(Array(y.utf8))
  case (.numeric(let x, let scale), .numeric(let y, let other)):
    return Numeric(unscaled: x, scale: scale) < Numeric(unscaled: y, scale: other)
  case (.interval, .interval):
    guard case .wide(let x) = a.canonical(type), case .wide(let y) = b.canonical(type) else { return false }
    return x < y
  case (.bits, .bits):
    let (x, y) = (double(a, type), double(b, type))
    return x.isNaN ? false : y.isNaN ? true : x < y
  default: fatalError("cells of one type")
  }
}

private func double(_ cell: Cell, _ type: SQLType) -> Double {
  guard case .bits(let bits) = cell else { fatalError("a float") }
  return type == .real ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: bits)
}

/// What an aggregate of some rows is, computed anew and in the plainest way.
///
/// Sums are exact for what `randomCell` draws: floats are small multiples of 1/2, numerics have scales up to 2.
func aggregate(_ call: AggregateCall, _ rows: [(row: Row, weight: Int64)], _ types: [SQLType]) throws(SQLError) -> Cell {
  var rows = rows
  if let filter = call.filter { rows = rows.filter { $0.row[filter] == .bool(true) } }
  guard let argument = call.argument else { return .integer(rows.reduce(0) { $0 + $1.weight }) }
  let type = types[argument]
  var values = rows.map { (cell: $0.row[argument], weight: $0.weight) }.filter { $0.cell != .null }
  if call.isDistinct {
    var seen: Set<Cell> = []
    values = values.filter { seen.insert($0.cell.canonical(type)).inserted }.map { (canonicalValue($0.cell, type), 1) }
  }
  let count = values.reduce(0) { $0 + $1.weight }
  switch call.function {
  case .count: return .integer(count)
  case .min: return values.map(\.cell).min { isLess($0, $1, type) } ?? .null
  case .max: return values.map(\.cell).max { isLess($0, $1, type) } ?? .null
  case .argMin, .argMax: preconditionFailure("the recompute tests draw these")
  case .sum, .avg: return count == 0 ? .null : try sum(values, count, call, type)
  }
}

private func sum(
  _ values: [(cell: Cell, weight: Int64)], _ count: Int64, _ call: AggregateCall, _ type: SQLType
) throws(SQLError) -> Cell {
  let isAverage = call.function == .avg
  if type == .real || type == .double {
    let total = values.reduce(0) { $0 + double($1.cell, type) * Double($1.weight) }
    if isAverage { return .bits((total / Double(count)).bitPattern) }
    return .bits(call.result == .real ? UInt64(Float(total).bitPattern) : total.bitPattern)
  }
  if type == .interval {
    var parts: (Int128, Int128, Int128) = (0, 0, 0)
    for (cell, weight) in values {
      guard case .interval(let months, let days, let rest) = cell else { fatalError("an interval") }
      parts = (parts.0 + Int128(months) * Int128(weight), parts.1 + Int128(days) * Int128(weight), parts.2 + Int128(rest) * Int128(weight))
    }
    guard let months = Int32(exactly: parts.0), let days = Int32(exactly: parts.1), let rest = Int64(exactly: parts.2) else {
      throw .intervalOutOfRange()
    }
    let total = Interval(months: months, days: days, microseconds: rest)
    let result = isAverage ? try total.divided(by: Double(count)) : total
    return .interval(result.months, result.days, result.microseconds)
  }
  // Numbers: multiples of 2^90 and of 1, both of the largest scale.
  var scale: UInt8 = 0, high: Int128 = 0, low: Int128 = 0
  let large = Int128(1) << 90
  for (cell, weight) in values {
    switch cell {
    case .integer(let value):
      if type == .numeric(.init(precision: 9, scale: 2)) { scale = 2 }
      let product = Int128(value) * Int128(weight)
      high += product / large
      low += product % large
    case .wide(let value):
      scale = 2
      high += value / large * Int128(weight)
      low += value % large * Int128(weight)
    case .numeric(_, 255): return .numeric(2, 255)
    case .numeric(_, let own): scale = max(scale, own)
    default: fatalError("a number")
    }
  }
  for case (.numeric(let value, let own), let weight) in values {
    low += value * Int128(weight) * [1, 10, 100][Int(scale - own)]
  }
  guard high.magnitude < 1 << 37, let number = Numeric(exactly: high * large + low, scale: Int(scale)) else {
    throw .numericOverflow()
  }
  if isAverage {
    let average = try number.divided(by: Numeric(count))
    return .numeric(average.unscaled, average.scale)
  }
  if call.result == .bigint {
    guard let value = Int64(exactly: number.unscaled) else { throw .outOfRange("bigint") }
    return .integer(value)
  }
  return .numeric(number.unscaled, number.scale)
}

/// PostgreSQL's result type.
func resultType(_ function: AggregateFunction, _ type: SQLType?) -> SQLType {
  switch (function, type) {
  case (.count, _): .bigint
  case (.min, let type?), (.max, let type?): type
  case (.sum, .smallint?), (.sum, .integer?): .bigint
  case (.sum, .real?): .real
  case (.sum, .double?), (.avg, .double?), (.avg, .real?): .double
  case (.sum, .interval?), (.avg, .interval?): .interval
  default: .numeric(nil)
  }
}

/// The value that stands for all that are equal to one: what DISTINCT sums up.
private func canonicalValue(_ cell: Cell, _ type: SQLType) -> Cell {
  switch cell {
  case .numeric(let unscaled, let scale):
    let value = Numeric(unscaled: unscaled, scale: scale).canonical
    return .numeric(value.unscaled, value.scale)
  case .interval(let months, let days, let microseconds):
    let value = Interval(months: months, days: days, microseconds: microseconds).canonical
    return .interval(value.months, value.days, value.microseconds)
  default: return cell
  }
}
