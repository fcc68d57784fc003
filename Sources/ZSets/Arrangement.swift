import CPlatform
package import Columnar
package import SQLTypes
package import StateMemory

/// A z-set indexed by key columns and kept (DESIGN §9.8): a directory of keys, and for each key a chain of its rows.
///
/// A row of state, `n` being the words of its layout:
///
/// | word  | meaning                                                                         |
/// |-------|---------------------------------------------------------------------------------|
/// | 0 ..< n | the packed row                                                                 |
/// | n     | weight now                                                                      |
/// | n + 1 | weight before the tick, valid if the row was touched in it                       |
/// | n + 2 | number of the tick (`endTick` ends one) that touched the row last                |
/// | n + 3 | ids of the next row (low half) and the previous one (high half) in the chain     |
/// | n + 4 | id of the key (low half) and the hash of the row (high half)                     |
///
/// A key of the directory, `k` being the words of its layout: the packed key in canonical form, then
///
/// | word  | meaning                                              |
/// |-------|------------------------------------------------------|
/// | k     | id of the chain's first row, the newest (low half), and how many rows it has (high half) |
/// | k + 1 | hash of the key (low half)                            |
///
/// - Rows are found by the whole row, through a hash index of their own, so that a row leaves a chain of any length at the
///   cost of two neighbours.
/// - A row with a null in its key is kept, but in no chain: it meets nothing, and an outer join shows it all the same.
/// - Without key columns every row is in one chain.
/// - A row of weight 0 stays until `endTick`, because the joins of the tick still ask what it weighed before.
/// - Of an append-only input equal rows are kept each for itself, and there is no index by whole row: nothing is looked for.
/// - Rows keep their ids while they are there; the id of a row that left is given out again.
package struct Arrangement: ~Copyable {
  package let types: [PhysicalType]
  package let keys: [Int]
  package let isAppendOnly: Bool
  let keyTypes: [SQLType]
  let layout: RowLayout
  let keyLayout: RowLayout
  let tails: TailMap
  let keyTails: TailMap
  var rowIndex: HashIndex
  var keyIndex: HashIndex
  var rows: RowStore
  var keyRows: RowStore
  var arena: StateArena
  var keyArena: StateArena
  var tick: UInt64 = 1
  /// Rows that this tick's batches touched, in the order of their first touch.
  package internal(set) var touched: [UInt32] = []
  /// Rows whose weight came to 0 in this tick; it may have left it again, and a row may stand here twice.
  var zeros: [UInt32] = []
  /// Rows of a weight other than 0.
  package internal(set) var liveCount = 0
  /// Rows that additions and `endTick` read.
  package internal(set) var readCount = 0

  /// - keyTypes: the type of each key column, by which it is made canonical.
  /// - isAppendOnly: no weight is below 0.
  package init(
    types: [PhysicalType], keys: [Int], keyTypes: [SQLType], isAppendOnly: Bool = false, space: StateSpace
  ) {
    precondition(keys.count == keyTypes.count && keys.allSatisfy { $0 < types.count }, "a type for each key column")
    self.types = types
    self.keys = keys
    self.isAppendOnly = isAppendOnly
    self.keyTypes = keyTypes
    layout = RowLayout(types: types)
    keyLayout = RowLayout(types: keys.map { types[$0] })
    tails = TailMap(layout.textTails, wordCount: layout.endWord)
    keyTails = TailMap(keyLayout.textTails, wordCount: keyLayout.endWord)
    rowIndex = HashIndex(in: space)
    keyIndex = HashIndex(in: space)
    rows = RowStore(rowBytes: (layout.endWord + 5) * 8, in: space)
    keyRows = RowStore(rowBytes: (keyLayout.endWord + 2) * 8, in: space)
    arena = StateArena(number: RowLayout.arenaNumber, in: space)
    keyArena = StateArena(number: RowLayout.arenaNumber, in: space)
  }

  /// Rows in memory, those of weight 0 that leave at the end of the tick included.
  package var count: Int { rows.count }
  package var keyCount: Int { keyRows.count }
  /// All ids are below this.
  package var idLimit: Int { rows.idLimit }
  package var stateBytes: Int {
    rowIndex.stateBytes + keyIndex.stateBytes + rows.stateBytes + keyRows.stateBytes + arena.stateBytes
      + keyArena.stateBytes + (touched.capacity + zeros.capacity) * 4
  }

  /// For tests: while armed, a write to a page that was not declared traps.
  package mutating func setArmed(_ armed: Bool) {
    rows.setArmed(armed)
    keyRows.setArmed(armed)
    arena.setArmed(armed)
    keyArena.setArmed(armed)
  }

  /// Adds a batch's rows to the weights.
  ///
  /// - Cost: a look-up of the row and, for a new one, of its key. Errors: none; a negative weight is legal.
  package mutating func add(_ batch: Batch) {
    let count = batch.count
    if count == 0 { return }
    let packed = PackedRows(layout, batch.columns, count: count)
    let ids = Buffer(byteCount: count * 4)
    let idPointer = ids.pointer(as: UInt32.self)
    let (newIDs, newRows) = findOrInsert(packed, into: idPointer)
    if !newIDs.isEmpty { index(newIDs, newRows, of: batch) }
    let weights = batch.weights?.pointer(as: Int64.self), step = batch.weights?.isConstant == true ? 0 : 1
    liveCount += weigh(
      idPointer, count: count, weights, step: step, in: &rows, header: layout.endWord * 8, tick: tick, touched: &touched,
      zeros: &zeros)
    withExtendedLifetime((packed, ids, batch)) {}
    readCount += count
  }

  /// Finds the rows of a batch, making those that are not there; these come with their numbers in the batch.
  private mutating func findOrInsert(
    _ packed: PackedRows, into ids: UnsafeMutablePointer<UInt32>
  ) -> (ids: [UInt32], rows: [Int]) {
    var matcher = RowMatcher(
      packed: packed.words, strideWords: packed.strideWords, keyWords: layout.endWord, rowWords: layout.endWord,
      isTail: tails.flags.map { UnsafePointer($0) }, arena: arena.base, rows: rows.willInsert(packed.count))
    if isAppendOnly {
      for row in 0..<packed.count { ids[row] = matcher.insert(row) }
    } else {
      rowIndex.findOrInsert(hashes: packed.hashes, count: packed.count, matcher: &matcher, into: ids)
    }
    let base = matcher.rows.base, rowBytes = matcher.rows.rowBytes, hashes = packed.hashes
    let tailWords = tails.tails[...], header = layout.endWord
    for (id, row) in zip(matcher.newIDs, matcher.newRows) {
      let at = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self)
      at[header + 3] = UInt64.max
      at[header + 4] = UInt64(HashIndex.none) | UInt64(hashes[row]) << 32
    }
    if !tailWords.isEmpty, !matcher.newIDs.isEmpty {
      let writer = arena.willChange()
      for id in matcher.newIDs {
        storeTexts(of: (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self), tailWords, writer)
      }
    }
    return (matcher.newIDs, matcher.newRows)
  }

  /// Puts new rows into the chains of their keys.
  private mutating func index(_ newIDs: [UInt32], _ newRows: [Int], of batch: Batch) {
    var ids = newIDs, columns = keys.map { batch.columns[$0] }
    if newIDs.count < batch.count { columns = gather(columns, newRows) }
    if columns.contains(where: { $0.nulls != nil }) {
      let kept = (0..<ids.count).filter { row in columns.allSatisfy { !$0.isNull(row) } }
      columns = gather(columns, kept)
      ids = kept.map { ids[$0] }
    }
    if ids.isEmpty { return }
    let canonical = zip(columns, keyTypes).map { $0.canonical(as: $1) }
    let packed = PackedRows(keyLayout, canonical, count: ids.count)
    let keyIDs = Buffer(byteCount: ids.count * 4)
    let keyPointer = keyIDs.pointer(as: UInt32.self)
    findOrInsertKeys(packed, into: keyPointer)
    link(
      ids, in: &rows, header: layout.endWord * 8, keyPointer, in: &keyRows, keyHeader: keyLayout.endWord * 8,
      count: ids.count)
    withExtendedLifetime((packed, keyIDs)) {}
  }

  private func gather(_ columns: [Column], _ rows: [Int]) -> [Column] {
    let selection = Selection(rows)
    return columns.map { $0.gather(selection) }
  }

  private mutating func findOrInsertKeys(_ packed: PackedRows, into ids: UnsafeMutablePointer<UInt32>) {
    var matcher = RowMatcher(
      packed: packed.words, strideWords: packed.strideWords, keyWords: keyLayout.endWord, rowWords: keyLayout.endWord,
      isTail: keyTails.flags.map { UnsafePointer($0) }, arena: keyArena.base, rows: keyRows.willInsert(packed.count))
    keyIndex.findOrInsert(hashes: packed.hashes, count: packed.count, matcher: &matcher, into: ids)
    let base = matcher.rows.base, rowBytes = matcher.rows.rowBytes, hashes = packed.hashes
    let tailWords = keyTails.tails[...], header = keyLayout.endWord
    for (id, row) in zip(matcher.newIDs, matcher.newRows) {
      let at = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self)
      at[header] = UInt64(HashIndex.none)
      at[header + 1] = UInt64(hashes[row])
    }
    if tailWords.isEmpty || matcher.newIDs.isEmpty { return }
    let writer = keyArena.willChange()
    for id in matcher.newIDs {
      storeTexts(of: (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self), tailWords, writer)
    }
  }

}

