import Glibc

/// Memory of a column: 64-byte aligned, zeroed, with at least 64 bytes of padding behind, so that kernels may read and
/// write whole vectors past the end.
///
/// `@unchecked Sendable`: only the builder that made a buffer writes to it, before anyone else can see it.
package final class Buffer: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  package let byteCount: Int

  package init(byteCount: Int) {
    precondition(byteCount >= 0, "a buffer has no negative size")
    let padded = (byteCount + 127) & ~63
    guard let memory = aligned_alloc(64, padded) else { preconditionFailure("out of memory for a column of \(byteCount) bytes") }
    memset(memory, 0, padded)
    base = memory
    self.byteCount = byteCount
  }

  /// A buffer for whoever writes every byte of it; only the padding is zeroed.
  package init(uninitializedByteCount byteCount: Int) {
    precondition(byteCount >= 0, "a buffer has no negative size")
    let padded = (byteCount + 127) & ~63
    guard let memory = aligned_alloc(64, padded) else { preconditionFailure("out of memory for a column of \(byteCount) bytes") }
    memset(memory + byteCount, 0, padded - byteCount)
    base = memory
    self.byteCount = byteCount
  }

  deinit { free(base) }

  @inlinable @inline(__always)
  package func pointer<T: BitwiseCopyable>(as type: T.Type) -> UnsafeMutablePointer<T> {
    base.assumingMemoryBound(to: type)
  }
}
