import Columnar
import SQLTypes
import StateMemory

extension Arrangement {
  /// Ends the tick: rows of weight 0 leave, and their keys if no row is left; what was touched is forgotten.
  ///
  /// - Cost: the rows that came to weight 0 in the tick.
  package mutating func endTick() {
    if touched.isEmpty { return }
    let dead = deadRows()
    if !dead.isEmpty {
      let emptyKeys = unlink(
        dead, from: &rows, header: layout.endWord * 8, keyRows: &keyRows, keyHeader: keyLayout.endWord * 8)
      remove(dead, emptyKeys: emptyKeys)
    }
    readCount += zeros.count
    zeros.removeAll(keepingCapacity: zeros.count <= 1 << 16)
    touched.removeAll(keepingCapacity: touched.count <= 1 << 16)
    tick += 1
  }

  private func deadRows() -> [UInt32] {
    let base = rows.base + layout.endWord * 8, rowBytes = rows.rowBytes
    var dead = zeros.filter { (base + Int($0) &* rowBytes).load(as: Int64.self) == 0 }
    dead.sort()
    var kept = 0
    for (index, id) in dead.enumerated() where index == 0 || dead[kept - 1] != id {
      dead[kept] = id
      kept += 1
    }
    dead.removeLast(dead.count - kept)
    return dead
  }

  private mutating func remove(_ dead: [UInt32], emptyKeys: [UInt32]) {
    let base = rows.base, rowBytes = rows.rowBytes, header = layout.endWord
    let hashes = dead.map { id in
      (base + Int(id) &* rowBytes).load(fromByteOffset: header * 8 + 36, as: UInt32.self)
    }
    if !isAppendOnly { rowIndex.remove(hashes: hashes.span, ids: dead.span) }
    freeRows(dead, of: &rows, tails.tails[...], in: &arena)

    let keyBase = keyRows.base, keyBytes = keyRows.rowBytes, keyHeader = keyLayout.endWord
    let keyHashes = emptyKeys.map { id in
      (keyBase + Int(id) &* keyBytes).load(fromByteOffset: keyHeader * 8 + 8, as: UInt32.self)
    }
    keyIndex.remove(hashes: keyHashes.span, ids: emptyKeys.span)
    freeRows(emptyKeys, of: &keyRows, keyTails.tails[...], in: &keyArena)
  }
}

extension Arrangement {
  /// Sets the weight of rows to 0, so that they leave at the end of the tick.
  mutating func retract(_ ids: [UInt32]) {
    liveCount -= zero(ids, in: &rows, header: layout.endWord * 8, tick: tick, touched: &touched)
    zeros += ids
  }
}

/// Sets weights to 0; how many were not.
private func zero(
  _ ids: [UInt32], in rows: inout RowStore, header: Int, tick: UInt64, touched: inout [UInt32]
) -> Int {
  let writer = rows.willChange(ids.span)
  let base = writer.base + header, rowBytes = writer.rowBytes
  var gone = 0
  for id in ids {
    let at = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self)
    gone += at[0] == 0 ? 0 : 1
    if at[2] != tick {
      at[2] = tick
      at[1] = at[0]
      touched.append(id)
    }
    at[0] = 0
  }
  return gone
}

/// Takes rows out of their chains; the keys that have none left.
private func unlink(
  _ dead: [UInt32], from rows: inout RowStore, header: Int, keyRows: inout RowStore, keyHeader: Int
) -> [UInt32] {
  var emptyKeys: [UInt32] = []
  let writer = rows.willChange(dead.span), keyWriter = keyRows.willChange()
  let base = writer.base + header, rowBytes = writer.rowBytes
  let keyBase = keyWriter.base + keyHeader, keyBytes = keyWriter.rowBytes
  for id in dead {
    let at = base + Int(id) &* rowBytes
    let keyID = at.load(fromByteOffset: 32, as: UInt32.self)
    if keyID == HashIndex.none { continue }
    let key = keyBase + Int(keyID) &* keyBytes
    keyWriter.declare(keyID)
    let next = at.load(fromByteOffset: 24, as: UInt32.self), previous = at.load(fromByteOffset: 28, as: UInt32.self)
    if next != HashIndex.none {
      writer.declare(next)
      (base + Int(next) &* rowBytes).storeBytes(of: previous, toByteOffset: 28, as: UInt32.self)
    }
    if previous != HashIndex.none {
      writer.declare(previous)
      (base + Int(previous) &* rowBytes).storeBytes(of: next, toByteOffset: 24, as: UInt32.self)
    } else {
      key.storeBytes(of: next, as: UInt32.self)
    }
    let rest = key.load(fromByteOffset: 4, as: UInt32.self) &- 1
    key.storeBytes(of: rest, toByteOffset: 4, as: UInt32.self)
    if rest == 0 { emptyKeys.append(keyID) }
  }
  return emptyKeys
}

/// Gives rows and their texts back, whose ranges are used again from now on.
private func freeRows(_ ids: [UInt32], of rows: inout RowStore, _ tails: ArraySlice<Int>, in arena: inout StateArena) {
  if ids.isEmpty { return }
  if !tails.isEmpty {
    let base = rows.base, rowBytes = rows.rowBytes
    let writer = arena.willChange()
    for id in ids { freeTexts(of: (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self), tails, writer) }
  }
  if !tails.isEmpty { arena.endTick() }
  let writer = rows.willChange()
  for id in ids { writer.remove(id) }
}
