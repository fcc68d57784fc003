package import Columnar
package import Dataflow
package import SQLTypes

/// What is not about queueing: each call is a job between two groups of entries. Bodies of callers run on their own threads.
extension LogThread: DurableLog {
  /// A replay reads pages of about this size, so that the log's thread is never long away.
  private static let pageBytes = 4 << 20

  package func lastTick() throws(SQLError) -> UInt64? {
    try perform { (database) throws(SQLError) in try database.lastTick() }
  }

  package func append(_ entries: [TickEntry]) throws(SQLError) {
    for entry in entries { try submit(entry) }
    if let last = entries.last { try waitDurable(last.number) }
  }

  package func replay(from number: UInt64, _ body: (TickEntry) throws(SQLError) -> Void) throws(SQLError) {
    var next = number
    while true {
      let start = next
      let page = try perform { (database) throws(SQLError) in database.page(from: start, bytes: Self.pageBytes) }
      for entry in page.entries { try body(entry) }
      if let failure = page.failure { throw failure }
      guard let last = page.entries.last else { return }
      next = last.number + 1
    }
  }

  package func nextRelationID() throws(SQLError) -> UInt64 {
    try perform { (database) throws(SQLError) in try database.nextRelationID() }
  }

  package func setNextRelationID(_ id: UInt64) throws(SQLError) {
    try perform { (database) throws(SQLError) in try database.setNextRelationID(id) }
  }

  package func nextChunkID() throws(SQLError) -> UInt64 {
    try perform { (database) throws(SQLError) in try database.nextChunkID() }
  }

  package func write(unnamed chunk: StreamChunk) throws(SQLError) {
    try perform { (database) throws(SQLError) in try database.write(unnamed: chunk) }
  }

  package func deleteUnnamed(_ ids: [UInt64]) throws(SQLError) {
    try perform { (database) throws(SQLError) in try database.deleteUnnamed(ids) }
  }

  package func endOffset(of relation: UInt64) throws(SQLError) -> UInt64? {
    try perform { (database) throws(SQLError) in try database.endOffset(of: relation) }
  }

  package func readRows(
    of relation: UInt64, types: [PhysicalType], from start: UInt64, to end: UInt64,
    _ body: (Batch) throws(SQLError) -> Void
  ) throws(SQLError) {
    var offset = start
    while offset < end {
      // A merge in between changes where the chunks are cut, not what is at an offset.
      let next = offset
      let placed = try perform { (database) throws(SQLError) in try database.chunk(of: relation, at: next) }
      let batch = try placed.decoded(types, of: relation)
      offset = min(placed.endOffset, end)
      let wanted = Int(next - placed.firstOffset)..<Int(offset - placed.firstOffset)
      try body(wanted.count == batch.count ? batch : batch.gather(Selection(wanted)))
    }
  }

  package func deleteChunks(of relation: UInt64, before offset: UInt64) throws(SQLError) {
    try perform { (database) throws(SQLError) in try database.deleteChunks(of: relation, before: offset) }
  }

  package func mergeChunks(
    of relation: UInt64, types: [PhysicalType], from offset: UInt64, as newID: UInt64
  ) throws(SQLError) -> UInt64? {
    try perform { (database) throws(SQLError) in
      guard let run = try database.mergeableChunks(of: relation, from: offset) else { return nil }
      try database.merge(run, types: types, as: newID)
      return run.endOffset
    }
  }
}
