internal import CPlatform

/// Holds a data directory for this process: an exclusive lock on its file `lock`, in which our process id is written.
///
/// The lock ends with the owner or the process, however that ends; the file stays, for removing it would let two
/// processes lock two files of one name.
package struct DirectoryLock: ~Copyable, Sendable {
  private let file: FileDescriptor

  /// How often, and after how long each time, a lock in our own name is tried again: half a second together.
  private static let (attempts, pauseMilliseconds) = (100, 5 as Int64)

  /// Takes the lock or throws `.directoryHeld` with the holder's process id.
  ///
  /// A child of this process has a copy of each of its files from its fork until its own program runs. A lock that was given
  /// up in that moment is still held, in our name: so one in our name is waited for a little.
  package init(_ directory: String) throws(PlatformError) {
    let file = try FileDescriptor(opening: "\(directory)/lock", .create)
    var locked = cp_lock_file(file.raw)
    var attempt = 0
    while locked == -cp_errno_again() {
      let text = String(decoding: try file.read(atMost: 32, at: 0), as: UTF8.self)
      let holder = Int32(text.prefix { $0 != "\n" })
      attempt += 1
      if holder != processID || attempt > Self.attempts { throw .directoryHeld(path: directory, pid: holder) }
      sleep(milliseconds: Self.pauseMilliseconds)
      locked = cp_lock_file(file.raw)
    }
    try check("flock", locked)
    try file.truncate(toBytes: 0)
    try file.writeFully(Array("\(processID)\n".utf8))
    self.file = file
  }
}
