package import SQLTypes

/// The one parser of SQL text: recursive descent, one function per grammar rule, no backtracking over subtrees.
///
/// It reads one statement's tokens. What a rule does not want it leaves; `syntaxError()` names the current token.
///
/// Two counters keep every later recursion over the tree bounded: `depth` is how deep this parser is nested now, and
/// `height` is an upper bound of the height of what was read in the current scope (a chain `1+1+1` nests to the left
/// although the parser loops). Both are held to `Limits.depth` and `Limits.height`; beyond is 54001.
package struct Parser {
  package enum Limits {
    /// Nesting of parser rules, weighed by what they take of the stack: a parenthesis takes two levels, a call or CASE
    /// four, a scalar subquery five, a derived table nine. So 270 parentheses, 130 calls, 100 subqueries, 60 derived
    /// tables can be nested. Tests hold every shape at its limit to 512 KiB of stack in release builds, half of a
    /// connection's thread; debug builds take up to four times as much.
    package static let depth = 560
    /// Height of a tree: nesting calls and operators plus links of chains such as `1 + 1 + …`, UNION, casts; a query
    /// and a join take two, parentheses none. Tested likewise, for printing, comparing, binding and evaluating; AND, OR
    /// and lists add nothing.
    package static let height = 250
    /// Bytes of a text.
    package static let textBytes = 16 << 20
    /// Elements of one list, operands of one AND or OR, rows of one VALUES.
    package static let listItems = 1_000_000
    /// PostgreSQL's limit of a target list.
    package static let selectItems = 1664
    /// PostgreSQL's limit of a function's arguments.
    package static let arguments = 100
  }

  let lexer: Lexer
  let tokens: [Token]
  /// Why lexing stopped at the last token, `.end`; raised when the parser gets there.
  let lexicalError: SQLError?
  var index = 0
  var depth = 0
  var height = 0
  /// How many brackets of the current token `>>` are taken already.
  var closedAngles = 0

  // MARK: entry points

  /// Parses a script: statements separated by semicolons; empty ones are left out.
  ///
  /// A statement that does not parse has its error, and reading goes on behind the next semicolon.
  package static func parseScript(_ text: String) -> [ParsedStatement] {
    if let error = sizeError(text) {
      return [ParsedStatement(range: SourceRange(0, text.utf8.count), result: .failure(error))]
    }
    var lexer = Lexer(text)
    var statements: [ParsedStatement] = []
    while var parser = Parser(next: &lexer) {
      let range = parser.textRange
      do throws(SQLError) {
        statements.append(ParsedStatement(range: range, result: .success(try parser.parseWholeStatement())))
      } catch {
        statements.append(ParsedStatement(range: range, result: .failure(error)))
      }
    }
    return statements
  }

  /// Parses a text that holds one statement, with or without a semicolon.
  package static func parseStatement(_ text: String) throws(SQLError) -> Statement {
    if let error = sizeError(text) { throw error }
    var lexer = Lexer(text)
    guard var parser = Parser(next: &lexer) else {
      throw SQLError.syntaxAtEnd(at: SourceRange(lexer.count, lexer.count))
    }
    let statement = try parser.parseWholeStatement()
    if let second = Parser(next: &lexer) {
      throw SQLError(
        .syntaxError, "cannot insert multiple commands into a prepared statement", at: second.textRange)
    }
    return statement
  }

  /// Parses a text that is one expression.
  package static func parseExpression(_ text: String) throws(SQLError) -> Expr {
    if let error = sizeError(text) { throw error }
    var lexer = Lexer(text)
    guard var parser = Parser(next: &lexer) else {
      throw SQLError.syntaxAtEnd(at: SourceRange(lexer.count, lexer.count))
    }
    let expression = try parser.parseExpr()
    guard parser.isAtEnd else { throw parser.syntaxError() }
    if let second = Parser(next: &lexer) { throw SQLError.syntax(near: ";", at: second.textRange) }
    return expression
  }

  private static func sizeError(_ text: String) -> SQLError? {
    guard text.utf8.count > Limits.textBytes else { return nil }
    return SQLError(
      .programLimitExceeded, "statement text is longer than \(Limits.textBytes) bytes",
      at: SourceRange(0, text.utf8.count))
  }

  /// Takes the next statement's tokens; nil if only blanks and semicolons are left.
  private init?(next lexer: inout Lexer) {
    var tokens: [Token] = []
    var lexicalError: SQLError?
    var endOffset = lexer.position
    reading: while true {
      do throws(SQLError) {
        let token = try lexer.next()
        switch token.kind {
        case .end:
          endOffset = token.range.start
          break reading
        case .punctuation(";"):
          endOffset = token.range.start
          if !tokens.isEmpty || lexicalError != nil { break reading }
        default:
          if lexicalError == nil { tokens.append(token) }
        }
      } catch {
        if lexicalError == nil {
          lexicalError = error
          endOffset = error.range?.start ?? lexer.position
        }
      }
    }
    guard !tokens.isEmpty || lexicalError != nil else { return nil }
    if let range = lexicalError?.range { endOffset = range.start }
    tokens.append(Token(.end, SourceRange(endOffset, endOffset)))
    self.tokens = tokens
    self.lexer = lexer
    self.lexicalError = lexicalError
  }

  /// From the first token to the last.
  private var textRange: SourceRange {
    let end = tokens.count > 1 ? tokens[tokens.count - 2].range.end : tokens[0].range.end
    return SourceRange(tokens[0].range.start, max(end, lexicalError?.range?.end ?? end))
  }

  private mutating func parseWholeStatement() throws(SQLError) -> Statement {
    let statement = try parseStatement()
    guard isAtEnd else { throw syntaxError() }
    return statement
  }

  // MARK: tokens

  var current: Token { tokens[index] }

  /// The token `offset` places ahead; behind the end it is the end.
  func peek(_ offset: Int) -> Token { tokens[min(index + offset, tokens.count - 1)] }

  /// The end with nothing wrong before it.
  var isAtEnd: Bool { current.kind == .end && lexicalError == nil }

  mutating func advance() { if index < tokens.count - 1 { index += 1 } }

  /// From `start` to the end of the last token taken.
  func range(from start: Int) -> SourceRange {
    SourceRange(start, index > 0 ? max(start, tokens[index - 1].range.end) : start)
  }

  var start: Int { current.range.start }

  /// The current unquoted word.
  var word: String? { word(at: 0) }

  func word(at offset: Int) -> String? {
    if case .word(let word) = peek(offset).kind { word } else { nil }
  }

  func isWord(_ word: String, at offset: Int = 0) -> Bool {
    if case .word(let other) = peek(offset).kind { other == word } else { false }
  }

  /// Whether these words follow one another from here.
  func areWords(_ words: String...) -> Bool {
    for (offset, word) in words.enumerated() where !isWord(word, at: offset) { return false }
    return true
  }

  func isPunctuation(_ mark: String, at offset: Int = 0) -> Bool {
    if case .punctuation(let other) = peek(offset).kind { other == mark } else { false }
  }

  func isOperator(_ name: String, at offset: Int = 0) -> Bool {
    if case .op(let other) = peek(offset).kind { other == name } else { false }
  }

  mutating func accept(_ word: String) -> Bool {
    guard isWord(word) else { return false }
    advance()
    return true
  }

  /// Takes two words or none.
  mutating func accept(_ first: String, _ second: String) -> Bool {
    guard isWord(first), isWord(second, at: 1) else { return false }
    advance()
    advance()
    return true
  }

  mutating func acceptMark(_ mark: String) -> Bool {
    guard isPunctuation(mark) else { return false }
    advance()
    return true
  }

  mutating func acceptOperator(_ name: String) -> Bool {
    guard isOperator(name) else { return false }
    advance()
    return true
  }

  mutating func expect(_ words: String...) throws(SQLError) {
    for word in words { guard accept(word) else { throw syntaxError() } }
  }

  mutating func expectMark(_ mark: String) throws(SQLError) {
    guard acceptMark(mark) else { throw syntaxError() }
  }

  // MARK: errors and limits

  /// The current token is not what the grammar wants.
  func syntaxError() -> SQLError {
    let token = current
    guard token.kind != .end else { return lexicalError ?? .syntaxAtEnd(at: token.range) }
    return .syntax(near: String(lexer.text(token.range).prefix(200)), at: token.range)
  }

  /// A clause that the dialect knows, at the current token.
  func unsupported(_ what: String) -> SQLError { .unsupported(what, at: current.range) }

  private func tooComplex() -> SQLError {
    SQLError(
      .statementTooComplex, "statement is nested too deeply",
      hint: "Up to 200 parentheses, 100 calls, 60 derived tables and \(Limits.height - 10) links of a chain are read.",
      at: current.range)
  }

  /// Enters a rule that can hold itself; `leave` with the same weight must follow.
  ///
  /// - weight: more than 1 for the rules whose frames are larger than others'.
  /// - Returns: the height of the scope around, to give to `leave`.
  mutating func enter(weight: Int = 1) throws(SQLError) -> Int {
    depth += weight
    guard depth <= Limits.depth else { throw tooComplex() }
    defer { height = 0 }
    return height
  }

  /// Leaves a rule.
  ///
  /// - links: how many nodes of the tree, one within the other, the rule has made.
  mutating func leave(_ outer: Int, weight: Int = 1, links: Int = 1) throws(SQLError) {
    depth -= weight
    try link(links)
    height = max(outer, height)
  }

  /// What was read becomes a child of the next node: one more link of a chain.
  mutating func link(_ count: Int = 1) throws(SQLError) {
    height += count
    guard height <= Limits.height else { throw tooComplex() }
  }

  func check(_ count: Int, _ limit: Int = Limits.listItems, _ state: SQLState = .programLimitExceeded)
    throws(SQLError)
  {
    guard count <= limit else {
      throw SQLError(state, "list has more than \(limit) elements", at: current.range)
    }
  }

  // MARK: names

  /// A quoted name, or a word for which `allows` holds.
  mutating func acceptName(_ allows: (String) -> Bool) -> Identifier? {
    let token = current
    switch token.kind {
    case .quotedIdentifier(let name):
      advance()
      return Identifier(name, token.range)
    case .word(let word) where allows(word):
      advance()
      return Identifier(word, token.range)
    default: return nil
    }
  }

  /// ColId: a name of a column, table, …
  mutating func parseName() throws(SQLError) -> Identifier {
    guard let name = acceptName(Keywords.canNameColumn) else { throw syntaxError() }
    return name
  }

  /// ColLabel: any word.
  mutating func parseLabel() throws(SQLError) -> Identifier {
    guard let name = acceptName({ _ in true }) else { throw syntaxError() }
    return name
  }

  /// qualified_name: `ColId { '.' ColLabel }`.
  mutating func parseObjectName() throws(SQLError) -> ObjectName {
    let start = start
    var parts = [try parseName()]
    while acceptMark(".") {
      parts.append(try parseLabel())
      guard parts.count <= 3 else {
        throw SQLError(
          .syntaxError, "improper qualified name (too many dotted names)", at: range(from: start))
      }
    }
    return ObjectName(parts, range(from: start))
  }

  /// `'(' ColId { ',' ColId } ')'`.
  mutating func parseNameList() throws(SQLError) -> [Identifier] {
    try expectMark("(")
    var names = [try parseName()]
    while acceptMark(",") {
      names.append(try parseName())
      try check(names.count, Limits.selectItems, .tooManyColumns)
    }
    try expectMark(")")
    return names
  }

  /// A list in parentheses, or nothing.
  mutating func parseOptionalNameList() throws(SQLError) -> [Identifier] {
    isPunctuation("(") ? try parseNameList() : []
  }

  /// An integer that fits, with an optional sign.
  mutating func parseInteger(signed: Bool = false) throws(SQLError) -> Int {
    var isNegative = false
    if signed {
      if acceptOperator("-") { isNegative = true } else { _ = acceptOperator("+") }
    }
    guard case .integer(let digits) = current.kind else { throw syntaxError() }
    guard let value = Int32(digits) else {
      throw SQLError(
        .numericValueOutOfRange, "value \"\(digits.prefix(40))\" is out of range for type integer", at: current.range)
    }
    advance()
    return isNegative ? -Int(value) : Int(value)
  }

  mutating func parseString() throws(SQLError) -> String {
    guard case .string(let text) = current.kind else { throw syntaxError() }
    advance()
    return text
  }

  // MARK: options

  /// `WITH '(' option { ',' option } ')'`, or nothing.
  mutating func parseWithOptions() throws(SQLError) -> [Option] {
    guard isWord("with"), isPunctuation("(", at: 1) else { return [] }
    advance()
    return try parseOptions()
  }

  /// `'(' name [ '=' ] [ value ] { ',' … } ')'`; names are words joined by dots, or strings.
  mutating func parseOptions() throws(SQLError) -> [Option] {
    try expectMark("(")
    var options: [Option] = []
    if acceptMark(")") { return options }
    repeat {
      let start = start
      var name: String
      if case .string(let text) = current.kind {
        name = text
        advance()
      } else {
        name = try parseLabel().name
        while acceptMark(".") { name += "." + (try parseLabel().name) }
      }
      let nameRange = range(from: start)
      var value: Expr?
      if acceptOperator("=") {
        value = try parseOptionValue()
      } else if !isPunctuation(","), !isPunctuation(")") {
        value = try parseOptionValue()
      }
      options.append(Option(name: name, value: value, nameRange: nameRange))
      try check(options.count)
    } while acceptMark(",")
    try expectMark(")")
    return options
  }

  /// A word, a string, a number or a boolean.
  mutating func parseOptionValue() throws(SQLError) -> Expr {
    let start = start
    let kind: Expr.Kind
    let sign = acceptOperator("-") ? "-" : acceptOperator("+") ? "" : nil
    switch current.kind {
    case .integer(let digits): kind = .integer((sign ?? "") + digits)
    case .decimal(let digits): kind = .decimal((sign ?? "") + digits)
    case .word("true") where sign == nil: kind = .boolean(true)
    case .word("false") where sign == nil: kind = .boolean(false)
    case .word(let word) where sign == nil: kind = .string(word)
    case .quotedIdentifier(let text) where sign == nil: kind = .string(text)
    case .string(let text) where sign == nil: kind = .string(text)
    default: throw syntaxError()
    }
    advance()
    return Expr(kind, range(from: start))
  }
}
