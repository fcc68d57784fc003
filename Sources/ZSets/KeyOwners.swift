package import Columnar
package import SQLTypes

/// The rows of a batch by the owner of their key, each owner's in the batch's order: equal keys (nulls are equal, values by
/// their canonical form) have one owner.
///
/// - owners: how many there are; the result has a selection for each.
/// - Cost: packing and hashing the key's columns, and a pass over the hashes.
package func rowsByOwner(of keys: [Column], types: [SQLType], count: Int, owners: Int) -> [Selection] {
  let hashBuffer = keyHashBuffer(keys, types, count), hashes = hashBuffer.pointer(as: UInt32.self)
  let buffers = (0..<owners).map { _ in Buffer(uninitializedByteCount: count * 4) }
  if owners == 2 { return halves(hashBuffer, buffers, count) }
  let counts = withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Int32>.self, capacity: owners) { next in
    for (owner, buffer) in buffers.enumerated() { next.initializeElement(at: owner, to: buffer.pointer(as: Int32.self)) }
    let ends = next.baseAddress.unsafelyUnwrapped
    var row = 0
    while row < count {
      let owner = keyOwner(ofHash: hashes[row], among: owners)
      let end = ends[owner]
      end.pointee = Int32(truncatingIfNeeded: row)
      ends[owner] = end + 1
      row &+= 1
    }
    return buffers.enumerated().map { $1.pointer(as: Int32.self).distance(to: ends[$0]) }
  }
  withExtendedLifetime(hashBuffer) {}
  return zip(counts, buffers).map { Selection(count: $0, rows: $1) }
}

/// The rows of two owners, with the counts in registers: in memory each would wait for the last row's to be written.
private func halves(_ hashBuffer: Buffer, _ buffers: [Buffer], _ count: Int) -> [Selection] {
  let hashes = hashBuffer.pointer(as: UInt32.self)
  let first = buffers[0].pointer(as: Int32.self), second = buffers[1].pointer(as: Int32.self)
  var row = 0, inSecond = 0
  while row < count {
    // Both are written, and the next row writes over the one that does not count.
    first[row &- inSecond] = Int32(truncatingIfNeeded: row)
    second[inSecond] = Int32(truncatingIfNeeded: row)
    inSecond &+= keyOwner(ofHash: hashes[row], among: 2)
    row &+= 1
  }
  withExtendedLifetime(hashBuffer) {}
  return [Selection(count: count - inSecond, rows: buffers[0]), Selection(count: inSecond, rows: buffers[1])]
}

/// The owner by the high bits: state's hash tables choose slots by the low ones, so that an owner's keys fill its tables evenly.
@inline(__always)
package func keyOwner(ofHash hash: UInt32, among owners: Int) -> Int { Int((UInt64(hash) &* UInt64(owners)) &>> 32) }

/// A hash for each row of key columns, the same for equal keys (nulls are equal), by which rows are dealt out.
package func keyHashes(of columns: [Column], types: [SQLType], count: Int) -> [UInt32] {
  let buffer = keyHashBuffer(columns, types, count)
  return withExtendedLifetime(buffer) {
    Array(UnsafeBufferPointer(start: buffer.pointer(as: UInt32.self), count: count))
  }
}

private func keyHashBuffer(_ columns: [Column], _ types: [SQLType], _ count: Int) -> Buffer {
  if columns.count == 1, columns[0].physicalType == .int64, columns[0].nulls == nil, !columns[0].isConstant {
    return wordHashes(columns[0], count)
  }
  let canonical = zip(columns, types).map { $0.canonical(as: $1) }
  return PackedRows(RowLayout(types: types.map(\.physicalType)), canonical, count: count).hashBuffer
}

/// What packing a column of words and its null word, which is zero, and hashing them gives, without packing: the commonest key.
private func wordHashes(_ column: Column, _ count: Int) -> Buffer {
  let buffer = Buffer(uninitializedByteCount: count * 4), hashes = buffer.pointer(as: UInt32.self)
  let words = column.pointer(as: UInt64.self)
  let first = fold(hashSeed)
  var row = 0
  while row < count {
    let hash = fold(first ^ words[row])
    hashes[row] = UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    row &+= 1
  }
  return buffer
}
