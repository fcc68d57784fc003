import Columnar
import CrashVFS
import Dataflow
import Platform
import SQLTypes
import Synchronization
import Testing

@testable import SQLiteStorage

private func entry(_ tick: UInt64) -> TickEntry { randomEntry(tick, seed: 3) }

private func ticks(_ log: LogThread) throws(SQLError) -> [TickEntry] {
  try log.perform { (database) throws(SQLError) in
    var entries: [TickEntry] = []
    try database.replay(from: 1) { entries.append($0) }
    return entries
  }
}

/// Runs `body` with a log thread over `disk`, and stops it.
private func withLog(on disk: CrashDisk, _ body: (LogThread) throws -> Void) throws {
  let log = try LogThread(LeatDatabase(path: "/leat.db", vfs: disk.name))
  defer { log.stop() }
  try body(log)
}

@Suite struct LogThreadTests {
  @Test func whatWasHandedOverIsInTheLogInOrder() throws {
    let disk = CrashDisk(name: "thread-order")
    try withLog(on: disk) { log in
      for tick in UInt64(1)...200 { try log.submit(entry(tick)) }
      try log.waitDurable(200)
      #expect(log.durableTick == 200)
      #expect(try ticks(log) == (1...200).map(entry))
    }
  }

  /// Many entries share a sync: 2,000 that were handed over without waiting take far fewer.
  @Test func entriesAreSyncedInGroups() throws {
    let disk = CrashDisk(name: "thread-groups")
    try withLog(on: disk) { log in
      let before = disk.syncCount
      for tick in UInt64(1)...2000 { try log.submit(TickEntry(number: tick, clockMicroseconds: 0)) }
      try log.waitDurable(2000)
      #expect(disk.syncCount - before < 1000)
    }
  }

  @Test func stoppingWritesWhatIsQueuedAndFreesTheDirectory() throws {
    let directory = try makeTemporaryDirectory(prefix: "/tmp/leat-log-")
    do {
      let log = try LogThread(LeatDatabase.open(directory: directory))
      for tick in UInt64(1)...50 { try log.submit(entry(tick), isSynchronous: tick % 2 == 0) }
      log.stop()
      let error = #expect(throws: SQLError.self) { try log.submit(entry(51)) }
      #expect(error?.state == .adminShutdown)
      #expect(throws: Never.self) { try log.waitDurable(50) }
      #expect(throws: SQLError.self) { try log.waitDurable(51) }
      #expect(throws: SQLError.self) { try log.perform { (_) throws(SQLError) in 1 } }
    }
    let again = try LeatDatabase.open(directory: directory)
    #expect(try again.lastTick() == 50)
  }

  @Test func anErrorComesToTheWaiterAndARetryGoesOn() throws {
    let disk = CrashDisk(name: "thread-full")
    try withLog(on: disk) { log in
      try log.submit(entry(1))
      try log.waitDurable(1)
      disk.fail(.write, code: 13)  // SQLITE_FULL
      try log.submit(entry(2))
      let error = #expect(throws: SQLError.self) { try log.waitDurable(2) }
      #expect(error?.state == .diskFull)
      let second = #expect(throws: SQLError.self) { try log.submit(entry(3)) }
      #expect(second?.state == .diskFull)
      log.retry()
      try log.waitDurable(2)
      try log.submit(entry(3))
      try log.waitDurable(3)
      #expect(try ticks(log) == (1...3).map(entry))
    }
  }

  @Test func discardedEntriesAreNotWritten() throws {
    let disk = CrashDisk(name: "thread-discard")
    try withLog(on: disk) { log in
      disk.fail(.write, code: 13)
      try log.submit(entry(1))
      #expect(throws: SQLError.self) { try log.waitDurable(1) }
      #expect(log.discard() == 0)
      var other = TickEntry(number: 1, clockMicroseconds: 77)
      other.ddl = [.init(statement: "other", ids: [])]
      try log.submit(other)
      try log.waitDurable(1)
      #expect(try ticks(log) == [other])
    }
  }

  @Test func afterAnErrorOfTheDiskNoWaitSucceeds() throws {
    let disk = CrashDisk(name: "thread-dead")
    try withLog(on: disk) { log in
      try log.submit(entry(1))
      try log.waitDurable(1)
      disk.fail(.sync, code: 10 | (4 << 8))  // SQLITE_IOERR_FSYNC
      try log.submit(entry(2))
      for _ in 0..<3 {
        let error = #expect(throws: SQLError.self) { try log.waitDurable(2) }
        #expect(error?.state == .ioError)
        log.retry()
      }
      #expect(throws: Never.self) { try log.waitDurable(1) }
    }
  }

