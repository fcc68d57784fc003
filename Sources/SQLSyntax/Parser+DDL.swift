import SQLTypes

extension Parser {
  /// `CREATE …`.
  mutating func parseCreate() throws(SQLError) -> Statement.Kind {
    try expect("create")
    let orReplace = accept("or", "replace")
    var isTemporary = false
    var isRecursive = false
    if isWord("temp") || isWord("temporary"), isWord("view", at: 1) || isWord("table", at: 1) {
      advance()
      isTemporary = true
    }
    if accept("recursive") {
      guard isWord("view") else { throw syntaxError() }
      isRecursive = true
    }
    if isWord("view") || areWords("materialized", "view") {
      return .createView(try parseCreateView(orReplace, isTemporary, isRecursive))
    }
    if isWord("table") || isWord("stream") { return .createTable(try parseCreateTable(orReplace, isTemporary)) }
    if isWord("source"), isWord("stream", at: 1) || isWord("table", at: 1) { return try skip("CREATE SOURCE") }
    guard let name = objectKind() else { throw syntaxError() }
    return try skip("CREATE \(name)")
  }

  private mutating func parseIfNotExists() throws(SQLError) -> Bool {
    guard accept("if") else { return false }
    try expect("not", "exists")
    return true
  }

  /// `[MATERIALIZED] VIEW [IF NOT EXISTS] name [(columns)] [WITH (options)] AS query [WITH [NO] DATA]`.
  private mutating func parseCreateView(
    _ orReplace: Bool, _ isTemporary: Bool, _ isRecursive: Bool
  ) throws(SQLError) -> CreateView {
    let isMaterialized = accept("materialized")
    try expect("view")
    let ifNotExists = try parseIfNotExists()
    let name = try parseObjectName()
    let columns = try parseOptionalNameList()
    let options = try parseWithOptions()
    try expect("as")
    let query = try parseQuery()
    var view = CreateView(
      isMaterialized: isMaterialized, orReplace: orReplace, ifNotExists: ifNotExists, name: name, columns: columns,
      options: options, query: query)
    view.isTemporary = isTemporary
    view.isRecursive = isRecursive
    view.withNoData = try parseWithData()
    if isWord("with"), isWord("check", at: 1) || isWord("option", at: 2) { throw unsupported("WITH CHECK OPTION") }
    return view
  }

  /// `[WITH [NO] DATA]`.
  private mutating func parseWithData() throws(SQLError) -> Bool {
    if accept("with", "data") { return false }
    guard areWords("with", "no", "data") else { return false }
    advance(); advance(); advance()
    return true
  }

  /// `TABLE|STREAM [IF NOT EXISTS] name ['(' elements ')'] [WITH (options)] [AS query]`.
  private mutating func parseCreateTable(_ orReplace: Bool, _ isTemporary: Bool) throws(SQLError) -> CreateTable {
    let kind: CreateTable.RelationKind = accept("stream") ? .stream : .table
    if kind == .table { try expect("table") }
    let ifNotExists = try parseIfNotExists()
    var table = CreateTable(
      kind: kind, orReplace: orReplace, ifNotExists: ifNotExists, name: try parseObjectName(), columns: [],
      constraints: [], options: [])
    table.isTemporary = isTemporary
    let hasElements = isPunctuation("(")
    if hasElements { try parseTableElements(into: &table) }
    if isWord("of") || isWord("partition") || isWord("inherits") || isWord("using") || isWord("tablespace") || isWord("on") {
      throw unsupported(word?.uppercased() ?? "")
    }
    table.options = try parseWithOptions()
    if accept("as") {
      guard table.columns.isEmpty, table.constraints.isEmpty, table.watermark == nil else { throw syntaxError() }
      table.query = try parseQuery()
      table.withNoData = try parseWithData()
    } else if !table.columnNames.isEmpty || (!hasElements && table.options.isEmpty) {
      throw syntaxError()
    }
    return table
  }

  /// `'(' column | constraint | watermark { ',' … } ')'`, or `'(' names ')'` of CREATE TABLE … AS.
  private mutating func parseTableElements(into table: inout CreateTable) throws(SQLError) {
    if isPunctuation(",", at: 2) || (isPunctuation(")", at: 2)) {
      table.columnNames = try parseNameList()
      return
    }
    try expectMark("(")
    if acceptMark(")") { return }
    repeat {
      if isWord("watermark"), isWord("for", at: 1) {
        guard table.watermark == nil else { throw syntaxError() }
        table.watermark = try parseWatermark()
      } else if let constraint = try parseTableConstraint() {
        table.constraints.append(constraint)
      } else {
        table.columns.append(try parseColumnDefinition())
        try check(table.columns.count, 1600, .tooManyColumns)
      }
      try check(table.constraints.count)
    } while acceptMark(",")
    try expectMark(")")
  }

  /// `WATERMARK FOR column AS a_expr`.
  private mutating func parseWatermark() throws(SQLError) -> Watermark {
    let start = start
    try expect("watermark", "for")
    let column = try parseName()
    try expect("as")
    let value = try parseExpr()
    return Watermark(column: column, value: value, range: range(from: start))
  }

