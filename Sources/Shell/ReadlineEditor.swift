internal import CReadline
internal import Glibc

/// Lines edited with readline: history, completion, several lines pasted at once.
///
/// readline is one per process and its hooks carry no context: there is at most one editor, used on one thread.
package final class ReadlineEditor: LineEditor {
  private let history: HistoryFile?
  private var lastEntry: String?

  /// Prepares readline and reads the history.
  ///
  /// - withoutSignals: called when the editing of a line has begun, and before it ends: Ctrl-C is a key then, and what
  ///   was pressed before as a signal was not meant for this line.
  package convenience init(
    history: HistoryFile?, withoutSignals: @escaping () -> Void = {}, completer: @escaping Completer
  ) {
    self.init(terminal: nil, history: history, withoutSignals: withoutSignals, completer: completer)
  }

  /// - Parameter terminal: the descriptor of a terminal to use in place of standard input and output; it stays open.
  init(
    terminal: Int32?, history: HistoryFile?, withoutSignals: @escaping () -> Void = {}, completer: @escaping Completer
  ) {
    self.history = history
    if let terminal {
      unsafe leat_rl_set_input(fdopen(terminal, "r"))
      unsafe leat_rl_set_output(fdopen(terminal, "w"))
    }
    unsafe Hooks.completer = completer
    unsafe Hooks.withoutSignals = withoutSignals
    unsafe leat_rl_set_up(Hooks.complete, Hooks.interrupt, Hooks.prepareTerminal, Hooks.releaseTerminal)
    using_history()
    stifle_history(Int32(HistoryFile.limit))
    for entry in history?.load() ?? [] { addToList(entry) }
  }

  /// Whether a person can edit here: both ends are a terminal that can do more than print.
  package static func isUsable(environment: [String: String]) -> Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
  }

  package func readLine(prompt: String) -> LineInput {
    unsafe Hooks.wasInterrupted = false
    let line = unsafe readline(prompt)
    defer { unsafe free(line) }
    if unsafe Hooks.wasInterrupted { return .interrupted }
    guard let line = unsafe line else { return .endOfInput }
    return unsafe .line(String(cString: line))
  }

  /// The same entry twice in a row is remembered once.
  package func remember(_ entry: String) {
    guard !entry.isEmpty, entry != lastEntry else { return }
    addToList(entry)
    history?.append(entry)
  }

  private func addToList(_ entry: String) {
    unsafe add_history(entry)
    lastEntry = entry
  }
}

/// What readline calls.
private enum Hooks {
  // readline calls its hooks only from within readline(), on the thread of the one editor.
  nonisolated(unsafe) static var completer: Completer = { _ in [] }
  nonisolated(unsafe) static var withoutSignals: () -> Void = {}
  nonisolated(unsafe) static var wasInterrupted = false

  static let prepareTerminal: @convention(c) (Int32) -> Void = { meta in
    leat_rl_prepare_terminal(meta)
    unsafe withoutSignals()
  }

  static let releaseTerminal: @convention(c) () -> Void = {
    unsafe withoutSignals()
    rl_deprep_terminal()
  }

  static let interrupt: @convention(c) (Int32, Int32) -> Int32 = { _, _ in
    unsafe wasInterrupted = true
    leat_rl_abandon_line()
    return 0
  }

  /// Returns readline's list: the text that replaces the word, then the candidates, then nil, all from malloc.
  static let complete:
    @convention(c) (UnsafePointer<CChar>?, Int32, Int32) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = {
      word, start, _ in
      leat_rl_no_file_names()
      guard let word = unsafe word, let line = unsafe leat_rl_line() else { return nil }
      let text = unsafe String(cString: word)
      let before = unsafe String(decoding: UnsafeRawBufferPointer(start: line, count: Int(start)), as: UTF8.self)
      let candidates = unsafe completer(CompletionRequest(textBefore: before, word: text))
      guard !candidates.isEmpty else { return nil }
      // A single candidate is complete; a blank follows, but not behind what is to be continued.
      let last = candidates[0].utf8.last
      leat_rl_set_append(last == UInt8(ascii: "(") || last == UInt8(ascii: ".") ? 0 : 32)
      return unsafe list([CompletionList.replacement(of: text, by: candidates)] + (candidates.count > 1 ? candidates : []))
    }

  private static func list(_ texts: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    let size = unsafe MemoryLayout<UnsafeMutablePointer<CChar>?>.stride
    guard let memory = unsafe calloc(texts.count + 1, size) else { return nil }
    let list = unsafe memory.bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: texts.count + 1)
    for (index, text) in texts.enumerated() { unsafe list[index] = unsafe strdup(text) }
    return unsafe list
  }
}

/// What is done with candidates, apart from readline.
enum CompletionList {
  /// What replaces the word: what all candidates begin with, unless that says less than the word itself.
  static func replacement(of word: String, by candidates: [String]) -> String {
    guard var common = candidates.first.map({ Array($0.unicodeScalars) }) else { return word }
    for candidate in candidates.dropFirst() {
      let count = zip(common, candidate.unicodeScalars).prefix { $0 == $1 }.count
      common.removeLast(common.count - count)
    }
    guard common.count >= word.unicodeScalars.count else { return word }
    return String(String.UnicodeScalarView(common))
  }
}
