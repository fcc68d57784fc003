internal import Platform
package import SQLTypes

/// The database `leat.db` of one instance: the log of its ticks, the chunks of its local streams, and what little must outlive
/// both. It is used by one thread at a time.
///
/// | table | columns |
/// |---|---|
/// | log | tick (from 1), checksum of tick and entry, entry as `TickEntryCodec` writes it |
/// | chunks | id, number of rows, checksum of id, number and batch, batch as `BatchCodec` writes it |
/// | stream_chunks | relation, first offset, number of rows, chunk, checksum of these: where the rows of local streams lie |
/// | unnamed_chunks | id of a chunk that no tick has named yet; deleted at the next opening |
/// | dropped_streams | relation, checksum of it: the stream has been dropped, and chunks that the log names may be gone |
/// | meta | key, value, checksum of both |
///
/// WAL with `synchronous=FULL`: what a call wrote is durable when it returns, unless `synchronousCommit` is off. The file's
/// `user_version` is its format; a newer one is refused, never misread.
///
/// **After an error.** A transaction that failed has changed nothing. Where there was no room (53100), or before the commit no
/// memory or a lock of another program, the database goes on and the caller may try again. Any other error leaves open what is on the disk, so that the
/// database is dead: each later write throws that error again, and only opening the files anew tells what they hold.
package final class LeatDatabase {
  package static let formatVersion: Int64 = 3
  /// "Leat" in ASCII; other programs' databases are refused.
  static let applicationID: Int64 = 0x4c65_6174

  let database: Database
  let log: LogStatements
  let chunks: ChunkStatements
  private let lock: DirectoryLock?
  private let note: AcknowledgedTick?
  /// The error that ended this database.
  package private(set) var failure: SQLError?
  /// About how many bytes lie in the write-ahead log.
  private var bytesSinceCheckpoint = 0
  /// Whether something was committed and not synced.
  package private(set) var isUnsynced = false
  /// Number and clock of the newest entry, once it was asked for.
  var newestAppended: (number: UInt64, clockMicroseconds: Int64)?

  /// Identifies this instance among all, in notes and in what goes out to other systems.
  package let instanceID: UInt64

  /// Whether each transaction is synced. Off: what was committed since the last `flush()` can be lost in a power failure
  /// (newest first, nothing torn), but not by the end of the process.
  package private(set) var synchronousCommit = true

  /// Opens the database at `path` or makes it; `:memory:` gives one that ends with its owner.
  ///
  /// - vfs: see `Database`. directoryLock: held as long as this object lives.
  /// - Errors: 55000 for a newer format, XX001 for damage and for what is no database of ours, 58030 where WAL cannot be had.
  package convenience init(path: String, vfs: String? = nil) throws(SQLError) {
    try self.init(path: path, vfs: vfs, lock: nil)
  }

  init(path: String, vfs: String?, lock: consuming DirectoryLock?) throws(SQLError) {
    database = try Database(path: path, vfs: vfs)
    try Self.prepare(database, path: path)
    instanceID = try Self.meta("instance_id", in: database)
    log = try LogStatements(database)
    chunks = try ChunkStatements(database)
    self.lock = lock
    note = path == ":memory:" ? nil : AcknowledgedTick(besideDatabase: path, vfs: vfs, instance: instanceID)
    if let noted = note?.read() {
      let last = try lastTick() ?? 0
      guard noted <= last else {
        throw SQLError(
          .dataCorrupted, "the log ends at tick \(last) and lacks tick \(last + 1)",
          detail: "tick \(noted) was on the disk, says the note \"\(path)-tick\"",
          hint: "If the database was restored from an older copy, remove the note.")
      }
    }
    // What the log says after a crash may be in the system's memory alone, and after a failed sync it may stay there whatever
    // later syncs say. So it is written once more, into the database, before anybody builds on it.
    try database.checkpointAndTruncate()
    try deleteUnnamedChunks()
  }

  /// Runs `body` as one transaction: all of it or nothing, on the disk at return if `synchronousCommit`.
  ///
  /// - writtenBytes: about how much it writes, for the size of the write-ahead log.
  func transaction(writing writtenBytes: Int, _ body: () throws(SQLError) -> Void) throws(SQLError) {
    if let failure { throw failure }
    var isCommitting = false
    do throws(SQLError) {
      try database.execute("BEGIN IMMEDIATE")
      try body()
      isCommitting = true
      try database.execute("COMMIT")
    } catch {
      throw rolledBack(after: error, isCommitting: isCommitting)
    }
    isUnsynced = !synchronousCommit
    // A transaction changes at least a leaf of the table and one of an index.
    bytesSinceCheckpoint += writtenBytes + 2 * 4096
  }

  /// Ends the transaction that `error` has stopped, and this database too if the error leaves open what is on the disk.
  private func rolledBack(after error: SQLError, isCommitting: Bool) -> SQLError {
    var error = error
    var isOpen = error.state == .diskFull || (!isCommitting && Self.statesBeforeAnyWrite.contains(error.state))
    // SQLite has rolled back by itself after some errors; the first error is the one to tell.
    if database.isInTransaction {
      do throws(SQLError) { try database.execute("ROLLBACK") } catch let second {
        error.detail = "and the transaction could not be rolled back: \(second.message)"
        isOpen = false
      }
    }
    if !isOpen { fail(error) }
    return error
  }

  /// No memory, a caller's mistake, another program that holds a lock.
  private static let statesBeforeAnyWrite: [SQLState] = [.outOfMemory, .internalError, .lockNotAvailable]

  private func fail(_ error: SQLError) {
    var dead = error
    dead.detail = "The database takes no more writes until it is opened anew."
    failure = dead
  }

  /// Copies the write-ahead log into the database once it has some megabytes. To be called after acknowledging a write, which
  /// need not wait for it; an error ends the database, and the next write tells it.
  package func checkpointIfDue() {
    guard bytesSinceCheckpoint > 4 << 20, failure == nil else { return }
    do throws(SQLError) {
      // A reader that holds old pages keeps the log from beginning anew: look again a megabyte later.
      bytesSinceCheckpoint = try database.checkpoint() ? 0 : 3 << 20
    } catch {
      // Where there is no room the log keeps what it has, and grows; the next write says so if it cannot.
      if error.state == .diskFull { bytesSinceCheckpoint = 3 << 20 } else { fail(error) }
    }
  }

  /// Whether commits wait for the disk; takes effect with the next. One that does brings all before it to the disk as well.
  package func setSynchronousCommit(_ isOn: Bool) throws(SQLError) {
    if isOn == synchronousCommit { return }
    try database.execute("PRAGMA synchronous=\(isOn ? "FULL" : "NORMAL")")
    synchronousCommit = isOn
  }

  /// Returns when all that was written is on the disk. To be called every 200 ms while `synchronousCommit` is off.
  package func flush() throws(SQLError) {
    if let failure { throw failure }
    guard isUnsynced else { return }
    do throws(SQLError) { try database.syncWriteAheadLog() } catch {
      // The system may have dropped the pages that it could not write: a second try would prove nothing.
      fail(error)
      throw error
    }
    isUnsynced = false
    if let last = try lastTick() { noteAcknowledged(last) }
  }

  /// Notes that the tick is on the disk, if it is.
  func noteAcknowledged(_ tick: UInt64) { if !isUnsynced { note?.write(tick) } }
}
