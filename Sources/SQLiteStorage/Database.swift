internal import CSQLite
internal import Glibc
package import SQLTypes

/// One connection, owned by one thread; closed when its owner ends. No statement may outlive it.
@safe package struct Database: ~Copyable {
  private let handle: OpaquePointer

  /// Opens or creates the file at `path`; `:memory:` is a database of this connection alone.
  ///
  /// - vfs: the name of a registered SQLite VFS instead of the system's files, for tests.
  package init(path: String, vfs: String? = nil) throws(SQLError) {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    var opened: OpaquePointer?
    let code: Int32
    if let vfs { code = unsafe sqlite3_open_v2(path, &opened, flags, vfs) } else { code = unsafe sqlite3_open_v2(path, &opened, flags, nil) }
    guard code == SQLITE_OK, let opened = unsafe opened else {
      unsafe sqlite3_close_v2(opened)
      throw Self.error(code, "cannot open \"\(path)\"")
    }
    unsafe handle = opened
    // Nobody else writes, but a person with the sqlite3 program may look.
    unsafe sqlite3_busy_timeout(opened, 5000)
  }

  deinit { unsafe sqlite3_close_v2(handle) }

  /// Whether a transaction is open.
  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// Runs statements that give no rows of interest.
  package func execute(_ sql: String) throws(SQLError) {
    try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil))
  }

  func prepare(_ sql: String) throws(SQLError) -> Statement {
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let statement = unsafe prepared else { throw error(code) }
    return unsafe Statement(statement)
  }

  /// Copies what it can of the write-ahead log into the database, without waiting for readers.
  ///
  /// - Returns: whether that was all, so that the log begins anew with the next write.
  func checkpoint() throws(SQLError) -> Bool {
    var frames: Int32 = 0
    var copied: Int32 = 0
    let code = unsafe sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &copied)
    if code & 0xFF == SQLITE_BUSY { return false }
    try check(code)
    return frames == copied
  }

  /// Copies all of the write-ahead log into the database, syncs that, and empties the log.
  func checkpointAndTruncate() throws(SQLError) {
    try check(unsafe sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil))
  }

  /// Returns when all that was committed is on the disk.
  func syncWriteAheadLog() throws(SQLError) { try check(unsafe leat_sqlite_sync_wal(handle)) }

  fileprivate func check(_ code: Int32) throws(SQLError) {
    guard code == SQLITE_OK else { throw error(code) }
  }

  private func error(_ code: Int32) -> SQLError {
    if code & 0xFF == SQLITE_IOERR, unsafe sqlite3_system_errno(handle) == ENOSPC {
      return SQLError(.diskFull, "storage: no space left on the disk (SQLite \(code))")
    }
    return Self.error(code, unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? "no message")
  }

  /// SQLite's result codes as SQLSTATEs: no room 53100, damage XX001, no memory 53200, another program's lock 55P03, a statement
  /// of ours that breaks a constraint XX000, the rest 58030.
  fileprivate static func error(_ code: Int32, _ text: String) -> SQLError {
    let isFileSystemDamage = code == SQLITE_IOERR | (33 << 8)  // SQLITE_IOERR_CORRUPTFS, a macro that Swift does not see
    let state =
      switch code & 0xFF {
      case SQLITE_FULL: SQLState.diskFull
      case SQLITE_CORRUPT, SQLITE_NOTADB: SQLState.dataCorrupted
      case SQLITE_NOMEM: SQLState.outOfMemory
      case SQLITE_BUSY, SQLITE_LOCKED: SQLState.lockNotAvailable
      case SQLITE_CONSTRAINT: SQLState.internalError
      default: isFileSystemDamage ? SQLState.dataCorrupted : SQLState.ioError
      }
    return SQLError(state, "storage: \(text) (SQLite \(code))")
  }
}

/// A prepared statement: bind its parameters (numbered from 1), step through its rows, reset it.
@safe struct Statement: ~Copyable {
  private let handle: OpaquePointer

  @unsafe fileprivate init(_ handle: OpaquePointer) { unsafe self.handle = handle }

  deinit { unsafe sqlite3_finalize(handle) }

  func bind(_ value: Int64, at index: Int32) throws(SQLError) {
    try check(unsafe sqlite3_bind_int64(handle, index, value))
  }

  /// SQLite copies the bytes.
  func bind(_ bytes: [UInt8], at index: Int32) throws(SQLError) {
    let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    try check(
      unsafe bytes.withUnsafeBytes {
        unsafe sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), copies)
      })
  }

  /// Goes to the next row. Returns: whether there is one.
  func step() throws(SQLError) -> Bool {
    let code = unsafe sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    guard code == SQLITE_DONE else { throw error(code) }
    return false
  }

  /// Ready to be bound and stepped again. (The result of `sqlite3_reset` repeats that of the last step.)
  func reset() { unsafe sqlite3_reset(handle) }

  /// Column `index` of the row, counted from 0.
  func integer(_ index: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, index) }

  func text(_ index: Int32) -> String {
    unsafe sqlite3_column_text(handle, index).map { unsafe String(cString: $0) } ?? ""
  }

  func bytes(_ index: Int32) throws(SQLError) -> [UInt8] {
    let start = unsafe sqlite3_column_blob(handle, index)
    let count = Int(unsafe sqlite3_column_bytes(handle, index))
    if unsafe start == nil && count > 0 { throw error(SQLITE_NOMEM) }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  private func check(_ code: Int32) throws(SQLError) {
    guard code == SQLITE_OK else { throw error(code) }
  }

  private func error(_ code: Int32) -> SQLError {
    let message = unsafe sqlite3_errmsg(sqlite3_db_handle(handle)).map { unsafe String(cString: $0) }
    return Database.error(code, message ?? "no message")
  }
}
