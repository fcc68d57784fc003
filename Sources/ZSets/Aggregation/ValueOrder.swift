import CPlatform
import Columnar
import Glibc
import SQLTypes

/// PostgreSQL's order of the values of one type, given as their packed words; values that differ only in their bytes are
/// ordered by these, so that equal means identical.
struct ValueOrder {
  let type: PhysicalType

  init(_ type: PhysicalType) { self.type = type }

  /// Below, at or above zero.
  func compare(_ a: UnsafePointer<UInt64>, _ b: UnsafePointer<UInt64>, _ arena: UnsafeMutableRawPointer?) -> Int {
    switch type {
    case .bool, .int16, .int32, .int64: return order(integer(a), integer(b))
    case .float32, .float64:
      let (x, y) = (float(a), float(b))
      if x < y { return -1 }
      if x > y { return 1 }
      if x.isNaN != y.isNaN { return x.isNaN ? 1 : -1 }
      return order(a[0], b[0])
    case .int128: return order(int128(a), int128(b))
    case .text: return texts(a, b, arena)
    case .numeric:
      let (x, y) = (numeric(a), numeric(b))
      let difference = Numeric.compare(x, y)
      return difference != 0 ? difference : order(x.scale, y.scale)
    case .interval:
      let (x, y) = (interval(a), interval(b))
      let difference = order(x.comparableMicroseconds, y.comparableMicroseconds)
      if difference != 0 { return difference }
      return x.months != y.months ? order(x.months, y.months) : order(x.days, y.days)
    }
  }

  /// A word in the same order: of values with different ones, the smaller has the smaller word.
  func prefix(_ value: UnsafePointer<UInt64>, _ arena: UnsafeMutableRawPointer?) -> UInt64 {
    switch type {
    case .bool, .int16, .int32, .int64: flipped(integer(value))
    case .float32, .float64: flipped(float(value))
    case .int128: flipped(Int64(bitPattern: value[1]))
    case .numeric: flipped(Double(nearest: numeric(value)))
    case .interval: flipped(Int64(truncatingIfNeeded: interval(value).comparableMicroseconds >> 16))
    case .text:
      if longTextBytes(value[0]) > 0 {
        cp_load_unaligned_u64(longText(value[1], arena)).byteSwapped
      } else {
        (value[0] >> 32 | value[1] << 32).byteSwapped
      }
    }
  }

  @inline(__always)
  private func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }

  @inline(__always)
  private func integer(_ words: UnsafePointer<UInt64>) -> Int64 {
    switch type {
    case .int16: Int64(Int16(truncatingIfNeeded: words[0]))
    case .int32: Int64(Int32(truncatingIfNeeded: words[0]))
    default: Int64(bitPattern: words[0])
    }
  }

  @inline(__always)
  private func float(_ words: UnsafePointer<UInt64>) -> Double {
    type == .float32 ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: words[0]))) : Double(bitPattern: words[0])
  }

  @inline(__always)
  private func numeric(_ words: UnsafePointer<UInt64>) -> Numeric {
    Numeric(unscaled: int128(words), scale: UInt8(truncatingIfNeeded: words[2]))
  }

  @inline(__always)
  private func interval(_ words: UnsafePointer<UInt64>) -> Interval {
    Interval(
      months: Int32(truncatingIfNeeded: words[0]), days: Int32(truncatingIfNeeded: words[0] >> 32),
      microseconds: Int64(bitPattern: words[1]))
  }

  private func flipped(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ 1 << 63 }

  private func flipped(_ value: Double) -> UInt64 {
    if value.isNaN { return .max }
    if value == 0 { return 1 << 63 }
    return value.sign == .minus ? ~value.bitPattern : value.bitPattern | 1 << 63
  }

  private func texts(_ a: UnsafePointer<UInt64>, _ b: UnsafePointer<UInt64>, _ arena: UnsafeMutableRawPointer?) -> Int {
    let (x, y) = (Int(a[0] & 0xffff_ffff), Int(b[0] & 0xffff_ffff))
    // A short text's bytes lie behind its length.
    let left = x <= TextView.inlineLimit ? UnsafeRawPointer(a) + 4 : longText(a[1], arena)
    let right = y <= TextView.inlineLimit ? UnsafeRawPointer(b) + 4 : longText(b[1], arena)
    let difference = Int(memcmp(left, right, min(x, y)))
    return difference != 0 ? difference : x - y
  }
}
