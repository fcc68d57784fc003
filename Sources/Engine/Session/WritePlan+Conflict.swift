import Columnar
import Expressions
import Planner
import SQLCatalog
import SQLTypes
import StateMemory
import ZSets

extension WritePlan {
  /// What ON CONFLICT makes of rows to insert: rows to retract, and rows to insert.
  ///
  /// - Errors: 21000 where DO UPDATE would change a row twice; a failing expression's.
  func resolve(
    _ conflict: PlannedConflict, _ rows: Batch, _ reading: Reading, _ access: DriverAccess, _ cancelToken: CancelToken
  ) throws(SQLError) -> (old: [Batch], new: [Batch]) {
    let types = relation.columns.map(\.type)
    let key = conflict.key ?? relation.primaryKey
    if key.isEmpty { return ([], [rows]) }
    let first = Selection.oneOfEachKey(.first, key.map { (rows.columns[$0], types[$0]) }, count: rows.count)
    let there = try lookUp(rows.gather(first), key, reading, access, cancelToken)
    let taken = Set((0..<there.found.count).map { there.found[$0] })
    let candidates = rows.gather(first)
    let free = candidates.gather(Selection((0..<candidates.count).filter { !taken.contains($0) }))
    switch conflict.action {
    case .nothing: return ([], [free])
    case .update(let newValues, let filter):
      if first.count != rows.count {
        throw SQLError(
          SQLState("21000"), "ON CONFLICT DO UPDATE command cannot affect row a second time",
          hint: "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.")
      }
      let proposed = candidates.gather(there.found)
      var pairs = Batch(count: there.rows.count, columns: there.rows.columns + proposed.columns)
      var old = there.rows
      if let filter {
        let kept = try Self.project(pairs, [filter]).columns[0]
        let selection = Selection.whereTrue(kept)
        pairs = pairs.gather(selection)
        old = old.gather(selection)
      }
      return ([old], [free, try Self.project(pairs, newValues)])
    }
  }

  /// The rows that the table has under the keys of `rows`.
  private func lookUp(
    _ rows: Batch, _ key: [Int], _ reading: Reading, _ access: DriverAccess, _ cancelToken: CancelToken
  ) throws(SQLError) -> KeyedLookUp {
    let id = relation.id
    let keys = key.map { rows.columns[$0] }
    if reading.hasOwnWrites {
      // Nobody keeps an index of what a transaction sees: one is made for the statement.
      var table = KeyedTable(types: relation.columns.map(\.type), keys: key, space: StateSpace())
      for batch in try self.rows(nil, reading, access, cancelToken) { _ = table.apply(batch, tick: 0) }
      return table.lookUp(keys, count: rows.count)
    }
    let found = try access.look { driver in (driver.relations[id] as? KeyedRelation)?.lookUp(keys, count: rows.count) }
    guard let found else { throw SQLError(.undefinedTable, "relation \"\(relation.name)\" has been dropped") }
    return found
  }
}
