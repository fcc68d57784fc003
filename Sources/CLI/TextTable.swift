import Engine
import Planner
import SQLTypes

extension StatementResult {
  /// The rows as psql's aligned tables.
  func renderedTable() -> String {
    let rows = textRows.map { $0.map { $0 ?? "" } }
    let widths = columns.indices.map { index in
      max(columns[index].name.count, rows.map { $0[index].count }.max() ?? 0)
    }
    func padded(_ text: String, _ width: Int, isRight: Bool) -> String {
      let blanks = String(repeating: " ", count: width - text.count)
      return isRight ? blanks + text : text + blanks
    }
    func centred(_ text: String, _ width: Int) -> String {
      let left = (width - text.count) / 2
      return String(repeating: " ", count: left) + text + String(repeating: " ", count: width - text.count - left)
    }
    func line(_ cells: [String]) -> String {
      var line = " " + cells.joined(separator: " | ") + " "
      while line.last == " " { line.removeLast() }
      return line
    }
    var lines = [columns.indices.map { " " + centred(columns[$0].name, widths[$0]) + " " }.joined(separator: "|")]
    lines.append(widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+"))
    for row in rows {
      lines.append(line(columns.indices.map { padded(row[$0], widths[$0], isRight: columns[$0].type.isNumeric) }))
    }
    lines.append("(\(rows.count) row\(rows.count == 1 ? "" : "s"))")
    return lines.joined(separator: "\n") + "\n"
  }
}
