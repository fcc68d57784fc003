package import Columnar
package import Expressions

/// Whether whoever produces rows should go on.
package enum Demand: Sendable {
  case more
  /// LIMIT is reached or the query was cancelled.
  case enough
}

/// What an operator pushes: batches of rows, and beside them the rows that an expression failed on.
package struct TickOutput: Sendable {
  package var batches: [Batch] = []
  package var errors = RowErrors()

  package init() {}

  package mutating func push(_ batch: Batch) {
    if batch.count > 0 { batches.append(batch) }
  }
}

/// A node of the dataflow: it gets batches and pushes batches.
///
/// `push` may be called any number of times in a tick, then `endTick` once; an operator with state emits there what the
/// tick's batches together changed. Neither does I/O, reads a clock, or throws for a row.
package protocol Operator: AnyObject {
  func push(_ batch: Batch, into output: inout TickOutput) -> Demand
  func endTick(into output: inout TickOutput)
}
