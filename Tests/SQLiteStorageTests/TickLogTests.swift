import Dataflow
import Foundation
import SQLTypes
import Testing

@testable import SQLiteStorage

private func entry(_ tick: UInt64) -> TickEntry {
  var entry = TickEntry(number: tick, clockMicroseconds: Int64(tick))
  entry.tableChanges = [.init(relation: 1, batch: [UInt8](repeating: UInt8(tick % 251), count: Int(tick % 700)))]
  return entry
}

private func filled(_ path: String = ":memory:") throws -> LeatDatabase {
  let log = try LeatDatabase(path: path)
  try log.append((1...5).map(entry))
  return log
}

/// A directory that is gone after `body`.
private func withDirectory(_ body: (URL) throws -> Void) throws {
  let directory = FileManager.default.temporaryDirectory.appending(path: "leat-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  try body(directory)
}

private func replayed(_ log: LeatDatabase, from tick: UInt64 = 1) throws -> [TickEntry] {
  var seen: [TickEntry] = []
  try log.replay(from: tick) { seen.append($0) }
  return seen
}

@Suite struct TickLogTests {
  @Test func replayGivesTheEntriesFromATickOn() throws {
    #expect(try replayed(filled(), from: 3) == (3...5).map(entry))
    #expect(try replayed(filled(), from: 6).isEmpty)
    #expect(try replayed(LeatDatabase(path: ":memory:")).isEmpty)
  }

  @Test func aLogOnDiskIsThereAfterOpeningItAgain() throws {
    try withDirectory { directory in
      let path = directory.appending(path: "leat.db").path
      _ = try filled(path)
      let again = try LeatDatabase(path: path)
      #expect(try replayed(again) == (1...5).map(entry))
      try again.append([entry(6)])
      #expect(try again.lastTick() == 6)
    }
  }

  @Test(arguments: [
    [TickEntry(number: 6, clockMicroseconds: 6), TickEntry(number: 8, clockMicroseconds: 8)],
    [TickEntry(number: 5, clockMicroseconds: 9)], [TickEntry(number: 6, clockMicroseconds: 4)],
    [TickEntry(number: UInt64.max, clockMicroseconds: 9)],
  ]) func anAppendThatDoesNotFollowChangesNothing(entries: [TickEntry]) throws {
    let log = try filled()
    let error = #expect(throws: SQLError.self) { try log.append(entries) }
    #expect(error?.state == .internalError)
    #expect(try log.lastTick() == 5)
  }

  @Test(arguments: [
    ("UPDATE log SET entry = x'00' WHERE tick = 4", "the log entry of tick 4 is damaged"),
    ("UPDATE log SET (checksum, entry) = (SELECT checksum, entry FROM log WHERE tick = 3) WHERE tick = 4",
      "the log entry of tick 4 is damaged"),
    ("DELETE FROM log WHERE tick = 4", "the log lacks tick 4"), ("DELETE FROM log WHERE tick = 1", "the log lacks tick 1"),
    ("INSERT INTO log VALUES (-1, 0, x'00'); DELETE FROM log WHERE tick > 0", "the log entry of tick -1 is damaged"),
  ]) func damageIsAnErrorThatNamesTheTick(sql: String, message: String) throws {
    let log = try filled()
    try log.database.execute(sql)
    let error = #expect(throws: SQLError.self) { try log.replay(from: 1) { _ in } }
    #expect(error?.state == .dataCorrupted && error?.message == message)
  }

  @Test func everyFlippedBitOfAnEntryChangesItsChecksum() {
    let bytes = TickEntryCodec.encode(entry(40))
    let checksum = Checksum.of(40, bytes: bytes)
    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Checksum.of(40, bytes: flipped) != checksum)
    }
    #expect(Checksum.of(41, bytes: bytes) != checksum)
  }

  @Test func aNewerFormatIsRefused() throws {
    try withDirectory { directory in
      let path = directory.appending(path: "leat.db").path
      try filled(path).database.execute("PRAGMA user_version=99")
      let error = #expect(throws: SQLError.self) { _ = try LeatDatabase(path: path) }
      #expect(error?.state == .objectNotInPrerequisiteState)
    }
  }

  @Test func aFileThatIsNoDatabaseIsRefused() throws {
    try withDirectory { directory in
      let file = directory.appending(path: "leat.db")
      try Data(repeating: 0x41, count: 8192).write(to: file)
      let error = #expect(throws: SQLError.self) { _ = try LeatDatabase(path: file.path) }
      #expect(error?.state == .dataCorrupted)
    }
  }

  /// Kills a writer at 30 random moments over one log: every acknowledged entry is there, whole and once, and what was
  /// not acknowledged is there by whole groups or not at all.
  @Test func whatWasAcknowledgedIsThereAfterKill9() throws {
    try withDirectory { directory in
      let path = directory.appending(path: "leat.db").path
      let writer = Bundle(for: Anchor.self).bundleURL.appending(path: "TickLogWriter")
      var acknowledged: UInt64 = 0
      for _ in 0..<30 {
        let process = Process()
        process.executableURL = writer
        process.arguments = [path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        usleep(UInt32.random(in: 5_000...60_000))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        // The last line may be cut: only whole ones acknowledge.
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
          acknowledged = try #require(UInt64(line), "the writer said: \(line)")
        }
        let log = try LeatDatabase(path: path)
        let entries = try replayed(log)
        #expect(entries == (0..<UInt64(entries.count)).map { entry($0 + 1) })
        #expect(UInt64(entries.count) >= acknowledged)
        // A group that begins at tick n holds 1 + n mod 3 entries.
        var boundary: UInt64 = 0
        while boundary < UInt64(entries.count) { boundary += 1 + (boundary + 1) % 3 }
        #expect(boundary == UInt64(entries.count))
      }
      #expect(acknowledged > 0)
    }
  }
}

/// Stands for the test bundle, in whose folder the writer lies.
private final class Anchor {}
