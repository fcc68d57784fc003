import Columnar
import SQLTypes

/// Makes columns of the rows of one scan: one loop over the rows for each column.
///
/// A row whose value does not fit its column's type is noted in `failed` and gets zero bytes; who decodes takes it out and says
/// what is wrong with it. NaN in a numeric(p, s) is the largest integer. Slices longer than twelve bytes stay where they are: arena 0 is `block`, arena 1 what was decoded.
struct RowColumns {
  typealias Bytes = UnsafePointer<UInt8>

  let rowCount: Int
  /// The memory that was scanned, padded; slices of the input count from `start` in it.
  let block: Buffer
  let start: Int
  /// A copy of the texts that the scanner decoded; nil if there are none.
  let decoded: Buffer?
  /// Numbers of rows to take out, in no order, perhaps more than once.
  var failed: [Int] = []

  init(_ columns: borrowing ScanColumns, block: Buffer, start: Int) {
    rowCount = columns.rowCount
    self.block = block
    self.start = start
    if columns.arenaCount > 0 {
      let copy = Buffer(byteCount: columns.arenaCount)
      copy.base.copyMemory(from: columns.arenaBytes, byteCount: columns.arenaCount)
      decoded = copy
    } else {
      decoded = nil
    }
  }

  /// The values of field `field` as a column of `type`.
  ///
  /// - isNeeded: otherwise the values are only checked, and the column is a constant NULL.
  mutating func column(
    _ field: Int, of columns: borrowing ScanColumns, type: SQLType, isNeeded: Bool
  ) -> Column {
    let source = columns.columns[field]
    if !isNeeded {
      check(source, type)
      return .allNull(type.physicalType, count: rowCount)
    }
    let physical = type.physicalType
    // Readers leave the slots of nulls alone, so these must be zero; the other loops write every slot.
    let isRead = source.kind == .moment || source.kind == .numeric
    let byteCount = rowCount * physical.stride
    let out = isRead ? Buffer(byteCount: byteCount) : Buffer(uninitializedByteCount: byteCount)
    var arenas: TextArenas = []
    switch type {
    case .bigint, .double, .oid:
      out.base.copyMemory(from: source.slots, byteCount: rowCount * 8)
    case .integer: narrow(source, to: out.pointer(as: Int32.self))
    case .smallint: narrow(source, to: out.pointer(as: Int16.self))
    case .boolean: narrow(source, to: out.pointer(as: UInt8.self))
    case .real:
      let values = out.pointer(as: Float.self)
      for row in 0..<rowCount { values[row] = Float(Double(bitPattern: source.slots[row])) }
    case .text, .varchar(nil), .unknown, .catalogText:
      arenas = texts(source, to: out.pointer(as: TextView.self))
    case .varchar(let limit?):
      arenas = texts(source, to: out.pointer(as: TextView.self))
      limitLength(source, out.pointer(as: TextView.self), limit)
    case .date:
      read(source, to: out.pointer(as: Int32.self)) { text throws(SQLError) in try SQLDate(sqlText: text).days }
    case .timestamp:
      timestamps(source, to: out.pointer(as: Int64.self)) { text throws(SQLError) in
        try SQLTimestamp(sqlText: text).microseconds
      }
    case .timestamptz:
      timestamps(source, to: out.pointer(as: Int64.self)) { text throws(SQLError) in
        try SQLTimestamp(zonedSQLText: text).microseconds
      }
    case .interval:
      read(source, to: out.pointer(as: Interval.self)) { text throws(SQLError) in try Interval(sqlText: text) }
    case .numeric(let modifier?) where physical == .int64:
      decimals(source, to: out.pointer(as: Int64.self), modifier)
    case .numeric(let modifier?):
      read(source, to: out.pointer(as: Int128.self)) { text throws(SQLError) in
        let value = try Numeric(sqlText: text, modifier: modifier)
        return value.isNaN ? .max : value.unscaled
      }
    case .numeric(nil):
      read(source, to: out.pointer(as: NumericCell.self)) { text throws(SQLError) in NumericCell(try Numeric(sqlText: text)) }
    }
    return Column(physical, count: rowCount, values: out, nulls: nulls(source), arenas: arenas)
  }

  /// Notes the rows that have no value in a field that must have one.
  mutating func requireValues(_ field: Int, of columns: borrowing ScanColumns) {
    let flags = columns.columns[field].nulls
    if !hasNull(flags) { return }
    for row in 0..<rowCount where flags[row] != 0 { failed.append(row) }
  }

