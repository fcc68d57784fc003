import CrashVFS
import Dataflow
import SQLTypes
import TestSupport
import Testing

@testable import SQLiteStorage

/// What a run under a failing power saw.
struct CrashRun {
  /// The ticks that the log acknowledged, and the last of each group that was handed over, acknowledged or not.
  var acknowledged: UInt64 = 0
  var groupEnds: Set<UInt64> = [0]
}

/// A random entry of that tick; the same for the same seed and tick.
func randomEntry(_ tick: UInt64, seed: UInt64) -> TickEntry {
  var random = SeededRandom(seed: seed &* 1_000_003 &+ tick)
  var entry = TickEntry(number: tick, clockMicroseconds: Int64(tick))
  let size = [0, 30, 700, 5_000, 40_000][Int(random.next() % 5)]
  entry.tableChanges = [.init(relation: 1, batch: (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) })]
  return entry
}

/// Opens the log and appends random groups until the power fails or `groups` are written.
private func append(to path: String, on disk: CrashDisk, groups: Int, seed: UInt64, synchronous: Bool = true, _ run: inout CrashRun) {
  var random = SeededRandom(seed: seed &+ 77)
  do throws(SQLError) {
    let log = try LeatDatabase(path: path, vfs: disk.name)
    if !synchronous { try log.database.execute("PRAGMA synchronous=OFF") }
    for _ in 0..<groups {
      let first = (try log.lastTick() ?? 0) + 1
      let last = first + random.next() % 4
      run.groupEnds.insert(last)
      try log.append((first...last).map { randomEntry($0, seed: seed) })
      run.acknowledged = last
      // Checkpoints are what moves pages into leat.db: without some, only the WAL would be tried.
      if random.next() % 6 == 0 { _ = try log.database.checkpoint() }
    }
  } catch {
    #expect(disk.isOff, "an error without a power failure: \(error)")
  }
}

private func readBack(_ path: String, on disk: CrashDisk) throws -> [TickEntry] {
  let log = try LeatDatabase(path: path, vfs: disk.name)
  var entries: [TickEntry] = []
  try log.replay(from: 1) { entries.append($0) }
  return entries
}

/// The log must be the acknowledged entries, and behind them whole groups or nothing. Returns what is wrong, nil if nothing is.
private func fault(in entries: [TickEntry], after run: CrashRun, seed: UInt64) -> String? {
  let expected = (0..<UInt64(entries.count)).map { randomEntry($0 + 1, seed: seed) }
  if entries != expected { return "an entry is not what was written" }
  if UInt64(entries.count) < run.acknowledged { return "\(entries.count) entries, \(run.acknowledged) were acknowledged" }
  if !run.groupEnds.contains(UInt64(entries.count)) { return "\(entries.count) entries: a group was cut" }
  return nil
}

/// The power fails at a random operation of each of three runs over one log.
func faultOfRandomCrashes(seed: UInt64, synchronous: Bool) -> String? {
  var random = SeededRandom(seed: seed)
  let isLarge = seed % 2 == 0
  let disk = CrashDisk(
    name: "crash-\(seed)-\(synchronous)", sectorBytes: isLarge ? 4096 : 512, isPowersafe: !isLarge)
  let path = "/leat.db"
  var run = CrashRun()
  for _ in 0..<3 {
    disk.powerOff(afterOperations: 1 + Int(random.next() % 120))
    append(to: path, on: disk, groups: 20, seed: seed, synchronous: synchronous, &run)
    disk.reboot(seed: random.next())
    let entries: [TickEntry]
    do { entries = try readBack(path, on: disk) } catch { return "\(error)" }
    if let fault = fault(in: entries, after: run, seed: seed) { return fault }
    run.groupEnds = [UInt64(entries.count)]
  }
  return nil
}

@Suite struct CrashTests {
  /// 200 seeds with three power failures each, half on a disk that tears sectors of 4,096 bytes to bits.
  @Test(arguments: [0..<50, 50..<100, 100..<150, 150..<200])
  func whatWasAcknowledgedOutlivesAPowerFailure(seeds: Range<Int>) {
    for seed in seeds {
      if let fault = faultOfRandomCrashes(seed: UInt64(seed), synchronous: true) { Issue.record("seed \(seed): \(fault)") }
    }
  }

  /// The check can fail: without syncs, power failures lose what was acknowledged.
  @Test func aLogThatDoesNotSyncIsFoundOut() {
    let faults = (0..<20).compactMap { faultOfRandomCrashes(seed: $0, synchronous: false) }
    #expect(faults.count > 10, "\(faults)")
  }

  @Test func aFullDiskIsAnErrorAfterWhichTheLogGoesOn() throws {
    for nth in 1...40 {
      let disk = CrashDisk(name: "full-\(nth)")
      let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
      try log.append([randomEntry(1, seed: 5)])
      disk.fail(.write, nth: nth, code: 13)  // SQLITE_FULL
      var written: UInt64 = 1
      var refusals = 0
      while written < 12 {
        do throws(SQLError) {
          try log.append([randomEntry(written + 1, seed: 5)])
          written += 1
        } catch {
          #expect(error.state == .diskFull)
          refusals += 1
        }
      }
      #expect(refusals <= 1 && log.failure == nil)
      #expect(try log.lastTick() == 12)
      disk.powerOff(afterOperations: 1)
      _ = try? log.append([randomEntry(13, seed: 5)])
      withExtendedLifetime(log) {}
    }
  }

