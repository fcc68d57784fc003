/// Rows as columns of equal length, with a weight for each row.
package struct Batch: Sendable {
  package let count: Int
  package let columns: [Column]
  /// Signed multiplicities; absent when every row's is +1.
  package let weights: Column?

  /// About this many rows a batch: larger ones leave the second-level cache (KERNELS §4).
  package static let targetRowCount = 4096

  package init(count: Int, columns: [Column], weights: Column? = nil) {
    precondition(columns.allSatisfy { $0.count == count }, "columns of a batch have its number of rows")
    precondition(weights.map { $0.count == count && $0.physicalType == .int64 } ?? true, "a bigint weight for each row")
    self.count = count
    self.columns = columns
    self.weights = weights
  }

  /// The batch of one row without columns that SELECT without FROM reads.
  package static let unit = Batch(count: 1, columns: [])

  package func weight(_ row: Int) -> Int64 { weights?.value(row, as: Int64.self) ?? 1 }

  /// The rows that `selection` names, in its order.
  package func gather(_ selection: Selection) -> Batch {
    Batch(
      count: selection.count, columns: columns.map { $0.gather(selection) }, weights: weights?.gather(selection))
  }

  /// The rows in batches of at most `rowCount`; of no rows no batch.
  package func slices(of rowCount: Int) -> [Batch] {
    if count <= rowCount { return count == 0 ? [] : [self] }
    return stride(from: 0, to: count, by: rowCount).map { gather(Selection($0..<min(count, $0 + rowCount))) }
  }
}
