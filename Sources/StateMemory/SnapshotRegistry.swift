internal import CPlatform
internal import Synchronization

/// Which ticks readers look at, and whether the driver is publishing one.
///
/// A reader writes its number into a slot, full fence, and reads the counter again: if it has not moved, the driver will
/// see the slot. The driver makes the counter odd, full fence, and reads the slots. So either the driver sees the reader,
/// and saves pages for it, or the reader sees that a publish began, and starts over.
///
/// | slot offset | size | meaning                                     |
/// |-------------|------|---------------------------------------------|
/// | 0           | 8    | number of the publish it sees; 0: free      |
/// | 8           | 8    | 1: the slot is taken                        |
/// | 16          | 8    | the snapshot's tick                         |
/// | 24          | 40   | unused, so that each slot has its own line  |
///
/// `beginPublish`, `endPublish` and `openOnDriver` are the driver's; `open` is for any thread, and sees only what changes
/// between `beginPublish` and `endPublish` at one tick. Arrays that change at other times are seen at one tick by
/// snapshots that the driver opened.
///
/// The lock guards lists that are touched when a page is first saved and when a snapshot closes. It is never held
/// together with that of an array's copies.
///
/// What may be freed is decided under the lock of the list it is freed from. A snapshot that opens after the slots were
/// read can only need what is put on the list after them; decided before the lock, its fresh copies would be on the list
/// already, and be freed as nobody's.
package final class SnapshotRegistry: @unchecked Sendable {  // slots are touched by atomic operations only
  private struct Lists: Sendable {
    var withCopies: [ObjectIdentifier: StatePages] = [:]
    /// Replaced memory and the number up to which snapshots may look into it.
    var retired: [(number: UInt64, memory: any AnyObject & Sendable)] = []
  }

  private let counter = Atomic<UInt64>(0)
  /// Of the newest publish: snapshots and copies go by it. Not every publish is a tick: what was written before one that is
  /// none must not be taken for what an older snapshot of the same tick keeps.
  private let publishedNumber = Atomic<UInt64>(1)
  private let publishedTickNumber = Atomic<UInt64>(0)
  private let newest = Atomic<UInt64>(0)
  private let usedSlots = Atomic<Int>(0)
  private let slotCount: Int
  private let slots: UnsafeMutablePointer<UInt64>
  private let lists = Mutex(Lists())

  init(slotCount: Int) {
    self.slotCount = slotCount
    let memory = UnsafeMutableRawPointer.allocate(byteCount: slotCount * 64, alignment: 64)
    slots = memory.initializeMemory(as: UInt64.self, repeating: 0, count: slotCount * 8)
  }

  deinit { slots.deallocate() }

  // The driver's side ------------------------------------------------------------------------------------------------

  /// From here until `endPublish` arrays may change; snapshots that were opened before are known.
  package func beginPublish() {
    let before = counter.wrappingAdd(1, ordering: .relaxed).oldValue
    precondition(before % 2 == 0, "a publish is under way already")
    cp_fence_full()
    let newestNow = openNumbers().max() ?? 0
    let newestBefore = newest.exchange(newestNow, ordering: .relaxed)
    if newestNow == 0, newestBefore != 0 { reclaim() }  // copies made after the last snapshot closed
  }

  /// The arrays now are as of `tick`.
  package func endPublish(tick: UInt64) {
    precondition(tick >= publishedTickNumber.load(ordering: .relaxed), "ticks do not go back")
    publishedTickNumber.store(tick, ordering: .relaxed)
    publishedNumber.wrappingAdd(1, ordering: .relaxed)
    let before = counter.wrappingAdd(1, ordering: .releasing).oldValue
    precondition(before % 2 == 1, "no publish is under way")
  }

  /// Opens a snapshot of the published tick on the driver's thread, before arrays change again. Nil: all slots are taken.
  package func openOnDriver() -> Snapshot? {
    precondition(!isPublishing, "a snapshot is opened before or after a publish")
    guard let slot = takeSlot() else { return nil }
    let number = publishedNumber.load(ordering: .relaxed)
    let tick = publishedTick
    cp_store_release_u64(slots + slot * 8 + 2, tick)
    cp_store_release_u64(slots + slot * 8, number)
    newest.store(max(newest.load(ordering: .relaxed), number), ordering: .relaxed)
    return Snapshot(registry: self, slot: slot, number: number, tick: tick)
  }

  /// The newest number that pages are saved for; 0: no snapshot is open. Writers read it once per batch.
  package var newestOpenNumber: UInt64 { newest.load(ordering: .relaxed) }

  package var isPublishing: Bool { counter.load(ordering: .relaxed) % 2 == 1 }

  /// The tick that `open` would see now.
  package var publishedTick: UInt64 { publishedTickNumber.load(ordering: .acquiring) }

  // The readers' side ------------------------------------------------------------------------------------------------

  /// Opens a snapshot of the published tick, from any thread; waits only while a publish is under way, which is short.
  /// Nil: all slots are taken.
  package func open() -> Snapshot? {
    guard let slot = takeSlot() else { return nil }
    var spins = 0
    while true {
      let seen = counter.load(ordering: .acquiring)
      if seen % 2 == 0 {
        let number = publishedNumber.load(ordering: .relaxed)
        let tick = publishedTickNumber.load(ordering: .relaxed)
        cp_store_release_u64(slots + slot * 8 + 2, tick)
        cp_store_release_u64(slots + slot * 8, number)
        cp_fence_full()
        if counter.load(ordering: .acquiring) == seen {
          return Snapshot(registry: self, slot: slot, number: number, tick: tick)
        }
        cp_store_release_u64(slots + slot * 8, 0)
      }
      spins += 1
      if spins < 2000 { cp_pause() } else { cp_sleep_nanoseconds(20_000) }
    }
  }

  /// Frees the slot, and on this thread everything that was kept for it alone.
  func close(slot: Int) {
    cp_store_release_u64(slots + slot * 8, 0)
    cp_fence_full()
    cp_store_release_u64(slots + slot * 8 + 1, 0)
    reclaim()
  }

  /// How many snapshots are open.
  package var openCount: Int { openNumbers().count }
  /// The oldest open snapshot's tick.
  package var oldestOpenTick: UInt64? {
    (0..<usedSlots.load(ordering: .acquiring)).lazy
      .filter { cp_load_acquire_u64(self.slots + $0 * 8) != 0 }.map { cp_load_acquire_u64(self.slots + $0 * 8 + 2) }.min()
  }

  // Keeping and freeing ----------------------------------------------------------------------------------------------

  /// An array has its first copy.
  func noteCopies(of pages: StatePages) { lists.withLock { $0.withCopies[ObjectIdentifier(pages)] = pages } }

  /// Keeps memory, which no new reader can find, for those who may be looking into it.
  func retire(_ memory: any AnyObject & Sendable) {
    let number = publishedNumber.load(ordering: .relaxed)
    lists.withLock { $0.retired.append((number, memory)) }
    cp_fence_full()
    reclaim()
  }

  /// Frees copies and retired memory that no open snapshot needs.
  private func reclaim() {
    let (arrays, freed) = lists.withLock { lists in
      let oldest = stableOpenNumbers().first ?? .max
      let freed = lists.retired.filter { $0.number < oldest }
      lists.retired.removeAll { $0.number < oldest }
      return (Array(lists.withCopies.values), freed)
    }
    _ = consume freed  // outside the lock
    for pages in arrays where !pages.keepCopies(for: stableOpenNumbers) { forget(pages) }
  }

  /// Drops an array without copies from the list, unless it has got one meanwhile.
  private func forget(_ pages: StatePages) {
    lists.withLock { $0.withCopies[ObjectIdentifier(pages)] = nil }
    if pages.hasCopies { noteCopies(of: pages) }
  }

  private func takeSlot() -> Int? {
    for slot in 0..<slotCount where cp_load_relaxed_u64(slots + slot * 8 + 1) == 0 {
      if cp_compare_exchange_u64(slots + slot * 8 + 1, 0, 1) != 0 {
        var used = usedSlots.load(ordering: .relaxed)
        while used <= slot {
          let exchange = usedSlots.compareExchange(
            expected: used, desired: slot + 1, ordering: .sequentiallyConsistent)
          if exchange.exchanged { break }
          used = exchange.original
        }
        return slot
      }
    }
    return nil
  }

  private func openNumbers() -> [UInt64] {
    var numbers: [UInt64] = []
    for slot in 0..<usedSlots.load(ordering: .acquiring) {
      let number = cp_load_acquire_u64(slots + slot * 8)
      if number != 0 { numbers.append(number) }
    }
    return numbers
  }

  /// The open numbers in order, read while the counter stood still: otherwise a reader that opened behind the scan, at a
  /// tick whose last other reader closed before the scan came to it, would be missed. The first fence puts what the
  /// caller's lock made visible before the slots: a reader whose slot is not seen sees all of that.
  private func stableOpenNumbers() -> [UInt64] {
    while true {
      cp_fence_full()
      let seen = counter.load(ordering: .acquiring)
      let numbers = openNumbers()
      cp_fence_full()
      if counter.load(ordering: .relaxed) == seen { return numbers.sorted() }
    }
  }
}

/// An open snapshot: keeps its tick readable until the last reference goes. Any number of threads may read with it.
package final class Snapshot: Sendable {
  package let tick: UInt64
  let number: UInt64
  private let registry: SnapshotRegistry
  private let slot: Int

  init(registry: SnapshotRegistry, slot: Int, number: UInt64, tick: UInt64) {
    self.registry = registry
    self.slot = slot
    self.number = number
    self.tick = tick
  }

  deinit { registry.close(slot: slot) }
}
