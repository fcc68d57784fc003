import SQLTypes

/// Row numbers of a batch, in the order in which they are wanted.
package struct Selection: Sendable {
  package let count: Int
  package let rows: Buffer

  package init(count: Int, rows: Buffer) {
    self.count = count
    self.rows = rows
  }

  package init(_ rows: [Int]) {
    let buffer = Buffer(byteCount: rows.count * 4)
    let out = buffer.pointer(as: Int32.self)
    for (index, row) in rows.enumerated() { out[index] = Int32(row) }
    self.init(count: rows.count, rows: buffer)
  }

  package subscript(_ index: Int) -> Int {
    precondition(index >= 0 && index < count, "index outside of its selection")
    return Int(rows.pointer(as: Int32.self)[index])
  }

  /// The same rows without those of `rows`.
  package func removing(_ rows: Set<Int>) -> Selection {
    Selection((0..<count).map { self[$0] }.filter { !rows.contains($0) })
  }

  /// The rows of a boolean column that are true (not false, not null).
  package static func whereTrue(_ condition: Column) -> Selection {
    select(condition) { value, isNull in value & ~isNull }
  }

  /// The rows that are false or null.
  package static func whereNotTrue(_ condition: Column) -> Selection {
    select(condition) { value, isNull in ~value | isNull }
  }

  /// Eight rows a step and no branch: their values become bits of a byte, and a table has the row numbers that these keep.
  ///
  /// - keep: of a bit for each row's value and one for its null, a bit that says whether it is kept.
  @inline(__always)
  private static func select(_ condition: Column, _ keep: (UInt8, UInt8) -> UInt8) -> Selection {
    precondition(condition.physicalType == .bool, "a selection needs a boolean column")
    let count = condition.count
    if condition.isConstant {
      let isKept = count > 0 && keep(condition.value(0, as: UInt8.self), condition.isNull(0) ? 1 : 0) & 1 != 0
      return isKept ? all(count) : Selection(count: 0, rows: Buffer(byteCount: 0))
    }
    // A step writes eight numbers, of which the next one overwrites those that are not kept; the padding takes the last ones.
    let buffer = Buffer(uninitializedByteCount: count * 4)
    let out = buffer.pointer(as: Int32.self)
    let values = UnsafeRawPointer(condition.values.base), nulls = condition.nulls.map { UnsafeRawPointer($0.base) }
    let kept = RowsOfBits.table.withUnsafeBufferPointer { table in
      let table = table.baseAddress!
      var kept = 0, row = 0
      while row < count {
        // Each byte is 0 or 1; the product has byte i's in bit 56 + i, and nothing carries.
        let bytes = UInt64(littleEndian: values.load(fromByteOffset: row, as: UInt64.self))
        let isTrue = UInt8(truncatingIfNeeded: (bytes &* 0x0102_0408_1020_4080) &>> 56)
        var bits = keep(isTrue, nulls?.load(fromByteOffset: row &>> 3, as: UInt8.self) ?? 0)
        if count &- row < 8 { bits &= (1 &<< UInt8(truncatingIfNeeded: count &- row)) &- 1 }
        let rows = table[Int(bits)] &+ SIMD8(repeating: Int32(truncatingIfNeeded: row))
        UnsafeMutableRawPointer(out + kept).storeBytes(of: rows, as: SIMD8<Int32>.self)
        kept &+= bits.nonzeroBitCount
        row &+= 8
      }
      return kept
    }
    return Selection(count: kept, rows: buffer)
  }
}

/// For each byte the numbers of its set bits, lowest first.
private enum RowsOfBits {
  static let table: [SIMD8<Int32>] = (0..<256).map { bits in
    var rows = SIMD8<Int32>(), count = 0
    for bit in 0..<8 where bits >> bit & 1 != 0 {
      rows[count] = Int32(bit)
      count += 1
    }
    return rows
  }
}

