import Columnar
import Expressions
import SQLTypes
import TestSupport

@testable import Dataflow

/// Slow and obvious relations for the tests of joins, top-k and sort: dictionaries from rows to weights.
enum JoinModel {
  enum Cell: Hashable {
    case null, int(Int64), text(String), double(UInt64)
  }
  typealias Row = [Cell]
  typealias ZSet = [Row: Int64]

  static func batch(_ rows: [(Row, Int64)], _ types: [PhysicalType]) -> Batch {
    let columns = types.enumerated().map { index, type in column(rows.map { $0.0[index] }, type) }
    var weights = ColumnBuilder<Int64>(.int64, capacity: rows.count)
    for (_, weight) in rows { weights.append(weight) }
    let isPlain = rows.allSatisfy { $0.1 == 1 }
    return Batch(count: rows.count, columns: columns, weights: isPlain ? nil : weights.finish())
  }

  private static func column(_ cells: [Cell], _ type: PhysicalType) -> Column {
    if type == .text {
      var builder = TextBuilder(capacity: cells.count)
      for cell in cells { if case .text(let text) = cell { builder.append(Array(text.utf8).span) } else { builder.appendNull() } }
      return builder.finish()
    }
    var builder = ColumnBuilder<UInt64>(type, capacity: cells.count)
    for cell in cells {
      switch cell {
      case .int(let value): builder.append(UInt64(bitPattern: value))
      case .double(let bits): builder.append(bits)
      default: builder.appendNull()
      }
    }
    return builder.finish()
  }

  static func add(_ batch: Batch, to set: inout ZSet) {
    for row in 0..<batch.count { add(batch.columns.map { cell($0, row) }, batch.weight(row), to: &set) }
  }

  static func add(_ row: Row, _ weight: Int64, to set: inout ZSet) {
    let sum = set[row, default: 0] + weight
    set[row] = sum == 0 ? nil : sum
  }

  static func cell(_ column: Column, _ row: Int) -> Cell {
    if column.isNull(row) { return .null }
    switch column.physicalType {
    case .text: return .text(column.text(row))
    case .float64: return .double(column.value(row, as: UInt64.self))
    default: return .int(column.value(row, as: Int64.self))
    }
  }

  /// Adds what an operator sent, and checks that no batch is larger than it should be.
  static func collect(_ output: TickOutput, _ data: inout ZSet, _ errors: inout ZSet) -> Bool {
    for batch in output.batches { add(batch, to: &data) }
    for batch in output.errors { add(batch.rows, to: &errors) }
    return output.batches.allSatisfy { $0.count <= Batch.targetRowCount }
      && output.errors.allSatisfy { $0.rows.count <= Batch.targetRowCount }
  }

  /// The rows in batches cut anywhere.
  static func cut(_ rows: [(Row, Int64)], _ types: [PhysicalType], _ random: inout SeededRandom) -> [Batch] {
    var batches: [Batch] = []
    var rest = rows[...]
    while !rest.isEmpty {
      let count = Int(random.next() % UInt64(rest.count)) + 1
      batches.append(batch(Array(rest.prefix(count)), types))
      rest = rest.dropFirst(count)
    }
    return batches
  }

  // Joins ------------------------------------------------------------------------------------------------------------

  struct Side {
    var types: [SQLType]
    var keys: [Int]
    var data: ZSet = [:]
    var errors: ZSet = [:]

    var width: Int { types.count }

    func key(_ row: Row) -> Row? {
      let key = keys.map { canonical(row[$0]) }
      return key.contains(.null) ? nil : key
    }

    func poison(_ row: Row) -> UInt64 { if case .int(let bits) = row[width] { UInt64(bitPattern: bits) } else { 0 } }

    func hasPoisonedKey(_ row: Row) -> Bool { keys.contains { poison(row) >> UInt64($0) & 1 == 1 } }
  }

  static func canonical(_ cell: Cell) -> Cell {
    guard case .double(let bits) = cell else { return cell }
    let value = Double(bitPattern: bits)
    return .double((value.isNaN ? Double.nan : value == 0 ? 0 : value).bitPattern)
  }

