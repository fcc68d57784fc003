/// The right to insert rows into one store for one batch, for key matchers of other targets, which must be copyable.
///
/// Valid until the store is changed by other means. The caller holds the store exclusively meanwhile.
package struct RowInserter {
  private let rows: StatePages
  private let live: StatePages
  private let ids: RowIDs
  package let rowBytes: Int
  /// Where row 0 begins; the rows do not move during the batch.
  package let base: UnsafeMutableRawPointer

  init(_ store: borrowing RowStore) {
    rows = store.rows.pages
    live = store.live.pages
    ids = store.ids
    rowBytes = store.rowBytes
    base = rows.base
  }

  /// A new row, all zero and declared.
  package func insert() -> UInt32 { insertRow(rows: rows, live: live, ids: ids, rowBytes: rowBytes) }
}

extension RowStore {
  /// Begins a batch that inserts at most `count` rows.
  package mutating func willInsert(_ count: Int) -> RowInserter {
    reserve(rows: count)
    rows.pages.beginBatch()
    live.pages.beginBatch()
    return RowInserter(self)
  }

  /// Where row 0 begins, for kernels; valid until a row is inserted.
  package var base: UnsafeMutableRawPointer { rows.pages.base }
}

extension StateArena {
  /// Where offset 0 lies, for kernels; valid until a text is inserted.
  package var base: UnsafeMutableRawPointer { pages.base }
}

extension ArenaWriter {
  /// Where offset 0 lies, for kernels; valid until a text is inserted.
  package var base: UnsafeMutableRawPointer { bookPages.base }
}
