package import Columnar

/// Where a view's rows leave its part of a graph: gathers what changed in a tick, for the publish, and passes the rows on
/// to the views above.
///
/// - Error rows end here: poison stops at a materialized view's edge (DESIGN §9.4).
package final class Output: Operator {
  package private(set) var figures = OperatorFigures()
  private var batches: [Batch] = []
  private var errors: [ErrorBatch] = []

  package init() {}

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    figures.rowsIn += batch.count
    figures.rowsOut += batch.count
    batches.append(batch)
    output.push(batch)
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) { self.errors.append(errors) }

  package func endTick(into output: inout TickOutput) {}

  package var isChanged: Bool { !batches.isEmpty || !errors.isEmpty }

  /// The tick's changes, not consolidated; the next tick begins with none.
  package func take() -> (batches: [Batch], errors: [ErrorBatch]) {
    defer { (batches, errors) = ([], []) }
    return (batches, errors)
  }
}
