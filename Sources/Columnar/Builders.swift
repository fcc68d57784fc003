import Glibc

/// Builds a column of fixed-width values row by row; `finish` freezes it.
package struct ColumnBuilder<T: BitwiseCopyable>: ~Copyable {
  private let physicalType: PhysicalType
  private var values: Buffer
  private var nulls: Buffer?
  private var capacity: Int
  package private(set) var count = 0

  package init(_ physicalType: PhysicalType, capacity: Int) {
    precondition(MemoryLayout<T>.stride == physicalType.stride, "a builder of the column's physical type")
    self.physicalType = physicalType
    self.capacity = max(capacity, 16)
    values = Buffer(byteCount: self.capacity * physicalType.stride)
  }

  package mutating func append(_ value: T) {
    if count == capacity { grow() }
    values.pointer(as: T.self)[count] = value
    count += 1
  }

  package mutating func appendNull() {
    if count == capacity { grow() }
    let bitmap = nulls ?? Buffer(byteCount: (capacity + 63) / 64 * 8)
    nulls = bitmap
    bitmap.pointer(as: UInt64.self)[count >> 6] |= 1 << UInt64(count & 63)
    count += 1
  }

  private mutating func grow() {
    capacity *= 2
    values = values.copied(byteCount: capacity * physicalType.stride)
    nulls = nulls?.copied(byteCount: (capacity + 63) / 64 * 8)
  }

  package consuming func finish() -> Column {
    Column(physicalType, count: count, values: values, nulls: nulls)
  }
}

/// Builds a column of texts; long ones go to one arena of its own.
package struct TextBuilder: ~Copyable {
  private var views: ColumnBuilder<TextView>
  private var arena: Buffer
  private var used = 0

  package init(capacity: Int, arenaBytes: Int = 256) {
    views = ColumnBuilder(.text, capacity: capacity)
    arena = Buffer(byteCount: arenaBytes)
  }

  package mutating func append(_ bytes: Span<UInt8>) {
    bytes.withUnsafeBytes { append($0) }
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    let count = bytes.count
    precondition(count <= Int(UInt32.max), "a text is shorter than 4 GiB")
    let source = bytes.baseAddress ?? UnsafeRawPointer(arena.base)
    if count <= TextView.inlineLimit {
      views.append(TextView(source, count: count, arena: 0, offset: 0))
      return
    }
    if used + count > arena.byteCount { arena = arena.copied(byteCount: max(arena.byteCount * 2, used + count)) }
    (arena.base + used).copyMemory(from: source, byteCount: count)
    views.append(TextView(source, count: count, arena: 0, offset: used))
    used += count
  }

  package mutating func appendNull() { views.appendNull() }

  package consuming func finish() -> Column {
    let arenas = used > 0 ? [arena] : []
    let column = views.finish()
    return Column(.text, count: column.count, values: column.values, nulls: column.nulls, arenas: arenas)
  }
}

extension Buffer {
  /// A larger buffer that begins with this one's bytes.
  func copied(byteCount: Int) -> Buffer {
    let copy = Buffer(byteCount: byteCount)
    copy.base.copyMemory(from: base, byteCount: min(self.byteCount, byteCount))
    return copy
  }
}
