package import Columnar
package import SQLTypes

/// The rows of a batch by the owner of their key, each owner's in the batch's order: equal keys (nulls are equal, values by
/// their canonical form) have one owner.
///
/// - owners: how many there are; the result has a selection for each.
/// - Cost: packing and hashing the key's columns, and two passes over the hashes.
package func rowsByOwner(of keys: [Column], types: [SQLType], count: Int, owners: Int) -> [Selection] {
  let packed = packedKeys(keys, types, count), hashes = packed.hashes
  let owner = Buffer(byteCount: count * 2), ownerOf = owner.pointer(as: UInt16.self)
  var counts = [Int](repeating: 0, count: owners)
  for row in 0..<count {
    let number = keyOwner(ofHash: hashes[row], among: owners)
    ownerOf[row] = UInt16(truncatingIfNeeded: number)
    counts[number] &+= 1
  }
  let rows = counts.map { Buffer(byteCount: $0 * 4) }
  var next = rows.map { $0.pointer(as: Int32.self) }
  for row in 0..<count {
    let number = Int(ownerOf[row])
    next[number].pointee = Int32(truncatingIfNeeded: row)
    next[number] += 1
  }
  withExtendedLifetime((packed, owner)) {}
  return zip(counts, rows).map { Selection(count: $0, rows: $1) }
}

/// The owner by the high bits: state's hash tables choose slots by the low ones, so that an owner's keys fill its tables evenly.
@inline(__always)
package func keyOwner(ofHash hash: UInt32, among owners: Int) -> Int { Int((UInt64(hash) &* UInt64(owners)) &>> 32) }

/// A hash for each row of key columns, the same for equal keys (nulls are equal), by which rows are dealt out.
package func keyHashes(of columns: [Column], types: [SQLType], count: Int) -> [UInt32] {
  let packed = packedKeys(columns, types, count)
  return withExtendedLifetime(packed) { Array(UnsafeBufferPointer(start: packed.hashes, count: count)) }
}

private func packedKeys(_ columns: [Column], _ types: [SQLType], _ count: Int) -> PackedRows {
  let canonical = zip(columns, types).map { $0.canonical(as: $1) }
  return PackedRows(RowLayout(types: types.map(\.physicalType)), canonical, count: count)
}
