package import Columnar

/// Where rows enter a graph, or one part of it: passes on what it gets.
///
/// - Linear: no state. Error rows pass too.
package final class Input: Operator {
  package private(set) var figures = OperatorFigures()

  package init() {}

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    figures.rowsIn += batch.count
    figures.rowsOut += batch.count
    output.push(batch)
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) { output.push(errors) }

  package func endTick(into output: inout TickOutput) {}
}
