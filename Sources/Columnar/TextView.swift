import Glibc

/// Sixteen bytes that stand for a text.
///
/// | offset | size | meaning |
/// |---|---|---|
/// | 0 | 4 | length in bytes |
/// | 4 | 4 | the first four bytes, zero padded |
/// | 8 | 8 | up to 12 bytes: the rest, zero padded; longer: arena number (high 16 bits) and offset in it (low 48) |
@frozen
package struct TextView: BitwiseCopyable, Sendable {
  @usableFromInline package var head: UInt64
  @usableFromInline package var tail: UInt64

  @inlinable package init() {
    head = 0
    tail = 0
  }
  @inlinable package init(head: UInt64, tail: UInt64) {
    self.head = head
    self.tail = tail
  }

  package static let inlineLimit = 12

  @inlinable @inline(__always) package var length: Int { Int(truncatingIfNeeded: head & 0xffff_ffff) }
  @inlinable @inline(__always) package var isInline: Bool { length <= 12 }
  @inlinable @inline(__always) package var arena: Int { Int(truncatingIfNeeded: tail >> 48) }
  @inlinable @inline(__always) package var offset: Int { Int(truncatingIfNeeded: tail & 0xffff_ffff_ffff) }

  /// A view of bytes that the caller has put at `offset` of arena number `arena`; short ones are copied into the view.
  @inlinable
  package init(_ bytes: UnsafeRawPointer, count: Int, arena: Int, offset: Int) {
    var words: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &words) { raw in
      raw.storeBytes(of: UInt32(truncatingIfNeeded: count), as: UInt32.self)
      if count <= 12 {
        raw.baseAddress!.advanced(by: 4).copyMemory(from: bytes, byteCount: count)
      } else {
        raw.baseAddress!.advanced(by: 4).copyMemory(from: bytes, byteCount: 4)
        raw.storeBytes(of: UInt64(arena) << 48 | UInt64(offset), toByteOffset: 8, as: UInt64.self)
      }
    }
    head = words.0
    tail = words.1
  }
}

/// The memory that a column's long texts lie in, by arena number.
package typealias TextArenas = [Buffer]

extension TextView {
  /// Calls `body` with the text's bytes, valid inside it.
  @inlinable @inline(__always)
  func withBytes<R, E: Error>(in arenas: TextArenas, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    if isInline {
      var copy = self
      let count = length
      // The bytes of the copy lie at offset 4 of its own sixteen.
      let result: Result<R, E> = withUnsafeBytes(of: &copy) { raw in
        do throws(E) { return .success(try body(UnsafeRawBufferPointer(rebasing: raw[4..<(4 + count)]))) } catch { return .failure(error) }
      }
      return try result.get()
    }
    return try body(UnsafeRawBufferPointer(start: arenas[arena].base + offset, count: length))
  }
}
