import Columnar
import SQLTypes
import StateMemory
import Testing

@testable import Engine

/// A subscription's first rows are read by a snapshot, which it lets go of: it would keep a copy of every page that changes.
@Test func aSubscriptionHoldsNoSnapshot() throws {
  let engine = try Engine()
  defer { engine.stop() }
  let session = engine.session()
  try session.run("CREATE TABLE t (a INT)") { _ in }
  try session.run("INSERT INTO t VALUES (1), (2)") { _ in }
  try session.run("BEGIN") { _ in }
  for options in ["", " WITH (snapshot = false)"] {
    try session.run("DECLARE c CURSOR FOR SUBSCRIBE t\(options)") { _ in }
    #expect(engine.space.snapshots.openCount == 0)
    var count = 0
    try session.run("FETCH ALL c WITH (timeout = '1 ms')") { count = $0.rowCount }
    #expect(count == (options.isEmpty ? 2 : 0))
    try session.run("CLOSE c") { _ in }
  }
}
