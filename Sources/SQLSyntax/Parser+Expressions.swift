import SQLTypes

/// How tightly operators bind, loosest first (gram.y of PostgreSQL 15).
enum Precedence {
  static let or = 1
  static let and = 2
  static let not = 3
  static let isTest = 4
  /// `< > = <= >= <>`, not associative.
  static let comparison = 5
  /// BETWEEN, IN, LIKE, ILIKE, SIMILAR, not associative.
  static let between = 6
  /// Every other operator.
  static let other = 7
  static let additive = 8
  static let multiplicative = 9
  static let power = 10
  static let atTimeZone = 11
  static let collate = 12
  static let unaryMinus = 13
  static let primary = 20

  /// Whether the operator can stand before its only operand.
  static func canBePrefix(_ name: String) -> Bool {
    switch name {
    case "<", ">", "=", "<=", ">=", "<>", "*", "/", "%", "^": false
    default: true
    }
  }

  /// Of an infix operator.
  static func of(_ name: String) -> Int {
    switch name {
    case "<", ">", "=", "<=", ">=", "<>": comparison
    case "+", "-": additive
    case "*", "/", "%": multiplicative
    case "^": power
    default: other
    }
  }
}

/// What parentheses held.
indirect enum Parenthesized {
  case query(Query)
  /// One expression, or the elements of a row.
  case expressions([Expr])
}

extension Parser {
  /// a_expr.
  mutating func parseExpr() throws(SQLError) -> Expr { try parseExpr(Precedence.or, leading: nil) }

  /// An expression of operators that bind at least as tightly as `minimum`; `leading` is its first operand if that was
  /// read already.
  mutating func parseExpr(_ minimum: Int, leading: Expr? = nil) throws(SQLError) -> Expr {
    let outer = try enter()
    var left: Expr
    if let leading { left = try parsePostfix(leading) } else { left = try parsePrefix() }
    // An operator of this level may not follow: the last one was not associative.
    var forbidden = 0
    while true {
      guard let level = infixLevel(), level >= minimum else { break }
      if level == forbidden { throw syntaxError() }
      forbidden = try parseInfix(level, &left) ? level : 0
      try link()
    }
    try leave(outer)
    return left
  }

  /// `'(' … ')'` around one expression that must not be a query.
  mutating func parseExprList() throws(SQLError) -> [Expr] {
    var list = [try parseExpr()]
    while acceptMark(",") {
      list.append(try parseExpr())
      try check(list.count)
    }
    return list
  }

  // MARK: operators

  /// The level of the infix or postfix operator that stands here, or nil.
  private func infixLevel() -> Int? {
    switch current.kind {
    case .op(let name): return Precedence.of(name)
    case .word(let word):
      switch word {
      case "or": return Precedence.or
      case "and": return Precedence.and
      case "is", "isnull", "notnull": return Precedence.isTest
      case "between", "in", "like", "ilike": return Precedence.between
      case "similar": return isWord("to", at: 1) ? Precedence.between : nil
      case "not":
        switch self.word(at: 1) {
        case "between", "in", "like", "ilike", "similar": return Precedence.between
        default: return nil
        }
      case "at": return areWords("at", "time", "zone") ? Precedence.atTimeZone : nil
      case "collate": return Precedence.collate
      case "overlaps": return Precedence.other
      case "operator": return isPunctuation("(", at: 1) ? Precedence.other : nil
      default: return nil
      }
    default: return nil
    }
  }

