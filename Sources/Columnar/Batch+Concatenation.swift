extension Batch {
  /// The rows of all parts, one part behind the other, with no constant columns; texts keep the parts' arenas.
  ///
  /// - types: the columns' types, which every part has (there may be no part).
  package static func concatenated(_ parts: [Batch], types: [PhysicalType]) -> Batch {
    precondition(parts.allSatisfy { $0.columns.map(\.physicalType) == types }, "parts of a batch have its columns")
    let count = parts.reduce(0) { $0 + $1.count }
    let columns = types.enumerated().map { index, type in
      Column.concatenated(parts.map { $0.columns[index] }, type, count: count)
    }
    guard parts.contains(where: { $0.weights != nil }) else { return Batch(count: count, columns: columns) }
    let weights = parts.map { $0.weights ?? .constant(Int64(1), .int64, count: $0.count) }
    return Batch(count: count, columns: columns, weights: .concatenated(weights, .int64, count: count))
  }
}

extension Column {
  /// - Shapes: the parts have `count` rows together.
  fileprivate static func concatenated(_ parts: [Column], _ type: PhysicalType, count: Int) -> Column {
    var firstRow = 0
    let placed = parts.map { part in
      defer { firstRow += part.count }
      return (Selection(firstRow..<firstRow + part.count), part)
    }
    return scatter(placed, type, count: count)
  }
}
