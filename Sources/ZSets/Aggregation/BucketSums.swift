import CPlatform
import Columnar
import SQLTypes
import StateMemory

/// Exact sums of floats and of numerics with a scale for each value: one sum for each *bucket* that a group's values fall
/// into, which the result adds up. Most groups have one or two.
///
/// A double is an integer times a power of two; bucket b holds, in units of 2^(64 b - 1074), those whose power lies in
/// 64 b ..< 64 b + 64 above -1074. A numeric's bucket is its scale, and holds the unscaled values. NaN and the infinities
/// have buckets of their own, of which only the count matters.
///
/// | word | meaning |
/// |---|---|
/// | 0 | key: group in bits 32...63, aggregate in 16...31, bucket in 0...15 |
/// | 1 | the group's next bucket, as id + 1; 0: none |
/// | 2 | count |
/// | 3, 4, 5 | sum |
/// | 6 | the round that touched the bucket last |
/// | 7 ... 10 | count and sum before that round |
struct BucketSums: ~Copyable {
  private static var rowWords: Int { 11 }
  static var nan: Int { 1000 }
  static var infinity: Int { 1001 }
  static var negativeInfinity: Int { 1002 }

  private var table: KeyedRows

  init(space: StateSpace) { table = KeyedRows(rowBytes: Self.rowWords * 8, keyWords: 1, in: space) }

  var count: Int { table.count }
  var stateBytes: Int { table.stateBytes }

  mutating func setArmed(_ armed: Bool) { table.setArmed(armed) }

  /// What a bucket holds, or held before the round.
  struct Sum {
    var bucket: Int
    var count: Int64
    var words: (UInt64, UInt64, UInt64)
  }

  /// Adds values of a column to their groups' buckets.
  ///
  /// - Shapes: `count` groups and weights; a row of weight 0 is left out. `words` is where a group's accumulator lies: its
  ///   count and chain are changed, and have been declared.
  /// - Returns: rows that were probed.
  mutating func add(
    _ column: Column, weights: UnsafePointer<Int64>, groups: UnsafePointer<UInt32>, count: Int, aggregate: Int,
    round: UInt64, words: (UInt32) -> UnsafeMutablePointer<UInt64>
  ) -> Int {
    var keys: [UInt64] = [], hashes: [UInt32] = [], values: [Int128] = [], rows: [Int] = []
    keys.reserveCapacity(count)
    hashes.reserveCapacity(count)
    values.reserveCapacity(count)
    rows.reserveCapacity(count)
    for row in 0..<count where weights[row] != 0 {
      let (bucket, value) = Self.split(column, row)
      let key = UInt64(groups[row]) &<< 32 | UInt64(aggregate) &<< 16 | UInt64(bucket)
      keys.append(key)
      hashes.append(hashWord(key))
      values.append(value)
      rows.append(row)
    }
    var ids = [UInt32](repeating: 0, count: keys.count)
    var span = ids.mutableSpan
    table.findOrInsert(keys: keys.span, hashes: hashes.span, into: &span)
    let base = table.willChange(ids.span).base
    for (position, row) in rows.enumerated() {
      let bucket = (base + Int(ids[position]) &* (Self.rowWords * 8)).assumingMemoryBound(to: UInt64.self)
      let group = words(groups[row])
      if bucket[6] == 0 {  // new: no round has touched it
        bucket[1] = group[1]
        group[1] = UInt64(ids[position]) + 1
      }
      if bucket[6] != round {
        bucket[6] = round
        (bucket + 7).update(from: bucket + 2, count: 4)
      }
      bucket[2] &+= UInt64(bitPattern: weights[row])
      addProduct(values[position], weights[row], to: bucket + 3)
      group[0] &+= UInt64(bitPattern: weights[row])
    }
    return rows.count
  }

  /// The bucket of a value, and the integer that it is there.
  @inline(__always)
  private static func split(_ column: Column, _ row: Int) -> (bucket: Int, value: Int128) {
    let slot = column.isConstant ? 0 : row
    switch column.physicalType {
    case .numeric:
      let value = column.pointer(as: NumericCell.self)[slot].numeric
      if value.isFinite { return (Int(value.scale), value.unscaled) }
      return (value.isNaN ? nan : value.isNegative ? negativeInfinity : infinity, 0)
    case .float32: return split(Double(column.pointer(as: Float.self)[slot]))
    default: return split(column.pointer(as: Double.self)[slot])
    }
  }

  @inline(__always)
  private static func split(_ value: Double) -> (bucket: Int, value: Int128) {
    if !value.isFinite { return (value.isNaN ? nan : value < 0 ? negativeInfinity : infinity, 0) }
    let exponent = Int(value.exponentBitPattern)
    let power = max(exponent, 1) &- 1
    let significand = Int128(value.significandBitPattern | (exponent == 0 ? 0 : 1 << 52)) &<< Int128(power & 63)
    return (power &>> 6, value.sign == .minus ? 0 &- significand : significand)
  }

  /// The sums of a group's buckets, whose first is `first`; as before the round if `isOld`.
  func sums(from first: UInt64, isOld: Bool, round: UInt64, _ body: (Sum) -> Void) {
    let base = table.rows.base
    var next = first
    while next != 0 {
      let bucket = (base + Int(next - 1) &* (Self.rowWords * 8)).assumingMemoryBound(to: UInt64.self)
      let at = isOld && bucket[6] == round ? bucket + 7 : bucket + 2
      body(Sum(bucket: Int(bucket[0] & 0xffff), count: Int64(bitPattern: at[0]), words: (at[1], at[2], at[3])))
      next = bucket[1]
    }
  }

  /// Buckets of a group of which nothing is left leave; all do with the group.
  ///
  /// - Returns: the first one that stays, as id + 1.
  mutating func removeEmpty(from first: UInt64, all: Bool) -> UInt64 {
    let base = table.rows.base
    var dead: [UInt32] = [], hashes: [UInt32] = [], kept: [UInt32] = []
    var next = first
    while next != 0 {
      let id = UInt32(next - 1)
      let bucket = (base + Int(id) &* (Self.rowWords * 8)).assumingMemoryBound(to: UInt64.self)
      if all || (bucket[2] == 0 && bucket[3] == 0 && bucket[4] == 0 && bucket[5] == 0) {
        dead.append(id)
        hashes.append(hashWord(bucket[0]))
      } else {
        kept.append(id)
      }
      next = bucket[1]
    }
    if dead.isEmpty { return first }
    let writable = table.willChange(kept.span).base
    for (position, id) in kept.enumerated() {
      let bucket = (writable + Int(id) &* (Self.rowWords * 8)).assumingMemoryBound(to: UInt64.self)
      bucket[1] = position + 1 < kept.count ? UInt64(kept[position + 1]) + 1 : 0
    }
    table.remove(ids: dead.span, hashes: hashes.span)
    return kept.first.map { UInt64($0) + 1 } ?? 0
  }
}
