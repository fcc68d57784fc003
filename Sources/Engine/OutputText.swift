package import Columnar

extension Column {
  /// The text of row `row` as PostgreSQL sends it; nil for null.
  package func outputText(_ row: Int) -> String? {
    if isNull(row) { return nil }
    switch physicalType {
    case .bool: return value(row, as: UInt8.self) != 0 ? "t" : "f"
    case .int16, .int32, .int64:
      var digits: [UInt8] = []
      appendInteger(row, to: &digits)
      return String(decoding: digits, as: UTF8.self)
    case .text: return text(row)
    case .float32, .float64: preconditionFailure("no expression has a float type yet")
    }
  }
}

extension StatementResult {
  /// The rows' texts, nil for null: for shells and tests, not for the data plane.
  package var textRows: [[String?]] {
    batches.flatMap { batch in
      (0..<batch.count).map { row in batch.columns.map { $0.outputText(row) } }
    }
  }
}