  /// Reads the operator and what stands right of it.
  ///
  /// - Returns: whether an operator of the same level may not follow.
  private mutating func parseInfix(_ level: Int, _ left: inout Expr) throws(SQLError) -> Bool {
    let start = left.range.start
    switch level {
    case Precedence.or, Precedence.and:
      let word = level == Precedence.or ? "or" : "and"
      var operands = [left]
      while accept(word) {
        operands.append(try parseExpr(level + 1))
        try check(operands.count)
      }
      left = Expr(level == Precedence.or ? .or(operands) : .and(operands), range(from: start))
      return false
    case Precedence.isTest: return try parseIs(&left)
    case Precedence.between: return try parseBetween(&left)
    case Precedence.atTimeZone:
      advance(); advance(); advance()
      let zone = try parseExpr(level + 1)
      left = Expr(.atTimeZone(left, zone: zone), range(from: start))
      return false
    case Precedence.collate:
      advance()
      let name = try parseObjectName()
      left = Expr(.collate(left, name), range(from: start))
      return false
    default: return try parseOperator(level, &left)
    }
  }

  /// `a_expr op a_expr`, `a_expr op ANY|ALL (…)`, `row OVERLAPS row`.
  private mutating func parseOperator(_ level: Int, _ left: inout Expr) throws(SQLError) -> Bool {
    let start = left.range.start
    if accept("overlaps") {
      let right = try parseExpr(level + 1)
      left = Expr(.overlaps(left, right), range(from: start))
      return false
    }
    let name = try parseOperatorName()
    if try parseQuantified(name, &left) { return false }
    let right = try parseExpr(level + 1)
    left = Expr(.binary(name, left, right), range(from: start))
    return level == Precedence.comparison
  }

  /// `op`, or `OPERATOR '(' { name '.' } op ')'`.
  private mutating func parseOperatorName() throws(SQLError) -> String {
    let isLong = accept("operator")
    if isLong {
      try expectMark("(")
      while !isOperatorToken {
        _ = try parseName()
        try expectMark(".")
      }
    }
    guard case .op(let name) = current.kind else { throw syntaxError() }
    advance()
    if isLong { try expectMark(")") }
    return name
  }

  private var isOperatorToken: Bool {
    if case .op = current.kind { true } else { false }
  }

  /// `ANY|SOME|ALL '(' query or array ')'` behind an operator.
  private mutating func parseQuantified(_ name: String, _ left: inout Expr) throws(SQLError) -> Bool {
    guard isWord("any") || isWord("some") || isWord("all") else { return false }
    let quantifier: Quantifier = isWord("all") ? .all : .any
    advance()
    let operand: QuantifiedOperand
    switch try parseParenthesized() {
    case .query(let query): operand = .query(query)
    case .expressions(let list):
      guard list.count == 1, let first = list.first else { throw syntaxError() }
      operand = .array(first)
    }
    left = Expr(.quantified(left, operator: name, quantifier, operand), range(from: left.range.start))
    return true
  }

  /// `IS [NOT] NULL|TRUE|FALSE|UNKNOWN`, `IS [NOT] DISTINCT FROM a_expr`, ISNULL, NOTNULL.
  private mutating func parseIs(_ left: inout Expr) throws(SQLError) -> Bool {
    let start = left.range.start
    if accept("isnull") || isWord("notnull") {
      let negated = accept("notnull")
      left = Expr(.isTest(left, .null, negated: negated), range(from: start))
      return false
    }
    advance()
    let negated = accept("not")
    if accept("distinct", "from") {
      let right = try parseExpr(Precedence.isTest + 1)
      left = Expr(.isDistinct(left, from: right, negated: negated), range(from: start))
      return true
    }
    guard let word, let test = IsTest(rawValue: word.uppercased()) else {
      if isWord("document") || isWord("normalized") || isWord("of") { throw unsupported("IS \(word ?? "")") }
      throw syntaxError()
    }
    advance()
    left = Expr(.isTest(left, test, negated: negated), range(from: start))
    return false
  }

