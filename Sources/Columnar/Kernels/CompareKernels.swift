import Glibc
import SQLTypes

package enum ComparisonOperator: Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// Whether a three-way result (negative, zero, positive) satisfies it.
  @inline(__always)
  func holds(_ order: Int) -> Bool {
    switch self {
    case .equal: order == 0
    case .notEqual: order != 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }
}

@inline(__always)
func byte(_ condition: Bool) -> UInt8 { unsafeBitCast(condition, to: UInt8.self) }

/// PostgreSQL's order of floats: NaN equals itself and is above everything.
@inline(__always)
func floatOrder<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Int {
  if a < b { return -1 }
  if a > b { return 1 }
  if a == b { return 0 }
  return Int(byte(a.isNaN)) &- Int(byte(b.isNaN))
}

@inline(__always)
private func valueOrder<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }

extension Column {
  /// `lhs op rhs` as a boolean column; null where either is.
  package static func compare(_ op: ComparisonOperator, _ lhs: Column, _ rhs: Column) -> Column {
    precondition(lhs.physicalType == rhs.physicalType, "operands of one physical type")
    switch lhs.physicalType {
    case .bool: return compareIntegers(op, lhs, rhs, UInt8.self)
    case .int16: return compareIntegers(op, lhs, rhs, Int16.self)
    case .int32: return compareIntegers(op, lhs, rhs, Int32.self)
    case .int64: return compareIntegers(op, lhs, rhs, Int64.self)
    case .float32: return compareFloats(op, lhs, rhs, Float.self)
    case .float64: return compareFloats(op, lhs, rhs, Double.self)
    case .text: return compareTexts(op, lhs, rhs)
    case .int128: return compareIntegers(op, lhs, rhs, Int128.self)
    case .numeric:
      return mapPairs(lhs, rhs, NumericCell.self, NumericCell.self, into: .bool) {
        (byte(op.holds(Numeric.compare($0.numeric, $1.numeric))), 0)
      }.column
    case .interval:
      return mapPairs(lhs, rhs, Interval.self, Interval.self, into: .bool) { (byte(op.holds(valueOrder($0, $1))), 0) }.column
    }
  }

  @inline(__always)
  private static func compareIntegers<T: FixedWidthInteger & BitwiseCopyable>(
    _ op: ComparisonOperator, _ lhs: Column, _ rhs: Column, _ type: T.Type
  ) -> Column {
    switch op {
    case .equal: mapPairs(lhs, rhs, type, type, into: .bool) { (byte($0 == $1), 0) }.column
    case .notEqual: mapPairs(lhs, rhs, type, type, into: .bool) { (byte($0 != $1), 0) }.column
    case .less: mapPairs(lhs, rhs, type, type, into: .bool) { (byte($0 < $1), 0) }.column
    case .lessOrEqual: mapPairs(lhs, rhs, type, type, into: .bool) { (byte($0 <= $1), 0) }.column
    case .greater: mapPairs(lhs, rhs, type, type, into: .bool) { (byte($0 > $1), 0) }.column
    case .greaterOrEqual: mapPairs(lhs, rhs, type, type, into: .bool) { (byte($0 >= $1), 0) }.column
    }
  }

  @inline(__always)
  private static func compareFloats<T: BinaryFloatingPoint & BitwiseCopyable>(
    _ op: ComparisonOperator, _ lhs: Column, _ rhs: Column, _ type: T.Type
  ) -> Column {
    mapPairs(lhs, rhs, type, type, into: .bool) { (byte(op.holds(floatOrder($0, $1))), 0) }.column
  }

  private static func compareTexts(_ op: ComparisonOperator, _ lhs: Column, _ rhs: Column) -> Column {
    let (leftArenas, rightArenas) = (lhs.arenas, rhs.arenas)
    switch op {
    case .equal: return equalTexts(lhs, rhs, negated: 0)
    case .notEqual: return equalTexts(lhs, rhs, negated: 1)
    default:
      return mapPairs(lhs, rhs, TextView.self, TextView.self, into: .bool) {
        (byte(op.holds(textOrder($0, leftArenas, $1, rightArenas))), 0)
      }.column
    }
  }

