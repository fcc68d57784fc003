package import Columnar
import SQLTypes

/// Adds the weights of equal rows over all batches, which have one schema, and drops rows whose sum is zero. A row stays
/// where it was first; texts keep their arenas.
///
/// - Cost: one probe of a table of the delta's size for each row; at most 2^32 - 1 rows.
package func consolidated(_ batches: [Batch]) -> [Batch] {
  guard let schema = batches.first(where: { $0.count > 0 })?.columns.map(\.physicalType) else { return [] }
  let layout = RowLayout(types: schema), tails = TailMap(layout.textTails, wordCount: layout.endWord)
  let packed = batches.map { PackedRows(layout, $0.columns, count: $0.count) }
  let rowCount = batches.reduce(0) { $0 + $1.count }
  var slotCount = 16
  while slotCount < 2 * rowCount { slotCount *= 2 }
  let slots = Buffer(byteCount: slotCount * 4), sums = Buffer(byteCount: rowCount * 8), addresses = Buffer(byteCount: rowCount * 8)
  let (slot, sum) = (slots.pointer(as: UInt32.self), sums.pointer(as: Int64.self))
  let address = addresses.pointer(as: UnsafePointer<UInt64>.self)
  let isTail = tails.flags.map { UnsafePointer($0) }
  var number = 0
  for (batch, rows) in zip(batches, packed) {
    let words = rows.words, hashes = rows.hashes
    for row in 0..<batch.count {
      let at = UnsafePointer(words + row &* rows.strideWords)
      address[number] = at
      var position = Int(hashes[row]) & (slotCount &- 1)
      while slot[position] != 0,
        !rowsAreEqual(address[Int(slot[position]) &- 1], at, from: 0, to: layout.endWord, isTail, nil)
      {
        position = (position &+ 1) & (slotCount &- 1)
      }
      if slot[position] == 0 { slot[position] = UInt32(number &+ 1) }
      sum[Int(slot[position]) &- 1] &+= batch.weight(row)
      number &+= 1
    }
  }
  withExtendedLifetime((packed, tails)) {}
  return kept(batches, sum)
}

/// The rows whose sum, by their number over all batches, is not zero, with their sums for weights.
private func kept(_ batches: [Batch], _ sums: UnsafePointer<Int64>) -> [Batch] {
  var result: [Batch] = []
  var first = 0
  for batch in batches {
    let rows = Buffer(byteCount: batch.count * 4), weights = Buffer(byteCount: batch.count * 8)
    let (rowOut, weightOut) = (rows.pointer(as: Int32.self), weights.pointer(as: Int64.self))
    var count = 0
    for row in 0..<batch.count {
      rowOut[count] = Int32(row)
      weightOut[count] = sums[first + row]
      count += sums[first + row] == 0 ? 0 : 1
    }
    first += batch.count
    if count == 0 { continue }
    let selection = Selection(count: count, rows: rows)
    result.append(
      Batch(
        count: count, columns: batch.columns.map { $0.gather(selection) },
        weights: Column(.int64, count: count, values: weights)))
  }
  return result
}
