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

/// A query that is kept for its follower is filled between ticks, while others hold snapshots of the same tick: its rows are its
/// own, whoever looked at its pages before they were written. Found by the fuzzer of conversations.
@Test func aFollowedQuerysRowsAreThereWhileTheTickIsHeld() throws {
  let engine = try Engine()
  defer { engine.stop() }
  let (writer, holder) = (engine.session(), engine.session())
  try writer.run("CREATE TABLE t (a INT)") { _ in }
  try writer.run("INSERT INTO t VALUES (1), (2), (3)") { _ in }
  try holder.run("BEGIN ISOLATION LEVEL REPEATABLE READ") { _ in }
  try holder.run("SELECT * FROM t") { _ in }
  var readers: [Session] = []
  for round in 0..<20 {
    let reader = engine.session()
    readers.append(reader)
    try reader.run("BEGIN ISOLATION LEVEL REPEATABLE READ") { _ in }
    try reader.run("SELECT count(*) FROM t") { _ in }
    let follower = engine.session()
    try follower.run("BEGIN") { _ in }
    try follower.run("DECLARE c CURSOR FOR SUBSCRIBE (SELECT a + \(round) AS b FROM t)") { _ in }
    var rows: [String?] = []
    try follower.run("FETCH ALL c") { rows = $0.textRows.map { $0[2] } }
    #expect(rows.compactMap { $0 }.sorted() == (1...3).map { "\($0 + round)" }.sorted())
    try follower.run("COMMIT") { _ in }
    if round % 3 == 2 { try readers.removeFirst().run("COMMIT") { _ in } }
  }
}
