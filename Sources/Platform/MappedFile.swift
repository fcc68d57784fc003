internal import CPlatform

/// A file's bytes as they were when it was mapped, read through the page cache.
///
/// The file must not shrink while it is mapped: reading past its new end kills the process (SIGBUS).
@safe
package struct MappedFile: ~Copyable, @unchecked Sendable {  // the mapping is read-only, and unmapped only in deinit
  private let base: UnsafeRawPointer
  package let byteCount: Int

  package init(_ path: String) throws(PlatformError) {
    let (base, byteCount) = try unsafe Self.map(path)
    unsafe self.base = base
    self.byteCount = byteCount
  }

  private static func map(_ path: String) throws(PlatformError) -> (UnsafeRawPointer, Int) {
    let file = try FileDescriptor(opening: path, .read)
    let byteCount = try file.byteCount
    if byteCount == 0 { return unsafe (UnsafeRawPointer(bitPattern: 64)!, 0) }  // mmap refuses an empty range
    var error: Int32 = 0
    let mapped = unsafe cp_map_file(file.raw, byteCount, &error)
    try check("mmap", error)
    return unsafe (mapped!, byteCount)
  }

  deinit { if byteCount > 0 { unsafe cp_unmap(UnsafeMutableRawPointer(mutating: base), byteCount) } }

  package var bytes: RawSpan {
    @_lifetime(borrow self)
    get { unsafe _overrideLifetime(RawSpan(_unsafeStart: base, byteCount: byteCount), borrowing: self) }
  }
}
