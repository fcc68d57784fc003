internal import Glibc

/// Where results go: the terminal, or what `\o` or `\g` opened instead. It owns the handle.
@safe
final class ShellOutput {
  let terminal: (String) -> Void
  /// stdio's handle of a file or of a pipe to a command.
  private var stream: UnsafeMutablePointer<FILE>?
  private var isPipe = false

  init(terminal: @escaping (String) -> Void) { self.terminal = terminal }

  /// Whether results go somewhere else than to the terminal.
  var isElsewhere: Bool { unsafe stream != nil }

  /// Sends results to a file, which is emptied first, or to a command of the system's shell.
  func open(_ destination: MetaCommand.Destination) throws(ShellError) {
    close()
    switch destination {
    case .file(let path):
      unsafe stream = unsafe fopen(path, "w")
      isPipe = false
      if unsafe stream == nil { throw ShellFile.refused(path) }
    case .pipe(let command):
      fflushAll()
      unsafe stream = unsafe Subprocess.withInterrupts { unsafe popen(command, "w") }
      isPipe = true
      if unsafe stream == nil { throw ShellFile.refused(command) }
    }
  }

  /// Sends results to the terminal again. A command is waited for, so that what it prints stands before what follows.
  func close() {
    guard let open = unsafe stream else { return }
    if isPipe { unsafe pclose(open) } else { unsafe fclose(open) }
    unsafe stream = nil
  }

  func write(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    guard let open = unsafe stream else { return terminal(String(decoding: bytes, as: UTF8.self)) }
    unsafe bytes.withUnsafeBytes { bytes in _ = unsafe fwrite(bytes.baseAddress!, 1, bytes.count, open) }
    unsafe fflush(open)
  }

  /// What commands say goes to the terminal, wherever results go.
  func say(_ text: String) { terminal(text) }

  private func fflushAll() { fflush(nil) }

  deinit { close() }
}

/// The shell's own reading and writing of whole files.
enum ShellFile {
  static func read(_ path: String) throws(ShellError) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refused(path) }
    defer { Glibc.close(descriptor) }
    var bytes: [UInt8] = []
    while true {
      let old = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: 65_536))
      let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress! + old, 65_536) }
      bytes.removeLast(65_536 - max(0, count))
      if count < 0, errno != EINTR { throw refused(path) }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    }
  }

  static func write(_ text: String, to path: String) throws(ShellError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(0o600))
    guard descriptor >= 0 else { throw refused(path) }
    defer { Glibc.close(descriptor) }
    let bytes = Array(text.utf8)
    let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if count != bytes.count { throw refused(path) }
  }

  /// What the system said last.
  static func refused(_ what: String) -> ShellError {
    ShellError("\(what): \(unsafe String(cString: strerror(errno)))")
  }
}

/// Commands of the operating system's shell.
enum Subprocess {
  /// Runs a command on the terminal and waits for its end.
  ///
  /// - Returns: its exit status, or nil if a signal ended it or it could not be started.
  static func run(_ command: String) -> Int32? {
    fflush(nil)
    let status = withInterrupts { unsafe system(command) }
    return status >= 0 && status & 0x7f == 0 ? (status >> 8) & 0xff : nil
  }

  /// A child inherits the signals that its parent's thread has blocked, and must be one that Ctrl-C ends.
  static func withInterrupts<Result>(_ body: () -> Result) -> Result {
    var interrupt = sigset_t()
    var old = sigset_t()
    unsafe sigemptyset(&interrupt)
    unsafe sigaddset(&interrupt, SIGINT)
    unsafe pthread_sigmask(SIG_UNBLOCK, &interrupt, &old)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &old, nil) }
    return body()
  }

  /// The text as one word of a shell's command.
  static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
}