  /// Reads the values that only a reader can refuse, for a column that nobody needs.
  private mutating func check(_ source: ScanColumns.Column, _ type: SQLType) {
    guard source.kind == .moment || source.kind == .numeric || type.isLimited else { return }
    for row in 0..<rowCount where source.nulls[row] == 0 {
      let (at, count, _) = place(source.slots[row])
      do throws(SQLError) {
        try type.check(Span(_unsafeStart: at, count: count))
      } catch {
        failed.append(row)
      }
    }
  }

  private func narrow<T: FixedWidthInteger>(_ source: ScanColumns.Column, to out: UnsafeMutablePointer<T>) {
    let slots = source.slots
    for row in 0..<rowCount { out[row] = T(truncatingIfNeeded: slots[row]) }
  }

  /// Where a slice's bytes are: address, count, and whether they were decoded.
  @inline(__always)
  private func place(_ slot: UInt64) -> (at: Bytes, count: Int, isDecoded: Bool) {
    let slice = unsafeBitCast(slot, to: ScanSlice.self)
    let offset = Int(slice.place & ~ScanSlice.arenaBit)
    if slice.isInArena, let decoded {
      return (Bytes(decoded.pointer(as: UInt8.self)) + offset, Int(slice.length), true)
    }
    return (Bytes(block.pointer(as: UInt8.self)) + start + offset, Int(slice.length), false)
  }

  /// Views of the slices; returns the arenas that they need.
  private func texts(_ source: ScanColumns.Column, to views: UnsafeMutablePointer<TextView>) -> TextArenas {
    let slots = source.slots
    let blockBytes = UnsafeRawPointer(block.base) + start
    let decodedBytes = decoded.map { UnsafeRawPointer($0.base) } ?? blockBytes
    var longest = 0
    var hasDecoded = false
    for row in 0..<rowCount {
      let slice = unsafeBitCast(slots[row], to: ScanSlice.self)
      let offset = Int(slice.place & ~ScanSlice.arenaBit)
      let count = Int(slice.length)
      let isDecoded = slice.place & ScanSlice.arenaBit != 0
      let at = (isDecoded ? decodedBytes : blockBytes) + offset
      // Both buffers are padded, so twelve bytes can be read behind any place in them; what is not the text is masked away.
      let front = UInt64(at.loadUnaligned(as: UInt32.self).littleEndian)
      let back = (at + 4).loadUnaligned(as: UInt64.self).littleEndian
      let frontBits = UInt64(truncatingIfNeeded: min(count, 4) &* 8)
      let backBits = UInt64(truncatingIfNeeded: min(max(count &- 4, 0), 8) &* 8)
      let head = UInt64(truncatingIfNeeded: count) | (front & ((1 &<< frontBits) &- 1)) << 32
      let inline = backBits == 64 ? back : back & ((1 &<< backBits) &- 1)
      let outside = isDecoded ? 1 << 48 | UInt64(truncatingIfNeeded: offset) : UInt64(truncatingIfNeeded: start &+ offset)
      views[row] = TextView(head: head, tail: count <= TextView.inlineLimit ? inline : outside)
      longest = max(longest, count)
      hasDecoded = hasDecoded || isDecoded
    }
    if longest <= TextView.inlineLimit { return [] }
    if hasDecoded, let decoded { return [block, decoded] }
    return [block]
  }

  /// `varchar(n)`: as in PostgreSQL, more than n characters are refused, unless those too many are spaces, which are dropped.
  private mutating func limitLength(_ source: ScanColumns.Column, _ views: UnsafeMutablePointer<TextView>, _ limit: Int) {
    for row in 0..<rowCount where views[row].length > limit {
      let (at, count, isDecoded) = place(source.slots[row])
      guard let kept = SQLType.keptBytes(Span(_unsafeStart: at, count: count), limit: limit) else {
        views[row] = TextView()
        failed.append(row)
        continue
      }
      let base = isDecoded ? decoded?.base ?? block.base : block.base
      views[row] = TextView(at, count: kept, arena: isDecoded ? 1 : 0, offset: UnsafeRawPointer(at) - UnsafeRawPointer(base))
    }
  }

  /// Reads each slice that is not NULL.
  @inline(__always)
  private mutating func read<T: BitwiseCopyable>(
    _ source: ScanColumns.Column, to out: UnsafeMutablePointer<T>, _ reader: (borrowing Span<UInt8>) throws(SQLError) -> T
  ) {
    for row in 0..<rowCount where source.nulls[row] == 0 {
      let (at, count, _) = place(source.slots[row])
      do throws(SQLError) {
        out[row] = try reader(Span(_unsafeStart: at, count: count))
      } catch {
        failed.append(row)
      }
    }
  }

