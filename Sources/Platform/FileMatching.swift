internal import Glibc

/// Which file a path leads to now, and how large it is.
package struct FileIdentity: Hashable, Sendable {
  package let device: UInt64
  package let inode: UInt64
  package let isRegular: Bool
  package let byteCount: Int

  /// - Errors: ENOENT where there is nothing, EACCES where it cannot be looked at.
  package init(_ path: String) throws(PlatformError) {
    var info = stat()
    if unsafe stat(path, &info) != 0 { throw .system(call: "stat", errno: errno) }
    self.init(info)
  }

  private init(_ info: stat) {
    device = UInt64(info.st_dev)
    inode = UInt64(info.st_ino)
    isRegular = info.st_mode & S_IFMT == S_IFREG
    byteCount = Int(info.st_size)
  }

  /// Of an open file, which may have no name any more.
  package init(_ file: borrowing FileDescriptor) throws(PlatformError) {
    var info = stat()
    if unsafe fstat(file.raw, &info) != 0 { throw .system(call: "fstat", errno: errno) }
    self.init(info)
  }

  /// Whether both are one file, whatever its size.
  package func isSameFile(as other: FileIdentity) -> Bool { device == other.device && inode == other.inode }
}

/// The paths that a shell's pattern (`*`, `?`, `[…]`, a backslash before what is meant as it is) matches, in byte order.
///
/// Names that begin with a dot are matched by a pattern that begins with one. Directories that cannot be read match nothing.
package func matchingPaths(_ pattern: String) throws(PlatformError) -> [String] {
  var found = unsafe glob_t()
  defer { unsafe globfree(&found) }
  let result = unsafe glob(pattern, GLOB_NOSORT, nil, &found)
  if result == GLOB_NOMATCH { return [] }
  if result != 0 { throw .system(call: "glob", errno: result == GLOB_NOSPACE ? ENOMEM : EIO) }
  var paths: [String] = []
  for index in unsafe 0..<Int(found.gl_pathc) {
    if let path = unsafe found.gl_pathv[index] { unsafe paths.append(String(cString: path)) }
  }
  return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Whether a pattern has anything in it that a path has not.
package func isPathPattern(_ text: String) -> Bool { text.utf8.contains { "*?[\\".utf8.contains($0) } }
