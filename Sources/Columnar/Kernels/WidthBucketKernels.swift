import SQLTypes

/// `width_bucket(operand, low, high, count)`: which of `count` equally wide buckets between two bounds a number falls in, from 1;
/// 0 below and `count + 1` from the upper bound on. Bounds in falling order count from the larger one down.
///
/// A quotient decides, and is rounded to a double or to 16 digits or so: in PostgreSQL 15, and so here, what is just below a
/// bound can already count as above it.
extension Column {
  /// Errors: 2201G, 22003.
  package static func widthBucket(
    doubles operands: Column, _ lows: Column, _ highs: Column, _ counts: Column
  ) -> CheckedResult {
    checkedValues([operands, lows, highs, counts], Int32.self, into: .int32) { (row) throws(SQLError) in
      let operand = operands.value(row, as: Double.self)
      let (low, high) = (lows.value(row, as: Double.self), highs.value(row, as: Double.self))
      let count = counts.value(row, as: Int32.self)
      if let outside = try bucketOutside(operand, low, high, count) { return outside }
      // PostgreSQL 15 gives nonsense where the bounds' difference or a product leaves a double.
      var quotient = Double(count) * (operand - low) / (high - low)
      if !quotient.isFinite { quotient = Double(count) * ((operand / 2 - low / 2) / (high / 2 - low / 2)) }
      guard let bucket = Int32(exactly: (quotient + 1).rounded(.towardZero)) else { throw .outOfRange(.integer) }
      return bucket
    }
  }

  /// The same of numerics. Errors: 2201G, 22003.
  package static func widthBucket(
    numericCells operands: Column, _ lows: Column, _ highs: Column, _ counts: Column
  ) -> CheckedResult {
    checkedValues([operands, lows, highs, counts], Int32.self, into: .int32) { (row) throws(SQLError) in
      let operand = operands.value(row, as: NumericCell.self).numeric
      let (low, high) = (lows.value(row, as: NumericCell.self).numeric, highs.value(row, as: NumericCell.self).numeric)
      let count = counts.value(row, as: Int32.self)
      if let outside = try bucketOutside(operand, low, high, count) { return outside }
      let product = try operand.subtracting(low).multiplied(by: Numeric(count))
      let bucket = try product.divided(by: try high.subtracting(low)).adding(Numeric(1 as Int64)).floor()
      return try Int32(rounding: bucket)
    }
  }

  /// The bucket of a number that is not between the bounds; nil for one that is. Errors: 2201G, 22003.
  private static func bucketOutside<Number: BucketedNumber>(
    _ operand: Number, _ low: Number, _ high: Number, _ count: Int32
  ) throws(SQLError) -> Int32? {
    try checkBuckets(
      count, hasNaN: operand.isNaN || low.isNaN || high.isNaN, isFinite: low.isFinite && high.isFinite,
      areEqual: low == high)
    if low < high ? operand < low : operand > low { return 0 }
    guard low < high ? operand >= high : operand <= high else { return nil }
    let (bucket, overflow) = count.addingReportingOverflow(1)
    if overflow { throw .outOfRange(.integer) }
    return bucket
  }

  private static func checkBuckets(_ count: Int32, hasNaN: Bool, isFinite: Bool, areEqual: Bool) throws(SQLError) {
    let message: String
    if count <= 0 {
      message = "count must be greater than zero"
    } else if hasNaN {
      message = "operand, lower bound, and upper bound cannot be NaN"
    } else if !isFinite {
      message = "lower and upper bounds must be finite"
    } else if areEqual {
      message = "lower bound cannot equal upper bound"
    } else {
      return
    }
    throw SQLError(.invalidArgumentForWidthBucket, message)
  }
}

private protocol BucketedNumber: Comparable {
  var isNaN: Bool { get }
  var isFinite: Bool { get }
}

extension Double: BucketedNumber {}
extension Numeric: BucketedNumber {}
