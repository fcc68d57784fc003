internal import CPlatform

/// Rows found by the key in their first words: a `HashIndex` over a `RowStore`. What groups, distinct rows and keyed
/// tables are made of.
///
/// A batch is worked in two calls: `findOrInsert` gives each row's id (new rows hold their key, and behind it the words of
/// `newRow`, then zeros), and `willChange(ids)` then lends the writer for the accumulators.
package struct KeyedRows: ~Copyable {
  package private(set) var index: HashIndex
  package private(set) var rows: RowStore
  /// Words of the key, at offset 0 of a row.
  package let keyWords: Int
  private let newRow: [UInt64]

  /// - newRow: what a new row holds behind its key, such as the empty maximum.
  package init(rowBytes: Int, keyWords: Int, newRow: [UInt64] = [], in space: StateSpace) {
    precondition(keyWords > 0 && (keyWords + newRow.count) * 8 <= rowBytes, "a key lies in its row")
    self.newRow = newRow
    self.keyWords = keyWords
    index = HashIndex(in: space)
    rows = RowStore(rowBytes: rowBytes, in: space)
  }

  package var count: Int { rows.count }
  package var stateBytes: Int { index.stateBytes + rows.stateBytes }

  /// Finds or makes the row of each key; returns how many are new, and these have the ids that were not in use before.
  /// Keys are `keyWords` words each, in the order of the hashes.
  @discardableResult
  package mutating func findOrInsert(
    keys: Span<UInt64>, hashes: Span<UInt32>, into ids: inout MutableSpan<UInt32>
  ) -> Int {
    precondition(keys.count == hashes.count * keyWords && ids.count >= hashes.count, "a hash and an id for each key")
    let before = rows.count, batch = hashes.count
    rows.reserve(rows: batch)
    rows.rows.pages.beginBatch()
    rows.live.pages.beginBatch()
    keys.withUnsafeBufferPointer { keys in
      hashes.withUnsafeBufferPointer { hashes in
        ids.withUnsafeMutableBufferPointer { ids in
          guard batch > 0 else { return }
          let keys = keys.baseAddress!, hashes = hashes.baseAddress!, ids = ids.baseAddress!
          if keyWords == 1 {
            var matcher = OneWordKeys(keys: keys, newRow: newRow, rows: rows)
            index.findOrInsert(hashes: hashes, count: batch, matcher: &matcher, into: ids)
          } else {
            var matcher = WordKeys(keys: keys, keyWords: keyWords, newRow: newRow, rows: rows)
            index.findOrInsert(hashes: hashes, count: batch, matcher: &matcher, into: ids)
          }
        }
      }
    }
    return rows.count - before
  }

  /// Finds the row of each key; `HashIndex.none` for keys without one.
  package func find(keys: Span<UInt64>, hashes: Span<UInt32>, into ids: inout MutableSpan<UInt32>) {
    precondition(keys.count == hashes.count * keyWords && ids.count >= hashes.count, "a hash and an id for each key")
    let batch = hashes.count
    keys.withUnsafeBufferPointer { keys in
      hashes.withUnsafeBufferPointer { hashes in
        ids.withUnsafeMutableBufferPointer { ids in
          guard batch > 0 else { return }
          let keys = keys.baseAddress!, hashes = hashes.baseAddress!, ids = ids.baseAddress!
          if keyWords == 1 {
            index.find(hashes: hashes, count: batch, matcher: OneWordKeys(keys: keys, newRow: [], rows: rows), into: ids)
          } else {
            let matcher = WordKeys(keys: keys, keyWords: keyWords, newRow: [], rows: rows)
            index.find(hashes: hashes, count: batch, matcher: matcher, into: ids)
          }
        }
      }
    }
  }

  /// Removes rows; no id twice. The hashes are those that they were inserted with.
  package mutating func remove(ids: Span<UInt32>, hashes: Span<UInt32>) {
    index.remove(hashes: hashes, ids: ids)
    let writer = rows.willChange()
    for position in 0..<ids.count { writer.remove(ids[position]) }
  }

  /// Begins a batch of changes of the rows `ids`. The key's words must stay.
  @_lifetime(&self)
  package mutating func willChange(_ ids: Span<UInt32>) -> RowWriter { rows.willChange(ids) }

  @_lifetime(borrow self)
  @inlinable package func elements<Element: BitwiseCopyable>(as type: Element.Type) -> Span<Element> {
    rows.elements(as: type)
  }

  package mutating func setArmed(_ armed: Bool) { rows.setArmed(armed) }
  package mutating func takeDirty() -> (rows: [DirtyPage], live: [DirtyPage]) { rows.takeDirty() }
}

/// Keys of one word.
@usableFromInline
struct OneWordKeys: KeyMatcher {
  let keys: UnsafePointer<UInt64>
  let newRow: [UInt64]
  let base: UnsafeMutableRawPointer
  let rowBytes: Int
  let rows: StatePages
  let live: StatePages
  let ids: RowIDs

  init(keys: UnsafePointer<UInt64>, newRow: [UInt64], rows store: borrowing RowStore) {
    self.keys = keys
    self.newRow = newRow
    rowBytes = store.rowBytes
    rows = store.rows.pages
    live = store.live.pages
    ids = store.ids
    base = rows.base
  }

  @inline(__always) @usableFromInline func matches(_ id: UInt32, _ index: Int) -> Bool {
    base.load(fromByteOffset: Int(id) &* rowBytes, as: UInt64.self) == keys[index]
  }

  @inline(__always) @usableFromInline func prefetch(_ id: UInt32) { cp_prefetch(base + Int(id) &* rowBytes) }

  @inline(never) @usableFromInline mutating func insert(_ index: Int) -> UInt32 {
    let id = insertRow(rows: rows, live: live, ids: ids, rowBytes: rowBytes)
    let row = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self)
    row[0] = keys[index]
    for word in 0..<newRow.count { row[word &+ 1] = newRow[word] }
    return id
  }
}

/// Keys of several words, equal if all words are.
@usableFromInline
struct WordKeys: KeyMatcher {
  let keys: UnsafePointer<UInt64>
  let keyWords: Int
  let newRow: [UInt64]
  let base: UnsafeMutableRawPointer
  let rowBytes: Int
  let rows: StatePages
  let live: StatePages
  let ids: RowIDs

  init(keys: UnsafePointer<UInt64>, keyWords: Int, newRow: [UInt64], rows store: borrowing RowStore) {
    self.keys = keys
    self.newRow = newRow
    self.keyWords = keyWords
    rowBytes = store.rowBytes
    rows = store.rows.pages
    live = store.live.pages
    ids = store.ids
    base = rows.base
  }

  @inline(__always) @usableFromInline func matches(_ id: UInt32, _ index: Int) -> Bool {
    let row = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self), key = keys + index &* keyWords
    var word = 0
    while word < keyWords, row[word] == key[word] { word &+= 1 }
    return word == keyWords
  }

  @inline(__always) @usableFromInline func prefetch(_ id: UInt32) { cp_prefetch(base + Int(id) &* rowBytes) }

  @inline(never) @usableFromInline mutating func insert(_ index: Int) -> UInt32 {
    let id = insertRow(rows: rows, live: live, ids: ids, rowBytes: rowBytes)
    let row = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self)
    for word in 0..<keyWords { row[word] = keys[index &* keyWords &+ word] }
    for word in 0..<newRow.count { row[keyWords &+ word] = newRow[word] }
    return id
  }
}
