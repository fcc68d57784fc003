package import Columnar
package import Expressions

/// Keeps the rows for which a condition is true.
///
/// - Input: a batch of `n` updates. Output: at most `n`, with their weights. Linear: no state, nothing at `endTick`.
/// - Cost: O(n). Errors: a row on which the condition fails leaves as an error row without poisoned columns. An error row
///   leaves if the condition is false or null on it, and stays if it is true or not known: because it fails, or because it
///   reads a poisoned column.
package final class Filter: Operator {
  private let condition: BoundExpression
  private let columnsRead: Set<Int>
  private let origin: Int64
  package private(set) var figures = OperatorFigures()

  package init(_ condition: BoundExpression, origin: Int64 = 0) {
    self.condition = condition
    self.origin = origin
    columnsRead = condition.readColumns
  }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    var failed = RowErrors()
    let column = condition.evaluate(batch, errors: &failed)
    var selection = Selection.whereTrue(column)
    if !failed.isEmpty {
      selection = selection.removing(failed.rows)
      output.push(ErrorBatch(failed, of: batch, poisoning: [], origin: origin))
      output.firstError = output.firstError ?? failed.first
    }
    output.push(selection.count == batch.count ? batch : batch.gather(selection))
    figures.rowsIn += batch.count
    figures.rowsOut += selection.count
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) {
    var failed = RowErrors()
    let column = condition.evaluate(errors.data, errors: &failed)
    let unknown = errors.poison.rows(ofAny: columnsRead).union(failed.rows)
    let kept = Set(Selection.whereTrue(column).rowNumbers).union(unknown)
    output.push(kept.count == errors.rows.count ? errors : errors.gather(Selection(kept.sorted())))
  }

  package func endTick(into output: inout TickOutput) {}
}

extension Selection {
  /// The row numbers. For edges, not for loops.
  var rowNumbers: [Int] { (0..<count).map { self[$0] } }
}
