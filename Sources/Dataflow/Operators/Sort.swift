package import Columnar
package import Expressions
package import SQLTypes
package import StateMemory
import ZSets

/// Puts the rows of a SELECT asked once in order.
///
/// - Input: batches. Output at `endTick`: the same rows with their weights in batches of at most 4,096, equal rows as one,
///   rows of weight 0 left out. Ties go as in `TopK`, so that a SELECT and a view agree.
/// - State: all rows. Cost: O(n log n). Errors: error rows are passed on.
package final class Sort: Operator {
  private var rows: Arrangement
  private let order: [RowOrderKey]
  private var counts = OperatorFigures()

  package init(types: [SQLType], order: [SortKey], space: StateSpace) {
    rows = Arrangement(types: types.map(\.physicalType), keys: [], keyTypes: [], space: space)
    self.order = order.map { RowOrderKey($0) }
  }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    counts.rowsIn += batch.count
    rows.add(batch)
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) { output.push(errors) }

  package func endTick(into output: inout TickOutput) {
    for batch in rows.batches(of: rows.sorted(by: order)) {
      counts.rowsOut += batch.count
      output.push(batch)
    }
  }

  package var figures: OperatorFigures {
    var figures = counts
    figures.stateRows = rows.liveCount
    figures.stateBytes = rows.stateBytes
    figures.stateReads = rows.readCount
    return figures
  }
}
