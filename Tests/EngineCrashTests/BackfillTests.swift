@testable import Engine
import Foundation
import Platform
import SQLTypes
import SQLiteStorage
import TestSupport
import Testing

/// Views that are filled slice by slice while other things go on.
@Suite struct BackfillTests {
  /// An engine in which slices of `rows` rows are read when the test says so.
  private static func stepped(_ rows: Int = 10, directory: String? = nil) throws -> Engine {
    var pace = BackfillPace()
    (pace.sliceRows, pace.isStepped) = (rows, true)
    guard let directory else { return try Engine(pace: pace) }
    return try Engine(pace: pace, openLog: { () throws(SQLError) in try LogThread.open(directory: directory) })
  }

  private static func finish(_ engine: Engine) throws { while try engine.stepBackfills() > 0 {} }

  /// A table of 100 rows with the keys 1 to 100.
  private static func fill(_ session: Session) throws {
    try session.runAll("CREATE TABLE t (k INT PRIMARY KEY, g INT, x INT)")
    let rows = (1...100).map { "(\($0), \($0 % 7), \($0))" }.joined(separator: ", ")
    try session.runAll("INSERT INTO t VALUES \(rows)")
  }

  private static func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-backfill-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
  }

  @Test func writesCommitAndOtherViewsFollowWhileAViewIsFilled() throws {
    let engine = try Self.stepped()
    defer { engine.stop() }
    let session = engine.session()
    try Self.fill(session)
    try session.runAll("CREATE TABLE other (a INT)", "SET leat.background_ddl = on")
    try session.runAll("CREATE MATERIALIZED VIEW v AS SELECT g, count(*) AS n, sum(x) AS s FROM t GROUP BY g")
    _ = try engine.stepBackfills(3)
    #expect(try session.texts("SELECT relation, kind, state, rows_done, rows_in_all FROM leat.jobs") == [["v", "backfill", "running", "30", "100"]])
    #expect(session.error(of: "SELECT * FROM v")?.state == .objectNotInPrerequisiteState)
    #expect(session.error(of: "CREATE TABLE v (a INT)")?.state == .duplicateTable)
    #expect(session.error(of: "CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT 1 AS a")?.state == .objectNotInPrerequisiteState)
    #expect(session.error(of: "DROP TABLE t")?.state == .dependentObjectsStillExist)
    #expect(session.error(of: "DROP TABLE v")?.state == .wrongObjectType)
    // Rows behind the cursor and before it: changed, deleted, and new ones, some under freed ids.
    try session.runAll(
      "UPDATE t SET x = x + 1000 WHERE k % 10 = 3", "DELETE FROM t WHERE k IN (5, 6, 95)",
      "INSERT INTO t VALUES (201, 1, 1), (202, 2, 2), (203, 3, 3), (204, 4, 4)")
    _ = try engine.stepBackfills(2)
    try session.runAll("UPDATE t SET g = 0 WHERE k % 2 = 0", "INSERT INTO other VALUES (1)")
    try Self.finish(engine)
    #expect(try session.texts("SELECT state, share, seconds_left FROM leat.jobs") == [["done", "1", nil]])
    try session.runAll("DELETE FROM t WHERE k < 10")
    let query = "SELECT g, count(*) AS n, sum(x) AS s FROM t GROUP BY g"
    #expect(try session.texts("SELECT * FROM v ORDER BY g") == session.texts(query + " ORDER BY g"))
    try session.runAll("DELETE FROM t")
    #expect(try session.texts("SELECT sum(state_rows) FROM leat.operators") == [["0"]])
  }

  /// A source of changes that is faster than a slice: the fill comes to an end all the same.
  @Test func aFillEndsHoweverFastRowsCome() throws {
    let engine = try Self.stepped()
    defer { engine.stop() }
    let session = engine.session()
    try Self.fill(session)
    try session.runAll("SET leat.background_ddl = on", "CREATE MATERIALIZED VIEW v AS SELECT sum(x) AS s FROM t")
    var next = 1000, slices = 0
    repeat {
      let rows = (next..<next + 50).map { "(\($0), 0, 1)" }.joined(separator: ", ")
      next += 50
      slices += 1
      try session.runAll("INSERT INTO t VALUES \(rows)")
    } while try engine.stepBackfills() > 0 && slices < 100
    #expect(slices == 10)
    #expect(try session.texts("SELECT s FROM v") == session.texts("SELECT sum(x) FROM t"))
  }

  @Test func cancellingTheWaitCancelsTheCreation() throws {
    let engine = try Self.stepped()
    defer { engine.stop() }
    let session = engine.session()
    try Self.fill(session)
    let statement = try Statement(engine, "CREATE MATERIALIZED VIEW v AS SELECT g FROM t")
    while try session.texts("SELECT relation FROM leat.jobs").isEmpty { usleep(1000) }
    _ = try engine.stepBackfills()
    #expect(statement.cancel() == .queryCanceled)
    #expect(session.error(of: "SELECT * FROM v")?.state == .undefinedTable)
    #expect(try session.texts("SELECT relation, state, rows_done FROM leat.jobs") == [["v", "cancelled", "10"]])
    #expect(try engine.stepBackfills() == 0)
    try session.runAll("DROP TABLE t")
  }

  @Test func droppingAViewOrWhatItReadsEndsItsFilling() throws {
    let engine = try Self.stepped()
    defer { engine.stop() }
    let session = engine.session()
    try Self.fill(session)
    try session.runAll(
      "SET leat.background_ddl = on", "CREATE MATERIALIZED VIEW v AS SELECT g FROM t",
      "CREATE MATERIALIZED VIEW w AS SELECT k FROM t")
    _ = try engine.stepBackfills()
    try session.runAll("DROP MATERIALIZED VIEW v")
    #expect(session.error(of: "SELECT * FROM v")?.state == .undefinedTable)
    #expect(session.error(of: "SELECT * FROM w")?.state == .objectNotInPrerequisiteState)
    try session.runAll("DROP TABLE t CASCADE")
    #expect(session.error(of: "SELECT * FROM w")?.state == .undefinedTable)
    #expect(
      try session.texts("SELECT relation, state FROM leat.jobs ORDER BY relation") == [["v", "cancelled"], ["w", "cancelled"]])
    #expect(try engine.stepBackfills() == 0)
  }

  @Test func aReplacedViewAndItsDependentsAreSwappedAtOneTick() throws {
    let engine = try Self.stepped()
    defer { engine.stop() }
    let session = engine.session()
    try Self.fill(session)
    try session.runAll("SET leat.background_ddl = on", "CREATE MATERIALIZED VIEW v AS SELECT k, x FROM t WHERE x < 50")
    try Self.finish(engine)
    try session.runAll("CREATE MATERIALIZED VIEW w AS SELECT count(*) AS n FROM v")
    try Self.finish(engine)
    try session.runAll("CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT k, x FROM t WHERE x > 90")
    _ = try engine.stepBackfills(2)
    try session.runAll("DELETE FROM t WHERE k IN (1, 99)")
    // The old ones are there, and follow.
    #expect(try session.texts("SELECT count(*), min(k) FROM v") == [["48", "2"]])
    #expect(try session.texts("SELECT n FROM w") == [["48"]])
    #expect(session.error(of: "CREATE VIEW above AS SELECT * FROM v")?.state == .objectNotInPrerequisiteState)
    try Self.finish(engine)
    #expect(try session.texts("SELECT count(*), min(k) FROM v") == [["9", "91"]])
    #expect(try session.texts("SELECT n FROM w") == [["9"]])
    try session.runAll("DELETE FROM t WHERE k = 91")
    #expect(try session.texts("SELECT n FROM w") == [["8"]])
  }

  @Test func replacingIsGivenUpWithTheViewItReplaces() throws {
    let engine = try Self.stepped()
    defer { engine.stop() }
    let session = engine.session()
    try Self.fill(session)
    try session.runAll(
      "CREATE VIEW low AS SELECT k, x FROM t WHERE x < 50", "SET leat.background_ddl = on",
      "CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM low")
    try Self.finish(engine)
    // A plain view is swapped with the materialized one above it.
    try session.runAll("CREATE OR REPLACE VIEW low AS SELECT k, x FROM t WHERE x < 30")
    #expect(try session.texts("SELECT n FROM v") == [["49"]])
    #expect(try session.texts("SELECT count(*) FROM low") == [["49"]])
    try Self.finish(engine)
    #expect(try session.texts("SELECT n FROM v") == [["29"]])
    #expect(try session.texts("SELECT count(*) FROM low") == [["29"]])
    try session.runAll(
      "CREATE OR REPLACE VIEW low AS SELECT k, x FROM t WHERE x < 10",
      "CREATE MATERIALIZED VIEW IF NOT EXISTS w AS SELECT k FROM t", "CREATE MATERIALIZED VIEW IF NOT EXISTS w AS SELECT k FROM t")
    _ = try engine.stepBackfills()
    #expect(session.error(of: "DROP MATERIALIZED VIEW v, w")?.state == .featureNotSupported)
    try session.runAll("DROP MATERIALIZED VIEW v")
    #expect(try session.texts("SELECT count(*) FROM low") == [["29"]])
    try session.runAll("DROP TABLE t CASCADE")
    #expect(try engine.stepBackfills() == 0)
    #expect(try session.texts("SELECT count(*) FROM leat.relations WHERE schema = 'public'") == [["0"]])
    #expect(
      try session.texts("SELECT relation, state FROM leat.jobs WHERE state <> 'done'") == [["low", "cancelled"], ["w", "cancelled"]])
  }

  @Test func aReplacementThatWasBegunGoesOnAfterARestart() throws {
    try Self.withDirectory { directory in
      for round in 1...3 {
        let engine = try Self.stepped(directory: directory)
        defer { engine.stop() }
        let session = engine.session()
        switch round {
        case 1:
          try Self.fill(session)
          try session.runAll("SET leat.background_ddl = on", "CREATE MATERIALIZED VIEW v AS SELECT x FROM t WHERE x < 50")
          try Self.finish(engine)
          try session.runAll("CREATE MATERIALIZED VIEW w AS SELECT k FROM t", "CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT x FROM t")
          _ = try engine.stepBackfills()
        case 2:
          #expect(try session.texts("SELECT count(*) FROM v") == [["49"]])
          try Self.finish(engine)
          #expect(try session.texts("SELECT count(*) FROM v") == [["100"]])
          try session.runAll("SET leat.background_ddl = on", "CREATE MATERIALIZED VIEW x AS SELECT k FROM t")
          try session.runAll("DROP TABLE t CASCADE")
        default:
          #expect(try session.texts("SELECT count(*) FROM leat.relations WHERE schema = 'public'") == [["0"]])
          #expect(try session.texts("SELECT count(*) FROM leat.jobs") == [["0"]])
        }
      }
    }
  }

  @Test func aViewThatWasBegunIsFilledAfterARestart() throws {
    try Self.withDirectory { directory in
      do {
        let engine = try Self.stepped(directory: directory)
        defer { engine.stop() }
        let session = engine.session()
        try Self.fill(session)
        try session.runAll(
          "SET leat.background_ddl = on", "CREATE MATERIALIZED VIEW v AS SELECT g FROM t",
          "CREATE MATERIALIZED VIEW gone AS SELECT g FROM t")
        _ = try engine.stepBackfills()
        try session.runAll("CREATE TABLE later (a INT)", "DELETE FROM t WHERE k < 20", "DROP MATERIALIZED VIEW gone")
      }
      do {
        let engine = try Self.stepped(directory: directory)
        defer { engine.stop() }
        let session = engine.session()
        #expect(session.error(of: "SELECT * FROM gone")?.state == .undefinedTable)
        #expect(session.error(of: "SELECT * FROM v")?.state == .objectNotInPrerequisiteState)
        _ = try engine.stepBackfills()
        try session.runAll("DELETE FROM t WHERE k > 90")
        try Self.finish(engine)
        #expect(try session.texts("SELECT count(*) FROM v") == [["71"]])
        try session.runAll("CREATE TABLE last (a INT)")
      }
      for _ in 1...2 {
        let engine = try Self.stepped(directory: directory)
        defer { engine.stop() }
        let session = engine.session()
        #expect(try session.texts("SELECT count(*) FROM v") == [["71"]])
        #expect(try session.texts("SELECT count(*) FROM leat.jobs") == [["0"]])
        #expect(try session.texts("SELECT count(*) FROM later, last") == [["0"]])
      }
    }
  }

  /// A stream's rows lie in files: they are read again while others come.
  @Test func aViewOfAFileIsFilledWhileItGrows() throws {
    try Self.withDirectory { directory in
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      let path = directory + "/rows.jsonl"
      func append(_ numbers: ClosedRange<Int>) throws {
        let text = numbers.map { "{\"a\": \($0)}\n" }.joined()
        if !FileManager.default.fileExists(atPath: path) { try text.write(toFile: path, atomically: false, encoding: .utf8); return }
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
      }
      try append(1...1000)
      let data = directory + "/data"
      do {
        let engine = try Self.stepped(directory: data)
        defer { engine.stop() }
        let session = engine.session()
        try session.runAll(
          "CREATE STREAM s (a INT) WITH (connector = 'file', path = '\(path)', format = 'json', follow = true)",
          "SET leat.background_ddl = on", "CREATE MATERIALIZED VIEW first AS SELECT count(*) AS n, sum(a) AS s FROM s")
        try Self.finish(engine)
        while try session.texts("SELECT n FROM first") != [["1000"]] { usleep(1000) }
        try session.runAll("CREATE MATERIALIZED VIEW second AS SELECT count(*) AS n, sum(a) AS s FROM s")
        try append(1001...3000)
        while try session.texts("SELECT n FROM first") != [["3000"]] { usleep(1000) }
        _ = try engine.stepBackfills()
        try Self.finish(engine)
        #expect(try session.texts("SELECT * FROM second") == session.texts("SELECT * FROM first"))
        try append(3001...3100)
        while try session.texts("SELECT n FROM first") != [["3100"]] { usleep(1000) }
        #expect(try session.texts("SELECT * FROM second") == session.texts("SELECT * FROM first"))
        // Not readable any more: the view does not come to be, and the directory opens again.
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        try session.runAll("CREATE MATERIALIZED VIEW third AS SELECT a FROM s")
        #expect(try engine.stepBackfills() == 0)
        #expect(try session.texts("SELECT relation, state FROM leat.jobs WHERE state <> 'done'") == [["third", "failed"]])
        #expect(session.error(of: "SELECT * FROM third")?.state == .undefinedTable)
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
      }
      let engine = try Self.stepped(directory: data)
      defer { engine.stop() }
      let session = engine.session()
      #expect(try session.texts("SELECT n FROM second") == [["3100"]])
      #expect(session.error(of: "SELECT * FROM third")?.state == .undefinedTable)
    }
  }

  /// A statement in a thread and session of its own.
  private final class Statement: Sendable {
    private let token = CancelToken()
    private let outcome = Monitor<Result<Void, SQLError>?>(nil)
    private let thread = Monitor<Platform.Thread?>(nil)

    init(_ engine: Engine, _ sql: String) throws {
      let (token, outcome) = (token, outcome)
      let started = try Platform.Thread(named: "statement", stackBytes: 1 << 20) {
        do throws(SQLError) {
          try engine.session(cancelToken: token).run(sql) { $0.live?.close() }
          outcome.update { $0 = .success(()) }
        } catch { outcome.update { $0 = .failure(error) } }
      }
      thread.update { $0 = started }
    }

    /// How it ended; nil: without an error.
    func join() -> SQLState? {
      thread.withLock { $0 }?.join()
      if case .failure(let error)? = outcome.withLock({ $0 }) { return error.state }
      return nil
    }

    /// Cancels it until it ends: a cancellation before it has begun does nothing.
    func cancel() -> SQLState? {
      while outcome.withLock({ $0 == nil }) {
        token.cancel()
        usleep(2000)
      }
      return join()
    }
  }

  /// What the driver has not taken up is withdrawn: it is not done, and the statement need not wait for it.
  @Test func aWaitForABusyDriverCanBeCancelled() throws {
    let engine = try Engine()
    defer { engine.stop() }
    let session = engine.session()
    try session.runAll("CREATE TABLE t (a INT)")
    let gate = Monitor(false)
    try engine.submit(.inspect { _ in do { _ = try gate.wait(until: { $0 ? true : nil }) } catch { preconditionFailure("no limit") } })
    let statements = [
      "INSERT INTO t VALUES (1)", "CREATE TABLE u (a INT)", "SUBSCRIBE t", "SELECT count(*) FROM leat.operators",
      "BEGIN; INSERT INTO t VALUES (2); COMMIT",
    ]
    for sql in statements {
      let statement = try Statement(engine, sql)
      usleep(20_000)
      #expect(statement.cancel() == .queryCanceled, "\(sql)")
    }
    gate.update { $0 = true }
    #expect(try session.texts("SELECT count(*) FROM t") == [["0"]])
    #expect(session.error(of: "SELECT * FROM u")?.state == .undefinedTable)
  }

  /// The rows of a source that nobody has read yet come in after the view is there: cancelled in this time it goes again.
  @Test func cancellingTheWaitForASourcesFirstRowsTakesTheViewBack() throws {
    let engine = try Engine()
    defer { engine.stop() }
    let session = engine.session()
    try session.runAll("CREATE STREAM bid (price BIGINT) WITH (connector = 'nexmark', table = 'bid', events = 1000000000)")
    let statement = try Statement(engine, "CREATE MATERIALIZED VIEW v AS SELECT sum(price) AS s FROM bid")
    while try session.texts("SELECT rows > 0 FROM leat.sources") != [["t"]] { usleep(1000) }
    #expect(statement.cancel() == .queryCanceled)
    #expect(session.error(of: "SELECT * FROM v")?.state == .undefinedTable)
  }

  @Test func aFollowedQueryIsFilledInSlicesToo() throws {
    let engine = try Self.stepped()
    defer { engine.stop() }
    let session = engine.session()
    try Self.fill(session)
    let first = try Statement(engine, "SUBSCRIBE (SELECT sum(x) FROM t)")
    while try session.texts("SELECT state FROM leat.jobs WHERE kind = 'subscription'").isEmpty { usleep(1000) }
    _ = try engine.stepBackfills(3)
    try session.runAll("UPDATE t SET x = 0")
    try Self.finish(engine)
    #expect(first.join() == nil)
    let second = try Statement(engine, "SUBSCRIBE (SELECT max(x) FROM t)")
    while try session.texts("SELECT state FROM leat.jobs WHERE state = 'running'").isEmpty { usleep(1000) }
    try session.runAll("DROP TABLE t")
    #expect(second.join() == .undefinedTable)
    #expect(try session.texts("SELECT kind, state FROM leat.jobs") == [["subscription", "done"], ["subscription", "cancelled"]])
  }
}
