import CLI
import Foundation
import Testing

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// One line of the changelog, as Foundation reads it.
private struct Change: Decodable {
  struct Key: Decodable { var position_id: Int64 }
  struct Position: Decodable {
    var client: String?
    var exchange: String?
    var amount: Int64?
  }
  var key: Key
  var value: Position?
}

/// The positions that the changelog leaves.
private func positions() throws -> [Change.Position] {
  let text = try String(contentsOf: root.appending(path: "queries/positions/positions.jsonl"), encoding: .utf8)
  var byKey: [Int64: Change.Position] = [:]
  for line in text.split(separator: "\n") {
    let change = try JSONDecoder().decode(Change.self, from: Data(line.utf8))
    byKey[change.key.position_id] = change.value
  }
  return Array(byKey.values)
}

private func byBytes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

/// The demo's views hold what Foundation and two dictionaries make of the same file.
@Test func thePositionsDemoPrintsWhatTheFileHolds() throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "leat-positions-\(ProcessInfo.processInfo.processIdentifier)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  // The script's paths are relative to the repository, where the tests may not be run.
  let script = try String(contentsOf: root.appending(path: "queries/positions/positions.sql"), encoding: .utf8)
    .replacing("'queries/", with: "'\(root.path)/queries/")
  let file = folder.appending(path: "positions.sql")
  try script.write(to: file, atomically: true, encoding: .utf8)
  var printed = ""
  var errors = ""
  let status = CommandLineTool(output: { printed += $0 }, errors: { errors += $0 }).run(["run", file.path, "--csv"])
  #expect(status == 0, "\(errors)")

  let all = try positions()
  let clients = Set(all.filter { $0.exchange == "NASDAQ" }.compactMap(\.client)).sorted(by: byBytes)
  let exchanges = Dictionary(grouping: all, by: \.exchange)
  let totals = exchanges.keys.compactMap { $0 }.sorted(by: byBytes) + (exchanges[nil] == nil ? [] : [nil])
  var expected = ["client"] + clients + ["exchange,positions,amount"]
  for exchange in totals {
    let rows = exchanges[exchange] ?? []
    expected.append("\(exchange ?? ""),\(rows.count),\(rows.compactMap(\.amount).reduce(0, +))")
  }
  let lines = printed.split(separator: "\n").map(String.init)
  #expect(Array(lines.prefix(expected.count)) == expected)
  #expect(lines.count > expected.count + 20, "and the trades behind them")
}
