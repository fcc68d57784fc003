import Engine
import Foundation
import SQLTypes
import SQLiteStorage
import Testing

/// A file that is away, or another one, when its directory is opened again stops its source and nothing else.
@Suite struct LostFileTests {
  private static func ask(_ session: Session, _ sql: String) throws(SQLError) -> (rows: [[String?]], warnings: [String]) {
    var rows: [[String?]] = []
    var warnings: [String] = []
    try session.run(sql) { (result) throws(SQLError) in
      rows += result.textRows
      warnings += result.notices.map { "\($0.state) \($0.message)" }
    }
    return (rows, warnings)
  }

  @Test func theOthersGoOnAndTheFileMayComeBack() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-lost-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/rows.jsonl"
    let content = (1...100).map { "{\"a\": \($0)}\n" }.joined()
    try content.write(toFile: path, atomically: false, encoding: .utf8)
    func withSession(_ body: (Session) throws -> Void) throws {
      let engine = try Engine(openLog: { () throws(SQLError) in try LogThread.open(directory: directory + "/data") })
      defer { engine.stop() }
      try body(engine.session())
    }
    try withSession { session in
      for statement in [
        "CREATE STREAM s (a INT) WITH (connector = 'file', path = '\(path)', format = 'json')",
        "CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM s", "CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)",
      ] { try session.run(statement) { _ in } }
      #expect(try Self.ask(session, "SELECT n FROM v").rows == [["100"]])
    }
    for (change, state) in [({ try FileManager.default.removeItem(atPath: path) }, "58P01"),
      ({ try content.replacing("\"a\"", with: "\"b\"").write(toFile: path, atomically: false, encoding: .utf8) }, "XX001")]
      as [(() throws -> Void, String)] {
      try change()
      try withSession { session in
        let (rows, warnings) = try Self.ask(session, "SELECT n FROM v")
        #expect(rows == [["0"]])
        #expect(warnings.count == 1 && warnings[0].hasPrefix("01000 the source of \"s\" has stopped: "), "\(state): \(warnings)")
        #expect(try Self.ask(session, "SELECT state, last_error <> '' FROM leat.sources").rows == [["failed", "t"]])
        let (count, none) = try Self.ask(session, "INSERT INTO t VALUES (2) RETURNING a")
        #expect(count == [["2"]] && none.isEmpty)
      }
    }
    try content.write(toFile: path, atomically: false, encoding: .utf8)
    try withSession { session in
      #expect(try Self.ask(session, "SELECT n FROM v").rows == [["100"]])
      let (rows, warnings) = try Self.ask(session, "SELECT count(*) FROM t")
      #expect(rows == [["3"]] && warnings.isEmpty)
    }
  }
}
