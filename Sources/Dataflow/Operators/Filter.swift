package import Columnar
package import Expressions

/// Keeps the rows for which a condition is true.
///
/// - Input: a batch of `n` updates. Output: at most `n`, with their weights. Linear: no state, nothing at `endTick`.
/// - Cost: O(n). Errors: a row on which the condition fails is kept out and told beside the data.
package final class Filter: Operator {
  private let condition: BoundExpression

  package init(_ condition: BoundExpression) { self.condition = condition }

  package func push(_ batch: Batch, into output: inout TickOutput) -> Demand {
    var failed = RowErrors()
    let column = condition.evaluate(batch, errors: &failed)
    var selection = Selection.whereTrue(column)
    if !failed.isEmpty {
      selection = selection.removing(failed.rows)
      output.errors.append(contentsOf: failed)
    }
    output.push(selection.count == batch.count ? batch : batch.gather(selection))
    return .more
  }

  package func endTick(into output: inout TickOutput) {}
}
