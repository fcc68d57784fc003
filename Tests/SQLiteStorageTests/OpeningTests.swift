import Dataflow
import Foundation
import Platform
import SQLTypes
import Testing

@testable import SQLiteStorage

@Suite struct OpeningTests {
  @Test func aDirectoryIsMadeForItsUserAloneAndHeld() throws {
    let parent = try makeTemporaryDirectory(prefix: "/tmp/leat-open-")
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let directory = "\(parent)/data"
    do {
      let first = try LeatDatabase.open(directory: directory)
      let mode = try FileManager.default.attributesOfItem(atPath: directory)[.posixPermissions] as? Int
      #expect(mode == 0o700)
      let error = #expect(throws: SQLError.self) { _ = try LeatDatabase.open(directory: directory) }
      #expect(error?.state == SQLState("F0001"))
      #expect(error?.message == "data directory \"\(directory)\" is held by process \(processID)")
      try first.setNextRelationID(17)
      try first.append([TickEntry(number: 1, clockMicroseconds: 1)])
    }
    let again = try LeatDatabase.open(directory: directory)
    #expect(try again.nextRelationID() == 17 && again.lastTick() == 1)
  }

  @Test func theInstanceKeepsItsIdentityAndNoTwoShareOne() throws {
    let directory = try makeTemporaryDirectory(prefix: "/tmp/leat-open-")
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let first = try LeatDatabase.open(directory: directory).instanceID
    #expect(try LeatDatabase.open(directory: directory).instanceID == first)
    #expect(try LeatDatabase(path: ":memory:").instanceID != first)
    #expect(try LeatDatabase(path: ":memory:").nextRelationID() == 1)
  }

  @Test func whatIsNoDirectoryIsAnError() {
    for path in ["/dev/null", "/nowhere/at/all"] {
      let error = #expect(throws: SQLError.self) { _ = try LeatDatabase.open(directory: path) }
      #expect(error?.state == .ioError)
    }
  }

  @Test func aDatabaseOfAnotherProgramIsRefusedAndLeftAlone() throws {
    let directory = try makeTemporaryDirectory(prefix: "/tmp/leat-open-")
    defer { try? FileManager.default.removeItem(atPath: directory) }
    do { try Database(path: "\(directory)/leat.db").execute("CREATE TABLE log (a)") }
    let error = #expect(throws: SQLError.self) { _ = try LeatDatabase.open(directory: directory) }
    #expect(error?.state == .dataCorrupted)
    let other = try Database(path: "\(directory)/leat.db")
    #expect(try LeatDatabase.integer("SELECT count(*) FROM sqlite_schema", in: other) == 1)
  }

  @Test(arguments: [1, 2]) func aLogOfAnOlderFormatIsTakenOver(version: Int) throws {
    let directory = try makeTemporaryDirectory(prefix: "/tmp/leat-open-")
    defer { try? FileManager.default.removeItem(atPath: directory) }
    do {
      // Today's, without what later formats added.
      let log = try LeatDatabase.open(directory: directory)
      try log.append([TickEntry(number: 1, clockMicroseconds: 1)])
      try log.database.execute("DROP TABLE dropped_streams; PRAGMA user_version=\(version)")
      if version == 1 {
        try log.database.execute(
          "DROP TABLE chunks; DROP TABLE stream_chunks; DROP TABLE unnamed_chunks; DROP TABLE meta; PRAGMA application_id=0")
      }
    }
    if version == 1 { try FileManager.default.removeItem(atPath: "\(directory)/leat.db-tick") }
    let log = try LeatDatabase.open(directory: directory)
    try log.append([TickEntry(number: 2, clockMicroseconds: 1)])
    #expect(try log.lastTick() == 2 && log.nextRelationID() == 1 && !log.isDropped(stream: 1))
    #expect(try LeatDatabase.integer("PRAGMA user_version", in: log.database) == LeatDatabase.formatVersion)
  }

  @Test func anOldSQLiteIsRefused() {
    #expect(throws: Never.self) { try SQLiteLibrary.requireSupported() }
    let error = #expect(throws: SQLError.self) { try SQLiteLibrary.requireSupported(3_034_001) }
    #expect(error?.message == "SQLite 3.34 is too old: Leat needs 3.37 or newer")
  }

  @Test func aDamagedIdIsAnError() throws {
    let log = try LeatDatabase(path: ":memory:")
    try log.database.execute("UPDATE meta SET value = value + 1 WHERE key = 'next_relation_id'")
    let error = #expect(throws: SQLError.self) { try log.nextRelationID() }
    #expect(error?.state == .dataCorrupted)
  }

  @Test func trimmingForgetsOldEntriesAndKeepsTheNewest() throws {
    let log = try LeatDatabase(path: ":memory:")
    try log.append((1...9).map { TickEntry(number: $0, clockMicroseconds: 0) })
    try log.trim(before: 4)
    #expect(try log.firstTick() == 4)
    var seen: [UInt64] = []
    try log.replay(from: 4) { seen.append($0.number) }
    #expect(seen == Array(4...9))
    let error = #expect(throws: SQLError.self) { try log.replay(from: 3) { _ in } }
    #expect(error?.message == "the log lacks tick 3")
    try log.trim(before: 100)
    #expect(try log.firstTick() == 9 && log.lastTick() == 9)
  }
}
