@testable import Engine
import Dataflow
import Foundation
import Platform
import SQLTypes
@testable import SQLiteStorage
import TestSupport
import Testing

/// Where the rows of local streams lie, and what becomes of them.
@Suite struct LocalStreamTests {
  private static func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-stream-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
  }

  private static func withEngine(_ directory: String?, _ body: (Engine, Session) throws -> Void) throws {
    guard let directory else {
      let engine = try Engine()
      defer { engine.stop() }
      return try body(engine, engine.session())
    }
    let engine = try Engine(openLog: { () throws(SQLError) in try LogThread.open(directory: directory) })
    defer { engine.stop() }
    try body(engine, engine.session())
  }

  /// What a query of `leat.db` answers, the engine being stopped.
  private static func stored(_ directory: String, _ sql: String) throws -> Int64 {
    try LeatDatabase.integer(sql, in: LeatDatabase.open(directory: directory).database)
  }

  /// Waits, not for ever, until the number of chunks in the database of a running engine is as wanted.
  private static func wait(_ session: Session, until isReached: (Int) -> Bool) throws {
    let log = try #require(session.engine.onDriver(CancelToken()) { $0.log } as? LogThread)
    for _ in 0..<1000 {
      let count = try log.perform { (database) throws(SQLError) in try LeatDatabase.integer("SELECT count(*) FROM chunks", in: database.database) }
      if isReached(Int(count)) { return }
      usleep(10_000)
    }
    Issue.record("the chunks do not become as many as they should be")
  }

  private static let totals = "SELECT count(*) AS n, sum(n) AS total, min(n) AS low, max(n) AS high FROM s"

  /// Inserted one by one, rows are put together in the background; a restart finds each at its tick and in its place.
  @Test func smallInsertsAreMergedAndFoundAgain() throws {
    try Self.withDirectory { directory in
      let count = 9000
      try Self.withEngine(directory) { (_, session) throws in
        try session.runAll("CREATE STREAM s (n INT, t TEXT)", "CREATE MATERIALIZED VIEW v AS \(Self.totals)", "SET synchronous_commit = off")
        for n in 0..<count / 2 { try session.runAll("INSERT INTO s VALUES (\(n), 'row \(n)')") }
        // Several streams are merged beside one another.
        try session.runAll("CREATE STREAM other (n INT)")
        for n in count / 2..<count { try session.runAll("INSERT INTO s VALUES (\(n), NULL)", "INSERT INTO other VALUES (\(n))") }
        // Two of the one stream are full, one of the other.
        try Self.wait(session) { $0 < count * 3 / 2 - 3 * 4090 }
      }
      #expect(try Self.stored(directory, "SELECT count(*) FROM chunks WHERE row_count > 4000") == 3)
      for _ in 0..<2 {
        try Self.withEngine(directory) { (_, session) throws in
          let expected = [["\(count)", "\(count * (count - 1) / 2)", "0", "\(count - 1)"]]
          #expect(try session.texts("SELECT * FROM v") == expected)
          #expect(try session.texts(Self.totals) == expected)
          #expect(try session.texts("SELECT n FROM s").map { $0[0] } == (0..<count).map { "\($0)" })
          #expect(try session.texts("SELECT count(*), min(n) FROM other") == [["\(count - count / 2)", "\(count / 2)"]])
        }
      }
    }
  }

  /// A chunk of wide rows has a megabyte, not thousands of rows; a row that is wider has one of its own.
  @Test(arguments: [true, false]) func wideRowsLieInChunksOfAMegabyte(isKept: Bool) throws {
    try Self.withDirectory { directory in
      try Self.withEngine(isKept ? directory : nil) { (_, session) throws in
        try session.runAll(
          "CREATE STREAM s (n INT, t TEXT)",
          "INSERT INTO s SELECT n, repeat('w', n * 100000) FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (30)) a(n)",
          "INSERT INTO s SELECT n + 1, t FROM s")
        #expect(try session.texts("SELECT count(*), sum(length(t)), max(length(t)) FROM s") == [["20", "15000000", "3000000"]])
      }
      if !isKept { return }
      #expect(try Self.stored(directory, "SELECT max(length(batch)) FROM chunks WHERE row_count > 1") <= 1 << 20)
      #expect(try Self.stored(directory, "SELECT count(*) FROM chunks") < 20)
    }
  }

  /// Who reads a stream that is dropped reads on; then its chunks go, and a restart comes past the ticks that had filled them.
  @Test func aDroppedStreamsChunksGoWithItsLastReader() throws {
    try Self.withDirectory { directory in
      let rows = (0..<5000).map { "(\($0))" }.joined(separator: ", ")
      try Self.withEngine(directory) { (_, session) throws in
        try session.runAll("CREATE STREAM s (n INT)", "CREATE MATERIALIZED VIEW v AS \(Self.totals)", "INSERT INTO s VALUES \(rows)")
        try session.runAll("CREATE STREAM kept (n INT)", "INSERT INTO kept SELECT n FROM s WHERE n < 10")
        try session.runAll("BEGIN ISOLATION LEVEL REPEATABLE READ")
        #expect(try session.texts("SELECT count(*) FROM s") == [["5000"]])
        let other = session.engine.session()
        try other.runAll("DROP STREAM s CASCADE", "CREATE STREAM s (n INT)", "INSERT INTO s VALUES (7)")
        #expect(try session.texts("SELECT count(*), max(n) FROM s") == [["5000", "4999"]])
        try session.runAll("COMMIT")
        #expect(try session.texts(Self.totals) == [["1", "7", "7", "7"]])
        try Self.wait(session) { $0 == 2 }
      }
      for _ in 0..<2 {
        try Self.withEngine(directory) { (_, session) throws in
          #expect(try session.texts(Self.totals) == [["1", "7", "7", "7"]])
          #expect(try session.texts("SELECT sum(n) FROM kept") == [["45"]])
          #expect(session.error(of: "SELECT * FROM v")?.state == .undefinedTable)
        }
      }
    }
  }

  /// The process ended between the DROP and the deletion: the next start does it.
  @Test func chunksThatAnEndLeftAreDeletedByTheNextStart() throws {
    try Self.withDirectory { directory in
      try Self.withEngine(directory) { (_, session) throws in
        try session.runAll("CREATE STREAM s (n INT)", "INSERT INTO s VALUES (1), (2)", "CREATE STREAM kept (n INT)", "INSERT INTO kept VALUES (3)")
      }
      do {
        // The DROP's entry, and nothing of what follows it.
        let log = try LeatDatabase.open(directory: directory)
        let last = try #require(try log.lastTick())
        var entry = TickEntry(number: last + 1, clockMicroseconds: .max)
        entry.ddl.append(.init(statement: "DROP STREAM s", ids: [1 << 20]))
        try log.append([entry])
      }
      try Self.withEngine(directory) { (_, session) throws in
        #expect(session.error(of: "SELECT * FROM s")?.state == .undefinedTable)
        #expect(try session.texts("SELECT n FROM kept") == [["3"]])
        try Self.wait(session) { $0 == 1 }
      }
      #expect(try Self.stored(directory, "SELECT count(*) FROM chunks") == 1)
    }
  }

  /// A chunk that is damaged stops the start with XX001: rows are not left out.
  @Test func aDamagedChunkIsNotPassedOver() throws {
    try Self.withDirectory { directory in
      try Self.withEngine(directory) { (_, session) throws in
        try session.runAll("CREATE STREAM s (n INT)", "INSERT INTO s VALUES (1), (2)", "INSERT INTO s VALUES (3)")
      }
      for damage in ["UPDATE chunks SET batch = zeroblob(length(batch)) WHERE id = 2", "DELETE FROM chunks WHERE id = 2"] {
        try LeatDatabase.open(directory: directory).database.execute(damage)
        let error = #expect(throws: SQLError.self) { try Self.withEngine(directory) { _, _ in } }
        #expect(error?.state == .dataCorrupted)
      }
    }
  }

  /// Rows lie once: not in the ticks too.
  @Test func ticksNameOffsetsAndHoldNoRows() throws {
    try Self.withDirectory { directory in
      try Self.withEngine(directory) { (_, session) throws in
        try session.runAll("CREATE STREAM s (t TEXT)", "INSERT INTO s SELECT repeat('x', 300000) FROM (VALUES (1), (2)) a(n)")
      }
      #expect(try Self.stored(directory, "SELECT max(length(entry)) FROM log") < 1000)
    }
  }

  /// Sessions that insert at once: each one's rows are in their order, and every read is of whole statements.
  @Test(arguments: [true, false]) func statementsOfSeveralSessionsLieOneBehindTheOther(isKept: Bool) throws {
    try Self.withDirectory { directory in
      try Self.withEngine(isKept ? directory : nil) { (engine, session) throws in
        try session.runAll("CREATE STREAM s (w INT, n INT)", "CREATE MATERIALIZED VIEW v AS SELECT w, count(*) AS n FROM s GROUP BY w")
        let threads = try (0..<4).map { writer in
          try Platform.Thread(named: "writer \(writer)", stackBytes: 1 << 20) {
            let session = engine.session()
            for n in 0..<100 {
              do throws(SQLError) { try session.runAll("INSERT INTO s VALUES (\(writer), \(n * 2)), (\(writer), \(n * 2 + 1))") } catch {
                Issue.record("\(error)")
              }
            }
          }
        }
        for _ in 0..<50 {
          let read = try session.texts("SELECT w, n FROM s")
          for writer in 0..<4 {
            let own = read.filter { $0[0] == "\(writer)" }.map { $0[1] }
            #expect(own == (0..<own.count).map { "\($0)" } && own.count % 2 == 0)
          }
        }
        for thread in threads { thread.join() }
        #expect(try session.texts("SELECT w, n FROM v ORDER BY w") == (0..<4).map { ["\($0)", "200"] })
        #expect(try session.texts("SELECT w, count(*) FROM s GROUP BY w ORDER BY w") == (0..<4).map { ["\($0)", "200"] })
      }
    }
  }
}
