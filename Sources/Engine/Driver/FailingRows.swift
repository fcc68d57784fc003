import Columnar
import Dataflow
import SQLTypes
import StateMemory
import ZSets

/// The error rows of one node, or at a view's edge, as they stand (DESIGN §9.4). The driver owns it.
final class FailingRows {
  struct Failure: Sendable {
    var state: String
    var message: String
    /// The row's values as a composite's text, without those that are missing because of the failure.
    var row: String
  }

  private let types: [SQLType]
  private let space: StateSpace
  /// Made with the first failure: most nodes never have one.
  private var kept: Kept?

  private final class Kept {
    var rows: WeightedRows
    init(_ rows: consuming WeightedRows) { self.rows = rows }
  }

  init(types: [SQLType], in space: StateSpace) {
    self.types = types
    self.space = space
  }

  /// Different failures, each counted once however many equal rows fail.
  var count: Int { kept?.rows.count ?? 0 }

  /// Adds what began or ceased to fail.
  func add(_ errors: ErrorBatch, tick: UInt64) {
    let kept = self.kept ?? Kept(WeightedRows(types: ErrorBatch.types(over: types.map(\.physicalType)), space: space))
    self.kept = kept
    kept.rows.add(errors.rows, tick: tick)
    kept.rows.endTick()
  }

  /// What fails, in no particular order; on the driver's thread, between ticks.
  func failures() -> [Failure] {
    guard let kept, let snapshot = space.snapshots.openOnDriver() else { return [] }
    var scan = SnapshotScan(kept.rows.reference, in: snapshot)
    var found: [Failure] = []
    while let batch = scan.next() {
      let state = batch.columns.count - 3
      for row in 0..<batch.count {
        let values = types.indices.map { batch.columns[$0].outputText(row, as: types[$0]) ?? "" }
        found.append(
          Failure(
            state: batch.columns[state].text(row), message: batch.columns[state + 1].text(row),
            row: "(" + values.joined(separator: ",") + ")"))
      }
    }
    return found
  }
}