  /// `[NOT] BETWEEN`, `[NOT] IN`, `[NOT] LIKE|ILIKE|SIMILAR TO … [ESCAPE …]`.
  private mutating func parseBetween(_ left: inout Expr) throws(SQLError) -> Bool {
    let start = left.range.start
    let tighter = Precedence.between + 1
    let negated = accept("not")
    if accept("between") {
      let symmetric = accept("symmetric")
      if !symmetric { _ = accept("asymmetric") }
      let low = try parseExpr(tighter)
      try expect("and")
      let high = try parseExpr(tighter)
      left = Expr(
        .between(left, low: low, high: high, symmetric: symmetric, negated: negated), range(from: start))
      return true
    }
    if accept("in") {
      switch try parseParenthesized() {
      case .query(let query): left = Expr(.inQuery(left, query, negated: negated), range(from: start))
      case .expressions(let list): left = Expr(.inList(left, list, negated: negated), range(from: start))
      }
      return false
    }
    let op: LikeOperator
    if accept("like") { op = .like } else if accept("ilike") { op = .ilike } else {
      try expect("similar", "to")
      op = .similar
    }
    if op != .similar {
      let name = (negated ? "!" : "") + (op == .like ? "~~" : "~~*")
      if try parseQuantified(name, &left) { return false }
    }
    let pattern = try parseExpr(tighter)
    let escape = accept("escape") ? try parseExpr(tighter) : nil
    left = Expr(.like(op, left, pattern: pattern, escape: escape, negated: negated), range(from: start))
    return true
  }

  /// `NOT a_expr`, `+|- a_expr`, `op a_expr`, or an operand.
  private mutating func parsePrefix() throws(SQLError) -> Expr {
    let start = start
    switch current.kind {
    case .word("not"):
      advance()
      return Expr(.not(try parseExpr(Precedence.not)), range(from: start))
    case .op(let name) where Precedence.canBePrefix(name):
      advance()
      let level = name == "-" || name == "+" ? Precedence.unaryMinus : Precedence.other + 1
      return Expr(.unary(name, try parseExpr(level)), range(from: start))
    case .word("operator") where isPunctuation("(", at: 1):
      let name = try parseOperatorName()
      return Expr(.unary(name, try parseExpr(Precedence.other + 1)), range(from: start))
    default:
      return try parsePostfix(try parsePrimary())
    }
  }

  /// Subscripts, fields and `::` casts behind an operand.
  private mutating func parsePostfix(_ operand: Expr) throws(SQLError) -> Expr {
    var result = operand
    let start = operand.range.start
    while true {
      if acceptMark("::") {
        let type = try parseTypeName()
        result = Expr(.cast(result, type, isTry: false), range(from: start))
      } else if isPunctuation("[") {
        result = try parseSubscript(result)
      } else if isPunctuation(".") {
        advance()
        if acceptOperator("*") {
          result = Expr(.fields(result), range(from: start))
        } else {
          let name = try parseLabel()
          result = Expr(.field(result, name), range(from: start))
        }
      } else {
        return result
      }
      try link()
    }
  }

  /// `'[' a_expr ']'`, `'[' [a_expr] ':' [a_expr] ']'`.
  private mutating func parseSubscript(_ base: Expr) throws(SQLError) -> Expr {
    let start = base.range.start
    try expectMark("[")
    let lower = isPunctuation(":") ? nil : try parseExpr()
    if acceptMark(":") {
      let upper = isPunctuation("]") ? nil : try parseExpr()
      try expectMark("]")
      return Expr(.slice(base, lower: lower, upper: upper), range(from: start))
    }
    try expectMark("]")
    guard let lower else { throw syntaxError() }
    return Expr(.element(base, index: lower), range(from: start))
  }

  // MARK: parentheses

  /// `'(' query ')'` or `'(' a_expr { ',' a_expr } ')'`.
  ///
  /// `((SELECT 1) UNION SELECT 2)` is a query and `((SELECT 1) + 1)` an expression; which one shows behind the inner
  /// parentheses, so they are read once and then continued as what they turn out to be.
  mutating func parseParenthesized() throws(SQLError) -> Parenthesized {
    let outer = try enter()
    try expectMark("(")
    let result: Parenthesized
    if startsQuery() {
      result = .query(try parseQuery())
    } else if isPunctuation("(") {
      let start = start
      switch try parseParenthesized() {
      case .query(let query):
        if isPunctuation(")") {
          result = .query(query)
        } else if continuesQuery() {
          result = .query(try parseQuery(leading: query, from: start))
        } else {
          result = try parseRow(leading: Expr(.subquery(query), range(from: start)))
        }
      case .expressions(let list):
        result = try parseRow(leading: expression(list, range(from: start)))
      }
    } else {
      result = try parseRow(leading: nil)
    }
    try expectMark(")")
    try leave(outer)
    return result
  }

