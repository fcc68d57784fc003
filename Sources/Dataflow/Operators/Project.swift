package import Columnar
package import Expressions
import SQLTypes

/// Computes each output column from the input's row.
///
/// - Input: a batch of `n` updates. Output: `n`, with their weights. Linear: no state, nothing at `endTick`.
/// - Cost: O(n). Errors: a row on which an expression fails leaves as an error row whose failed columns are poisoned. An
///   error row is evaluated further and keeps its error; an expression that reads a poisoned column, or fails, poisons
///   its own.
package final class Project: Operator {
  private let expressions: [BoundExpression]
  private let columnsRead: [Set<Int>]
  private let origin: Int64
  package private(set) var figures = OperatorFigures()

  package init(_ expressions: [BoundExpression], origin: Int64 = 0) {
    self.expressions = expressions
    self.origin = origin
    columnsRead = expressions.map(\.readColumns)
  }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    let (result, failures) = evaluate(batch)
    figures.rowsIn += batch.count
    if failures.isEmpty {
      output.push(result)
      figures.rowsOut += result.count
      return .more
    }
    let failedRows = failures.reduce(into: Set<Int>()) { $0.formUnion($1.rows.rows) }
    let good = Selection((0..<batch.count).filter { !failedRows.contains($0) })
    output.push(result.gather(good))
    output.push(ErrorBatch(failures, of: result, origin: origin))
    figures.rowsOut += good.count
    var all = RowErrors()
    for (_, rows) in failures { all.append(contentsOf: rows) }
    output.firstError = output.firstError ?? all.first
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) {
    let (result, failures) = evaluate(errors.data)
    let poisonIn = errors.poison
    var poison = PoisonBits(width: expressions.count, count: errors.rows.count)
    for column in expressions.indices where !columnsRead[column].isEmpty {
      for row in poisonIn.rows(ofAny: columnsRead[column]) { poison.set(column, row) }
    }
    for case (let column?, let failed) in failures { for row in failed.rows { poison.set(column, row) } }
    output.push(ErrorBatch(data: result, poison: poison, error: errors.error))
  }

  package func endTick(into output: inout TickOutput) {}

  private func evaluate(_ batch: Batch) -> (Batch, [(column: Int?, rows: RowErrors)]) {
    var failures: [(column: Int?, rows: RowErrors)] = []
    let columns = expressions.enumerated().map { index, expression in
      var failed = RowErrors()
      let column = expression.evaluate(batch, errors: &failed)
      if !failed.isEmpty { failures.append((index, failed)) }
      return column
    }
    return (Batch(count: batch.count, columns: columns, weights: batch.weights), failures)
  }
}
