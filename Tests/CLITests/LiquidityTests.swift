import CLI
import Foundation
import Testing

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// A line of either file, as Foundation reads it.
private struct Movement: Decodable {
  var participant: String
  var transtype: String?
  var crdr: String?
  var kind: String?
  var amount: String
  var time: String

  var type: String { transtype ?? kind ?? "" }
  /// In hundredths; positive for what comes in.
  var hundredths: Int {
    let digits = Int(amount.replacing(".", with: "")) ?? 0
    return crdr == "CR" || kind == "funding" ? digits : -digits
  }
  /// `2026-03-02 06:15:00+00`: the text of the quarter of an hour that the time is in.
  var quarter: String {
    let minute = Int(time.dropFirst(14).prefix(2)) ?? 0
    return "\(time.prefix(14))\(minute < 15 ? "00" : "\(minute / 15 * 15)"):00+00"
  }
}

private func movements() throws -> [Movement] {
  try ["payments", "fundings"].flatMap { name in
    try String(contentsOf: root.appending(path: "queries/liquidity/\(name).jsonl"), encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Movement.self, from: Data($0.utf8))
    }
  }
}

private func text(_ hundredths: Int?) -> String {
  guard let hundredths else { return "" }
  let digits = String(hundredths.magnitude)
  let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  return (hundredths < 0 ? "-" : "") + padded.dropLast(2) + "." + padded.suffix(2)
}

/// As PostgreSQL writes a time: without zeros at the end of the fraction.
private func shown(_ time: String) -> String {
  var seconds = time.dropLast(3)
  while seconds.last == "0" { seconds.removeLast() }
  if seconds.last == "." { seconds.removeLast() }
  return seconds + "+00"
}

/// The views hold what dictionaries make of the same files; the limits stand in the script.
@Test func theLiquidityQueriesPrintWhatTheFilesHold() throws {
  let script = try String(contentsOf: root.appending(path: "queries/liquidity/liquidity.sql"), encoding: .utf8)
    .replacing("'queries/", with: "'\(root.path)/queries/")
  let file = FileManager.default.temporaryDirectory.appending(path: "leat-liquidity-\(ProcessInfo.processInfo.processIdentifier).sql")
  try script.write(to: file, atomically: true, encoding: .utf8)
  defer { try? FileManager.default.removeItem(at: file) }
  var printed = ""
  var errors = ""
  let status = CommandLineTool(output: { printed += $0 }, errors: { errors += $0 }).run(["run", file.path, "--csv"])
  #expect(status == 0, "\(errors)")

  let all = Dictionary(grouping: try movements(), by: \.participant).sorted { $0.key < $1.key }
  var expected = ["participant,balance,transactions,last_type,last_amount,last_time"]
  for (participant, movements) in all {
    let balance = movements.reduce(0) { $0 + $1.hundredths }
    let last = try #require(movements.max { $0.time < $1.time })
    expected.append("\(participant),\(text(balance)),\(movements.count),\(last.type),\(text(last.hundredths)),\(shown(last.time))")
  }
  expected += ["participant,balance,minimum", "GLARCH2L,6075537.49,7000000.00", "participant,window_start,inflow,outflow"]
  for (participant, movements) in all {
    for (quarter, ofQuarter) in Dictionary(grouping: movements, by: \.quarter).sorted(by: { $0.key < $1.key }) {
      func sum(_ sign: Int) -> Int? {
        let amounts = ofQuarter.map { $0.hundredths * sign }.filter { $0 > 0 }
        return amounts.isEmpty ? nil : amounts.reduce(0, +)
      }
      expected.append("\(participant),\(quarter),\(text(sum(1))),\(text(sum(-1)))")
    }
  }
  #expect(expected.count > 200)
  #expect(printed.split(separator: "\n").map(String.init) == expected)
}
