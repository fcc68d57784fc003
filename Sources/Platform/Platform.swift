// Platform: the operating system as the rest of the engine sees it. It is the only module that starts threads, opens
// files and sockets, or reads a clock.
//
// - owner: a value that allocates in `init` and gives back in `deinit`; no descriptor or pointer outlives it.
// - monitor: a state behind a lock, and threads that wait until the state is as they need it (`Monitor`).
// - cancellation: a flag that, once set, ends every wait that was given it (`Cancellation`).
// - wakeup: an eventfd, so that a thread that polls a socket can be woken (`Wakeup`).
//
// Invariant: every wait in this module can be ended by a cancellation, a close or a wakeup; none polls a flag.
// Lock order: no lock of this module is held while another is taken, nor over a wait or a system call that blocks.
internal import CPlatform

/// What the operating system refused.
package enum PlatformError: Error, Equatable, Sendable {
  /// A system call failed with this errno.
  case system(call: String, errno: Int32)
  /// Another process holds the directory; its process id, if it has written it.
  case directoryHeld(path: String, pid: Int32?)
  /// The file or connection ended before as many bytes came as were needed.
  case endOfFile
  /// A `Wakeup` or a `Cancellation` ended the wait.
  case cancelled
  /// The time given to the wait has passed.
  case timedOut
}

extension PlatformError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let call, let errno): "\(call): \(errorText(errno))"
    case .directoryHeld(let path, let pid):
      "directory \"\(path)\" is held by " + (pid.map { "process \($0)" } ?? "another process")
    case .endOfFile: "unexpected end of file"
    case .cancelled: "cancelled"
    case .timedOut: "timed out"
    }
  }
}

/// The system's words for an errno.
private func errorText(_ errno: Int32) -> String {
  unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { text in
    unsafe cp_error_text(errno, text.baseAddress!, 128)
    return unsafe String(cString: text.baseAddress!)
  }
}

/// Turns the C convention (a result, or minus errno) into a thrown error.
@discardableResult
func check<Result: SignedInteger>(_ call: StaticString, _ result: Result) throws(PlatformError) -> Result {
  if result < 0 { throw .system(call: "\(call)", errno: Int32(-result)) }
  return result
}

/// The id of this process.
package var processID: Int32 { cp_process_id() }
