import Columnar
import RowTestSupport
import SQLTypes
import TestSupport

@testable import Dataflow

/// An error row as tests compare it.
struct ErrorRow: Hashable {
  /// Nil where poisoned.
  var cells: [Cell?]
  var state: String
  var message: String
  var origin: Int64
}

extension ErrorBatch {
  func rows(_ types: [SQLType]) -> [(row: ErrorRow, weight: Int64)] {
    let poison = self.poison, error = self.error, data = self.data
    return (0..<data.count).map { row in
      let cells = types.indices.map { poison.contains($0, row) ? nil : cell(data.columns[$0], row, types[$0]) }
      return (
        ErrorRow(
          cells: cells, state: error[0].text(row), message: error[1].text(row), origin: error[2].value(row, as: Int64.self)),
        data.weight(row)
      )
    }
  }

  static func of(_ rows: [(row: ErrorRow, weight: Int64)], _ types: [SQLType]) -> ErrorBatch {
    var poison = PoisonBits(width: types.count, count: rows.count)
    for (number, (row, _)) in rows.enumerated() {
      for (column, cell) in row.cells.enumerated() where cell == nil { poison.set(column, number) }
    }
    let data = batch(rows.map { (row: $0.row.cells.map { $0 ?? .null }, weight: $0.weight) }, types)
    let error = [
      column(rows.map { .text($0.row.state) }, .text), column(rows.map { .text($0.row.message) }, .text),
      column(rows.map { .integer($0.row.origin) }, .bigint),
    ]
    return ErrorBatch(data: data, poison: poison, error: error)
  }
}

/// What an operator sent, integrated over its ticks.
struct Integral {
  var data: [Row: Int64] = [:]
  var errors: [ErrorRow: Int64] = [:]

  /// Adds a tick's output.
  mutating func add(_ output: TickOutput, _ types: [SQLType]) {
    for batch in output.batches { for (row, weight) in rows(batch, types) { data[row, default: 0] += weight } }
    for batch in output.errors { for (row, weight) in batch.rows(types) { errors[row, default: 0] += weight } }
    data = data.filter { $0.value != 0 }
    errors = errors.filter { $0.value != 0 }
  }
}

/// Pushes rows and error rows in random cuts and order, then ends the tick.
func runTick(
  _ node: any Operator, _ input: [(row: Row, weight: Int64)], _ errors: [(row: ErrorRow, weight: Int64)],
  _ types: [SQLType], _ random: inout SeededRandom
) -> TickOutput {
  var output = TickOutput()
  var data = input[...], failed = errors[...]
  while !data.isEmpty || !failed.isEmpty {
    if !data.isEmpty, failed.isEmpty || random.next() % 2 == 0 {
      let count = min(data.count, 1 + Int(random.next() % 40))
      _ = node.push(batch(Array(data.prefix(count)), types), port: 0, into: &output)
      data = data.dropFirst(count)
    } else {
      let count = min(failed.count, 1 + Int(random.next() % 4))
      node.push(ErrorBatch.of(Array(failed.prefix(count)), types), port: 0, into: &output)
      failed = failed.dropFirst(count)
    }
  }
  node.endTick(into: &output)
  return output
}
