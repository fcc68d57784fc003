import SQLTypes

/// What parentheses held.
indirect enum Parenthesized {
  case query(Query)
  /// One expression, or the elements of a row.
  case expressions([Expr])
}

extension Parser {
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
    // A row is a node; one expression is itself, and a query has linked itself.
    var links = 0
    if case .expressions(let list) = result, list.count > 1 { links = 1 }
    try leave(outer, links: links)
    return result
  }

  mutating func parseRow(leading: Expr?) throws(SQLError) -> Parenthesized {
    var list = [try parseExpr(Precedence.or, leading: leading)]
    while acceptMark(",") {
      list.append(try parseExpr())
      try check(list.count)
    }
    return .expressions(list)
  }

  /// One expression in parentheses is itself, widened to them; more are a row.
  func expression(_ list: [Expr], _ range: SourceRange) -> Expr {
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
}