  /// Timestamps. Rows that follow one another mostly share their day: of those written like `2015-07-15 10:00:00.123`, whose first
  /// ten bytes are those of one read before, only the time is read here, anything else by `reader`.
  @inline(__always)
  private mutating func timestamps(
    _ source: ScanColumns.Column, to out: UnsafeMutablePointer<Int64>,
    _ reader: (borrowing Span<UInt8>) throws(SQLError) -> Int64
  ) {
    var day = ISODay()
    for row in 0..<rowCount where source.nulls[row] == 0 {
      let (at, count, _) = place(source.slots[row])
      if let value = day.timestamp(at, count) {
        out[row] = value
        continue
      }
      do throws(SQLError) {
        out[row] = try reader(Span(_unsafeStart: at, count: count))
        day.learn(at, count, out[row])
      } catch {
        failed.append(row)
      }
    }
  }

  /// `numeric(p, s)` of up to 18 digits. Digits with at most one point and no more than s behind it are read here, anything else
  /// by `Numeric`.
  private mutating func decimals(
    _ source: ScanColumns.Column, to out: UnsafeMutablePointer<Int64>, _ modifier: SQLType.NumericModifier
  ) {
    var limit: Int64 = 1
    for _ in 0..<modifier.precision { limit *= 10 }
    for row in 0..<rowCount where source.nulls[row] == 0 {
      let (at, count, _) = place(source.slots[row])
      if let value = Self.shortDecimal(at, count, scale: modifier.scale), abs(value) < limit {
        out[row] = value
        continue
      }
      do throws(SQLError) {
        let value = try Numeric(sqlText: Span(_unsafeStart: at, count: count), modifier: modifier)
        out[row] = value.isNaN ? .max : Int64(truncatingIfNeeded: value.unscaled)
      } catch {
        failed.append(row)
      }
    }
  }

  @inline(__always)
  private static func shortDecimal(_ at: Bytes, _ count: Int, scale: Int) -> Int64? {
    if count == 0 || count > 17 { return nil }  // 17 digits and 18 zeros at most: the loop below checks the product
    let isNegative = at[0] == UInt8(ascii: "-")
    var index = isNegative ? 1 : 0
    var value: Int64 = 0
    var digits = 0
    var fraction = -1  // digits behind the point
    while index < count {
      let byte = at[index]
      if TextValues.isDigit(byte) {
        value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
        digits += 1
        if fraction >= 0 { fraction += 1 }
      } else if byte == UInt8(ascii: "."), fraction < 0 {
        fraction = 0
      } else {
        return nil
      }
      index += 1
    }
    var zeros = scale - max(fraction, 0)
    if digits == 0 || zeros < 0 { return nil }
    while zeros > 0 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
      zeros -= 1
    }
    return isNegative ? -value : value
  }

  private func hasNull(_ flags: UnsafeMutablePointer<UInt8>) -> Bool {
    let raw = UnsafeRawPointer(flags)
    var any: UInt64 = 0
    var row = 0
    while row + 8 <= rowCount {
      any |= raw.loadUnaligned(fromByteOffset: row, as: UInt64.self)
      row += 8
    }
    while row < rowCount {
      any |= UInt64(flags[row])
      row += 1
    }
    return any != 0
  }

  /// The bitmap of a field's null flags; nil if no row is null.
  private func nulls(_ source: ScanColumns.Column) -> Buffer? {
    if !hasNull(source.nulls) { return nil }
    let bitmap = Buffer(byteCount: (rowCount + 63) / 64 * 8)
    let bytes = bitmap.pointer(as: UInt8.self)
    let raw = UnsafeRawPointer(source.nulls)
    var row = 0
    while row + 8 <= rowCount {
      // The factor brings bit 0 of byte i to bit 56 + i, and no two products to the same place.
      let flags = raw.loadUnaligned(fromByteOffset: row, as: UInt64.self).littleEndian
      bytes[row >> 3] = UInt8(truncatingIfNeeded: (flags &* 0x0102_0408_1020_4080) >> 56)
      row += 8
    }
    while row < rowCount {
      bytes[row >> 3] |= source.nulls[row] << UInt8(row & 7)
      row += 1
    }
    return bitmap
  }
}
