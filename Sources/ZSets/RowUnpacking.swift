import Columnar
import SQLTypes

/// The columns `fields` of packed rows by number. Long texts are copied into an arena of the new column.
///
/// - copyText: copies a long text, by its tail and length, to an address whose next 8 bytes behind the text are spare.
func unpack(
  _ fields: [RowLayout.Field], base: UnsafeRawPointer, rowBytes: Int, rows: UnsafePointer<UInt32>, count: Int,
  copyText: (UInt64, Int, UnsafeMutableRawPointer) -> Void
) -> [Column] {
  fields.map { field in
    let nulls = unpackNulls(field, base, rowBytes, rows, count)
    let out = Buffer(byteCount: count * field.type.stride)
    let from = base + field.offset
    var arenas: TextArenas = []
    switch field.type {
    case .bool: collect(UInt8.self, from, rowBytes, rows, count, out)
    case .int16: collect(UInt16.self, from, rowBytes, rows, count, out)
    case .int32, .float32: collect(UInt32.self, from, rowBytes, rows, count, out)
    case .int64, .float64: collect(UInt64.self, from, rowBytes, rows, count, out)
    case .int128, .interval: collect((UInt64, UInt64).self, from, rowBytes, rows, count, out)
    case .numeric: collect((UInt64, UInt64, UInt64).self, from, rowBytes, rows, count, out)
    case .text: arenas = collectTexts(from, rowBytes, rows, count, out, copyText)
    }
    return Column(field.type, count: count, values: out, nulls: nulls, arenas: arenas)
  }
}

private func unpackNulls(
  _ field: RowLayout.Field, _ base: UnsafeRawPointer, _ rowBytes: Int, _ rows: UnsafePointer<UInt32>, _ count: Int
) -> Buffer? {
  let from = base + field.nullWord * 8, shift = UInt64(field.nullBit.trailingZeroBitCount)
  var any: UInt64 = 0, row = 0
  while row < count {
    any |= from.load(fromByteOffset: Int(rows[row]) &* rowBytes, as: UInt64.self)
    row &+= 1
  }
  if any & field.nullBit == 0 { return nil }
  let bitmap = Buffer(byteCount: (count + 63) / 64 * 8), bits = bitmap.pointer(as: UInt64.self)
  row = 0
  while row < count {
    let word = from.load(fromByteOffset: Int(rows[row]) &* rowBytes, as: UInt64.self)
    bits[row &>> 6] |= (word &>> shift & 1) &<< UInt64(row & 63)
    row &+= 1
  }
  return bitmap
}

@inline(__always)
private func collect<T: BitwiseCopyable>(
  _ type: T.Type, _ from: UnsafeRawPointer, _ rowBytes: Int, _ rows: UnsafePointer<UInt32>, _ count: Int, _ out: Buffer
) {
  let to = out.pointer(as: type)
  var row = 0
  while row < count {
    to[row] = from.loadUnaligned(fromByteOffset: Int(rows[row]) &* rowBytes, as: type)
    row &+= 1
  }
}

private func collectTexts(
  _ from: UnsafeRawPointer, _ rowBytes: Int, _ rows: UnsafePointer<UInt32>, _ count: Int, _ out: Buffer,
  _ copyText: (UInt64, Int, UnsafeMutableRawPointer) -> Void
) -> TextArenas {
  let to = out.pointer(as: TextView.self)
  var arenaBytes = 0, row = 0
  while row < count {
    let at = from + Int(rows[row]) &* rowBytes
    let view = TextView(head: at.load(as: UInt64.self), tail: at.load(fromByteOffset: 8, as: UInt64.self))
    to[row] = view
    arenaBytes &+= (longTextBytes(view.head) &+ 7) & ~7
    row &+= 1
  }
  if arenaBytes == 0 { return [] }
  let arena = Buffer(byteCount: arenaBytes)
  var used = 0
  row = 0
  while row < count {
    let bytes = longTextBytes(to[row].head)
    if bytes > 0 {
      copyText(to[row].tail, bytes, arena.base + used)
      to[row].tail = UInt64(used)
      used &+= (bytes &+ 7) & ~7
    }
    row &+= 1
  }
  return [arena]
}
