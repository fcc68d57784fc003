package import Columnar
package import SQLTypes

/// The durable side of a running engine: the log of its ticks and the rows of its local streams, written by a thread of its own
/// while the driver computes. Every function may be called on any thread.
///
/// `append` of `TickLog` is `submit` and `waitDurable` in one.
package protocol DurableLog: TickLog, Sendable {
  /// Hands over the entry of the tick after the last one handed over, with the small chunks that it names.
  ///
  /// - isSynchronous: false where all its clients set `synchronous_commit = off`: it is then synced within 200 ms.
  /// - Errors: the log's error while it is failed, 57P01 after `stop()`; the entry is then not queued. What becomes of one that
  ///   is, `waitDurable` tells.
  func submit(_ entry: TickEntry, chunks: [StreamChunk], isSynchronous: Bool) throws(SQLError)

  /// Returns when the entry of `tick`, which was handed over, and so all before it, is on the disk.
  ///
  /// - Errors: why it is not there: 53100 (after which `retry()` makes sense), 58030, XX001, or 57P01 after `stop()`.
  func waitDurable(_ tick: UInt64) throws(SQLError)

  /// The newest tick that is on the disk.
  var durableTick: UInt64 { get }

  /// Tries again to write what could not be written.
  func retry()

  /// Forgets what could not be written and what was queued behind it; does nothing unless the log is failed.
  ///
  /// - Returns: the newest tick in the log, which the next entry has to follow.
  @discardableResult func discard() -> UInt64

  /// The id that the next relation gets. Durable when set; to be set before an id is used.
  func nextRelationID() throws(SQLError) -> UInt64
  func setNextRelationID(_ id: UInt64) throws(SQLError)

  /// An id above those of all chunks. Whoever writes chunks asks once and counts on.
  func nextChunkID() throws(SQLError) -> UInt64

  /// Writes one chunk, of at most 1 MiB, in a transaction of its own, for a tick that will name it. Unless an entry has named it,
  /// it is deleted when the database is opened again.
  func write(unnamed chunk: StreamChunk) throws(SQLError)

  /// Deletes chunks that no entry will name: a COPY that failed.
  func deleteUnnamed(_ ids: [UInt64]) throws(SQLError)

  /// The offset behind the last row of a stream, nil where it has no chunk.
  func endOffset(of relation: UInt64) throws(SQLError) -> UInt64?

  /// Hands the rows from offset `start` up to, not including, `end` to `body`, in order, a chunk's at a time.
  ///
  /// - types: those of the stream's columns.
  /// - Errors: XX001 if a chunk is damaged, or if rows of the range are not there: the caller knows which must be.
  func readRows(
    of relation: UInt64, types: [PhysicalType], from start: UInt64, to end: UInt64,
    _ body: (Batch) throws(SQLError) -> Void
  ) throws(SQLError)

  /// Deletes a stream's chunks: those that lie wholly before `offset` (its retention), or with `.max` all.
  func deleteChunks(of relation: UInt64, before offset: UInt64) throws(SQLError)

  /// Merges the first run of small chunks at or behind `offset` into one chunk under the id `newID`.
  ///
  /// - Returns: the offset from which to look for the next run; nil if there was none, and `newID` is unused.
  func mergeChunks(of relation: UInt64, types: [PhysicalType], from offset: UInt64, as newID: UInt64) throws(SQLError) -> UInt64?

  /// Writes and syncs what was handed over (unless that has failed), and closes the database. To be called once.
  func stop()
}
