import Engine
import Foundation
import SQLTypes
import SQLiteStorage
import TestSupport
import Testing

/// Definitions over a restart.
@Suite struct DefinitionTests {
  /// What cannot be built is not in the log: the engine goes on, and opens again.
  @Test func aRefusedDefinitionLeavesNothingBehind() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-definition-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    for round in 1...2 {
      let engine = try Engine(openLog: { () throws(SQLError) in try LogThread.open(directory: directory) })
      defer { engine.stop() }
      let session = engine.session()
      if round == 1 {
        try session.run("CREATE TABLE t (a INT PRIMARY KEY)") { _ in }
        try session.run("CREATE MATERIALIZED VIEW m AS SELECT a FROM t") { _ in }
      }
      for definition in [
        "CREATE MATERIALIZED VIEW v AS VALUES (1), (1/0)", "CREATE OR REPLACE MATERIALIZED VIEW m AS VALUES (1), (1/0)",
      ] {
        #expect { try session.run(definition) { _ in } } throws: { ($0 as? SQLError)?.state == .divisionByZero }
      }
      try session.run("INSERT INTO t VALUES (\(round))") { _ in }
      #expect(try session.texts("SELECT a FROM m ORDER BY a") == (1...round).map { ["\($0)"] })
    }
  }

  /// Clients keep object ids: a relation's stays over a restart, and over what is made and dropped beside it.
  @Test func objectIDsStayOverARestart() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-oids-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let query = "SELECT c.relname, c.oid, c.reltype, k.oid FROM pg_class c LEFT JOIN pg_constraint k ON k.conindid = c.oid "
      + "WHERE c.oid >= 16384 ORDER BY 1"
    var before: [[String?]] = []
    for round in 1...2 {
      let engine = try Engine(openLog: { () throws(SQLError) in try LogThread.open(directory: directory) })
      defer { engine.stop() }
      let session = engine.session()
      if round == 1 {
        try session.run("CREATE TABLE gone (a INT)") { _ in }
        try session.run("CREATE TABLE t (a INT PRIMARY KEY)") { _ in }
        try session.run("CREATE VIEW v AS SELECT a FROM t") { _ in }
        try session.run("DROP TABLE gone") { _ in }
        before = try session.texts(query)
        #expect(before.map { $0[0] } == ["t", "t_pkey", "v"])
      } else {
        #expect(try session.texts(query) == before)
        try session.run("CREATE TABLE later (a INT)") { _ in }
        #expect(try session.texts(query).filter { $0[0] != "later" } == before)
      }
    }
  }

  /// A log holds for any number of workers: what four made, one and two find again, and go on with.
  @Test func anotherNumberOfWorkersFindsTheSame() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-workers-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let rows = (0..<5000).map { "(\($0), \($0 % 37), \($0 == 5 ? 0 : 1 + $0 % 11))" }.joined(separator: ", ")
    var answers: [[[String?]]] = []
    for workers in [4, 1, 2] {
      let engine = try Engine(workers: workers, openLog: { () throws(SQLError) in try LogThread.open(directory: directory) })
      defer { engine.stop() }
      let session = engine.session()
      if answers.isEmpty {
        try session.run("CREATE TABLE t (a INT PRIMARY KEY, b INT, c INT)") { _ in }
        try session.run("CREATE MATERIALIZED VIEW g AS SELECT b, count(*) AS n, sum(100 / c) AS s FROM t GROUP BY b") { _ in }
        try session.run("CREATE MATERIALIZED VIEW j AS SELECT g.b, t.a, g.n FROM g LEFT JOIN t ON g.b = t.a AND t.c > 3") { _ in }
        try session.run("INSERT INTO t VALUES \(rows)") { _ in }
      } else {
        try session.run("UPDATE t SET c = c + 1 WHERE a = \(workers)") { _ in }
        try session.run("UPDATE t SET c = c - 1 WHERE a = \(workers)") { _ in }
      }
      answers.append(
        try session.texts("SELECT * FROM g ORDER BY b") + session.texts("SELECT * FROM j ORDER BY b, a")
          + session.texts("SELECT sqlstate, count(*) FROM leat.errors GROUP BY sqlstate"))
    }
    #expect(answers[0].count > 70 && answers[0] == answers[1] && answers[0] == answers[2])
  }

  /// The workers of an engine that does not start have ended.
  @Test func anEngineThatDoesNotStartLeavesNoWorker() {
    do throws(SQLError) {
      _ = try Engine(workers: 3, openLog: { () throws(SQLError) in throw SQLError(.dataCorrupted, "a damaged log") })
      Issue.record("the log's error is thrown")
    } catch { #expect(error.state == .dataCorrupted) }
  }
}