  /// Entries that are not synchronous are written at once, synced within 200 ms, and at once when somebody waits.
  @Test func entriesThatNobodyWaitsForAreSyncedAfterAWhile() throws {
    let disk = CrashDisk(name: "thread-relaxed")
    try withLog(on: disk) { log in
      try log.submit(entry(1))
      try log.waitDurable(1)
      let before = disk.syncCount
      try log.submit(entry(2), isSynchronous: false)
      #expect(try ticks(log).count == 2)
      #expect(disk.syncCount == before && log.durableTick == 1)
      try log.waitDurable(2)
      #expect(disk.syncCount == before + 1)
      try log.submit(entry(3), isSynchronous: false)
      for _ in 0..<400 where log.durableTick < 3 { sleep(milliseconds: 10) }
      #expect(log.durableTick == 3 && disk.syncCount == before + 2)
    }
  }

  /// Through the protocol that the engine sees: rows of a stream in any range, while chunks are merged.
  @Test func rowsOfAStreamAreReadByTheirOffsets() throws {
    let disk = CrashDisk(name: "thread-rows")
    try withLog(on: disk) { thread in
      let log: any DurableLog = thread
      let types: [PhysicalType] = [.int64]
      var next = try log.nextChunkID()
      for tick in UInt64(1)...300 {
        var builder = ColumnBuilder<Int64>(.int64, capacity: 40)
        for row in 0..<40 { builder.append(Int64(tick - 1) * 40 + Int64(row)) }
        let batch = BatchCodec.encode(Batch(count: 40, columns: [builder.finish()]))
        var entry = TickEntry(number: tick, clockMicroseconds: 0)
        entry.streamAppends = [.init(relation: 4, firstOffset: (tick - 1) * 40, rowCount: 40, chunk: next)]
        let chunk = StreamChunk(id: next, rowCount: 40, batch: batch)
        if tick % 2 == 0 { try log.write(unnamed: chunk) }
        try log.submit(entry, chunks: tick % 2 == 0 ? [] : [chunk], isSynchronous: true)
        next += 1
      }
      try log.waitDurable(300)
      func rows(_ range: Range<UInt64>, _ between: () throws(SQLError) -> Void = {}) throws -> [Int64] {
        var found: [Int64] = []
        try log.readRows(of: 4, types: types, from: range.lowerBound, to: range.upperBound) { (batch) throws(SQLError) in
          found += (0..<batch.count).map { batch.columns[0].value($0, as: Int64.self) }
          try between()
        }
        return found
      }
      #expect(try rows(17..<11_999) == (17..<11_999).map { Int64($0) })
      // Two runs of 102 chunks are full, and merged while a reader is in the middle of them.
      var offset: UInt64? = 0
      let merging = { () throws(SQLError) in
        guard let from = offset else { return }
        offset = try log.mergeChunks(of: 4, types: types, from: from, as: next)
        next += 1
      }
      #expect(try rows(100..<11_000, merging) == (100..<11_000).map { Int64($0) })
      #expect(offset == nil)
      for range in [UInt64(0)..<1, 4079..<4081, 5000..<12_000] { #expect(try rows(range) == range.map { Int64($0) }) }
      #expect(throws: SQLError.self) { try rows(0..<12_001) }
      var seen: UInt64 = 0
      try log.replay(from: 1) { seen += $0.number == seen + 1 ? 1 : 0 }
      #expect(seen == 300)
      #expect(try log.endOffset(of: 4) == 12_000)
      try log.deleteChunks(of: 4, before: .max)
      #expect(try log.endOffset(of: 4) == nil)
    }
  }

  /// The power fails while the thread writes: acknowledged is what a wait said is on the disk.
  @Test(arguments: [0..<15, 15..<30]) func whatAWaitAcknowledgedOutlivesAPowerFailure(seeds: Range<Int>) throws {
    for seed in seeds {
      let disk = CrashDisk(name: "thread-crash-\(seed)")
      var acknowledged: UInt64 = 0
      try withLog(on: disk) { log in
        disk.powerOff(afterOperations: 3 + seed * 7)
        for tick in UInt64(1)...200 {
          guard (try? log.submit(entry(tick), isSynchronous: tick % 3 == 0)) != nil else { break }
          if tick % 5 == 0 {
            guard (try? log.waitDurable(tick)) != nil else { break }
            acknowledged = tick
          }
        }
      }
      #expect(disk.isOff)
      disk.reboot(seed: UInt64(seed))
      let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
      var entries: [TickEntry] = []
      try log.replay(from: 1) { entries.append($0) }
      #expect(entries == (0..<UInt64(entries.count)).map { entry($0 + 1) })
      #expect(UInt64(entries.count) >= acknowledged)
    }
  }
}
