package import Columnar
package import StateMemory
import SQLTypes

/// A z-set kept in state: rows of one schema, found by the whole row, each with its weight.
///
/// A row of state, `n` being the layout's words:
///
/// | word | meaning |
/// |---|---|
/// | 0 ..< n | the packed row |
/// | n | weight now |
/// | n + 1 | weight before the tick, valid if the row was touched in it |
/// | n + 2 | the tick of the last change |
/// | n + 3 | the number of the round (`endTick` ends one) that touched the row last |
/// | n + 4, n + 5 | only if error rows are tracked: their weight now, and before the tick as in n + 1 |
///
/// A row leaves when its weight is 0 at the end of a tick; until then a negative weight, or a zero one, is legal. Rows are
/// equal by their exact bytes: who wants canonical ones gives canonical ones.
package struct WeightedRows: ~Copyable {
  package let types: [PhysicalType]
  let layout: RowLayout
  let tails: TailMap
  private var index: HashIndex
  private(set) var rows: RowStore
  private(set) var arena: StateArena
  private let tracksErrors: Bool
  private var round: UInt64 = 1
  /// Rows that this round's batches touched, in the order of their first touch.
  private var touched: [UInt32] = []
  /// Rows that probes and `endTick` read.
  package private(set) var readCount = 0

  /// - tracksErrors: whether a row also counts error rows of its values, which withhold it (DESIGN §9.4).
  package init(types: [PhysicalType], space: StateSpace, tracksErrors: Bool = false) {
    self.types = types
    self.tracksErrors = tracksErrors
    layout = RowLayout(types: types)
    tails = TailMap(layout.textTails, wordCount: layout.endWord)
    index = HashIndex(in: space)
    rows = RowStore(rowBytes: (layout.endWord + (tracksErrors ? 6 : 4)) * 8, in: space)
    arena = StateArena(number: RowLayout.arenaNumber, in: space)
  }

  /// Rows, those of weight 0 that leave at the end of the tick included.
  package var count: Int { rows.count }
  package var stateBytes: Int { index.stateBytes + rows.stateBytes + arena.stateBytes + touched.capacity * 4 }

  package var reference: RowsReference {
    RowsReference(
      rows: rows.reference, arena: arena.pages, fields: layout.fields, weightOffset: layout.endWord * 8,
      tickOffset: (layout.endWord + 2) * 8)
  }

  /// Adds a batch's rows to the weights.
  ///
  /// - isError: whether they are error rows of which every column is known.
  /// - appliedIDs: where the ids of the rows are written, if anybody wants to know.
  /// - Returns: for each input row the weight of its row before and after it, inputs being taken one after the other.
  /// - Cost: one probe an input row.
  @discardableResult
  package mutating func add(
    _ batch: Batch, tick: UInt64 = 0, isError: Bool = false, appliedIDs: AppliedIDs? = nil
  ) -> (before: Column, after: Column) {
    precondition(tracksErrors || !isError, "error rows are tracked")
    let count = batch.count
    let before = Buffer(byteCount: count * 8), after = Buffer(byteCount: count * 8)
    let packed = PackedRows(layout, batch.columns, count: count)
    let ids = appliedIDs?.ids ?? Buffer(byteCount: count * 4)
    findOrInsert(packed, into: ids)
    let idPointer = ids.pointer(as: UInt32.self)
    let writer = rows.willChange(Span(_unsafeStart: UnsafePointer(idPointer), count: count))
    let base = writer.base, rowBytes = writer.rowBytes, weightWord = layout.endWord, round = self.round
    let tracksErrors = self.tracksErrors, changed = isError ? 4 : 0
    let weights = batch.weights?.pointer(as: Int64.self), step = batch.weights?.isConstant == true ? 0 : 1
    let (beforeOut, afterOut) = (before.pointer(as: Int64.self), after.pointer(as: Int64.self))
    var row = 0
    while row < count {
      let at = (base + Int(idPointer[row]) &* rowBytes).assumingMemoryBound(to: UInt64.self) + weightWord
      let old = Int64(bitPattern: at[changed])
      if at[3] != round {
        at[3] = round
        at[1] = at[0]
        if tracksErrors { at[5] = at[4] }
        touched.append(idPointer[row])
      }
      let new = old &+ (weights.map { $0[row &* step] } ?? 1)
      at[changed] = UInt64(bitPattern: new)
      at[2] = tick
      beforeOut[row] = old
      afterOut[row] = new
      row &+= 1
    }
    withExtendedLifetime((packed, ids, batch)) {}
    readCount += count
    return (Column(.int64, count: count, values: before), Column(.int64, count: count, values: after))
  }

  /// Whether each row that a consolidated batch retracts is there at least as often.
  ///
  /// - Cost: one probe an input row.
  package mutating func holdsRetractions(of batch: Batch) -> Bool {
    let count = batch.count
    let packed = PackedRows(layout, batch.columns, count: count)
    let ids = Buffer(byteCount: count * 4), idPointer = ids.pointer(as: UInt32.self)
    let matcher = RowMatcher(
      packed: packed.words, strideWords: packed.strideWords, keyWords: layout.endWord, rowWords: layout.endWord,
      isTail: tails.flags.map { UnsafePointer($0) }, arena: arena.base, rows: rows.willInsert(0))
    index.find(hashes: packed.hashes, count: count, matcher: matcher, into: idPointer)
    readCount += count
    let base = rows.base, rowBytes = rows.rowBytes
    defer { withExtendedLifetime((packed, ids)) {} }
    for row in 0..<count where batch.weight(row) < 0 {
      guard idPointer[row] != HashIndex.none else { return false }
      let weight = (base + Int(idPointer[row]) &* rowBytes + layout.endWord * 8).load(as: Int64.self)
      if weight &+ batch.weight(row) < 0 { return false }
    }
    return true
  }

  private mutating func findOrInsert(_ packed: PackedRows, into ids: Buffer) {
    var matcher = RowMatcher(
      packed: packed.words, strideWords: packed.strideWords, keyWords: layout.endWord, rowWords: layout.endWord,
      isTail: tails.flags.map { UnsafePointer($0) }, arena: arena.base, rows: rows.willInsert(packed.count))
    index.findOrInsert(
      hashes: packed.hashes, count: packed.count, matcher: &matcher, into: ids.pointer(as: UInt32.self))
    let tailWords = tails.tails[...]
    if !tailWords.isEmpty {
      let writer = arena.willChange()
      for id in matcher.newIDs {
        let row = (matcher.rows.base + Int(id) &* matcher.rows.rowBytes).assumingMemoryBound(to: UInt64.self)
        storeTexts(of: row, tailWords, writer)
      }
    }
  }

  /// All ids of rows are below this.
  package var idLimit: Int { rows.idLimit }

  /// The rows whose ids are from `first` and below `end`, with their weights, as the owner finds them between two rounds.
  package func rows(from first: Int, to end: Int) -> Batch {
    let ids = rows.liveIDs(from: first, to: end), count = ids.count
    if count == 0 { return Batch(count: 0, columns: []) }
    let weights = Buffer(byteCount: count * 8), weightOut = weights.pointer(as: Int64.self)
    for (row, id) in ids.enumerated() {
      weightOut[row] = (rows.base + Int(id) &* rows.rowBytes + layout.endWord * 8).load(as: Int64.self)
    }
    return Batch(
      count: count, columns: ids.withUnsafeBufferPointer { columns(of: $0.baseAddress!, count: count) },
      weights: Column(.int64, count: count, values: weights))
  }

  /// What a row counts.
  package enum Measure: Sendable {
    /// Its weight.
    case weight
    /// 1 while the weight is positive and that of tracked error rows is not, else 0: the rule of DISTINCT.
    case presence
  }

  /// What changed in this tick: the rows whose measure did, each once, weighted by the difference, in batches.
  package mutating func changes(of measure: Measure) -> [Batch] {
    let ids = Buffer(byteCount: touched.count * 4), weights = Buffer(byteCount: touched.count * 8)
    let (idOut, weightOut) = (ids.pointer(as: UInt32.self), weights.pointer(as: Int64.self))
    let base = rows.base, rowBytes = rows.rowBytes, weightWord = layout.endWord
    var kept = 0
    for id in touched {
      let at = (base + Int(id) &* rowBytes).assumingMemoryBound(to: Int64.self) + weightWord
      let difference: Int64 =
        switch measure {
        case .weight: at[0] &- at[1]
        case .presence: isPresent(at, 0) &- isPresent(at, 1)
        }
      idOut[kept] = id
      weightOut[kept] = difference
      kept &+= difference == 0 ? 0 : 1
    }
    readCount += touched.count
    return stride(from: 0, to: kept, by: Batch.targetRowCount).map { first in
      let count = min(Batch.targetRowCount, kept - first)
      let part = Buffer(byteCount: count * 8)
      part.base.copyMemory(from: weightOut + first, byteCount: count * 8)
      return Batch(
        count: count, columns: columns(of: idOut + first, count: count),
        weights: Column(.int64, count: count, values: part))
    }
  }

  /// Whether a row counts now (0) or did before the tick (1).
  @inline(__always)
  private func isPresent(_ weights: UnsafePointer<Int64>, _ before: Int) -> Int64 {
    weights[before] > 0 && (!tracksErrors || weights[4 + before] <= 0) ? 1 : 0
  }

  private func columns(of ids: UnsafePointer<UInt32>, count: Int) -> [Column] {
    columns(Array(types.indices), of: ids, count: count)
  }

  /// Columns by number of some rows.
  func columns(_ numbers: [Int], of ids: UnsafePointer<UInt32>, count: Int) -> [Column] {
    let arenaBase = arena.base, fields = numbers.map { layout.fields[$0] }
    return unpack(fields, base: rows.base, rowBytes: rows.rowBytes, rows: ids, count: count) { tail, bytes, to in
      to.copyMemory(from: longText(tail, arenaBase), byteCount: bytes)
    }
  }

  /// Calls `body` with each row that came to be present in this tick, or ceased to.
  func forEachPresenceChange(_ body: (_ id: UInt32, _ isPresent: Bool) -> Void) {
    let base = rows.base, rowBytes = rows.rowBytes, weightWord = layout.endWord
    for id in touched {
      let at = (base + Int(id) &* rowBytes).assumingMemoryBound(to: Int64.self) + weightWord
      let now = isPresent(at, 0)
      if now != isPresent(at, 1) { body(id, now == 1) }
    }
  }

  /// Ends the tick: rows of weight 0 leave.
  package mutating func endTick() {
    removeZeros()
    arena.endTick()
    touched.removeAll(keepingCapacity: touched.count > 1 << 16 ? false : true)
    round += 1
  }

  /// For tests: while armed, writing to a page of state that was not declared traps.
  package mutating func setArmed(_ armed: Bool) {
    rows.setArmed(armed)
    arena.setArmed(armed)
  }

  private mutating func removeZeros() {
    let base = rows.base, rowBytes = rows.rowBytes, weightWord = layout.endWord, arenaBase = arena.base
    var dead: [UInt32] = [], hashes: [UInt32] = []
    for id in touched {
      let at = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self)
      if at[weightWord] != 0 || (tracksErrors && at[weightWord + 4] != 0) { continue }
      dead.append(id)
      hashes.append(tails.tails.withUnsafeBufferPointer { hashRow(at, endWord: weightWord, tails: $0, arena: arenaBase) })
    }
    if dead.isEmpty { return }
    let tailWords = tails.tails[...]
    if !tailWords.isEmpty {
      let writer = arena.willChange()
      for id in dead {
        freeTexts(of: (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self), tailWords, writer)
      }
    }
    index.remove(hashes: hashes.span, ids: dead.span)
    let writer = rows.willChange()
    for id in dead { writer.remove(id) }
  }
}
