/// Rows of UTF-8 text on their way to a terminal, a file or a program, in one of three formats.
///
/// Rows are kept until `flush` or `finish`. In the aligned format the rows kept decide the widths, as with psql; after
/// an early flush (rows that come in for ever) columns keep their widths and only grow. CSV and JSON need no widths, so
/// a long result is flushed whenever `bufferedBytes` is large.
///
/// Cells lie one behind the other in one array:
///
///     bytes   a p p l e 7 p e a r 1 2
///     ends              5 6       10  12      a null's entry is ~end: negative, and its cell is empty
package struct ResultTable: Sendable {
  package enum Format: Hashable, Sendable { case aligned, csv, json }

  /// What stands below an aligned table: the number of rows, or lines (a description's indexes), or nothing.
  package enum Footer: Hashable, Sendable {
    case rowCount
    case lines([String])
  }

  package let columns: [ResultColumn]
  package let format: Format
  package let isExpanded: Bool
  package let title: String?
  package let footer: Footer

  var bytes: [UInt8] = []
  var ends: [Int] = []
  var bufferedRows = 0
  /// Rows written by earlier flushes.
  var writtenRows = 0
  var hasBegun = false
  /// Columns on the terminal that each column takes; it never shrinks.
  var widths: [Int]
  var expandedLayout = ExpandedLayout()

  package init(
    columns: [ResultColumn], format: Format = .aligned, isExpanded: Bool = false, title: String? = nil,
    footer: Footer = .rowCount
  ) {
    self.columns = columns
    self.format = format
    self.isExpanded = isExpanded
    self.title = title
    self.footer = footer
    widths = Array(repeating: 0, count: columns.count)
  }

  package var rowCount: Int { writtenRows + bufferedRows }
  package var bufferedBytes: Int { bytes.count + ends.count * MemoryLayout<Int>.stride }

  /// Adds the row's next cell.
  package mutating func append(_ cell: Span<UInt8>) {
    bytes.reserveCapacity(bytes.count + cell.count)
    for index in cell.indices { bytes.append(cell[index]) }
    ends.append(bytes.count)
  }

  /// Adds a null as the row's next cell.
  package mutating func appendNull() {
    ends.append(~bytes.count)
  }

  /// Ends the row, which must have a cell for each column.
  package mutating func endRow() {
    bufferedRows += 1
    precondition(ends.count == bufferedRows * columns.count, "a row has one cell per column")
  }

  /// Adds a whole row; for tables that the shell makes itself.
  package mutating func append(_ row: [String?]) {
    for cell in row {
      if let cell {
        bytes.append(contentsOf: cell.utf8)
        ends.append(bytes.count)
      } else {
        appendNull()
      }
    }
    endRow()
  }

  /// Writes the rows kept so far, under the header if it has not been written.
  package mutating func flush(into output: inout [UInt8]) {
    switch (format, isExpanded) {
    case (.aligned, false): writeAligned(into: &output)
    case (.aligned, true): writeExpanded(into: &output)
    case (.csv, false): writeCSV(into: &output)
    case (.csv, true): writeExpandedCSV(into: &output)
    case (.json, _): writeJSON(into: &output)
    }
    hasBegun = true
    writtenRows += bufferedRows
    bufferedRows = 0
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  /// Writes what is left, and what stands below the table.
  package mutating func finish(into output: inout [UInt8]) {
    flush(into: &output)
    guard format == .aligned else { return }
    if isExpanded, rowCount > 0, !columns.isEmpty {
      if case .lines(let lines) = footer {
        output.append(.newline)
        for line in lines { output.append(line: line) }
      }
    } else {
      writeFooter(into: &output)
    }
    output.append(.newline)
  }

  private func writeFooter(into output: inout [UInt8]) {
    switch footer {
    case .rowCount: output.append(line: "(\(rowCount) row\(rowCount == 1 ? "" : "s"))")
    case .lines(let lines): for line in lines { output.append(line: line) }
    }
  }

  /// Where the cell's text lies in `bytes`; nil for a null.
  func cell(_ row: Int, _ column: Int) -> Range<Int>? {
    let index = row * columns.count + column
    guard ends[index] >= 0 else { return nil }
    let before = index == 0 ? 0 : ends[index - 1]
    return (before < 0 ? ~before : before)..<ends[index]
  }
}

extension UInt8 {
  static let newline = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")
  static let hyphen = UInt8(ascii: "-")
}

extension [UInt8] {
  mutating func append(text: String) { append(contentsOf: text.utf8) }

  mutating func append(line: String) {
    append(text: line)
    append(.newline)
  }

  mutating func append(_ byte: UInt8, times count: Int) {
    append(contentsOf: repeatElement(byte, count: Swift.max(0, count)))
  }
}
