package import SQLTypes

/// The log of ticks. One writer; a replay reads through a connection of its own.
package protocol TickLog {
  /// The number of the newest entry, nil when there is none.
  func lastTick() throws(SQLError) -> UInt64?

  /// Appends entries whose numbers go on from `lastTick()` without a gap: all or none, durable on return.
  func append(_ entries: [TickEntry]) throws(SQLError)

  /// Hands every entry from `number` on to `body`, in order, one in memory at a time.
  ///
  /// A damaged entry or a gap is XX001 and names its tick; entries before it have been handed over.
  func replay(from number: UInt64, _ body: (TickEntry) throws(SQLError) -> Void) throws(SQLError)
}
