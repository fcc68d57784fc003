package import Columnar
package import Expressions

/// Computes each output column from the input's row.
///
/// - Input: a batch of `n` updates. Output: `n`, with their weights. Linear: no state, nothing at `endTick`.
/// - Cost: O(n). Errors: a row on which an expression fails is left out and told beside the data.
package final class Project: Operator {
  private let expressions: [BoundExpression]

  package init(_ expressions: [BoundExpression]) { self.expressions = expressions }

  package func push(_ batch: Batch, into output: inout TickOutput) -> Demand {
    var failed = RowErrors()
    let columns = expressions.map { $0.evaluate(batch, errors: &failed) }
    let result = Batch(count: batch.count, columns: columns, weights: batch.weights)
    if failed.isEmpty {
      output.push(result)
    } else {
      output.push(result.gather(Selection(Array(0..<batch.count)).removing(failed.rows)))
      output.errors.append(contentsOf: failed)
    }
    return .more
  }

  package func endTick(into output: inout TickOutput) {}
}
