import Foundation
import SQLTypes
import ReferenceModel
import TestSupport
import Testing

/// psql's arguments (`-h /tmp -p 5433 -U postgres`) of a PostgreSQL 15 server that the evaluator is held against; not part of `make test`.
private let psqlArguments = ProcessInfo.processInfo.environment["LEAT_POSTGRES"]?.split(separator: " ").map(String.init)
private let scenarioCount = ProcessInfo.processInfo.environment["LEAT_LONG"].flatMap { Int($0) } ?? 100

/// Runs a script and gives its standard output.
private func psql(_ script: String) throws -> String {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/psql")
  process.arguments = (psqlArguments ?? []) + ["-X", "-q", "-t", "-A", "-F", "\u{1}", "-P", "null=\u{2}", "-f", "-"]
  let (input, output) = (Pipe(), Pipe())
  process.standardInput = input
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  try process.run()
  let writer = Foundation.Thread {
    input.fileHandleForWriting.write(Data(script.utf8))
    try? input.fileHandleForWriting.close()
  }
  writer.start()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: data, as: UTF8.self)
}

/// A value's text in the form that PostgreSQL and Leat share: numerics without zeros at the end, doubles of 12 digits, one zero.
private func shared(_ text: String?, _ type: SQLType) -> String? {
  guard let text else { return nil }
  switch type {
  case .numeric:
    guard let value = try? Numeric(sqlText: text) else { return text }
    return (try? value.rounded(toScale: min(Int(value.scale), 12)))?.canonical.sqlText ?? text
  case .double:
    guard let value = Double(text), value.isFinite else { return text }
    return String(format: "%.12g", value == 0 ? 0 : value)
  default: return text
  }
}

private struct Tally { var equal = 0, rows = 0, empty = 0, bothFail = 0, onlyWeFail = 0, onlyPostgresFails = 0 }

/// The binder and the evaluator against PostgreSQL: the same tables, the same rows, the same queries as plain views.
///
/// PostgreSQL may evaluate what a row does not reach, or not evaluate what nobody reads; so of queries with failing expressions only
/// those are compared in which neither failed.
@Test(.enabled(if: psqlArguments != nil, "LEAT_POSTGRES names no server"))
func theEvaluatorAgreesWithPostgreSQL() throws {
  var tally = Tally()
  for seed in 0..<UInt64(scenarioCount) {
    var choices = ScenarioChoices(seed: seed, viewCount: 4, writeCount: 20, ordersTotally: true)
    let scenario = choices.make()
    let body = scenario.steps.dropLast(scenario.tables.count)
    var model = TableModel(scenario.tables)
    var catalog = ScenarioCatalog(scenario.tables)
    var sql = "BEGIN;\n" + scenario.tables.map { $0.createStatement + ";\n" }.joined()
    var views: [(name: String, query: RandomQuery)] = []
    for step in body {
      switch step {
      case .view(let name, _, let query): views.append((name, query))
      case .write(let write): _ = model.apply(write)
      case .transaction(let writes, let commits):
        if commits { for write in writes { _ = model.apply(write) } }
      }
    }
    for (index, rows) in model.rows.enumerated() where !rows.isEmpty {
      let types = scenario.tables[index].columns.map(\.type)
      let tuples = rows.map { row in "(\(row.indices.map { RandomValue.literal(row[$0], types[$0]) }.joined(separator: ", ")))" }
      sql += "INSERT INTO \(scenario.tables[index].name) VALUES \(tuples.joined(separator: ", "));\n"
    }
    for (name, query) in views {
      sql += "CREATE VIEW \(name) AS \(query.sql);\n\\echo @\(name)\nSAVEPOINT s;\nSELECT * FROM \(name);\n\\echo :SQLSTATE\nROLLBACK TO s;\n"
    }
    sql += "ROLLBACK;\n"
    var answers: [String: (rows: [[String?]], state: String)] = [:]
    for section in try psql(sql).split(separator: "@v").map({ "v" + $0 }) {
      let lines = section.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
      guard lines.count >= 2, let state = lines.last else { continue }
      answers[lines[0]] = (
        lines[1..<lines.count - 1].map { line in
          line.split(separator: "\u{1}", omittingEmptySubsequences: false).map { $0 == "\u{2}" ? nil : String($0) }
        }, state
      )
    }
    for (name, query) in views where answers[name]?.state.hasPrefix("42") ?? true {
      Issue.record("seed \(seed): PostgreSQL refuses, \(answers[name]?.state ?? "no answer"): \(query.sql)")
    }
    for (name, query) in views {
      do throws(SQLError) { try catalog.addView(name, isMaterialized: false, query.sql) } catch {
        Issue.record("seed \(seed): \(query.sql): \(error.state.code) \(error.message); PostgreSQL: \(answers[name]?.state ?? "")")
        break
      }
      guard let answer = answers[name] else {
        Issue.record("seed \(seed): no answer for \(name)")
        break
      }
      var contents: [String: [Row]] = [:]
      for (table, rows) in zip(scenario.tables, model.rows) { contents[table.name] = rows }
      guard let result = catalog.contents(contents)[name] else { continue }
      switch (result.didFail, answer.state != "00000") {
      case (true, true): tally.bothFail += 1
      case (true, false): tally.onlyWeFail += 1
      case (false, true):
        tally.onlyPostgresFails += 1
        // A view may read others that fail.
        let read = views.map(\.query.sql).joined()
        if !["/", "%", "1000000000"].contains(where: { read.contains($0) }) {
          Issue.record("seed \(seed): only PostgreSQL fails: \(answer.state): \(query.sql)")
        }
      case (false, false):
        let types = catalog.types(of: name)
        let ours = Bag(result.rows.map { row in row.indices.map { shared(row[$0].outputText(as: types[$0]), types[$0]) } })
        let theirs = Bag(answer.rows.map { row in row.indices.map { shared(row[$0], types[$0]) } })
        if ours == theirs {
          tally.equal += 1
          tally.rows += result.rows.count
          tally.empty += result.rows.isEmpty ? 1 : 0
        } else {
          Issue.record("seed \(seed): \(name): \(query.sql)\nPostgreSQL:\n\(theirs)\nevaluator:\n\(ours)\n\(sql)")
        }
      }
    }
  }
  print("\(tally.equal) equal (\(tally.empty) empty, \(tally.rows) rows in all), \(tally.bothFail) fail in both, \(tally.onlyWeFail) only here, \(tally.onlyPostgresFails) only in PostgreSQL")
  #expect(tally.equal > scenarioCount * 2)
}