  /// Whether texts are equal, or with `negated` 1 whether they are not.
  private static func equalTexts(_ lhs: Column, _ rhs: Column, negated: UInt8) -> Column {
    if lhs.isConstant && !rhs.isConstant { return equalTexts(rhs, lhs, negated: negated) }
    if rhs.isConstant && rhs.count > 0 {
      let constant = rhs.value(0, as: TextView.self)
      if constant.isInline {
        // Equal to a short text is what has its two words, whatever the arenas.
        return mapPairs(lhs, rhs, TextView.self, TextView.self, into: .bool) {
          (byte(($0.head ^ $1.head) | ($0.tail ^ $1.tail) == 0) ^ negated, 0)
        }.column
      }
      let bytes = UnsafeRawPointer(rhs.arenas[constant.arena].base + constant.offset), count = constant.length
      return withArenaBases(lhs.arenas) { arenas in
        mapPairs(lhs, rhs, TextView.self, TextView.self, into: .bool) { text, _ in
          if text.head != constant.head { return (negated, 0) }
          return (byte(longBytesAreEqual(arenas[text.arena] + text.offset, bytes, count)) ^ negated, 0)
        }.column
      }
    }
    return withArenaBases(lhs.arenas) { left in
      withArenaBases(rhs.arenas) { right in
        mapPairs(lhs, rhs, TextView.self, TextView.self, into: .bool) {
          (byte(textsAreEqual($0, left, $1, right)) ^ negated, 0)
        }.column
      }
    }
  }

  /// The order of two rows' values, neither null.
  package static func order(_ lhs: Column, _ leftRow: Int, _ rhs: Column, _ rightRow: Int) -> Int {
    func integers<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> Int {
      let (a, b) = (lhs.value(leftRow, as: type), rhs.value(rightRow, as: type))
      return a < b ? -1 : a > b ? 1 : 0
    }
    switch lhs.physicalType {
    case .bool: return integers(UInt8.self)
    case .int16: return integers(Int16.self)
    case .int32: return integers(Int32.self)
    case .int64: return integers(Int64.self)
    case .float32: return floatOrder(lhs.value(leftRow, as: Float.self), rhs.value(rightRow, as: Float.self))
    case .float64: return floatOrder(lhs.value(leftRow, as: Double.self), rhs.value(rightRow, as: Double.self))
    case .text:
      return textOrder(
        lhs.value(leftRow, as: TextView.self), lhs.arenas, rhs.value(rightRow, as: TextView.self), rhs.arenas)
    case .int128: return integers(Int128.self)
    case .numeric:
      return Numeric.compare(
        lhs.value(leftRow, as: NumericCell.self).numeric, rhs.value(rightRow, as: NumericCell.self).numeric)
    case .interval: return valueOrder(lhs.value(leftRow, as: Interval.self), rhs.value(rightRow, as: Interval.self))
    }
  }
}

/// Calls `body` with the addresses of arenas: loops would otherwise check an index and load an object for each row.
@inline(__always)
func withArenaBases<R>(_ arenas: TextArenas, _ body: (UnsafePointer<UnsafeRawPointer>) -> R) -> R {
  withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: max(1, arenas.count)) { bases in
    for (number, arena) in arenas.enumerated() { bases.initializeElement(at: number, to: UnsafeRawPointer(arena.base)) }
    return withExtendedLifetime(arenas) { body(UnsafePointer(bases.baseAddress!)) }
  }
}

/// Whether two texts have the same bytes.
@inline(__always)
func textsAreEqual(
  _ a: TextView, _ aArenas: UnsafePointer<UnsafeRawPointer>, _ b: TextView, _ bArenas: UnsafePointer<UnsafeRawPointer>
) -> Bool {
  if a.head != b.head { return false }
  if a.isInline { return a.tail == b.tail }
  return longBytesAreEqual(aArenas[a.arena] + a.offset, bArenas[b.arena] + b.offset, a.length)
}

/// Whether the bytes of two long texts of one length are equal.
///
/// Of those that take a few words all are looked at, the last one overlapping that before it: a branch on where they
/// differ would be guessed wrongly more often than the words cost.
@inline(__always)
private func longBytesAreEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
  if count > 64 { return memcmp(a, b, count) == 0 }
  let end = count &- 8
  var at = 0
  var difference = a.loadUnaligned(fromByteOffset: end, as: UInt64.self) ^ b.loadUnaligned(fromByteOffset: end, as: UInt64.self)
  while at < end {
    difference |= a.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ b.loadUnaligned(fromByteOffset: at, as: UInt64.self)
    at &+= 8
  }
  return difference == 0
}

/// Byte order of two texts (collation "C").
func textOrder(_ a: TextView, _ aArenas: TextArenas, _ b: TextView, _ bArenas: TextArenas) -> Int {
  let prefixes = (UInt32(truncatingIfNeeded: a.head >> 32).byteSwapped, UInt32(truncatingIfNeeded: b.head >> 32).byteSwapped)
  if prefixes.0 != prefixes.1 { return prefixes.0 < prefixes.1 ? -1 : 1 }
  return a.withBytes(in: aArenas) { left in
    b.withBytes(in: bArenas) { right in
      let common = min(left.count, right.count)
      let order = common == 0 ? 0 : Int(memcmp(left.baseAddress!, right.baseAddress!, common))
      return order != 0 ? order : left.count - right.count
    }
  }
}
