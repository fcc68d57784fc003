package import Columnar
package import SQLTypes
package import StateMemory

/// Why a delta cannot be applied to a keyed table: the number of the row in the delta.
package enum KeyViolation: Equatable, Sendable {
  /// A retraction of a row that is not there (or not so often).
  case missing(row: Int)
  /// An insertion under a key that has a row already.
  case duplicate(row: Int)
}

/// What a look-up of keys found.
package struct KeyedLookUp: Sendable {
  /// Numbers of the keys that have a row.
  package let found: Selection
  /// Their rows, in this order.
  package let rows: Batch
  /// The tick of each row's last change, in this order.
  package let ticks: Column
  fileprivate let ids: Buffer

  /// The id of one of them, which is valid until the next change.
  package func id(_ row: Int) -> Int {
    precondition((0..<rows.count).contains(row), "a row that was found")
    return Int(ids.pointer(as: UInt32.self)[row])
  }
}

/// Rows of one schema, found by their key columns; a key has at most one row.
///
/// A row of state; keys come first and are canonical, so that they are compared as words:
///
/// | words | meaning |
/// |---|---|
/// | 0 ..< k | the packed key columns in canonical form |
/// | k ..< n | the packed other columns, and again those key columns whose canonical form is not their value |
/// | n | the tick of the last change |
/// | n + 1 | 4 times the number of the last delta that named the row, +1: it retracted, +2: it inserted |
package struct KeyedTable: ~Copyable {
  package let types: [SQLType]
  package let keys: [Int]
  private let keyTypes: [SQLType]
  private let keyLayout: RowLayout
  private let restLayout: RowLayout
  private let restColumns: [Int]
  /// Where each column of the schema lies.
  private let fields: [RowLayout.Field]
  private let keyTails: Int
  private let tails: TailMap
  private var index: HashIndex
  private var rows: RowStore
  private var arena: StateArena
  private var deltaNumber: UInt64 = 0
  /// Rows that probes read.
  package private(set) var readCount = 0

  /// - keys: the key's columns, at least one.
  package init(types: [SQLType], keys: [Int], space: StateSpace) {
    precondition(!keys.isEmpty && keys.allSatisfy(types.indices.contains), "a key has columns of the table")
    self.types = types
    self.keys = keys
    let rest = types.indices.filter { !keys.contains($0) || types[$0].hasCanonicalForm }
    restColumns = rest
    keyTypes = keys.map { types[$0] }
    let keyLayout = RowLayout(types: keys.map { types[$0].physicalType })
    let restLayout = RowLayout(types: rest.map { types[$0].physicalType }, firstWord: keyLayout.endWord)
    self.keyLayout = keyLayout
    self.restLayout = restLayout
    fields = types.indices.map { column in
      if let position = rest.firstIndex(of: column) { return restLayout.fields[position] }
      return keyLayout.fields[keys.firstIndex(of: column)!]
    }
    keyTails = keyLayout.textTails.count
    tails = TailMap(keyLayout.textTails + restLayout.textTails, wordCount: restLayout.endWord)
    index = HashIndex(in: space)
    rows = RowStore(rowBytes: (restLayout.endWord + 2) * 8, in: space)
    arena = StateArena(number: RowLayout.arenaNumber, in: space)
  }

  package var count: Int { rows.count }
  package var stateBytes: Int { index.stateBytes + rows.stateBytes + arena.stateBytes }

  package var reference: RowsReference {
    RowsReference(
      rows: rows.reference, arena: arena.pages, fields: fields, weightOffset: nil, tickOffset: restLayout.endWord * 8)
  }

  /// Looks keys up, whose columns are the key's, in its order and of its types. A key with a null finds the row with a
  /// null there.
  package mutating func lookUp(_ keys: [Column], count: Int) -> KeyedLookUp {
    precondition(keys.count == keyTypes.count, "a column for each of the key's")
    let packed = PackedRows(keyLayout, canonical(keys), count: count)
    let ids = Buffer(byteCount: count * 4), idPointer = ids.pointer(as: UInt32.self)
    index.find(hashes: packed.hashes, count: count, matcher: matcher(packed, inserting: 0), into: idPointer)
    withExtendedLifetime(packed) {}
    readCount += count
    let selected = Buffer(byteCount: count * 4), rowsOut = selected.pointer(as: Int32.self)
    var kept = 0
    for key in 0..<count where idPointer[key] != HashIndex.none {
      rowsOut[kept] = Int32(key)
      idPointer[kept] = idPointer[key]
      kept += 1
    }
    return KeyedLookUp(
      found: Selection(count: kept, rows: selected),
      rows: Batch(count: kept, columns: columns(fields, of: idPointer, count: kept)),
      ticks: columns([tickField], of: idPointer, count: kept)[0],
      ids: ids)
  }

  /// Applies a consolidated delta: the retractions, then the insertions, so that a retraction and an insertion under one
  /// key are an update.
  ///
  /// - appliedIDs: where the ids of the rows are written, if anybody wants to know.
  /// - Returns: the first row that cannot be applied, if there is one; then nothing has been.
  /// - Cost: one or two probes a row of the delta.
  package mutating func apply(_ delta: Batch, tick: UInt64, appliedIDs: AppliedIDs? = nil) -> KeyViolation? {
    deltaNumber += 1
    let count = delta.count
    let packed = PackedRows(
      [(keyLayout, canonical(keys.map { delta.columns[$0] })), (restLayout, restColumns.map { delta.columns[$0] })],
      count: count, hashedParts: 1)
    let ids = appliedIDs?.ids ?? Buffer(byteCount: count * 4), idPointer = ids.pointer(as: UInt32.self)
    defer { withExtendedLifetime((packed, ids)) {} }
    index.find(hashes: packed.hashes, count: count, matcher: matcher(packed, inserting: 0), into: idPointer)
    readCount += count
    if let violation = markExisting(delta, packed, idPointer) { return violation }
    var new = NewKeys(count: count)
    for row in 0..<count where delta.weight(row) > 0 && idPointer[row] == HashIndex.none { new.rows.append(row) }
    if let violation = insertNew(&new, packed, idPointer) { return violation }
    finish(delta, packed, idPointer, tick: tick)
    return nil
  }

  /// Checks the retractions, and the insertions whose key has a row, and marks these rows.
  private mutating func markExisting(
    _ delta: Batch, _ packed: PackedRows, _ ids: UnsafePointer<UInt32>
  ) -> KeyViolation? {
    let found = (0..<delta.count).map { ids[$0] }.filter { $0 != HashIndex.none }
    let writer = rows.willChange(found.span)
    let base = writer.base, rowBytes = writer.rowBytes, end = restLayout.endWord, mark = deltaNumber << 2
    let isTail = tails.flags.map { UnsafePointer($0) }
    for row in 0..<delta.count where delta.weight(row) < 0 {
      guard delta.weight(row) == -1, ids[row] != HashIndex.none else { return .missing(row: row) }
      let at = (base + Int(ids[row]) &* rowBytes).assumingMemoryBound(to: UInt64.self)
      guard at[end + 1] >> 2 != deltaNumber,
        rowsAreEqual(at, packed.words + row &* packed.strideWords, from: keyLayout.endWord, to: end, isTail, arena.base)
      else { return .missing(row: row) }
      at[end + 1] = mark | 1
    }
    for row in 0..<delta.count where delta.weight(row) > 0 {
      guard delta.weight(row) == 1 else { return .duplicate(row: row) }
      if ids[row] == HashIndex.none { continue }
      let at = (base + Int(ids[row]) &* rowBytes).assumingMemoryBound(to: UInt64.self)
      guard at[end + 1] == mark | 1 else { return .duplicate(row: row) }
      at[end + 1] = mark | 3
    }
    return nil
  }

  /// Insertions whose keys have no row: their numbers in the delta, packed rows, hashes and ids.
  private struct NewKeys {
    var rows: [Int] = []
    init(count: Int) { rows.reserveCapacity(count) }
  }

  /// Makes rows for new keys, and takes them back if a key comes twice.
  private mutating func insertNew(
    _ new: inout NewKeys, _ packed: PackedRows, _ ids: UnsafeMutablePointer<UInt32>
  ) -> KeyViolation? {
    let count = new.rows.count, stride = packed.strideWords
    if count == 0 { return nil }
    // Packed side by side, as the index takes them.
    let words = Buffer(byteCount: count * stride * 8), hashes = Buffer(byteCount: count * 4), found = Buffer(byteCount: count * 4)
    let (to, hashTo, foundIDs) = (words.pointer(as: UInt64.self), hashes.pointer(as: UInt32.self), found.pointer(as: UInt32.self))
    for (position, row) in new.rows.enumerated() {
      (to + position &* stride).update(from: packed.words + row &* stride, count: stride)
      hashTo[position] = packed.hashes[row]
    }
    var matcher = RowMatcher(
      packed: to, strideWords: stride, keyWords: keyLayout.endWord, rowWords: stride,
      isTail: tails.flags.map { UnsafePointer($0) }, arena: arena.base, rows: rows.willInsert(count))
    index.findOrInsert(hashes: hashTo, count: count, matcher: &matcher, into: foundIDs)
    readCount += count
    withExtendedLifetime((words, hashes)) {}
    if matcher.newIDs.count == count {
      for (position, row) in new.rows.enumerated() { ids[row] = foundIDs[position] }
      return nil
    }
    // Every first row of a key made one, in order: the first position that did not is the second row of its key.
    let second = zip(0..., matcher.newRows).first { $0 != $1 }?.0 ?? matcher.newRows.count
    let newHashes = matcher.newRows.map { hashTo[$0] }
    index.remove(hashes: newHashes.span, ids: matcher.newIDs.span)
    let writer = rows.willChange()
    for id in matcher.newIDs { writer.remove(id) }
    return .duplicate(row: new.rows[second])
  }

  /// Writes what has been checked: updated rows, texts, ticks; then retracted rows leave.
  private mutating func finish(_ delta: Batch, _ packed: PackedRows, _ ids: UnsafePointer<UInt32>, tick: UInt64) {
    let changes = RowChanges(
      ids: ids, keyEnd: keyLayout.endWord, end: restLayout.endWord, tails: tails.tails, keyTails: keyTails,
      mark: deltaNumber << 2, tick: tick)
    let dead = changes.write(delta, packed, rows: &rows, arena: &arena)
    let hashes = dead.map { packed.hashes[$0] }, deadIDs = dead.map { ids[$0] }
    index.remove(hashes: hashes.span, ids: deadIDs.span)
    arena.endTick()
  }

  /// All ids of rows are below this.
  package var idLimit: Int { rows.idLimit }

  /// The rows whose ids are from `first` and below `end`, as the owner finds them between two changes.
  package func rows(from first: Int, to end: Int) -> Batch {
    let ids = rows.liveIDs(from: first, to: end), count = ids.count
    return ids.withUnsafeBufferPointer { ids in
      ids.baseAddress.map { Batch(count: count, columns: columns(fields, of: $0, count: count)) }
        ?? Batch(count: 0, columns: [])
    }
  }

  /// For tests: while armed, writing to a page of state that was not declared traps.
  package mutating func setArmed(_ armed: Bool) {
    rows.setArmed(armed)
    arena.setArmed(armed)
  }

  private mutating func matcher(_ packed: PackedRows, inserting count: Int) -> RowMatcher {
    RowMatcher(
      packed: packed.words, strideWords: packed.strideWords, keyWords: keyLayout.endWord, rowWords: packed.strideWords,
      isTail: tails.flags.map { UnsafePointer($0) }, arena: arena.base, rows: rows.willInsert(count))
  }

  private func canonical(_ columns: [Column]) -> [Column] {
    zip(columns, keyTypes).map { $0.canonical(as: $1) }
  }

  private var tickField: RowLayout.Field {
    // The tick has no null: the bit is one that no row sets.
    RowLayout.Field(type: .int64, offset: restLayout.endWord * 8, nullWord: 0, nullBit: 0)
  }

  private func columns(_ fields: [RowLayout.Field], of ids: UnsafePointer<UInt32>, count: Int) -> [Column] {
    let arenaBase = arena.base
    return unpack(fields, base: rows.base, rowBytes: rows.rowBytes, rows: ids, count: count) { tail, bytes, to in
      to.copyMemory(from: longText(tail, arenaBase), byteCount: bytes)
    }
  }
}

