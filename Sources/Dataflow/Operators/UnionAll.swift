package import Columnar

/// All rows of all inputs, which have the same types.
///
/// - Input: batches on each port. Output: the same batches. Linear: no state, nothing at `endTick`, no cost. Error rows
///   pass.
package final class UnionAll: Operator {
  private let inputCount: Int
  package private(set) var figures = OperatorFigures()

  package init(inputCount: Int) { self.inputCount = inputCount }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    precondition(port >= 0 && port < inputCount, "a port of the node")
    figures.rowsIn += batch.count
    figures.rowsOut += batch.count
    output.push(batch)
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) { output.push(errors) }

  package func endTick(into output: inout TickOutput) {}
}
