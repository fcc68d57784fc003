import Foundation
import SQLTypes
import TestSupport
import Testing

@testable import SQLSyntax

private func failure(_ text: String) -> SQLError? {
  do {
    _ = try Parser.parseStatement(text)
    return nil
  } catch { return error }
}

@Test(arguments: [
  ("a + b * c ^ d", "a + (b * (c ^ d))"), ("a - b - c", "(a - b) - c"), ("-a ^ b", "(-a) ^ b"), ("-a::int", "-(a::int)"),
  ("a OR b AND NOT c = d", "a OR (b AND (NOT (c = d)))"), ("a || b + c", "a || (b + c)"), ("a = b || c", "a = (b || c)"),
  ("a < b IS NULL", "(a < b) IS NULL"), ("NOT a IS NULL", "NOT (a IS NULL)"), ("a = b LIKE c", "a = (b LIKE c)"),
  ("a BETWEEN b AND c AND d", "(a BETWEEN b AND c) AND d"), ("a + b BETWEEN c - 1 AND d || e", "(a + b) BETWEEN (c - 1) AND (d || e)"),
  ("a IN (1) = b", "a IN (1) = b"), ("a AT TIME ZONE b || c", "(a AT TIME ZONE b) || c"), ("-a AT TIME ZONE b", "(-a) AT TIME ZONE b"),
  ("~ a + b", "~ (a + b)"), ("a -> b = c", "(a -> b) = c"), ("a * b % c", "(a * b) % c"), ("a ^ b ^ c", "(a ^ b) ^ c"),
  ("a COLLATE x || b", "(a COLLATE x) || b"), ("- a[1]", "-(a[1])"), ("a = ANY (b) AND c", "(a = ANY (b)) AND c"),
  ("a = NOT b = c", "a = (NOT (b = c))"), ("a::int::text", "(a::int)::text"), ("a IS DISTINCT FROM b = c", "a IS DISTINCT FROM (b = c)"),
])
func operatorsBindAsInPostgreSQL(plain: String, explicit: String) throws {
  #expect(try Parser.parseExpression(plain) == Parser.parseExpression(explicit))
}

@Test func chainsOfAndAreOneNode() throws {
  guard case .and(let operands) = try Parser.parseExpression("a AND b AND c").kind else {
    Issue.record("no AND")
    return
  }
  #expect(operands.count == 3)
}

@Test(arguments: ["a < b < c", "a = b = c", "a BETWEEN 1 AND 2 BETWEEN 3 AND 4", "a LIKE b LIKE c", "= 1", "a IS DISTINCT FROM b IS NULL"])
func comparisonsDoNotAssociate(text: String) {
  #expect(throws: SQLError.self) { try Parser.parseExpression(text) }
}

@Test(arguments: corpus)
func everyStatementSurvivesPrinting(text: String) throws {
  let statement = try Parser.parseStatement(text)
  let printed = Printer.print(statement)
  let again = try Parser.parseStatement(printed)
  #expect(again == statement, "\(printed)")
  #expect(Printer.print(again) == printed)
}

@Test(arguments: recognised)
func otherStatementsAreRecognisedByName(text: String, name: String) throws {
  let statement = try Parser.parseStatement(text)
  #expect(statement.kind == .unsupported(name))
  #expect(statement.range == SourceRange(0, text.utf8.count))
}

@Test(arguments: [
  ("SELEC 1", "syntax error at or near \"SELEC\"", 0, 5), ("SELECT 1 FROM", "syntax error at end of input", 13, 13),
  ("SELECT (1", "syntax error at end of input", 9, 9), ("SELECT 'é' FROM WHERE", "syntax error at or near \"WHERE\"", 17, 22),
  ("SELECT 1 2", "syntax error at or near \"2\"", 9, 10), ("CREATE FOO x", "syntax error at or near \"FOO\"", 7, 10),
  ("SELECT * FROM a JOIN b", "syntax error at end of input", 22, 22), ("SELECT 'abc", "unterminated quoted string at or near \"'abc\"", 7, 11),
  ("SELECT a FROM t LIMIT 1, 2", "LIMIT #,# syntax is not supported", 23, 24),
])
func errorsPointAtTheOffendingToken(text: String, message: String, start: Int, end: Int) {
  let error = failure(text)
  #expect(error?.message == message)
  #expect(error?.range == SourceRange(start, end))
}

@Test func rangesAreOffsetsIntoTheText() throws {
  let expression = try Parser.parseExpression("  a + (b * 22)  ")
  #expect(expression.range == SourceRange(2, 14))
  guard case .binary(_, let left, let right) = expression.kind else {
    Issue.record("no binary")
    return
  }
  #expect(left.range == SourceRange(2, 3))
  #expect(right.range == SourceRange(6, 14))
}

@Test func scriptGoesOnBehindABadStatement() {
  let script = "SELECT 1;; SELEC; CREATE VIEW v AS SELECT ';'; SELECT { 2; SELECT 3 ; -- end"
  let statements = Parser.parseScript(script)
  let good = statements.map { if case .success = $0.result { true } else { false } }
  #expect(good == [true, false, true, false, true])
  #expect(statements[0].range == SourceRange(0, 8))
  #expect(statements[1].range == SourceRange(11, 16))
  #expect(Parser.parseScript(" ; -- nothing\n").isEmpty)
}

