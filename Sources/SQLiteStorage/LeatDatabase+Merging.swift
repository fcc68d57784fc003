package import Columnar
internal import Dataflow
package import SQLTypes

/// Neighbouring small chunks of a stream, which become one.
package struct MergeableChunks: Equatable, Sendable {
  package var relation: UInt64
  package var firstOffset: UInt64
  package var endOffset: UInt64
}

extension LeatDatabase {
  /// The first run, at or behind `offset`, of at least two neighbouring chunks of a stream that have together at most
  /// `Batch.targetRowCount` rows, and would have more with the chunk behind them.
  ///
  /// So the chunks at the stream's end wait until a run is full, and a row is written about twice however small the inserts are.
  package func mergeableChunks(of relation: UInt64, from offset: UInt64) throws(SQLError) -> MergeableChunks? {
    let target = UInt64(Batch.targetRowCount)
    let places = try database.prepare(
      "SELECT first_offset, row_count FROM stream_chunks WHERE relation = ? AND first_offset >= ? ORDER BY first_offset")
    try places.bind(Int64(bitPattern: relation), at: 1)
    try places.bind(Int64(clamping: offset), at: 2)
    var run: (start: UInt64, end: UInt64, count: Int)?
    while try places.step() {
      let start = UInt64(bitPattern: places.integer(0))
      let (end, overflow) = start.addingReportingOverflow(UInt64(bitPattern: places.integer(1)))
      // What is no chunk of ours is for a read to tell.
      if overflow { return nil }
      if let current = run, current.end == start, end - current.start <= target {
        run = (current.start, end, current.count + 1)
      } else if let full = run, full.count > 1 {
        return MergeableChunks(relation: relation, firstOffset: full.start, endOffset: full.end)
      } else {
        run = (start, end, 1)
      }
    }
    return nil
  }

  /// Replaces neighbouring chunks by one of the same rows, under the id `newID`: in one transaction, so that a reader sees the
  /// old ones or the new one. What tick entries say of the old ones stays true but for their ids.
  package func merge(_ run: MergeableChunks, types: [PhysicalType], as newID: UInt64) throws(SQLError) {
    var parts: [Batch] = []
    var old: [UInt64] = []
    try readChunks(of: run.relation, from: run.firstOffset, to: run.endOffset) { (placed) throws(SQLError) in
      parts.append(try placed.decoded(types, of: run.relation))
      old.append(placed.chunk.id)
    }
    let whole = Batch.concatenated(parts, types: types)
    guard UInt64(whole.count) == run.endOffset - run.firstOffset, old.count > 1 else {
      throw SQLError(.internalError, "a run of chunks that does not end with a chunk")
    }
    let chunk = StreamChunk(id: newID, rowCount: UInt32(whole.count), batch: BatchCodec.encode(whole))
    try transaction(writing: chunk.batch.count * 2) { () throws(SQLError) in
      try database.execute(
        """
        DELETE FROM chunks WHERE id IN (\(old.map { "\(Int64(bitPattern: $0))" }.joined(separator: ", ")));
        DELETE FROM stream_chunks WHERE relation = \(Int64(bitPattern: run.relation))
          AND first_offset >= \(Int64(bitPattern: run.firstOffset)) AND first_offset < \(Int64(bitPattern: run.endOffset))
        """)
      try insert(chunk, isNamed: true)
      try place(
        TickEntry.StreamAppend(
          relation: run.relation, firstOffset: run.firstOffset, rowCount: chunk.rowCount, chunk: chunk.id))
    }
    checkpointIfDue()
  }
}

extension PlacedChunk {
  /// The chunk's rows.
  ///
  /// - Errors: XX001 if these are not rows of the types, or not as many as the chunk should have.
  func decoded(_ types: [PhysicalType], of relation: UInt64) throws(SQLError) -> Batch {
    let batch = try BatchCodec.decode(chunk.batch, types: types)
    guard batch.count == Int(chunk.rowCount) else {
      throw SQLError(.dataCorrupted, "the chunk of stream \(relation) at offset \(firstOffset) is damaged")
    }
    return batch
  }
}
