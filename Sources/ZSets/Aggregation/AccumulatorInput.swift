import Columnar
import SQLTypes

/// What one aggregate gets of a batch: for each row its group, its value and how often it counts.
struct AccumulatorInput {
  let groups: Buffer
  /// Weights; 0 where the value, or the key if there is one, is null or the filter is not true.
  let weights: Buffer
  let count: Int
  var values: Column?
  /// What orders the values, if they do not themselves.
  var keys: Column?

  var groupIDs: UnsafeMutablePointer<UInt32> { groups.pointer(as: UInt32.self) }
  var counts: UnsafeMutablePointer<Int64> { weights.pointer(as: Int64.self) }

  /// The same rows as far as they count for a call.
  func restricted(by call: Accumulation, in batch: Batch) -> AccumulatorInput {
    let values = call.argument.map { batch.columns[$0.column] }
    let keys = call.key.map { batch.columns[$0.column] }
    let deciding = keys ?? values
    if call.filter == nil, deciding?.nulls == nil {
      return AccumulatorInput(groups: groups, weights: weights, count: count, values: values, keys: keys)
    }
    let masked = Buffer(byteCount: count * 8), out = masked.pointer(as: Int64.self)
    out.update(from: counts, count: count)
    if let deciding, deciding.nulls != nil { for row in 0..<count where deciding.isNull(row) { out[row] = 0 } }
    if let filter = call.filter {
      let condition = batch.columns[filter]
      let isTrue = condition.pointer(as: UInt8.self), step = condition.isConstant ? 0 : 1
      for row in 0..<count where isTrue[row &* step] == 0 || condition.isNull(row) { out[row] = 0 }
    }
    return AccumulatorInput(groups: groups, weights: masked, count: count, values: values, keys: keys)
  }

  /// The rows that count at all.
  func compacted() -> AccumulatorInput {
    let rows = Buffer(byteCount: count * 4), out = rows.pointer(as: Int32.self), counts = self.counts
    var kept = 0, row = 0
    while row < count {
      out[kept] = Int32(truncatingIfNeeded: row)
      kept &+= counts[row] == 0 ? 0 : 1
      row &+= 1
    }
    if kept == count { return self }
    let groups = Buffer(byteCount: kept * 4), weights = Buffer(byteCount: kept * 8)
    let (groupOut, weightOut, groupIDs) = (groups.pointer(as: UInt32.self), weights.pointer(as: Int64.self), self.groupIDs)
    for position in 0..<kept {
      groupOut[position] = groupIDs[Int(out[position])]
      weightOut[position] = counts[Int(out[position])]
    }
    let selection = Selection(count: kept, rows: rows)
    return AccumulatorInput(
      groups: groups, weights: weights, count: kept, values: values?.gather(selection), keys: keys?.gather(selection))
  }
}
