/// A command of the shell's own, with what it needs to be carried out.
package enum MetaCommand: Hashable, Sendable {
  /// `\x`, `\timing`: switched on, off, or to the other.
  package enum Switch: Hashable, Sendable { case on, off, toggle }

  /// Where `\o` and `\g` send results.
  package enum Destination: Hashable, Sendable {
    case file(String)
    /// `| command`: a command of the operating system's shell reads them.
    case pipe(String)
  }

  package enum RelationKind: Character, Hashable, Sendable, CaseIterable {
    case table = "t"
    case view = "v"
    case materializedView = "m"
    case index = "i"
    case stream = "s"
  }

  /// `\d name`: columns and what else is known; without a name, all relations.
  case describe(pattern: String?, isVerbose: Bool)
  /// `\dt`, `\dvm` and so on.
  case listRelations([RelationKind], pattern: String?, isVerbose: Bool)
  case listFunctions(pattern: String?, isVerbose: Bool)
  case expanded(Switch)
  case timing(Switch)
  /// `\i file`; `\ir file` is relative to the file that holds it.
  case include(path: String, isRelative: Bool)
  case quit
  case help(topic: String?)
  case watch(seconds: Double)
  /// Nil: to the terminal again.
  case output(Destination?)
  /// Without a name: show all.
  case set(name: String?, value: String)
  case unset(name: String)
  /// Without a path: the statement not yet ended, or the last one.
  case edit(path: String?)
  case go(Destination?, isExpanded: Bool)
  case copy(CopyCommand)
  case demo(name: String?)
  case why(String?)
  case view(name: String)
  case echo(String)
  /// `\!`: without a text, the operating system's shell.
  case shellCommand(String?)
  case connectionInfo
  case printStatement
  case resetStatement
}

extension MetaCommand {
  /// What `\?` shows and completion offers: each command once, as it is typed.
  package static let table: [(name: String, arguments: String, summary: String)] = [
    ("\\d", "[NAME]", "describe a relation, or list all of them"),
    ("\\dt", "[PATTERN]", "list tables"),
    ("\\dv", "[PATTERN]", "list views"),
    ("\\dm", "[PATTERN]", "list materialized views"),
    ("\\ds", "[PATTERN]", "list streams"),
    ("\\di", "[PATTERN]", "list indexes"),
    ("\\df", "[PATTERN]", "list functions"),
    ("\\view", "NAME", "show a materialized view and repaint it as it changes"),
    ("\\why", "[TEXT]", "explain where a row or an error comes from"),
    ("\\watch", "[SECONDS]", "run the statement again and again (every 2 seconds)"),
    ("\\g", "[FILE]", "run the statement, without a semicolon; results to a file or |command"),
    ("\\gx", "[FILE]", "the same, in expanded form"),
    ("\\x", "[on|off]", "one line a column instead of one a row"),
    ("\\timing", "[on|off]", "show how long each statement takes"),
    ("\\i", "FILE", "run the statements and commands of a file"),
    ("\\ir", "FILE", "the same, relative to the file that holds this command"),
    ("\\o", "[FILE]", "send results to a file or |command; without it, to the terminal again"),
    ("\\copy", "…", "COPY between a relation and a file here: \\copy t from 'rows.csv' with (format csv)"),
    ("\\set", "[NAME [VALUE]]", "set a variable, used as :NAME, :'NAME' or :\"NAME\"; without a name, show all"),
    ("\\unset", "NAME", "forget a variable"),
    ("\\echo", "[TEXT]", "print a text"),
    ("\\e", "[FILE]", "edit the statement in $EDITOR"),
    ("\\p", "", "print the statement as typed so far"),
    ("\\r", "", "forget the statement typed so far"),
    ("\\!", "[COMMAND]", "run a command of the operating system's shell, or that shell"),
    ("\\conninfo", "", "show where statements run"),
    ("\\demo", "[NAME]", "make a small example to play with"),
    ("\\?", "", "show this"),
    ("\\q", "", "leave"),
  ]

  /// The text that `\?` shows.
  package static var helpText: String {
    let width = table.map { $0.name.utf8.count + 1 + $0.arguments.unicodeScalars.count }.max() ?? 0
    return table.map { entry in
      let usage = "\(entry.name) \(entry.arguments)"
      return "  \(usage)\(String(repeating: " ", count: width - usage.unicodeScalars.count + 2))\(entry.summary)\n"
    }.joined()
  }

  /// How many bytes of a line that begins with a backslash belong to its command: up to the next backslash outside
  /// quotes, except that `\copy`, `\why` and `\!` take all.
  static func length(of line: ArraySlice<UInt8>) -> Int {
    let name = name(of: line)
    if takesWholeLine(name) { return line.count }
    var quote: UInt8?
    var length = 1 + name.utf8.count
    for byte in line.dropFirst(length) {
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\\") {
        break
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      }
      length += 1
    }
    return length
  }

  static func takesWholeLine(_ name: String) -> Bool { name == "copy" || name == "why" || name == "!" }

  /// What stands between the backslash and the first blank, backslash or quote.
  static func name(of line: ArraySlice<UInt8>) -> String {
    let name = line.dropFirst().prefix { byte in
      !ScriptSplitter.isBlank(byte) && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "'")
        && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "|")
    }
    return String(decoding: name, as: UTF8.self)
  }
}
