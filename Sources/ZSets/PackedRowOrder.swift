import CPlatform
import Columnar
import Glibc
import SQLTypes
import StateMemory

/// One column of an order.
package struct RowOrderKey: Hashable, Sendable {
  package var column: Int
  package var isDescending: Bool
  package var nullsFirst: Bool

  package init(column: Int, isDescending: Bool = false, nullsFirst: Bool = false) {
    self.column = column
    self.isDescending = isDescending
    self.nullsFirst = nullsFirst
  }
}

/// The order of packed rows by some columns, made total.
///
/// Values compare as PostgreSQL's: texts by their bytes, NaN equal to itself and above all other numbers, -0 equal to 0,
/// intervals by their length. Rows that the keys leave equal go by all columns from the first to the last, ascending and
/// nulls last, and rows equal in all values by the exact forms, column by column: the sign of a zero, the scale of a
/// numeric, the months, then the days of an interval. So each set of rows has one order (DIALECT §4).
package struct PackedRowOrder: RowOrder {
  private let fields: [RowLayout.Field]
  private let keys: [RowOrderKey]
  private let base: UnsafeMutableRawPointer
  private let rowBytes: Int
  private let arena: UnsafeMutableRawPointer
  /// Rows that were read: those that are looked for, once, by `prefix`, and each that one is compared with.
  package private(set) var readCount = 0

  /// Valid until the arrangement changes.
  init(_ keys: [RowOrderKey], of arrangement: borrowing Arrangement) {
    fields = arrangement.layout.fields
    // The tie-breaking columns, less those that are equal by then.
    let named = Set(keys.map(\.column))
    self.keys = keys + fields.indices.filter { !named.contains($0) }.map { RowOrderKey(column: $0) }
    base = arrangement.rows.base
    rowBytes = arrangement.rows.rowBytes
    arena = arrangement.arena.base
  }

  private func row(_ id: UInt32) -> UnsafeRawPointer { UnsafeRawPointer(base + Int(id) &* rowBytes) }

  package mutating func compare(_ a: UInt32, _ b: UInt32) -> Int {
    readCount &+= 1
    let (a, b) = (row(a), row(b))
    for key in keys {
      let field = fields[key.column]
      let (aIsNull, bIsNull) = (isNull(a, field), isNull(b, field))
      if aIsNull || bIsNull {
        if aIsNull == bIsNull { continue }
        return aIsNull == key.nullsFirst ? -1 : 1
      }
      let order = compareValues(a + field.offset, b + field.offset, field.type)
      if order != 0 { return key.isDescending ? -order : order }
    }
    for field in fields where !isNull(a, field) {
      let order = compareForms(a + field.offset, b + field.offset, field.type)
      if order != 0 { return order }
    }
    return 0
  }

  private func isNull(_ row: UnsafeRawPointer, _ field: RowLayout.Field) -> Bool {
    row.load(fromByteOffset: field.nullWord &* 8, as: UInt64.self) & field.nullBit != 0
  }

  private func compareValues(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ type: PhysicalType) -> Int {
    switch type {
    case .bool, .int16, .int32, .int64: order(integer(a, type), integer(b, type))
    case .float32, .float64: order(floatOrder(float(a, type)), floatOrder(float(b, type)))
    case .text: compareTexts(a, b)
    case .int128: order(a.loadUnaligned(as: Int128.self), b.loadUnaligned(as: Int128.self))
    case .numeric:
      Numeric.compare(a.loadUnaligned(as: NumericCell.self).numeric, b.loadUnaligned(as: NumericCell.self).numeric)
    case .interval:
      order(
        a.loadUnaligned(as: Interval.self).comparableMicroseconds,
        b.loadUnaligned(as: Interval.self).comparableMicroseconds)
    }
  }

  /// Equal values in different forms.
  private func compareForms(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ type: PhysicalType) -> Int {
    switch type {
    case .float32: return order(a.load(as: UInt32.self), b.load(as: UInt32.self))
    case .float64: return order(a.load(as: UInt64.self), b.load(as: UInt64.self))
    case .numeric:
      return order(a.loadUnaligned(as: NumericCell.self).numeric.scale, b.loadUnaligned(as: NumericCell.self).numeric.scale)
    case .interval:
      let (x, y) = (a.loadUnaligned(as: Interval.self), b.loadUnaligned(as: Interval.self))
      return x.months != y.months ? order(x.months, y.months) : order(x.days, y.days)
    default: return 0
    }
  }

  private func compareTexts(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Int {
    let (aHead, bHead) = (a.load(as: UInt64.self), b.load(as: UInt64.self))
    let (aBytes, bBytes) = (Int(aHead & 0xffff_ffff), Int(bHead & 0xffff_ffff))
    let (aPrefix, bPrefix) = (UInt32(aHead >> 32).byteSwapped, UInt32(bHead >> 32).byteSwapped)
    if aPrefix != bPrefix { return aPrefix < bPrefix ? -1 : 1 }
    let result = memcmp(textBytes(a, aHead), textBytes(b, bHead), min(aBytes, bBytes))
    return result != 0 ? Int(result) : order(aBytes, bBytes)
  }

  /// The bytes of a short text lie in its two words behind the length.
  private func textBytes(_ field: UnsafeRawPointer, _ head: UInt64) -> UnsafeRawPointer {
    longTextBytes(head) == 0 ? field + 4 : longText(field.load(fromByteOffset: 8, as: UInt64.self), arena)
  }

  // Prefixes ---------------------------------------------------------------------------------------------------------

  /// A word that is smaller for rows that come earlier, or the same: the first column of the order, squeezed into what a
  /// null leaves free.
  package mutating func prefix(of id: UInt32) -> UInt64 {
    readCount &+= 1
    guard let key = keys.first else { return 0 }
    let field = fields[key.column], row = row(id)
    if isNull(row, field) { return key.nullsFirst ? 0 : .max }
    let ascending = valuePrefix(row + field.offset, field.type)
    let word = key.isDescending ? ~ascending : ascending
    return min(max(word, 1), .max - 1)
  }

  private func valuePrefix(_ value: UnsafeRawPointer, _ type: PhysicalType) -> UInt64 {
    switch type {
    case .bool, .int16, .int32, .int64: return signedPrefix(integer(value, type))
    case .float32, .float64: return floatOrder(float(value, type))
    case .int128: return signedPrefix(Int64(clamping: value.loadUnaligned(as: Int128.self)))
    case .interval: return signedPrefix(Int64(clamping: value.loadUnaligned(as: Interval.self).comparableMicroseconds))
    case .numeric: return signedPrefix(integerPart(value.loadUnaligned(as: NumericCell.self).numeric))
    case .text:
      let head = value.load(as: UInt64.self), bytes = textBytes(value, head)
      let next = longTextBytes(head) > 0 ? cp_load_unaligned_u32(bytes + 4) : value.load(fromByteOffset: 8, as: UInt32.self)
      return UInt64(UInt32(head >> 32).byteSwapped) << 32 | UInt64(next.byteSwapped)
    }
  }
}

@inline(__always) private func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }

