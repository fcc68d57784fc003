import CrashVFS
import Engine
import Foundation
import SQLTypes
import SQLiteStorage
import TestSupport
import Testing

/// What an engine does whose log cannot be written.
@Suite struct HaltTests {
  private static let queries = ["SELECT id, v FROM t ORDER BY id", "SELECT n, s FROM total", "SELECT v, n FROM pairs ORDER BY v"]

  /// Runs `body` with an engine over the disk that has a table of two rows, two views of it and a followed file.
  private static func withEngine(on disk: CrashDisk, in directory: String, _ body: (Engine, Session) throws -> Void) throws {
    let name = disk.name
    let engine = try Engine(openLog: { () throws(SQLError) in try LogThread.open(directory: directory + "/data", vfs: name) })
    defer { engine.stop() }
    try body(engine, engine.session())
  }

  private static func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-halt-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try body(directory)
  }

  private static func prepare(_ session: Session, _ directory: String) throws {
    try "{\"a\": 1}\n".write(toFile: directory + "/rows.jsonl", atomically: false, encoding: .utf8)
    try session.runAll(
      "CREATE TABLE t (id int PRIMARY KEY, v int)",
      "CREATE MATERIALIZED VIEW total AS SELECT count(*) AS n, sum(v) AS s FROM t",
      "CREATE MATERIALIZED VIEW pairs AS SELECT x.v, count(*) AS n FROM t x JOIN t y ON x.v = y.v GROUP BY x.v",
      "CREATE STREAM lines (a int) WITH (connector = 'file', path = '\(directory)/rows.jsonl', format = 'json', follow = true)",
      "CREATE MATERIALIZED VIEW line_count AS SELECT count(*) AS n FROM lines",
      "INSERT INTO t VALUES (1, 10), (2, 10)")
    while try session.texts("SELECT n FROM line_count") != [["1"]] { usleep(1000) }
  }

  /// A full disk, a failed write and a failed sync in the entry of a write.
  @Test(arguments: [(CrashDisk.Operations.write, Int32(13), SQLState.diskFull), (.write, 10 | (3 << 8), .ioError), (.sync, 10 | (4 << 8), .ioError)])
  func aTickThatIsNotInTheLogIsNeverSeen(operations: CrashDisk.Operations, code: Int32, state: SQLState) throws {
    let disk = CrashDisk(name: "halt-\(code)-\(operations.rawValue)")
    try Self.withDirectory { directory in
      var before: [[[String?]]] = []
      try Self.withEngine(on: disk, in: directory) { (engine, session) throws in
        try Self.prepare(session, directory)
        before = try Self.queries.map { try session.texts($0) }
        let held = engine.session()
        try held.runAll("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM t")
        disk.fail(operations, code: code)
        let first = try #require(session.error(of: "UPDATE t SET v = 11 WHERE id = 1"))
        #expect(first.state == state)
        // There is room again, but the dataflow has what the log has not.
        for statement in [
          "INSERT INTO t VALUES (3, 10)", "DELETE FROM t", "CREATE TABLE u (a int)", "DROP MATERIALIZED VIEW total",
          "CREATE MATERIALIZED VIEW more AS SELECT v FROM t",
        ] {
          let later = try #require(session.error(of: statement))
          #expect(later.state == state, "\(statement)")
          #expect(later.message.hasPrefix("the engine takes no more writes"), "\(statement)")
        }
        try session.runAll("BEGIN", "INSERT INTO t VALUES (4, 4)")
        #expect(session.error(of: "COMMIT")?.state == state)
        for session in [engine.session(), held] { #expect(try Self.queries.map { try session.texts($0) } == before) }
        #expect(try session.texts("SELECT name, state FROM leat.sources") == [["lines", "failed"]])
        #expect(
          try session.texts("SELECT severity FROM leat.log WHERE message LIKE 'the engine takes no more writes%'") == [["PANIC"]])
      }
      disk.restart()
      try Self.withEngine(on: disk, in: directory) { (_, session) throws in
        let after = try Self.queries.map { try session.texts($0) }
        let changed = [[["1", "11"], ["2", "10"]], [["2", "21"]], [["10", "1"], ["11", "1"]]] as [[[String?]]]
        // Whether a tick was on the disk whose sync failed, only the next start can tell.
        if operations == .sync { #expect(after == before || after == changed) } else { #expect(after == before) }
        try session.runAll("UPDATE t SET v = 11 WHERE id = 1")
        #expect(try Self.queries.map { try session.texts($0) } == changed)
        #expect(try session.texts("SELECT n FROM line_count") == [["1"]])
      }
    }
  }

  /// A change of the catalog is logged before it is applied: where there was no room for it, all else goes on.
  @Test func aDefinitionThatFindsNoRoomIsRefusedAlone() throws {
    let disk = CrashDisk(name: "halt-definition")
    try Self.withDirectory { directory in
      try Self.withEngine(on: disk, in: directory) { (_, session) throws in
        try Self.prepare(session, directory)
        for statement in ["CREATE TABLE u (a int)", "CREATE MATERIALIZED VIEW more AS SELECT v FROM t", "DROP MATERIALIZED VIEW total"] {
          disk.fail(.write, code: 13)
          #expect(session.error(of: statement)?.state == .diskFull, "\(statement)")
        }
        try session.runAll("INSERT INTO t VALUES (3, 10)", "CREATE TABLE u (a int)")
        #expect(try session.texts("SELECT n, s FROM total") == [["3", "30"]])
      }
      disk.restart()
      try Self.withEngine(on: disk, in: directory) { (_, session) throws in
        #expect(try session.texts("SELECT n, s FROM total") == [["3", "30"]])
        #expect(try session.texts("SELECT count(*) FROM u") == [["0"]])
      }
    }
  }

  /// Commits that do not wait for the disk are seen at once and survive the end of the process, and one that waits brings all
  /// before it to the disk.
  @Test func commitsThatDoNotWaitAreSeenAndSynced() throws {
    let disk = CrashDisk(name: "halt-relaxed")
    try Self.withDirectory { directory in
      try Self.withEngine(on: disk, in: directory) { (engine, session) throws in
        try Self.prepare(session, directory)
        try session.runAll("SET synchronous_commit = off")
        let syncs = disk.syncCount
        for id in 100..<150 {
          try session.runAll("INSERT INTO t VALUES (\(id), 1)")
          #expect(try session.texts("SELECT n FROM total") == [["\(id - 97)"]])
        }
        // What the log's thread syncs after 200 ms is few.
        #expect(disk.syncCount - syncs < 25)
        try session.runAll("SET synchronous_commit = on", "INSERT INTO t VALUES (200, 1)")
      }
      disk.reboot(seed: 1)
      try Self.withEngine(on: disk, in: directory) { (_, session) throws in
        #expect(try session.texts("SELECT n FROM total") == [["53"]])
      }
    }
  }
}
