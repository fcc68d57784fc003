import Dataflow
@testable import Engine
import Foundation
import SQLTypes
import TestSupport
import Testing

/// Equal parts of views are kept once (DESIGN §3).
@Suite struct SharingTests {
  private static let nodes = "SELECT count(DISTINCT node) FROM leat.operators"

  private static func withSession(workers: Int = 1, _ body: (Session) throws -> Void) throws {
    let engine = try Engine(workers: workers)
    defer { engine.stop() }
    let session = engine.session()
    try session.runAll(
      "CREATE TABLE t (k INT PRIMARY KEY, g INT, x INT)", "CREATE TABLE names (g INT, name TEXT)",
      "INSERT INTO t VALUES (1, 1, 10), (2, 1, 20), (3, 2, 0)", "INSERT INTO names VALUES (1, 'one'), (2, 'two')")
    try body(session)
  }

  private static func operators(of view: String, _ session: Session) throws -> [String] {
    try session.texts("SELECT operator, node FROM leat.operators WHERE view = '\(view)'").map { "\($0[0] ?? "") \($0[1] ?? "")" }.sorted()
  }

  @Test(arguments: [1, 2]) func anEqualViewHasAnOutputOfItsOwnAlone(workers: Int) throws {
    try Self.withSession(workers: workers) { session in
      let query = "SELECT n.name, sum(t.x) AS s FROM t JOIN names n ON n.g = t.g WHERE t.x >= 0 GROUP BY n.name"
      try session.runAll("CREATE MATERIALIZED VIEW a AS \(query)")
      let before = Int(try session.texts(Self.nodes)[0][0] ?? "") ?? 0
      try session.runAll("INSERT INTO t VALUES (4, 2, 5)", "CREATE MATERIALIZED VIEW b AS \(query)")
      #expect(try session.texts(Self.nodes) == [["\(before + 1)"]])
      let (ofA, ofB) = (try Self.operators(of: "a", session), try Self.operators(of: "b", session))
      #expect(ofA.filter { !ofB.contains($0) }.count == 1 && ofA.count == ofB.count)
      // The first one goes; what they shared stays until the second one goes too.
      try session.runAll("DROP MATERIALIZED VIEW a", "UPDATE t SET x = x + 1", "DELETE FROM names WHERE g = 1")
      #expect(try session.texts("SELECT * FROM b") == [["two", "7"]])
      #expect(try session.texts(Self.nodes) == [["\(before)"]])
      try session.runAll("DROP MATERIALIZED VIEW b", "CREATE MATERIALIZED VIEW a AS \(query)")
      #expect(try session.texts("SELECT * FROM a") == [["two", "7"]])
    }
  }

  @Test func joinsOnOneKeyShareTheArrangement() throws {
    try Self.withSession { session in
      try session.runAll(
        "CREATE MATERIALIZED VIEW a AS SELECT t.k, n.name FROM t JOIN names n ON n.g = t.g WHERE t.x > 5",
        "CREATE MATERIALIZED VIEW b AS SELECT t.k, n.name FROM t LEFT JOIN names n ON n.g = t.g WHERE t.x < 15")
      let shared = try session.texts(
        "SELECT a.operator FROM leat.operators a JOIN leat.operators b ON a.node = b.node WHERE a.view = 'a' AND b.view = 'b'"
      ).map { $0[0] ?? "" }.sorted()
      #expect(shared == ["Arrange", "Scan", "Scan"])
      try session.runAll("DROP MATERIALIZED VIEW a", "INSERT INTO names VALUES (2, 'zwei')", "DELETE FROM names WHERE g = 1")
      #expect(try session.texts("SELECT k, name FROM b ORDER BY k, name") == [["1", nil], ["3", "two"], ["3", "zwei"]])
    }
  }

