package import Columnar
import Planner
import SQLTypes

/// The lines of COPY … TO STDOUT, as they come.
package struct CopyLines {
  private let format: CopyFormat
  private let names: [String]
  private let types: [SQLType]
  private var line: [UInt8] = []
  private var scratch: [UInt8] = []
  private var count = 0

  /// nil for a result that is not COPY's.
  package init?(_ result: StatementResult) {
    guard let format = result.copyFormat, let columns = result.columns else { return nil }
    self.format = format
    names = columns.map(\.name)
    types = columns.map(\.type)
  }

  /// Gives the line of the columns' names, if there is to be one.
  package mutating func header(_ body: (ArraySlice<UInt8>) -> Void) {
    guard format.hasHeader else { return }
    line.removeAll(keepingCapacity: true)
    format.appendHeader(names, to: &line)
    body(line[...])
  }

  /// Gives the line of each row.
  package mutating func each(of batches: [Batch], _ body: (ArraySlice<UInt8>) -> Void) {
    for batch in batches {
      for row in 0..<batch.count {
        line.removeAll(keepingCapacity: true)
        format.appendRow(batch.columns, types, row: row, to: &line, scratch: &scratch)
        body(line[...])
      }
      count += batch.count
    }
  }

  /// The command tag after these lines.
  package var tag: String { "COPY \(count)" }
}
