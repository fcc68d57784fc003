import SQLTypes

// SELECT and its clauses up to the windows.
extension Parser {
  /// `SELECT [ALL | DISTINCT [ON (list)]] items [INTO name] [FROM …] [WINDOW …] [WHERE …] [GROUP BY …] [HAVING …]
  /// [WINDOW …]`.
  mutating func parseSelect() throws(SQLError) -> Select {
    try expect("select")
    var distinct: Distinct?
    if accept("distinct") {
      distinct = .rows
      if accept("on") {
        try expectMark("(")
        distinct = .on(try parseExprList())
        try expectMark(")")
      }
    } else {
      _ = accept("all")
    }
    var select = Select(distinct: distinct, items: try parseSelectItems())
    if accept("into") {
      if isWord("temp") || isWord("temporary") { throw unsupported("temporary table") }
      _ = accept("table")
      select.into = try parseObjectName()
    }
    if accept("from") {
      select.from = try parseFrom()
      select.streamWindow = try parseStreamWindow()
    }
    if accept("where") { select.filter = try parseExpr() }
    if isWord("group") { select.groupBy = try parseGroupBy() }
    if accept("having") { select.having = try parseExpr() }
    if accept("window") {
      repeat {
        let name = try parseName()
        try expect("as")
        select.windows.append(NamedWindow(name: name, specification: try parseWindowSpecification()))
        try check(select.windows.count)
      } while acceptMark(",")
    }
    return select
  }

  /// target_list: may be empty.
  mutating func parseSelectItems() throws(SQLError) -> [SelectItem] {
    var items: [SelectItem] = []
    switch current.kind {
    case .end, .punctuation(")"): return items
    case .word(let word):
      switch word {
      case "from", "into", "where", "group", "having", "window", "union", "intersect", "except", "order", "limit",
        "offset", "fetch", "for":
        return items
      default: break
      }
    default: break
    }
    repeat {
      items.append(try parseSelectItem())
      try check(items.count, Limits.selectItems, .tooManyColumns)
    } while acceptMark(",")
    return items
  }

  /// target_el: `'*'`, `a_expr [AS ColLabel]`, `a_expr BareColLabel`.
  mutating func parseSelectItem() throws(SQLError) -> SelectItem {
    let start = start
    if acceptOperator("*") {
      let range = range(from: start)
      return SelectItem(value: Expr(.star([]), range), alias: nil, range: range)
    }
    let value = try parseExpr()
    var alias: Identifier?
    if accept("as") {
      alias = try parseLabel()
    } else if !isEmit() {
      alias = acceptName(Keywords.canBeBareLabel)
    }
    return SelectItem(value: value, alias: alias, range: range(from: start))
  }

  /// `GROUP BY [ALL|DISTINCT] element { ',' element }`.
  mutating func parseGroupBy() throws(SQLError) -> GroupBy {
    let start = start
    try expect("group", "by")
    let isDistinct = accept("distinct")
    if !isDistinct { _ = accept("all") }
    let elements = try parseGroupingElements()
    return GroupBy(isDistinct: isDistinct, elements: elements, range: range(from: start))
  }

  mutating func parseGroupingElements() throws(SQLError) -> [GroupingElement] {
    var elements: [GroupingElement] = []
    repeat {
      elements.append(try parseGroupingElement())
      try check(elements.count)
    } while acceptMark(",")
    return elements
  }

  /// group_by_item: `a_expr`, `'(' ')'`, ROLLUP, CUBE, GROUPING SETS.
  mutating func parseGroupingElement() throws(SQLError) -> GroupingElement {
    if isPunctuation("("), isPunctuation(")", at: 1) {
      advance(); advance()
      return .empty
    }
    if isWord("rollup") || isWord("cube"), isPunctuation("(", at: 1) {
      let isCube = isWord("cube")
      advance(); advance()
      let list = try parseExprList()
      try expectMark(")")
      return isCube ? .cube(list) : .rollup(list)
    }
    if areWords("grouping", "sets") {
      let outer = try enter()
      advance(); advance()
      try expectMark("(")
      let elements = try parseGroupingElements()
      try expectMark(")")
      try leave(outer)
      return .sets(elements)
    }
    return .expression(try parseExpr())
  }
}
