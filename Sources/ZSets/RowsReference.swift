package import Columnar
package import StateMemory
import SQLTypes

/// What a reader on another thread needs in order to scan rows that an owner keeps.
package struct RowsReference: Sendable {
  let rows: RowStore.Reference
  let arena: StatePages
  let fields: [RowLayout.Field]
  /// Byte offset of the row's weight; nil: every row counts once.
  let weightOffset: Int?
  let tickOffset: Int

  /// No more rows than that are there now.
  package var rowLimit: Int { rows.rows.publishedByteCount / rows.rowBytes }
}

/// A cursor over the rows as of a snapshot, in the order of their ids. One thread uses it.
package struct SnapshotScan: ~Copyable {
  private let source: RowsReference
  private let reader: SnapshotReader
  /// Rows with smaller ids have been read.
  package private(set) var nextID: Int
  private let rowMemory: Buffer
  private let liveMemory = Buffer(byteCount: SnapshotScan.rowsPerBatch / 8)

  package static var rowsPerBatch: Int { 4096 }

  /// - fromID: a multiple of `rowsPerBatch`, as `nextID` is between batches.
  package init(_ source: RowsReference, in snapshot: Snapshot, fromID: Int = 0) {
    precondition(fromID % Self.rowsPerBatch == 0, "a scan starts where another one stopped")
    self.source = source
    reader = SnapshotReader(snapshot, hasBuffer: false)
    nextID = fromID
    // A small relation's rows all have ids below what is published now. Its buffer is no larger: what a thousand small
    // views leave behind between large freed pieces of the heap is memory that none of them uses.
    rowMemory = Buffer(byteCount: min(Self.rowsPerBatch, source.rowLimit) * source.rows.rowBytes)
  }

  /// The next rows, at most `rowsPerBatch`; nil: there are no more. Weights are absent where every row counts once.
  package mutating func next() -> Batch? {
    let rowBytes = source.rows.rowBytes
    while nextID * rowBytes < source.rows.rows.publishedByteCount {
      let first = nextID
      nextID += Self.rowsPerBatch
      reader.read(
        source.rows.live, at: first / 8,
        into: UnsafeMutableRawBufferPointer(start: liveMemory.base, count: liveMemory.byteCount))
      let ids = liveIDs()
      guard let last = ids.last else { continue }
      let from = Int(ids[0]), bytes = (Int(last) + 1 - from) * rowBytes
      reader.read(
        source.rows.rows, at: (first + from) * rowBytes,
        into: UnsafeMutableRawBufferPointer(start: rowMemory.base + from * rowBytes, count: bytes))
      if let batch = batch(of: ids) { return batch }
    }
    return nil
  }

  private func liveIDs() -> [UInt32] {
    var ids: [UInt32] = []
    ids.reserveCapacity(Self.rowsPerBatch)
    let words = liveMemory.pointer(as: UInt64.self)
    for word in 0..<Self.rowsPerBatch / 64 {
      var rest = words[word]
      while rest != 0 {
        ids.append(UInt32(word * 64 + rest.trailingZeroBitCount))
        rest &= rest &- 1
      }
    }
    return ids
  }

  private func batch(of liveIDs: [UInt32]) -> Batch? {
    let rowBytes = source.rows.rowBytes, base = UnsafeRawPointer(rowMemory.base)
    var ids = liveIDs
    var weights: Column?
    if let offset = source.weightOffset {
      ids.removeAll { base.load(fromByteOffset: Int($0) * rowBytes + offset, as: Int64.self) == 0 }
      if ids.isEmpty { return nil }
      let column = int64Column(ids, at: offset)
      let values = column.pointer(as: Int64.self)
      weights = (0..<ids.count).allSatisfy { values[$0] == 1 } ? nil : column
    }
    let arena = source.arena
    let columns = ids.withUnsafeBufferPointer { ids in
      unpack(source.fields, base: base, rowBytes: rowBytes, rows: ids.baseAddress!, count: ids.count) { tail, bytes, to in
        reader.read(
          arena, at: StateArena.offset(of: tail),
          into: UnsafeMutableRawBufferPointer(start: to, count: (bytes + 7) & ~7))
      }
    }
    return Batch(count: ids.count, columns: columns, weights: weights)
  }

  private func int64Column(_ ids: [UInt32], at offset: Int) -> Column {
    let values = Buffer(byteCount: ids.count * 8), out = values.pointer(as: Int64.self)
    for (row, id) in ids.enumerated() {
      out[row] = rowMemory.base.load(fromByteOffset: Int(id) * source.rows.rowBytes + offset, as: Int64.self)
    }
    return Column(.int64, count: ids.count, values: values)
  }
}
