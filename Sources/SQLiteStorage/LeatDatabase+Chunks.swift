package import Dataflow
package import SQLTypes

/// The prepared statements of the chunks' tables.
final class ChunkStatements {
  let insertion: Statement
  let unnamed: Statement
  let naming: Statement
  let rowCount: Statement
  let placing: Statement
  let scan: Statement
  let end: Statement
  let dropped: Statement

  init(_ database: borrowing Database) throws(SQLError) {
    insertion = try database.prepare("INSERT INTO chunks VALUES (?, ?, ?, ?)")
    unnamed = try database.prepare("INSERT INTO unnamed_chunks VALUES (?)")
    naming = try database.prepare("DELETE FROM unnamed_chunks WHERE id = ? RETURNING id")
    rowCount = try database.prepare("SELECT row_count FROM chunks WHERE id = ?")
    placing = try database.prepare("INSERT INTO stream_chunks VALUES (?, ?, ?, ?, ?)")
    // From the last chunk that begins at or before the offset.
    scan = try database.prepare(
      """
      SELECT first_offset, s.row_count, chunk, s.checksum, c.row_count, c.checksum, batch
      FROM stream_chunks s LEFT JOIN chunks c ON c.id = chunk
      WHERE relation = ?1 AND first_offset < ?3 AND first_offset >= coalesce(
        (SELECT max(first_offset) FROM stream_chunks WHERE relation = ?1 AND first_offset <= ?2), 0)
      ORDER BY first_offset
      """)
    end = try database.prepare(
      "SELECT first_offset + row_count FROM stream_chunks WHERE relation = ? ORDER BY first_offset DESC LIMIT 1")
    dropped = try database.prepare("SELECT checksum FROM dropped_streams WHERE relation = ?")
  }
}

extension LeatDatabase {
  /// Writes one chunk in a transaction of its own, for a tick that will name it: a slice of a COPY, of at most 1 MiB.
  ///
  /// Unless an entry has named it, the chunk is deleted when the database is opened again.
  package func write(unnamed chunk: StreamChunk) throws(SQLError) {
    try transaction(writing: chunk.batch.count) { () throws(SQLError) in try insert(chunk, isNamed: false) }
  }

  /// Deletes chunks that no entry will name: a COPY that failed.
  package func deleteUnnamed(_ ids: [UInt64]) throws(SQLError) {
    try transaction(writing: 4096) { () throws(SQLError) in
      for id in ids where try wasUnnamed(id) { try delete(chunk: id) }
    }
    checkpointIfDue()
  }

  func insert(_ chunk: StreamChunk, isNamed: Bool) throws(SQLError) {
    guard let id = Int64(exactly: chunk.id) else { throw SQLError(.internalError, "chunk \(chunk.id) is beyond 63 bits") }
    defer {
      chunks.insertion.reset()
      chunks.unnamed.reset()
    }
    try chunks.insertion.bind(id, at: 1)
    try chunks.insertion.bind(Int64(chunk.rowCount), at: 2)
    try chunks.insertion.bind(Checksum.of(chunk.id, UInt64(chunk.rowCount), bytes: chunk.batch), at: 3)
    try chunks.insertion.bind(chunk.batch, at: 4)
    _ = try chunks.insertion.step()
    if isNamed { return }
    try chunks.unnamed.bind(id, at: 1)
    _ = try chunks.unnamed.step()
  }

  /// Puts a chunk in its place in its stream, as a tick's entry says.
  ///
  /// - isNew: whether the chunk came with the entry, and so was never unnamed.
  func name(_ append: TickEntry.StreamAppend, isNew: Bool) throws(SQLError) {
    if !isNew {
      guard try wasUnnamed(append.chunk), try rows(of: append.chunk) == Int64(append.rowCount) else {
        throw SQLError(.internalError, "chunk \(append.chunk) of \(append.rowCount) rows does not wait for its tick")
      }
    }
    if let end = try endOffset(of: append.relation), end != append.firstOffset {
      throw SQLError(.internalError, "offset \(append.firstOffset) does not follow \(end) of stream \(append.relation)")
    }
    try place(append)
  }

