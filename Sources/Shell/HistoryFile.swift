internal import Glibc

/// The file that remembers statements from one run of the shell to the next.
///
/// One line an entry; a line break inside an entry is written as byte 1, as psql does. Each entry is appended when it
/// is made, so that several shells share the file and a crash loses nothing. Only the user may read it, and statements
/// that hold a password or secret are not written. When the file has grown to twice `limit` entries, the newest
/// `limit` are kept.
package struct HistoryFile: Sendable {
  package static let limit = 2_000
  private static let lineBreak: UInt8 = 1

  private let path: String

  package init(path: String) {
    self.path = path
  }

  /// `LEAT_HISTORY`, or `~/.leat_history`; nil if there is no home directory, or the variable is empty.
  package static func standard(environment: [String: String]) -> HistoryFile? {
    if let path = environment["LEAT_HISTORY"] { return path.isEmpty ? nil : HistoryFile(path: path) }
    return environment["HOME"].map { HistoryFile(path: $0 + "/.leat_history") }
  }

  /// The entries, oldest first; none if the file cannot be read.
  package func load() -> [String] {
    guard let descriptor = opened(O_RDONLY) else { return [] }
    let editor = PlainEditor(descriptor: descriptor)
    var entries: [String] = []
    while case .line(let line) = editor.readLine(prompt: "") {
      if !line.isEmpty { entries.append(Self.exchange(line, Self.lineBreak, for: .newline)) }
    }
    close(descriptor)
    guard entries.count >= 2 * Self.limit else { return entries }
    entries.removeFirst(entries.count - Self.limit)
    rewrite(entries)
    return entries
  }

  /// Adds an entry; one that may hold a secret is left out.
  ///
  /// - Returns: whether it was written, or need not be.
  @discardableResult
  package func append(_ entry: String) -> Bool {
    if Self.mayHoldSecret(entry) { return true }
    guard let descriptor = opened(O_WRONLY | O_CREAT | O_APPEND) else { return false }
    defer { close(descriptor) }
    return write([entry], to: descriptor)
  }

  /// Whether a statement speaks of passwords or secrets, whose text must not lie about in a file.
  static func mayHoldSecret(_ entry: String) -> Bool {
    let words = entry.lowercased().utf8.split { !ShellVariables.isNameByte($0) }
    return words.contains { $0.elementsEqual("password".utf8) || $0.elementsEqual("secret".utf8) }
  }

  /// Replaces the file in one step, so that another shell never sees half of it.
  private func rewrite(_ entries: [String]) {
    let temporary = HistoryFile(path: path + ".\(getpid())")
    guard let descriptor = temporary.opened(O_WRONLY | O_CREAT | O_TRUNC) else { return }
    let isWritten = write(entries, to: descriptor)
    close(descriptor)
    if isWritten { unsafe rename(temporary.path, path) } else { unsafe unlink(temporary.path) }
  }

  private func opened(_ flags: Int32) -> Int32? {
    let descriptor = unsafe open(path, flags | O_CLOEXEC, mode_t(0o600))
    return descriptor < 0 ? nil : descriptor
  }

  private func write(_ entries: [String], to descriptor: Int32) -> Bool {
    var bytes: [UInt8] = []
    for entry in entries { bytes.append(line: Self.exchange(entry, .newline, for: Self.lineBreak)) }
    let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    return count == bytes.count
  }

  private static func exchange(_ text: String, _ old: UInt8, for new: UInt8) -> String {
    String(decoding: text.utf8.map { $0 == old ? new : $0 }, as: UTF8.self)
  }
}
