import SQLTypes

extension Parser {
  /// `INSERT INTO name [AS alias] [(columns)] query|DEFAULT VALUES [ON CONFLICT …] [RETURNING …]`.
  mutating func parseInsert(with: With?) throws(SQLError) -> Insert {
    try expect("insert", "into")
    let table = try parseObjectName()
    let alias = accept("as") ? try parseName() : nil
    var columns: [Identifier] = []
    if isPunctuation("("), !startsQueryInParentheses() { columns = try parseNameList() }
    if isWord("overriding") { throw unsupported("OVERRIDING") }
    let source: Insert.Source
    if accept("default", "values") { source = .defaultValues } else {
      guard startsQuery() || isPunctuation("(") else { throw syntaxError() }
      source = .query(try parseQuery())
    }
    var insert = Insert(
      with: with, table: table, alias: alias, columns: columns, source: source, onConflict: nil, returning: [])
    if areWords("on", "conflict") { insert.onConflict = try parseOnConflict() }
    insert.returning = try parseReturning()
    return insert
  }

  /// `ON CONFLICT [(columns) [WHERE …] | ON CONSTRAINT name] DO NOTHING | DO UPDATE SET … [WHERE …]`.
  private mutating func parseOnConflict() throws(SQLError) -> OnConflict {
    let start = start
    try expect("on", "conflict")
    var target: OnConflict.Target?
    if acceptMark("(") {
      let columns = try parseExprList()
      try expectMark(")")
      target = .columns(columns, filter: accept("where") ? try parseExpr() : nil)
    } else if accept("on") {
      try expect("constraint")
      target = .constraint(try parseName())
    }
    try expect("do")
    let action: OnConflict.Action
    if accept("nothing") { action = .nothing } else {
      try expect("update", "set")
      let assignments = try parseAssignments()
      action = .update(assignments, filter: accept("where") ? try parseExpr() : nil)
    }
    return OnConflict(target: target, action: action, range: range(from: start))
  }

  /// set_clause_list: `column '=' a_expr`, `'(' columns ')' '=' a_expr`.
  private mutating func parseAssignments() throws(SQLError) -> [Assignment] {
    var assignments: [Assignment] = []
    repeat {
      let start = start
      let isRow = isPunctuation("(")
      let columns = isRow ? try parseNameList() : [try parseName()]
      if isPunctuation(".") || isPunctuation("[") { throw unsupported("assignment to a part of a column") }
      guard acceptOperator("=") else { throw syntaxError() }
      let value = try parseExpr()
      assignments.append(Assignment(columns: columns, isRow: isRow, value: value, range: range(from: start)))
      try check(assignments.count, Limits.selectItems, .tooManyColumns)
    } while acceptMark(",")
    return assignments
  }

  /// `[RETURNING items]`.
  private mutating func parseReturning() throws(SQLError) -> [SelectItem] {
    guard accept("returning") else { return [] }
    let items = try parseSelectItems()
    guard !items.isEmpty else { throw syntaxError() }
    return items
  }

  /// `[WHERE a_expr]`; WHERE CURRENT OF is refused.
  private mutating func parseWhere() throws(SQLError) -> Expr? {
    guard accept("where") else { return nil }
    if areWords("current", "of") { throw unsupported("WHERE CURRENT OF") }
    return try parseExpr()
  }

  /// `[ONLY] name ['*'] [[AS] alias]`.
  private mutating func parseTarget() throws(SQLError) -> (ObjectName, Identifier?) {
    _ = accept("only")
    let table = try parseObjectName()
    _ = acceptOperator("*")
    if accept("as") { return (table, try parseName()) }
    return (table, isWord("set") ? nil : acceptName(Keywords.canNameColumn))
  }

  /// `UPDATE target SET … [FROM …] [WHERE …] [RETURNING …]`.
  mutating func parseUpdate(with: With?) throws(SQLError) -> Update {
    try expect("update")
    let (table, alias) = try parseTarget()
    try expect("set")
    let assignments = try parseAssignments()
    let from = accept("from") ? try parseFrom() : []
    let filter = try parseWhere()
    return Update(
      with: with, table: table, alias: alias, assignments: assignments, from: from, filter: filter,
      returning: try parseReturning())
  }

  /// `DELETE FROM target [USING …] [WHERE …] [RETURNING …]`.
  mutating func parseDelete(with: With?) throws(SQLError) -> Delete {
    try expect("delete", "from")
    let (table, alias) = try parseTarget()
    let using = accept("using") ? try parseFrom() : []
    let filter = try parseWhere()
    return Delete(
      with: with, table: table, alias: alias, using: using, filter: filter, returning: try parseReturning())
  }
}
