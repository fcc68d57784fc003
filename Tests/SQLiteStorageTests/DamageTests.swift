import CrashVFS
import Dataflow
import SQLTypes
import TestSupport
import Testing

@testable import SQLiteStorage

private let path = "/leat.db"

/// A disk with a log of 24 groups, a part of them in `leat.db` and a part in its write-ahead log, as a killed process leaves it.
private func diskWithLog(name: String) throws -> CrashDisk {
  let disk = CrashDisk(name: name)
  do {
    let log = try LeatDatabase(path: path, vfs: disk.name)
    for tick in UInt64(1)...24 {
      try log.append([smallEntry(tick)])
      if tick == 16 { #expect(try log.database.checkpoint()) }
    }
    // Without power nothing is tidied up at the close.
    disk.powerOff(afterOperations: 1)
    #expect(throws: SQLError.self) { try log.setNextRelationID(5) }
  }
  disk.restart()
  return disk
}

private func smallEntry(_ tick: UInt64) -> TickEntry {
  var entry = TickEntry(number: tick, clockMicroseconds: Int64(tick))
  entry.tableChanges = [.init(relation: 1, batch: (0..<700).map { UInt8(truncatingIfNeeded: $0 &* Int(tick) &+ 13) })]
  return entry
}

/// Flips a random bit of `leat.db` + suffix, opens and replays. The entries must be right: all of them, or those before an error.
///
/// - Returns: whether there was an error, and what is wrong, nil if nothing is.
func outcomeOfAFlippedBit(in suffix: String, seed: UInt64) throws -> (isRefused: Bool, fault: String?) {
  var random = SeededRandom(seed: seed)
  let disk = try diskWithLog(name: "flip\(suffix)-\(seed)")
  let bytes = try #require(disk.byteCount(of: path + suffix))
  let bit = Int(random.next() % UInt64(bytes * 8))
  disk.flip(bit, of: path + suffix)
  var entries: [TickEntry] = []
  var failure: SQLError?
  do throws(SQLError) {
    let log = try LeatDatabase(path: path, vfs: disk.name)
    try log.replay(from: 1) { entries.append($0) }
  } catch {
    failure = error
  }
  let place = "bit \(bit) of leat.db\(suffix), seed \(seed)"
  if entries != (0..<UInt64(entries.count)).map({ smallEntry($0 + 1) }) { return (failure != nil, "wrong entries: \(place)") }
  guard let failure else { return (false, entries.count == 24 ? nil : "\(entries.count) of 24 entries: \(place)") }
  // A damaged format number reads as that of a newer Leat.
  let isExpected = [.dataCorrupted, .objectNotInPrerequisiteState].contains(failure.state)
  return (true, isExpected ? nil : "\(failure): \(place)")
}

@Suite struct DamageTests {
  /// A flipped bit anywhere in the files: opening and replaying give the right entries, or an error and before it right entries.
  @Test(arguments: ["-wal", "", "-tick"], [UInt64(0)..<75, 75..<150])
  func aFlippedBitNeverGivesWrongEntries(suffix: String, seeds: Range<UInt64>) throws {
    var refused = 0
    for seed in seeds {
      let outcome = try outcomeOfAFlippedBit(in: suffix, seed: seed)
      if outcome.isRefused { refused += 1 }
      if let fault = outcome.fault { Issue.record("\(fault)") }
    }
    // The note is never needed. Of the other files a part is: many pages are free, or have a newer version in the log.
    #expect(suffix == "-tick" ? refused == 0 : refused >= 5, "\(refused) refused")
  }

  /// The check can fail: without the note of the newest tick, damage in the write-ahead log goes unseen.
  @Test func withoutItsNoteAShortenedLogWouldNotBeFoundOut() throws {
    let disk = try diskWithLog(name: "no-note")
    disk.flip(0, of: path + "-tick")
    disk.flip(8 * 40_000, of: path + "-wal")
    let log = try LeatDatabase(path: path, vfs: disk.name)
    let last = try #require(try log.lastTick())
    #expect(last >= 16 && last < 24)
  }

  @Test func aLogThatLostItsEndNamesTheTick() throws {
    let disk = try diskWithLog(name: "lost-end")
    disk.flip(8 * 100, of: path + "-wal")  // in the first frame
    let error = #expect(throws: SQLError.self) { _ = try LeatDatabase(path: path, vfs: disk.name) }
    #expect(error?.state == .dataCorrupted && error?.message == "the log ends at tick 16 and lacks tick 17")
  }

  @Test func aReplayThatStartsBehindTheEndLacksATick() throws {
    let log = try LeatDatabase(path: ":memory:")
    try log.append([smallEntry(1)])
    #expect(throws: Never.self) { try log.replay(from: 2) { _ in } }
    let error = #expect(throws: SQLError.self) { try log.replay(from: 3) { _ in } }
    #expect(error?.message == "the log lacks tick 2")
  }
}
