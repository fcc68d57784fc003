import SQLTypes

extension Parser {
  // MARK: query

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
    let outer = try enter()
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
    try leave(outer)
    if case .nested(let inner) = body.kind, query.hasNoClauses { return inner }
    return query
  }

  /// A query in parentheses as an operand of a set operation.
  private func body(of query: Query, _ range: SourceRange) -> QueryBody {
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
  private mutating func parseSetOperations(_ minimum: Int, leading: QueryBody? = nil) throws(SQLError) -> QueryBody {
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
  private mutating func parseQueryPrimary() throws(SQLError) -> QueryBody {
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
  private mutating func parseValues() throws(SQLError) -> [[Expr]] {
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
  private mutating func parseLimits(into query: inout Query) throws(SQLError) {
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
  private mutating func parseLimit(into query: inout Query) throws(SQLError) {
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

  // MARK: EMIT

  /// Whether EMIT starts its clause here and is no name: its mode must follow.
  func isEmit(at offset: Int = 0) -> Bool {
    guard isWord("emit", at: offset) else { return false }
    switch word(at: offset + 1) {
    case "changes", "once", "every", "periodic", "final": return true
    case "on": return isWord("window", at: offset + 2) || isWord("update", at: offset + 2)
    case "after": return isWord("window", at: offset + 2)
    default: return false
    }
  }

  /// `EMIT CHANGES | ON WINDOW CLOSE | ONCE [PER (columns)] | EVERY interval [ALWAYS]`, and the spellings of others.
  private mutating func parseEmit() throws(SQLError) -> Emit {
    let start = start
    try expect("emit")
    let mode: Emit.Mode
    if accept("changes") || accept("on", "update") {
      mode = .changes
    } else if accept("final") {
      mode = .onWindowClose
    } else if accept("once") {
      var key: [Expr] = []
      if accept("per") {
        try expectMark("(")
        key = try parseExprList()
        try expectMark(")")
      }
      mode = .once(per: key)
    } else if accept("every") || accept("periodic") {
      let interval = try parseDuration()
      mode = .every(interval, always: accept("always"))
    } else {
      guard accept("on") || accept("after") else { throw syntaxError() }
      try expect("window", "close")
      mode = .onWindowClose
    }
    return Emit(mode: mode, range: range(from: start))
  }

  // MARK: SELECT

  /// `SELECT [ALL | DISTINCT [ON (list)]] items [INTO name] [FROM …] [WINDOW …] [WHERE …] [GROUP BY …] [HAVING …]
  /// [WINDOW …]`.
  private mutating func parseSelect() throws(SQLError) -> Select {
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
  private mutating func parseSelectItem() throws(SQLError) -> SelectItem {
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
  private mutating func parseGroupBy() throws(SQLError) -> GroupBy {
    let start = start
    try expect("group", "by")
    let isDistinct = accept("distinct")
    if !isDistinct { _ = accept("all") }
    let elements = try parseGroupingElements()
    return GroupBy(isDistinct: isDistinct, elements: elements, range: range(from: start))
  }

  private mutating func parseGroupingElements() throws(SQLError) -> [GroupingElement] {
    var elements: [GroupingElement] = []
    repeat {
      elements.append(try parseGroupingElement())
      try check(elements.count)
    } while acceptMark(",")
    return elements
  }

  /// group_by_item: `a_expr`, `'(' ')'`, ROLLUP, CUBE, GROUPING SETS.
  private mutating func parseGroupingElement() throws(SQLError) -> GroupingElement {
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

  // MARK: FROM

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
  private mutating func parseTableRef(leading: TableRef? = nil) throws(SQLError) -> TableRef {
    let outer = try enter()
    var left: TableRef
    if let leading { left = leading } else { left = try parseTablePrimary() }
    while startsJoin { left = try parseJoin(left) }
    try leave(outer)
    return left
  }

  private var startsJoin: Bool {
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
  private mutating func parseJoin(_ left: TableRef) throws(SQLError) -> TableRef {
    let outer = try enter()
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
    try leave(outer)
    // A chain of joins nests to the left; a join weighs as much as four expressions.
    for _ in 0..<4 { try link() }
    return TableRef(.join(join), range(from: left.range.start))
  }

  /// join_qual: `ON a_expr`, `USING (columns) [AS alias]`.
  private mutating func parseJoinCondition() throws(SQLError) -> Join.Condition {
    if accept("on") { return .on(try parseExpr()) }
    try expect("using")
    let columns = try parseNameList()
    return .using(columns, alias: accept("as") ? try parseName() : nil)
  }

  /// ksqlDB: `WITHIN duration`, `WITHIN '(' before ',' after ')'`, `[GRACE PERIOD duration]`.
  private mutating func parseWithin() throws(SQLError) -> Within? {
    let start = start
    guard accept("within") else { return nil }
    let before: Expr
    var after: Expr
    if acceptMark("(") {
      before = try parseDuration()
      try expectMark(",")
      after = try parseDuration()
      try expectMark(")")
    } else {
      before = try parseDuration()
      after = before
    }
    let grace = accept("grace", "period") ? try parseDuration() : nil
    return Within(before: before, after: after, grace: grace, range: range(from: start))
  }

  /// table_ref without joins.
  private mutating func parseTablePrimary() throws(SQLError) -> TableRef {
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
  private func isCall() -> Bool {
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
  private mutating func parseSystemTime() throws(SQLError) -> Expr? {
    guard areWords("for", "system_time", "as", "of") else { return nil }
    for _ in 0..<4 { advance() }
    return try parseExpr(Precedence.other)
  }

  /// `'(' query ')' alias` or `'(' table_ref ')' [alias]`; which one shows behind inner parentheses.
  private mutating func parseParenthesizedTable(isLateral: Bool) throws(SQLError) -> TableRef {
    let outer = try enter()
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
    try leave(outer)
    return result
  }

  private indirect enum TableContent {
    case query(Query)
    case table(TableRef)
  }

  /// `'(' … ')'` where a query starts within: the whole is a query, or its start is a derived table of a join.
  private mutating func parseTableContent() throws(SQLError) -> TableContent {
    let outer = try enter()
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
    try leave(outer)
    return result
  }

  /// A join in parentheses, which may have an alias.
  private mutating func parseAliasedJoin(_ join: TableRef, from start: Int) throws(SQLError) -> TableRef {
    var table = join
    if table.alias == nil { table.alias = try parseAlias(ofFunction: false) }
    table.range = range(from: start)
    return table
  }

  private mutating func parseAliased(_ kind: TableRef.Kind, from start: Int) throws(SQLError) -> TableRef {
    let isFunction = if case .function = kind { true } else { false }
    let alias = try parseAlias(ofFunction: isFunction)
    return TableRef(kind, alias: alias, range(from: start))
  }

  /// alias_clause: `[AS] ColId [(columns)]`; of a function also `AS [ColId] (column type, …)`.
  private mutating func parseAlias(ofFunction: Bool) throws(SQLError) -> TableAlias? {
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
  private func canBeAlias() -> Bool {
    switch word {
    case "emit": !isEmit()
    case "asof": !startsJoin
    case "within": !(isInteger(at: 1) || isPunctuation("(", at: 1) || isWord("interval", at: 1))
    case "set": false
    default: true
    }
  }

  // MARK: functions and windows in FROM

  /// func_table, or one of the windowing functions. `inTable`: within Flink's `TABLE( … )`.
  private mutating func parseTableCall(isLateral: Bool, inTable: Bool) throws(SQLError) -> TableRef.Kind {
    if let word, let kind = WindowTable.WindowKind(rawValue: word.uppercased()), isPunctuation("(", at: 1) {
      return .window(try parseWindowTable(kind, inTable: inTable))
    }
    let call = try parseTableFunction()
    let withOrdinality = accept("with", "ordinality")
    return .function(call, isLateral: isLateral, withOrdinality: withOrdinality)
  }

  /// `TUMBLE '(' input ',' time ',' size [',' offset] ')'` and its like; arguments by position or by name.
  private mutating func parseWindowTable(_ kind: WindowTable.WindowKind, inTable: Bool) throws(SQLError) -> WindowTable {
    let start = start
    advance()
    try expectMark("(")
    if isWord("data"), isNamedArgument { advance(); advance() }
    let isFlink = inTable || isWord("table")
    let input: WindowTable.Input
    if startsQueryInParentheses(), isPunctuation("(") {
      input = .query(try parseParenthesizedQuery())
    } else {
      _ = accept("table")
      input = .relation(try parseObjectName())
    }
    var keys: [Expr] = []
    if accept("partition", "by") { keys = try parsePartitionKeys() }
    var arguments: [FunctionArgument] = []
    while acceptMark(",") {
      arguments.append(try parseWindowArgument())
      try check(arguments.count, 4, .tooManyArguments)
    }
    // `SESSION(payments PARTITION BY a, b, time, gap)`: keys end where the last two arguments begin.
    while arguments.count < 2, keys.count > 1, kind == .session {
      arguments.insert(FunctionArgument(value: keys.removeLast()), at: 0)
    }
    try expectMark(")")
    var window = try windowTable(kind, input, arguments, range(from: start))
    window.partitionBy = keys
    window.includesGap = kind == .session && isFlink
    return window
  }

  /// Keys of PARTITION BY: expressions up to DESCRIPTOR, a named argument or the end.
  private mutating func parsePartitionKeys() throws(SQLError) -> [Expr] {
    var keys: [Expr] = []
    let isParenthesized = isPunctuation("(")
    if isParenthesized {
      advance()
      keys = try parseExprList()
      try expectMark(")")
      return keys
    }
    repeat {
      keys.append(try parseExpr())
      try check(keys.count, Limits.arguments, .tooManyArguments)
      if isPunctuation(",") {
        if isWord("descriptor", at: 1), isPunctuation("(", at: 2) { break }
        if isPunctuation("=>", at: 2) || isPunctuation(":=", at: 2) { break }
      }
    } while acceptMark(",")
    return keys
  }

  /// `[name '=>'] (DESCRIPTOR '(' column ')' | a_expr)`.
  private mutating func parseWindowArgument() throws(SQLError) -> FunctionArgument {
    var name: Identifier?
    if isNamedArgument {
      name = try parseLabel()
      advance()
    }
    guard isWord("descriptor"), isPunctuation("(", at: 1) else {
      return FunctionArgument(name: name, value: try parseExpr())
    }
    advance(); advance()
    let column = try parseExpr()
    try expectMark(")")
    return FunctionArgument(name: name, value: column)
  }

  /// Puts the arguments in their places.
  private func windowTable(
    _ kind: WindowTable.WindowKind, _ input: WindowTable.Input, _ arguments: [FunctionArgument], _ range: SourceRange
  ) throws(SQLError) -> WindowTable {
    let places: [[String]] =
      switch kind {
      case .tumble: [["timecol"], ["size"], ["offset"]]
      case .hop: [["timecol"], ["slide"], ["size"], ["offset"]]
      case .cumulate: [["timecol"], ["step"], ["size"], ["offset"]]
      case .session: [["timecol"], ["gap", "size"]]
      }
    var found: [Expr?] = Array(repeating: nil, count: places.count)
    for (position, argument) in arguments.enumerated() {
      var place = position
      if let name = argument.name {
        guard let named = places.firstIndex(where: { $0.contains(name.name) }) else {
          throw SQLError(
            .undefinedFunction, "\(kind.rawValue) has no argument \"\(name.name)\"", at: name.range)
        }
        place = named
      }
      guard place < places.count, found[place] == nil else {
        throw SQLError(.syntaxError, "too many arguments of \(kind.rawValue)", at: argument.value.range)
      }
      found[place] = argument.value
    }
    let hasStep = kind == .hop || kind == .cumulate
    let step = hasStep ? found[1] : nil
    guard let time = found[0], let size = found[hasStep ? 2 : 1], !hasStep || step != nil else {
      throw SQLError(.syntaxError, "too few arguments of \(kind.rawValue)", at: range)
    }
    return WindowTable(
      kind: kind, input: input, partitionBy: [], time: time, step: step, size: size,
      offset: kind == .session ? nil : found[places.count - 1], range: range)
  }

  /// ksqlDB: `WINDOW TUMBLING|HOPPING '(' SIZE d [',' ADVANCE BY d] [',' RETENTION d] [',' GRACE PERIOD d] ')'`,
  /// `WINDOW SESSION '(' d … ')'`.
  private mutating func parseStreamWindow() throws(SQLError) -> StreamWindow? {
    guard isWord("window"), isPunctuation("(", at: 2), let name = word(at: 1),
      let kind = StreamWindow.WindowKind(rawValue: name.uppercased())
    else { return nil }
    let start = start
    advance(); advance(); advance()
    if kind != .session { try expect("size") }
    var window = StreamWindow(kind: kind, size: try parseDuration(), range: current.range)
    while acceptMark(",") {
      if kind == .hopping, window.advance == nil, accept("advance", "by") {
        window.advance = try parseDuration()
      } else if window.retention == nil, accept("retention") {
        window.retention = try parseDuration()
      } else if window.grace == nil, accept("grace", "period") {
        window.grace = try parseDuration()
      } else {
        throw syntaxError()
      }
    }
    if kind == .hopping, window.advance == nil { throw syntaxError() }
    try expectMark(")")
    window.range = range(from: start)
    return window
  }
}

extension Query {
  /// Whether the query is its body alone.
  var hasNoClauses: Bool {
    with == nil && orderBy.isEmpty && limit == nil && offset == nil && emit == nil && !limitWithTies
  }
}
