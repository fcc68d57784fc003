/// Rows of one fixed width, by dense id. Ids of removed rows are given out again.
///
/// | array | offset        | size       | meaning                                           |
/// |-------|---------------|------------|---------------------------------------------------|
/// | rows  | id * rowBytes | rowBytes   | the row; a multiple of 8, 32 or 64 where possible  |
/// | live  | id / 64 * 8   | 8, bit id % 64 | whether the row is in use                      |
///
/// Both arrays belong in a checkpoint; the free ids follow from `live`.
package struct RowStore: ~Copyable, @unchecked Sendable {  // the owner may move between threads; it has no copies
  /// What a snapshot reader needs to know.
  package struct Reference: Sendable {
    package let rows: StatePages
    package let live: StatePages
    package let rowBytes: Int
  }

  package let rowBytes: Int
  package private(set) var rows: StateArray
  package private(set) var live: StateArray
  @usableFromInline let ids = RowIDs()

  package init(rowBytes: Int, in space: StateSpace) {
    precondition(rowBytes > 0 && rowBytes % 8 == 0, "rows are whole words")
    self.rowBytes = rowBytes
    rows = StateArray(in: space)
    live = StateArray(in: space)
  }

  package var reference: Reference { Reference(rows: rows.pages, live: live.pages, rowBytes: rowBytes) }
  /// Rows in use.
  package var count: Int { ids.count }
  /// All ids ever given out are below this.
  package var idLimit: Int { ids.limit }
  package var stateBytes: Int { rows.stateBytes + live.stateBytes + ids.free.count * 4 }

  package func isLive(_ id: UInt32) -> Bool { ids.isLive(id, in: live.pages) }

  /// The ids in use from `first` and below `end`, ascending.
  package func liveIDs(from first: Int, to end: Int) -> [UInt32] {
    (first..<max(first, min(end, ids.limit))).map { UInt32($0) }.filter { isLive($0) }
  }

  /// Makes room for `count` more rows, so that the rows do not move while they are inserted.
  package mutating func reserve(rows count: Int) {
    rows.pages.reserve(byteCount: (ids.limit + count) * rowBytes)
    live.pages.reserve(byteCount: (ids.limit + count + 63) / 64 * 8)
  }

  /// The rows as elements of one type of their width.
  @_lifetime(borrow self)
  @inlinable package func elements<Element: BitwiseCopyable>(as type: Element.Type) -> Span<Element> {
    precondition(MemoryLayout<Element>.stride == rowBytes, "an element is a row")
    return rows.elements(as: type)
  }

  /// Begins a batch that inserts and removes rows; changes of other rows are declared one by one.
  @_lifetime(&self)
  package mutating func willChange() -> RowWriter {
    rows.pages.beginBatch()
    live.pages.beginBatch()
    return _overrideLifetime(RowWriter(rows: rows.pages, live: live.pages, ids: ids, rowBytes: rowBytes), mutating: &self)
  }

  /// Begins a batch that changes the rows `ids`, and may insert and remove others.
  @_lifetime(&self)
  package mutating func willChange(_ changing: Span<UInt32>) -> RowWriter {
    rows.pages.beginBatch()
    live.pages.beginBatch()
    changing.withUnsafeBufferPointer { rows.pages.declare(ids: $0, stride: rowBytes, byteLimit: ids.limit * rowBytes) }
    return _overrideLifetime(RowWriter(rows: rows.pages, live: live.pages, ids: ids, rowBytes: rowBytes), mutating: &self)
  }

  /// After a restore of both arrays: finds the free ids again.
  package mutating func adoptRestoredRows() {
    ids.adopt(limit: rows.byteCount / rowBytes, live: live.pages)
  }

  /// Grows both arrays to hold ids below `limit`, before a restore writes them.
  package mutating func growForRestore(idLimit limit: Int) {
    rows.grow(toByteCount: limit * rowBytes)
    live.grow(toByteCount: (limit + 63) / 64 * 8)
  }

  package mutating func setArmed(_ armed: Bool) {
    rows.setArmed(armed)
    live.setArmed(armed)
  }

  package mutating func endBatch() {
    rows.endBatch()
    live.endBatch()
  }

  /// Takes the dirty lines of the rows and of their live bits.
  package mutating func takeDirty() -> (rows: [DirtyPage], live: [DirtyPage]) { (rows.takeDirty(), live.takeDirty()) }
}

/// Which ids are in use, on the owner's side.
@usableFromInline
final class RowIDs {
  fileprivate(set) var free: [UInt32] = []
  @usableFromInline fileprivate(set) var limit = 0
  fileprivate(set) var count = 0

  func isLive(_ id: UInt32, in live: StatePages) -> Bool {
    Int(id) < limit && live.base.load(fromByteOffset: Int(id) / 64 * 8, as: UInt64.self) >> UInt64(id % 64) & 1 == 1
  }