  func place(_ append: TickEntry.StreamAppend) throws(SQLError) {
    defer { chunks.placing.reset() }
    try chunks.placing.bind(Int64(bitPattern: append.relation), at: 1)
    try chunks.placing.bind(Int64(bitPattern: append.firstOffset), at: 2)
    try chunks.placing.bind(Int64(append.rowCount), at: 3)
    try chunks.placing.bind(Int64(bitPattern: append.chunk), at: 4)
    try chunks.placing.bind(Self.checksum(of: append), at: 5)
    _ = try chunks.placing.step()
  }

  private static func checksum(of place: TickEntry.StreamAppend) -> Int64 {
    Checksum.of(place.relation, place.firstOffset, UInt64(place.rowCount), place.chunk)
  }

  /// Takes a chunk off the list of the unnamed. Returns: whether it was there.
  private func wasUnnamed(_ id: UInt64) throws(SQLError) -> Bool {
    defer { chunks.naming.reset() }
    try chunks.naming.bind(Int64(bitPattern: id), at: 1)
    return try chunks.naming.step()
  }

  private func rows(of chunk: UInt64) throws(SQLError) -> Int64? {
    defer { chunks.rowCount.reset() }
    try chunks.rowCount.bind(Int64(bitPattern: chunk), at: 1)
    return try chunks.rowCount.step() ? chunks.rowCount.integer(0) : nil
  }

  private func delete(chunk: UInt64) throws(SQLError) {
    try database.execute("DELETE FROM chunks WHERE id = \(Int64(bitPattern: chunk))")
  }

  /// What a crash left of ticks that never came about.
  func deleteUnnamedChunks() throws(SQLError) {
    guard try Self.integer("SELECT count(*) FROM unnamed_chunks", in: database) > 0 else { return }
    try transaction(writing: 4096) { () throws(SQLError) in
      try database.execute(
        "DELETE FROM chunks WHERE id IN (SELECT id FROM unnamed_chunks); DELETE FROM unnamed_chunks")
    }
  }

  /// An id above those of all chunks. Whoever writes chunks asks once and counts on.
  package func nextChunkID() throws(SQLError) -> UInt64 {
    let newest = try Self.integer("SELECT coalesce(max(id), 0) FROM chunks", in: database)
    return UInt64(bitPattern: newest) + 1
  }

  /// The offset behind the last row of a stream, nil where it has no chunk.
  package func endOffset(of relation: UInt64) throws(SQLError) -> UInt64? {
    defer { chunks.end.reset() }
    try chunks.end.bind(Int64(bitPattern: relation), at: 1)
    return try chunks.end.step() ? UInt64(bitPattern: chunks.end.integer(0)) : nil
  }

  /// Hands the chunks that hold the rows from `start` up to, not including, `end` to `body`, in order, one in memory at a time.
  /// The first may begin before `start`, the last may end behind `end`.
  ///
  /// - Errors: XX001 if a chunk is damaged, or if rows of the range are not there: the caller knows which must be.
  package func readChunks(
    of relation: UInt64, from start: UInt64, to end: UInt64, _ body: (PlacedChunk) throws(SQLError) -> Void
  ) throws(SQLError) {
    try readChunks(of: relation, from: start, to: end, while: { true }, body)
  }

  /// The first chunks of the range, at least one, that have about `bytes` together; none if the range is empty.
  ///
  /// - Errors: as `readChunks`, for what comes up to there.
  func chunks(of relation: UInt64, from start: UInt64, to end: UInt64, bytes: Int) throws(SQLError) -> [PlacedChunk] {
    var found: [PlacedChunk] = []
    var room = bytes
    try readChunks(of: relation, from: start, to: end, while: { room > 0 }) { placed in
      found.append(placed)
      room -= placed.chunk.batch.count
    }
    return found
  }

