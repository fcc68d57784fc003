import SQLTypes

/// The shell: takes lines, runs what they say, shows what comes back.
///
/// Lines go through a `ScriptSplitter`, whatever they come from; what it cuts out runs at once. A person goes on behind
/// an error; a script ends at the first, unless its variable ON_ERROR_STOP says `off` (as in psql, whose default differs).
package final class ShellLoop {
  let target: any ShellTarget
  let editor: any LineEditor
  let interrupts: any ShellInterrupts
  let settings: ShellSettings
  let completion: ShellCompletion?
  let output: ShellOutput
  let showError: (String) -> Void
  let clock = ContinuousClock()

  var splitter: ScriptSplitter
  /// What `\g`, `\e` and `\watch` take when no statement is begun.
  var lastStatement = ""
  var isExpanded = false
  var showsTiming = false
  /// How many statements and commands have failed.
  var errorCount = 0
  /// The files that are being read, outermost first; `\ir` is relative to the last.
  var files: [String] = []
  /// The lines of a statement typed so far: one entry of the history.
  private var entry: [String] = []

  /// What happens behind a piece.
  enum Flow: Equatable {
    case goOn
    case end(status: Int32)
  }

  /// - write: takes results and what commands say, for standard output.
  /// - showError: takes errors and notices, lines with their ends.
  package init(
    target: any ShellTarget, editor: any LineEditor, interrupts: any ShellInterrupts, settings: ShellSettings,
    completion: ShellCompletion? = nil, write: @escaping (String) -> Void, showError: @escaping (String) -> Void
  ) {
    self.target = target
    self.editor = editor
    self.interrupts = interrupts
    self.settings = settings
    self.completion = completion
    output = ShellOutput(terminal: write)
    self.showError = showError
    splitter = ScriptSplitter(variables: settings.variables)
  }

  var stopsAtErrors: Bool {
    switch splitter.variables["ON_ERROR_STOP"]?.lowercased() {
    case "off", "0", "false", "no": false
    case "on", "1", "true", "yes", "": true
    default: !settings.isInteractive
    }
  }

  // MARK: lines

  /// Reads lines to their end.
  ///
  /// - Returns: the exit status.
  package func run() -> Int32 {
    defer { output.close() }
    while true {
      switch editor.readLine(prompt: splitter.prompt(transactionMark: target.transactionMark)) {
      case .line(let line):
        if !(entry.isEmpty && line.utf8.allSatisfy(ScriptSplitter.isBlank)) { entry.append(line) }
        splitter.append(line)
        let flow = runPieces()
        rememberEntry()
        if case .end(let status) = flow { return status }
      case .interrupted:
        splitter.reset()
        entry = []
      case .endOfInput:
        // A statement that a script leaves open runs; a person who presses Ctrl-D wants to leave.
        if settings.isInteractive {
          output.say("\n")
          return ShellStatus.ok
        }
        return finish()
      }
    }
  }

  /// Runs a whole script, up to its end.
  ///
  /// - file: the path that it was read from, for `\ir`.
  /// - Returns: the exit status.
  package func run(script: String, file: String? = nil) -> Int32 {
    defer { output.close() }
    if let file { files = [file] }
    splitter.append(script)
    if case .end(let status) = runPieces() { return status }
    return finish()
  }

  private func finish() -> Int32 {
    guard let rest = splitter.finish(), case .end(let status) = run(rest.text) else { return ShellStatus.ok }
    return status
  }

  /// One entry for a statement however many lines it took, and one for a line of several statements.
  private func rememberEntry() {
    guard splitter.open == .nothing, !entry.isEmpty else { return }
    editor.remember(entry.joined(separator: "\n"))
    entry = []
  }

  /// Runs what the splitter has, up to the end of its text.
  func runPieces() -> Flow {
    while let piece = splitter.next() {
      let flow =
        switch piece {
        case .statement(let statement): run(statement.text)
        case .command(let text): run(command: text)
        }
      if flow != .goOn { return flow }
      if interrupts.isPending {
        // Ctrl-C ends what was pasted or included behind the statement, too.
        splitter.reset()
        if files.isEmpty { interrupts.clear() }
        return .goOn
      }
    }
    return .goOn
  }

  // MARK: files

  /// `\i`: runs a file's statements and commands. A statement that it leaves open ends with it.
  func include(_ path: String, isRelative: Bool) throws(ShellError) -> Flow {
    guard files.count < 64 else { throw ShellError("\\i: files include one another too deeply: \(path)") }
    var path = path
    if isRelative, !path.hasPrefix("/"), let file = files.last, let slash = file.lastIndex(of: "/") {
      path = file[...slash] + path
    }
    let text = try ShellFile.read(path)
    let outer = splitter
    splitter = ScriptSplitter(variables: outer.variables)
    splitter.append(text)
    files.append(path)
    var flow = runPieces()
    if flow == .goOn, let rest = splitter.finish() { flow = run(rest.text) }
    files.removeLast()
    let variables = splitter.variables
    splitter = outer
    splitter.variables = variables
    return flow
  }
}
