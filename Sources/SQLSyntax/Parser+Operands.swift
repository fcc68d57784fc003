import SQLTypes

// Operands: literals, CASE, arrays, and the words that have grammar of their own.
extension Parser {
  /// c_expr.
  mutating func parsePrimary() throws(SQLError) -> Expr {
    let token = current
    switch token.kind {
    case .integer(let digits):
      advance()
      return Expr(.integer(digits), token.range)
    case .decimal(let digits):
      advance()
      return Expr(.decimal(digits), token.range)
    case .string(let text):
      advance()
      return Expr(.string(text), token.range)
    case .parameter(let number):
      advance()
      return Expr(.parameter(number), token.range)
    case .punctuation("("):
      switch try parseParenthesized() {
      case .query(let query): return Expr(.subquery(query), range(from: token.range.start))
      case .expressions(let list): return expression(list, range(from: token.range.start))
      }
    case .quotedIdentifier, .word:
      // Calls and CASE take much of the stack.
      let outer = try enter(weight: 3)
      let special: Expr? = if let word { try parseSpecial(word) } else { nil }
      let value = if let special { special } else { try parseNamed() }
      try leave(outer, weight: 3)
      return value
    default: throw syntaxError()
    }
  }

  /// Operands that start with a word that has grammar of its own; nil if it is a plain name here.
  mutating func parseSpecial(_ word: String) throws(SQLError) -> Expr? {
    let start = start
    switch word {
    case "null": advance(); return Expr(.null, range(from: start))
    case "true": advance(); return Expr(.boolean(true), range(from: start))
    case "false": advance(); return Expr(.boolean(false), range(from: start))
    case "default": advance(); return Expr(.defaultValue, range(from: start))
    case "case": return try parseCase()
    case "array": return try parseArray()
    case "interval": if let literal = try parseInterval() { return literal }
    case "bigint", "bit", "boolean", "char", "character", "dec", "decimal", "float", "int", "integer", "national",
      "nchar", "numeric", "real", "smallint", "time", "timestamp", "varchar", "double":
      if let literal = try parseKeywordTypeLiteral() { return literal }
    case "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_role",
      "current_user", "session_user", "user", "current_catalog":
      return try parseCurrent(word)
    case "current_schema" where !isPunctuation("(", at: 1): return try parseCurrent(word)
    default: break
    }
    guard isPunctuation("(", at: 1) else { return nil }
    switch word {
    case "exists":
      advance()
      let query = try parseParenthesizedQuery()
      return Expr(.exists(query), range(from: start))
    case "row": return try parseExplicitRow()
    case "cast", "try_cast": return try parseCast(isTry: word == "try_cast")
    case "coalesce", "greatest", "least", "grouping", "nullif": return try parseListFunction(word)
    case "extract": return try parseExtract()
    case "position": return try parsePosition()
    case "substring": return try parseSubstring()
    case "overlay": return try parseOverlay()
    case "trim": return try parseTrim()
    case "treat", "normalize", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlparse",
      "xmlpi", "xmlroot", "xmlserialize", "xmltable":
      throw unsupported(word)
    default: return nil
    }
  }

  /// `CASE [a_expr] { WHEN a_expr THEN a_expr } [ELSE a_expr] END`.
  mutating func parseCase() throws(SQLError) -> Expr {
    let start = start
    advance()
    let operand = isWord("when") ? nil : try parseExpr()
    var whens: [CaseWhen] = []
    while accept("when") {
      let condition = try parseExpr()
      try expect("then")
      whens.append(CaseWhen(condition: condition, result: try parseExpr()))
      try check(whens.count)
    }
    guard !whens.isEmpty else { throw syntaxError() }
    let otherwise = accept("else") ? try parseExpr() : nil
    try expect("end")
    return Expr(.caseWhen(operand: operand, whens: whens, otherwise: otherwise), range(from: start))
  }

  /// `ARRAY '[' … ']'`, `ARRAY '(' query ')'`; brackets directly within brackets are arrays too.
  mutating func parseArray() throws(SQLError) -> Expr {
    let start = start
    advance()
    if isPunctuation("(") {
      let query = try parseParenthesizedQuery()
      return Expr(.arrayQuery(query), range(from: start))
    }
    return Expr(try parseArrayElements(), range(from: start))
  }

  mutating func parseArrayElements() throws(SQLError) -> Expr.Kind {
    let outer = try enter()
    try expectMark("[")
    var elements: [Expr] = []
    if !isPunctuation("]") {
      repeat {
        if isPunctuation("[") {
          let start = start
          let nested = try parseArrayElements()
          elements.append(Expr(nested, range(from: start)))
        } else {
          elements.append(try parseExpr())
        }
        try check(elements.count)
      } while acceptMark(",")
    }
    try expectMark("]")
    try leave(outer)
    return .array(elements)
  }

  /// `INTERVAL string [fields]`, `INTERVAL '(' n ')' string`; nil if `interval` is a name here.
  mutating func parseInterval() throws(SQLError) -> Expr? {
    let start = start
    var precision: [Int] = []
    if isPunctuation("(", at: 1), isInteger(at: 2), isPunctuation(")", at: 3), case .string = peek(4).kind {
      advance(); advance()
      precision = [try parseInteger()]
      advance()
    } else {
      guard case .string = peek(1).kind else { return nil }
      advance()
    }
    let text = try parseString()
    let fields = precision.isEmpty ? try parseIntervalFields(into: &precision) : nil
    return Expr(.interval(text, fields: fields, precision: precision.first), range(from: start))
  }

  /// `type string` where the type is a keyword; nil if the word is a name here.
  mutating func parseKeywordTypeLiteral() throws(SQLError) -> Expr? {
    let start = start
    let saved = self
    do throws(SQLError) {
      let type = try parseTypeName()
      if case .string(let text) = current.kind {
        advance()
        return Expr(.typedLiteral(type, text), range(from: start))
      }
    } catch {
      if error.state == .statementTooComplex { throw error }
      // Then it is no type, and the word is read as a name.
    }
    self = saved
    return nil
  }

  mutating func parseCurrent(_ word: String) throws(SQLError) -> Expr {
    let start = start
    guard let value = CurrentValue(rawValue: word.uppercased()) else { throw syntaxError() }
    advance()
    var precision: Int?
    if value.takesPrecision, acceptMark("(") {
      precision = try parseInteger()
      try expectMark(")")
    }
    return Expr(.current(value, precision: precision), range(from: start))
  }
}
