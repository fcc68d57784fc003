public import CPlatform

/// Where the rows are that a `HashIndex` points to: compares keys, and makes rows for new ones.
///
/// Public, like the probes of `HashIndex`: a generic function specialises in another module only if it is public and
/// inlinable; an inlinable one of package access does not (Swift 6.3.1), and then asks the matcher through its witness
/// table, row by row.
public protocol KeyMatcher {
  /// Whether the key of row `id` equals key number `index` of the batch.
  func matches(_ id: UInt32, _ index: Int) -> Bool
  /// Fetches the row ahead of `matches`.
  func prefetch(_ id: UInt32)
  /// Makes a row that holds key number `index`, and returns its id.
  mutating func insert(_ index: Int) -> UInt32
}

/// From hashes to row ids: open addressing with linear probing, a batch at a time.
///
/// | slot bits | meaning                                            |
/// |-----------|----------------------------------------------------|
/// | 0...31    | row id + 1; 0 in a used slot: the entry has moved  |
/// | 32...63   | the key's hash; its low bits choose the slot       |
///
/// - A slot of 0 was never used. Removal shifts the entries behind it back, so a probe is never longer than the run of
///   entries that hash there; the load stays under 3/4.
/// - The index grows step by step: a batch of n rows moves 16 n + 1024 slots of the old table into one twice as large,
///   beside it. The old slots are walked in order, and so are the two places in the new table that they fall to. A look-up
///   asks the new table first, then the old one. No batch pays for the whole table (DESIGN §9.17).
/// - Slots are neither marked nor saved: a checkpoint leaves them out, and `insertNew` makes them from the rows.
public struct HashIndex: ~Copyable, @unchecked Sendable {  // the owner may move between threads; it has no copies
  /// Stands for "no row" in the results of `find`.
  @inlinable public static var none: UInt32 { UInt32.max }

  private let space: StateSpace
  private var table: SlotTable
  private var old: SlotTable?
  @usableFromInline private(set) var slots: UnsafeMutablePointer<UInt64>
  @usableFromInline private(set) var mask: Int
  @usableFromInline private(set) var oldSlots: UnsafeMutablePointer<UInt64>?
  @usableFromInline private(set) var oldMask = 0
  private var oldNext = 0
  /// Entries in both tables.
  @usableFromInline var entryCount = 0
  package var count: Int { entryCount }

  package init(in space: StateSpace) {
    self.space = space
    table = SlotTable(slotCount: 64, in: space)
    slots = table.slots
    mask = table.slotCount - 1
  }

  package var stateBytes: Int { table.byteCount + (old?.byteCount ?? 0) }
  /// Whether entries of an older table are still to be moved.
  package var isGrowing: Bool { old != nil }

  /// Finds the rows of a batch of keys, inserting those that are not there. Hashes and ids are as many as keys.
  @inlinable
  public mutating func findOrInsert<Matcher: KeyMatcher>(
    hashes: UnsafePointer<UInt32>, count rows: Int, matcher: inout Matcher, into ids: UnsafeMutablePointer<UInt32>
  ) {
    prepare(forRows: rows)
    if mask < Self.soughtSlots {
      probe(hashes: hashes, from: 0, to: rows, isSought: false, matcher: &matcher, into: ids)
      return
    }
    var first = 0
    while first < rows {
      let end = min(first &+ Self.seekRows, rows)
      seek(hashes: hashes, from: first, to: end, matcher: matcher, into: ids)
      probe(hashes: hashes, from: first, to: end, isSought: true, matcher: &matcher, into: ids)
      first = end
    }
  }

  /// The probes of some rows, from where `seek` left them (in `ids`) or from the slot of their hash.
  @inlinable @inline(__always)
  mutating func probe<Matcher: KeyMatcher>(
    hashes: UnsafePointer<UInt32>, from first: Int, to end: Int, isSought: Bool, matcher: inout Matcher,
    into ids: UnsafeMutablePointer<UInt32>
  ) {
    let slots = self.slots, mask = self.mask, oldSlots = self.oldSlots
    var inserted = 0, index = first
    while index < end {
      let hash = hashes[index]
      var position = isSought ? Int(ids[index]) : Int(hash) & mask
      var id: UInt32
      while true {
        let slot = slots[position]
        if slot == 0 {
          if let oldSlots {
            id = findOld(oldSlots, hash, index, matcher)
            if id != Self.none { break }
          }
          id = matcher.insert(index)
          slots[position] = UInt64(hash) &<< 32 | UInt64(id &+ 1)
          inserted &+= 1
          break
        }
        if UInt32(truncatingIfNeeded: slot &>> 32) == hash {
          id = UInt32(truncatingIfNeeded: slot) &- 1
          if matcher.matches(id, index) { break }
        }
        position = (position &+ 1) & mask
      }
      ids[index] = id
      index &+= 1
    }
    entryCount &+= inserted
  }

