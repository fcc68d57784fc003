import SQLTypes

// FROM: tables, joins, derived tables and aliases.
extension Parser {
  /// from_list: `table_ref { ',' table_ref }`.
  mutating func parseFrom() throws(SQLError) -> [TableRef] {
    var tables: [TableRef] = []
    repeat {
      tables.append(try parseTableRef())
      try check(tables.count)
    } while acceptMark(",")
    return tables
  }

  /// table_ref: `primary { join }`.
  mutating func parseTableRef(leading: TableRef? = nil) throws(SQLError) -> TableRef {
    let outer = try enter(weight: 2)
    var left: TableRef
    if let leading { left = leading } else { left = try parseTablePrimary() }
    while startsJoin { left = try parseJoin(left) }
    try leave(outer, weight: 2)
    return left
  }

  var startsJoin: Bool {
    switch word {
    case "join", "inner", "cross", "natural": true
    case "left", "right", "full": true
    case "asof": isWord("join", at: 1) || isWord("left", at: 1)
    default: false
    }
  }

  /// joined_table behind its left side: `[NATURAL] [kind] JOIN table_ref [WITHIN …] [ON … | USING (…)]`.
  ///
  /// `a JOIN b JOIN c ON x ON y` joins b and c first: as long as no condition follows, the right side goes on.
  mutating func parseJoin(_ left: TableRef) throws(SQLError) -> TableRef {
    let outer = try enter(weight: 2)
    let start = start
    let isNatural = accept("natural")
    var kind = Join.JoinKind.inner
    if accept("cross") {
      guard !isNatural else { throw syntaxError() }
      kind = .cross
    } else if accept("asof") {
      kind = accept("left") ? .asofLeft : .asof
      if kind == .asofLeft { _ = accept("outer") }
    } else if let word, let named = Join.JoinKind(rawValue: word.uppercased() + " JOIN") {
      advance()
      kind = named
      _ = accept("outer")
    } else {
      _ = accept("inner")
    }
    try expect("join")
    let joinRange = range(from: start)
    var right = try parseTablePrimary()
    var condition = isNatural ? Join.Condition.natural : .none
    var within: Within?
    if kind != .cross, !isNatural {
      while startsJoin { right = try parseJoin(right) }
      within = try parseWithin()
      condition = try parseJoinCondition()
    }
    let join = Join(
      kind: kind, left: left, right: right, condition: condition, within: within, range: joinRange)
    try leave(outer, weight: 2, links: 0)
    // A chain of joins nests to the left; a join weighs as much as two expressions.
    try link(2)
    return TableRef(.join(join), range(from: left.range.start))
  }

  /// join_qual: `ON a_expr`, `USING (columns) [AS alias]`.
  mutating func parseJoinCondition() throws(SQLError) -> Join.Condition {
    if accept("on") { return .on(try parseExpr()) }
    try expect("using")
    let columns = try parseNameList()
    return .using(columns, alias: accept("as") ? try parseName() : nil)
  }

  /// table_ref without joins.
  mutating func parseTablePrimary() throws(SQLError) -> TableRef {
    let start = start
    let isLateral = accept("lateral")
    if isPunctuation("(") { return try parseParenthesizedTable(isLateral: isLateral) }
    if areWords("rows", "from"), isPunctuation("(", at: 2) { throw unsupported("ROWS FROM") }
    if isWord("xmltable") || isWord("json_table"), isPunctuation("(", at: 1) { throw unsupported(word ?? "") }
    if !isLateral, isWord("table"), isPunctuation("(", at: 1) {
      advance(); advance()
      let kind = try parseTableCall(isLateral: false, inTable: true)
      try expectMark(")")
      return try parseAliased(kind, from: start)
    }
    if isCall() {
      let kind = try parseTableCall(isLateral: isLateral, inTable: false)
      return try parseAliased(kind, from: start)
    }
    guard !isLateral else { throw syntaxError() }
    _ = accept("only")
    let name = try parseObjectName()
    _ = acceptOperator("*")
    var asOf = try parseSystemTime()
    var table = try parseAliased(.relation(name, asOf: asOf), from: start)
    if asOf == nil {
      asOf = try parseSystemTime()
      if asOf != nil {
        table.kind = .relation(name, asOf: asOf)
        table.range = range(from: start)
      }
    }
    if isWord("tablesample") { throw unsupported("TABLESAMPLE") }
    return table
  }

  /// Whether a name and an opening parenthesis stand here.
  func isCall() -> Bool {
    var offset = 0
    while true {
      switch peek(offset).kind {
      case .quotedIdentifier, .word: offset += 1
      default: return false
      }
      if isPunctuation("(", at: offset) { return true }
      guard isPunctuation(".", at: offset) else { return false }
      offset += 1
    }
  }

  /// `FOR SYSTEM_TIME AS OF a_expr`.
  mutating func parseSystemTime() throws(SQLError) -> Expr? {
    guard areWords("for", "system_time", "as", "of") else { return nil }
    for _ in 0..<4 { advance() }
    return try parseExpr(Precedence.other)
  }

