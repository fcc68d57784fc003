import Glibc
internal import SQLTypes

/// What the operating system refused.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  package let action: String
  package let path: String
  package let code: Int32  // errno

  package var description: String { "could not \(action) \"\(path)\": \(reason)" }

  /// The system's words for it.
  var reason: String { unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)" }

  /// PostgreSQL's code for an errno of a file.
  static func state(_ code: Int32) -> SQLState {
    switch code {
    case ENOENT, ENOTDIR: .undefinedFile
    case EACCES, EPERM, EROFS: .insufficientPrivilege
    default: .ioError
    }
  }
}

/// A file that is written from its start, through a buffer of one mebibyte.
///
/// Append to `buffer`, then call `flushIfFull`. `close` writes the rest and says whether all of it arrived; a writer that is
/// dropped without it only gives its descriptor back.
package struct FileWriter: ~Copyable {
  package let path: String
  package var buffer: [UInt8] = []
  private var descriptor: Int32

  private static let flushBytes = 1 << 20

  /// Makes the file, or empties the one that is there.
  package init(path: String) throws(FileError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw FileError(action: "open", path: path, code: errno) }
    buffer.reserveCapacity(Self.flushBytes + (1 << 12))
  }

  deinit {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
  }

  /// Makes a directory unless it is there.
  package static func makeDirectory(_ path: String) throws(FileError) {
    if unsafe mkdir(path, 0o777) != 0, errno != EEXIST { throw FileError(action: "create directory", path: path, code: errno) }
  }

  package mutating func flushIfFull() throws(FileError) {
    if buffer.count >= Self.flushBytes { try flush() }
  }

  package mutating func flush() throws(FileError) {
    var start = 0
    while start < buffer.count {
      let written = unsafe buffer.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress! + start, $0.count - start) }
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError(action: "write", path: path, code: errno)
      }
      start += written
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes what is buffered and closes the file.
  package mutating func close() throws(FileError) {
    try flush()
    let open = descriptor
    descriptor = -1
    if Glibc.close(open) != 0 { throw FileError(action: "close", path: path, code: errno) }
  }
}