@Test func oneStatementIsOne() {
  #expect(failure("SELECT 1; SELECT 2")?.state == .syntaxError)
  #expect(failure("SELECT 1;") == nil)
  #expect(failure("")?.message == "syntax error at end of input")
}

/// Frames of debug builds are several times larger; the limits are for release builds.
#if DEBUG
  private let isOptimized = false
#else
  private let isOptimized = true
#endif

/// Runs `body` on a thread with half the stack of a connection's (512 KiB) and waits for its end.
private func onSmallStack(_ body: @escaping @Sendable () -> Void) {
  let done = DispatchSemaphore(value: 0)
  let thread = Thread {
    body()
    done.signal()
  }
  thread.stackSize = 512 << 10
  thread.start()
  done.wait()
}

private func nested(_ open: String, _ inner: String, _ close: String, _ count: Int) -> String {
  String(repeating: open, count: count) + inner + String(repeating: close, count: count)
}

@Test(.enabled(if: isOptimized)) func deepTextNeverOverflowsASmallStack() {
  onSmallStack {
    let shapes: [(String, String, String)] = [
      ("(", "1", ")"), ("(SELECT ", "1", ")"), ("f(", "1", ")"), ("\"f\"(", "1", ")"), ("CASE WHEN ", "1", " THEN 1 END"), ("- ", "1", ""), ("NOT ", "a", ""),
      ("a[", "1", "]"), ("ARRAY[", "1", "]"), ("EXISTS (SELECT 1 FROM (SELECT ", "1", ") x)"), ("COALESCE(", "1", ")"),
      ("a IN (SELECT 1 WHERE ", "b", ")"), ("a + (", "b", ")"), ("(a, ", "b", ")"), ("CAST(", "1", " AS int)"), ("a BETWEEN (", "1", ") AND 2"),
      ("sum(x) OVER (ORDER BY ", "1", ")"), ("(SELECT * FROM (a JOIN (SELECT ", "1", ") b ON true))"), ("(WITH x AS (SELECT ", "1", ") SELECT 1)"),
      ("EXISTS (SELECT 1 UNION (SELECT ", "1", "))"), ("SUBSTRING(", "a", " FROM 1)"), ("((SELECT ", "1", ") + 1)"),
    ]
    for (open, inner, close) in shapes {
      for count in [1, 2, 3, 10] + Array(20...80) + Array(stride(from: 82, through: 440, by: 2)) {
        if let tree = try? Parser.parseStatement("SELECT " + nested(open, inner, close, count)) {
          let again = try? Parser.parseStatement(Printer.print(tree))
          #expect(again == tree || again == nil)
        }
      }
      let error = failure("SELECT " + nested(open, inner, close, 100_000))
      #expect(error?.state == .statementTooComplex, "\(open)")
    }
    for (text, type) in [("SELECT 1 FROM " + nested("(", "SELECT 1", ")", 100_000), true), ("SELECT 1::" + nested("STRUCT<a ", "int", ">", 100_000), true), (nested("EXPLAIN ", "SELECT 1", "", 100_000), true)] {
      #expect((failure(text)?.state == .statementTooComplex) == type)
    }
  }
}

/// A type's name that is cut off by the limit is no name of a column (found by mutating statements by token).
@Test(arguments: ["TIMESTAMP '2024-02-29 12:30'", "DATE '2024-02-29'", "INTERVAL '1 day'", "NUMERIC(3, 1) '1.5'", "TIMESTAMP WITH TIME ZONE '2024-02-29'"])
func whatIsPrintedAtTheLimitOfNestingIsReadOrTooDeep(literal: String) throws {
  var tooDeep = 0
  for count in 150...200 {
    guard let tree = try? Parser.parseStatement("SELECT " + String(repeating: "- ", count: count) + literal) else { continue }
    let printed = Printer.print(tree)
    do throws(SQLError) { #expect(try Parser.parseStatement(printed) == tree) } catch {
      #expect(error.state == .statementTooComplex, "\(count): \(error.message)")
      tooDeep += 1
    }
  }
  #expect(tooDeep > 0)
}

/// Found by mutating statements by token.
@Test(arguments: [
  "CREATE MATERIALIZED VIEW v AS (SELECT) WITH NO DATA", "CREATE TABLE t AS (SELECT 1 UNION SELECT) WITH NO DATA",
  "CREATE MATERIALIZED VIEW v AS SELECT 1 WITH NO DATA", "CREATE TABLE t AS (SELECT)",
]) func aQueryBeforeWithNoDataIsPrintedAsItIsRead(text: String) throws {
  let tree = try Parser.parseStatement(text)
  #expect(try Parser.parseStatement(Printer.print(tree)) == tree)
}

