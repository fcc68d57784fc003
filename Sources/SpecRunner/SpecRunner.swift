// SpecRunner: the specification in SQL, run against the engine (STYLE §8).
//
// A file begins with a line of description and holds records, each ended by an empty line:
//
//     statement ok            statement error 22012       query II rowsort        changelog m
//     <SQL>                   <SQL>                       <SQL>                   <SQL>
//                             ----                        ----                    ----
//                             division by zero            1  2                    -1  a  9
//
// - cells of a row stand two blanks apart; null is `NULL`, an empty text `(empty)`, a line break `\n`.
// - the message after `statement error` may be left out; `statement count N` looks at the command's tag.
// - `changelog NAME`: what a subscription on NAME sees of the statement, in any order, weights with their sign.
// - `tick`, `restart`, `connection NAME` and `halt` are records of one line; a connection holds for what follows.
// - `restart` stops the engine and opens it again on the data it has kept; its sessions are new.
// - `${directory}` stands for the folder that the file lies in, where its records are.
// - `skipif NAME` and `onlyif NAME` hold for the next record: NAME is `leat`, or a mode of the run.
// - a `#` at a line's start is a comment.
//
// Invariant: a record that the runner does not understand fails; none is skipped unless its conditions say so.

import Engine
import SQLTypes

/// What came of a file.
package struct SpecReport: Sendable {
  package var passed = 0
  package var skipped = 0
  package var failures: [SpecFailure] = []
  /// Queries whose view held what the query answered.
  package var viewsCompared = 0
  /// Why queries could not be made a view, and how many.
  package var viewsRefused: [String: Int] = [:]
}

