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

  /// The rows of a boolean column that are true (not false, not null). Branchless (KERNELS §1).
  package static func whereTrue(_ condition: Column) -> Selection {
    select(condition) { value, isNull in value & (isNull ^ 1) }
  }

  /// The rows that are false or null.
  package static func whereNotTrue(_ condition: Column) -> Selection {
    select(condition) { value, isNull in (value & (isNull ^ 1)) ^ 1 }
  }

  @inline(__always)
  private static func select(_ condition: Column, _ keep: (UInt8, UInt8) -> UInt8) -> Selection {
    precondition(condition.physicalType == .bool, "a selection needs a boolean column")
    let count = condition.count
    let buffer = Buffer(byteCount: count * 4)
    let out = buffer.pointer(as: Int32.self)
    if condition.isConstant {
      let isKept = count > 0 && keep(condition.value(0, as: UInt8.self), condition.isNull(0) ? 1 : 0) != 0
      if isKept { for row in 0..<count { out[row] = Int32(row) } }
      return Selection(count: isKept ? count : 0, rows: buffer)
    }
    let values = condition.pointer(as: UInt8.self)
    var kept = 0
    var row = 0
    if let nulls = condition.nulls?.pointer(as: UInt64.self) {
      while row < count {
        out[kept] = Int32(truncatingIfNeeded: row)
        let isNull = UInt8(truncatingIfNeeded: nulls[row >> 6] >> UInt64(row & 63) & 1)
        kept &+= Int(keep(values[row], isNull))
        row &+= 1
      }
    } else {
      while row < count {
        out[kept] = Int32(truncatingIfNeeded: row)
        kept &+= Int(keep(values[row], 0))
        row &+= 1
      }
    }
    return Selection(count: kept, rows: buffer)
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
