package import Columnar
import Dataflow
package import Platform
import SQLCatalog
package import SQLTypes
import StateMemory

/// The rows of a statement that follows a relation: first what it holds, then what changes, until the reader ends it.
///
/// One thread reads it. `close`, or the last reference going, ends the subscription.
package final class LiveRows {
  /// What stands before a row's own columns.
  enum Shape: Sendable {
    /// `leat_tick, leat_diff` (SUBSCRIBE), and with `progress` a row of NULLs when a tick is complete.
    case subscribe(progress: Bool)
    /// `leat_diff` (SELECT … EMIT CHANGES).
    case changes
  }

  private let engine: Engine
  private let relation: RelationID
  private let subscription: Subscription
  private let shape: Shape
  private let types: [SQLType]
  /// What the relation held, until it has been read, and the snapshot that keeps it.
  private var held: (scan: StoredScan, snapshot: Snapshot)?
  private var waiting: [Batch] = []
  private var rowsLeft: Int?
  private let lastTick: UInt64?
  private var progressTick: UInt64 = 0
  private var isOpen = true

  /// - upTo: the last tick whose changes are told; nil: no end.
  init(
    _ engine: Engine, _ relation: RelationID, _ subscription: Subscription, _ shape: Shape, types: [SQLType],
    hasSnapshot: Bool, limit: Int?, upTo lastTick: UInt64?
  ) throws(SQLError) {
    self.engine = engine
    self.relation = relation
    self.subscription = subscription
    self.shape = shape
    self.types = types
    self.lastTick = lastTick
    rowsLeft = limit
    if let snapshot = subscription.takeSnapshot(), hasSnapshot { held = (StoredScan(subscription.rows, snapshot), snapshot) }
    // What is small is read at once: a snapshot that waits for a client keeps a copy of every page that changes.
    while held != nil && waiting.count < Self.batchesReadAtOnce { try readHeld() }
  }

  private static let batchesReadAtOnce = 16

  /// Reads on in what the relation held, and lets go of the snapshot at its end.
  private func readHeld() throws(SQLError) {
    guard let (scan, snapshot) = held else { return }
    if let batch = try scan.next() { waiting.append(shaped(batch, tick: snapshot.tick)) } else { held = nil }
  }

  deinit { close() }

  /// Ends the subscription.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    held = nil
    let (id, subscription) = (relation, subscription)
    do throws(SQLError) { try engine.submit(.unsubscribe(id, subscription)) } catch {
      // The engine has stopped, and its subscriptions with it.
    }
  }

  /// The next rows; waits for them at most so long (nil: for ever), and then gives none. nil: there are no more.
  ///
  /// - Errors: 53400 for a reader that is too slow, 57014 when cancelled, 42P01 when the relation is dropped.
  package func next(timeoutMilliseconds: Int64?, _ cancellation: Cancellation? = nil) throws(SQLError) -> [Batch]? {
    if rowsLeft == 0 { return nil }
    if held != nil && waiting.isEmpty {
      // A reader who is cut off meanwhile is told at once.
      try subscription.check()
      try readHeld()
    }
    if waiting.isEmpty {
      if let lastTick, progressTick >= lastTick { return nil }
      let (changes, tick) = try subscription.next(timeoutMilliseconds: timeoutMilliseconds, cancellation)
      for (tick, batch) in changes where lastTick.map({ tick <= $0 }) ?? true { waiting.append(shaped(batch, tick: tick)) }
      if case .subscribe(progress: true) = shape, tick > progressTick { waiting.append(progress(tick)) }
      progressTick = tick
    }
    defer { waiting = [] }
    guard let left = rowsLeft else { return waiting }
    let limited = waiting.split(at: left).taken
    rowsLeft = left - limited.reduce(0) { $0 + $1.count }
    return limited
  }

  /// A change's rows with the columns that tell of it, and without weights.
  private func shaped(_ batch: Batch, tick: UInt64) -> Batch {
    let weights = batch.weights ?? .constant(Int64(1), .int64, count: batch.count)
    switch shape {
    case .subscribe:
      let ticks = Column.constant(Int64(tick), .int64, count: batch.count)
      return Batch(count: batch.count, columns: [ticks, weights] + batch.columns)
    case .changes: return Batch(count: batch.count, columns: [weights] + batch.columns)
    }
  }

  /// The row that says that everything through `tick` has been told.
  private func progress(_ tick: UInt64) -> Batch {
    Batch(
      count: 1,
      columns: [.constant(Int64(tick), .int64, count: 1), .allNull(.int64, count: 1)]
        + types.map { .allNull($0.physicalType, count: 1) })
  }
}