  enum Verdict { case yes, no, fails }

  /// The error of a left row of which it is not known whether it has a match.
  static let doubt: Row = [.text("22000"), .text("it is not known whether a row has a match"), .int(0)]

  /// What a join of the two sides as they are holds: the slow way, every row against every row.
  ///
  /// - condition: over the columns of both; nil: none.
  /// - reads: the columns that it reads. error: the columns behind the poison of a pair on which it fails.
  static func join(
    _ left: Side, _ right: Side, isLeft: Bool, reads: Set<Int>, error: Row, condition: ((Row) -> Verdict)?
  ) -> (data: ZSet, errors: ZSet) {
    var data: ZSet = [:], errors: ZSet = [:]
    let held = right.errors.reduce(0) { right.hasPoisonedKey($1.key) ? $0 + $1.value : $0 } > 0
    let (leftWidth, rightWidth) = (left.width, right.width)
    let leftNulls = Row(repeating: .null, count: leftWidth), rightNulls = Row(repeating: .null, count: rightWidth)
    let allRight = ((UInt64(1) << UInt64(rightWidth)) - 1) << UInt64(leftWidth), allLeft = (UInt64(1) << UInt64(leftWidth)) - 1
    for (row, weight) in right.errors where right.hasPoisonedKey(row) {
      let bits = right.poison(row) << UInt64(leftWidth) | allLeft
      add(leftNulls + row.prefix(rightWidth) + [.int(Int64(bitPattern: bits))] + row.suffix(3), weight, to: &errors)
    }
    for (l, weight) in left.data {
      var certain: Int64 = 0, doubtful: Int64 = 0
      if let key = left.key(l) {
        for (r, other) in right.data where right.key(r) == key {
          switch condition?(l + r) ?? .yes {
          case .no: continue
          case .yes:
            add(l + r, weight * other, to: &data)
            certain += other
          case .fails:
            add(l + r + [.int(0)] + error, weight * other, to: &errors)
            doubtful += other
          }
        }
        for (r, other) in right.errors where right.key(Row(r.prefix(rightWidth))) == key {
          let bits = right.poison(r) << UInt64(leftWidth), pair = l + r.prefix(rightWidth)
          if let condition, condition(pair) == .no, !reads.contains(where: { bits >> UInt64($0) & 1 == 1 }) { continue }
          add(pair + [.int(Int64(bitPattern: bits))] + r.suffix(3), weight * other, to: &errors)
          doubtful += other
        }
      }
      guard isLeft, certain <= 0 else { continue }
      if doubtful > 0 || (held && left.key(l) != nil) {
        add(l + rightNulls + [.int(0)] + doubt, weight, to: &errors)
      } else {
        add(l + rightNulls, weight, to: &data)
      }
    }
    for (l, weight) in left.errors {
      let columns = Row(l.prefix(leftWidth)), bits = left.poison(l)
      if left.hasPoisonedKey(l) {
        add(columns + rightNulls + [.int(Int64(bitPattern: bits | allRight))] + l.suffix(3), weight, to: &errors)
        continue
      }
      var certain: Int64 = 0
      if let key = left.key(columns) {
        for (r, other, otherBits) in right.data.map({ ($0.key, $0.value, nil as UInt64?) })
          + right.errors.map({ ($0.key, $0.value, right.poison($0.key) << UInt64(leftWidth)) })
        where right.key(Row(r.prefix(rightWidth))) == key {
          let both = bits | (otherBits ?? 0), pair = columns + r.prefix(rightWidth)
          let isKnown = condition == nil || !reads.contains { both >> UInt64($0) & 1 == 1 }
          let verdict = condition?(pair) ?? .yes
          if verdict == .no, isKnown { continue }
          add(pair + [.int(Int64(bitPattern: both))] + l.suffix(3), weight * other, to: &errors)
          if otherBits == nil, verdict == .yes, isKnown { certain += other }
        }
      }
      if isLeft, certain <= 0 {
        add(columns + rightNulls + [.int(Int64(bitPattern: bits))] + l.suffix(3), weight, to: &errors)
      }
    }
    return (data, errors)
  }
}
