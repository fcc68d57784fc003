@testable import Engine
import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes
import TestSupport
import Testing

/// One row of a table, found by its key: by statements that write in one of some thousand rows, by queries in larger ones.
@Suite struct KeyLookUpTests {
  private static let digits = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))"

  /// `t` has the keys (0, 'k0') to (299999, 'k299999'), and `x` of the number.
  private static func filled() throws -> (Engine, Session) {
    let engine = try Engine()
    let session = engine.session()
    let thirty = "(VALUES \((0..<30).map { "(\($0))" }.joined(separator: ", ")))"
    try session.runAll(
      "CREATE TABLE t (a INT, b TEXT, x INT, PRIMARY KEY (a, b))",
      "INSERT INTO t SELECT n, 'k' || n, n FROM (SELECT e.n * 10000 + a.n * 1000 + b.n * 100 + c.n * 10 + d.n AS n FROM \(thirty) e (n), \(digits) a (n), \(digits) b (n), \(digits) c (n), \(digits) d (n)) AS q")
    return (engine, session)
  }

  @Test func statementsFindTheRowOfAKey() throws {
    let (engine, session) = try Self.filled()
    defer { engine.stop() }
    let key = "a = 4711 AND b = 'k4711'"
    #expect(try session.texts("SELECT x FROM t WHERE \(key)") == [["4711"]])
    #expect(try session.texts("SELECT x FROM t WHERE x > 0 AND 'k4711' = b AND 4711 = a") == [["4711"]])
    #expect(try session.texts("SELECT x FROM t WHERE \(key) AND x < 0") == [])
    #expect(try session.texts("SELECT x FROM t WHERE a = 4711 AND b = 'k4712'") == [])
    #expect(try session.texts("SELECT x FROM t WHERE a = 4711 AND b = NULL") == [])
    #expect(try session.texts("SELECT count(*) FROM t WHERE a = 4711 OR b = 'k12'") == [["2"]])
    #expect(try session.texts("SELECT count(*) FROM t JOIN t u ON u.a = t.a + 1 WHERE t.a = 4711 AND t.b = 'k4711'") == [["1"]])
    #expect(try session.texts("UPDATE t SET x = -1 WHERE \(key) RETURNING a, x") == [["4711", "-1"]])
    #expect(try session.texts("SELECT x FROM t WHERE \(key)") == [["-1"]])
    #expect(try session.texts("DELETE FROM t WHERE \(key) RETURNING x") == [["-1"]])
    #expect(try session.texts("SELECT x FROM t WHERE \(key)") == [])
    #expect(try session.texts("SELECT count(*) FROM t") == [["299999"]])
  }

  @Test func aTransactionSeesItsOwnWritesAndItsTick() throws {
    let (engine, session) = try Self.filled()
    defer { engine.stop() }
    let other = engine.session()
    let row = "SELECT x FROM t WHERE a = 1 AND b = 'k1'", none = "SELECT x FROM t WHERE a = -1 AND b = 'new'"
    try session.runAll("BEGIN ISOLATION LEVEL REPEATABLE READ")
    #expect(try session.texts(row) == [["1"]])
    try other.runAll("UPDATE t SET x = 100 WHERE a = 1 AND b = 'k1'", "INSERT INTO t VALUES (-1, 'new', 7)", "DELETE FROM t WHERE a = 2 AND b = 'k2'")
    #expect(try session.texts(row) == [["1"]])
    #expect(try session.texts(none) == [])
    #expect(try session.texts("SELECT x FROM t WHERE a = 2 AND b = 'k2'") == [["2"]])
    #expect(try other.texts(row) == [["100"]])
    #expect(try other.texts(none) == [["7"]])
    try session.runAll("ROLLBACK", "BEGIN", "UPDATE t SET x = 5 WHERE a = 3 AND b = 'k3'", "INSERT INTO t VALUES (-2, 'own', 8)")
    #expect(try session.texts("SELECT x FROM t WHERE a = 3 AND b = 'k3'") == [["5"]])
    #expect(try session.texts("SELECT x FROM t WHERE a = -2 AND b = 'own'") == [["8"]])
    try session.runAll("DELETE FROM t WHERE a = 3 AND b = 'k3'")
    #expect(try session.texts("SELECT x FROM t WHERE a = 3 AND b = 'k3'") == [])
    try session.runAll("COMMIT")
    #expect(try other.texts("SELECT count(*) FROM t WHERE a = 3 AND b = 'k3'") == [["0"]])
  }

  /// Which conditions name one row.
  @Test(arguments: [
    ("a = 1 AND b = 'x'", true), ("b = 'x' AND a = 1 AND x = 3", true), ("a = 1", false), ("a = 1 OR b = 'x'", false),
    ("a = 1 AND b > 'x'", false), ("a = 1 AND NOT (b = 'x')", false), ("a = x AND b = 'x'", false), ("a = 1.5 AND b = 'x'", false),
  ]) func theKeyIsComparedWithConstants(_ condition: String, _ isFound: Bool) throws {
    let engine = try Engine()
    defer { engine.stop() }
    let session = engine.session()
    try session.runAll("CREATE TABLE t (a INT, b TEXT, x INT, PRIMARY KEY (a, b))")
    guard case .query(let query) = try Parser.parseStatement("SELECT x FROM t WHERE \(condition)").kind else { return }
    let planned = try QueryBinder.plan(query, context: BindingContext(names: engine.published.catalog)).optimized()
    #expect(planned.plan.keyLookUps { _ in [0, 1] }.count == (isFound ? 1 : 0))
  }
}
