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

  @Test func anErrorComesToTheWaiterAndNothingIsTakenAfterIt() throws {
    let disk = CrashDisk(name: "thread-full")
    try withLog(on: disk) { log in
      try log.append(entry(1))
      disk.fail(.write, code: 13)  // SQLITE_FULL
      try log.submit(entry(2))
      for _ in 0..<2 {
        let error = #expect(throws: SQLError.self) { try log.waitDurable(2) }
        #expect(error?.state == .diskFull)
        let second = #expect(throws: SQLError.self) { try log.submit(entry(3)) }
        #expect(second?.state == .diskFull)
        #expect(throws: SQLError.self) { try log.append(entry(3)) }
      }
      #expect(throws: Never.self) { try log.waitDurable(1) }
      #expect(try ticks(log) == [entry(1)])
    }
  }

  @Test func whatCouldNotBeAppendedIsAsIfItHadNeverBeen() throws {
    let disk = CrashDisk(name: "thread-append")
    try withLog(on: disk) { log in
      disk.fail(.write, code: 13)
      let error = #expect(throws: SQLError.self) { try log.append(entry(1)) }
      #expect(error?.state == .diskFull)
      var other = TickEntry(number: 1, clockMicroseconds: 77)
      other.ddl = [.init(statement: "other", ids: [])]
      try log.append(other)
      #expect(try ticks(log) == [other])
    }
  }

  /// Somebody may have seen an entry that nobody waited for: those behind it are not taken for it.
  @Test func anEntryIsNotWithdrawnWithTheOneBeforeIt() throws {
    let disk = CrashDisk(name: "thread-withdraw")
    try withLog(on: disk) { log in
      disk.fail(.write, code: 13)
      try log.submit(entry(1), isSynchronous: false)
      #expect(throws: SQLError.self) { try log.waitDurable(1) }
      log.withdraw(2)
      #expect(throws: SQLError.self) { try log.append(entry(1)) }
      #expect(try ticks(log).isEmpty)
    }
  }

  @Test func afterAnErrorOfTheDiskNoWaitSucceeds() throws {
    let disk = CrashDisk(name: "thread-dead")
    try withLog(on: disk) { log in
      try log.submit(entry(1))
      try log.waitDurable(1)
      disk.fail(.sync, code: 10 | (4 << 8))  // SQLITE_IOERR_FSYNC
      try log.submit(entry(2))
      let error = #expect(throws: SQLError.self) { try log.waitDurable(2) }
      #expect(error?.state == .ioError)
      for _ in 0..<3 {
        log.withdraw(2)
        let again = #expect(throws: SQLError.self) { try log.append(entry(2)) }
        #expect(again?.state == .ioError)
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
