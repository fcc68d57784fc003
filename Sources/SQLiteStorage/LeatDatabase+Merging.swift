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
  /// `Batch.targetRowCount` rows and about a megabyte, and have that many, or would have more with the chunk behind them.
  ///
  /// So the chunks at the stream's end wait until a run is full, and a row is written about twice however small the inserts are.
  ///
  /// - Returns: the run; else nil, and the offset behind which the next search can begin.
  package func mergeableChunks(
    of relation: UInt64, from offset: UInt64
  ) throws(SQLError) -> (run: MergeableChunks?, settled: UInt64) {
    let target = UInt64(Batch.targetRowCount)
    let places = try database.prepare(
      """
      SELECT first_offset, s.row_count, coalesce(length(batch), 0) FROM stream_chunks s LEFT JOIN chunks c ON c.id = chunk
      WHERE relation = ? AND first_offset >= ? ORDER BY first_offset
      """)
    try places.bind(Int64(bitPattern: relation), at: 1)
    try places.bind(Int64(clamping: offset), at: 2)
    var run: (start: UInt64, end: UInt64, bytes: Int64, count: Int)?
    while try places.step() {
      let start = UInt64(bitPattern: places.integer(0))
      let (end, overflow) = start.addingReportingOverflow(UInt64(bitPattern: places.integer(1)))
      // What is no chunk of ours is for a read to tell.
      if overflow { break }
      let bytes = places.integer(2)
      if let current = run, current.end == start, end - current.start <= target, current.bytes + bytes <= StreamChunk.bytesLimit {
        run = (current.start, end, current.bytes + bytes, current.count + 1)
        if end - current.start == target { return (MergeableChunks(relation: relation, firstOffset: current.start, endOffset: end), current.start) }
      } else if let full = run, full.count > 1 {
        return (MergeableChunks(relation: relation, firstOffset: full.start, endOffset: full.end), full.start)
      } else {
        run = (start, end, bytes, 1)
      }
    }
    return (nil, run?.start ?? offset)
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
