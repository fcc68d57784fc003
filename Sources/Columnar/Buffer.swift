import Glibc

/// Memory of a column: 64-byte aligned, zeroed, with at least 64 bytes of padding behind, so that kernels may read and
/// write whole vectors past the end.
///
/// `@unchecked Sendable`: only the builder that made a buffer writes to it, before anyone else can see it.
package final class Buffer: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  package let byteCount: Int
  private let allocation: UnsafeMutableRawPointer

  package init(byteCount: Int) {
    (allocation, base) = Buffer.allocate(byteCount)
    memset(base, 0, Buffer.padded(byteCount))
    self.byteCount = byteCount
  }

  /// A buffer for whoever writes every byte of it; only the padding is zeroed.
  package init(uninitializedByteCount byteCount: Int) {
    (allocation, base) = Buffer.allocate(byteCount)
    memset(base + byteCount, 0, Buffer.padded(byteCount) - byteCount)
    self.byteCount = byteCount
  }

  deinit { free(allocation) }

  private static func padded(_ byteCount: Int) -> Int { (byteCount + 127) & ~63 }

  /// Aligned here: glibc's aligned_alloc takes three times as long as malloc, which counts where a batch makes many buffers.
  private static func allocate(_ byteCount: Int) -> (allocation: UnsafeMutableRawPointer, base: UnsafeMutableRawPointer) {
    precondition(byteCount >= 0, "a buffer has no negative size")
    guard let memory = malloc(padded(byteCount) + 63) else {
      preconditionFailure("out of memory for a column of \(byteCount) bytes")
    }
    return (memory, memory.alignedUp(toMultipleOf: 64))
  }

  @inlinable @inline(__always)
  package func pointer<T: BitwiseCopyable>(as type: T.Type) -> UnsafeMutablePointer<T> {
    base.assumingMemoryBound(to: type)
  }
}
