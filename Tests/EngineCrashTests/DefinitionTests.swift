import Engine
import Foundation
import SQLTypes
import SQLiteStorage
import Testing

/// Definitions over a restart.
@Suite struct DefinitionTests {
  private static func texts(_ session: Session, _ sql: String) throws(SQLError) -> [[String?]] {
    var rows: [[String?]] = []
    try session.run(sql) { (result) throws(SQLError) in rows += result.textRows }
    return rows
  }

  /// What cannot be built is not in the log: the engine goes on, and opens again.
  @Test func aRefusedDefinitionLeavesNothingBehind() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-definition-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    for round in 1...2 {
      let engine = try Engine(openLog: { () throws(SQLError) in try LeatDatabase.open(directory: directory) })
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
      #expect(try Self.texts(session, "SELECT a FROM m ORDER BY a") == (1...round).map { ["\($0)"] })
    }
  }
}
