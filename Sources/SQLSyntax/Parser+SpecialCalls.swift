import SQLTypes

// Functions with words between their arguments.
extension Parser {
  /// `ROW '(' [list] ')'`.
  mutating func parseExplicitRow() throws(SQLError) -> Expr {
    let start = start
    advance()
    try expectMark("(")
    let list = isPunctuation(")") ? [] : try parseExprList()
    try expectMark(")")
    return Expr(.row(list), range(from: start))
  }

  /// `CAST '(' a_expr AS type ')'`.
  mutating func parseCast(isTry: Bool) throws(SQLError) -> Expr {
    let start = start
    advance()
    try expectMark("(")
    let value = try parseExpr()
    try expect("as")
    let type = try parseTypeName()
    try expectMark(")")
    return Expr(.cast(value, type, isTry: isTry), range(from: start))
  }

  mutating func parseListFunction(_ word: String) throws(SQLError) -> Expr {
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
  mutating func parseExtract() throws(SQLError) -> Expr {
    let start = start
    advance()
    try expectMark("(")
    let field: String
    if case .string(let text) = current.kind {
      advance()
      field = text.lowercased()
    } else {
      // A quoted field too is read in lower case, as PostgreSQL reads it.
      field = try parseLabel().name.lowercased()
    }
    try expect("from")
    let value = try parseExpr()
    try expectMark(")")
    return Expr(.extract(field, from: value), range(from: start))
  }

  /// `POSITION '(' b_expr IN b_expr ')'`.
  mutating func parsePosition() throws(SQLError) -> Expr {
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
  mutating func parseSubstring() throws(SQLError) -> Expr {
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
  mutating func parseOverlay() throws(SQLError) -> Expr {
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
  mutating func parseTrim() throws(SQLError) -> Expr {
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
}
