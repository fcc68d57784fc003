import Columnar
import Platform
import SQLTypes
import StateMemory

/// Hands a relation's changes from the driver to one reader (DESIGN §9.11).
///
/// The driver appends what each tick changed and never waits: a reader that falls behind by more than `rowLimit` rows is cut
/// off with 53400, also while it still reads the snapshot.
final class Subscription: Sendable {
  private struct State: Sendable {
    var changes: [(tick: UInt64, batch: Batch)] = []
    var rowCount = 0
    /// The newest tick that is complete in `changes`.
    var tick: UInt64
    var ending: SQLError?
    /// Of the tick at which the subscription began, until the reader has taken it.
    var snapshot: Snapshot?
  }

  static let rowLimit = 1 << 20

  /// What the relation held when the subscription began.
  let rows: StoredRows
  private let state: Monitor<State>

  init(_ rows: StoredRows, _ snapshot: Snapshot) {
    self.rows = rows
    state = Monitor(State(tick: snapshot.tick, snapshot: snapshot))
  }

  /// The reader's, once: what it reads the rows by. It lets go of it as soon as it has read them, for a snapshot keeps a copy of
  /// every page that changes while it is open.
  func takeSnapshot() -> Snapshot? {
    state.update { state in
      defer { state.snapshot = nil }
      return state.snapshot
    }
  }

  enum Delivery { case taken, cutOff }

  /// The driver's: a tick is published, in which this changed.
  ///
  /// - Returns: `.cutOff` once, when that was too much for a reader who is slow.
  func publish(tick: UInt64, _ batches: [Batch]) -> Delivery {
    state.update { state in
      state.tick = tick
      for batch in batches where batch.count > 0 && state.ending == nil {
        state.rowCount += batch.count
        state.changes.append((tick, batch))
      }
      if state.rowCount > Self.rowLimit && state.ending == nil {
        state.changes = []
        state.ending = SQLError(
          .configurationLimitExceeded, "the subscription fell more than \(Self.rowLimit) rows behind")
        return .cutOff
      }
      return .taken
    }
  }

  /// The driver's: there will be no more changes.
  func end(_ error: SQLError) { state.update { $0.ending = $0.ending ?? error } }

  /// - Errors: why there will be no more changes.
  func check() throws(SQLError) {
    if let ending = state.withLock({ $0.ending }) { throw ending }
  }

  /// The changes since the last call, and the tick up to which they are complete; waits for one, at most so long.
  ///
  /// - Errors: 53400 for a reader that is too slow, 42P01 when the relation has been dropped, 57014 when cancelled.
  func next(
    timeoutMilliseconds: Int64?, _ cancellation: Cancellation?
  ) throws(SQLError) -> (changes: [(tick: UInt64, batch: Batch)], tick: UInt64) {
    let taken: (changes: [(tick: UInt64, batch: Batch)], tick: UInt64, ending: SQLError?)
    do throws(PlatformError) {
      taken = try state.wait(
        until: { (state: inout State) -> (changes: [(tick: UInt64, batch: Batch)], tick: UInt64, ending: SQLError?)? in
          if state.changes.isEmpty && state.ending == nil && timeoutMilliseconds != 0 { return nil }
          defer { (state.changes, state.rowCount) = ([], 0) }
          return (state.changes, state.tick, state.ending)
        }, cancellation: cancellation, timeoutMilliseconds: timeoutMilliseconds)
    } catch {
      if error == .cancelled { throw SQLError(.queryCanceled, "canceling statement due to user request") }
      return ([], state.withLock { $0.tick })
    }
    if taken.changes.isEmpty, let ending = taken.ending { throw ending }
    return (taken.changes, taken.tick)
  }
}
