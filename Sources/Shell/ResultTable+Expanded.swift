// psql's expanded format, one line a column:
//
//     -[ RECORD 1 ]-+--------
//     name          | apple
//     amount        | 7

/// What the lines of an expanded table have in common; it is computed at each flush and never shrinks.
struct ExpandedLayout {
  var nameWidth = 0
  var valueWidth = 0
  var hasTallValue = false
}

extension ResultTable {
  mutating func writeExpanded(into output: inout [UInt8]) {
    guard bufferedRows > 0, !columns.isEmpty else { return }
    measureRecords()
    if !hasBegun, let title { output.append(line: title) }
    let names = columns.map { column in
      var text = CellText()
      text.set(column.name)
      return text
    }
    var value = CellText()
    for row in 0..<bufferedRows {
      writeRecordLine(writtenRows + row + 1, into: &output)
      for column in columns.indices {
        value.set(cell(row, column).map { bytes[$0] } ?? [])
        writeField(names[column], value, into: &output)
      }
    }
  }

  private mutating func measureRecords() {
    var text = CellText()
    for column in columns {
      text.set(column.name)
      expandedLayout.nameWidth = max(expandedLayout.nameWidth, text.width)
    }
    for row in 0..<bufferedRows {
      for column in columns.indices {
        guard let range = cell(row, column) else { continue }
        text.set(bytes[range])
        expandedLayout.valueWidth = max(expandedLayout.valueWidth, text.width)
        if text.lines.count > 1 { expandedLayout.hasTallValue = true }
      }
    }
    // The line above each record, "-[ RECORD 12 ]", must not stand out: 12 columns and its number.
    let between = 3 + (expandedLayout.hasTallValue ? 1 : 0)
    let recordWidth = 12 + String(bufferedRows).utf8.count
    expandedLayout.valueWidth = max(expandedLayout.valueWidth, recordWidth - expandedLayout.nameWidth - between)
  }

  /// Writes the line above a record, with a + over the bars if the number leaves room for it.
  private func writeRecordLine(_ number: Int, into output: inout [UInt8]) {
    let label = "-[ RECORD \(number) ]"
    var columnsUsed = label.utf8.count
    let start = output.count
    output.append(text: label)
    output.append(.hyphen, times: expandedLayout.nameWidth - columnsUsed)
    columnsUsed = max(columnsUsed, expandedLayout.nameWidth)
    if columnsUsed <= expandedLayout.nameWidth { output.append(.hyphen) }
    if columnsUsed <= expandedLayout.nameWidth + 1 { output.append(UInt8(ascii: "+")) }
    if columnsUsed <= expandedLayout.nameWidth + 2 { output.append(.hyphen) }
    let total = expandedLayout.nameWidth + 3 + expandedLayout.valueWidth
    output.append(.hyphen, times: total - (output.count - start))
    output.append(.newline)
  }

  /// Writes a column's name beside its value, line by line.
  private func writeField(_ name: CellText, _ value: CellText, into output: inout [UInt8]) {
    for line in 0..<max(name.lines.count, value.lines.count) {
      if line < name.lines.count {
        output.append(contentsOf: name.bytes[name.lines[line].bytes])
        output.append(.space, times: expandedLayout.nameWidth - name.lines[line].width)
        output.append(line + 1 < name.lines.count ? UInt8(ascii: "+") : .space)
      } else {
        output.append(.space, times: expandedLayout.nameWidth + 1)
      }
      output.append(UInt8(ascii: "|"))
      if line < value.lines.count {
        output.append(.space)
        output.append(contentsOf: value.bytes[value.lines[line].bytes])
        if line + 1 < value.lines.count {
          output.append(.space, times: expandedLayout.valueWidth - value.lines[line].width)
          output.append(UInt8(ascii: "+"))
        }
      }
      output.append(.newline)
    }
  }
}