  /// - goesOn: asked before each chunk; a read that ends by it does not look at the rest.
  private func readChunks(
    of relation: UInt64, from start: UInt64, to end: UInt64, while goesOn: () -> Bool,
    _ body: (PlacedChunk) throws(SQLError) -> Void
  ) throws(SQLError) {
    if start >= end { return }
    defer { chunks.scan.reset() }
    try chunks.scan.bind(Int64(bitPattern: relation), at: 1)
    try chunks.scan.bind(Int64(clamping: start), at: 2)
    try chunks.scan.bind(Int64(clamping: end), at: 3)
    var expected: UInt64?
    while goesOn() {
      guard try chunks.scan.step() else { break }
      let placed = try Self.placedChunk(chunks.scan, of: relation)
      guard expected.map({ placed.firstOffset == $0 }) ?? (placed.firstOffset <= start), placed.endOffset > start else {
        throw Self.lacking(expected ?? start, of: relation)
      }
      expected = placed.endOffset
      try body(placed)
    }
    guard let expected, expected >= end || !goesOn() else { throw Self.lacking(expected ?? start, of: relation) }
  }

  private static func lacking(_ offset: UInt64, of relation: UInt64) -> SQLError {
    SQLError(.dataCorrupted, "stream \(relation) lacks the row of offset \(offset)")
  }

  private static func placedChunk(_ row: borrowing Statement, of relation: UInt64) throws(SQLError) -> PlacedChunk {
    let firstOffset = UInt64(bitPattern: row.integer(0))
    let damaged = SQLError(.dataCorrupted, "the chunk of stream \(relation) at offset \(firstOffset) is damaged")
    guard let rowCount = UInt32(exactly: row.integer(1)), rowCount > 0, row.integer(0) >= 0 else { throw damaged }
    let id = UInt64(bitPattern: row.integer(2))
    let place = TickEntry.StreamAppend(relation: relation, firstOffset: firstOffset, rowCount: rowCount, chunk: id)
    guard row.integer(3) == checksum(of: place), row.integer(4) == Int64(rowCount) else { throw damaged }
    let batch = try row.bytes(6)
    guard row.integer(5) == Checksum.of(id, UInt64(rowCount), bytes: batch) else { throw damaged }
    return PlacedChunk(firstOffset: firstOffset, chunk: StreamChunk(id: id, rowCount: rowCount, batch: batch))
  }

  /// Deletes a stream's chunks: all, or those that lie wholly before `offset` (its retention), the oldest first.
  ///
  /// - limit: how many at most, so that whoever waits for the database does not wait for all of them.
  /// - Returns: whether any are left to be deleted.
  package func deleteChunks(
    of relation: UInt64, before offset: UInt64 = .max, atMost limit: Int = .max
  ) throws(SQLError) -> Bool {
    let (relation, offset) = (Int64(bitPattern: relation), Int64(clamping: offset))
    let condition = "relation = \(relation) AND first_offset <= \(offset) - row_count ORDER BY first_offset LIMIT \(limit)"
    try transaction(writing: 64 << 10) { () throws(SQLError) in
      try database.execute(
        """
        DELETE FROM chunks WHERE id IN (SELECT chunk FROM stream_chunks WHERE \(condition));
        DELETE FROM stream_chunks WHERE relation = \(relation)
          AND first_offset IN (SELECT first_offset FROM stream_chunks WHERE \(condition))
        """)
    }
    checkpointIfDue()
    return try Self.integer(
      "SELECT EXISTS (SELECT 1 FROM stream_chunks WHERE relation = \(relation) AND first_offset <= \(offset) - row_count)",
      in: database) != 0
  }

  // MARK: dropped streams

  /// Notes that a stream has been dropped: a replay, which comes past the ticks of its rows before that of the DROP, need not
  /// find them. To be called once the DROP is on the disk, and before its chunks are deleted.
  package func markDropped(stream relation: UInt64) throws(SQLError) {
    try transaction(writing: 4096) { () throws(SQLError) in
      try database.execute(
        "REPLACE INTO dropped_streams VALUES (\(Int64(bitPattern: relation)), \(Checksum.of(relation, 0)))")
    }
  }

  /// - Errors: XX001 for a damaged note.
  package func isDropped(stream relation: UInt64) throws(SQLError) -> Bool {
    defer { chunks.dropped.reset() }
    try chunks.dropped.bind(Int64(bitPattern: relation), at: 1)
    guard try chunks.dropped.step() else { return false }
    guard chunks.dropped.integer(0) == Checksum.of(relation, 0) else {
      throw SQLError(.dataCorrupted, "the note that stream \(relation) has been dropped is damaged")
    }
    return true
  }
}
