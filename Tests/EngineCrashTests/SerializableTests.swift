import Engine
import Foundation
import Platform
import SQLTypes
import Synchronization
import TestSupport
import Testing

/// Serializable transactions have an order in which each would have read what it has read (DESIGN §9.3).
@Suite struct SerializableTests {
  /// Doctors who leave only if another one stays: with REPEATABLE READ the last two leave at once, sooner or later.
  @Test func nobodyLeavesOnWhatIsNotTrueAnyMore() throws {
    let engine = try Engine(workers: 2)
    defer { engine.stop() }
    let session = engine.session()
    try session.runAll(
      "CREATE TABLE shifts (doctor INT PRIMARY KEY, on_call BOOLEAN)", "INSERT INTO shifts VALUES (0, true), (1, true), (2, true), (3, true)",
      "CREATE MATERIALIZED VIEW on_call AS SELECT count(*) AS n FROM shifts WHERE on_call")
    let outcomes = Mutex((commits: 0, conflicts: 0))
    let threads = try (0..<4).map { doctor in
      try Platform.Thread(named: "doctor \(doctor)", stackBytes: 1 << 20) {
        let session = engine.session()
        for round in 0..<200 {
          do throws(SQLError) {
            try session.runAll("BEGIN ISOLATION LEVEL SERIALIZABLE")
            // One reads the view, another one the table.
            let query = round % 2 == 0 ? "SELECT n FROM on_call" : "SELECT count(*) FROM shifts WHERE on_call"
            let others = Int(try session.texts(query)[0][0] ?? "") ?? 0
            try session.runAll("UPDATE shifts SET on_call = \(others < 2) WHERE doctor = \(doctor)", "COMMIT")
            outcomes.withLock { $0.commits += 1 }
          } catch {
            if error.state != .serializationFailure { Issue.record("\(error)") }
            outcomes.withLock { $0.conflicts += 1 }
          }
        }
      }
    }
    var least = 4
    for _ in 0..<2000 { least = min(least, Int(try session.texts("SELECT n FROM on_call")[0][0] ?? "") ?? 0) }
    for thread in threads { thread.join() }
    #expect(least >= 1)
    let (commits, conflicts) = outcomes.withLock { $0 }
    #expect(commits + conflicts == 800 && commits > 100)
  }
}