  @Test func equalPartsOfOneQueryAreOneNode() throws {
    try Self.withSession { session in
      try session.runAll(
        "CREATE MATERIALIZED VIEW v AS WITH s AS (SELECT g, sum(x) AS s FROM t GROUP BY g) SELECT a.g, a.s, b.s AS r FROM s a JOIN s b ON a.g = b.g")
      let operators = try Self.operators(of: "v", session).map { String($0.prefix { $0 != " " }) }
      #expect(operators.filter { $0 == "Aggregate" }.count == 1 && operators.filter { $0 == "Arrange" }.count == 1)
      try session.runAll("UPDATE t SET g = 2 WHERE k = 1")
      #expect(try session.texts("SELECT * FROM v ORDER BY g") == [["1", "20", "20"], ["2", "10", "10"]])
    }
  }

  /// An error row that a view's own filter sent is retracted by the one that stands in for it.
  @Test func aRowThatFailsInASharedPartMendsInEveryView() throws {
    try Self.withSession { session in
      try session.runAll(
        "CREATE MATERIALIZED VIEW a AS SELECT g FROM t WHERE 10 / x > 0",
        "CREATE MATERIALIZED VIEW b AS SELECT count(*) AS n FROM (SELECT g FROM t WHERE 10 / x > 0) AS q")
      #expect(try session.texts("SELECT n FROM b") == [])
      #expect(try session.sortedLines("SELECT relation FROM leat.errors") == ["a", "b"])
      try session.runAll("UPDATE t SET x = 1 WHERE k = 3")
      #expect(try session.texts("SELECT n FROM b") == [["2"]])
      #expect(try session.texts("SELECT relation FROM leat.errors") == [])
      try session.runAll("UPDATE t SET x = 0 WHERE k = 3", "DROP MATERIALIZED VIEW a")
      #expect(try session.texts("SELECT relation FROM leat.errors") == [["b"]])
    }
  }

  /// What differs in a constant's form, an escape or a cast alone is another operation.
  @Test(arguments: [
    ("SELECT g + 1.0 AS r FROM t", "SELECT g + 1.00 AS r FROM t"),
    ("SELECT name FROM names WHERE name LIKE 'o!_e' ESCAPE '!'", "SELECT name FROM names WHERE name LIKE 'o!_e' ESCAPE '#'"),
    ("SELECT CAST(name AS varchar(2)) AS r FROM names", "SELECT CAST(name AS varchar(1)) AS r FROM names"),
    ("SELECT g FROM t LIMIT 1", "SELECT g FROM t LIMIT 2"),
    ("SELECT count(x) AS r FROM t", "SELECT count(DISTINCT g) AS r FROM t"),
    ("SELECT min(x) AS r FROM t GROUP BY g", "SELECT max(x) AS r FROM t GROUP BY g"),
    ("SELECT timestamp '2024-01-01' AT TIME ZONE '+01:00' AS r FROM t", "SELECT timestamp '2024-01-01' AT TIME ZONE '+02:00' AS r FROM t"),
    ("SELECT 7 / g AS r FROM t", "SELECT 7 % g AS r FROM t"), ("SELECT least(x, g) AS r FROM t", "SELECT greatest(x, g) AS r FROM t"),
  ]) func whatDiffersIsNotShared(_ first: String, _ second: String) throws {
    try Self.withSession { session in
      try session.runAll("CREATE MATERIALIZED VIEW a AS \(first)", "CREATE MATERIALIZED VIEW b AS \(second)")
      try session.runAll("INSERT INTO t VALUES (9, 4, 8)", "INSERT INTO names VALUES (4, 'ove'), (5, 'o_e')")
      #expect(try session.sortedLines("SELECT * FROM a") == session.sortedLines(first))
      #expect(try session.sortedLines("SELECT * FROM b") == session.sortedLines(second))
      #expect(try session.sortedLines("SELECT * FROM a") != session.sortedLines("SELECT * FROM b"))
    }
  }

