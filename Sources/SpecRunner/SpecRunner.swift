// SpecRunner: the specification in SQL, run against the engine (STYLE §8).
//
// A file begins with a line of description and holds records, each ended by an empty line:
//
//     statement ok            statement error 22012       query
//     <SQL>                   <SQL>                       <SQL>
//                             ----                        ----
//                             division by zero            1  a
//
// - cells of a row stand two blanks apart; null is `NULL`, an empty text `(empty)`.
// - the message after `statement error` may be left out.
// - a `#` at a line's start is a comment.
//
// Invariant: a record that the runner does not understand fails; none is skipped.

import Engine
import SQLTypes

/// One record of a file.
package struct SpecRecord: Sendable {
  package enum Expectation: Sendable, Equatable {
    case ok
    case error(state: String, message: String?)
    case rows([String])
  }
  package var line: Int
  package var sql: String
  package var expectation: Expectation
}

/// A record that did not come out as written.
package struct SpecFailure: Error, Sendable, CustomStringConvertible {
  package var line: Int
  package var description: String
}

package enum SpecRunner {
  /// - Errors: the first line that is no record.
  package static func parse(_ text: String) throws(SpecFailure) -> [SpecRecord] {
    var records: [SpecRecord] = []
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      .enumerated().map { (number: $0.offset + 1, text: $0.element) }[...]
    while let (number, head) = lines.popFirst() {
      if head.isEmpty || head.hasPrefix("#") { continue }
      var sql: [String] = []
      while let next = lines.first, !next.text.isEmpty, next.text != "----" {
        sql.append(next.text)
        lines.removeFirst()
      }
      var expected: [String] = []
      let hasResult = lines.first?.text == "----"
      if hasResult {
        lines.removeFirst()
        while let next = lines.first, !next.text.isEmpty {
          expected.append(next.text)
          lines.removeFirst()
        }
      }
      let words = head.split(separator: " ").map(String.init)
      let expectation: SpecRecord.Expectation
      if words == ["statement", "ok"], !hasResult {
        expectation = .ok
      } else if words.count == 3, words[0] == "statement", words[1] == "error" {
        expectation = .error(state: words[2], message: expected.isEmpty ? nil : expected.joined(separator: "\n"))
      } else if words == ["query"], hasResult {
        expectation = .rows(expected)
      } else {
        throw SpecFailure(line: number, description: "line \(number): no record: \"\(head)\"")
      }
      if sql.isEmpty { throw SpecFailure(line: number, description: "line \(number): a record without SQL") }
      records.append(SpecRecord(line: number, sql: sql.joined(separator: "\n"), expectation: expectation))
    }
    return records
  }

  /// Runs a file's text on a fresh session.
  ///
  /// - Returns: the number of records that passed, and what failed.
  package static func run(_ text: String) -> (passed: Int, failures: [SpecFailure]) {
    let records: [SpecRecord]
    do throws(SpecFailure) { records = try parse(text) } catch { return (0, [error]) }
    let session = Session()
    let failures = records.compactMap { check($0, session) }
    return (records.count - failures.count, failures)
  }

  private static func check(_ record: SpecRecord, _ session: Session) -> SpecFailure? {
    var rows: [String] = []
    var raised: SQLError?
    do throws(SQLError) {
      try session.run(record.sql) { (result) throws(SQLError) in
        rows += result.textRows.map { $0.map { $0.map { $0.isEmpty ? "(empty)" : $0 } ?? "NULL" }.joined(separator: "  ") }
      }
    } catch { raised = error }
    func failure(_ wanted: String, _ got: String) -> SpecFailure {
      SpecFailure(
        line: record.line, description: "line \(record.line): \(record.sql)\n  expected: \(wanted)\n  got:      \(got)")
    }
    let got = raised.map { "\($0.state.code) \($0.message)" } ?? rows.joined(separator: " | ")
    switch record.expectation {
    case .ok: return raised == nil ? nil : failure("ok", got)
    case .rows(let expected):
      return raised == nil && rows == expected ? nil : failure(expected.joined(separator: " | "), got)
    case .error(let state, let message):
      if let raised, raised.state.code == state, message == nil || message == raised.message { return nil }
      return failure("error \(state) \(message ?? "")", got)
    }
  }
}
