import Engine
import Foundation
import Platform
import SQLTypes
import SQLiteStorage
import Synchronization
import TestSupport
import Testing

/// Runs `body` in so many threads at once, each with its number and a session.
private func inSessions(_ count: Int, _ engine: Engine, _ body: @escaping @Sendable (Int, Session) throws(SQLError) -> Void) throws {
  let errors = Mutex([String]())
  let threads = try (0..<count).map { number in
    try Platform.Thread(named: "session \(number)", stackBytes: 1 << 20) {
      do throws(SQLError) { try body(number, engine.session()) } catch { errors.withLock { $0.append("\(error)") } }
    }
  }
  for thread in threads { thread.join() }
  #expect(errors.withLock { $0 } == [])
}

/// - Returns: the one number that the query gives.
private func number(_ query: String, _ session: Session) throws(SQLError) -> Int? {
  var number: Int?
  try session.run(query) { number = $0.textRows.first?.first.flatMap { $0 }.flatMap { Int($0) } }
  return number
}

/// - Returns: how many rows a statement changed, as its tag tells; 0 after 23505.
private func affected(_ statement: String, _ session: Session) throws(SQLError) -> Int {
  var count = 0
  do throws(SQLError) {
    try session.run(statement) { count = $0.tag.split(separator: " ").last.flatMap { Int($0) } ?? 0 }
  } catch {
    guard error.state == .uniqueViolation else { throw error }
  }
  return count
}

@Suite struct GroupCommitTests {
  /// Requests that share a tick touch different rows: had two changed the same row, a count would be lost or counted twice.
  @Test func sessionsThatMeetAtTheSameRowsLoseNothing() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-group-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let open: @Sendable () throws(SQLError) -> LogThread = { () throws(SQLError) in try LogThread.open(directory: directory) }
    let queries = [
      "SELECT count(*) FROM keys", "SELECT count(DISTINCT id) FROM keys", "SELECT n FROM key_count", "SELECT sum(n) FROM counters",
      "SELECT n FROM counter_sum", "SELECT count(*) FROM bag", "SELECT n FROM bag_count",
    ]
    var before: [Int?] = []
    do {
      let engine = try Engine(openLog: open)
      defer { engine.stop() }
      let session = engine.session()
      try session.run(
        """
        CREATE TABLE keys (id int PRIMARY KEY, writer int);
        CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL);
        CREATE TABLE bag (value int);
        CREATE MATERIALIZED VIEW key_count AS SELECT count(*) AS n FROM keys;
        CREATE MATERIALIZED VIEW counter_sum AS SELECT sum(n) AS n FROM counters;
        CREATE MATERIALIZED VIEW bag_count AS SELECT count(*) AS n FROM bag;
        INSERT INTO counters VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0);
        """) { _ in }
      let counted = Mutex((keys: 0, counters: 0, bag: 0))
      try inSessions(8, engine) { (writer, session) throws(SQLError) in
        var random = SeededRandom(seed: UInt64(writer))
        for key in (0..<60).shuffled(using: &random) {
          let inserted = try affected("INSERT INTO keys VALUES (\(key), \(writer))", session)
          let added = try affected("UPDATE counters SET n = n + 1 WHERE id = \(random.next() % 10)", session)
          let value = random.next() % 5
          var kept = try affected("INSERT INTO bag VALUES (\(value)), (\(random.next() % 5))", session)
          if random.next() % 3 == 0 { kept -= try affected("DELETE FROM bag WHERE value = \(value)", session) }
          counted.withLock {
            $0.keys += inserted
            $0.counters += added
            $0.bag += kept
          }
        }
      }
      for query in queries { before.append(try number(query, session)) }
      let (keys, counters, bag) = counted.withLock { $0 }
      #expect(keys == 60 && counters == 8 * 60)
      #expect(before == [keys, keys, keys, counters, counters, bag, bag])
    }
    let engine = try Engine(openLog: open)
    defer { engine.stop() }
    let session = engine.session()
    #expect(try queries.map { try number($0, session) } == before)
  }
}

@Suite(.serialized) struct LongInsertRateTests {
  /// Single rows inserted into one table with a view above it, for COUNT seconds each by 1 and by 16 sessions.
  @Test(.enabled(if: LongRun.current != nil), arguments: [1, 16], ["on", "off"])
  func inserts(sessions: Int, synchronousCommit: String) throws {
    let seconds = try #require(LongRun.current).count
    let directory = FileManager.default.temporaryDirectory.appending(path: "leat-rate-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let engine = try Engine(openLog: { () throws(SQLError) in try LogThread.open(directory: directory) })
    defer { engine.stop() }
    try engine.session().run(
      "CREATE TABLE t (id int PRIMARY KEY, v int); CREATE MATERIALIZED VIEW g AS SELECT v % 100 AS k, sum(v) AS s FROM t GROUP BY v % 100"
    ) { _ in }
    let took = Mutex([Int64]())
    let clock = SystemClock()
    let end = clock.monotonicNanoseconds + Int64(seconds) * 1_000_000_000
    try inSessions(sessions, engine) { (writer, session) throws(SQLError) in
      try session.run("SET synchronous_commit = \(synchronousCommit)") { _ in }
      var id = writer
      var own: [Int64] = []
      var start = clock.monotonicNanoseconds
      while start < end {
        try session.run("INSERT INTO t VALUES (\(id), \(id))") { _ in }
        id += sessions
        let now = clock.monotonicNanoseconds
        own.append(now - start)
        start = now
      }
      took.withLock { [own] in $0 += own }
    }
    let sorted = took.withLock { $0.sorted() }
    #expect(try number("SELECT count(*) FROM t", engine.session()) == sorted.count)
    let ticks = try engine.takeTickDurations()
    print(
      "figures: \(sessions) sessions, synchronous_commit = \(synchronousCommit): \(sorted.count / seconds) inserts/s,",
      "p50 \(sorted[sorted.count / 2] / 1000) µs, p99 \(sorted[sorted.count * 99 / 100] / 1000) µs;",
      "\(ticks.whole.count) ticks, p50 \(ticks.whole.quantile(0.5) / 1000) µs, p99 \(ticks.whole.quantile(0.99) / 1000) µs")
  }
}
