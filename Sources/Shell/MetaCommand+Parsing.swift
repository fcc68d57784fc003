extension MetaCommand {
  /// Reads a command from its text, which begins with a backslash, as `ScriptSplitter` cut it out.
  package static func parse(
    _ text: String, variables: ShellVariables = ShellVariables()
  ) throws(ShellError) -> MetaCommand {
    let line = Array(text.utf8)[...]
    let name = name(of: line)
    var arguments = MetaCommandArguments(of: name, text: line.dropFirst(1 + name.utf8.count), variables: variables)
    guard let command = try parse(name, &arguments) else {
      throw ShellError("invalid command \\\(name)", hint: "Try \\? for help.")
    }
    try arguments.end()
    return command
  }

  private static func parse(
    _ name: String, _ arguments: inout MetaCommandArguments
  ) throws(ShellError) -> MetaCommand? {
    switch name {
    case "q", "quit": return .quit
    case "?": return .help(topic: try arguments.next())
    case "x": return .expanded(try parseSwitch(name, &arguments))
    case "timing": return .timing(try parseSwitch(name, &arguments))
    case "i", "include": return .include(path: try arguments.required(), isRelative: false)
    case "ir", "include_relative": return .include(path: try arguments.required(), isRelative: true)
    case "o", "out": return .output(try parseDestination(&arguments))
    case "g": return .go(try parseDestination(&arguments), isExpanded: false)
    case "gx": return .go(try parseDestination(&arguments), isExpanded: true)
    case "watch": return .watch(seconds: try parseSeconds(&arguments))
    case "set": return try parseSet(&arguments)
    case "unset": return .unset(name: try arguments.required())
    case "e", "edit": return .edit(path: try arguments.next())
    case "copy": return .copy(try CopyCommand(arguments.wholeLine() ?? ""))
    case "demo": return .demo(name: try arguments.next())
    case "why": return .why(arguments.wholeLine())
    case "view": return .view(name: try arguments.required())
    case "echo": return .echo(try arguments.remaining().joined(separator: " "))
    case "!": return .shellCommand(arguments.wholeLine())
    case "conninfo": return .connectionInfo
    case "p", "print": return .printStatement
    case "r", "reset": return .resetStatement
    default: return try parseDescribe(name, &arguments)
    }
  }

  /// `\d`, then letters for the kinds to list, then perhaps `+`.
  private static func parseDescribe(
    _ name: String, _ arguments: inout MetaCommandArguments
  ) throws(ShellError) -> MetaCommand? {
    guard name.first == "d" else { return nil }
    let isVerbose = name.last == "+"
    let letters = isVerbose ? name.dropFirst().dropLast() : name.dropFirst()
    if letters.isEmpty { return .describe(pattern: try arguments.next(), isVerbose: isVerbose) }
    if letters == "f" { return .listFunctions(pattern: try arguments.next(), isVerbose: isVerbose) }
    let kinds = letters.compactMap(RelationKind.init(rawValue:))
    guard kinds.count == letters.count else { return nil }
    return .listRelations(kinds, pattern: try arguments.next(), isVerbose: isVerbose)
  }

  private static func parseSwitch(
    _ name: String, _ arguments: inout MetaCommandArguments
  ) throws(ShellError) -> Switch {
    guard let argument = try arguments.next() else { return .toggle }
    switch argument.lowercased() {
    case "on", "true", "yes", "1": return .on
    case "off", "false", "no", "0": return .off
    default: throw ShellError("\\\(name): unrecognized value \"\(argument)\"", hint: "Say on or off.")
    }
  }

  private static func parseDestination(_ arguments: inout MetaCommandArguments) throws(ShellError) -> Destination? {
    guard arguments.isPipe() else { return try arguments.next().map { .file($0) } }
    return .pipe(String((arguments.wholeLine() ?? "|").dropFirst()))
  }

  private static func parseSeconds(_ arguments: inout MetaCommandArguments) throws(ShellError) -> Double {
    guard let argument = try arguments.next() else { return 2 }
    guard let seconds = Double(argument), seconds > 0, seconds.isFinite else {
      throw ShellError("\\watch: \"\(argument)\" is not a number of seconds above 0")
    }
    return seconds
  }

  /// The values behind the name are joined without blanks, as in psql.
  private static func parseSet(_ arguments: inout MetaCommandArguments) throws(ShellError) -> MetaCommand {
    guard let name = try arguments.next() else { return .set(name: nil, value: "") }
    guard ShellVariables.isName(name) else { throw ShellError("\\set: invalid variable name: \"\(name)\"") }
    return .set(name: name, value: try arguments.remaining().joined())
  }
}
