import Foundation
import Glibc
import Testing

/// A program on a pseudo terminal of its own, which is its controlling terminal: Ctrl-C reaches it as a signal while it
/// has left the terminal in its ordinary state, and as a key while it edits a line.
///
/// What it prints is kept without escape sequences and carriage returns. Every wait ends after `deadlineSeconds`, and
/// then fails with what the screen showed.
final class PseudoTerminal {
  struct Failure: Error, CustomStringConvertible { var description: String }

  private static let deadlineSeconds = 30.0

  private let keyboard: Int32
  private let process: pid_t
  private var status: Int32?
  private var printed: [UInt8] = []
  /// The bytes of an escape sequence that has begun.
  private var escape: [UInt8] = []
  /// Up to where the screen has been waited for: the next text that is expected stands behind.
  private var seen = 0

  /// - environment: all of the program's; a terminal's name is set.
  init(_ path: String, _ arguments: [String], environment: [String: String]) throws {
    keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var number: CInt = 0
    guard ioctl(keyboard, 0x4004_5431, &number) == 0, ioctl(keyboard, 0x8004_5430, &number) == 0 else {  // TIOCSPTLCK, TIOCGPTN
      throw Failure(description: "no pseudo terminal: \(String(cString: strerror(errno)))")
    }
    // Wide, so that no line is wrapped.
    var size = winsize(ws_row: 60, ws_col: 250, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(keyboard, 0x5414, &size)                                                                   // TIOCSWINSZ
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The leader of a session that opens a terminal gets it as its controlling one.
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/pts/\(number)", O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    // What other tests have open, and would wait for the end of; it does not matter which are.
    for descriptor in 3..<Int32(256) { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, 0x80 | 0x08 | 0x04)                                             // SETSID, SETSIGMASK, SETSIGDEF
    let variables = environment.merging(["TERM": "xterm", "INPUTRC": "/dev/null", "LC_ALL": "C.UTF-8"]) { given, _ in given }
    let words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    let values: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + values { free(text) } }
    var child: pid_t = 0
    let result = posix_spawn(&child, path, &actions, &attributes, words, values)
    process = child
    if result != 0 {
      close(keyboard)
      throw Failure(description: "\(path) does not start: \(String(cString: strerror(result)))")
    }
  }

  deinit {
    if status == nil {
      kill(process, SIGKILL)
      var ended: Int32 = 0
      waitpid(process, &ended, 0)
    }
    close(keyboard)
  }

  /// All that the screen has shown.
  var screen: String { String(decoding: printed, as: UTF8.self) }

  // MARK: typing

  /// Types a text: `\r` is the Enter key, `\t` Tab, `\u{4}` Ctrl-D.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(write(keyboard, bytes, bytes.count) == bytes.count)
  }

  /// Types a line, and Enter.
  func enter(_ line: String) { type(line + "\r") }

  /// Presses Ctrl-C while the program does not edit a line: as soon as the terminal sends signals again.
  func interrupt() throws {
    try wait("the program does not edit") {
      var state = termios()
      return tcgetattr(keyboard, &state) == 0 && state.c_cc.0 == 3 && state.c_lflag & tcflag_t(ISIG) != 0
    }
    type("\u{3}")
  }

  // MARK: looking

  /// Waits until the screen shows a text behind what was waited for before.
  ///
  /// - Returns: what the screen shows before it.
  @discardableResult
  func expect(_ text: String) throws -> String {
    let wanted = Array(text.utf8)
    var before = ""
    try wait("\"\(text)\"") {
      guard let found = printed[seen...].firstRange(of: wanted) else { return false }
      before = String(decoding: printed[seen..<found.lowerBound], as: UTF8.self)
      seen = found.upperBound
      return true
    }
    return before
  }

  /// Waits until the screen shows all of these, in whatever order.
  func expect(_ texts: [String]) throws {
    try wait("all of \(texts)") {
      let found = texts.map { printed[seen...].firstRange(of: Array($0.utf8))?.upperBound }
      guard !found.contains(nil) else { return false }
      seen = found.compactMap { $0 }.max() ?? seen
      return true
    }
  }

  /// Waits for the program's end.
  ///
  /// - Returns: its exit status, or minus the signal that ended it.
  func waitForEnd() throws -> Int32 {
    try wait("the program's end") {
      var raw: Int32 = 0
      guard waitpid(process, &raw, WNOHANG) == process else { return false }
      status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : -(raw & 0x7f)
      return true
    }
    return status ?? -1
  }

  private func wait(_ what: String, until isTrue: () throws -> Bool) throws {
    let end = Date(timeIntervalSinceNow: Self.deadlineSeconds)
    while try !isTrue() {
      guard Date() < end else { throw Failure(description: "no \(what) after \(Self.deadlineSeconds) s; the screen:\n\(screen)") }
      var input = pollfd(fd: keyboard, events: Int16(POLLIN), revents: 0)
      if poll(&input, 1, 20) == 1 {
        if input.revents & Int16(POLLIN) != 0 { take() } else { usleep(20_000) }   // hung up: the end comes
      }
    }
  }

  private func take() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(keyboard, &buffer, buffer.count)
    for byte in buffer.prefix(max(0, count)) { take(byte) }
  }

  /// Keeps what a person would read.
  private func take(_ byte: UInt8) {
    if escape.isEmpty {
      switch byte {
      case 0x1b: escape = [byte]
      case 0x07, 0x0d: break
      default: printed.append(byte)
      }
      return
    }
    escape.append(byte)
    // ESC [ … up to a letter; ESC ] … up to BEL; ESC and a character.
    let isEnded = switch escape[1] {
    case UInt8(ascii: "["): escape.count > 2 && (0x40...0x7e).contains(byte)
    case UInt8(ascii: "]"): byte == 0x07
    case UInt8(ascii: "("), UInt8(ascii: ")"): escape.count == 3
    default: true
    }
    if isEnded { escape = [] }
  }
}
