package import Columnar
package import SQLTypes
package import StateMemory
import ZSets

/// An arrangement that several operators look into.
final class Arranged {
  var rows: Arrangement

  init(_ rows: consuming Arrangement) { self.rows = rows }
}

/// Keeps its input arranged by key columns, for the joins above it, and passes it on (DESIGN §9.8).
///
/// - Input: batches of `n` updates, and error rows, which are kept in an arrangement of their own, made with the first one.
///   Output: the same.
/// - State: the rows, until their weight is 0. What a tick changed can be asked until the next one's first batch, or
///   `closeTick`.
/// - Cost: O(n). Errors: none.
package final class Arrange: Operator {
  package let types: [SQLType]
  package let keys: [Int]
  let data: Arranged
  private(set) var errors: Arranged?
  let space: StateSpace
  private var hasTickEnded = false
  private var rowsIn = 0

  /// - isAppendOnly: the input has no retractions (of data; error rows may have); then rows are not looked for, which makes
  ///   an insertion cheaper. Not for the left side of a left join, which counts matches by whole row.
  package init(types: [SQLType], keys: [Int], isAppendOnly: Bool = false, space: StateSpace) {
    self.types = types
    self.keys = keys
    self.space = space
    data = Arranged(
      Arrangement(
        types: types.map(\.physicalType), keys: keys, keyTypes: keys.map { types[$0] }, isAppendOnly: isAppendOnly,
        space: space))
  }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    beginTick()
    rowsIn += batch.count
    data.rows.add(batch)
    output.push(batch)
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) {
    beginTick()
    rowsIn += errors.rows.count
    errorRows().rows.add(errors.rows)
    output.push(errors)
  }

  /// The joins of this tick still ask for what changed, so that nothing leaves here.
  package func endTick(into output: inout TickOutput) { hasTickEnded = true }

  /// Ends the tick after all that read it: rows of weight 0 leave. The next tick's first batch does so too.
  package func closeTick() {
    hasTickEnded = false
    data.rows.endTick()
    errors?.rows.endTick()
  }

  private func beginTick() { if hasTickEnded { closeTick() } }

  private func errorRows() -> Arranged {
    if let errors { return errors }
    let made = Arranged(
      Arrangement(
        types: ErrorBatch.types(over: types.map(\.physicalType)), keys: keys, keyTypes: keys.map { types[$0] },
        space: space))
    errors = made
    return made
  }

  /// Where a cursor over the rows ends: all ids are below.
  package var idLimit: Int { data.rows.idLimit }

  /// The rows, with their weights, whose ids are in `cursor ..< cursor + count`: in all slices together, between two
  /// ticks, each row once.
  package func batch(from cursor: Int, count: Int) -> Batch {
    let rows = data.rows.rows(from: cursor, to: cursor + count)
    return Batch(count: rows.count, columns: data.rows.columns(of: rows), weights: rows.weights)
  }

  package var figures: OperatorFigures {
    var figures = OperatorFigures()
    figures.rowsIn = rowsIn
    figures.rowsOut = rowsIn
    figures.stateRows = data.rows.liveCount + (errors?.rows.liveCount ?? 0)
    figures.stateReads = data.rows.readCount + (errors?.rows.readCount ?? 0)
    figures.stateBytes = data.rows.stateBytes + (errors?.rows.stateBytes ?? 0)
    return figures
  }
}
