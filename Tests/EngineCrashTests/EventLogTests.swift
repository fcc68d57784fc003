import Engine
import Foundation
import SQLTypes
import Synchronization
import TestSupport
import Testing

/// What happens to an instance is told in `leat.log` and to whoever runs it.
@Suite struct EventLogTests {
  private final class Told: Sendable {
    let events = Mutex<[EngineEvent]>([])
    var lines: [String] { events.withLock { $0.map { "\($0.severity.rawValue) \($0.message)" } } }
  }

  @Test func refusedRecordsAndFailingRowsAreTold() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "leat-events-\(UUID().uuidString).jsonl").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let good = (1...3).map { "{\"k\": \($0)}\n" }.joined()
    try (good + String(repeating: "{\"k\": \"no number\"}\n", count: 12)).write(toFile: path, atomically: true, encoding: .utf8)
    let told = Told()
    let engine = try Engine(onEvent: { event in told.events.withLock { $0.append(event) } })
    defer { engine.stop() }
    let session = engine.session()
    try session.runAll(
      "CREATE STREAM s (k INT) WITH (connector = 'file', path = '\(path)', format = 'json')", "CREATE TABLE t (x INT)",
      "CREATE MATERIALIZED VIEW v AS SELECT 6 / x AS y FROM t")
    #expect(try session.texts("SELECT count(*) FROM s") == [["3"]])
    try session.runAll("INSERT INTO t VALUES (0)", "INSERT INTO t VALUES (0), (1)", "UPDATE t SET x = 2")
    let refused = told.lines.filter { $0.hasPrefix("WARNING the source of \"s\" has had ") }
    #expect(!refused.isEmpty && refused.count <= 3 && refused.last?.contains("records refused, the last one at offset ") == true)
    #expect(
      told.lines.filter { $0.contains("view \"v\"") } == [
        "WARNING 1 row of view \"v\" cannot be computed; see leat.errors", "LOG all rows of view \"v\" can be computed again",
      ])
    #expect(try session.texts("SELECT severity || ' ' || message FROM leat.log").map { $0[0] ?? "" } == told.lines)
    #expect(try session.texts("SELECT count(*) FROM leat.log WHERE at > now() - INTERVAL '1 hour' AND at <= now() + INTERVAL '1 minute'") == [["\(told.lines.count)"]])
    let line = try #require(told.events.withLock { $0.last?.line })
    #expect(line.hasPrefix("20") && line.hasSuffix("+00 LOG:  all rows of view \"v\" can be computed again\n"))
  }
}
