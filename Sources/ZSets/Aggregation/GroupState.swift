package import Columnar
package import SQLTypes
package import StateMemory

/// Groups by key, each with what its aggregates keep, and what they were before the tick.
///
/// A row of state, `k` being the key's words:
///
/// | words | meaning |
/// |---|---|
/// | 0 ..< k | the packed key in canonical form |
/// | k | weight of the group's rows |
/// | k + 1 | the group's error, a row of the error index as id + 1; 0: none |
/// | k + 2 ... | the aggregates' words (`AccumulatorKind`) |
/// | last | the round that touched the group last |
///
/// Words k ..< last are the group's *image*. It is copied aside when a round first touches the group, so that `endTick` can
/// tell what the group sent before.
package struct GroupState: ~Copyable {
  struct Slot {
    let call: Accumulation
    let kind: AccumulatorKind
    /// The first word of the aggregate in the image.
    let word: Int
    /// The argument's index, for DISTINCT and for ordered ones.
    let index: Int?
  }

  let keys: [Int]
  let keyTypes: [SQLType]
  let keyLayout: RowLayout
  let tails: TailMap
  let slots: [Slot]
  let imageWords: Int
  private var index: HashIndex
  var rows: RowStore
  var arena: StateArena
  var buckets: BucketSums
  /// Arguments by group and value, for DISTINCT, MIN and MAX.
  let indexes: [ArgumentIndex]
  /// Error rows by group; made when the first one comes.
  var errors: ArgumentIndex?
  private let space: StateSpace
  var round: UInt64 = 1
  /// The groups that this round touched, in the order of their first touch, and their images before it.
  var touched: [UInt32] = []
  var images = WordBuffer()
  var readCount = 0
  /// Whether the one group of an aggregate without keys has been sent.
  var hasSent = false

  /// - isAppendOnly: whether no weight is negative, ever.
  package init(
    types: [SQLType], keys: [Int], calls: [Accumulation], isAppendOnly: Bool, space: StateSpace
  ) {
    self.keys = keys
    self.space = space
    keyTypes = keys.map { types[$0] }
    let keyLayout = RowLayout(types: keys.map { types[$0].physicalType })
    self.keyLayout = keyLayout
    tails = TailMap(keyLayout.textTails, wordCount: keyLayout.endWord)
    var indexes: [ArgumentIndex] = [], slots: [Slot] = []
    var word = 2
    for call in calls {
      let kind = AccumulatorKind(call, isAppendOnly: isAppendOnly)
      let needsIndex = kind == .ordered || (call.isDistinct && kind != .latest)
      let index = needsIndex ? ArgumentIndex.place(of: call, kind, in: &indexes, space: space) : nil
      slots.append(Slot(call: call, kind: kind, word: word, index: index))
      word += kind.wordCount(call.argument?.type.physicalType)
    }
    self.slots = slots
    self.indexes = indexes
    imageWords = word
    index = HashIndex(in: space)
    rows = RowStore(rowBytes: (keyLayout.endWord + word + 1) * 8, in: space)
    arena = StateArena(number: RowLayout.arenaNumber, in: space)
    buckets = BucketSums(space: space)
    if keys.isEmpty { _ = rows.willInsert(1).insert() }
  }

  package var stateRows: Int {
    indexes.reduce(rows.count + buckets.count + (errors?.count ?? 0)) { $0 + $1.count }
  }
  package var stateBytes: Int {
    let own = index.stateBytes + rows.stateBytes + arena.stateBytes + buckets.stateBytes + images.byteCount
    return indexes.reduce(own + (errors?.stateBytes ?? 0)) { $0 + $1.stateBytes }
  }
  /// Rows of state that were read.
  package var stateReads: Int {
    indexes.reduce(readCount + (errors?.readCount ?? 0)) { $0 + $1.readCount }
  }

  /// Adds a batch's rows to their groups.
  package mutating func add(_ batch: Batch) {
    let count = batch.count
    if count == 0 { return }
    let groups = findOrInsert(keys.map { batch.columns[$0] }, count: count)
    let weights = Buffer(byteCount: count * 8)
    fill(weights.pointer(as: Int64.self), batch.weights, count)
    let base = touch(groups, weights: weights, count: count)
    let input = AccumulatorInput(groups: groups, weights: weights, count: count)
    var arguments = [AccumulatorInput?](repeating: nil, count: indexes.count)
    for slot in slots {
      if let index = slot.index {
        let counted = arguments[index] ?? indexes[index].add(input.restricted(by: slot.call, in: batch))
        arguments[index] = counted
        if slot.kind != .ordered { accumulate(slot, counted, base) }
      } else if slot.kind != .rows {
        accumulate(slot, input.restricted(by: slot.call, in: batch), base)
      }
    }
    withExtendedLifetime((groups, weights)) {}
  }

  /// Adds error rows whose keys are known: while one is live, its group sends no data.
  ///
  /// - texts: what the error is, as text; the smallest of a group's is sent.
  package mutating func addErrors(keys: [Column], texts: Column, weights: Column?, count: Int) {
    let groups = findOrInsert(keys, count: count)
    let zeros = Buffer(byteCount: count * 8)
    _ = touch(groups, weights: zeros, count: count)
    let index = errors ?? ArgumentIndex(type: .text, space: space)
    index.isOrdered = true
    errors = index
    let counts = Buffer(byteCount: count * 8)
    fill(counts.pointer(as: Int64.self), weights, count)
    _ = index.add(AccumulatorInput(groups: groups, weights: counts, count: count, values: texts))
  }

  private func fill(_ out: UnsafeMutablePointer<Int64>, _ weights: Column?, _ count: Int) {
    guard let weights, !weights.isConstant else {
      out.update(repeating: weights?.value(0, as: Int64.self) ?? 1, count: count)
      return
    }
    out.update(from: weights.pointer(as: Int64.self), count: count)
  }

  private mutating func findOrInsert(_ keys: [Column], count: Int) -> Buffer {
    let ids = Buffer(byteCount: count * 4)
    if keys.isEmpty { return ids }
    let packed = PackedRows(keyLayout, zip(keys, keyTypes).map { $0.canonical(as: $1) }, count: count)
    var matcher = RowMatcher(
      packed: packed.words, strideWords: packed.strideWords, keyWords: keyLayout.endWord, rowWords: keyLayout.endWord,
      isTail: tails.flags.map { UnsafePointer($0) }, arena: arena.base, rows: rows.willInsert(count))
    index.findOrInsert(hashes: packed.hashes, count: count, matcher: &matcher, into: ids.pointer(as: UInt32.self))
    let tailWords = tails.tails[...]
    if !tailWords.isEmpty {
      let writer = arena.willChange()
      for id in matcher.newIDs {
        storeTexts(
          of: (matcher.rows.base + Int(id) &* matcher.rows.rowBytes).assumingMemoryBound(to: UInt64.self), tailWords, writer)
      }
    }
    withExtendedLifetime(packed) {}
    readCount += count
    return ids
  }

  /// Adds weights to groups, and keeps the image of each that this round has not touched yet.
  ///
  /// - Returns: where the image of group 0 begins, until a group is inserted; the groups are declared.
  private mutating func touch(_ groups: Buffer, weights: Buffer, count: Int) -> UnsafeMutableRawPointer {
    let ids = groups.pointer(as: UInt32.self), weight = weights.pointer(as: UInt64.self)
    let base = rows.willChange(Span(_unsafeStart: UnsafePointer(ids), count: count)).base + keyLayout.endWord * 8
    let rowBytes = rows.rowBytes, imageWords = self.imageWords, round = self.round
    images.reserve((touched.count + count) * imageWords)
    touched.reserveCapacity(touched.count + count)
    var image = images.base + touched.count * imageWords
    var row = 0
    while row < count {
      let at = (base + Int(ids[row]) &* rowBytes).assumingMemoryBound(to: UInt64.self)
      if at[imageWords] != round {
        at[imageWords] = round
        image.update(from: at, count: imageWords)
        image += imageWords
        touched.append(ids[row])
      }
      at[0] &+= weight[row]
      row &+= 1
    }
    return base
  }

  /// The one group of an aggregate without keys is there from the first tick on, whatever came.
  mutating func touchUngrouped() {
    if keys.isEmpty, !hasSent, touched.isEmpty {
      _ = touch(Buffer(byteCount: 4), weights: Buffer(byteCount: 8), count: 1)
    }
  }

  /// For tests: while armed, writing to a page of state that was not declared traps.
  package mutating func setArmed(_ armed: Bool) {
    rows.setArmed(armed)
    arena.setArmed(armed)
    buckets.setArmed(armed)
    for index in indexes { index.setArmed(armed) }
  }

  /// Removes groups without rows and errors; what they kept is gone or empty.
  mutating func removeGroups(_ dead: [UInt32]) {
    if dead.isEmpty { return }
    let base = rows.base, rowBytes = rows.rowBytes, end = keyLayout.endWord, arenaBase = arena.base
    let tailWords = tails.tails
    let hashes = dead.map { id in
      tailWords.withUnsafeBufferPointer {
        hashRow((base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self), endWord: end, tails: $0, arena: arenaBase)
      }
    }
    if !tailWords.isEmpty {
      let writer = arena.willChange()
      for id in dead {
        freeTexts(of: (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self), tailWords[...], writer)
      }
    }
    index.remove(hashes: hashes.span, ids: dead.span)
    let writer = rows.willChange()
    for id in dead { writer.remove(id) }
  }
}

/// Words that are filled from the front, and kept for the next round.
final class WordBuffer {
  private(set) var base: UnsafeMutablePointer<UInt64>
  private var capacity: Int

  init() {
    capacity = 1024
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  var byteCount: Int { capacity * 8 }

  /// Gives the memory of a large round back.
  func trim() {
    if capacity <= 1 << 20 { return }
    base.deallocate()
    capacity = 1024
    base = .allocate(capacity: capacity)
  }

  func reserve(_ count: Int) {
    if count <= capacity { return }
    let larger = max(count, capacity * 2)
    let new = UnsafeMutablePointer<UInt64>.allocate(capacity: larger)
    new.update(from: base, count: capacity)
    base.deallocate()
    base = new
    capacity = larger
  }
}
