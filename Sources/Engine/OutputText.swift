package import Columnar
import Planner
package import SQLTypes

extension Column {
  /// Appends the text of row `row`, which is not null, as PostgreSQL sends it.
  package func appendOutput(_ row: Int, as type: SQLType, to bytes: inout [UInt8]) {
    if type == .boolean {
      bytes.append(value(row, as: UInt8.self) != 0 ? UInt8(ascii: "t") : UInt8(ascii: "f"))
    } else {
      appendText(row, as: type, to: &bytes)
    }
  }

  /// The text of row `row` as PostgreSQL sends it; nil for null.
  package func outputText(_ row: Int, as type: SQLType) -> String? {
    if isNull(row) { return nil }
    var bytes: [UInt8] = []
    appendOutput(row, as: type, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension StatementResult {
  /// The rows' texts, nil for null: for shells and tests, not for the data plane.
  package var textRows: [[String?]] {
    batches.flatMap { batch in
      (0..<batch.count).map { row in zip(batch.columns, columns ?? []).map { $0.outputText(row, as: $1.type) } }
    }
  }
}