extension Column {
  /// The values of the selected rows; texts keep their arenas, no byte of them moves.
  package func gather(_ selection: Selection) -> Column {
    if isConstant { return broadcast(to: selection.count) }
    let count = selection.count
    let rows = selection.rows.pointer(as: Int32.self)
    let out = Buffer(uninitializedByteCount: count * physicalType.stride)
    switch physicalType {
    case .bool: gatherValues(UInt8.self, rows, count, into: out)
    case .int16: gatherValues(Int16.self, rows, count, into: out)
    case .int32, .float32: gatherValues(Int32.self, rows, count, into: out)
    case .int64, .float64: gatherValues(Int64.self, rows, count, into: out)
    case .text: gatherValues(TextView.self, rows, count, into: out)
    case .int128: gatherValues(Int128.self, rows, count, into: out)
    case .numeric: gatherValues(NumericCell.self, rows, count, into: out)
    case .interval: gatherValues(Interval.self, rows, count, into: out)
    }
    var outNulls: Buffer?
    if let nulls = nulls?.pointer(as: UInt64.self) {
      let bitmap = Buffer(byteCount: (count + 63) / 64 * 8)
      let bits = bitmap.pointer(as: UInt64.self)
      var index = 0
      while index < count {
        let row = Int(rows[index])
        bits[index >> 6] |= (nulls[row >> 6] >> UInt64(row & 63) & 1) << UInt64(index & 63)
        index &+= 1
      }
      outNulls = bitmap
    }
    return Column(physicalType, count: count, values: out, nulls: outNulls, arenas: arenas)
  }

  @inline(__always)
  private func gatherValues<T: BitwiseCopyable>(
    _ type: T.Type, _ rows: UnsafeMutablePointer<Int32>, _ count: Int, into out: Buffer
  ) {
    let source = pointer(as: type)
    let target = out.pointer(as: type)
    var index = 0
    while index < count {
      target[index] = source[Int(rows[index])]
      index &+= 1
    }
  }

  /// Puts the rows of `parts` back where their selections took them from; rows that no part names are null.
  ///
  /// - Shapes: part `i` has as many rows as selection `i`; each row below `count` is named at most once.
  package static func scatter(_ parts: [(Selection, Column)], _ physicalType: PhysicalType, count: Int) -> Column {
    let out = Buffer(byteCount: count * physicalType.stride)
    let bitmap = Buffer(byteCount: (count + 63) / 64 * 8)
    let bits = bitmap.pointer(as: UInt64.self)
    for word in 0..<(count + 63) / 64 { bits[word] = ~0 }
    var arenas: TextArenas = []
    for (selection, part) in parts {
      precondition(part.count == selection.count && part.physicalType == physicalType, "a part fits its selection")
      let firstArena = arenas.count
      arenas += part.arenas
      precondition(arenas.count <= 65_536, "a column has at most 65,536 arenas")
      let rows = selection.rows.pointer(as: Int32.self)
      let stride = physicalType.stride
      let step = part.isConstant ? 0 : stride
      for index in 0..<selection.count {
        let row = Int(rows[index])
        if part.isNull(index) { continue }
        bits[row >> 6] &= ~(1 << UInt64(row & 63))
        (out.base + row * stride).copyMemory(from: part.values.base + index * step, byteCount: stride)
        if physicalType == .text && firstArena > 0 {
          let views = out.pointer(as: TextView.self)
          if !views[row].isInline { views[row].tail += UInt64(firstArena) << 48 }
        }
      }
    }
    var hasNulls = false
    for word in 0..<(count / 64) { hasNulls = hasNulls || bits[word] != 0 }
    if count & 63 != 0 { hasNulls = hasNulls || bits[count / 64] & ((1 << UInt64(count & 63)) - 1) != 0 }
    return Column(physicalType, count: count, values: out, nulls: hasNulls ? bitmap : nil, arenas: arenas)
  }
}

extension Selection {
  /// Rows that follow one another.
  package init(_ rows: Range<Int>) {
    let buffer = Buffer(byteCount: rows.count * 4)
    let out = buffer.pointer(as: Int32.self)
    for index in 0..<rows.count { out[index] = Int32(truncatingIfNeeded: rows.lowerBound &+ index) }
    self.init(count: rows.count, rows: buffer)
  }

  /// All rows of a batch.
  package static func all(_ count: Int) -> Selection { Selection(0..<count) }

  /// The rows that `inner` names among the rows of this selection: of a selection of a selection, one of the batch.
  package func composed(with inner: Selection) -> Selection {
    let buffer = Buffer(byteCount: inner.count * 4)
    let (outer, picked) = (rows.pointer(as: Int32.self), inner.rows.pointer(as: Int32.self))
    let out = buffer.pointer(as: Int32.self)
    for index in 0..<inner.count {
      let place = Int(picked[index])
      precondition(place >= 0 && place < count, "a selection among the rows of another")
      out[index] = outer[place]
    }
    return Selection(count: inner.count, rows: buffer)
  }
}