  /// Finds the rows of a batch of keys; `none` for those that are not there.
  @inlinable
  public borrowing func find<Matcher: KeyMatcher>(
    hashes: UnsafePointer<UInt32>, count rows: Int, matcher: Matcher, into ids: UnsafeMutablePointer<UInt32>
  ) {
    let seeks = mask >= Self.soughtSlots
    let slots = self.slots, mask = self.mask, oldSlots = self.oldSlots
    var index = 0
    while index < rows {
      if seeks, index & (Self.seekRows &- 1) == 0 {
        seek(hashes: hashes, from: index, to: min(index &+ Self.seekRows, rows), matcher: matcher, into: ids)
      }
      let hash = hashes[index]
      var position = seeks ? Int(ids[index]) : Int(hash) & mask
      var id = Self.none
      while true {
        let slot = slots[position]
        if slot == 0 {
          if let oldSlots { id = findOld(oldSlots, hash, index, matcher) }
          break
        }
        if UInt32(truncatingIfNeeded: slot &>> 32) == hash {
          let candidate = UInt32(truncatingIfNeeded: slot) &- 1
          if matcher.matches(candidate, index) {
            id = candidate
            break
          }
        }
        position = (position &+ 1) & mask
      }
      ids[index] = id
      index &+= 1
    }
  }

  /// In tables of at least this many slots `seek` fetches slots, then rows, before the probes. Smaller ones lie in the
  /// second-level cache, where that costs more than it brings.
  @inlinable static var soughtSlots: Int { 1 << 15 }
  /// Rows that are sought before they are probed: their slots fit the first-level cache.
  @inlinable static var seekRows: Int { 128 }

  /// Leaves in `positions` where each key's probe gets to by its hash alone: at the first slot of that hash, whose row is
  /// fetched, or at the end of the run. What a batch inserts lies behind or at that place, so a probe may begin there.
  @inlinable
  func seek<Matcher: KeyMatcher>(
    hashes: UnsafePointer<UInt32>, from first: Int, to rows: Int, matcher: Matcher,
    into positions: UnsafeMutablePointer<UInt32>
  ) {
    let slots = self.slots, mask = self.mask
    var index = first
    while index < rows {
      cp_prefetch(slots + (Int(hashes[index]) & mask))
      index &+= 1
    }
    if let oldSlots {
      let oldMask = self.oldMask
      index = first
      while index < rows {
        cp_prefetch(oldSlots + (Int(hashes[index]) & oldMask))
        index &+= 1
      }
    }
    index = first
    while index < rows {
      let hash = hashes[index]
      var position = Int(hash) & mask
      var slot = slots[position]
      while slot != 0, UInt32(truncatingIfNeeded: slot &>> 32) != hash {
        position = (position &+ 1) & mask
        slot = slots[position]
      }
      positions[index] = UInt32(truncatingIfNeeded: position)
      if slot == 0, let oldSlots {
        position = Int(hash) & oldMask
        slot = oldSlots[position]
        while slot != 0, UInt32(truncatingIfNeeded: slot &>> 32) != hash {
          position = (position &+ 1) & oldMask
          slot = oldSlots[position]
        }
      }
      let low = UInt32(truncatingIfNeeded: slot)
      if low != 0 { matcher.prefetch(low &- 1) }
      index &+= 1
    }
  }

  @inlinable
  func findOld<Matcher: KeyMatcher>(
    _ slots: UnsafeMutablePointer<UInt64>, _ hash: UInt32, _ index: Int, _ matcher: Matcher
  ) -> UInt32 {
    var position = Int(hash) & oldMask
    while true {
      let slot = slots[position]
      if slot == 0 { return Self.none }
      let low = UInt32(truncatingIfNeeded: slot)
      if UInt32(truncatingIfNeeded: slot &>> 32) == hash, low != 0, matcher.matches(low &- 1, index) { return low &- 1 }
      position = (position &+ 1) & oldMask
    }
  }

