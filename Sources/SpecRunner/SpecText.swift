/// Rows as a spec writes them.
enum SpecText {
  static func line(_ row: [String?]) -> String {
    row.map { cell in
      guard let cell else { return "NULL" }
      return cell.isEmpty ? "(empty)" : cell.replacing("\n", with: "\\n")
    }.joined(separator: "  ")
  }

  static func lines(_ rows: [[String?]]) -> [String] { rows.map(line) }

  /// The lines in the order in which they are compared; `valuesort` forgets which row a value is of.
  static func arranged(_ lines: [String], _ order: SpecRecord.QueryOptions.Order) -> [String] {
    switch order {
    case .nosort: lines
    case .rowsort: lines.sorted()
    case .valuesort: lines.flatMap { $0.split(separator: "  ").map(String.init) }.sorted()
    }
  }

  /// The first cell that is not of its column's letter.
  static func misfit(_ rows: [[String?]], _ types: String) -> (letter: Character, cell: String)? {
    for row in rows {
      for (letter, cell) in zip(types, row) {
        guard let cell else { continue }
        let fits =
          switch letter {
          case "I": Int64(cell) != nil
          case "R": Double(cell) != nil
          case "B": cell == "t" || cell == "f"
          default: true
          }
        if !fits { return (letter, cell) }
      }
    }
    return nil
  }
}