  private mutating func parseRow(leading: Expr?) throws(SQLError) -> Parenthesized {
    var list = [try parseExpr(Precedence.or, leading: leading)]
    while acceptMark(",") {
      list.append(try parseExpr())
      try check(list.count)
    }
    return .expressions(list)
  }

  /// One expression in parentheses is itself, widened to them; more are a row.
  private func expression(_ list: [Expr], _ range: SourceRange) -> Expr {
    if list.count == 1, var only = list.first {
      only.range = range
      return only
    }
    return Expr(.row(list), range)
  }

  /// `'(' query ')'`, however many parentheses.
  mutating func parseParenthesizedQuery() throws(SQLError) -> Query {
    let opening = current
    guard case .query(let query) = try parseParenthesized() else {
      throw SQLError.syntax(near: lexer.text(opening.range), at: opening.range)
    }
    return query
  }

  // MARK: operands

  /// c_expr.
  private mutating func parsePrimary() throws(SQLError) -> Expr {
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
    case .quotedIdentifier: return try parseNamed()
    case .word(let word):
      // Calls and CASE take much of the stack: they count as a level of their own.
      let outer = try enter()
      let special = try parseSpecial(word)
      let value = if let special { special } else { try parseNamed() }
      try leave(outer)
      return value
    default: throw syntaxError()
    }
  }

  /// Operands that start with a word that has grammar of its own; nil if it is a plain name here.
  private mutating func parseSpecial(_ word: String) throws(SQLError) -> Expr? {
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
  private mutating func parseCase() throws(SQLError) -> Expr {
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
  private mutating func parseArray() throws(SQLError) -> Expr {
    let start = start
    advance()
    if isPunctuation("(") {
      let query = try parseParenthesizedQuery()
      return Expr(.arrayQuery(query), range(from: start))
    }
    return Expr(try parseArrayElements(), range(from: start))
  }

  private mutating func parseArrayElements() throws(SQLError) -> Expr.Kind {
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
  private mutating func parseInterval() throws(SQLError) -> Expr? {
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
  private mutating func parseKeywordTypeLiteral() throws(SQLError) -> Expr? {
    let start = start
    let saved = self
    do throws(SQLError) {
      let type = try parseTypeName()
      if case .string(let text) = current.kind {
        advance()
        return Expr(.typedLiteral(type, text), range(from: start))
      }
    } catch {
      // Then it is no type, and the word is read as a name.
    }
    self = saved
    return nil
  }

  private mutating func parseCurrent(_ word: String) throws(SQLError) -> Expr {
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

  /// `ROW '(' [list] ')'`.
  private mutating func parseExplicitRow() throws(SQLError) -> Expr {
    let start = start
    advance()
    try expectMark("(")
    let list = isPunctuation(")") ? [] : try parseExprList()
    try expectMark(")")
    return Expr(.row(list), range(from: start))
  }

  /// `CAST '(' a_expr AS type ')'`.
  private mutating func parseCast(isTry: Bool) throws(SQLError) -> Expr {
    let start = start
    advance()
    try expectMark("(")
    let value = try parseExpr()
    try expect("as")
    let type = try parseTypeName()
    try expectMark(")")
    return Expr(.cast(value, type, isTry: isTry), range(from: start))
  }

  private mutating func parseListFunction(_ word: String) throws(SQLError) -> Expr {
    let start = start
    advance()
    try expectMark("(")
    let list = try parseExprList()
    if word == "nullif", list.count != 2 { throw syntaxError() }
    try expectMark(")")
    let range = range(from: start)
    return switch word {
    case "coalesce": Expr(.coalesce(list), range)
    case "greatest": Expr(.greatest(list), range)
    case "least": Expr(.least(list), range)
    case "nullif": Expr(.nullIf(list[0], list[1]), range)
    default: Expr(.grouping(list), range)
    }
  }

  /// `EXTRACT '(' field FROM a_expr ')'`.
  private mutating func parseExtract() throws(SQLError) -> Expr {
    let start = start
    advance()
    try expectMark("(")
    let field: String
    if case .string(let text) = current.kind {
      advance()
      field = text.lowercased()
    } else {
      field = try parseLabel().name
    }
    try expect("from")
    let value = try parseExpr()
    try expectMark(")")
    return Expr(.extract(field, from: value), range(from: start))
  }

  /// `POSITION '(' b_expr IN b_expr ')'`.
  private mutating func parsePosition() throws(SQLError) -> Expr {
    let start = start
    advance()
    try expectMark("(")
    let needle = try parseExpr(Precedence.other)
    try expect("in")
    let value = try parseExpr(Precedence.other)
    try expectMark(")")
    return Expr(.position(needle, in: value), range(from: start))
  }

  /// `SUBSTRING '(' a_expr [FROM a_expr] [FOR a_expr] ')'`, `… SIMILAR a_expr ESCAPE a_expr`, or a plain call.
  private mutating func parseSubstring() throws(SQLError) -> Expr {
    let start = start
    let name = try parseLabel()
    try expectMark("(")
    if isPunctuation(")") || isNamedArgument { return try parseCallBody(ObjectName([name], name.range), from: start) }
    let value = try parseExpr()
    if accept("similar") {
      let pattern = try parseExpr()
      try expect("escape")
      let escape = try parseExpr()
      try expectMark(")")
      return Expr(.substringSimilar(value, pattern: pattern, escape: escape), range(from: start))
    }
    var from: Expr?
    var length: Expr?
    if accept("from") {
      from = try parseExpr()
      if accept("for") { length = try parseExpr() }
    } else if accept("for") {
      length = try parseExpr()
      if accept("from") { from = try parseExpr() }
    } else {
      return try parseCallBody(ObjectName([name], name.range), first: value, from: start)
    }
    try expectMark(")")
    return Expr(.substring(value, from: from, length: length), range(from: start))
  }

  /// `OVERLAY '(' a_expr PLACING a_expr FROM a_expr [FOR a_expr] ')'`, or a plain call.
  private mutating func parseOverlay() throws(SQLError) -> Expr {
    let start = start
    let name = try parseLabel()
    try expectMark("(")
    if isPunctuation(")") || isNamedArgument { return try parseCallBody(ObjectName([name], name.range), from: start) }
    let value = try parseExpr()
    guard accept("placing") else {
      return try parseCallBody(ObjectName([name], name.range), first: value, from: start)
    }
    let text = try parseExpr()
    try expect("from")
    let from = try parseExpr()
    let length = accept("for") ? try parseExpr() : nil
    try expectMark(")")
    return Expr(.overlay(value, placing: text, from: from, length: length), range(from: start))
  }

  /// `TRIM '(' [BOTH|LEADING|TRAILING] [a_expr] FROM a_expr ')'`, `TRIM '(' [side] a_expr [',' a_expr] ')'`.
  private mutating func parseTrim() throws(SQLError) -> Expr {
    let start = start
    advance()
    try expectMark("(")
    let side: TrimSide
    if accept("leading") { side = .leading } else if accept("trailing") { side = .trailing } else {
      _ = accept("both")
      side = .both
    }
    var characters: Expr?
    var value: Expr
    if accept("from") {
      value = try parseExpr()
    } else {
      value = try parseExpr()
      if accept("from") {
        characters = value
        value = try parseExpr()
      }
    }
    if characters == nil, acceptMark(",") { characters = try parseExpr() }
    try expectMark(")")
    return Expr(.trim(side, characters: characters, from: value), range(from: start))
  }

  // MARK: names and calls

  /// columnref, func_expr, or a typed literal: what starts with a name.
  private mutating func parseNamed() throws(SQLError) -> Expr {
    let start = start
    let isCallable: Bool
    let isColumn: Bool
    if case .word(let word) = current.kind {
      isCallable = Keywords.canNameFunction(word)
      isColumn = Keywords.canNameColumn(word)
    } else {
      isCallable = true
      isColumn = true
    }
    guard isCallable || isColumn else { throw syntaxError() }
    var parts = [try parseLabel()]
    while isColumn, acceptMark(".") {
      if acceptOperator("*") { return Expr(.star(parts), range(from: start)) }
      parts.append(try parseLabel())
      try check(parts.count, 16, .syntaxError)
    }
    if isPunctuation("("), isCallable || parts.count > 1 {
      let name = ObjectName(parts, range(from: start))
      advance()
      return try parseCallBody(name, from: start)
    }
    if case .string(let text) = current.kind, isCallable || parts.count > 1 {
      let type = TypeName(parts, range: range(from: start))
      advance()
      return Expr(.typedLiteral(type, text), range(from: start))
    }
    guard isColumn else { throw syntaxError() }
    return Expr(.column(parts), range(from: start))
  }

  var isNamedArgument: Bool { isPunctuation("=>", at: 1) || isPunctuation(":=", at: 1) }

  /// func_application behind its opening parenthesis, and what may follow the closing one; `first` is an argument that
  /// was read already.
  private mutating func parseCallBody(_ name: ObjectName, first: Expr? = nil, from start: Int) throws(SQLError) -> Expr {
    var call = FunctionCall(name)
    if let first {
      call.arguments = [FunctionArgument(value: first)]
      if acceptMark(",") { try parseArguments(into: &call) }
    } else if isOperator("*"), isPunctuation(")", at: 1) {
      advance()
      call.isStar = true
    } else if !isPunctuation(")") {
      if accept("distinct") { call.isDistinct = true } else { _ = accept("all") }
      try parseArguments(into: &call)
    }
    if isWord("order") { call.orderBy = try parseOrderBy() }
    try expectMark(")")
    if accept("within", "group") {
      try expectMark("(")
      guard isWord("order") else { throw syntaxError() }
      call.withinGroup = try parseOrderBy()
      try expectMark(")")
    }
    if isWord("ignore") || isWord("respect"), isWord("nulls", at: 1) { throw unsupported("IGNORE NULLS") }
    if isWord("filter"), isPunctuation("(", at: 1) {
      advance(); advance()
      try expect("where")
      call.filter = try parseExpr()
      try expectMark(")")
    }
    if accept("over") {
      if isPunctuation("(") {
        call.over = .inline(try parseWindowSpecification())
      } else {
        call.over = .named(try parseName())
      }
    }
    return Expr(.call(call), range(from: start))
  }

  private mutating func parseArguments(into call: inout FunctionCall) throws(SQLError) {
    repeat {
      call.arguments.append(try parseArgument())
      try check(call.arguments.count, Limits.arguments, .tooManyArguments)
    } while acceptMark(",")
  }

  /// func_arg_expr: `[VARIADIC] [name '=>'] a_expr`.
  mutating func parseArgument() throws(SQLError) -> FunctionArgument {
    let isVariadic = accept("variadic")
    var name: Identifier?
    if isNamedArgument {
      name = try parseLabel()
      advance()
    }
    return FunctionArgument(name: name, value: try parseExpr(), isVariadic: isVariadic)
  }

  /// A call that stands in FROM.
  mutating func parseTableFunction() throws(SQLError) -> FunctionCall {
    let start = start
    let value = try parsePrimary()
    guard case .call(let call) = value.kind else {
      throw SQLError.syntax(near: lexer.text(range(from: start)), at: range(from: start))
    }
    return call
  }

  /// window_specification: `'(' [base] [PARTITION BY list] [ORDER BY list] [frame] ')'`.
  mutating func parseWindowSpecification() throws(SQLError) -> WindowSpecification {
    let start = start
    try expectMark("(")
    var window = WindowSpecification(range: current.range)
    let startsClause =
      areWords("partition", "by") || isWord("order")
      || ((isWord("rows") || isWord("range") || isWord("groups")) && !isPunctuation(")", at: 1))
    if !startsClause { window.base = acceptName(Keywords.canNameColumn) }
    if accept("partition", "by") { window.partitionBy = try parseExprList() }
    if isWord("order") { window.orderBy = try parseOrderBy() }
    if isWord("rows") || isWord("range") || isWord("groups") { window.frame = try parseFrame() }
    try expectMark(")")
    window.range = range(from: start)
    return window
  }

  /// `ROWS|RANGE|GROUPS bound`, `… BETWEEN bound AND bound`, `[EXCLUDE …]`.
  private mutating func parseFrame() throws(SQLError) -> WindowFrame {
    let start = start
    guard let word, let unit = WindowFrame.Unit(rawValue: word.uppercased()) else { throw syntaxError() }
    advance()
    let first: WindowFrame.Bound
    var last: WindowFrame.Bound?
    if accept("between") {
      first = try parseFrameBound()
      try expect("and")
      last = try parseFrameBound()
    } else {
      first = try parseFrameBound()
    }
    var exclusion: WindowFrame.Exclusion?
    if accept("exclude") {
      if accept("current", "row") { exclusion = .currentRow }
      else if accept("group") { exclusion = .group }
      else if accept("ties") { exclusion = .ties }
      else if accept("no", "others") { exclusion = .noOthers }
      else { throw syntaxError() }
    }
    return WindowFrame(unit: unit, start: first, end: last, exclusion: exclusion, range: range(from: start))
  }

  private mutating func parseFrameBound() throws(SQLError) -> WindowFrame.Bound {
    if accept("unbounded", "preceding") { return .unboundedPreceding }
    if accept("unbounded", "following") { return .unboundedFollowing }
    if accept("current", "row") { return .currentRow }
    let offset = try parseExpr(Precedence.between + 1)
    if accept("preceding") { return .preceding(offset) }
    try expect("following")
    return .following(offset)
  }

  /// `ORDER BY a_expr [ASC|DESC|USING op] [NULLS FIRST|LAST] { ',' … }`.
  mutating func parseOrderBy() throws(SQLError) -> [OrderItem] {
    try expect("order", "by")
    var items: [OrderItem] = []
    repeat {
      let start = start
      let value = try parseExpr()
      var isDescending = false
      if accept("desc") {
        isDescending = true
      } else if accept("using") {
        if acceptOperator(">") { isDescending = true } else if !acceptOperator("<") { throw unsupported("ORDER BY USING") }
      } else {
        _ = accept("asc")
      }
      var nullsFirst: Bool?
      if accept("nulls", "first") { nullsFirst = true } else if accept("nulls", "last") { nullsFirst = false }
      items.append(
        OrderItem(value: value, isDescending: isDescending, nullsFirst: nullsFirst, range: range(from: start)))
      try check(items.count, Limits.selectItems, .tooManyColumns)
    } while acceptMark(",")
    return items
  }

  /// A duration: `10 SECONDS` as ksqlDB writes it, or any expression.
  mutating func parseDuration() throws(SQLError) -> Expr {
    let units: Set<String> = [
      "millisecond", "second", "minute", "hour", "day", "week", "month", "year", "milliseconds", "seconds", "minutes",
      "hours", "days", "weeks", "months", "years",
    ]
    if case .integer(let digits) = current.kind, let unit = word(at: 1), units.contains(unit) {
      let start = start
      advance(); advance()
      return Expr(.interval("\(digits) \(unit)", fields: nil, precision: nil), range(from: start))
    }
    return try parseExpr(Precedence.other)
  }
}
