import SQLTypes

// Predicates: IS, BETWEEN, IN, LIKE, and comparisons with ANY and ALL.
extension Parser {
  /// `ANY|SOME|ALL '(' query or array ')'` behind an operator.
  mutating func parseQuantified(_ name: String, _ left: inout Expr) throws(SQLError) -> Bool {
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
  mutating func parseIs(_ left: inout Expr) throws(SQLError) -> Bool {
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
  mutating func parseBetween(_ left: inout Expr) throws(SQLError) -> Bool {
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
}
