internal import Platform
package import SQLTypes

extension LeatDatabase {
  /// The database of a data directory, which is made (mode 0700) if it is not there, and held until the object is released.
  ///
  /// - Errors: F0001 with the holder's process id if another process has the directory, 58030 where the system refuses.
  package static func open(directory: String, vfs: String? = nil) throws(SQLError) -> LeatDatabase {
    let lock: DirectoryLock
    do throws(PlatformError) {
      try makeDirectoryIfAbsent(directory)
      lock = try DirectoryLock(directory)
    } catch {
      guard case .directoryHeld(_, let pid) = error else {
        throw SQLError(.ioError, "cannot open data directory \"\(directory)\": \(error)")
      }
      throw SQLError(
        .lockFileExists, "data directory \"\(directory)\" is held by \(pid.map { "process \($0)" } ?? "another process")")
    }
    return try LeatDatabase(path: "\(directory)/leat.db", vfs: vfs, lock: lock)
  }

  /// A new directory's name is on the disk before anything in it is.
  private static func makeDirectoryIfAbsent(_ path: String) throws(PlatformError) {
    do throws(PlatformError) { try makeDirectory(path) } catch {
      guard case .system(_, errnoOfAnExistingFile) = error else { throw error }
      return
    }
    let parts = path.split(separator: "/")
    let parent = (path.hasPrefix("/") ? "/" : "./") + parts.dropLast().joined(separator: "/")
    try FileDescriptor(opening: parent, .read).sync()
  }

  /// Brings a database just opened into our format and mode, or refuses it.
  static func prepare(_ database: borrowing Database, path: String) throws(SQLError) {
    try SQLiteLibrary.requireSupported()
    let version = try integer("PRAGMA user_version", in: database)
    let application = try integer("PRAGMA application_id", in: database)
    let isEmpty = try integer("SELECT count(*) FROM sqlite_schema", in: database) == 0
    // Format 1 did not set the application's id.
    guard application == applicationID || (application == 0 && (version == 1 || (version == 0 && isEmpty))) else {
      throw SQLError(.dataCorrupted, "\"\(path)\" is not a database of Leat")
    }
    guard version <= formatVersion else {
      throw SQLError(
        .objectNotInPrerequisiteState,
        "\"\(path)\" has format \(version), written by a newer Leat; this one reads up to format \(formatVersion)")
    }
    let mode = try text("PRAGMA journal_mode=WAL", in: database)
    guard mode == "wal" || (path == ":memory:" && mode == "memory") else {
      throw SQLError(.ioError, "storage: \"\(path)\" cannot have a write-ahead log (journal mode \"\(mode)\")")
    }
    // Checkpoints are ours, for SQLite's own hide their errors; cell sizes are checked so that damage is found early.
    try database.execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cell_size_check=ON")
    if version < formatVersion { try migrate(database, from: version) }
  }

  private static func migrate(_ database: borrowing Database, from version: Int64) throws(SQLError) {
    let instance = UInt64.random(in: 1...UInt64(Int64.max))
    // What each format added to the one before.
    let steps = [
      "CREATE TABLE log (tick INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, entry BLOB NOT NULL)",
      """
      CREATE TABLE chunks (id INTEGER PRIMARY KEY, row_count INTEGER NOT NULL, checksum INTEGER NOT NULL, batch BLOB NOT NULL);
      CREATE TABLE stream_chunks (
        relation INTEGER, first_offset INTEGER, row_count INTEGER NOT NULL, chunk INTEGER NOT NULL, checksum INTEGER NOT NULL,
        PRIMARY KEY (relation, first_offset)) WITHOUT ROWID;
      CREATE TABLE unnamed_chunks (id INTEGER PRIMARY KEY);
      CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
      INSERT INTO meta VALUES \(row(of: "instance_id", instance)), \(row(of: "next_relation_id", 1));
      PRAGMA application_id=\(applicationID)
      """,
      "CREATE TABLE dropped_streams (relation INTEGER PRIMARY KEY, checksum INTEGER NOT NULL)",
    ]
    let missing = steps.dropFirst(Int(version)).joined(separator: ";")
    try database.execute("BEGIN IMMEDIATE; \(missing); PRAGMA user_version=\(formatVersion); COMMIT")
  }

  private static func row(of key: String, _ value: UInt64) -> String {
    "('\(key)', \(Int64(bitPattern: value)), \(checksum(of: key, value)))"
  }

  private static func checksum(of key: String, _ value: UInt64) -> Int64 { Checksum.of(value, bytes: Array(key.utf8)) }

  static func meta(_ key: String, in database: borrowing Database) throws(SQLError) -> UInt64 {
    let statement = try database.prepare("SELECT value, checksum FROM meta WHERE key = '\(key)'")
    guard try statement.step() else { throw SQLError(.dataCorrupted, "the database lacks its \(key)") }
    let value = UInt64(bitPattern: statement.integer(0))
    guard statement.integer(1) == checksum(of: key, value) else { throw SQLError(.dataCorrupted, "the database's \(key) is damaged") }
    return value
  }

  /// The id that the next relation gets. Durable when set; to be set before an id is used.
  package func nextRelationID() throws(SQLError) -> UInt64 { try Self.meta("next_relation_id", in: database) }

  package func setNextRelationID(_ id: UInt64) throws(SQLError) {
    try transaction(writing: 100) { () throws(SQLError) in
      try database.execute("REPLACE INTO meta VALUES \(Self.row(of: "next_relation_id", id))")
    }
  }

  /// The first column of the first row of `sql`.
  static func integer(_ sql: String, in database: borrowing Database) throws(SQLError) -> Int64 {
    let statement = try database.prepare(sql)
    guard try statement.step() else { throw SQLError(.dataCorrupted, "storage: no answer to \(sql)") }
    return statement.integer(0)
  }

  private static func text(_ sql: String, in database: borrowing Database) throws(SQLError) -> String {
    let statement = try database.prepare(sql)
    guard try statement.step() else { throw SQLError(.dataCorrupted, "storage: no answer to \(sql)") }
    return statement.text(0)
  }
}

extension SQLState {
  /// PostgreSQL's lock_file_exists: another process runs on the data directory.
  static let lockFileExists = SQLState("F0001")
  /// Another program reads or writes the database.
  static let lockNotAvailable = SQLState("55P03")
}

/// EEXIST of Linux.
private let errnoOfAnExistingFile: Int32 = 17
