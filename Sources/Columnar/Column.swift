package import SQLTypes

/// How a column's values lie in memory.
///
/// | case | bytes a value | holds |
/// |---|---|---|
/// | bool | 1 | boolean: 0 or 1 |
/// | int16, int32, int64 | 2, 4, 8 | smallint; integer, date (days since 1970); bigint, oid, timestamps (microseconds since 1970) |
/// | float32, float64 | 4, 8 | real, double precision |
/// | text | 16 | `TextView` |
/// | int128 | 16 | numeric(p, s) with p > 18: the value times 10^s; int64 holds it up to p = 18; NaN is `ScaledNumeric.nan` |
/// | numeric | 24 | `NumericCell`: numeric without (p, s), a scale for each value |
/// | interval | 16 | `Interval`: months, days (4 bytes each), microseconds (8) |
package enum PhysicalType: UInt8, Sendable {
  case bool, int16, int32, int64, float32, float64, text, int128, numeric, interval

  package var stride: Int {
    switch self {
    case .bool: 1
    case .int16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    case .text, .int128, .interval: 16
    case .numeric: 24
    }
  }
}

extension SQLType {
  /// How the type's values lie in memory.
  package var physicalType: PhysicalType {
    switch self {
    case .boolean: .bool
    case .smallint: .int16
    case .integer, .date: .int32
    case .bigint, .timestamp, .timestamptz, .oid: .int64
    case .real: .float32
    case .double: .float64
    case .numeric(let modifier?): modifier.precision <= 18 ? .int64 : .int128
    case .numeric(nil): .numeric
    case .interval: .interval
    case .text, .varchar, .unknown, .catalogText: .text
    }
  }
}

/// Values of one physical type, with their nulls.
///
/// A constant column has storage for one value, which stands for all `count` rows.
package struct Column: Sendable {
  package let physicalType: PhysicalType
  package var count: Int
  package let isConstant: Bool
  package let values: Buffer
  /// One bit a row, least significant first; a set bit is a null. Absent when no row is null.
  package let nulls: Buffer?
  package let arenas: TextArenas

  package init(
    _ physicalType: PhysicalType, count: Int, values: Buffer, nulls: Buffer? = nil, arenas: TextArenas = [],
    isConstant: Bool = false
  ) {
    self.physicalType = physicalType
    self.count = count
    self.values = values
    self.nulls = nulls
    self.arenas = arenas
    self.isConstant = isConstant
  }

  /// The number of values in memory: one for a constant.
  package var storedCount: Int { isConstant ? min(count, 1) : count }

  @inlinable @inline(__always)
  package func pointer<T: BitwiseCopyable>(as type: T.Type) -> UnsafeMutablePointer<T> { values.pointer(as: type) }

  /// Whether row `row` is null.
  @inlinable
  package func isNull(_ row: Int) -> Bool {
    guard let nulls else { return false }
    let slot = isConstant ? 0 : row
    return nulls.pointer(as: UInt64.self)[slot >> 6] >> UInt64(slot & 63) & 1 != 0
  }

  /// The value of row `row`; zero where it is null. For edges, not for loops.
  @inlinable
  package func value<T: BitwiseCopyable>(_ row: Int, as type: T.Type) -> T {
    precondition(row >= 0 && row < count, "row outside of its column")
    return values.pointer(as: type)[isConstant ? 0 : row]
  }

  /// The same constant for another number of rows.
  package func broadcast(to count: Int) -> Column {
    precondition(isConstant, "only a constant column can be broadcast")
    var copy = self
    copy.count = count
    return copy
  }

  /// Calls `body` with the bytes of text row `row`.
  package func withText<R, E: Error>(_ row: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
    try value(row, as: TextView.self).withBytes(in: arenas) { (bytes) throws(E) in
      try body(Span(_unsafeBytes: bytes))
    }
  }

  package func text(_ row: Int) -> String {
    value(row, as: TextView.self).withBytes(in: arenas) { String(decoding: $0, as: UTF8.self) }
  }
}

extension Column {
  /// A column in which every row is null.
  package static func allNull(_ physicalType: PhysicalType, count: Int) -> Column {
    let nulls = Buffer(byteCount: 8)
    nulls.pointer(as: UInt64.self)[0] = 1
    return Column(physicalType, count: count, values: Buffer(byteCount: physicalType.stride), nulls: nulls, isConstant: true)
  }

  /// One value for `count` rows.
  package static func constant<T: BitwiseCopyable>(_ value: T, _ physicalType: PhysicalType, count: Int) -> Column {
    precondition(MemoryLayout<T>.stride == physicalType.stride, "a value of the column's physical type")
    let buffer = Buffer(byteCount: physicalType.stride)
    buffer.pointer(as: T.self)[0] = value
    return Column(physicalType, count: count, values: buffer, isConstant: true)
  }

  package static func constant(text: String, count: Int) -> Column {
    var builder = TextBuilder(capacity: 1)
    builder.append(Array(text.utf8).span)
    let one = builder.finish()
    return Column(.text, count: count, values: one.values, arenas: one.arenas, isConstant: true)
  }
}
