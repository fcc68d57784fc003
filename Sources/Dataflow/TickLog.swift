package import SQLTypes

/// The log of a running engine's ticks, written and synced by a thread of its own while the driver computes. Every function may
/// be called on any thread.
package protocol TickLog: Sendable {
  /// Hands over the entry of the tick after the last one handed over, and returns at once.
  ///
  /// - isSynchronous: false where all its clients set `synchronous_commit = off`: it is then synced within 200 ms.
  /// - Errors: the log's error once an entry could not be written, 57P01 after `stop()`; the entry is then not handed over. What
  ///   becomes of one that is, `waitDurable` tells.
  func submit(_ entry: TickEntry, isSynchronous: Bool) throws(SQLError)

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

  /// Writes and syncs what was handed over, unless that has failed, and closes the log. To be called once.
  func stop()
}