/// A checked delta as changes of state rows, whose ids are known.
private struct RowChanges {
  let ids: UnsafePointer<UInt32>
  /// The word behind the key, and the one behind the packed row.
  let keyEnd: Int
  let end: Int
  /// Tails of texts, those of the key first.
  let tails: [Int]
  let keyTails: Int
  let mark: UInt64
  let tick: UInt64

  /// - Returns: the numbers of the retractions whose rows have left the store.
  func write(_ delta: Batch, _ packed: PackedRows, rows: inout RowStore, arena: inout StateArena) -> [Int] {
    let affected = (0..<delta.count).filter { delta.weight($0) != 0 }.map { ids[$0] }
    let writer = rows.willChange(affected.span)
    let texts = arena.willChange()
    let base = writer.base, rowBytes = writer.rowBytes
    var dead: [Int] = []
    for row in 0..<delta.count where delta.weight(row) < 0 {
      let at = (base + Int(ids[row]) &* rowBytes).assumingMemoryBound(to: UInt64.self)
      let isUpdated = at[end + 1] == mark | 3
      freeTexts(of: at, isUpdated ? tails[keyTails...] : tails[...], texts)
      if !isUpdated { dead.append(row) }
    }
    for row in 0..<delta.count where delta.weight(row) > 0 {
      let at = (base + Int(ids[row]) &* rowBytes).assumingMemoryBound(to: UInt64.self)
      let isUpdated = at[end + 1] == mark | 3
      if isUpdated { (at + keyEnd).update(from: packed.words + row &* packed.strideWords + keyEnd, count: end - keyEnd) }
      storeTexts(of: at, isUpdated ? tails[keyTails...] : tails[...], texts)
      at[end] = tick
      at[end + 1] = mark | 2
    }
    for row in dead { writer.remove(ids[row]) }
    return dead
  }
}