  /// `'(' query ')' alias` or `'(' table_ref ')' [alias]`; which one shows behind inner parentheses.
  mutating func parseParenthesizedTable(isLateral: Bool) throws(SQLError) -> TableRef {
    let outer = try enter(weight: 2)
    let start = start
    let result: TableRef
    if startsQueryInParentheses() {
      switch try parseTableContent() {
      case .query(let query):
        result = try parseAliased(.subquery(query, isLateral: isLateral), from: start)
      case .table(let table):
        guard !isLateral else { throw syntaxError() }
        result = try parseAliasedJoin(table, from: start)
      }
    } else {
      guard !isLateral else { throw syntaxError() }
      try expectMark("(")
      let table = try parseTableRef()
      guard case .join = table.kind else { throw syntaxError() }
      try expectMark(")")
      result = try parseAliasedJoin(table, from: start)
    }
    try leave(outer, weight: 2, links: 0)
    return result
  }

  indirect enum TableContent {
    case query(Query)
    case table(TableRef)
  }

  /// `'(' … ')'` where a query starts within: the whole is a query, or its start is a derived table of a join.
  mutating func parseTableContent() throws(SQLError) -> TableContent {
    let outer = try enter(weight: 2)
    try expectMark("(")
    let start = start
    let result: TableContent
    if !isPunctuation("(") {
      result = .query(try parseQuery())
    } else {
      switch try parseTableContent() {
      case .query(let query):
        if isPunctuation(")") {
          result = .query(query)
        } else if continuesQuery() {
          result = .query(try parseQuery(leading: query, from: start))
        } else {
          let first = try parseAliased(.subquery(query, isLateral: false), from: start)
          result = .table(try parseTableRef(leading: first))
        }
      case .table(let table):
        let first = try parseAliasedJoin(table, from: start)
        result = .table(try parseTableRef(leading: first))
      }
    }
    try expectMark(")")
    try leave(outer, weight: 2, links: 0)
    return result
  }

  /// A join in parentheses, which may have an alias.
  mutating func parseAliasedJoin(_ join: TableRef, from start: Int) throws(SQLError) -> TableRef {
    var table = join
    if table.alias == nil { table.alias = try parseAlias(ofFunction: false) }
    table.range = range(from: start)
    return table
  }

  mutating func parseAliased(_ kind: TableRef.Kind, from start: Int) throws(SQLError) -> TableRef {
    let isFunction = if case .function = kind { true } else { false }
    let alias = try parseAlias(ofFunction: isFunction)
    return TableRef(kind, alias: alias, range(from: start))
  }

  /// alias_clause: `[AS] ColId [(columns)]`; of a function also `AS [ColId] (column type, …)`.
  mutating func parseAlias(ofFunction: Bool) throws(SQLError) -> TableAlias? {
    let start = start
    var name: Identifier?
    if accept("as") {
      if !(ofFunction && isPunctuation("(")) { name = try parseName() }
    } else {
      guard canBeAlias() else { return nil }
      name = acceptName(Keywords.canNameColumn)
      if name == nil { return nil }
    }
    var alias = TableAlias(name: name, columns: [], range: range(from: start))
    guard acceptMark("(") else {
      if name == nil { throw syntaxError() }
      return alias
    }
    repeat {
      alias.columns.append(try parseName())
      if ofFunction, !isPunctuation(","), !isPunctuation(")") {
        guard alias.columnTypes.count == alias.columns.count - 1 else { throw syntaxError() }
        alias.columnTypes.append(try parseTypeName())
      }
      try check(alias.columns.count, Limits.selectItems, .tooManyColumns)
    } while acceptMark(",")
    guard alias.columnTypes.isEmpty || alias.columnTypes.count == alias.columns.count else { throw syntaxError() }
    try expectMark(")")
    alias.range = range(from: start)
    return alias
  }

  /// Words of the dialect that start a clause here are no aliases.
  func canBeAlias() -> Bool {
    switch word {
    case "emit": !isEmit()
    case "asof": !startsJoin
    case "within": !(isInteger(at: 1) || isPunctuation("(", at: 1) || isWord("interval", at: 1))
    case "set": false
    default: true
    }
  }

  /// func_table, or one of the windowing functions. `inTable`: within Flink's `TABLE( … )`.
  mutating func parseTableCall(isLateral: Bool, inTable: Bool) throws(SQLError) -> TableRef.Kind {
    if let word, let kind = WindowTable.WindowKind(rawValue: word.uppercased()), isPunctuation("(", at: 1) {
      return .window(try parseWindowTable(kind, inTable: inTable))
    }
    let call = try parseTableFunction()
    let withOrdinality = accept("with", "ordinality")
    return .function(call, isLateral: isLateral, withOrdinality: withOrdinality)
  }
}
