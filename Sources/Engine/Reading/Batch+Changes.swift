import Columnar
import StateMemory
import ZSets

extension Batch {
  /// The same rows, each counting `weight` times what it did; these have no weights yet.
  func weighted(_ weight: Int64) -> Batch {
    precondition(weights == nil, "rows that count once each are weighted")
    return Batch(count: count, columns: columns, weights: .constant(weight, .int64, count: count))
  }

  /// Batches of one schema as one in which each row stands once, with the sum of its weights; rows of weight zero are
  /// not in it.
  static func consolidated(_ batches: [Batch], types: [PhysicalType]) -> Batch {
    if batches.count == 1, batches[0].count == 1, batches[0].weight(0) != 0 { return batches[0] }
    var sum = WeightedRows(types: types, space: StateSpace())
    for batch in batches where batch.count > 0 { sum.add(batch) }
    return .joined(sum.changes(of: .weight), types: types)
  }

  /// Each row once.
  static func distinct(_ batch: Batch, types: [PhysicalType]) -> Batch {
    if batch.count <= 1 { return batch }
    var rows = WeightedRows(types: types, space: StateSpace())
    rows.add(batch)
    return .joined(rows.changes(of: .presence), types: types)
  }

  /// Batches of one schema one behind the other.
  static func joined(_ batches: [Batch], types: [PhysicalType]) -> Batch {
    if batches.count == 1 { return batches[0] }
    let count = batches.reduce(0) { $0 + $1.count }
    var selections: [Selection] = []
    var first = 0
    for batch in batches {
      selections.append(Selection(Array(first..<(first + batch.count))))
      first += batch.count
    }
    let columns = types.indices.map { index in
      Column.scatter(Array(zip(selections, batches.map { $0.columns[index] })), types[index], count: count)
    }
    let weights = Column.scatter(
      zip(selections, batches).map { ($0, $1.weights ?? .constant(Int64(1), .int64, count: $1.count)) }, .int64, count: count)
    return Batch(count: count, columns: columns, weights: weights)
  }

  /// The rows in batches of the usual size.
  func slices() -> [Batch] {
    if count <= 2 * Self.targetRowCount { return [self] }
    return stride(from: 0, to: count, by: Self.targetRowCount).map { first in
      gather(Selection(Array(first..<min(count, first + Self.targetRowCount))))
    }
  }
}
