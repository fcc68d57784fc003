import Columnar
import Expressions
import Planner
import SQLCatalog
import SQLTypes

/// A value of the few types that these tests use: integers, booleans and texts.
enum Cell: Hashable, Comparable {
  case null
  case integer(Int64)
  case boolean(Bool)
  case text(String)

  static func < (a: Cell, b: Cell) -> Bool { "\(a)" < "\(b)" }
}

/// Evaluates plans by definition, on rows in arrays: nested loops, no keys, no order of its own. A row on which an
/// expression fails is counted and left out.
struct SlowEvaluator {
  let tables: [RelationID: [[Cell]]]
  private(set) var failures = 0

  init(tables: [RelationID: [[Cell]]]) { self.tables = tables }

  mutating func rows(_ plan: LogicalPlan) -> [[Cell]] {
    switch plan {
    case .unit: return [[]]
    case .values(let rows, _): return rows.flatMap { evaluate($0, over: [[]], []).compactMap { $0 } }
    case .scan(let id, _): return tables[id] ?? []
    case .filter(let input, let condition):
      let rows = rows(input)
      return keep(rows, where: condition, input.types)
    case .project(let input, let expressions):
      let rows = rows(input)
      return evaluate(expressions, over: rows, input.types).compactMap { $0 }
    case .windows: preconditionFailure("these tests have no times")
    case .unionAll(let inputs):
      var result: [[Cell]] = []
      for input in inputs { result += rows(input) }
      return result
    case .distinct(let input): return Array(Set(rows(input)))
    case .aggregate(let input, let keys, let calls): return aggregate(rows(input), keys, calls)
    case .join(let join): return self.join(join)
    case .topK(let input, let order, let limit, let offset):
      let sorted = rows(input).sorted { Self.precedes($0, $1, order) }
      let start = min(sorted.count, Int(offset))
      return Array(sorted[start..<min(sorted.count, start + Int(limit ?? Int64(sorted.count)))])
    }
  }

  private mutating func join(_ join: JoinPlan) -> [[Cell]] {
    let (left, right) = (rows(join.left), rows(join.right))
    let types = join.left.types + join.right.types
    var result: [[Cell]] = []
    for a in left {
      let pairs = right.filter { b in join.keys.allSatisfy { a[$0.left] != .null && a[$0.left] == b[$0.right] } }.map { a + $0 }
      let met = join.residual.map { keep(pairs, where: $0, types) } ?? pairs
      result += met
      if join.kind == .left && met.isEmpty { result.append(a + join.right.types.map { _ in .null }) }
    }
    return result
  }

  private func aggregate(_ rows: [[Cell]], _ keys: [Int], _ calls: [AggregateCall]) -> [[Cell]] {
    var groups = Dictionary(grouping: rows) { row in keys.map { row[$0] } }
    if keys.isEmpty && groups.isEmpty { groups[[]] = [] }
    return groups.map { key, rows in
      key
        + calls.map { call in
          let passing = rows.filter { row in call.filter.map { row[$0] == .boolean(true) } ?? true }
          guard let argument = call.argument else { return .integer(Int64(passing.count)) }
          var values = passing.map { $0[argument] }.filter { $0 != .null }
          if call.isDistinct { values = Array(Set(values)) }
          switch call.function {
          case .count: return .integer(Int64(values.count))
          case .min: return values.min { Self.order($0, $1) < 0 } ?? .null
          case .max: return values.max { Self.order($0, $1) < 0 } ?? .null
          case .sum, .avg, .argMin, .argMax: preconditionFailure("these tests take no sums, and no keys")
          }
        }
    }
  }

  private mutating func keep(_ rows: [[Cell]], where condition: BoundExpression, _ types: [SQLType]) -> [[Cell]] {
    zip(rows, evaluate([condition], over: rows, types)).filter { $0.1 == [.boolean(true)] }.map(\.0)
  }

  /// The values for each row; nil where one fails.
  private mutating func evaluate(
    _ expressions: [BoundExpression], over rows: [[Cell]], _ types: [SQLType]
  ) -> [[Cell]?] {
    let columns = types.enumerated().map { number, type in Self.column(rows.map { $0[number] }, type) }
    let batch = Batch(count: rows.count, columns: columns)
    var errors = RowErrors()
    let results = expressions.map { ($0.evaluate(batch, errors: &errors), $0.type) }
    let failed = errors.rows
    failures += failed.count
    return rows.indices.map { row in failed.contains(row) ? nil : results.map { Self.cell($0.0, row, $0.1) } }
  }

  private static func column(_ cells: [Cell], _ type: SQLType) -> Column {
    func integers<T: FixedWidthInteger & BitwiseCopyable>(_ integer: T.Type) -> Column {
      var builder = ColumnBuilder<T>(type.physicalType, capacity: cells.count)
      for cell in cells {
        switch cell {
        case .integer(let value): builder.append(T(value))
        case .boolean(let value): builder.append(value ? 1 : 0)
        default: builder.appendNull()
        }
      }
      return builder.finish()
    }
    switch type.physicalType {
    case .bool: return integers(UInt8.self)
    case .int16: return integers(Int16.self)
    case .int32: return integers(Int32.self)
    case .int64: return integers(Int64.self)
    case .text:
      var builder = TextBuilder(capacity: cells.count)
      for cell in cells { if case .text(let text) = cell { builder.append(Array(text.utf8).span) } else { builder.appendNull() } }
      return builder.finish()
    default: preconditionFailure("these tests have no \(type.name)")
    }
  }

  private static func cell(_ column: Column, _ row: Int, _ type: SQLType) -> Cell {
    if column.isNull(row) { return .null }
    switch type.physicalType {
    case .bool: return .boolean(column.value(row, as: UInt8.self) != 0)
    case .int16: return .integer(Int64(column.value(row, as: Int16.self)))
    case .int32: return .integer(Int64(column.value(row, as: Int32.self)))
    case .int64: return .integer(column.value(row, as: Int64.self))
    case .text: return .text(column.text(row))
    default: preconditionFailure("these tests have no \(type.name)")
    }
  }

  private static func order(_ a: Cell, _ b: Cell) -> Int {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): a < b ? -1 : a > b ? 1 : 0
    case (.text(let a), .text(let b)): a < b ? -1 : a > b ? 1 : 0
    case (.boolean(let a), .boolean(let b)): (a ? 1 : 0) - (b ? 1 : 0)
    default: (a == .null ? 1 : 0) - (b == .null ? 1 : 0)
    }
  }

  private static func precedes(_ a: [Cell], _ b: [Cell], _ keys: [SortKey]) -> Bool {
    for key in keys {
      let (x, y) = (a[key.column], b[key.column])
      if x == y { continue }
      if x == .null || y == .null { return (x == .null) == key.nullsFirst }
      return (order(x, y) < 0) != key.isDescending
    }
    for (x, y) in zip(a, b) where x != y { return order(x, y) < 0 }
    return false
  }
}
