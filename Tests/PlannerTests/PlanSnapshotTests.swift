import Foundation
import Planner
import SQLTypes
import Testing

private let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Plans").standardized

private let files: [String] = {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  return names.filter { $0.hasSuffix(".txt") }.sorted()
}()

@Test func theSnapshotsAreFound() { #expect(files.count >= 3) }

/// A file holds blocks: a query, a line `----`, its plan and its columns, and an empty line. Plans are as the binder makes
/// them; in `rules.txt` and `windows.txt` as the rules leave them, with what is known of their rows (columns counted from 1). UPDATE_SNAPSHOTS=1 writes the plans anew.
@Test(arguments: files)
func plansAreAsWritten(file: String) throws {
  let url = folder.appending(path: file)
  let text = try String(contentsOf: url, encoding: .utf8)
  let catalog = TestCatalog.standard
  var written: [String] = []
  for block in text.components(separatedBy: "\n\n") where !block.trimmingCharacters(in: .newlines).isEmpty {
    let lines = block.trimmingCharacters(in: .newlines)
    if lines.split(separator: "\n").allSatisfy({ $0.hasPrefix("#") }) {
      written.append(lines)
      continue
    }
    let sql = lines.components(separatedBy: "\n----")[0]
    let appliesRules = ["rules.txt", "windows.txt"].contains(file)
    let query = try catalog.query(
      sql.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n"), appliesRules: appliesRules)
    let plan = PlanPrinter.print(query) { catalog.relation($0) }
    let columns = query.columns.map { "\($0.name) \($0.type.name)" }.joined(separator: ", ")
    let facts = appliesRules ? "\n" + shown(PlanProperties(of: query.plan) { catalog.relation($0) }) : ""
    let actual = "\(sql)\n----\n\(plan)\n(\(columns))\(facts)"
    written.append(actual)
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] != "1" { #expect(actual == lines) }
  }
  if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
    try (written.joined(separator: "\n\n") + "\n").write(to: url, atomically: true, encoding: .utf8)
  }
}

private func shown(_ properties: PlanProperties) -> String {
  let keys = properties.uniqueKeys.map { "(" + $0.map { String($0 + 1) }.joined(separator: ", ") + ")" }
  return (properties.isAppendOnly ? "append-only" : "changing") + (keys.isEmpty ? "" : ", unique " + keys.joined(separator: " "))
}