  /// Removes entries, each of which is there.
  package mutating func remove(hashes: Span<UInt32>, ids: Span<UInt32>) {
    precondition(hashes.count == ids.count, "a hash for each id")
    moveOld(slotCount: 16 * ids.count + 1024)
    for index in 0..<ids.count { removeEntry(UInt64(hashes[index]) << 32 | UInt64(ids[index] + 1)) }
    entryCount -= ids.count
  }

  /// Inserts entries whose keys are known to be new, as after a restore.
  package mutating func insertNew(hashes: Span<UInt32>, ids: Span<UInt32>) {
    precondition(hashes.count == ids.count, "a hash for each id")
    prepare(forRows: ids.count)
    for index in 0..<ids.count { place(UInt64(hashes[index]) << 32 | UInt64(ids[index] + 1)) }
    entryCount += ids.count
  }

  private func removeEntry(_ entry: UInt64) {
    let home = Int(entry >> 32)
    var hole = home & mask
    while slots[hole] != entry {
      if slots[hole] == 0 {
        removeOldEntry(entry)
        return
      }
      hole = (hole + 1) & mask
    }
    // Shift back what would be cut off from its home by the hole.
    var position = hole
    while true {
      position = (position + 1) & mask
      let slot = slots[position]
      if slot == 0 { break }
      let distance = (position - Int(slot >> 32)) & mask
      if distance >= (position - hole) & mask {
        slots[hole] = slot
        hole = position
      }
    }
    slots[hole] = 0
  }

  private func removeOldEntry(_ entry: UInt64) {
    guard let oldSlots else { preconditionFailure("an entry is removed once") }
    var position = Int(entry >> 32) & oldMask
    while oldSlots[position] != entry {
      precondition(oldSlots[position] != 0, "an entry is removed once")
      position = (position + 1) & oldMask
    }
    oldSlots[position] = movedSlot
  }

  // Growing ----------------------------------------------------------------------------------------------------------

  /// Makes room for `rows` more entries, and does this batch's share of the moving.
  @usableFromInline mutating func prepare(forRows rows: Int) {
    let share = 16 * rows + 1024
    if old != nil { moveOld(slotCount: share) }
    if (count + rows) * 4 <= (mask + 1) * 3 { return }
    if let old { moveOld(slotCount: old.slotCount) }  // only a batch as large as the table comes here
    var slotCount = (mask + 1) * 2
    while (count + rows) * 4 > slotCount * 3 { slotCount *= 2 }
    old = table
    oldSlots = table.slots
    oldMask = mask
    oldNext = 0
    table = SlotTable(slotCount: slotCount, in: space)
    slots = table.slots
    mask = slotCount - 1
    moveOld(slotCount: max(share, 1 << 14))
  }

  private mutating func moveOld(slotCount: Int) {
    guard let old else { return }
    let end = min(oldNext + slotCount, old.slotCount), from = old.slots
    for position in oldNext..<end {
      let slot = from[position]
      if UInt32(truncatingIfNeeded: slot) == 0 { continue }
      place(slot)
      from[position] = movedSlot
    }
    oldNext = end
    if end < old.slotCount { return }
    self.old = nil
    oldSlots = nil
    space.snapshots.retire(old)
  }

  private func place(_ entry: UInt64) {
    let slots = self.slots, mask = self.mask
    var position = Int(entry &>> 32) & mask
    while slots[position] != 0 { position = (position &+ 1) & mask }
    slots[position] = entry
  }
}

/// Marks a slot of the old table whose entry has moved or was removed: used, and nobody's.
private let movedSlot: UInt64 = 1 << 32

/// The slots of one table; freed when nobody can be looking into them.
final class SlotTable: @unchecked Sendable {  // the owner of the index writes; others only look while it stands still
  let slots: UnsafeMutablePointer<UInt64>
  let slotCount: Int
  private let isMapped: Bool
  private let space: StateSpace

  init(slotCount: Int, in space: StateSpace) {
    self.slotCount = slotCount
    self.space = space
    let byteCount = slotCount * 8
    isMapped = byteCount >= 2 << 20
    if isMapped {
      guard let memory = cp_reserve(byteCount) else { preconditionFailure("no address space for a hash index") }
      cp_advise_huge(memory, byteCount)
      slots = memory.assumingMemoryBound(to: UInt64.self)
    } else {
      slots = .allocate(capacity: slotCount)
      slots.initialize(repeating: 0, count: slotCount)
    }
    space.addState(bytes: byteCount)
  }

  var byteCount: Int { slotCount * 8 }

  deinit {
    if isMapped { cp_unmap(slots, byteCount) } else { slots.deallocate() }
    space.addState(bytes: -byteCount)
  }
}
