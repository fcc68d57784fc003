package import Columnar
package import Expressions
package import SQLTypes
package import StateMemory
import ZSets

/// The rows from number `offset` on, at most `limit` of them, in an order.
///
/// - Input: batches of updates; a row of weight n stands n times. Output at `endTick`: the old window against the new one,
///   each row once.
/// - Order: the keys as PostgreSQL compares values (texts by bytes, NaN above all numbers, nulls as each key says); ties go by
///   all columns from the first to the last, ascending and nulls last, and rows of equal values by their exact forms
///   (`PackedRowOrder`), so that a view has one content.
/// - State: every row, and its place in an ordered list; of an append-only input with a limit only the first
///   `offset + limit` rows. Rows leave with their last copy.
/// - Cost: O(log n) for each row that changed, and what the window's edges pass over; never the window.
/// - Errors: error rows are passed on, and while any of them is alive nothing is known of the window, so that no data is
///   sent; it mends.
package final class TopK: Operator {
  private var rows: TopRows
  /// The weight of the live error rows.
  private var errorWeight: Int64 = 0
  private var isHeld = false
  private var counts = OperatorFigures()

  package init(
    types: [SQLType], order: [SortKey], limit: Int64?, offset: Int64, isAppendOnly: Bool = false, space: StateSpace
  ) {
    rows = TopRows(
      types: types.map(\.physicalType), order: order.map { RowOrderKey($0) }, limit: limit, offset: offset,
      isAppendOnly: isAppendOnly, space: space)
  }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    counts.rowsIn += batch.count
    rows.add(batch)
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) {
    counts.rowsIn += errors.rows.count
    counts.rowsOut += errors.rows.count
    for row in 0..<errors.rows.count { errorWeight &+= errors.rows.weight(row) }
    output.push(errors)
  }

  package func endTick(into output: inout TickOutput) {
    let wasHeld = isHeld
    isHeld = errorWeight > 0
    if !wasHeld, isHeld { send(rows.window().map { $0.negated() }, into: &output) }
    let changes = rows.takeChanges()
    if wasHeld, !isHeld { send(rows.window(), into: &output) }
    if !wasHeld, !isHeld { send(changes, into: &output) }
    rows.endTick()
  }

  private func send(_ batches: [Batch], into output: inout TickOutput) {
    for batch in batches {
      counts.rowsOut += batch.count
      output.push(batch)
    }
  }

  package var figures: OperatorFigures {
    var figures = counts
    figures.stateRows = rows.count
    figures.stateBytes = rows.stateBytes
    figures.stateReads = rows.readCount
    return figures
  }
}

extension RowOrderKey {
  init(_ key: SortKey) {
    self.init(column: key.column, isDescending: key.isDescending, nullsFirst: key.nullsFirst)
  }
}

extension Batch {
  /// The same rows with the opposite weights.
  fileprivate func negated() -> Batch {
    var weights = ColumnBuilder<Int64>(.int64, capacity: count)
    for row in 0..<count { weights.append(0 &- weight(row)) }
    return Batch(count: count, columns: columns, weights: weights.finish())
  }
}
