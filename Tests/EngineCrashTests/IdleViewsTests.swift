import Columnar
import Dataflow
@testable import Engine
import SQLCatalog
import SQLTypes
import TestSupport
import Testing

/// A thousand views of other tables cost a tick nothing: as many nodes run for its row as without them.
@Test(arguments: [1, 2]) func idleViewsDoNotRun(workers: Int) throws {
  let engine = try Engine(workers: workers)
  defer { engine.stop() }
  let session = engine.session()
  try session.runAll(
    "CREATE TABLE t (a INT, b INT)", "CREATE TABLE u (a INT, b INT)", "CREATE TABLE busy (a INT)",
    "INSERT INTO t VALUES (1, 2), (3, 4)", "INSERT INTO u VALUES (1, 5)",
    "CREATE MATERIALIZED VIEW counts AS SELECT a, count(*) AS n FROM busy GROUP BY a")

  /// How many nodes run for a row of `busy`.
  func nodesRun() throws -> Int {
    try engine.onDriver(CancelToken()) { driver in
      guard let id = driver.catalog.relation(schema: "public", name: "busy")?.id, let root = driver.relations[id]?.root else { return 0 }
      driver.graph.push(Batch(count: 1, columns: [.constant(Int32(7), .int32, count: 1)]), to: root)
      driver.graph.endTick()
      return driver.graph.takeTick().ended.count
    }
  }
  let before = try nodesRun()
  #expect(before >= 4)
  for number in 0..<1000 {
    let query =
      switch number % 3 {
      case 0: "SELECT a, b FROM t WHERE a > \(number)"
      case 1: "SELECT a, sum(b + \(number)) AS s FROM t GROUP BY a"
      default: "SELECT t.a, u.b + \(number) AS b FROM t JOIN u ON t.a = u.a"
      }
    try session.runAll("CREATE MATERIALIZED VIEW v\(number) AS \(query)")
  }
  #expect(try engine.onDriver(CancelToken()) { $0.graph.nodeCount } > 2000)
  #expect(try nodesRun() == before)
}