  @Test func aFollowedQuerySharesWithAViewAndLeavesIt() throws {
    try Self.withSession { session in
      let query = "SELECT g, count(*) AS n FROM t GROUP BY g"
      try session.runAll("CREATE MATERIALIZED VIEW v AS \(query)", "BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE (\(query))", "FETCH 2 FROM c", "ROLLBACK")
      try session.runAll("INSERT INTO t VALUES (7, 7, 7)")
      #expect(try session.sortedLines("SELECT * FROM v") == session.sortedLines(query))
    }
  }

  @Test func aReplacedViewTakesOverWhatItHasInCommonWithTheOldOne() throws {
    try Self.withSession { session in
      try session.runAll(
        "CREATE MATERIALIZED VIEW v AS SELECT g, count(*) AS n FROM t GROUP BY g", "CREATE MATERIALIZED VIEW above AS SELECT sum(n) AS n FROM v")
      let before = try Self.operators(of: "v", session)
      try session.runAll("CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT g, count(*) AS n FROM t GROUP BY g")
      #expect(try Self.operators(of: "v", session).filter { before.contains($0) }.count == before.count - 1)
      try session.runAll("DELETE FROM t WHERE k = 1")
      #expect(try session.texts("SELECT n FROM above") == [["2"]])
    }
  }

  // MARK: joins of new views over arrangements that are there

  /// What the job that is under way reads: how many relations, and how many arrangements.
  private static func reads(_ engine: Engine) throws -> [Int] {
    try engine.onDriver(CancelToken()) { [$0.jobs[0].gates.count, $0.jobs[0].cursors.count] }
  }

  private static func withStepped(workers: Int, rows: Int, _ body: (Engine, Session) throws -> Void) throws {
    var pace = BackfillPace()
    (pace.sliceRows, pace.isStepped) = (rows, true)
    let engine = try Engine(workers: workers, pace: pace)
    defer { engine.stop() }
    let session = engine.session()
    let rows = (1...60).map { "(\($0), \($0 % 7), \($0 % 5))" }.joined(separator: ", ")
    try session.runAll(
      "SET leat.background_ddl = on", "CREATE TABLE t (k INT PRIMARY KEY, g INT, x INT)", "CREATE TABLE names (g INT, name TEXT)",
      "INSERT INTO t VALUES \(rows)", "INSERT INTO names VALUES (1, 'one'), (2, 'two'), (2, 'zwei'), (3, 'three')",
      "CREATE MATERIALIZED VIEW a AS SELECT t.k, t.x, n.name FROM t LEFT JOIN names n ON n.g = t.g")
    while try engine.stepBackfills() > 0 {}
    try body(engine, session)
  }

