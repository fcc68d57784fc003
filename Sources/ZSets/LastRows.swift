package import Columnar
package import SQLTypes

extension Selection {
  /// Which row of those with one key counts.
  package enum KeyChoice: Sendable { case first, last }

  /// One row of each key, in the order of the rows; the last ones are what a sequence of upserts leaves.
  ///
  /// - keys: the key columns and their types; keys are equal by their canonical form, and nulls are equal.
  /// - Cost: one probe a row in a table of the batch's own.
  package static func oneOfEachKey(
    _ choice: KeyChoice, _ keys: [(column: Column, type: SQLType)], count: Int
  ) -> Selection {
    precondition(!keys.isEmpty, "a key has a column")
    let canonical = keys.map { $0.column.canonical(as: $0.type) }
    let packed = PackedRows(RowLayout(types: keys.map(\.type.physicalType)), canonical, count: count)
    let hashes = packed.hashes
    var bits = 4
    while 1 << bits < count * 2 { bits += 1 }
    let mask = 1 << bits - 1
    // Slots of row number + 1: the row that counts so far.
    let slots = Buffer(byteCount: (mask + 1) * 4), isReplaced = Buffer(byteCount: count)
    let slot = slots.pointer(as: Int32.self), replaced = isReplaced.pointer(as: UInt8.self)
    for row in 0..<count {
      var at = Int(hashes[row]) & mask
      while slot[at] != 0 {
        let other = Int(slot[at]) - 1
        if hashes[other] == hashes[row], canonical.allSatisfy({ rowsAreEqual($0, other, row) }) {
          replaced[choice == .last ? other : row] = 1
          break
        }
        at = (at + 1) & mask
      }
      if choice == .last || slot[at] == 0 { slot[at] = Int32(row + 1) }
    }
    let rows = Buffer(byteCount: count * 4), out = rows.pointer(as: Int32.self)
    var kept = 0
    for row in 0..<count {
      out[kept] = Int32(row)
      kept &+= Int(replaced[row] ^ 1)
    }
    return Selection(count: kept, rows: rows)
  }
}

private func rowsAreEqual(_ column: Column, _ a: Int, _ b: Int) -> Bool {
  switch (column.isNull(a), column.isNull(b)) {
  case (false, false): Column.order(column, a, column, b) == 0
  case (let first, let second): first == second
  }
}
