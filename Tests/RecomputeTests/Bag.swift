import SQLTypes
import ReferenceModel
import TestSupport

/// Rows as texts without an order, so that two answers can be compared and told apart.
struct Bag: Equatable, CustomStringConvertible {
  private(set) var counts: [[String?]: Int] = [:]

  init(_ rows: [[String?]]) {
    for row in rows { counts[row.map { $0 == "-0" ? "0" : $0 }, default: 0] += 1 }
  }

  /// Of equal doubles `min` and `max` may show either zero: the two are one here.
  init(_ rows: [Row], _ types: [SQLType]) {
    self.init(rows.map { row in row.indices.map { row[$0].outputText(as: types[$0]) } })
  }

  func isSubset(of other: Bag) -> Bool { counts.allSatisfy { $1 <= other.counts[$0, default: 0] } }

  var description: String {
    let lines = counts.flatMap { row, count in
      Array(repeating: row.map { $0.map { $0.isEmpty ? "(empty)" : $0 } ?? "NULL" }.joined(separator: "  "), count: count)
    }
    return lines.isEmpty ? "(no rows)" : lines.sorted().joined(separator: "\n")
  }
}
