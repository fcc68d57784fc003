import Engine
import Foundation
import SQLTypes
import TestSupport
import Testing

/// A stream's columns are decoded when somebody reads them; who comes later gets what it reads, from before and from after.
@Suite struct NeededColumnsTests {
  @Test func readersOfFurtherColumnsComeWhileTheSourceRuns() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "leat-columns-\(UUID().uuidString).jsonl").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    func lines(_ numbers: ClosedRange<Int>) -> Data {
      // Every tenth lacks a column that must be there: it is refused, whoever reads that column.
      Data(numbers.map { "{\"a\": \($0), \"b\": \"b\($0)\"\($0 % 10 == 0 ? "" : ", \"c\": \($0 * 2)"), \"d\": {\"x\": \($0)}}\n" }.joined().utf8)
    }
    try lines(1...2000).write(to: URL(filePath: path))
    func append(_ numbers: ClosedRange<Int>) throws {
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.seekToEnd()
      try file.write(contentsOf: lines(numbers))
      try file.close()
    }
    let engine = try Engine()
    defer { engine.stop() }
    let session = engine.session()
    func run(_ sql: String) throws { try session.run(sql) { _ in } }
    func waitFor(_ count: Int, in view: String) throws {
      for _ in 0..<20_000 {
        if try session.texts("SELECT count(*) FROM \(view)") == [["\(count)"]] { return }
        usleep(1000)
      }
      Issue.record("\(view) has \(try session.texts("SELECT count(*) FROM \(view)")) rows, not \(count)")
    }
    try run(
      "CREATE STREAM s (a INT, b TEXT, c INT NOT NULL, d TEXT) WITH (connector = 'file', path = '\(path)', format = 'json', follow = true)")
    try run("CREATE MATERIALIZED VIEW firsts AS SELECT a FROM s")
    try waitFor(1800, in: "firsts")
    // It starts again where it stands, amid what is appended.
    try append(2001...4000)
    try run("CREATE MATERIALIZED VIEW seconds AS SELECT b, c FROM s WHERE c > 10")
    try append(4001...6000)
    try waitFor(5400, in: "firsts")
    try waitFor(5395, in: "seconds")
    try session.run("SUBSCRIBE s WITH (snapshot = false)") { (result) throws(SQLError) in
      guard let live = result.live else {
        Issue.record("a subscription is live")
        return
      }
      defer { live.close() }
      do { try append(6001...6002) } catch { Issue.record(error) }
      var rows: [[String?]] = []
      while rows.count < 2, let batches = try live.next(timeoutMilliseconds: 1000) {
        var part = result
        part.batches = batches
        rows += part.textRows.map { Array($0.dropFirst(2)) }
      }
      #expect(rows == [["6001", "b6001", "12002", "{\"x\": 6001}"], ["6002", "b6002", "12004", "{\"x\": 6002}"]])
    }
    try run("DROP MATERIALIZED VIEW seconds")
    try append(6003...6009)
    try waitFor(5409, in: "firsts")
    #expect(try session.texts("SELECT sum(a), count(b), sum(c), count(d) FROM s")
      == session.texts("SELECT sum(a), count(*), 2 * sum(a), count(*) FROM firsts"))
    #expect(try session.texts("SELECT rows, refused_rows FROM leat.sources") == [["5409", "600"]])
  }
}
