import CPlatform
package import Columnar
import SQLTypes

/// A batch's rows in packed form, and their hashes. Keeps the batch's columns, for the addresses of long texts.
package struct PackedRows {
  package let count: Int
  package let strideWords: Int
  private let buffer: Buffer
  let hashBuffer: Buffer
  private let columns: [[Column]]

  /// Packs the columns of each part behind one another; the hash is that of the first `hashedParts` parts.
  ///
  /// - Shapes: each part has its layout's columns, all with `count` rows; the layouts follow one another without a gap.
  package init(_ parts: [(layout: RowLayout, columns: [Column])], count: Int, hashedParts: Int) {
    strideWords = parts.last?.layout.endWord ?? 0
    self.count = count
    buffer = Buffer(byteCount: count * strideWords * 8)
    hashBuffer = Buffer(byteCount: count * 4)
    columns = parts.map(\.columns)
    for (layout, columns) in parts {
      precondition(columns.count == layout.fields.count, "a column for each field")
      for (field, column) in zip(layout.fields, columns) { pack(column, field) }
    }
    let hashed = parts.prefix(hashedParts)
    hashRows(
      words, strideWords: strideWords, count: count, endWord: hashed.last?.layout.endWord ?? 0,
      tails: hashed.flatMap(\.layout.textTails), arena: nil, into: hashes)
  }

  package init(_ layout: RowLayout, _ columns: [Column], count: Int) {
    self.init([(layout, columns)], count: count, hashedParts: 1)
  }

  package var words: UnsafeMutablePointer<UInt64> { buffer.pointer(as: UInt64.self) }
  package var hashes: UnsafeMutablePointer<UInt32> { hashBuffer.pointer(as: UInt32.self) }

  private func pack(_ column: Column, _ field: RowLayout.Field) {
    precondition(column.count == count && column.physicalType == field.type, "a column of the layout's type")
    let to = words + field.offset / 8, stride = strideWords
    switch field.type {
    case .bool: spread(column, UInt8.self, to) { UInt64($0) }
    case .int16: spread(column, UInt16.self, to) { UInt64($0) }
    case .int32, .float32: spread(column, UInt32.self, to) { UInt64($0) }
    case .int64, .float64: spread(column, UInt64.self, to) { $0 }
    case .int128, .interval: spread(column, (UInt64, UInt64).self, to)
    case .numeric: spread(column, (UInt64, UInt64, UInt64).self, to)
    case .text: spreadTexts(column, to)
    }
    guard let nulls = column.nulls?.pointer(as: UInt64.self) else { return }
    let valueWords = (field.type.stride + 7) / 8, nullTo = words + field.nullWord
    if column.isConstant {
      if count == 0 || nulls[0] & 1 == 0 { return }
      for row in 0..<count { setNull(row &* stride, nullTo, field.nullBit, to, valueWords) }
      return
    }
    for word in 0..<(count + 63) / 64 {
      var rest = nulls[word]
      while rest != 0 {
        let row = word &* 64 &+ rest.trailingZeroBitCount
        rest &= rest &- 1
        if row < count { setNull(row &* stride, nullTo, field.nullBit, to, valueWords) }
      }
    }
  }

  /// The value words are cleared too: equal rows are equal words, whatever a null slot of the column holds.
  @inline(__always)
  private func setNull(
    _ at: Int, _ nullTo: UnsafeMutablePointer<UInt64>, _ bit: UInt64, _ to: UnsafeMutablePointer<UInt64>, _ valueWords: Int
  ) {
    nullTo[at] |= bit
    for word in 0..<valueWords { to[at &+ word] = 0 }
  }

  @inline(__always)
  private func spread<T: BitwiseCopyable>(
    _ column: Column, _ type: T.Type, _ to: UnsafeMutablePointer<UInt64>, _ word: (T) -> UInt64
  ) {
    let from = column.pointer(as: type), step = column.isConstant ? 0 : 1, stride = strideWords, count = self.count
    var row = 0, at = to
    while row < count {
      at.pointee = word(from[row &* step])
      at += stride
      row &+= 1
    }
  }

  @inline(__always)
  private func spread<T: BitwiseCopyable>(_ column: Column, _ type: T.Type, _ to: UnsafeMutablePointer<UInt64>) {
    let from = column.pointer(as: type), step = column.isConstant ? 0 : 1, stride = strideWords, count = self.count
    var row = 0, at = to
    while row < count {
      UnsafeMutableRawPointer(at).storeBytes(of: from[row &* step], as: type)
      at += stride
      row &+= 1
    }
  }

  private func spreadTexts(_ column: Column, _ to: UnsafeMutablePointer<UInt64>) {
    let from = column.pointer(as: TextView.self), step = column.isConstant ? 0 : 1, stride = strideWords, count = self.count
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, column.arenas.count)) { bases in
      for (number, arena) in column.arenas.enumerated() { bases[number] = UInt64(UInt(bitPattern: arena.base)) }
      let base = bases.baseAddress!
      var row = 0, at = to
      while row < count {
        let view = from[row &* step]
        at[0] = view.head
        // The view's words are read here: its accessors are not inlined into other modules, and would be called for each row.
        at[1] = longTextBytes(view.head) == 0 ? view.tail : base[Int(view.tail &>> 48)] &+ view.tail & (1 << 48 - 1)
        at += stride
        row &+= 1
      }
    }
  }
}

/// Where the bytes of a long text lie, by its tail.
@inline(__always)
func longText(_ tail: UInt64, _ arena: UnsafeMutableRawPointer?) -> UnsafeRawPointer {
  if tail >> 63 != 0 { return UnsafeRawPointer(arena.unsafelyUnwrapped + Int(tail & (1 << 48 - 1))) }
  return UnsafeRawPointer(bitPattern: UInt(tail)).unsafelyUnwrapped
}

/// `TextView.inlineLimit`, of which reading is a call from another module.
private let inlineLimit = 12

/// Bytes of a long text, 0 for a short one, by its head.
@inline(__always)
func longTextBytes(_ head: UInt64) -> Int {
  let bytes = Int(truncatingIfNeeded: head & 0xffff_ffff)
  return bytes > inlineLimit ? bytes : 0
}
