import Columnar
import SQLTypes
import StateMemory
import ZSets

/// The keys of a table that requests of the tick under way change. A request that changes other keys joins the tick: what it
/// was checked against, the stored rows of its keys, is what it finds when the tick is applied.
final class StagedKeys {
  private let keyColumns: [Int]
  private let keyTypes: [SQLType]
  private var keys: KeyedTable

  /// - keyColumns: where the key lies in the table's columns.
  init(types: [SQLType], keyColumns: [Int]) {
    self.keyColumns = keyColumns
    keyTypes = keyColumns.map { types[$0] }
    // The memory goes with the tick.
    keys = KeyedTable(types: keyTypes, keys: Array(keyColumns.indices), space: StateSpace())
  }

  /// Whether a consolidated change touches none of the keys.
  func isApart(_ change: Batch) -> Bool {
    keys.lookUp(keyColumns.map { change.columns[$0] }, count: change.count).rows.count == 0
  }

  /// Adds the keys of a change that is apart.
  func add(_ change: Batch) {
    let once = Selection.oneOfEachKey(.last, zip(keyColumns, keyTypes).map { (change.columns[$0], $1) }, count: change.count)
    let rows = change.gather(once)
    let violation = keys.apply(Batch(count: rows.count, columns: keyColumns.map { rows.columns[$0] }), tick: 0)
    precondition(violation == nil, "a change that is apart has keys of its own")
  }
}
