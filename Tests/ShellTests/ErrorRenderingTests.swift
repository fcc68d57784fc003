import TestSupport
import Testing

import SQLTypes

@Suite struct ErrorRenderingTests {
  /// Statements in which `wrong` is the column that does not exist, and how psql shows the line.
  static let statements: [(name: String, text: String)] = [
    ("short", "SELECT wrong"),
    ("second-line", "SELECT 1,\n  wrong\nFROM generate_series(1, 2)"),
    ("crlf", "SELECT 1,\r\n  2,\r\n  wrong\r\n, 3"),
    ("tabs", "SELECT\t1,\twrong,\t2"),
    ("wide", "SELECT '東京' AS 名前, wrong, '🙂'"),
    ("cut-after", "SELECT wrong, " + String(repeating: "1 + ", count: 30) + "1"),
    ("cut-before", "SELECT " + String(repeating: "1 + ", count: 30) + "wrong"),
    ("cut-both", "SELECT " + String(repeating: "1 + ", count: 30) + "wrong" + String(repeating: " + 1", count: 30)),
    ("cut-near-end", "SELECT " + String(repeating: "1 + ", count: 10) + "wrong + 1 + 2 + 3 + 4"),
    ("cut-wide", "SELECT " + String(repeating: "'東' || ", count: 20) + "wrong" + String(repeating: " || '京'", count: 20)),
    ("exactly-sixty", "SELECT " + String(repeating: "1 + ", count: 12) + "wrong"),
  ]

  @Test(arguments: statements.indices)
  func lineIsShownAndShortenedAsByPsql(index: Int) throws {
    let (name, text) = Self.statements[index]
    let golden = try Golden.psql("error-\(name)", arguments: ["-c", text], script: "")
    let offset = text.utf8.count - String(text[text.firstRange(of: "wrong")!.lowerBound...]).utf8.count
    let error = SQLError(.undefinedColumn, "column \"wrong\" does not exist", at: SourceRange(offset, offset + 1))
    let ours = error.rendered(in: text).split(separator: "\n", omittingEmptySubsequences: false)
    let theirs = golden.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(ours.dropFirst() == theirs[1...2])
  }

  @Test func caretsStandUnderTheWholeRange() {
    let text = "SELECT price\nFROM orders\nWHERE prise > 10"
    let error = SQLError(
      .undefinedColumn, "column \"prise\" does not exist", hint: "Perhaps you meant \"price\".", at: SourceRange(31, 36))
    #expect(
      error.rendered(in: text) == """
        ERROR:  42703: column "prise" does not exist
        LINE 3: WHERE prise > 10
                      ^^^^^
        HINT:   Perhaps you meant "price".
        """)
  }

  @Test func caretsEndWithTheLineOrWithWhatIsShown() {
    let error = SQLError(.syntaxError, "unterminated quoted string", at: SourceRange(7, 19))
    #expect(
      error.rendered(in: "SELECT 'abc\ndef ghi") == """
        ERROR:  42601: unterminated quoted string
        LINE 1: SELECT 'abc
                       ^^^^
        """)
    let long = "SELECT " + String(repeating: "x", count: 80)
    let lines = SQLError(.syntaxError, "too long", at: SourceRange(7, 87)).rendered(in: long).split(separator: "\n")
    #expect(lines[1] == "LINE 1: SELECT " + String(repeating: "x", count: 53) + "...")
    #expect(lines[2] == String(repeating: " ", count: 15) + String(repeating: "^", count: 53))
  }

  @Test func caretsCountColumnsOfWideAndCombiningCharacters() {
    let text = "SELECT e\u{301}, '東京' + 1"
    let offset = Array(text.utf8).firstIndex(of: UInt8(ascii: "'"))!
    let error = SQLError(.undefinedFunction, "no such operator", at: SourceRange(offset, offset + 8))
    #expect(
      error.rendered(in: text) == """
        ERROR:  42883: no such operator
        LINE 1: SELECT e\u{301}, '東京' + 1
                          ^^^^^^
        """)
  }

  @Test(arguments: ["SELECT 1 +", "SELECT 1 +\n", "SELECT 1 +\n\n"])
  func endOfInputIsShownBehindTheLastCharacter(text: String) {
    let error = SQLError.syntaxAtEnd(at: SourceRange(text.utf8.count, text.utf8.count))
    #expect(
      error.rendered(in: text) == """
        ERROR:  42601: syntax error at end of input
        LINE 1: SELECT 1 +
                          ^
        """)
  }

  @Test func detailAndHintLineUpAndNoticesShowNoEmptyCode() {
    let error = SQLError(
      .dependentObjectsStillExist, "cannot drop table t", detail: "view a depends on table t\nview b depends on view a",
      hint: "Use DROP … CASCADE to drop the dependent objects too.")
    #expect(
      error.rendered(in: "") == """
        ERROR:  2BP01: cannot drop table t
        DETAIL: view a depends on table t
                view b depends on view a
        HINT:   Use DROP … CASCADE to drop the dependent objects too.
        """)
    #expect(
      SQLError(SQLState("00000"), "relation \"t\" already exists, skipping").rendered(as: .notice, in: "")
        == "NOTICE:  relation \"t\" already exists, skipping")
    #expect(SQLError(.warning, "1 row was late").rendered(as: .warning, in: "") == "WARNING:  01000: 1 row was late")
  }

  @Test func messageCannotDriveTheTerminal() {
    let error = SQLError(.invalidTextRepresentation, "invalid input: \"\u{1B}[2J\u{9B}\"", at: SourceRange(7, 8))
    #expect(
      error.rendered(in: "SELECT \u{1B}[2J") == """
        ERROR:  22P02: invalid input: "\\x1B[2J\\x9B"
        LINE 1: SELECT  [2J
                       ^
        """)
  }

  @Test func rangeOutsideTheTextShowsNoLine() {
    #expect(SQLError(.syntaxError, "x", at: SourceRange(99, 100)).rendered(in: "SELECT 1") == "ERROR:  42601: x")
    #expect(SQLError(.syntaxError, "x", at: SourceRange(-1, 2)).rendered(in: "SELECT 1") == "ERROR:  42601: x")
  }

  @Test(arguments: 0..<200)
  func anyRangeInAnyTextIsRendered(seed: Int) {
    var generator = SeededRandom(seed: UInt64(seed))
    let pieces = ["a", "\n", "\r", "\t", "é", "東", "\u{301}", "🙂", "select ", "\u{1B}", String(repeating: "x", count: 50)]
    let text = (0..<Int.random(in: 0...30, using: &generator)).map { _ in pieces.randomElement(using: &generator)! }.joined()
    for _ in 0..<50 {
      let start = Int.random(in: -2...text.utf8.count + 2, using: &generator)
      let range = SourceRange(start, start + Int.random(in: -3...80, using: &generator))
      let lines = SQLError(.syntaxError, "x", at: range).rendered(in: text).split(separator: "\n")
      #expect(lines.count == 1 || lines.count == 3, "\(text.debugDescription) \(range)")
      if lines.count == 3 { #expect(lines[2].last == "^") }
    }
  }
}
