/// Reads the arguments of a command: words between blanks, quoted as in psql, with variables put in.
///
/// In `'…'` a doubled quote is a quote and `\n`, `\t`, `\\` and so on are what they are in C; `"…"` keeps its quotes, for
/// it is an SQL name, and its blanks.
struct MetaCommandArguments {
  private let command: String
  private let variables: ShellVariables
  private var rest: ArraySlice<UInt8>

  init(of command: String, text: ArraySlice<UInt8>, variables: ShellVariables) {
    self.command = command
    self.variables = variables
    rest = text
  }

  /// The next argument, or nil.
  mutating func next() throws(ShellError) -> String? {
    skipBlanks()
    guard !rest.isEmpty else { return nil }
    var argument: [UInt8] = []
    while let byte = rest.first, !ScriptSplitter.isBlank(byte) {
      switch byte {
      case UInt8(ascii: "'"): argument += try quotedText()
      case UInt8(ascii: "\""): argument += try quotedName()
      case UInt8(ascii: ":"): argument += variable()
      default: argument.append(rest.removeFirst())
      }
    }
    return String(decoding: argument, as: UTF8.self)
  }

  mutating func required() throws(ShellError) -> String {
    guard let argument = try next() else { throw ShellError("\\\(command): missing required argument") }
    return argument
  }

  /// All further arguments.
  mutating func remaining() throws(ShellError) -> [String] {
    var arguments: [String] = []
    while let argument = try next() { arguments.append(argument) }
    return arguments
  }

  /// The rest of the line as it stands, without the blanks around it; nil if there is nothing.
  mutating func wholeLine() -> String? {
    skipBlanks()
    while let last = rest.last, ScriptSplitter.isBlank(last) { rest.removeLast() }
    defer { rest = [] }
    return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
  }

  /// Whether the next argument begins with `|`: then the line is a command of the operating system's shell.
  mutating func isPipe() -> Bool {
    skipBlanks()
    return rest.first == UInt8(ascii: "|")
  }

  /// Refuses what no argument is there for.
  mutating func end() throws(ShellError) {
    if let argument = try next() { throw ShellError("\\\(command): extra argument \"\(argument)\"") }
  }

  private mutating func skipBlanks() {
    rest = rest.drop(while: ScriptSplitter.isBlank)
  }

  private mutating func variable() -> [UInt8] {
    guard let reference = VariableReference(at: rest, in: variables) else { return [rest.removeFirst()] }
    defer { rest = rest.dropFirst(reference.length) }
    return reference.replacement ?? Array(rest.prefix(reference.length))
  }

  private mutating func quotedName() throws(ShellError) -> [UInt8] {
    guard let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "\"")) else { throw unterminated }
    defer { rest = rest[(end + 1)...] }
    return Array(rest[...end])
  }

  private mutating func quotedText() throws(ShellError) -> [UInt8] {
    var text: [UInt8] = []
    rest.removeFirst()
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "'"):
        guard rest.first == byte else { return text }
        text.append(rest.removeFirst())
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst() else { throw unterminated }
        text.append(unescaped(escaped))
      default: text.append(byte)
      }
    }
    throw unterminated
  }

  /// What a backslash and `byte` mean; digits are an octal number, `x` begins a hexadecimal one.
  private mutating func unescaped(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "n"): return .newline
    case UInt8(ascii: "t"): return UInt8(ascii: "\t")
    case UInt8(ascii: "b"): return 8
    case UInt8(ascii: "f"): return 12
    case UInt8(ascii: "r"): return UInt8(ascii: "\r")
    case UInt8(ascii: "0")...UInt8(ascii: "7"): return number(byte - UInt8(ascii: "0"), radix: 8, digits: 2)
    case UInt8(ascii: "x"): return number(0, radix: 16, digits: 2)
    default: return byte
    }
  }

  private mutating func number(_ start: UInt8, radix: UInt8, digits: Int) -> UInt8 {
    var value = start
    for _ in 0..<digits {
      guard let byte = rest.first, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else { break }
      value = value &* radix &+ UInt8(digit)
      rest.removeFirst()
    }
    return value
  }

  private var unterminated: ShellError { ShellError("\\\(command): unterminated quoted string") }
}
