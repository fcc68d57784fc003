internal import Glibc

extension ShellLoop {
  /// Carries out a command of the shell's own.
  func run(command text: String) -> Flow {
    do throws(ShellError) {
      return try carryOut(MetaCommand.parse(text, variables: splitter.variables))
    } catch { return failed(error) }
  }

  private func carryOut(_ command: MetaCommand) throws(ShellError) -> Flow {
    switch command {
    case .quit: return .end(status: ShellStatus.ok)
    case .include(let path, let isRelative): return try include(path, isRelative: isRelative)
    case .go(let destination, let isExpanded):
      guard let statement = pendingOrLast() else { return .goOn }
      return run(statement, to: destination, expanded: isExpanded ? true : nil)
    case .watch(let seconds): return watch(every: seconds)
    case .view(let name): return try view(name)
    case .describe(let pattern, let isVerbose): return describe(pattern, isVerbose: isVerbose)
    case .listRelations(let kinds, let pattern, let isVerbose):
      return listRelations(kinds, pattern, isVerbose: isVerbose)
    case .listFunctions(let pattern, _): return listFunctions(pattern)
    case .edit(let path): try edit(path)
    case .copy(let copy): return try run(copy)
    case .output(let destination): if let destination { try output.open(destination) } else { output.close() }
    case .shellCommand(let command): try runShell(command)
    case .demo: throw ShellError("\\demo is not in this build yet")
    case .why: throw ShellError("\\why is not in this build yet")
    case .expanded, .timing, .help, .set, .unset, .echo, .printStatement, .resetStatement, .connectionInfo: tell(command)
    }
    return .goOn
  }

  /// Commands that cannot fail and run nothing.
  private func tell(_ command: MetaCommand) {
    switch command {
    case .expanded(let to):
      isExpanded = to.applied(to: isExpanded)
      output.say("Expanded display is \(isExpanded ? "on" : "off").\n")
    case .timing(let to):
      showsTiming = to.applied(to: showsTiming)
      output.say("Timing is \(showsTiming ? "on" : "off").\n")
    case .help(let topic): output.say(topic == "variables" ? Self.variableHelp : MetaCommand.helpText)
    case .set(let name?, let value): splitter.variables[name] = value
    case .set(nil, _):
      for (name, value) in splitter.variables.sorted { output.say("\(name) = '\(value)'\n") }
    case .unset(let name): splitter.variables[name] = nil
    case .echo(let text): output.say(text + "\n")
    case .printStatement:
      var text = splitter.pendingText.isEmpty ? lastStatement : splitter.pendingText
      while text.last?.isNewline == true { text.removeLast() }
      output.say(text.isEmpty ? "Query buffer is empty.\n" : text + "\n")
    case .resetStatement:
      _ = splitter.takePending()
      if settings.isInteractive { output.say("Query buffer reset (cleared).\n") }
    case .connectionInfo: output.say(target.connectionInfo + "\n")
    default: break                                // carryOut keeps the others
    }
  }

  private static let variableHelp = """
      ON_ERROR_STOP   on: a script ends at its first error (in a script that is so unless it says off)
      :NAME, :'NAME', :"NAME", ${NAME}   the variable's text, as an SQL string, as an SQL name, the text

    """

  /// The statement begun, which ends here, or else the last one; nil if there is neither.
  private func pendingOrLast() -> String? {
    splitter.takePending()?.text ?? (lastStatement.isEmpty ? nil : lastStatement)
  }

  // MARK: again and again

  /// `\watch`: until Ctrl-C, or the first error.
  private func watch(every seconds: Double) -> Flow {
    guard let statement = pendingOrLast() else { return failed(ShellError("\\watch cannot be used with an empty query")) }
    repeat {
      output.say("(every \(Self.shortest(seconds)) s)\n\n")
      let errorsBefore = errorCount
      let flow = run(statement)
      if flow != .goOn { return flow }
      if errorCount != errorsBefore { return .goOn }
    } while !interrupts.isPending && interrupts.sleep(seconds: seconds)
    interrupts.clear()
    return .goOn
  }

  /// `\view`: the relation's rows, painted again each second until Ctrl-C; for a script, once.
  private func view(_ name: String) throws(ShellError) -> Flow {
    let statement = "SELECT * FROM \(name)"
    guard settings.isInteractive else { return run(statement) }
    repeat {
      output.say("\u{1B}[H\u{1B}[2J")             // to the corner, and clear
      let errorsBefore = errorCount
      let flow = run(statement)
      if flow != .goOn { return flow }
      if errorCount != errorsBefore { return .goOn }
    } while !interrupts.isPending && interrupts.sleep(seconds: 1)
    interrupts.clear()
    return .goOn
  }

  private static func shortest(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? String(Int64(seconds)) : String(seconds)
  }

  // MARK: the system

  /// `\!`: a command of the system's shell; without one, that shell.
  private func runShell(_ command: String?) throws(ShellError) {
    let shell = settings.environment["SHELL"] ?? "/bin/sh"
    if Subprocess.run(command ?? shell) == nil { throw ShellError("\\!: the command was ended by a signal or could not be started") }
  }

  /// `\e`: the statement begun, or the last one, or a file, through the editor and back.
  private func edit(_ path: String?) throws(ShellError) {
    let file: String
    if let path {
      file = path
    } else {
      file = (settings.environment["TMPDIR"] ?? "/tmp") + "/leat.edit.\(getpid()).sql"
      let text = splitter.pendingText.isEmpty ? lastStatement : splitter.pendingText
      try ShellFile.write(text.isEmpty ? "" : text + "\n", to: file)
    }
    defer { if path == nil { unsafe unlink(file) } }
    let editor = settings.environment["VISUAL"] ?? settings.environment["EDITOR"] ?? "vi"
    guard Subprocess.run("\(editor) \(Subprocess.quoted(file))") == 0 else {
      throw ShellError("\\e: \(editor) did not end well; the statement is as it was")
    }
    splitter.replacePending(with: try ShellFile.read(file))
  }

  // MARK: COPY

  /// `\copy`: COPY with a file on this side.
  private func run(_ copy: CopyCommand) throws(ShellError) -> Flow {
    guard case .file(let path) = copy.place else { return run(copy.statement) }
    guard copy.isFrom else { return run(copy.statement, to: .file(path)) }
    var rest = Array(try ShellFile.read(path).utf8)[...]
    return run(copy.statement) {
      guard !rest.isEmpty else { return nil }
      let chunk = rest.prefix(65_536)
      rest = rest.dropFirst(chunk.count)
      return Array(chunk)
    }
  }
}

extension MetaCommand.Switch {
  func applied(to isOn: Bool) -> Bool {
    switch self {
    case .on: true
    case .off: false
    case .toggle: !isOn
    }
  }
}
