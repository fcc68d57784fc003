internal import SQLTypes

/// Writes the parts of an encoded batch, one behind the other. The caller has taken enough room (`encodedBytesBound`).
struct BatchWriter {
  private let start: UnsafeMutableRawPointer
  private var next: UnsafeMutableRawPointer

  init(_ room: UnsafeMutableRawBufferPointer) {
    start = room.baseAddress!
    next = start
  }

  var count: Int { next - start }

  @inline(__always)
  mutating func put<T: BitwiseCopyable>(_ value: T) {
    next.storeBytes(of: value, as: T.self)
    next += MemoryLayout<T>.size
  }

  @inline(__always)
  mutating func put<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(varint value: T) {
    var rest = value
    while rest >= 0x80 {
      put(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    put(UInt8(truncatingIfNeeded: rest))
  }

  @inline(__always)
  mutating func put(signed value: Int64) { put(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

  @inline(__always)
  mutating func put(signed value: Int128) { put(varint: UInt128(bitPattern: (value << 1) ^ (value >> 127))) }

  mutating func put(weights: Column?) {
    put(UInt8(weights == nil ? 0 : 1))
    guard let weights else { return }
    let values = weights.pointer(as: Int64.self)
    for row in 0..<weights.count { put(signed: values[weights.isConstant ? 0 : row]) }
  }

  mutating func put(_ column: Column) {
    let rows = EncodedRows(column)
    put(column.physicalType.rawValue | (rows.hasNulls ? 0x80 : 0))
    if rows.hasNulls { put(nulls: rows) }
    switch column.physicalType {
    case .bool: put(fixed: rows, as: UInt8.self)
    case .int16: put(integers: rows, as: Int16.self)
    case .int32: put(integers: rows, as: Int32.self)
    case .int64: put(integers: rows, as: Int64.self)
    case .float32: put(fixed: rows, as: UInt32.self)
    case .float64: put(fixed: rows, as: UInt64.self)
    case .int128:
      rows.forEach(as: Int128.self, null: 0) { put(signed: $0) }
    case .numeric:
      rows.forEach(as: NumericCell.self, null: NumericCell(.zero)) {
        put($0.numeric.scale)
        put(signed: $0.numeric.unscaled)
      }
    case .interval:
      rows.forEach(as: Interval.self, null: .zero) {
        put(signed: Int64($0.months))
        put(signed: Int64($0.days))
        put(signed: $0.microseconds)
      }
    case .text: put(texts: rows)
    }
  }

  private mutating func put(nulls rows: EncodedRows) {
    var byte: UInt8 = 0
    for row in 0..<rows.count {
      if rows.column.isNull(row) { byte |= 1 << UInt8(row & 7) }
      if row & 7 == 7 {
        put(byte)
        byte = 0
      }
    }
    if rows.count & 7 != 0 { put(byte) }
  }

  private mutating func put<T: FixedWidthInteger & BitwiseCopyable>(fixed rows: EncodedRows, as type: T.Type) {
    if rows.isPlain {
      let bytes = rows.count * MemoryLayout<T>.size
      next.copyMemory(from: rows.column.values.base, byteCount: bytes)
      next += bytes
    } else {
      rows.forEach(as: T.self, null: 0) { put($0) }
    }
  }

  private mutating func put<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(integers rows: EncodedRows, as type: T.Type) {
    var (least, greatest) = (T.max, T.min)
    rows.forEachNonNull(as: T.self) {
      least = min(least, $0)
      greatest = max(greatest, $0)
    }
    if least > greatest { (least, greatest) = (0, 0) }
    let distance = UInt64(bitPattern: Int64(greatest) &- Int64(least))
    put(signed: Int64(least))
    switch distance {
    case 0...0xff: put(distances: rows, from: least, as: UInt8.self)
    case 0...0xffff: put(distances: rows, from: least, as: UInt16.self)
    case 0...0xffff_ffff: put(distances: rows, from: least, as: UInt32.self)
    default: put(distances: rows, from: least, as: UInt64.self)
    }
  }

  private mutating func put<T: FixedWidthInteger & SignedInteger & BitwiseCopyable, D: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    distances rows: EncodedRows, from least: T, as type: D.Type
  ) {
    put(UInt8(MemoryLayout<D>.size))
    let to = next
    if rows.isPlain {
      let values = rows.column.pointer(as: T.self)
      for row in 0..<rows.count {
        to.storeBytes(of: D(truncatingIfNeeded: values[row] &- least), toByteOffset: row &* MemoryLayout<D>.size, as: D.self)
      }
      next += rows.count * MemoryLayout<D>.size
    } else {
      rows.forEach(as: T.self, null: least) { put(D(truncatingIfNeeded: $0 &- least)) }
    }
  }

  private mutating func put(texts rows: EncodedRows) {
    rows.forEach(as: TextView.self, null: TextView()) { put(varint: UInt64($0.length)) }
    rows.forEach(as: TextView.self, null: TextView()) { view in
      view.withBytes(in: rows.column.arenas) { bytes in
        guard let from = bytes.baseAddress else { return }
        next.copyMemory(from: from, byteCount: bytes.count)
        next += bytes.count
      }
    }
  }
}

/// The rows of a column as they are written: a constant's one value for every row, and a stand-in for nulls.
struct EncodedRows {
  let column: Column
  let count: Int
  let hasNulls: Bool

  init(_ column: Column) {
    self.column = column
    count = column.count
    hasNulls = column.nulls != nil && (0..<(column.isConstant ? min(count, 1) : count)).contains { column.isNull($0) }
  }

  /// Whether the values can be copied as they lie.
  var isPlain: Bool { !hasNulls && !column.isConstant }

  @inline(__always)
  func forEach<T: BitwiseCopyable>(as type: T.Type, null: T, _ body: (T) -> Void) {
    let values = column.pointer(as: T.self)
    if isPlain {
      for row in 0..<count { body(values[row]) }
    } else {
      for row in 0..<count { body(hasNulls && column.isNull(row) ? null : values[column.isConstant ? 0 : row]) }
    }
  }

  @inline(__always)
  func forEachNonNull<T: BitwiseCopyable>(as type: T.Type, _ body: (T) -> Void) {
    let values = column.pointer(as: T.self)
    if isPlain {
      for row in 0..<count { body(values[row]) }
    } else {
      for row in 0..<count where !(hasNulls && column.isNull(row)) { body(values[column.isConstant ? 0 : row]) }
    }
  }
}
