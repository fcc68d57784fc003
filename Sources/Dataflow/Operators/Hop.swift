package import Columnar
package import Expressions
import SQLTypes

/// Repeats each row for each window that holds its time, with the window's start as a further column.
///
/// - Input: a batch of `n` updates. Output: at most `n * windowsPerRow`, with their weights, the row's windows earliest first. Linear:
///   no state, nothing at `endTick`. A row whose time is NULL is in no window.
/// - Cost: O(output). Errors: 22008 for a row of which a window begins before the first timestamp; it leaves as one error row whose
///   start is poisoned. An error row is repeated like a row; one whose time is poisoned leaves once, its start poisoned too.
package final class Hop: Operator {
  private let windows: TimeWindows
  private let origin: Int64
  package private(set) var figures = OperatorFigures()

  package init(_ windows: TimeWindows, origin: Int64 = 0) {
    self.windows = windows
    self.origin = origin
  }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    figures.rowsIn += batch.count
    let step = max(1, Batch.targetRowCount / Int(windows.windowsPerRow))
    var failed = RowErrors()
    for start in stride(from: 0, to: batch.count, by: step) {
      if output.isCancelled { return .enough }
      let assigned = assign(batch, start..<min(batch.count, start + step))
      for row in assigned.failed { failed.append(row: row, SQLError.timestampOutOfRange().located(at: windows.range)) }
      figures.rowsOut += assigned.starts.count
      output.push(Self.repeated(batch, assigned.rows, assigned.starts))
    }
    if !failed.isEmpty {
      let starts = Column.allNull(.int64, count: batch.count)
      let rows = Batch(count: batch.count, columns: batch.columns + [starts], weights: batch.weights)
      output.push(ErrorBatch(failed, of: rows, poisoning: [batch.columns.count], origin: origin))
      output.firstError = output.firstError ?? failed.first
    }
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) {
    let data = errors.data
    let poison = errors.poison
    var rows: [Int] = []
    var starts = ColumnBuilder<Int64>(.int64, capacity: data.count)
    var unknown: [Int] = []
    for row in 0..<data.count {
      let assigned = assign(data, row..<row + 1)
      if poison.contains(windows.time, row) || !assigned.failed.isEmpty {
        unknown.append(rows.count)
        rows.append(row)
        starts.appendNull()
        continue
      }
      for index in 0..<assigned.starts.count {
        rows.append(row)
        starts.append(assigned.starts.value(index, as: Int64.self))
      }
    }
    let selection = Selection(rows)
    var poisonOut = PoisonBits(width: errors.width + 1, count: rows.count)
    for (place, row) in rows.enumerated() {
      for column in 0..<errors.width where poison.contains(column, row) { poisonOut.set(column, place) }
    }
    for place in unknown { poisonOut.set(errors.width, place) }
    output.push(
      ErrorBatch(
        data: Self.repeated(data, selection, starts.finish()), poison: poisonOut,
        error: errors.error.map { $0.gather(selection) }))
  }

  package func endTick(into output: inout TickOutput) {}

  private func assign(_ batch: Batch, _ rows: Range<Int>) -> WindowsOfRows {
    Column.windows(
      of: batch.columns[windows.time], rows, slide: windows.slide, size: windows.size, offset: windows.offset)
  }

  private static func repeated(_ batch: Batch, _ rows: Selection, _ starts: Column) -> Batch {
    let repeated = batch.gather(rows)
    return Batch(count: repeated.count, columns: repeated.columns + [starts], weights: repeated.weights)
  }
}
