package import Columnar
package import StateMemory
import ZSets

/// Sums the weights of equal rows.
///
/// - Input: a delta of `n` updates in any number of batches. Output, at `endTick`: the rows whose sum is not zero, each
///   once. Over all ticks that is the input, differently cut.
/// - State: every live row with its weight; freed when the weight is zero. Cost: O(n). Errors: none; error rows pass.
package final class Consolidate: Operator {
  private var rows: WeightedRows
  private var counted = OperatorFigures()

  package init(types: [PhysicalType], space: StateSpace) { rows = WeightedRows(types: types, space: space) }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    counted.rowsIn += batch.count
    rows.add(batch)
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) { output.push(errors) }

  package func endTick(into output: inout TickOutput) {
    for batch in rows.changes(of: .weight) {
      counted.rowsOut += batch.count
      output.push(batch)
    }
    rows.endTick()
  }

  package var figures: OperatorFigures {
    var figures = counted
    figures.stateRows = rows.count
    figures.stateBytes = rows.stateBytes
    figures.stateReads = rows.readCount
    return figures
  }
}
