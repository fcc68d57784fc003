import CScan
import Glibc

extension Column {
  /// The `literal` of a constant pattern `%literal%` without further wildcards or escapes; nil for other patterns.
  func literalBetweenPercents(escape: UInt8?) -> [UInt8]? {
    value(0, as: TextView.self).withBytes(in: arenas) { pattern in
      guard pattern.count > 2, pattern.first == 0x25, pattern.last == 0x25 else { return nil }
      let literal = pattern.dropFirst().dropLast()
      if literal.contains(where: { $0 == 0x25 || $0 == 0x5f || $0 == escape }) { return nil }
      return Array(literal)
    }
  }

  /// Whether texts have `literal`, at least a byte, in them.
  ///
  /// Its first and last byte are compared at 32 places at a time, and all of it only where both are right (KERNELS §2).
  static func contains(_ input: Column, _ literal: [UInt8]) -> KernelResult {
    let last = literal.count - 1
    return literal.withUnsafeBytes { literal in
      withArenaBases(input.arenas) { arenas in
        // A short text's bytes lie in its view, which needs padding behind it.
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { scratch in
          let short = scratch.baseAddress!
          short.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
          return mapRows(input, TextView.self, into: .bool) { view in
            let places = view.length &- last
            if places <= 0 { return (0 as UInt8, 0) }
            if view.isInline { short.storeBytes(of: view, as: TextView.self) }
            let text = view.isInline ? UnsafeRawPointer(short) + 4 : arenas[view.arena] + view.offset
            return (byte(hasLiteral(text, places, literal)), 0)
          }
        }
      }
    }
  }
}

/// Whether `literal` begins at one of the first `places` bytes. Reads up to 31 bytes behind the last place's text.
@inline(__always)
private func hasLiteral(_ text: UnsafeRawPointer, _ places: Int, _ literal: UnsafeRawBufferPointer) -> Bool {
  let start = literal.baseAddress!, last = literal.count &- 1
  var place = 0
  while place < places {
    let at = text + place
    var bits = cscan_equal_ends(
      at.assumingMemoryBound(to: UInt8.self), (at + last).assumingMemoryBound(to: UInt8.self),
      start.load(as: UInt8.self), start.load(fromByteOffset: last, as: UInt8.self))
    if places &- place < 32 { bits &= (1 &<< UInt32(truncatingIfNeeded: places &- place)) &- 1 }
    while bits != 0 {
      if memcmp(at + bits.trailingZeroBitCount, start, literal.count) == 0 { return true }
      bits &= bits &- 1
    }
    place &+= 32
  }
  return false
}
