import SQLTypes

// OVER and ORDER BY.
extension Parser {
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
  mutating func parseFrame() throws(SQLError) -> WindowFrame {
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

  mutating func parseFrameBound() throws(SQLError) -> WindowFrame.Bound {
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
}
