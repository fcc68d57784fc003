package import Columnar
package import SQLTypes

/// The log of a running engine's ticks, with the rows of its local streams, written and synced by a thread of its own while the
/// driver computes. Every function may be called on any thread.
package protocol TickLog: Sendable {
  /// Hands over the entry of the tick after the last one handed over, and returns at once.
  ///
  /// - chunks: the new ones that the entry names; they are written with it.
  /// - isSynchronous: false where all its clients set `synchronous_commit = off`: it is then synced within 200 ms.
  /// - Errors: the log's error once an entry could not be written, 57P01 after `stop()`; the entry is then not handed over. What
  ///   becomes of one that is, `waitDurable` tells.
  func submit(_ entry: TickEntry, _ chunks: [StreamChunk], isSynchronous: Bool) throws(SQLError)

  /// Returns when the entry of `tick`, which was handed over, and so all before it, is on the disk.
  ///
  /// - Errors: why it is not there: 53100, 58030, XX001, or 57P01 after `stop()`. No later entry will be there either.
  func waitDurable(_ tick: UInt64) throws(SQLError)

  /// Hands an entry over and returns when it is on the disk.
  ///
  /// - Errors: why it is not. Where there was no room (53100) the log is as it was before, and the next entry may have this one's
  ///   number.
  func append(_ entry: TickEntry) throws(SQLError)

  /// Hands every entry from `number` on to `body`, in order, few in memory at a time.
  ///
  /// A damaged entry or a gap is XX001 and names its tick; entries before it have been handed over.
  func replay(from number: UInt64, _ body: (TickEntry) throws(SQLError) -> Void) throws(SQLError)

  // MARK: local streams

  /// An id that no chunk has had.
  func newChunkID() -> UInt64

  /// The chunks that hold a stream's rows from `start` up to, not including, `end`, in order: the first few of them, but one at
  /// least. The first may begin before `start`, the last may end behind `end`. Entries handed over before are in it.
  ///
  /// - Returns: none if the stream has been dropped.
  /// - Errors: XX001 where rows of the range are damaged or not there, the log's error if they could not be written.
  func readChunks(of stream: UInt64, from start: UInt64, to end: UInt64) throws(SQLError) -> [PlacedChunk]

  /// Has small chunks of a stream made into larger ones, when there is nothing else to do.
  func mergeChunks(of stream: UInt64, types: [PhysicalType])

  /// Has the chunks of a stream deleted, when there is nothing else to do: the DROP is on the disk, and nobody reads them any
  /// more. What is left of them when the log is stopped has to be asked for again.
  func deleteChunks(of stream: UInt64)

  /// Writes and syncs what was handed over, unless that has failed, and closes the log. To be called once.
  func stop()
}
