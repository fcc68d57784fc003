internal import CPlatform

/// Holds a data directory for this process: an exclusive lock on its file `lock`, in which our process id is written.
///
/// The lock ends with the owner or the process, however that ends; the file stays, for removing it would let two
/// processes lock two files of one name.
package struct DirectoryLock: ~Copyable, Sendable {
  private let file: FileDescriptor

  /// Takes the lock or throws `.directoryHeld` with the holder's process id.
  package init(_ directory: String) throws(PlatformError) {
    let file = try FileDescriptor(opening: "\(directory)/lock", .create)
    let locked = cp_lock_file(file.raw)
    if locked == -cp_errno_again() {
      let text = String(decoding: try file.read(atMost: 32, at: 0), as: UTF8.self)
      throw .directoryHeld(path: directory, pid: Int32(text.prefix { $0 != "\n" }))
    }
    try check("flock", locked)
    try file.truncate(toBytes: 0)
    try file.writeFully(Array("\(processID)\n".utf8))
    self.file = file
  }
}
