package import Columnar
package import SQLTypes

/// Whether whoever produces rows should go on.
package enum Demand: Sendable {
  case more
  /// LIMIT is reached or the query was cancelled.
  case enough
}

/// What an operator pushes: batches of rows, and beside them the rows that an expression failed on.
///
/// What gathers goes on to the consumers when the operator is done, and in between when it is much: a join's rows are never all in
/// memory at once if what reads them does not keep them.
package struct TickOutput {
  private static let batchesKept = 16

  package internal(set) var batches: [Batch] = []
  package internal(set) var errors: [ErrorBatch] = []
  /// The first failure, located in the statement's text: what a SELECT asked once raises.
  package var firstError: SQLError?
  /// Whom it is sent on to meanwhile; nil: nobody.
  private let graph: Graph?
  private let node: NodeID

  package init() { (graph, node) = (nil, NodeID(0)) }

  init(of node: NodeID, in graph: Graph) { (self.graph, self.node) = (graph, node) }

  package mutating func push(_ batch: Batch) {
    if batch.count == 0 { return }
    batches.append(batch)
    if batches.count >= Self.batchesKept { graph?.sendOn(&self, from: node) }
  }

  /// Whether nobody waits for the graph's rows any more: the operator may leave its work undone.
  package var isCancelled: Bool { graph?.isCancelled() ?? false }

  package mutating func push(_ errors: ErrorBatch) {
    if errors.rows.count > 0 { self.errors.append(errors) }
  }
}

/// Figures of one operator for `leat.operators`; they only grow, but for the state's.
package struct OperatorFigures: Sendable {
  package var rowsIn = 0
  package var rowsOut = 0
  /// Rows that look-ups, probes and walks read from state.
  package var stateReads = 0
  package var stateRows = 0
  package var stateBytes = 0
  package init() {}
}

/// A node of the dataflow: it gets batches on its ports and pushes batches.
///
/// `push` may be called any number of times in a tick, then `endTick` once; an operator with state emits there what the
/// tick's batches together changed. None does I/O, reads a clock, or throws for a row.
package protocol Operator: AnyObject {
  func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand
  /// Error rows of the input (DESIGN §9.4).
  func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput)
  func endTick(into output: inout TickOutput)
  /// After the tick has ended at all nodes: frees what only the tick needed.
  func closeTick()
  /// Another node stands where an input was, with the same rows: for those that look into their inputs.
  func readsInstead(_ source: any Operator, port: Int)
  var figures: OperatorFigures { get }
}

extension Operator {
  package func closeTick() {}
  package func readsInstead(_ source: any Operator, port: Int) {}
}