  func adopt(limit: Int, live: StatePages) {
    self.limit = limit
    free = (0..<limit).reversed().map { UInt32($0) }.filter { !isLive($0, in: live) }
    count = limit - free.count
  }
}

/// The right to change declared rows of one store, and to insert and remove rows, for one batch.
package struct RowWriter: ~Copyable, ~Escapable {
  @usableFromInline let rows: StatePages
  @usableFromInline let live: StatePages
  @usableFromInline let ids: RowIDs
  package let rowBytes: Int

  @_lifetime(immortal)
  init(rows: StatePages, live: StatePages, ids: RowIDs, rowBytes: Int) {
    self.rows = rows
    self.live = live
    self.ids = ids
    self.rowBytes = rowBytes
  }

  /// Declares a change of one row.
  @inlinable @inline(__always) package func declare(_ id: UInt32) {
    precondition(Int(id) < ids.limit, "no such row")
    rows.declare(offset: Int(id) &* rowBytes, byteCount: rowBytes)
  }

  /// A new row, all zero and declared.
  package func insert() -> UInt32 { insertRow(rows: rows, live: live, ids: ids, rowBytes: rowBytes) }

  /// Gives a row's id back. Its bytes stay until the id is used again.
  package func remove(_ id: UInt32) {
    precondition(ids.isLive(id, in: live), "a row is removed once")
    live.declare(offset: Int(id) / 64 * 8, byteCount: 8)
    let word = (live.base + Int(id) / 64 * 8).assumingMemoryBound(to: UInt64.self)
    word.pointee &= ~(1 << UInt64(id % 64))
    ids.free.append(id)
    ids.count -= 1
  }

  /// Changes a declared row.
  @inlinable package func store<Value: BitwiseCopyable>(_ value: Value, in id: UInt32, at offset: Int = 0) {
    precondition(Int(id) < ids.limit && offset + MemoryLayout<Value>.size <= rowBytes, "a store beyond the row")
    rows.base.storeBytes(of: value, toByteOffset: Int(id) &* rowBytes &+ offset, as: Value.self)
  }

  @inlinable package func load<Value: BitwiseCopyable>(_ id: UInt32, at offset: Int = 0, as type: Value.Type) -> Value {
    precondition(Int(id) < ids.limit && offset + MemoryLayout<Value>.size <= rowBytes, "a load beyond the row")
    return rows.base.loadUnaligned(fromByteOffset: Int(id) &* rowBytes &+ offset, as: type)
  }

  /// The rows as elements of one type of their width; only declared ones may be changed.
  @_lifetime(&self)
  @inlinable package mutating func elements<Element: BitwiseCopyable>(as type: Element.Type) -> MutableSpan<Element> {
    precondition(MemoryLayout<Element>.stride == rowBytes, "an element is a row")
    let base = rows.base
    let span = MutableSpan(_unsafeStart: base.assumingMemoryBound(to: Element.self), count: ids.limit)
    return _overrideLifetime(span, mutating: &self)
  }

  /// Where row 0 begins, for kernels; valid until a row is inserted without a `reserve` before the batch.
  @inlinable package var base: UnsafeMutableRawPointer { rows.base }
}

/// Takes a free id or the next one, declares its row and its live bit, and clears the row.
func insertRow(rows: StatePages, live: StatePages, ids: RowIDs, rowBytes: Int) -> UInt32 {
  let id: UInt32
  if !ids.free.isEmpty {
    id = ids.free.removeLast()
    rows.declare(offset: Int(id) &* rowBytes, byteCount: rowBytes)
    (rows.base + Int(id) &* rowBytes).initializeMemory(as: UInt8.self, repeating: 0, count: rowBytes)
  } else {
    precondition(ids.limit < Int(UInt32.max), "row ids are 32 bits")
    id = UInt32(truncatingIfNeeded: ids.limit)
    ids.limit += 1
    if ids.limit * rowBytes > rows.byteCount {
      // Many rows at a time, because each growth publishes the length, but never so many that the rows move before they
      // must: kernels rely on what was reserved.
      let room = min(rows.byteCapacity / rowBytes, live.byteCapacity * 8)
      let limit = max(ids.limit, min(ids.limit + max(64, ids.limit / 16), room))
      rows.grow(toByteCount: limit * rowBytes)
      live.grow(toByteCount: (limit + 63) / 64 * 8)
    }
    rows.declare(offset: Int(id) &* rowBytes, byteCount: rowBytes)
  }
  live.declare(offset: Int(id) / 64 * 8, byteCount: 8)
  (live.base + Int(id) / 64 * 8).assumingMemoryBound(to: UInt64.self).pointee |= 1 << UInt64(id % 64)
  ids.count += 1
  return id
}
