package import Columnar
package import SQLTypes
package import StateMemory
import ZSets

/// Emits each row once, in canonical form, however many copies of it the input holds.
///
/// - Input: any updates. Output, at `endTick`: +1 for a row that came to be there in the tick, -1 for one that ceased to.
/// - Rule: a row is there while its summed weight is positive and no error row of the same values is live.
/// - State: one row for each distinct one, freed when its weights are 0 at the end of a tick.
/// - Cost: O(n) expected for a tick of n updates. Errors: none of its own. Error rows leave once each; one without
///   poisoned columns withholds the row of its values (DESIGN §9.4).
/// - Source: Budiu et al., "DBSP", VLDB 2023, incremental distinct.
package final class Distinct: Operator {
  private let types: [SQLType]
  private var rows: WeightedRows
  private var errors: WeightedRows
  private var counts = OperatorFigures()

  package init(types: [SQLType], space: StateSpace) {
    self.types = types
    let physical = types.map(\.physicalType)
    rows = WeightedRows(types: physical, space: space, tracksErrors: true)
    errors = WeightedRows(types: ErrorBatch.types(over: physical), space: space)
  }

  package var figures: OperatorFigures {
    var figures = counts
    figures.stateRows = rows.count + errors.count
    figures.stateBytes = rows.stateBytes + errors.stateBytes
    figures.stateReads = rows.readCount + errors.readCount
    return figures
  }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    counts.rowsIn += batch.count
    rows.add(canonical(batch))
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) {
    let data = canonical(errors.data), poison = errors.poison
    self.errors.add(ErrorBatch(data: data, poison: poison, error: errors.error).rows)
    let known = (0..<data.count).filter { !poison.isAnySet($0) }
    if !known.isEmpty { rows.add(data.gather(Selection(known)), isError: true) }
  }

  package func endTick(into output: inout TickOutput) {
    for batch in rows.changes(of: .presence) {
      output.push(batch)
      counts.rowsOut += batch.count
    }
    for batch in errors.changes(of: .presence) { output.push(ErrorBatch(width: types.count, rows: batch)) }
    rows.endTick()
    errors.endTick()
  }

  private func canonical(_ batch: Batch) -> Batch {
    Batch(
      count: batch.count, columns: zip(batch.columns, types).map { $0.canonical(as: $1) }, weights: batch.weights)
  }
}
