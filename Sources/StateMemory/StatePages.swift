internal import CPlatform
internal import Synchronization

/// What the writer of an array and its snapshot readers share.
///
/// The fields under "writer" belong to the one thread that owns the `StateArray`; readers look at `words`, at the range
/// it names, and at `copies`.
///
/// | word | meaning                                                                   |
/// |------|---------------------------------------------------------------------------|
/// | 0    | the `AddressRange` that the array lies in, as an unretained reference     |
/// | 1    | bytes in use; published after the range that has room for them            |
package final class StatePages: @unchecked Sendable {  // writer's fields have one owner; the rest is atomic or locked
  let space: StateSpace
  private let words: UnsafeMutablePointer<UInt64>
  private let copies = Mutex<[Int: [PageCopy]]>([:])

  // Writer
  private var range: AddressRange
  @usableFromInline private(set) var base: UnsafeMutableRawPointer
  @usableFromInline private(set) var marks: UnsafeMutablePointer<PageMarks>
  package private(set) var byteCount = 0
  /// Room before the array moves or ends.
  private(set) var byteCapacity: Int
  /// The newest snapshot that pages are saved for, as read at the last `beginBatch`; 0: none.
  private var newest: UInt64 = 0
  /// A declaration has more to do than to set a dirty bit on a page whose `saved` is below this: `newest`, or the
  /// largest number while armed.
  @usableFromInline private(set) var savedNeeded: UInt64 = 0
  private var touchedPages = 0
  private var accountedBytes = 0
  private var discardedBytes = 0
  private var isArmed = false
  private var unprotected: [Int] = []

  init(in space: StateSpace) {
    self.space = space
    range = .none
    base = range.base
    marks = range.marks
    byteCapacity = range.byteCapacity
    words = .allocate(capacity: 2)
    words.initialize(repeating: 0, count: 2)
    publishRange()
    account()
  }

  deinit {
    if isArmed && byteCapacity > 0 { _ = cp_protect(base, byteCapacity, 1) }
    words.deallocate()
    space.addState(bytes: -accountedBytes)
  }

  // Writer: growing --------------------------------------------------------------------------------------------------

  /// Makes room for `count` bytes, which do not count yet. The first ones lie in a cell of the slab; may move the array once, at
  /// 1 MiB.
  func reserve(byteCount count: Int) {
    if count > byteCapacity { move(atLeast: count) }
  }

  /// Makes the array at least `count` bytes long; the new ones are zero.
  @usableFromInline func grow(toByteCount count: Int) {
    if count <= byteCount { return }
    reserve(byteCount: count)
    byteCount = count
    cp_store_release_u64(words + 1, UInt64(count))
    account()
  }

  /// Into a cell of the slab, or from there into a reservation of its own. Readers who found the old range may go on reading
  /// it: it no longer changes, and it is freed after the last of them.
  private func move(atLeast count: Int) {
    let old = range
    let isFirst = old === AddressRange.none
    range =
      isFirst && count <= Slab.cellBytes
      ? AddressRange(in: space.slab) : AddressRange(reserving: space.reservationBytes, atLeast: count)
    range.base.copyMemory(from: old.base, byteCount: (byteCount + 7) & ~7)
    range.marks.update(from: old.marks, count: min(old.byteCapacity, range.byteCapacity) / pageBytes)
    base = range.base
    marks = range.marks
    byteCapacity = range.byteCapacity
    publishRange()
    if isArmed {
      if !isFirst { _ = cp_protect(old.base, old.byteCapacity, 1) }
      _ = cp_protect(base, byteCapacity, 0)
      for page in unprotected { _ = cp_protect(base + page * pageBytes, pageBytes, 1) }
    }
    if !isFirst { space.snapshots.retire(old) }
  }

  private func publishRange() {
    cp_store_release_u64(words, UInt64(UInt(bitPattern: Unmanaged.passUnretained(range).toOpaque())))
  }

  /// Counts whole 4 KiB pages in use, and the marks.
  private func account() {
    let pages = (byteCount + pageBytes - 1) / pageBytes
    let markCount = byteCapacity == 0 ? 0 : max(pages, Slab.cellBytes / pageBytes)
    let markBytes = markCount * MemoryLayout<PageMarks>.stride
    let bytes = (byteCount + 4095) & ~4095 - discardedBytes + markBytes
    space.addState(bytes: bytes - accountedBytes)
    accountedBytes = bytes
  }

  package var stateBytes: Int { accountedBytes }

  /// Gives the memory of whole pages back, which makes them zero: a change like any other.
  func discard(page: Int, pageCount: Int) {
    declare(offset: page * pageBytes, byteCount: pageCount * pageBytes)
    cp_discard(base + page * pageBytes, pageCount * pageBytes)
    noteDiscarded(bytes: pageCount * pageBytes)
  }

  /// Pages were discarded, or (negative) are about to be used again.
  func noteDiscarded(bytes: Int) {
    discardedBytes += bytes
    account()
  }

  // Writer: declaring ------------------------------------------------------------------------------------------------

  /// A batch of changes begins: looks which snapshots are open.
  func beginBatch() {
    newest = space.snapshots.newestOpenNumber
    savedNeeded = isArmed ? .max : newest
    if isArmed { protectAgain() }
  }

  /// Declares the lines of `count` > 0 bytes at `offset`.
  @inlinable @inline(__always) func declare(offset: Int, byteCount count: Int) {
    var line = offset &>> lineShift
    let last = (offset &+ count &- 1) &>> lineShift
    repeat {
      let bit = UInt64(1) &<< UInt64(truncatingIfNeeded: line & 63)
      let mark = marks + line &>> 6
      if mark.pointee.dirty & bit == 0 || mark.pointee.saved < savedNeeded { declareSlowly(page: line &>> 6, bit: bit) }
      line &+= 1
    } while line <= last
  }

  @usableFromInline @inline(never) func declareSlowly(page: Int, bit: UInt64) {
    marks[page].dirty |= bit
    if marks[page].saved < newest { save(page) }
    if isArmed, !unprotected.contains(page) {
      _ = cp_protect(base + page * pageBytes, pageBytes, 1)
      unprotected.append(page)
    }
    touchedPages = max(touchedPages, page + 1)
  }

  /// Copies a page aside before it changes. A page that was never declared is zero, and needs no bytes for that.
  private func save(_ page: Int) {
    let copy = PageCopy(
      number: newest, of: page < touchedPages ? UnsafeRawPointer(base + page * pageBytes) : nil, in: space)
    let isFirst = copies.withLock { copies in
      copies[page, default: []].append(copy)
      return copies.count == 1
    }
    if isFirst { space.snapshots.noteCopies(of: self) }
    withUnsafeMutablePointer(to: &marks[page].saved) { cp_store_release_u64($0, newest) }
    cp_fence_release()
  }

  // Writer: checkpoints ----------------------------------------------------------------------------------------------

  /// Takes the dirty lines, in page order; from now on they count as clean.
  func takeDirty() -> [DirtyPage] {
    var dirty: [DirtyPage] = []
    for page in 0..<usedPages where marks[page].dirty != 0 {
      dirty.append(DirtyPage(page: page, lines: marks[page].dirty))
      marks[page].dirty = 0
    }
    return dirty
  }

  /// Gives marks back that a failed checkpoint took.
  func restoreDirty(_ dirty: [DirtyPage]) {
    for entry in dirty { marks[entry.page].dirty |= entry.lines }
  }

  private var usedPages: Int { (byteCount + pageBytes - 1) / pageBytes }

  // Writer: test mode ------------------------------------------------------------------------------------------------

  /// While armed, a write to a page that was not declared since `beginBatch` traps.
  func setArmed(_ armed: Bool) {
    isArmed = armed
    unprotected.removeAll()
    savedNeeded = isArmed ? .max : newest
    if byteCapacity > 0 { _ = cp_protect(base, byteCapacity, armed ? 0 : 1) }
  }

  /// Ends what was declared: its pages are read-only again.
  func protectAgain() {
    for page in unprotected { _ = cp_protect(base + page * pageBytes, pageBytes, 0) }
    unprotected.removeAll()
  }

  // Readers ----------------------------------------------------------------------------------------------------------

  /// Bytes in use now; a reader of an older tick finds zeros behind those of its tick.
  package var publishedByteCount: Int { Int(cp_load_acquire_u64(words + 1)) }

  /// Copies words of one page as of a snapshot. Offset and count are multiples of 8.
  func read(
    page: Int, offset: Int, byteCount count: Int, as number: UInt64, to destination: UnsafeMutableRawPointer
  ) {
    let range = Unmanaged<AddressRange>.fromOpaque(UnsafeRawPointer(bitPattern: UInt(cp_load_acquire_u64(words)))!)
      .takeUnretainedValue()
    let live = range.base + page * pageBytes + offset
    let saved = UnsafeMutableRawPointer(range.marks + page).assumingMemoryBound(to: UInt64.self) + 1
    if cp_load_acquire_u64(saved) < number {
      cp_copy_words(
        destination.assumingMemoryBound(to: UInt64.self), live.assumingMemoryBound(to: UInt64.self), count / 8)
      cp_fence_acquire()
      if cp_load_relaxed_u64(saved) < number { return }
      cp_fence_acquire()
    }
    let copy = copies.withLock { $0[page]?.first { $0.number >= number } }
    guard let copy else { preconditionFailure("a page that an open snapshot needs was not kept") }
    if let bytes = copy.bytes {
      destination.copyMemory(from: bytes + offset, byteCount: count)
    } else {
      destination.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    }
  }

  /// Keeps the copies that an open snapshot needs, as `openNumbers` (in order) tells under the lock; says whether any are left.
  ///
  /// A copy serves the snapshots above the number of the page's copy before it, up to its own number.
  func keepCopies(for openNumbers: () -> [UInt64]) -> Bool {
    let (freed, isAnyLeft) = copies.withLock { copies in
      let open = openNumbers()
      var freed: [PageCopy] = []
      if open.isEmpty {
        for list in copies.values { freed.append(contentsOf: list) }
        copies.removeAll()
        return (freed, false)
      }
      for (page, list) in copies {
        var before: UInt64 = 0
        let kept = list.filter { copy in
          defer { before = copy.number }
          return open.contains { before < $0 && $0 <= copy.number }
        }
        if kept.count == list.count { continue }
        freed.append(contentsOf: list.filter { copy in !kept.contains { $0 === copy } })
        copies[page] = kept.isEmpty ? nil : kept
      }
      return (freed, !copies.isEmpty)
    }
    _ = consume freed  // outside the lock
    return isAnyLeft
  }

  var hasCopies: Bool { copies.withLock { !$0.isEmpty } }
}

/// A page as it was for the snapshots up to `number`. Immutable; readers hold a reference while they copy it out.
final class PageCopy: @unchecked Sendable {  // written in init only
  let number: UInt64
  /// Nil: all zero.
  let bytes: UnsafeMutableRawPointer?
  private let space: StateSpace

  init(number: UInt64, of page: UnsafeRawPointer?, in space: StateSpace) {
    self.number = number
    self.space = space
    if let page {
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: pageBytes, alignment: 16)
      bytes.copyMemory(from: page, byteCount: pageBytes)
      self.bytes = bytes
      space.addSaved(bytes: pageBytes)
    } else {
      bytes = nil
    }
  }

  deinit {
    if let bytes {
      bytes.deallocate()
      space.addSaved(bytes: -pageBytes)
    }
  }
}