  /// `[CONSTRAINT name] PRIMARY KEY (…) | UNIQUE (…) | CHECK (…) | FOREIGN KEY (…) REFERENCES …`, or nil.
  private mutating func parseTableConstraint() throws(SQLError) -> TableConstraint? {
    let start = start
    var name: Identifier?
    if accept("constraint") { name = try parseName() }
    let kind: TableConstraint.Kind
    if accept("primary") {
      try expect("key")
      kind = .primaryKey(try parseNameList())
      if areWords("not", "enforced") { advance(); advance() }
    } else if accept("unique") {
      kind = .unique(try parseNameList())
    } else if accept("check") {
      try expectMark("(")
      kind = .check(try parseExpr())
      try expectMark(")")
    } else if accept("foreign") {
      try expect("key")
      let columns = try parseNameList()
      try expect("references")
      let table = try parseObjectName()
      kind = .foreignKey(columns, table, try parseOptionalNameList())
      try refuseReferenceActions()
    } else if isWord("like") || isWord("exclude") {
      throw unsupported(word?.uppercased() ?? "")
    } else if name != nil {
      throw syntaxError()
    } else {
      return nil
    }
    return TableConstraint(name: name, kind: kind, range: range(from: start))
  }

  private func refuseReferenceActions() throws(SQLError) {
    if isWord("match") || (isWord("on") && (isWord("delete", at: 1) || isWord("update", at: 1))) {
      throw unsupported("action of a foreign key")
    }
    if isWord("deferrable") || isWord("initially") { throw unsupported("deferrable constraint") }
  }

  /// columnDef: `ColId [type] { constraint }`; without a type only `ColId AS a_expr`.
  private mutating func parseColumnDefinition() throws(SQLError) -> ColumnDefinition {
    let start = start
    let name = try parseName()
    let type = isWord("as") ? nil : try parseTypeName()
    var constraints: [ColumnConstraint] = []
    while let constraint = try parseColumnConstraint() {
      constraints.append(constraint)
      try check(constraints.count, Limits.arguments)
    }
    return ColumnDefinition(name: name, type: type, constraints: constraints, range: range(from: start))
  }

  /// `[CONSTRAINT name] …`, or nil.
  private mutating func parseColumnConstraint() throws(SQLError) -> ColumnConstraint? {
    let start = start
    var name: Identifier?
    if accept("constraint") { name = try parseName() }
    guard let kind = try parseColumnConstraintKind() else {
      if name != nil { throw syntaxError() }
      return nil
    }
    return ColumnConstraint(name: name, kind: kind, range: range(from: start))
  }

  private mutating func parseColumnConstraintKind() throws(SQLError) -> ColumnConstraint.Kind? {
    if accept("not", "null") { return .notNull }
    switch word {
    case "null": advance(); return .null
    case "unique": advance(); return .unique
    case "primary":
      advance()
      try expect("key")
      if areWords("not", "enforced") { advance(); advance() }
      return .primaryKey
    case "key": advance(); return .key
    case "headers": advance(); return .headers
    case "default":
      advance()
      // b_expr: NOT NULL behind it is a constraint.
      return .defaultValue(try parseExpr(Precedence.comparison))
    case "check":
      advance()
      try expectMark("(")
      let condition = try parseExpr()
      try expectMark(")")
      return .check(condition)
    case "metadata":
      advance()
      let key = accept("from") ? try parseString() : nil
      _ = accept("virtual")
      return .metadata(from: key)
    case "as":
      advance()
      return .computed(try parseExpr(Precedence.comparison))
    case "generated":
      advance()
      let always = accept("always")
      if !always { try expect("by", "default") }
      try expect("as")
      if accept("identity") { return .identity(always: always) }
      try expectMark("(")
      let value = try parseExpr()
      try expectMark(")")
      if !accept("stored") { try expect("virtual") }
      return .computed(value)
    case "references":
      advance()
      let table = try parseObjectName()
      let columns = try parseOptionalNameList()
      try refuseReferenceActions()
      return .references(table, columns)
    case "collate":
      advance()
      return .collate(try parseObjectName())
    case "deferrable", "initially": throw unsupported("deferrable constraint")
    default: return nil
    }
  }

  /// `DROP kind [IF EXISTS] names [CASCADE|RESTRICT]`.
  mutating func parseDrop() throws(SQLError) -> Statement.Kind {
    try expect("drop")
    let target: Drop.Target
    if accept("table") { target = .table } else if accept("stream") { target = .stream }
    else if accept("view") { target = .view } else if accept("materialized", "view") { target = .materializedView }
    else {
      guard let name = objectKind() else { throw syntaxError() }
      return try skip("DROP \(name)")
    }
    var ifExists = false
    if accept("if") {
      try expect("exists")
      ifExists = true
    }
    var names: [ObjectName] = []
    repeat {
      names.append(try parseObjectName())
      try check(names.count)
    } while acceptMark(",")
    let isCascade = accept("cascade")
    if !isCascade { _ = accept("restrict") }
    return .drop(Drop(target: target, ifExists: ifExists, names: names, isCascade: isCascade))
  }
}
