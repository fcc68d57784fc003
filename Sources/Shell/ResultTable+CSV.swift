// CSV as psql --csv writes it: RFC 4180 with LF, names first, nulls empty, quotes only where needed.

extension ResultTable {
  func writeCSV(into output: inout [UInt8]) {
    if !hasBegun {
      for column in columns.indices {
        if column > 0 { output.append(UInt8(ascii: ",")) }
        Self.writeCSVField(Array(columns[column].name.utf8)[...], into: &output)
      }
      output.append(.newline)
    }
    for row in 0..<bufferedRows where !columns.isEmpty {
      for column in columns.indices {
        if column > 0 { output.append(UInt8(ascii: ",")) }
        if let range = cell(row, column) { Self.writeCSVField(bytes[range], into: &output) }
      }
      output.append(.newline)
    }
  }

  /// Expanded: a line `name,value` for each cell.
  func writeExpandedCSV(into output: inout [UInt8]) {
    for row in 0..<bufferedRows {
      for column in columns.indices {
        Self.writeCSVField(Array(columns[column].name.utf8)[...], into: &output)
        output.append(UInt8(ascii: ","))
        if let range = cell(row, column) { Self.writeCSVField(bytes[range], into: &output) }
        output.append(.newline)
      }
    }
  }

  /// Quoted if it holds a comma, a quote or a line break, or would end COPY's data (`\.`).
  private static func writeCSVField(_ field: ArraySlice<UInt8>, into output: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let needsQuotes =
      field.contains { $0 == UInt8(ascii: ",") || $0 == quote || $0 == .newline || $0 == UInt8(ascii: "\r") }
      || field.elementsEqual("\\.".utf8)
    guard needsQuotes else {
      output.append(contentsOf: field)
      return
    }
    output.append(quote)
    for byte in field {
      if byte == quote { output.append(quote) }
      output.append(byte)
    }
    output.append(quote)
  }
}