@inline(__always) private func integer(_ value: UnsafeRawPointer, _ type: PhysicalType) -> Int64 {
  switch type {
  case .int16: Int64(value.load(as: Int16.self))
  case .int32: Int64(value.load(as: Int32.self))
  case .int64: value.load(as: Int64.self)
  default: Int64(value.load(as: UInt8.self))
  }
}

@inline(__always) private func float(_ value: UnsafeRawPointer, _ type: PhysicalType) -> Double {
  type == .float32 ? Double(value.load(as: Float.self)) : value.load(as: Double.self)
}

/// Maps numbers to words of the same order, every NaN to the greatest, -0 and 0 to one.
@inline(__always) private func floatOrder(_ value: Double) -> UInt64 {
  if value.isNaN { return .max }
  let bits = (value == 0 ? 0.0 : value).bitPattern
  return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
}

@inline(__always) private func signedPrefix(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ (1 << 63) }

/// The greatest integer that is not above the number, as far as 64 bits reach.
private func integerPart(_ value: Numeric) -> Int64 {
  if !value.isFinite { return value.isNegative ? .min : .max }
  if value.scale > 38 { return value.isNegative ? -1 : 0 }
  let divisor = Int128(powerOfTen(Int(value.scale)))
  let (quotient, remainder) = value.unscaled.quotientAndRemainder(dividingBy: divisor)
  return Int64(clamping: remainder < 0 ? quotient - 1 : quotient)
}

extension Arrangement {
  /// All rows of a weight other than 0, in an order made total.
  package func sorted(by keys: [RowOrderKey]) -> ArrangedRows {
    let all = rows(from: 0, to: .max)
    var order = PackedRowOrder(keys, of: self)
    var places: [(prefix: UInt64, row: Int)] = []
    places.reserveCapacity(all.count)
    for row in 0..<all.count { places.append((order.prefix(of: all.id(row)), row)) }
    places.sort { $0.prefix != $1.prefix ? $0.prefix < $1.prefix : order.compare(all.id($0.row), all.id($1.row)) < 0 }
    return ArrangedRows(ids: places.map { all.id($0.row) }, weights: places.map { all.weight($0.row) })
  }
}