@Test(.enabled(if: isOptimized)) func longChainsNeverOverflowASmallStack() {
  onSmallStack {
    let links: [(String, String)] = [
      ("SELECT 1", " + 1"), ("SELECT a", " || b"), ("SELECT 1", "::int"), ("SELECT 1", " UNION SELECT 1"), ("SELECT 1 FROM a", " CROSS JOIN a"),
      ("SELECT 1 FROM a", " JOIN a ON true"), ("SELECT a", "[1]"), ("SELECT (a)", ".b"), ("SELECT a", " IS NULL"), ("SELECT a", " COLLATE b"), ("SELECT a", " IN (1)"),
    ]
    for (first, link) in links {
      #expect(failure(first + String(repeating: link, count: 100_000))?.state == .statementTooComplex, "\(link)")
      for count in [20, 100, 110, 116, 118, 120, 122, 124, 126, 200, 230, 236, 238, 240, 242, 244, 246, 248, 250, 500] {
        if let tree = try? Parser.parseStatement(first + String(repeating: link, count: count)) {
          let again = try? Parser.parseStatement(Printer.print(tree))
          #expect(again == tree || again == nil)
        }
      }
      #expect(failure(first + String(repeating: link, count: link.contains("JOIN") ? 120 : 240)) == nil, "\(link)")
    }
    // What binds in lists is not deep.
    #expect(failure("SELECT a" + String(repeating: " AND a", count: 100_000)) == nil)
    #expect(failure("SELECT a IN (1" + String(repeating: ", 1", count: 100_000) + ")") == nil)
    #expect(failure("VALUES (1)" + String(repeating: ", (1)", count: 100_000)) == nil)
  }
}

@Test func whatPeopleAndProgramsNestIsRead() {
  #expect(failure("SELECT " + nested("(", "1", ")", 200)) == nil)
  #expect(failure(nested("SELECT * FROM (", "SELECT 1", ") x", 60)) == nil)
  #expect(failure("SELECT " + nested("(SELECT ", "1", ")", 90)) == nil)
  #expect(failure("SELECT " + nested("CASE WHEN a THEN ", "1", " END", 100)) == nil)
  #expect(failure("SELECT " + nested("CASE a WHEN 1 THEN 2 ELSE ", "1", " END", 100)) == nil)
  #expect(failure("SELECT " + nested("coalesce(f(a, ", "1", "), 1)", 55)) == nil)
}

@Test func otherLimitsAreErrors() {
  #expect(failure("SELECT 1" + String(repeating: ", 1", count: 2_000))?.state == .tooManyColumns)
  #expect(failure("SELECT f(1" + String(repeating: ", 1", count: 200) + ")")?.state == .tooManyArguments)
  #expect(failure("SELECT '" + String(repeating: "x", count: 17 << 20) + "'")?.state == .programLimitExceeded)
}

private func tokenTexts(_ text: String) -> [String] {
  var lexer = Lexer(text)
  var texts: [String] = []
  while let token = try? lexer.next(), token.kind != .end { texts.append(lexer.text(token.range)) }
  return texts
}

@Test(arguments: [1, 2, 3, 4] as [UInt64])
func mutatedStatementsNeverTrapAndSurvivePrinting(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  let all = corpus.map(tokenTexts)
  let pool = all.flatMap { $0 }
  var parsed = 0
  for _ in 0..<10_000 {
    var tokens = all.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...3, using: &random) where !tokens.isEmpty {
      let at = Int.random(in: 0..<tokens.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: tokens.remove(at: at)
      case 1: tokens.insert(pool.randomElement(using: &random) ?? "", at: at)
      case 2: tokens[at] = pool.randomElement(using: &random) ?? ""
      case 3: tokens.swapAt(at, Int.random(in: 0..<tokens.count, using: &random))
      default:
        let other = all.randomElement(using: &random) ?? []
        tokens = Array(tokens[..<at]) + Array(other[min(at, other.count)...])
      }
    }
    var text = tokens.joined(separator: " ")
    if Int.random(in: 0..<10, using: &random) == 0 { text = String(text.dropLast(Int.random(in: 0...5, using: &random))) }
    for item in Parser.parseScript(text) {
      switch item.result {
      case .failure(let error):
        #expect(error.range != nil && error.range!.start >= 0 && error.range!.end <= text.utf8.count, "\(text)")
      case .success(let statement):
        parsed += 1
        if case .unsupported = statement.kind { continue }
        let printed = Printer.print(statement)
        do {
          let again = try Parser.parseStatement(printed)
          if again != statement { Issue.record("seed \(seed): \(text) => \(printed)") }
        } catch {
          if !hasUnsupported(statement) { Issue.record("seed \(seed): \(text) => \(printed): \(error)") }
        }
      }
    }
  }
  #expect(parsed > 1_000)
}

/// EXPLAIN or PREPARE of a statement that is recognised only cannot be printed in full.
private func hasUnsupported(_ statement: Statement) -> Bool {
  switch statement.kind {
  case .unsupported: true
  case .explain(let explain): hasUnsupported(explain.statement)
  case .prepare(_, _, let inner): hasUnsupported(inner)
  case .copy(let copy): if case .query(let inner) = copy.source { hasUnsupported(inner) } else { false }
  default: false
  }
}
