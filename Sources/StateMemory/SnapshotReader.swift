/// Reads arrays as of one snapshot, from any thread, while their owners change them.
package struct SnapshotReader: ~Copyable {
  private let snapshot: Snapshot
  private let buffer: UnsafeMutableRawBufferPointer

  /// - hasBuffer: false for who reads into memory of its own alone: without it there are no `words` and no `forEachRow`.
  package init(_ snapshot: Snapshot, hasBuffer: Bool = true) {
    self.snapshot = snapshot
    buffer = .allocate(byteCount: hasBuffer ? 4 * pageBytes : 0, alignment: 64)
  }

  deinit { buffer.deallocate() }

  package var tick: UInt64 { snapshot.tick }

  /// Copies bytes of an array as of the snapshot; offset, count and destination are multiples of 8. Bytes behind the
  /// array's end at that tick are zero.
  package func read(_ pages: StatePages, at offset: Int, into destination: UnsafeMutableRawBufferPointer) {
    precondition(offset & 7 == 0 && destination.count & 7 == 0, "snapshots are read by words")
    let inUse = max(0, min(destination.count, (pages.publishedByteCount + 7) & ~7 - offset))
    guard let to = destination.baseAddress else { return }
    var done = 0
    while done < inUse {
      let inPage = (offset + done) & (pageBytes - 1)
      let count = min(pageBytes - inPage, inUse - done)
      pages.read(
        page: (offset + done) >> pageShift, offset: inPage, byteCount: count, as: snapshot.number, to: to + done)
      done += count
    }
    if inUse < destination.count {
      (to + inUse).initializeMemory(as: UInt8.self, repeating: 0, count: destination.count - inUse)
    }
  }

  /// The same into the reader's own buffer of 64 KiB, until the next read.
  @_lifetime(&self)
  package mutating func words(of pages: StatePages, at offset: Int, byteCount: Int) -> Span<UInt64> {
    precondition(byteCount <= buffer.count, "more than the reader's buffer holds")
    let part = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<byteCount])
    read(pages, at: offset, into: part)
    let words = part.baseAddress!.assumingMemoryBound(to: UInt64.self)
    return _overrideLifetime(Span(_unsafeStart: UnsafePointer(words), count: byteCount / 8), mutating: &self)
  }

  /// Any bytes of an array as of the snapshot, such as a text of an arena.
  package func bytes(of pages: StatePages, at offset: Int, byteCount: Int) -> [UInt8] {
    let start = offset & ~7, end = (offset + byteCount + 7) & ~7
    return withUnsafeTemporaryAllocation(byteCount: end - start, alignment: 8) { words in
      read(pages, at: start, into: words)
      return Array(words[(offset - start)..<(offset - start + byteCount)])
    }
  }

  /// Calls `body` with the id and the words of each row that was live at the snapshot's tick, in order of ids.
  package func forEachRow(of store: RowStore.Reference, _ body: (UInt32, Span<UInt64>) -> Void) {
    let rowsPerRead = max(64, (buffer.count - 4096) / store.rowBytes & ~63)
    let bytesNeeded = rowsPerRead * store.rowBytes
    let large = bytesNeeded + 4096 > buffer.count
      ? UnsafeMutableRawBufferPointer.allocate(byteCount: bytesNeeded + rowsPerRead / 8, alignment: 64) : nil
    defer { large?.deallocate() }
    let memory = large ?? buffer
    let rowMemory = UnsafeMutableRawBufferPointer(rebasing: memory[0..<bytesNeeded])
    let bitMemory = UnsafeMutableRawBufferPointer(rebasing: memory[bytesNeeded..<(bytesNeeded + rowsPerRead / 8)])
    let rowWords = store.rowBytes / 8, rowCount = store.rows.publishedByteCount / store.rowBytes
    var first = 0
    while first < rowCount {
      read(store.live, at: first / 8, into: bitMemory)
      let bits = bitMemory.bindMemory(to: UInt64.self)
      if bits.contains(where: { $0 != 0 }) {
        read(store.rows, at: first * store.rowBytes, into: rowMemory)
        let words = UnsafePointer(rowMemory.baseAddress!.assumingMemoryBound(to: UInt64.self))
        for group in 0..<bits.count {
          var left = bits[group]
          while left != 0 {
            let row = group * 64 + left.trailingZeroBitCount
            left &= left - 1
            body(UInt32(first + row), Span(_unsafeStart: words + row * rowWords, count: rowWords))
          }
        }
      }
      first += rowsPerRead
    }
  }
}
