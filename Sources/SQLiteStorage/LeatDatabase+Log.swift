package import Dataflow
package import SQLTypes

/// The prepared statements of the log's table.
final class LogStatements {
  let insertion: Statement
  let newest: Statement
  let oldest: Statement
  let scan: Statement
  let deletion: Statement

  init(_ database: borrowing Database) throws(SQLError) {
    insertion = try database.prepare("INSERT INTO log VALUES (?, ?, ?)")
    newest = try database.prepare("SELECT tick, checksum, entry FROM log ORDER BY tick DESC LIMIT 1")
    oldest = try database.prepare("SELECT min(tick) FROM log")
    scan = try database.prepare("SELECT tick, checksum, entry FROM log WHERE tick >= ? ORDER BY tick")
    deletion = try database.prepare("DELETE FROM log WHERE tick < min(?, (SELECT max(tick) FROM log))")
  }
}

extension LeatDatabase {
  package func lastTick() throws(SQLError) -> UInt64? { try newestEntry()?.number }

  /// The number of the oldest entry that is kept, nil when there is none.
  package func firstTick() throws(SQLError) -> UInt64? {
    defer { log.oldest.reset() }
    guard try log.oldest.step() else { return nil }
    let tick = log.oldest.integer(0)
    return tick > 0 ? UInt64(tick) : nil
  }

  private func newestEntry() throws(SQLError) -> TickEntry? {
    defer { log.newest.reset() }
    return try log.newest.step() ? Self.entry(of: log.newest) : nil
  }

  package func append(_ entries: [TickEntry]) throws(SQLError) {
    try write(entries, [])
    checkpointIfDue()
  }

  /// Appends entries, and the small chunks that they name, as one transaction with one sync.
  ///
  /// - Errors: XX000 if a tick does not follow the last, or names a chunk that is not there; those of `transaction`.
  package func write(_ entries: [TickEntry], _ newChunks: [StreamChunk]) throws(SQLError) {
    if let failure { throw failure }
    try checkSequence(of: entries)
    let new = Set(newChunks.map(\.id))
    let encoded = entries.map(TickEntryCodec.encode)
    let bytes = encoded.reduce(0) { $0 + $1.count } + newChunks.reduce(0) { $0 + $1.batch.count }
    try transaction(writing: bytes) { () throws(SQLError) in
      for chunk in newChunks { try insert(chunk, isNamed: true) }
      for (entry, bytes) in zip(entries, encoded) {
        try insert(entry, bytes)
        for append in entry.streamAppends { try name(append, isNew: new.contains(append.chunk)) }
      }
    }
    guard let last = entries.last else { return }
    newestAppended = (last.number, last.clockMicroseconds)
    noteAcknowledged(last.number)
  }

  private func checkSequence(of entries: [TickEntry]) throws(SQLError) {
    if newestAppended == nil { newestAppended = try newestEntry().map { ($0.number, $0.clockMicroseconds) } }
    var last = newestAppended
    for entry in entries {
      let follows = last.map { entry.number == $0.number &+ 1 && entry.clockMicroseconds >= $0.clockMicroseconds } ?? (entry.number > 0)
      guard follows, entry.number <= UInt64(Int64.max) else {
        throw SQLError(.internalError, "tick \(entry.number) does not follow the log's last tick and clock")
      }
      last = (entry.number, entry.clockMicroseconds)
    }
  }

  private func insert(_ entry: TickEntry, _ bytes: [UInt8]) throws(SQLError) {
    defer { log.insertion.reset() }
    try log.insertion.bind(Int64(entry.number), at: 1)
    try log.insertion.bind(Checksum.of(entry.number, bytes: bytes), at: 2)
    try log.insertion.bind(bytes, at: 3)
    _ = try log.insertion.step()
  }

  package func replay(from number: UInt64, _ body: (TickEntry) throws(SQLError) -> Void) throws(SQLError) {
    try replay(from: number, while: { true }, body)
  }

  /// - goesOn: asked before each entry; a replay that ends by it does not look at the rest.
  private func replay(
    from number: UInt64, while goesOn: () -> Bool, _ body: (TickEntry) throws(SQLError) -> Void
  ) throws(SQLError) {
    let last = try lastTick() ?? 0
    guard number <= last else {
      // The tick after the last is where a replay of nothing starts; one that starts later has lost what it starts after.
      if number > last + 1 { throw SQLError(.dataCorrupted, "the log lacks tick \(last + 1)") }
      return
    }
    defer { log.scan.reset() }
    try log.scan.bind(Int64(clamping: number), at: 1)
    var expected = number
    while goesOn() {
      guard try stepReplay(at: expected) else { break }
      let tick = UInt64(bitPattern: log.scan.integer(0))
      guard tick == expected else { throw SQLError(.dataCorrupted, "the log lacks tick \(expected)") }
      try body(Self.entry(of: log.scan))
      expected += 1
    }
    guard expected == last + 1 || !goesOn() else { throw SQLError(.dataCorrupted, "the log lacks tick \(expected)") }
  }

  /// The entries from `number` on that take about `bytes` together, and how a replay would end behind them if it fails there.
  func page(from number: UInt64, bytes: Int) -> (entries: [TickEntry], failure: SQLError?) {
    var entries: [TickEntry] = []
    var room = bytes
    do throws(SQLError) {
      try replay(from: number, while: { room > 0 }) { entry in
        entries.append(entry)
        room -= entry.tableChanges.reduce(256) { $0 + $1.batch.count }
      }
    } catch {
      return (entries, error)
    }
    return (entries, nil)
  }

  /// Damage that SQLite finds is told with the tick that it was to read.
  private func stepReplay(at tick: UInt64) throws(SQLError) -> Bool {
    do throws(SQLError) { return try log.scan.step() } catch {
      guard error.state == .dataCorrupted else { throw error }
      throw SQLError(.dataCorrupted, "the log cannot be read at tick \(tick): \(error.message)")
    }
  }

  /// Forgets the entries before `tick`, which no kept checkpoint needs; the newest entry always stays.
  package func trim(before tick: UInt64) throws(SQLError) {
    try transaction(writing: 4096) { () throws(SQLError) in
      defer { log.deletion.reset() }
      try log.deletion.bind(Int64(clamping: tick), at: 1)
      _ = try log.deletion.step()
    }
    checkpointIfDue()
  }

  /// The entry in a row of (tick, checksum, entry).
  private static func entry(of row: borrowing Statement) throws(SQLError) -> TickEntry {
    let number = row.integer(0)
    let bytes = try row.bytes(2)
    guard number > 0, row.integer(1) == Checksum.of(UInt64(number), bytes: bytes) else {
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
}
