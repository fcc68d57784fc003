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

/// A large relation's rows are read as the client takes them, as they were when the subscription began, and then what has changed.
@Test func aLargeRelationIsReadAsItsRowsAreTaken() throws {
  let engine = try Engine()
  defer { engine.stop() }
  let (session, writer) = (engine.session(), engine.session())
  let digits = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))"
  try session.run("CREATE TABLE t (a INT PRIMARY KEY)") { _ in }
  try session.run(
    "INSERT INTO t SELECT a.n * 10000 + b.n * 1000 + c.n * 100 + d.n * 10 + e.n FROM \(digits) a(n), \(digits) b(n), \(digits) c(n), \(digits) d(n), \(digits) e(n)"
  ) { _ in }
  try session.run("BEGIN") { _ in }
  try session.run("DECLARE c CURSOR FOR SUBSCRIBE t") { _ in }
  #expect(engine.space.snapshots.openCount == 1)
  try writer.run("DELETE FROM t WHERE a % 2 = 0") { _ in }
  var sums: [String: (count: Int, sum: Int)] = [:]
  func fetch(_ statement: String) throws {
    try session.run(statement) { result in
      for row in result.textRows {
        let old = sums[row[1] ?? ""] ?? (0, 0)
        sums[row[1] ?? ""] = (old.count + 1, old.sum + (Int(row[2] ?? "") ?? 0))
      }
    }
  }
  try fetch("FETCH 1000 c")
  #expect(engine.space.snapshots.openCount == 1 && sums["1"]?.count == 1000)
  try fetch("FETCH ALL c WITH (timeout = '10 ms')")
  #expect(engine.space.snapshots.openCount == 0)
  #expect(sums["1"]?.count == 100_000 && sums["1"]?.sum == 99_999 * 50_000)
  #expect(sums["-1"]?.count == 50_000 && sums["-1"]?.sum == 49_999 * 50_000)
  // Dropped while it is being read, the reader is told.
  try session.run("CLOSE c") { _ in }
  try writer.run("INSERT INTO t SELECT a + 100001 FROM t") { _ in }
  try writer.run("INSERT INTO t SELECT a + 300001 FROM t") { _ in }
  try session.run("DECLARE c CURSOR FOR SUBSCRIBE t") { _ in }
  try writer.run("DROP TABLE t") { _ in }
  #expect { try session.run("FETCH ALL c") { _ in } } throws: { ($0 as? SQLError)?.state == .undefinedTable }
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
