internal import SQLTypes

/// Reads the parts of an encoded batch. Every size is compared with the bytes that are left before memory is taken for it.
struct BatchReader {
  private var next: UnsafeRawPointer
  private var left: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    // An empty array has no address; then nothing is read.
    next = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8)!
    left = bytes.count
  }

  var isAtEnd: Bool { left == 0 }

  /// The next `count` bytes; the reader goes behind them.
  @inline(__always)
  private mutating func take(_ count: Int) throws(SQLError) -> UnsafeRawPointer {
    guard count <= left else { throw BatchCodec.malformed("the bytes end early") }
    defer {
      next += count
      left -= count
    }
    return next
  }

  @inline(__always)
  mutating func byte() throws(SQLError) -> UInt8 { try take(1).load(as: UInt8.self) }

  mutating func varint() throws(SQLError) -> UInt64 { try varint(of: UInt64.self) }

  @inline(__always)
  private mutating func varint<T: FixedWidthInteger & UnsignedInteger>(of type: T.Type) throws(SQLError) -> T {
    var value: T = 0
    var shift = 0
    while true {
      let byte = try byte()
      let payload = T(truncatingIfNeeded: byte & 0x7f)
      guard shift < T.bitWidth, (payload << shift) >> shift == payload else { throw BatchCodec.malformed("a number is too long") }
      value |= payload << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  @inline(__always)
  private mutating func signed() throws(SQLError) -> Int64 {
    let raw = try varint(of: UInt64.self)
    return Int64(bitPattern: (raw >> 1) ^ (0 &- (raw & 1)))
  }

  @inline(__always)
  private mutating func signed128() throws(SQLError) -> Int128 {
    let raw = try varint(of: UInt128.self)
    return Int128(bitPattern: (raw >> 1) ^ (0 &- (raw & 1)))
  }

  private mutating func signed32() throws(SQLError) -> Int32 {
    guard let value = Int32(exactly: try signed()) else { throw BatchCodec.malformed("a number above 32 bits") }
    return value
  }

  mutating func weights(count: Int) throws(SQLError) -> Column? {
    switch try byte() {
    case 0: return nil
    case 1: break
    default: throw BatchCodec.malformed("an unknown kind of weights")
    }
    let buffer = try room(count, .int64)
    let values = buffer.pointer(as: Int64.self)
    for row in 0..<count { values[row] = try signed() }
    return Column(.int64, count: count, values: buffer)
  }

  /// Memory for `count` values, each of which takes a byte at least.
  private func room(_ count: Int, _ type: PhysicalType) throws(SQLError) -> Buffer {
    guard count <= left else { throw BatchCodec.malformed("more rows than bytes") }
    return Buffer(byteCount: count * type.stride)
  }

  mutating func column(_ type: PhysicalType, count: Int) throws(SQLError) -> Column {
    let header = try byte()
    guard header & 0x7f == type.rawValue else {
      throw BatchCodec.malformed("a column of kind \(header & 0x7f), expected \(type.rawValue)")
    }
    let nulls = header & 0x80 == 0 ? nil : try bitmap(count)
    let buffer = try room(count, type)
    var arenas: TextArenas = []
    switch type {
    case .bool: try flags(buffer, count)
    case .int16: try integers(buffer, count, as: Int16.self)
    case .int32: try integers(buffer, count, as: Int32.self)
    case .int64: try integers(buffer, count, as: Int64.self)
    case .float32, .float64: buffer.base.copyMemory(from: try take(count * type.stride), byteCount: count * type.stride)
    case .int128:
      let values = buffer.pointer(as: Int128.self)
      for row in 0..<count { values[row] = try signed128() }
    case .numeric: try numerics(buffer, count)
    case .interval: try intervals(buffer, count)
    case .text: arenas = try texts(buffer, count)
    }
    if let nulls { zero(nulls, in: buffer, count, stride: type.stride) }
    return Column(type, count: count, values: buffer, nulls: nulls, arenas: arenas)
  }

  private mutating func bitmap(_ count: Int) throws(SQLError) -> Buffer {
    let byteCount = (count + 7) / 8
    let bytes = try take(byteCount)
    let nulls = Buffer(byteCount: (count + 63) / 64 * 8)
    nulls.base.copyMemory(from: bytes, byteCount: byteCount)
    guard count & 7 == 0 || nulls.pointer(as: UInt8.self)[byteCount - 1] >> UInt8(count & 7) == 0 else {
      throw BatchCodec.malformed("a null behind the last row")
    }
    return nulls
  }

  /// A null slot holds zero bytes.
  private func zero(_ nulls: Buffer, in values: Buffer, _ count: Int, stride: Int) {
    let words = nulls.pointer(as: UInt64.self)
    for index in 0..<(count + 63) / 64 {
      var word = words[index]
      while word != 0 {
        let row = index * 64 + word.trailingZeroBitCount
        (values.base + row * stride).initializeMemory(as: UInt8.self, repeating: 0, count: stride)
        word &= word - 1
      }
    }
  }

  private mutating func flags(_ buffer: Buffer, _ count: Int) throws(SQLError) {
    let values = buffer.pointer(as: UInt8.self)
    buffer.base.copyMemory(from: try take(count), byteCount: count)
    var seen: UInt8 = 0
    for row in 0..<count { seen |= values[row] }
    guard seen <= 1 else { throw BatchCodec.malformed("a boolean that is neither true nor false") }
  }

  private mutating func integers<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _ buffer: Buffer, _ count: Int, as type: T.Type
  ) throws(SQLError) {
    guard let least = T(exactly: try signed()) else { throw BatchCodec.malformed("an integer outside of its type") }
    let width = Int(try byte())
    guard width <= MemoryLayout<T>.size, width.nonzeroBitCount == 1 else { throw BatchCodec.malformed("a width of \(width) bytes") }
    let distances = try take(count * width)
    let values = buffer.pointer(as: T.self)
    switch width {
    case 1: widen(distances, UInt8.self, from: least, into: values, count)
    case 2: widen(distances, UInt16.self, from: least, into: values, count)
    case 4: widen(distances, UInt32.self, from: least, into: values, count)
    default: widen(distances, UInt64.self, from: least, into: values, count)
    }
  }

  /// Sums wrap: damage that a checksum has not found gives some value, never a trap.
  private func widen<T: FixedWidthInteger & BitwiseCopyable, D: FixedWidthInteger & BitwiseCopyable>(
    _ distances: UnsafeRawPointer, _ type: D.Type, from least: T, into values: UnsafeMutablePointer<T>, _ count: Int
  ) {
    for row in 0..<count {
      let distance = distances.loadUnaligned(fromByteOffset: row &* MemoryLayout<D>.size, as: D.self)
      values[row] = least &+ T(truncatingIfNeeded: distance)
    }
  }

  private mutating func numerics(_ buffer: Buffer, _ count: Int) throws(SQLError) {
    let values = buffer.pointer(as: NumericCell.self)
    for row in 0..<count {
      let scale = try byte()
      let value = Numeric(unscaled: try signed128(), scale: scale)
      let isValid = value.isFinite ? value.unscaled.magnitude < Numeric.limit : value.unscaled == 1 || value.unscaled == -1 || value.isNaN
      guard isValid else { throw BatchCodec.malformed("a numeric outside of its type") }
      values[row] = NumericCell(value)
    }
  }

  private mutating func intervals(_ buffer: Buffer, _ count: Int) throws(SQLError) {
    let values = buffer.pointer(as: Interval.self)
    for row in 0..<count {
      values[row] = Interval(months: try signed32(), days: try signed32(), microseconds: try signed())
    }
  }

  /// The views of `count` texts, and the arena in which the long ones lie.
  private mutating func texts(_ buffer: Buffer, _ count: Int) throws(SQLError) -> TextArenas {
    let views = buffer.pointer(as: TextView.self)
    var total = 0
    var hasLong = false
    // The heads first, holding the lengths alone; the bytes come behind the last of them.
    for row in 0..<count {
      let length = try varint()
      guard length <= UInt64(left), length <= UInt64(UInt32.max) else { throw BatchCodec.malformed("a text beyond the end") }
      views[row] = TextView(head: length, tail: 0)
      total += Int(length)
      hasLong = hasLong || length > UInt64(TextView.inlineLimit)
    }
    let bytes = try take(total)
    try check(utf8: bytes, total, startingAt: views, count)
    let arena = hasLong ? Buffer(byteCount: total) : nil
    arena?.base.copyMemory(from: bytes, byteCount: total)
    var offset = 0
    for row in 0..<count {
      let length = views[row].length
      views[row] = TextView(bytes + offset, count: length, arena: 0, offset: offset)
      offset += length
    }
    return arena.map { [$0] } ?? []
  }

  /// The whole is UTF-8 and no text begins inside a character: so each text is UTF-8.
  private func check(
    utf8 bytes: UnsafeRawPointer, _ total: Int, startingAt views: UnsafeMutablePointer<TextView>, _ count: Int
  ) throws(SQLError) {
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: Span(_unsafeBytes: UnsafeRawBufferPointer(start: bytes, count: total)))
    } catch {
      throw BatchCodec.malformed("a text that is not UTF-8")
    }
    var offset = 0
    for row in 0..<count {
      let length = views[row].length
      if length > 0, bytes.load(fromByteOffset: offset, as: UInt8.self) & 0xc0 == 0x80 {
        throw BatchCodec.malformed("a text that is not UTF-8")
      }
      offset += length
    }
  }
}
