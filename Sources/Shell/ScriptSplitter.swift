/// Cuts the text of a script, which comes in line by line, into statements and commands.
///
///     splitter.append("select 1; select")          next() → statement "select 1", then nil; prompt leat->
///     splitter.append("  2 \\x \\\\ ;")             next() → command "\x", then statement "select\n  2", then nil
///
/// A statement ends at a semicolon outside quotes, comments, parentheses and a routine's BEGIN … END; a command begins
/// at a backslash outside quotes and comments and ends with its line, at the next such backslash, or at `\\`. Variables
/// are put in as the text is read, so a value may hold several statements and further variables, but not itself. Each
/// byte is looked at once, however the text is cut into lines.
package struct ScriptSplitter: Sendable {
  package enum Piece: Hashable, Sendable {
    case statement(Statement)
    /// From its backslash on, without the line's end.
    case command(String)
  }

  /// A statement without its semicolon and without the blanks around it.
  package struct Statement: Hashable, Sendable {
    package var text: String
    /// The line of the script that it begins in, from 1.
    package var line: Int
  }

  /// What the text so far leaves open: what psql's prompt shows.
  package enum OpenConstruct: Character, Hashable, Sendable {
    case nothing = "="
    case statement = "-"
    case string = "'"
    case quotedName = "\""
    case dollarString = "$"
    case comment = "*"
    case parenthesis = "("
  }

  package var variables: ShellVariables

  /// Text not yet read: `input[position...]`.
  private var input: [UInt8] = []
  private var position = 0
  /// The variables whose values are being read, one inside the other, and where the value of each ends in `input`.
  private var insertions: [(name: String, end: Int)] = []
  private var line = 1
  /// The text of the statement so far, and what is known of it.
  private var text: [UInt8] = []
  private var startLine = 1
  private var hasContent = false
  private var context = Context.plain
  private var parentheses = 0
  private var routine = RoutineBody()
  private var isAfterStatement = false

  private enum Context {
    case plain
    case string(hasEscapes: Bool)
    case quotedName
    /// The delimiter, `$tag$`.
    case dollarString([UInt8])
    case lineComment
    case blockComment(depth: Int)
  }

  package init(variables: ShellVariables = ShellVariables()) {
    self.variables = variables
  }

  // MARK: Text in, pieces out

  /// Takes one line or several; a line break is added where the text does not end with one.
  package mutating func append(_ text: String) {
    input.removeFirst(position)
    for index in insertions.indices { insertions[index].end -= position }
    position = 0
    input.append(contentsOf: text.utf8)
    if input.last != .newline { input.append(.newline) }
  }

  /// The next statement or command that is complete; nil if more text is needed.
  package mutating func next() -> Piece? {
    isAfterStatement = false
    while position < input.count {
      switch context {
      case .plain: if let piece = readPlain() { return piece }
      case .string(let hasEscapes): readString(hasEscapes: hasEscapes)
      case .quotedName: readQuotedName()
      case .dollarString(let delimiter): readDollarString(delimiter)
      case .lineComment: readLineComment()
      case .blockComment(let depth): readBlockComment(depth: depth)
      }
    }
    return nil
  }

  /// What is left at the end of the script, although no semicolon ended it.
  package mutating func finish() -> Statement? { takePending() }

  package var open: OpenConstruct {
    switch context {
    case .string: .string
    case .quotedName: .quotedName
    case .dollarString: .dollarString
    case .blockComment: .comment
    case .plain, .lineComment: parentheses > 0 ? .parenthesis : hasContent ? .statement : .nothing
    }
  }

  /// psql's prompt: `leat=> `, and `leat-> ` and so on while something is open; `mark` tells of a transaction (`*`, `!`).
  package func prompt(_ name: String = "leat", transactionMark mark: String = "") -> String {
    "\(name)\(open.rawValue)\(mark)> "
  }

  // MARK: The statement not yet ended

  /// Its text so far, for `\p` and `\e`.
  package var pendingText: String { String(decoding: text, as: UTF8.self) }

  /// Ends it without a semicolon, as `\g` does; nil if there is nothing but blanks and comments.
  package mutating func takePending() -> Statement? {
    let statement = hasContent ? Statement(text: trimmedText(), line: startLine) : nil
    startStatement()
    return statement
  }

  /// Puts another text in its place, as `\e` does; it is read before what else is waiting.
  package mutating func replacePending(with text: String) {
    startStatement()
    let bytes = Array(text.utf8)
    input.replaceSubrange(..<position, with: bytes.last == .newline ? bytes : bytes + [.newline])
    position = 0
    insertions.removeAll()
  }

  /// Forgets the statement and all text that waits, as Ctrl-C does.
  package mutating func reset() {
    startStatement()
    input.removeAll()
    position = 0
    insertions.removeAll()
  }

  /// The next line as it stands, for data behind `COPY … FROM STDIN;`; nil if no line waits.
  package mutating func takeLine() -> String? {
    if isAfterStatement {                         // nothing but blanks behind the semicolon: data begin in the next line
      isAfterStatement = false
      let rest = input[position...].prefix { $0 != .newline }
      if rest.allSatisfy(Self.isBlank), rest.endIndex < input.count {
        position = rest.endIndex + 1
        line += 1
      }
    }
    guard let end = input[position...].firstIndex(of: .newline) else { return nil }
    defer {
      position = end + 1
      line += 1
    }
    return String(decoding: input[position..<end], as: UTF8.self)
  }

  private mutating func startStatement() {
    text.removeAll(keepingCapacity: true)
    hasContent = false
    context = .plain
    parentheses = 0
    routine = RoutineBody()
  }

  private func trimmedText() -> String {
    String(decoding: text[..<(text.lastIndex { !Self.isBlank($0) }.map { $0 + 1 } ?? 0)], as: UTF8.self)
  }

  // MARK: Reading

  /// The byte `offset` behind the current one.
  private func peek(_ offset: Int = 0) -> UInt8? {
    position + offset < input.count ? input[position + offset] : nil
  }

  private func isNext(_ text: String) -> Bool { input[position...].starts(with: text.utf8) }

  /// Moves `count` bytes from the input to the statement.
  private mutating func take(_ count: Int = 1) {
    for _ in 0..<min(count, input.count - position) {
      text.append(input[position])
      skipByte()
    }
  }

  private mutating func skipByte() {
    if !insertions.isEmpty { endInsertions() }
    if input[position] == .newline, insertions.isEmpty { line += 1 }
    position += 1
  }

  /// Forgets the variables whose values have been read.
  private mutating func endInsertions() {
    while let insertion = insertions.last, insertion.end <= position { insertions.removeLast() }
  }

  /// Moves bytes up to the next one that `isEnd` holds for.
  private mutating func take(until isEnd: (UInt8) -> Bool) {
    while position < input.count, !isEnd(input[position]) { take() }
  }

  /// Reads one token outside quotes and comments.
  private mutating func readPlain() -> Piece? {
    let byte = input[position]
    if Self.isBlank(byte) {
      if text.isEmpty { skipByte() } else { take() }
      return nil
    }
    if text.isEmpty { startLine = line }
    switch byte {
    case UInt8(ascii: ";"): return readSemicolon()
    case UInt8(ascii: "\\"): return readBackslash()
    case UInt8(ascii: "-") where isNext("--"): context = .lineComment
    case UInt8(ascii: "/") where isNext("/*"):
      take(2)
      context = .blockComment(depth: 1)
    case UInt8(ascii: ":"), UInt8(ascii: "$"): readColonOrDollar()
    default:
      hasContent = true
      readToken(byte)
    }
    return nil
  }

  private mutating func readToken(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "'"): context = .string(hasEscapes: false)
    case UInt8(ascii: "\""): context = .quotedName
    case UInt8(ascii: "("): parentheses += 1
    case UInt8(ascii: ")"): parentheses = max(0, parentheses - 1)
    case _ where Self.isNameStart(byte): return readWord()
    default: break
    }
    take()
  }

  /// A name or keyword; an E directly before a quote begins a string with escapes.
  private mutating func readWord() {
    let start = text.count
    take { !Self.isNamePart($0) }
    let word = text[start...]
    if word.count == 1, word.first! | 0x20 == UInt8(ascii: "e"), peek() == UInt8(ascii: "'") {
      context = .string(hasEscapes: true)
      take()
    } else if parentheses == 0 || routine.isInHead {
      routine.see(word, isOutsideParentheses: parentheses == 0)
    }
  }

  private mutating func readSemicolon() -> Piece? {
    guard parentheses == 0, !routine.isOpen else {
      take()
      return nil
    }
    skipByte()
    guard let statement = takePending() else { return nil }
    isAfterStatement = true
    return .statement(statement)
  }

  /// `\;` is a semicolon that ends nothing, `\:` a colon that names nothing, as in psql; all else is a command.
  private mutating func readBackslash() -> Piece? {
    if isNext("\\;") || isNext("\\:") {
      skipByte()
      hasContent = true
      take()
      return nil
    }
    let rest = input[position...].prefix { $0 != .newline }
    let command = rest.prefix(MetaCommand.length(of: rest))
    position = command.endIndex
    if isNext("\\\\") { position += 2 }
    return .command(String(decoding: command, as: UTF8.self))
  }

  private mutating func readColonOrDollar() {
    if isNext("::") || isNext(":=") { return takeContent(2) }
    if let delimiter = Self.dollarDelimiter(at: input[position...]) {
      context = .dollarString(delimiter)
      return takeContent(delimiter.count)
    }
    endInsertions()
    guard let reference = nextReference() else { return takeContent(1) }
    guard let replacement = reference.replacement, !insertions.contains(where: { $0.name == reference.name }) else {
      return takeContent(reference.length)
    }
    insert(replacement, insteadOf: reference)
  }

  /// A reference never goes beyond the end of the value that it begins in. (No slice of the input may outlive this, or
  /// the next change would copy all of it.)
  private func nextReference() -> VariableReference? {
    VariableReference(at: input[position..<(insertions.last?.end ?? input.count)], in: variables)
  }

  private mutating func takeContent(_ count: Int) {
    hasContent = true
    take(count)
  }

  /// Replaces the next bytes by a variable's value. It is written over bytes already read, so nothing behind it moves,
  /// unless it is longer than all of them.
  private mutating func insert(_ value: [UInt8], insteadOf reference: VariableReference) {
    let end = position + reference.length
    if value.count <= end {
      position = end - value.count
      for (offset, byte) in value.enumerated() { input[position + offset] = byte }
    } else {
      input.replaceSubrange(..<end, with: value)
      position = 0
      for index in insertions.indices { insertions[index].end += value.count - end }
    }
    insertions.append((reference.name, position + value.count))
  }

  private mutating func readString(hasEscapes: Bool) {
    take { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "$") }
    switch peek() {
    case UInt8(ascii: "'") where isNext("''"): take(2)
    case UInt8(ascii: "'"):
      take()
      context = .plain
    case UInt8(ascii: "\\") where hasEscapes && peek(1) != nil: take(2)
    case UInt8(ascii: "$"): readDollarInString()
    case _?: take()
    case nil: break
    }
  }

  /// ksqlDB's `'${name}'`: the value stands inside the string, its quotes doubled.
  private mutating func readDollarInString() {
    endInsertions()
    guard insertions.isEmpty, let reference = nextReference(), let replacement = reference.replacement
    else { return take() }
    text.append(contentsOf: replacement.flatMap { $0 == UInt8(ascii: "'") ? [$0, $0] : [$0] })
    position += reference.length
  }

  private mutating func readQuotedName() {
    take { $0 == UInt8(ascii: "\"") }
    if peek() != nil {                            // a doubled quote closes the name and opens another one: no difference
      take()
      context = .plain
    }
  }

  private mutating func readDollarString(_ delimiter: [UInt8]) {
    take { $0 == UInt8(ascii: "$") }
    if input[position...].starts(with: delimiter) {
      take(delimiter.count)
      context = .plain
    } else {
      take()
    }
  }

  private mutating func readLineComment() {
    take { $0 == .newline }
    if peek() != nil { context = .plain }
  }

  private mutating func readBlockComment(depth: Int) {
    take { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "/") }
    if isNext("*/") {
      take(2)
      context = depth == 1 ? .plain : .blockComment(depth: depth - 1)
    } else if isNext("/*") {
      take(2)
      context = .blockComment(depth: depth + 1)
    } else {
      take()
    }
  }

  // MARK: Characters

  static func isBlank(_ byte: UInt8) -> Bool { byte == .space || (0x09...0x0D).contains(byte) }

  private static func isNameStart(_ byte: UInt8) -> Bool {
    ShellVariables.isNameByte(byte) && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    ShellVariables.isNameByte(byte) || byte == UInt8(ascii: "$")
  }

  /// `$$` or `$tag$`, or nil.
  private static func dollarDelimiter(at text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.first == UInt8(ascii: "$") else { return nil }
    let tag = text.dropFirst().prefix(while: ShellVariables.isNameByte)
    if let first = tag.first, !isNameStart(first) { return nil }
    return tag.endIndex < text.endIndex && text[tag.endIndex] == UInt8(ascii: "$") ? Array(text[...tag.endIndex]) : nil
  }
}

/// Whether a statement is in the body `BEGIN … END` of CREATE [OR REPLACE] FUNCTION | PROCEDURE, whose semicolons do not
/// end it. CASE has an END of its own.
private struct RoutineBody: Sendable {
  private var head: [String] = []
  private var depth = 0

  var isInHead: Bool { head.count < 4 }
  var isOpen: Bool { depth > 0 }

  private var isRoutine: Bool {
    let kind = head.starts(with: ["create", "or", "replace"]) ? head.dropFirst(3).first : head.dropFirst().first
    return head.first == "create" && (kind == "function" || kind == "procedure")
  }

  mutating func see(_ word: ArraySlice<UInt8>, isOutsideParentheses: Bool) {
    guard isInHead || isRoutine else { return }
    let word = String(decoding: word, as: UTF8.self).lowercased()
    if isInHead { head.append(word) }
    guard isOutsideParentheses, isRoutine else { return }
    switch word {
    case "begin": depth += 1
    case "case" where depth > 0: depth += 1
    case "end" where depth > 0: depth -= 1
    default: break
    }
  }
}
