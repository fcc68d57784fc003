import Engine
import Foundation
import SQLTypes
import TestSupport
import Testing

/// Frames of debug builds are several times larger; the parser's limits are for release builds.
#if DEBUG
  private let isOptimized = false
#else
  private let isOptimized = true
#endif

/// Runs a statement on a thread with half the stack of a connection's (512 KiB); overflowing it ends the tests.
private func answer(_ sql: String) -> Result<[[String?]], SQLError> {
  let done = DispatchSemaphore(value: 0)
  nonisolated(unsafe) var answer: Result<[[String?]], SQLError> = .success([])  // read only behind `done`
  let thread = Thread {
    do throws(SQLError) {
      var rows: [[String?]] = []
      try inMemorySession().run(sql) { (result) throws(SQLError) in rows += result.textRows }
      answer = .success(rows)
    } catch { answer = .failure(error) }
    done.signal()
  }
  thread.stackSize = 512 << 10
  thread.start()
  done.wait()
  return answer
}

private func nested(_ open: String, _ inner: String, _ close: String, _ count: Int) -> String {
  String(repeating: open, count: count) + inner + String(repeating: close, count: count)
}

@Test(
  .enabled(if: isOptimized),
  arguments: [
    ("SELECT ", "(", "1", ")", 200), ("", "SELECT * FROM (", "SELECT 1", ") x", 60),
    ("SELECT ", "CASE WHEN true THEN ", "1", " END", 100), ("SELECT ", "CASE WHEN false THEN 0 ELSE ", "1", " END", 100),
    ("SELECT ", "coalesce(", "1", ", 2)", 100), ("SELECT ", "abs(", "1", ")", 100), ("SELECT ", "abs(0 + (", "1", "))", 60),
    ("SELECT a FROM (VALUES (1)) t (a) WHERE ", "NOT NOT ", "a = 1", "", 100),
  ] as [(String, String, String, String, Int)])
func nestedStatementsRunOnAConnectionsStack(start: String, open: String, inner: String, close: String, count: Int) throws {
  let rows = try answer(start + nested(open, inner, close, count)).get()
  #expect(rows == [["1"]])
}

/// At and beyond the parser's limits a statement answers or is refused with 54001, for every depth around them.
@Test(
  .enabled(if: isOptimized),
  arguments: [
    ("SELECT ", "(", "a", ")"), ("SELECT ", "abs(", "a", ")"), ("SELECT ", "coalesce(a, ", "a", ")"), ("SELECT ", "- ", "a", ""),
    ("SELECT ", "CASE a WHEN 1 THEN 2 ELSE ", "a", " END"), ("SELECT ", "a", "", " + 1"), ("SELECT ", "a", "", "::bigint::int"),
    ("SELECT ", "a", "", " || 'x'"), ("SELECT ", "a", "", " IS NULL"), ("SELECT ", "a IN (", "a", ")"),
    ("SELECT ", "a + (1 - ", "a", ")"), ("SELECT ", "CASE WHEN ", "true", " THEN true END"), ("SELECT ", "length('x' || ", "a", ")"),
  ])
func noDepthOverflowsAConnectionsStack(start: String, open: String, inner: String, close: String) {
  let end = " FROM (VALUES (1)) t (a)"
  var refused = 0
  for count in [50, 100, 110, 115, 120, 122, 124, 126, 150, 200, 240, 242, 244, 246, 248, 250, 300, 500, 1_000, 20_000] {
    let text = inner.isEmpty  // a chain
      ? start + open + String(repeating: close, count: count) : start + nested(open, inner, close, count)
    if case .failure(let error) = answer(text + end), error.state.code == "54001" { refused += 1 }
  }
  #expect(refused > 0)
}

@Test(
  .enabled(if: isOptimized),
  arguments: [" UNION ALL SELECT 1", " UNION SELECT 1", " + 1", " || 'a'", " AND true", " OR false", ", 1", " CROSS JOIN x", "::int"])
func longChainsAnswerOrAreRefused(link: String) {
  for count in [100, 400, 495, 10_000] {
    let start = link.contains("JOIN") ? "SELECT 1 FROM (SELECT 1) x" : link.contains("true") || link.contains("false") ? "SELECT true" : "SELECT 1"
    switch answer(start + String(repeating: link, count: count)) {
    case .success(let rows): #expect(!rows.isEmpty)
    case .failure(let error): #expect(error.state.code != "XX000")
    }
  }
}