  /// A failed sync ends the log: what it should have brought to the disk is lost there, whatever later syncs say, and no later
  /// append may be acknowledged on top of it.
  @Test func afterAFailedSyncNothingIsAcknowledged() throws {
    for nth in 1...12 {
      let disk = CrashDisk(name: "sync-\(nth)")
      var acknowledged: UInt64 = 0
      do {
        let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
        disk.fail(.sync, nth: nth, code: 10 | (4 << 8))  // SQLITE_IOERR_FSYNC
        var first: SQLError?
        for tick in UInt64(1)...20 {
          do throws(SQLError) {
            try log.append([randomEntry(tick, seed: 9)])
            #expect(first == nil, "an append succeeded after \(String(describing: first))")
            acknowledged = tick
          } catch {
            #expect(error.state == .ioError)
            if let first { #expect(error.message == first.message && error.detail != nil) } else { first = error }
          }
        }
        #expect(first != nil && acknowledged < 20)
      }
      disk.powerOff(afterOperations: 1)
      disk.reboot(seed: UInt64(nth))
      let entries = try readBack("/leat.db", on: disk)
      #expect(UInt64(entries.count) >= acknowledged && UInt64(entries.count) <= acknowledged + 1)
    }
  }

  /// After a failed sync the system may show what is not on the disk. Opening the log anew makes sure of it before anything is
  /// acknowledged on top of it.
  @Test func whatIsAcknowledgedAfterAnotherOpeningIsThere() throws {
    for nth in 1...12 {
      let disk = CrashDisk(name: "resync-\(nth)")
      do {
        let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
        disk.fail(.sync, nth: nth, code: 10 | (4 << 8))  // SQLITE_IOERR_FSYNC
        for tick in UInt64(1)...20 where log.failure == nil { _ = try? log.append([randomEntry(tick, seed: 9)]) }
        #expect(log.failure != nil)
        // The process ends at once: nothing is tidied up at the close.
        disk.powerOff(afterOperations: 1)
      }
      disk.restart()
      var acknowledged: UInt64
      do {
        let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
        acknowledged = try log.lastTick() ?? 0
        for _ in 0..<5 {
          try log.append([randomEntry(acknowledged + 1, seed: 9)])
          acknowledged += 1
        }
        disk.powerOff(afterOperations: 1)
        #expect(throws: SQLError.self) { try log.append([randomEntry(acknowledged + 1, seed: 9)]) }
      }
      disk.reboot(seed: UInt64(nth))
      let entries = try readBack("/leat.db", on: disk)
      #expect(entries == (0..<UInt64(entries.count)).map { randomEntry($0 + 1, seed: 9) })
      #expect(UInt64(entries.count) >= acknowledged)
    }
  }

  @Test func aCallersMistakeDoesNotEndTheDatabase() throws {
    let log = try LeatDatabase(path: ":memory:")
    let chunk = StreamChunk(id: 1, rowCount: 1, batch: [1])
    try log.write(unnamed: chunk)
    let error = #expect(throws: SQLError.self) { try log.write(unnamed: chunk) }
    #expect(error?.state == .internalError && log.failure == nil)
    try log.append([randomEntry(1, seed: 1)])
  }

  @Test func aFailedWriteEndsTheLog() throws {
    let disk = CrashDisk(name: "write-error")
    let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
    try log.append([randomEntry(1, seed: 1)])
    disk.fail(.write, code: 10 | (3 << 8))  // SQLITE_IOERR_WRITE
    #expect(throws: SQLError.self) { try log.append([randomEntry(2, seed: 1)]) }
    let error = #expect(throws: SQLError.self) { try log.append([randomEntry(2, seed: 1)]) }
    #expect(error?.state == .ioError && log.failure?.state == .ioError)
    // What was there can still be read.
    #expect(try log.lastTick() == 1)
  }

  /// With `synchronousCommit` off a power failure loses the newest groups at most, and nothing that was flushed.
  @Test func withoutSynchronousCommitOnlyWhatWasNotFlushedIsLost() throws {
    var lost = 0
    for seed in UInt64(0)..<40 {
      let disk = CrashDisk(name: "relaxed-\(seed)")
      do {
        let log = try LeatDatabase(path: "/leat.db", vfs: disk.name)
        try log.setSynchronousCommit(false)
        let before = disk.syncCount
        for tick in UInt64(1)...10 { try log.append([randomEntry(tick, seed: seed)]) }
        #expect(disk.syncCount <= before + 1)  // that of the WAL's header
        try log.flush()
        for tick in UInt64(11)...20 { try log.append([randomEntry(tick, seed: seed)]) }
        disk.powerOff(afterOperations: 1)
        #expect(throws: SQLError.self) { try log.append([randomEntry(21, seed: seed)]) }
      }
      disk.reboot(seed: seed)
      let entries = try readBack("/leat.db", on: disk)
      #expect(entries == (0..<UInt64(entries.count)).map { randomEntry($0 + 1, seed: seed) })
      #expect(entries.count >= 10)
      if entries.count < 20 { lost += 1 }
    }
    #expect(lost > 0)
  }
}
