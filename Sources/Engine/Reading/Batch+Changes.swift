import Columnar
import ZSets

extension Batch {
  /// The same rows, each counting `weight` times what it did; these have no weights yet.
  func weighted(_ weight: Int64) -> Batch {
    precondition(weights == nil, "rows that count once each are weighted")
    return Batch(count: count, columns: columns, weights: .constant(weight, .int64, count: count))
  }

  /// Whether a row's weight is negative.
  var retracts: Bool { weights != nil && (0..<count).contains { weight($0) < 0 } }

  /// Batches of one schema as one in which each row stands once, with the sum of its weights; rows of weight zero are
  /// not in it.
  static func consolidated(_ batches: [Batch], types: [PhysicalType]) -> Batch {
    if batches.count == 1, batches[0].count == 1, batches[0].weight(0) != 0 { return batches[0] }
    return .joined(ZSets.consolidated(batches), types: types)
  }

  /// Each row once; all have positive weights.
  static func distinct(_ batch: Batch, types: [PhysicalType]) -> Batch {
    if batch.count <= 1 { return batch }
    let once = consolidated([batch], types: types)
    return Batch(count: once.count, columns: once.columns)
  }

  /// Batches of one schema one behind the other; one alone stays as it is.
  static func joined(_ batches: [Batch], types: [PhysicalType]) -> Batch {
    batches.count == 1 ? batches[0] : .concatenated(batches, types: types)
  }

  /// The rows in batches of the usual size.
  func slices() -> [Batch] {
    count <= 2 * Self.targetRowCount ? [self] : slices(of: Self.targetRowCount)
  }
}

extension [Batch] {
  /// The first `count` rows, and the others.
  func split(at count: Int) -> (taken: [Batch], left: [Batch]) {
    var (taken, left): ([Batch], [Batch]) = ([], [])
    var wanted = count
    for batch in self {
      if batch.count <= wanted {
        taken.append(batch)
      } else if wanted == 0 {
        left.append(batch)
      } else {
        taken.append(batch.gather(Selection(0..<wanted)))
        left.append(batch.gather(Selection(wanted..<batch.count)))
      }
      wanted -= Swift.min(wanted, batch.count)
    }
    return (taken, left)
  }
}
