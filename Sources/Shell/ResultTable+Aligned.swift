// psql's aligned format:
//
//      name  | amount            headers centred, the title (if any) centred above them
//     -------+--------
//      apple |      7            numbers at the right, nulls empty
//      pear +|     12            a + where a value goes on in the next line
//      plum  |
//     (2 rows)

extension ResultTable {
  mutating func writeAligned(into output: inout [UInt8]) {
    measureColumns()
    if !hasBegun {
      writeTitle(into: &output)
      writeHeader(into: &output)
      writeRule(into: &output)
    }
    var cells = Array(repeating: CellText(), count: columns.count)
    for row in 0..<bufferedRows {
      for column in columns.indices { cells[column].set(cell(row, column).map { bytes[$0] } ?? []) }
      writeRow(cells, into: &output)
    }
  }

  private mutating func measureColumns() {
    var text = CellText()
    for column in columns.indices {
      text.set(columns[column].name)
      widths[column] = max(widths[column], text.width)
    }
    for row in 0..<bufferedRows {
      for column in columns.indices {
        guard let range = cell(row, column), !range.isEmpty else { continue }
        text.set(bytes[range])
        widths[column] = max(widths[column], text.width)
      }
    }
  }

  private func writeTitle(into output: inout [UInt8]) {
    guard let title else { return }
    var text = CellText()
    text.set(title)
    let total = widths.reduce(0, +) + max(0, columns.count * 3 - 1)
    output.append(.space, times: (total - text.width) / 2)
    output.append(line: title)
  }

  private func writeHeader(into output: inout [UInt8]) {
    let headers = columns.map { column in
      var text = CellText()
      text.set(column.name)
      return text
    }
    for line in 0..<(headers.map(\.lines.count).max() ?? 0) {
      for column in columns.indices {
        let lines = headers[column].lines
        let blanks = widths[column] - (line < lines.count ? lines[line].width : 0)
        if column > 0 { output.append(UInt8(ascii: "|")) }
        output.append(.space, times: 1 + blanks / 2)
        if line < lines.count { output.append(contentsOf: headers[column].bytes[lines[line].bytes]) }
        output.append(.space, times: blanks - blanks / 2)
        output.append(line + 1 < lines.count ? UInt8(ascii: "+") : .space)
      }
      output.append(.newline)
    }
  }

  private func writeRule(into output: inout [UInt8]) {
    output.append(.hyphen)
    for column in columns.indices {
      if column > 0 { output.append(text: "-+-") }
      output.append(.hyphen, times: widths[column])
    }
    output.append(.hyphen)
    output.append(.newline)
  }

  /// Writes a row in as many lines as its tallest cell has.
  private func writeRow(_ cells: [CellText], into output: inout [UInt8]) {
    for line in 0..<(cells.map(\.lines.count).max() ?? 0) {
      for column in columns.indices {
        if column > 0 { output.append(UInt8(ascii: "|")) }
        output.append(.space)
        writeLine(line, of: cells[column], in: column, into: &output)
      }
      output.append(.newline)
    }
  }

  /// Writes a line of a cell; at the end of a row no blanks, unless a + follows.
  private func writeLine(_ line: Int, of cell: CellText, in column: Int, into output: inout [UInt8]) {
    let isLast = column == columns.count - 1
    let goesOn = line + 1 < cell.lines.count
    var blanks = widths[column]
    if line < cell.lines.count {
      blanks -= cell.lines[line].width
      if columns[column].isRightAligned {
        output.append(.space, times: blanks)
        blanks = 0
      }
      output.append(contentsOf: cell.bytes[cell.lines[line].bytes])
    }
    if goesOn || !isLast {
      output.append(.space, times: blanks)
      output.append(goesOn ? UInt8(ascii: "+") : .space)
    }
  }
}
