package import Dataflow
package import SQLTypes

/// The tick log in `leat.db`: WAL, `synchronous=FULL`, so an append is durable when it returns.
///
/// | table | columns |
/// |---|---|
/// | log | tick (from 1), checksum of tick and entry, entry as `TickEntryCodec` writes it |
///
/// The file's `user_version` is its format; a newer one is refused, never misread. `locking_mode=EXCLUSIVE` is not set, so
/// that a replay may read through a connection of its own; who else may open the directory is not this type's matter.
package final class LeatDatabase: TickLog {
  package static let formatVersion: Int64 = 1

  let database: Database
  private let insertion: Statement
  private let newest: Statement
  private let scan: Statement

  /// Opens the log at `path` or makes it; `:memory:` gives one that ends with its owner.
  ///
  /// - Errors: 55000 for a newer format, XX001 for what is no log of ours, 58030 where WAL cannot be had.
  package init(path: String) throws(SQLError) {
    database = try Database(path: path)
    let mode = try Self.pragma("journal_mode=WAL", of: database) { $0.text(0) }
    guard mode == "wal" || (path == ":memory:" && mode == "memory") else {
      throw SQLError(.ioError, "storage: \"\(path)\" cannot have a write-ahead log (journal mode \"\(mode)\")")
    }
    try database.execute("PRAGMA synchronous=FULL")
    let version = try Self.pragma("user_version", of: database) { $0.integer(0) }
    guard version <= Self.formatVersion else {
      throw SQLError(
        .objectNotInPrerequisiteState,
        "\"\(path)\" has format \(version), written by a newer Leat; this one reads up to format \(Self.formatVersion)")
    }
    if version == 0 {
      try database.execute(
        """
        BEGIN IMMEDIATE;
        CREATE TABLE log (tick INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, entry BLOB NOT NULL);
        PRAGMA user_version=\(Self.formatVersion);
        COMMIT;
        """)
    }
    insertion = try database.prepare("INSERT INTO log VALUES (?, ?, ?)")
    newest = try database.prepare("SELECT tick, checksum, entry FROM log ORDER BY tick DESC LIMIT 1")
    scan = try database.prepare("SELECT tick, checksum, entry FROM log WHERE tick >= ? ORDER BY tick")
  }

  private static func pragma<R>(_ text: String, of database: borrowing Database, _ read: (borrowing Statement) -> R) throws(SQLError) -> R {
    let statement = try database.prepare("PRAGMA \(text)")
    guard try statement.step() else { throw SQLError(.ioError, "storage: no answer to PRAGMA \(text)") }
    return read(statement)
  }

  package func lastTick() throws(SQLError) -> UInt64? { try newestEntry()?.number }

  private func newestEntry() throws(SQLError) -> TickEntry? {
    defer { newest.reset() }
    return try newest.step() ? Self.entry(of: newest) : nil
  }

  package func append(_ entries: [TickEntry]) throws(SQLError) {
    var last = try newestEntry().map { ($0.number, $0.clockMicroseconds) }
    for entry in entries {
      let follows = last.map { entry.number == $0.0 &+ 1 && entry.clockMicroseconds >= $0.1 } ?? (entry.number > 0)
      guard follows, entry.number <= UInt64(Int64.max) else {
        throw SQLError(.internalError, "tick \(entry.number) does not follow the log's last tick and clock")
      }
      last = (entry.number, entry.clockMicroseconds)
    }
    try database.execute("BEGIN IMMEDIATE")
    do throws(SQLError) {
      for entry in entries { try insert(entry) }
      try database.execute("COMMIT")
    } catch {
      // SQLite has rolled back by itself after some errors; the first error is the one to tell.
      if database.isInTransaction {
        do throws(SQLError) { try database.execute("ROLLBACK") } catch let second {
          throw SQLError(error.state, error.message, detail: "and the transaction could not be rolled back: \(second.message)")
        }
      }
      throw error
    }
  }

  private func insert(_ entry: TickEntry) throws(SQLError) {
    defer { insertion.reset() }
    let bytes = TickEntryCodec.encode(entry)
    try insertion.bind(Int64(entry.number), at: 1)
    try insertion.bind(Self.checksum(tick: entry.number, bytes), at: 2)
    try insertion.bind(bytes, at: 3)
    _ = try insertion.step()
  }

  package func replay(from number: UInt64, _ body: (TickEntry) throws(SQLError) -> Void) throws(SQLError) {
    guard let last = try lastTick(), number <= last else { return }
    defer { scan.reset() }
    try scan.bind(Int64(clamping: number), at: 1)
    var expected = number
    while try scan.step() {
      let tick = UInt64(bitPattern: scan.integer(0))
      guard tick == expected else { throw SQLError(.dataCorrupted, "the log lacks tick \(expected)") }
      try body(Self.entry(of: scan))
      expected += 1
    }
  }

  /// The entry in a row of (tick, checksum, entry).
  private static func entry(of row: borrowing Statement) throws(SQLError) -> TickEntry {
    let number = row.integer(0)
    let bytes = try row.bytes(2)
    guard number > 0, row.integer(1) == checksum(tick: UInt64(number), bytes) else {
      throw SQLError(.dataCorrupted, "the log entry of tick \(number) is damaged")
    }
    do throws(MalformedEntry) {
      let entry = try TickEntryCodec.decode(bytes)
      if entry.number == UInt64(number) { return entry }
    } catch {
      throw SQLError(.dataCorrupted, "the log entry of tick \(number) cannot be read: \(error.reason)")
    }
    throw SQLError(.dataCorrupted, "the log entry of tick \(number) carries another number")
  }

  /// A 64-bit hash of the number and the bytes, eight at a time: each word is mixed by a full multiplication (wyhash's step),
  /// so that an entry can stand in for no other and no flipped bit goes unseen.
  static func checksum(tick: UInt64, _ bytes: [UInt8]) -> Int64 {
    func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
      let product = a.multipliedFullWidth(by: b)
      return product.high ^ product.low
    }
    var hash = mix(tick ^ 0xa076_1d64_78bd_642f, UInt64(bytes.count) ^ 0xe703_7ed1_a0b4_28db)
    var index = 0
    while index < bytes.count {
      var word: UInt64 = 0
      for offset in 0..<min(8, bytes.count - index) { word |= UInt64(bytes[index + offset]) << UInt64(8 * offset) }
      hash = mix(hash ^ word ^ 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3) ^ (hash &* 0x9e37_79b9_7f4a_7c15)
      index += 8
    }
    return Int64(bitPattern: hash)
  }
}
