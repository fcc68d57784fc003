import Foundation
import Planner
import SQLCatalog
import SQLTypes
import Synchronization
import Testing

/// What the parser lets through, as deep as it may be, in each way in which queries nest.
private let deep: [(what: String, sql: String)] = [
  ("union", Array(repeating: "SELECT a FROM t", count: 150).joined(separator: " UNION ")),
  ("union all", Array(repeating: "SELECT a FROM t", count: 150).joined(separator: " UNION ALL ")),
  ("derived", nested("SELECT a FROM (", "SELECT a FROM t", ") AS q", 11)),
  ("derived groups", nested("SELECT a, count(*) AS n FROM (", "SELECT a FROM t", ") AS q GROUP BY a", 11)),
  ("joins", "SELECT 1 FROM t AS j0" + (1...38).map { " JOIN t AS j\($0) ON j\($0).a = j0.a" }.joined()),
  ("left joins", "SELECT 1 FROM t AS j0" + (1...38).map { " LEFT JOIN t AS j\($0) ON j\($0).a = j0.a" }.joined()),
  ("comma", "SELECT 1 FROM t AS j0" + (1...99).map { ", t AS j\($0)" }.joined()),
  ("expression", "SELECT a" + String(repeating: " + 1", count: 150) + " FROM t WHERE a" + String(repeating: " + 1", count: 150) + " > 0"),
  ("group key", "SELECT a" + String(repeating: " + 1", count: 100) + " FROM t GROUP BY a" + String(repeating: " + 1", count: 100)),
  ("case", nested("SELECT ", "a", " FROM t", 1).replacing("a", with: nested("CASE WHEN b = 1 THEN ", "1", " END", 30))),
  ("views", "SELECT a FROM v4"),
  ("with", "WITH c0 AS (SELECT a FROM t)" + (1...240).map { ", c\($0) AS (SELECT a FROM c\($0 - 1))" }.joined() + " SELECT a FROM c240"),
]

private func nested(_ open: String, _ middle: String, _ close: String, _ count: Int) -> String {
  String(repeating: open, count: count) + middle + String(repeating: close, count: count)
}

/// Each view nests as deep as the parser allows and names the one before.
private let catalog: TestCatalog = {
  var catalog = TestCatalog.standard
  for number in 0...200 {
    var view = Relation(
      id: RelationID(UInt64(100 + number)), name: "v\(number)", kind: .view,
      columns: [Relation.Column(name: "a", type: .integer)])
    view.definition = nested("SELECT a FROM (", "SELECT a FROM \(number == 0 ? "t" : "v\(number - 1)")", ") AS q", 10)
    catalog.relations.append(view)
  }
  return catalog
}()

/// A connection's thread has 1 MiB; whatever parses is planned or refused on three quarters of that.
@Test(arguments: deep)
func deepQueryFitsAConnectionsStack(what: String, sql: String) async {
  let answer = await onSmallStack { () -> String in
    do {
      return try catalog.query(sql, appliesRules: true).columns.isEmpty ? "no columns" : "planned"
    } catch let error as SQLError { return "\(error.state.code) \(error.message)" } catch { return "\(error)" }
  }
  #expect(answer == "planned", "\(what): \(answer)")
}

/// Few lines that would make an endless plan.
@Test(arguments: [
  "SELECT a FROM v30",
  "SELECT a FROM v200",
  "WITH c0 AS (SELECT a FROM t)" + (1...60).map { ", c\($0) AS (SELECT x.a FROM c\($0 - 1) AS x, c\($0 - 1) AS y)" }.joined()
    + " SELECT a FROM c60",
  "WITH c0 AS (SELECT a FROM t)" + (1...2000).map { ", c\($0) AS (SELECT a FROM c\($0 - 1))" }.joined() + " SELECT a FROM c2000",
  "SELECT 1 FROM t AS j0" + (1...5000).map { ", t AS j\($0)" }.joined(),
])
func endlessPlanIsRefused(sql: String) async {
  let answer = await onSmallStack { catalog.error(sql) }
  #expect(answer.hasPrefix("54001"), "\(answer)")
}

private func onSmallStack(_ body: @escaping @Sendable () -> String) async -> String {
  await withCheckedContinuation { continuation in
    let thread = Thread { continuation.resume(returning: body()) }
    #if DEBUG
      // Frames of an unoptimized build are several times as large; there, this tests the limits alone.
      thread.stackSize = 16 << 20
    #else
      thread.stackSize = 768 << 10
    #endif
    thread.start()
  }
}
