import SQLTypes

// Operators: a_expr by precedence climbing, prefixes, and what stands behind an operand.
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
    // Operators have linked themselves.
    try leave(outer, links: 0)
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

  /// The level of the infix or postfix operator that stands here, or nil.
  func infixLevel() -> Int? {
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
  mutating func parseInfix(_ level: Int, _ left: inout Expr) throws(SQLError) -> Bool {
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
  mutating func parseOperator(_ level: Int, _ left: inout Expr) throws(SQLError) -> Bool {
    let start = left.range.start
    if accept("overlaps") {
      let right = try parseExpr(level + 1)
      left = Expr(.overlaps(left, right), range(from: start))
      return false
    }
    let operatorStart = self.start
    let name = Identifier(try parseOperatorName(), range(from: operatorStart))
    if try parseQuantified(name.name, &left) { return false }
    let right = try parseExpr(level + 1)
    left = Expr(.binary(name, left, right), range(from: start))
    return level == Precedence.comparison
  }

  /// `op`, or `OPERATOR '(' { name '.' } op ')'`.
  mutating func parseOperatorName() throws(SQLError) -> String {
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

  var isOperatorToken: Bool {
    if case .op = current.kind { true } else { false }
  }

  /// `NOT a_expr`, `+|- a_expr`, `op a_expr`, or an operand.
  mutating func parsePrefix() throws(SQLError) -> Expr {
    let start = start
    switch current.kind {
    case .word("not"):
      advance()
      let operand = try parseExpr(Precedence.not)
      try link()
      return Expr(.not(operand), range(from: start))
    case .op(let name) where Precedence.canBePrefix(name):
      advance()
      return try parseOperand(of: name, name == "-" || name == "+" ? Precedence.unaryMinus : Precedence.other + 1, from: start)
    case .word("operator") where isPunctuation("(", at: 1):
      return try parseOperand(of: parseOperatorName(), Precedence.other + 1, from: start)
    default:
      return try parsePostfix(try parsePrimary())
    }
  }

  /// What stands behind a prefix operator.
  private mutating func parseOperand(of name: String, _ level: Int, from start: Int) throws(SQLError) -> Expr {
    let operand = try parseExpr(level)
    try link()
    return Expr(.unary(name, operand), range(from: start))
  }

  /// Subscripts, fields and `::` casts behind an operand.
  mutating func parsePostfix(_ operand: Expr) throws(SQLError) -> Expr {
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
  mutating func parseSubscript(_ base: Expr) throws(SQLError) -> Expr {
    let outer = try enter()
    let start = base.range.start
    try expectMark("[")
    let lower = isPunctuation(":") ? nil : try parseExpr()
    if acceptMark(":") {
      let upper = isPunctuation("]") ? nil : try parseExpr()
      try expectMark("]")
      try leave(outer, links: 0)
      return Expr(.slice(base, lower: lower, upper: upper), range(from: start))
    }
    try expectMark("]")
    guard let lower else { throw syntaxError() }
    try leave(outer, links: 0)
    return Expr(.element(base, index: lower), range(from: start))
  }
}
