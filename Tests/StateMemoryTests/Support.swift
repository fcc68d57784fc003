@testable import StateMemory

func hash32(_ key: UInt64) -> UInt32 {
  let product = (key ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
  return UInt32(truncatingIfNeeded: (product.high ^ product.low) >> 32)
}

/// A group's row, as the tests use it.
struct Group: BitwiseCopyable, Equatable {
  var key: UInt64 = 0
  var count: Int64 = 0
  var sum: Int64 = 0
  var check: UInt64 = 0

  /// Makes the row vouch for itself: a torn row does not.
  mutating func seal() { check = (key &* 31 &+ UInt64(bitPattern: count)) &* 31 &+ UInt64(bitPattern: sum) ^ 0xABCD }
}

/// Adds `value` to the group of each key, as an operator would.
func aggregate(_ keys: [UInt64], _ values: [Int64], into table: inout KeyedRows, hash: (UInt64) -> UInt32 = hash32) {
  let hashes = keys.map(hash)
  var ids = [UInt32](repeating: 0, count: keys.count)
  var span = ids.mutableSpan
  table.findOrInsert(keys: keys.span, hashes: hashes.span, into: &span)
  var writer = table.willChange(ids.span)
  var rows = writer.elements(as: Group.self)
  for index in 0..<keys.count {
    rows[Int(ids[index])].count += 1
    rows[Int(ids[index])].sum += values[index]
    rows[Int(ids[index])].seal()
  }
}

/// The groups of a table as of a snapshot.
func groups(of store: RowStore.Reference, in snapshot: Snapshot) -> [UInt64: Group] {
  let reader = SnapshotReader(snapshot)
  var found: [UInt64: Group] = [:]
  reader.forEachRow(of: store) { _, words in
    found[words[0]] = Group(
      key: words[0], count: Int64(bitPattern: words[1]), sum: Int64(bitPattern: words[2]), check: words[3])
  }
  return found
}