  /// A new join copies no arrangement that is there, and reads no relation for it, while rows come and go on both sides and the view
  /// that it shares with is dropped.
  @Test(arguments: [
    // Both sides are there.
    (1, "SELECT n.name, sum(t.x) AS s, max(t.k) AS k FROM t LEFT JOIN names n ON n.g = t.g AND t.x > 1 GROUP BY n.name", gates: 0),
    (2, "SELECT n.name, sum(t.x) AS s, max(t.k) AS k FROM t LEFT JOIN names n ON n.g = t.g AND t.x > 1 GROUP BY n.name", gates: 0),
    // The left side is filtered, and so one of the view's own; or not, and rows fail above the join.
    (1, "SELECT t.k, n.name FROM t LEFT JOIN names n ON n.g = t.g WHERE t.x < 3", gates: 1),
    (1, "SELECT t.k, 12 / t.x AS q, n.name FROM t LEFT JOIN names n ON n.g = t.g", gates: 0),
    (2, "SELECT t.k, n.name FROM t LEFT JOIN names n ON n.g = t.g WHERE t.x < 3", gates: 1),
    (2, "SELECT t.k, 12 / t.x AS q, n.name FROM t LEFT JOIN names n ON n.g = t.g", gates: 0),
    // Both are one; dealt to workers, a left join's right side is another than its left.
    (1, "SELECT u.k AS l, t.k AS r FROM t u LEFT JOIN t ON u.g = t.g AND u.k < t.k AND u.x <> t.x", gates: 0),
    (2, "SELECT u.k AS l, t.k AS r FROM t u LEFT JOIN t ON u.g = t.g AND u.k < t.k AND u.x <> t.x", gates: 1),
  ]) func aNewJoinLooksIntoTheArrangementsThatAreThere(workers: Int, query: String, gates: Int) throws {
    try Self.withStepped(workers: workers, rows: 1) { engine, session in
      try session.runAll("CREATE MATERIALIZED VIEW b AS \(query)")
      let reads = try Self.reads(engine)
      #expect(reads == [gates, 1])
      var round = 0
      while try engine.stepBackfills() > 0 {
        round += 1
        switch round % 8 {
        case 1: try session.runAll("UPDATE t SET g = (g + 1) % 5 WHERE k % 9 = \(round % 9)")
        case 3: try session.runAll("INSERT INTO t VALUES (\(100 + round), \(round % 7), 3)")
        case 4: try session.runAll("DELETE FROM t WHERE k = \(round)", "INSERT INTO names VALUES (\(round % 7), 'n\(round)')")
        case 6: try session.runAll("DELETE FROM names WHERE g = \(round % 3)", "UPDATE t SET x = (x + 1) % 4 WHERE k < 5")
        default: break
        }
        if round == 20 { try session.runAll("DROP MATERIALIZED VIEW a") }
      }
      #expect(round > 30)
      func check() throws { #expect(try session.sortedLines("SELECT * FROM b") == session.sortedLines(query)) }
      try session.runAll("UPDATE t SET x = 1 WHERE x = 0")
      try check()
      try session.runAll("UPDATE t SET g = 2 WHERE k > 30", "DELETE FROM names WHERE name = 'two'")
      try check()
      try session.runAll("DELETE FROM t", "DELETE FROM names")
      #expect(try session.texts("SELECT sum(state_rows) FROM leat.operators") == [["0"]])
      try session.runAll("DROP MATERIALIZED VIEW b")
      // What is left are the tables.
      #expect(try engine.onDriver(CancelToken()) { $0.graph.nodeCount } == 2)
    }
  }

  /// A part that feeds an arrangement which is there, and something else in the new view, is one node of it: its rows that fail are told
  /// once. Found by the recompute test, which saw the part's state counted twice.
  @Test(arguments: [1, 2]) func aPartThatIsUsedTwiceIsListedOnce(workers: Int) throws {
    try Self.withSession(workers: workers) { session in
      let part = "(SELECT k, g FROM t WHERE 100 / x > 0) q"
      let join = "SELECT q.k, n.name FROM \(part) JOIN names n ON n.g = q.g"
      try session.runAll("CREATE MATERIALIZED VIEW a AS \(join)", "CREATE MATERIALIZED VIEW b AS \(join) UNION ALL SELECT q.k, 'alone' FROM \(part)")
      #expect(try session.sortedLines("SELECT relation FROM leat.errors") == ["a", "b"])
      #expect(try session.texts("SELECT view, node FROM leat.operators GROUP BY view, node HAVING count(*) > \(workers)").isEmpty)
      #expect(try session.sortedLines("SELECT * FROM b") == ["1|alone", "1|one", "2|alone", "2|one"])
      try session.runAll("DROP MATERIALIZED VIEW a", "UPDATE t SET x = 5 WHERE k = 3", "UPDATE t SET x = 0 WHERE k = 1")
      #expect(try session.sortedLines("SELECT relation FROM leat.errors") == ["b"])
      #expect(try session.sortedLines("SELECT * FROM b") == ["2|alone", "2|one", "3|alone", "3|two"])
      try session.runAll("DROP MATERIALIZED VIEW b")
      #expect(try session.texts(Self.nodes) == [["0"]])
    }
  }

  /// A replaced join reads the old one's arrangements, while those go with it that it does not need.
  @Test(arguments: [1, 2]) func aReplacedJoinTakesTheArrangementsOver(workers: Int) throws {
    try Self.withStepped(workers: workers, rows: 7) { engine, session in
      try session.runAll("CREATE MATERIALIZED VIEW above AS SELECT name, count(*) AS n FROM a GROUP BY name")
      while try engine.stepBackfills() > 0 {}
      let before = try engine.onDriver(CancelToken()) { $0.graph.nodeCount }
      let query = "SELECT t.k, t.x, n.name FROM t LEFT JOIN names n ON n.g = t.g AND t.k + t.x > 9"
      try session.runAll("CREATE OR REPLACE MATERIALIZED VIEW a AS \(query)")
      #expect(try Self.reads(engine)[1] == 1)
      for round in 0..<4 {
        _ = try engine.stepBackfills()
        try session.runAll("UPDATE t SET g = (g + 1) % 6 WHERE k % 4 = \(round)", "INSERT INTO names VALUES (\(round), 'more')")
      }
      while try engine.stepBackfills() > 0 {}
      #expect(try engine.onDriver(CancelToken()) { $0.graph.nodeCount } == before)
      #expect(try session.sortedLines("SELECT * FROM a") == session.sortedLines(query))
      #expect(try session.sortedLines("SELECT * FROM above") == session.sortedLines("SELECT name, count(*) AS n FROM (\(query)) q GROUP BY name"))
      try session.runAll("DROP MATERIALIZED VIEW a CASCADE")
      #expect(try engine.onDriver(CancelToken()) { $0.graph.nodeCount } == 2)
    }
  }

  /// Given up, a view leaves what it has used to those that were there before.
  @Test(arguments: [1, 2]) func aViewThatIsGivenUpLeavesTheArrangements(workers: Int) throws {
    try Self.withStepped(workers: workers, rows: 3) { engine, session in
      let before = try engine.onDriver(CancelToken()) { $0.graph.nodeCount }
      for end in ["DROP MATERIALIZED VIEW b", "DROP MATERIALIZED VIEW a"] {
        try session.runAll("CREATE MATERIALIZED VIEW b AS SELECT t.x, t.k FROM t LEFT JOIN names n ON n.g = t.g AND n.name < 'p'")
        _ = try engine.stepBackfills(2)
        #expect(try Self.reads(engine)[1] == 1)
        try session.runAll(end)
        if end.hasSuffix("b") { #expect(try engine.onDriver(CancelToken()) { $0.graph.nodeCount } == before) }
        try session.runAll("UPDATE t SET g = g + 1")
      }
      while try engine.stepBackfills() > 0 {}
      #expect(try session.sortedLines("SELECT * FROM b") == session.sortedLines("SELECT t.x, t.k FROM t LEFT JOIN names n ON n.g = t.g AND n.name < 'p'"))
      try session.runAll("DROP MATERIALIZED VIEW b")
      #expect(try engine.onDriver(CancelToken()) { $0.graph.nodeCount } == 2)
    }
  }

  /// Over a stream of a file nothing is read again.
  @Test func aNewJoinOverAStreamReadsItNotAgain() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "leat-share-\(UUID().uuidString).jsonl").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try (0..<300).map { "{\"k\": \($0 % 10), \"x\": \($0)}\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
    let engine = try Engine()
    defer { engine.stop() }
    let session = engine.session()
    try session.runAll(
      "CREATE STREAM s (k INT, x INT) WITH (connector = 'file', path = '\(path)', format = 'json')",
      "CREATE TABLE t (k INT, name TEXT)", "INSERT INTO t VALUES (1, 'one'), (3, 'three')",
      "CREATE MATERIALIZED VIEW a AS SELECT s.x, t.name FROM s JOIN t ON s.k = t.k")
    // A second reading would fail: the file has changed.
    try "no rows\n".write(toFile: path, atomically: true, encoding: .utf8)
    try session.runAll("CREATE MATERIALIZED VIEW b AS SELECT t.name, count(*) AS n, sum(s.x) AS x FROM s JOIN t ON s.k = t.k GROUP BY t.name")
    #expect(try session.sortedLines("SELECT * FROM b") == ["one|30|4380", "three|30|4440"])
  }
}