package struct SpecRunner {
  package struct Options: Sendable {
    /// Makes each query a materialized view as well, and compares.
    package var comparesViews = false
    /// What `onlyif` and `skipif` may name beside `leat`.
    package var modes: Set<String> = []
    /// What `${directory}` stands for.
    package var directory = "."

    package init() {}
  }

  private let instance: any SpecInstance
  private let options: Options
  private var report = SpecReport()
  private var connection = "default"
  private var labels: [String: [String]] = [:]
  private var viewNumber = 0

  /// - Errors: the first line that is no record.
  package static func parse(_ text: String) throws(SpecFailure) -> [SpecRecord] { try SpecParser.parse(text) }

  /// Whether a file restarts its instance, which then must be one that keeps its data.
  package static func restarts(_ text: String) -> Bool {
    // A file that has no records is told of when it runs.
    guard let records = try? parse(text) else { return false }
    return records.contains { $0.kind == .restart }
  }

  /// Runs a file's text on an engine of its own, which keeps nothing.
  ///
  /// - Returns: the number of records that passed, and what failed.
  package static func run(_ text: String) -> (passed: Int, failures: [SpecFailure]) {
    do throws(SQLError) {
      let report = run(text, on: try EngineInstance { () throws(SQLError) in try Engine() })
      return (report.passed, report.failures)
    } catch { return (0, [SpecFailure(line: 0, description: "\(error)")]) }
  }

  package static func run(_ text: String, on instance: any SpecInstance, _ options: Options = Options()) -> SpecReport {
    var runner = SpecRunner(instance: instance, options: options)
    let records: [SpecRecord]
    do throws(SpecFailure) { records = try parse(text.replacing("${directory}", with: options.directory)) } catch {
      runner.report.failures.append(error)
      return runner.report
    }
    for record in records {
      if !runner.isMeant(record) {
        runner.report.skipped += 1
        continue
      }
      if record.kind == .halt { break }
      if let failure = runner.check(record) { runner.report.failures.append(failure) } else { runner.report.passed += 1 }
    }
    return runner.report
  }

  private func isMeant(_ record: SpecRecord) -> Bool {
    record.conditions.allSatisfy { ($0.name == "leat" || options.modes.contains($0.name)) == $0.isOnlyIf }
  }

  /// - Returns: nil if the record came out as written.
  private mutating func check(_ record: SpecRecord) -> SpecFailure? {
    do throws(SQLError) {
      switch record.kind {
      case .halt: return nil
      case .tick: try instance.tick()
      case .restart:
        try instance.restart()
        connection = "default"
      case .connection(let name): connection = name
      case .changelog(let relation, let expected): return try checkChanges(of: relation, expected, record)
      case .statement(let expectation): return try check(record, expectation)
      }
      return nil
    } catch { return failure(record, "ok", "error \(error.state.code) \(error.message)") }
  }

  private mutating func check(_ record: SpecRecord, _ expectation: SpecRecord.Expectation) throws(SQLError) -> SpecFailure? {
    switch expectation {
    case .ok:
      _ = try instance.run(record.sql, on: connection)
      return nil
    case .count(let count):
      let tag = try instance.run(record.sql, on: connection).tag
      return tag.split(separator: " ").last.flatMap { Int($0) } == count ? nil : failure(record, "a count of \(count)", tag)
    case .error(let state, let message): return checkError(record, state, message)
    case .rows(let expected, let options): return try checkRows(record, expected, options)
    }
  }

  private func checkError(_ record: SpecRecord, _ state: String, _ message: String?) -> SpecFailure? {
    let wanted = "error \(state)" + (message.map { " " + $0 } ?? "")
    do throws(SQLError) {
      let answer = try instance.run(record.sql, on: connection)
      return failure(record, wanted, answer.columnCount == nil ? answer.tag : SpecText.lines(answer.rows).joined(separator: "\n"))
    } catch {
      let isMeant = error.state.code == state && (message == nil || message == error.message)
      return isMeant ? nil : failure(record, wanted, "error \(error.state.code) \(error.message)")
    }
  }

  // MARK: rows

  private mutating func checkRows(
    _ record: SpecRecord, _ expected: [String], _ options: SpecRecord.QueryOptions
  ) throws(SQLError) -> SpecFailure? {
    let answer = try instance.run(record.sql, on: connection)
    guard let columnCount = answer.columnCount else { return failure(record, "rows", "no rows but \(answer.tag)") }
    if !options.types.isEmpty, options.types.utf8.count != columnCount {
      return failure(record, "\(options.types.utf8.count) columns", "\(columnCount) columns")
    }
    if let (letter, cell) = SpecText.misfit(answer.rows, options.types) {
      return failure(record, "type \(letter)", "\"\(cell)\"")
    }
    let got = SpecText.arranged(SpecText.lines(answer.rows), options.order)
    let wanted = SpecText.arranged(expected, options.order)
    if got != wanted { return failure(record, wanted.joined(separator: "\n"), got.joined(separator: "\n")) }
    if let label = options.label {
      if let first = labels[label], first != got {
        return failure(record, "as the first query of label \(label):\n" + first.joined(separator: "\n"), got.joined(separator: "\n"))
      }
      labels[label] = got
    }
    return self.options.comparesViews ? try checkView(record, answer) : nil
  }

  /// The query as a materialized view holds the same rows.
  private mutating func checkView(_ record: SpecRecord, _ answer: SpecAnswer) throws(SQLError) -> SpecFailure? {
    let first = record.sql.split { !$0.isLetter }.first?.lowercased() ?? ""
    guard ["select", "with", "values", "table"].contains(first) else { return nil }
    viewNumber += 1
    let name = "spec_view_\(viewNumber)"
    do throws(SQLError) { _ = try instance.run("CREATE MATERIALIZED VIEW \(name) AS \(record.sql)", on: connection) } catch {
      report.viewsRefused["\(error.state.code) \(error.message)", default: 0] += 1
      return nil
    }
    let rows = try instance.run("SELECT * FROM \(name)", on: connection).rows
    _ = try instance.run("DROP MATERIALIZED VIEW \(name)", on: connection)
    let (wanted, got) = (SpecText.lines(answer.rows).sorted(), SpecText.lines(rows).sorted())
    if wanted != got {
      return failure(record, "as a view, in any order:\n" + wanted.joined(separator: "\n"), got.joined(separator: "\n"))
    }
    report.viewsCompared += 1
    return nil
  }

  // MARK: changes

  private func checkChanges(of relation: String, _ expected: [String], _ record: SpecRecord) throws(SQLError) -> SpecFailure? {
    let changes = try instance.changes(of: relation, by: record.sql, on: connection, expecting: expected.count)
    var weights: [String: Int] = [:]
    for change in changes { weights[SpecText.line(change.row), default: 0] += change.weight }
    let got = weights.filter { $0.value != 0 }.map { "\($0.value > 0 ? "+" : "")\($0.value)  \($0.key)" }.sorted()
    let wanted = expected.sorted()
    return got == wanted ? nil : failure(record, wanted.joined(separator: "\n"), got.joined(separator: "\n"))
  }

  private func failure(_ record: SpecRecord, _ wanted: String, _ got: String) -> SpecFailure {
    func block(_ title: String, _ text: String) -> String {
      "  \(title)\n" + (text.isEmpty ? "    (no rows)" : text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(separator: "\n"))
    }
    return SpecFailure(
      line: record.line,
      description: record.sql + (record.sql.isEmpty ? "" : "\n") + block("expected:", wanted) + "\n" + block("got:", got))
  }
}
