import Engine
import Foundation
import Planner
import SQLTypes
import TestSupport
import Testing

/// One line of Golden/expressions.tsv or numerics.tsv, which generate.py and generate_numerics.py wrote from PostgreSQL 15's
/// answers.
private struct GoldenExpression {
  var template: String
  var operands: [String]
  /// The result's type and text, or !SQLSTATE and the message.
  var answer: String

  init(_ line: Substring) {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    template = fields[0]
    let answerCount = fields[fields.count - 1].hasPrefix("!") ? 1 : 2
    operands = Array(fields[1..<(fields.count - answerCount)])
    answer = fields[(fields.count - answerCount)...].joined(separator: " ")
  }

  private func filled(_ names: [String]) -> String {
    names.enumerated().reduce(template) { $0.replacingOccurrences(of: "$\($1.offset + 1)", with: $1.element) }
  }

  /// The operands as constants: what the binder folds.
  var constantQuery: String { "SELECT " + filled(operands.map { $0.hasPrefix("N") ? "(\($0))" : $0 }) }

  /// The operands as columns, in three equal rows: what runs for every batch. Nil where a literal's type is not known.
  var columnQuery: String? {
    guard operands.allSatisfy({ $0.contains("::") }) else { return nil }
    let names = operands.indices.map { "c\($0)" }
    let row = "(" + operands.joined(separator: ", ") + ")"
    return "SELECT \(filled(names)) FROM (VALUES \(row), \(row), \(row)) AS t(\(names.joined(separator: ", ")))"
  }
}

private func answer(_ query: String) -> String {
  var answers: Set<String> = []
  do throws(SQLError) {
    try inMemorySession().run(query) { result in
      let type = result.columns?[0].type.baseName ?? ""
      for row in result.textRows { answers.insert("\(type) \(row[0] ?? "null")") }
    }
  } catch {
    return "!\(error.state) \(error.message)"
  }
  return answers.sorted().joined(separator: " | ")
}

/// The differences that are ours by design: 38 digits of numeric (DIALECT §3) and timestamps that end in 294247.
private func isExcused(_ golden: String, _ ours: String) -> Bool {
  if golden.hasPrefix("numeric ") {
    let theirs = golden.dropFirst("numeric ".count)
    let digits = theirs.filter(\.isNumber).drop { $0 == "0" }.count
    if ours.hasPrefix("!22003") { return digits > 38 }
    // A quotient, a root, a logarithm or a power keeps as many of its digits as fit.
    if digits > 38, ours.hasPrefix("numeric ") {
      return theirs.hasPrefix(ours.dropFirst("numeric ".count).dropLast(1))
    }
  }
  return false
}

private let lines: [GoldenExpression] = {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
  return ["expressions.tsv", "numerics.tsv"].flatMap { name in
    let text = (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map { GoldenExpression($0) }
  }
}()

@Test func theGoldenExpressionsAreFound() { #expect(lines.count > 3400) }

@Test func constantExpressionsAnswerAsPostgreSQL() {
  var differences: [String] = []
  for line in lines {
    let ours = answer(line.constantQuery)
    if ours != line.answer, !isExcused(line.answer, ours) {
      differences.append("\(line.constantQuery): \(ours), PostgreSQL: \(line.answer)")
    }
  }
  #expect(differences.isEmpty, "\(differences.count):\n\(differences.prefix(60).joined(separator: "\n"))")
}

@Test func expressionsOverColumnsAnswerAsPostgreSQL() {
  var differences: [String] = []
  for line in lines {
    guard let query = line.columnQuery else { continue }
    let ours = answer(query)
    if ours != line.answer, !isExcused(line.answer, ours) {
      differences.append("\(query): \(ours), PostgreSQL: \(line.answer)")
    }
  }
  #expect(differences.isEmpty, "\(differences.count):\n\(differences.prefix(60).joined(separator: "\n"))")
}
