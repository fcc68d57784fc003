import SQLTypes

extension Parser {
  /// Whether the word here starts a query (without parentheses).
  func startsQuery() -> Bool {
    switch word {
    case "select", "with", "table": true
    case "values": isPunctuation("(", at: 1)
    default: false
    }
  }

  /// Whether a query starts here, possibly in parentheses.
  func startsQueryInParentheses() -> Bool {
    var offset = 0
    while isPunctuation("(", at: offset) { offset += 1 }
    switch word(at: offset) {
    case "select", "with", "table": return true
    case "values": return isPunctuation("(", at: offset + 1)
    default: return false
    }
  }

  /// Whether what stands here goes on a query that a parenthesis closed.
  func continuesQuery() -> Bool {
    switch word {
    case "union", "intersect", "except", "order", "limit", "offset", "fetch", "for": true
    default: isEmit()
    }
  }

  /// SelectStmt: `[with] body [ORDER BY …] [LIMIT …] [OFFSET …] [EMIT …]`.
  mutating func parseQuery() throws(SQLError) -> Query { try parseQuery(leading: nil, from: start) }

  /// The same; `leading` is a query in parentheses that was read already and stands first.
  mutating func parseQuery(leading: Query?, from start: Int) throws(SQLError) -> Query {
    let outer = try enter(weight: 3)
    let with = leading == nil && isWord("with") ? try parseWith() : nil
    var first: QueryBody?
    if let leading { first = body(of: leading, range(from: start)) }
    let body = try parseSetOperations(1, leading: first)
    var query = Query(body, body.range)
    query.with = with
    if isWord("order") { query.orderBy = try parseOrderBy() }
    try parseLimits(into: &query)
    if isEmit() {
      query.emit = try parseEmit()
      try parseLimits(into: &query)
    }
    query.range = range(from: start)
    try leave(outer, weight: 3, links: 2)
    if case .nested(let inner) = body.kind, query.hasNoClauses { return inner }
    return query
  }

  /// A query in parentheses as an operand of a set operation.
  func body(of query: Query, _ range: SourceRange) -> QueryBody {
    query.hasNoClauses ? QueryBody(query.body.kind, range) : QueryBody(.nested(query), range)
  }

  /// `WITH [RECURSIVE] name [(columns)] AS [[NOT] MATERIALIZED] (query) { ',' … }`.
  mutating func parseWith() throws(SQLError) -> With {
    let start = start
    try expect("with")
    let isRecursive = accept("recursive")
    var elements: [CommonTableExpression] = []
    repeat {
      let start = self.start
      let name = try parseName()
      let columns = try parseOptionalNameList()
      try expect("as")
      var isMaterialized: Bool?
      if accept("materialized") { isMaterialized = true } else if accept("not", "materialized") { isMaterialized = false }
      switch word(at: 1) {
      case "insert", "update", "delete", "merge": throw unsupported("data-modifying statement in WITH")
      default: break
      }
      let query = try parseParenthesizedQuery()
      if isWord("search"), isWord("breadth", at: 1) || isWord("depth", at: 1) { throw unsupported("SEARCH") }
      if isWord("cycle") { throw unsupported("CYCLE") }
      elements.append(
        CommonTableExpression(
          name: name, columns: columns, isMaterialized: isMaterialized, query: query,
          range: range(from: start)))
      try check(elements.count)
    } while acceptMark(",")
    return With(isRecursive: isRecursive, elements: elements, range: range(from: start))
  }

  /// select_clause: `body { UNION|EXCEPT [ALL|DISTINCT] body }`, where INTERSECT binds tighter (level 2).
  mutating func parseSetOperations(_ minimum: Int, leading: QueryBody? = nil) throws(SQLError) -> QueryBody {
    let start = leading?.range.start ?? start
    var left: QueryBody
    if let leading { left = leading } else { left = try parseQueryPrimary() }
    while let word, let op = SetOperator(rawValue: word.uppercased()) {
      let level = op == .intersect ? 2 : 1
      guard level >= minimum else { break }
      advance()
      let isAll = accept("all")
      if !isAll { _ = accept("distinct") }
      let right = try parseSetOperations(level + 1)
      left = QueryBody(.setOperation(op, isAll: isAll, left, right), range(from: start))
      try link()
    }
    return left
  }

  /// simple_select: SELECT, VALUES, TABLE or a query in parentheses.
  mutating func parseQueryPrimary() throws(SQLError) -> QueryBody {
    let start = start
    switch word {
    case "select":
      let select = try parseSelect()
      return QueryBody(.select(select), range(from: start))
    case "values":
      let rows = try parseValues()
      return QueryBody(.values(rows), range(from: start))
    case "table":
      advance()
      let name = try parseObjectName()
      return QueryBody(.table(name), range(from: start))
    default:
      guard isPunctuation("(") else { throw syntaxError() }
      let query = try parseParenthesizedQuery()
      return body(of: query, range(from: start))
    }
  }

  /// `VALUES '(' list ')' { ',' '(' list ')' }`.
  mutating func parseValues() throws(SQLError) -> [[Expr]] {
    try expect("values")
    var rows: [[Expr]] = []
    repeat {
      try expectMark("(")
      rows.append(try parseExprList())
      try expectMark(")")
      try check(rows.count)
    } while acceptMark(",")
    return rows
  }

  /// `LIMIT`, `OFFSET` and `FETCH FIRST`, in either order, each at most once.
  mutating func parseLimits(into query: inout Query) throws(SQLError) {
    var hasLimit = query.limit != nil
    while true {
      if isWord("limit") || isWord("fetch") {
        guard !hasLimit else { throw syntaxError() }
        hasLimit = true
        try parseLimit(into: &query)
      } else if isWord("offset") {
        guard query.offset == nil else { throw syntaxError() }
        advance()
        query.offset = try parseExpr()
        if isWord("row") || isWord("rows") { advance() }
      } else if isWord("for"), ["update", "share", "no", "key"].contains(word(at: 1)) {
        throw unsupported("FOR \(word(at: 1)?.uppercased() ?? "")")
      } else {
        return
      }
    }
  }

  /// `LIMIT n|ALL`, `FETCH FIRST|NEXT [n] ROW|ROWS ONLY|WITH TIES`.
  mutating func parseLimit(into query: inout Query) throws(SQLError) {
    if accept("limit") {
      if accept("all") { return }
      query.limit = try parseExpr()
      if isPunctuation(",") { throw unsupported("LIMIT #,# syntax") }
      return
    }
    let start = start
    advance()
    guard accept("first") || accept("next") else { throw syntaxError() }
    if isWord("row") || isWord("rows") {
      query.limit = Expr(.integer("1"), range(from: start))
    } else {
      query.limit = try parseExpr(Precedence.additive)
    }
    guard accept("row") || accept("rows") else { throw syntaxError() }
    if accept("with", "ties") { query.limitWithTies = true } else { try expect("only") }
  }
}

extension Query {
  /// Whether the query is its body alone.
  var hasNoClauses: Bool {
    with == nil && orderBy.isEmpty && limit == nil && offset == nil && emit == nil && !limitWithTies
  }
}