/// Adds weights to rows, and notes which of them the tick touches first; how many more rows count now.
///
/// - header: byte offset of a row's weight.
private func weigh(
  _ ids: UnsafePointer<UInt32>, count: Int, _ weights: UnsafePointer<Int64>?, step: Int, in rows: inout RowStore,
  header: Int, tick: UInt64, touched: inout [UInt32], zeros: inout [UInt32]
) -> Int {
  let writer = rows.willChange(Span(_unsafeStart: ids, count: count))
  let base = writer.base + header, rowBytes = writer.rowBytes
  var live = 0, row = 0
  while row < count {
    let at = (base + Int(ids[row]) &* rowBytes).assumingMemoryBound(to: UInt64.self)
    let old = Int64(bitPattern: at[0])
    if at[2] != tick {
      at[2] = tick
      at[1] = UInt64(bitPattern: old)
      touched.append(ids[row])
    }
    let new = old &+ (weights.map { $0[row &* step] } ?? 1)
    at[0] = UInt64(bitPattern: new)
    live &+= (new == 0 ? 0 : 1) &- (old == 0 ? 0 : 1)
    if new == 0 { zeros.append(ids[row]) }
    row &+= 1
  }
  return live
}

/// Puts each row before the first of its key's chain.
///
/// - header, keyHeader: byte offsets of a row's weight and of a key's chain.
private func link(
  _ ids: UnsafePointer<UInt32>, in rows: inout RowStore, header: Int, _ keyIDs: UnsafePointer<UInt32>,
  in keyRows: inout RowStore, keyHeader: Int, count: Int
) {
  let keyWriter = keyRows.willChange(Span(_unsafeStart: keyIDs, count: count))
  let writer = rows.willChange(Span(_unsafeStart: ids, count: count))
  let keyBase = keyWriter.base + keyHeader, keyBytes = keyWriter.rowBytes
  let base = writer.base + header, rowBytes = writer.rowBytes
  for row in 0..<count {
    let head = (keyBase + Int(keyIDs[row]) &* keyBytes).load(as: UInt32.self)
    if head != HashIndex.none { cp_prefetch_write(base + Int(head) &* rowBytes) }
  }
  for row in 0..<count {
    let id = ids[row], key = keyBase + Int(keyIDs[row]) &* keyBytes, at = base + Int(id) &* rowBytes
    let head = key.load(as: UInt32.self)
    at.storeBytes(of: head, toByteOffset: 24, as: UInt32.self)
    at.storeBytes(of: keyIDs[row], toByteOffset: 32, as: UInt32.self)
    if head != HashIndex.none {
      writer.declare(head)
      (base + Int(head) &* rowBytes).storeBytes(of: id, toByteOffset: 28, as: UInt32.self)
    }
    key.storeBytes(of: id, as: UInt32.self)
    key.storeBytes(of: key.load(fromByteOffset: 4, as: UInt32.self) &+ 1, toByteOffset: 4, as: UInt32.self)
  }
}
