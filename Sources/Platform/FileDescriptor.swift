internal import CPlatform

/// Owns an open file. Calls interrupted by a signal are repeated; nothing here is inherited by child processes.
package struct FileDescriptor: ~Copyable, Sendable {
  /// How a file is opened. New files get mode 0600.
  package enum Mode: Sendable {
    case read, readWrite
    /// Read and write, created if it is not there.
    case create
    /// Read and write, refused (EEXIST) if it is there.
    case createNew
    /// Read and write, created or emptied.
    case truncate
    /// Write at the end, created if it is not there.
    case append

    fileprivate var code: Int32 {
      switch self {
      case .read: Int32(CP_READ)
      case .readWrite: Int32(CP_READ_WRITE)
      case .create: Int32(CP_CREATE)
      case .createNew: Int32(CP_CREATE_NEW)
      case .truncate: Int32(CP_TRUNCATE)
      case .append: Int32(CP_APPEND)
      }
    }
  }

  let raw: Int32

  init(owning raw: Int32) { self.raw = raw }

  package init(opening path: String, _ mode: Mode) throws(PlatformError) {
    raw = try check("open", unsafe cp_open(path, mode.code))
  }

  deinit { cp_close(raw) }

  package var byteCount: Int { get throws(PlatformError) { Int(try check("fstat", cp_file_bytes(raw))) } }

  /// Reads up to `count` bytes at the file's position. Empty: the end.
  package func read(atMost count: Int) throws(PlatformError) -> [UInt8] {
    let raw = raw
    return try unsafe readBytes("read", count) { to in unsafe cp_read(raw, to, count) }
  }

  /// Reads up to `count` bytes at `offset`. Empty: the end.
  package func read(atMost count: Int, at offset: Int) throws(PlatformError) -> [UInt8] {
    let raw = raw
    return try unsafe readBytes("pread", count) { to in unsafe cp_pread(raw, to, count, Int64(offset)) }
  }

  /// Reads into memory of the caller; returns how many bytes came, 0 at the end.
  package func read(into bytes: inout MutableRawSpan) throws(PlatformError) -> Int {
    let raw = raw
    return Int(try check("read", unsafe bytes.withUnsafeMutableBytes { unsafe cp_read(raw, $0.baseAddress, $0.count) }))
  }

  /// Reads at `offset` into memory of the caller; returns how many bytes came, 0 at the end.
  package func read(into bytes: inout MutableRawSpan, at offset: Int) throws(PlatformError) -> Int {
    let raw = raw
    return Int(
      try check("pread", unsafe bytes.withUnsafeMutableBytes { unsafe cp_pread(raw, $0.baseAddress, $0.count, Int64(offset)) }))
  }

  /// Reads at `offset` until `bytes` is full, or throws `.endOfFile`.
  package func readFully(into bytes: inout MutableRawSpan, at offset: Int) throws(PlatformError) {
    let raw = raw
    var done = 0
    while done < bytes.byteCount {
      let count = unsafe bytes.withUnsafeMutableBytes {
        unsafe cp_pread(raw, $0.baseAddress! + done, $0.count - done, Int64(offset + done))
      }
      if try check("pread", count) == 0 { throw .endOfFile }
      done += Int(count)
    }
  }

  /// Reads from the file's position to the end.
  package func readToEnd() throws(PlatformError) -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let more = try read(atMost: 1 << 16)
      if more.isEmpty { return all }
      all.append(contentsOf: more)
    }
  }

  /// Writes all bytes at the file's position.
  package func writeFully(_ bytes: RawSpan) throws(PlatformError) {
    let raw = raw
    var done = 0
    while done < bytes.byteCount {
      done += Int(
        try check("write", unsafe bytes.withUnsafeBytes { unsafe cp_write(raw, $0.baseAddress! + done, $0.count - done) }))
    }
  }

  /// Writes all bytes at `offset`.
  package func writeFully(_ bytes: RawSpan, at offset: Int) throws(PlatformError) {
    let raw = raw
    var done = 0
    while done < bytes.byteCount {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe cp_pwrite(raw, $0.baseAddress! + done, $0.count - done, Int64(offset + done))
      }
      done += Int(try check("pwrite", count))
    }
  }

  package func writeFully(_ bytes: [UInt8]) throws(PlatformError) { try writeFully(unsafe bytes.span.bytes) }

  /// Returns when everything written is on the disk.
  package func sync() throws(PlatformError) { try check("fsync", cp_fsync(raw)) }

  package func truncate(toBytes count: Int) throws(PlatformError) { try check("ftruncate", cp_truncate(raw, Int64(count))) }

  private func readBytes(
    _ call: StaticString, _ count: Int, _ read: (UnsafeMutablePointer<UInt8>?) -> Int64
  ) throws(PlatformError) -> [UInt8] {
    var result: Int64 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      result = unsafe read(buffer.baseAddress)
      initialized = max(0, Int(result))
    }
    try check(call, result)
    return bytes
  }
}

/// Makes a directory that only its user can enter.
package func makeDirectory(_ path: String) throws(PlatformError) { try check("mkdir", unsafe cp_make_directory(path)) }

package func removeFile(_ path: String) throws(PlatformError) { try check("unlink", unsafe cp_remove_file(path)) }

package func removeDirectory(_ path: String) throws(PlatformError) { try check("rmdir", unsafe cp_remove_directory(path)) }

/// Makes a new directory `<prefix>XXXXXX` and returns its path.
package func makeTemporaryDirectory(prefix: String) throws(PlatformError) -> String {
  var pattern = Array("\(prefix)XXXXXX\0".utf8).map { CChar(bitPattern: $0) }
  try check("mkdtemp", unsafe cp_make_temporary_directory(&pattern))
  return String(decoding: pattern.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
