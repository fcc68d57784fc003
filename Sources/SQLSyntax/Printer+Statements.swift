extension Printer {
  mutating func statement(_ statement: Statement) {
    switch statement.kind {
    case .query(let query): self.query(query)
    case .createView(let view): createView(view)
    case .createTable(let table): createTable(table)
    case .drop(let drop):
      put("DROP ", drop.target.rawValue, drop.ifExists ? " IF EXISTS " : " ")
      list(drop.names) { $0.name($1) }
      if drop.isCascade { put(" CASCADE") }
    case .insert(let insert): self.insert(insert)
    case .update(let update): self.update(update)
    case .delete(let delete): self.delete(delete)
    case .begin(let modes):
      put("BEGIN")
      self.modes(modes)
    case .commit(let andChain): put("COMMIT", andChain ? " AND CHAIN" : "")
    case .rollback(let andChain): put("ROLLBACK", andChain ? " AND CHAIN" : "")
    case .subscribe(let subscribe): self.subscribe(subscribe)
    case .explain(let explain):
      put("EXPLAIN ")
      if !explain.options.isEmpty {
        options(explain.options, " ")
        put(" ")
      }
      self.statement(explain.statement)
    case .show(let show): self.show(show)
    case .set(let set): self.set(set)
    case .reset(let name):
      put("RESET ")
      if let name { self.name(name) } else { put("ALL") }
    case .describe(let name, let isExtended):
      put("DESCRIBE ", isExtended ? "EXTENDED " : "")
      self.name(name)
    case .prepare(let name, let types, let statement):
      put("PREPARE ")
      self.name(name)
      if !types.isEmpty {
        put(" (")
        list(types) { $0.type($1) }
        put(")")
      }
      put(" AS ")
      self.statement(statement)
    case .execute(let name, let values):
      put("EXECUTE ")
      self.name(name)
      if !values.isEmpty {
        put("(")
        list(values) { $0.expr($1) }
        put(")")
      }
    case .deallocate(let name):
      put("DEALLOCATE ")
      if let name { self.name(name) } else { put("ALL") }
    case .declareCursor(let cursor): declare(cursor)
    case .fetch(let fetch): self.fetch(fetch)
    case .waitFor(let wait):
      put("WAIT FOR ")
      string(wait.position)
      if let timeout = wait.timeout {
        put(" TIMEOUT ")
        guarded(timeout)
      }
    case .closeCursor(let name):
      put("CLOSE ")
      if let name { self.name(name) } else { put("ALL") }
    case .copy(let copy): self.copy(copy)
    case .discard(let target): put("DISCARD ", target.rawValue)
    case .unsupported(let name): put(name)
    }
  }

  // MARK: DDL

  private mutating func createView(_ view: CreateView) {
    put("CREATE ", view.orReplace ? "OR REPLACE " : "", view.isTemporary ? "TEMPORARY " : "")
    put(view.isRecursive ? "RECURSIVE " : "", view.isMaterialized ? "MATERIALIZED " : "", "VIEW ")
    put(view.ifNotExists ? "IF NOT EXISTS " : "")
    name(view.name)
    if !view.columns.isEmpty {
      put(" ")
      columns(view.columns)
    }
    withOptions(view.options)
    put(" AS ")
    query(view.query, withNoData: view.withNoData)
  }

  private mutating func createTable(_ table: CreateTable) {
    put("CREATE ", table.orReplace ? "OR REPLACE " : "", table.isTemporary ? "TEMPORARY " : "")
    put(table.kind.rawValue, table.ifNotExists ? " IF NOT EXISTS " : " ")
    name(table.name)
    if !table.columnNames.isEmpty {
      put(" ")
      columns(table.columnNames)
    } else if table.query == nil {
      put(" (")
      list(table.columns) { $0.column($1) }
      var separator = table.columns.isEmpty ? "" : ", "
      for constraint in table.constraints {
        put(separator)
        self.constraint(constraint)
        separator = ", "
      }
      if let watermark = table.watermark {
        put(separator, "WATERMARK FOR ")
        name(watermark.column)
        put(" AS ")
        expr(watermark.value)
      }
      put(")")
    }
    withOptions(table.options)
    if let query = table.query {
      put(" AS ")
      self.query(query, withNoData: table.withNoData)
    }
  }

  private mutating func column(_ column: ColumnDefinition) {
    name(column.name)
    if let type = column.type {
      put(" ")
      self.type(type)
    }
    for constraint in column.constraints {
      put(" ")
      if let name = constraint.name {
        put("CONSTRAINT ")
        self.name(name)
        put(" ")
      }
      columnConstraint(constraint.kind)
    }
  }

  private mutating func parenthesized(_ value: Expr) {
    put("(")
    expr(value)
    put(")")
  }

  private mutating func columnConstraint(_ kind: ColumnConstraint.Kind) {
    switch kind {
    case .notNull: put("NOT NULL")
    case .null: put("NULL")
    case .primaryKey: put("PRIMARY KEY")
    case .unique: put("UNIQUE")
    case .key: put("KEY")
    case .headers: put("HEADERS")
    case .defaultValue(let value):
      put("DEFAULT ")
      parenthesized(value)
    case .check(let condition):
      put("CHECK ")
      parenthesized(condition)
    case .metadata(let key):
      put("METADATA")
      if let key {
        put(" FROM ")
        string(key)
      }
    case .computed(let value):
      put("AS ")
      parenthesized(value)
    case .references(let table, let columns):
      put("REFERENCES ")
      name(table)
      if !columns.isEmpty { self.columns(columns) }
    case .collate(let collation):
      put("COLLATE ")
      name(collation)
    case .identity(let always): put("GENERATED ", always ? "ALWAYS" : "BY DEFAULT", " AS IDENTITY")
    }
  }

  private mutating func constraint(_ constraint: TableConstraint) {
    if let name = constraint.name {
      put("CONSTRAINT ")
      self.name(name)
      put(" ")
    }
    switch constraint.kind {
    case .primaryKey(let names):
      put("PRIMARY KEY ")
      columns(names)
    case .unique(let names):
      put("UNIQUE ")
      columns(names)
    case .check(let condition):
      put("CHECK ")
      parenthesized(condition)
    case .foreignKey(let names, let table, let others):
      put("FOREIGN KEY ")
      columns(names)
      put(" REFERENCES ")
      name(table)
      if !others.isEmpty { columns(others) }
    }
  }

  // MARK: DML

  private mutating func target(_ with: With?, _ words: String, _ table: ObjectName, _ alias: Identifier?) {
    if let with {
      self.with(with)
      put(" ")
    }
    put(words, " ")
    name(table)
    if let alias {
      put(" AS ")
      name(alias)
    }
  }

  private mutating func filter(_ condition: Expr?) {
    guard let condition else { return }
    put(" WHERE ")
    expr(condition)
  }

  private mutating func returning(_ items: [SelectItem]) {
    guard !items.isEmpty else { return }
    put(" RETURNING ")
    self.items(items)
  }

  private mutating func insert(_ insert: Insert) {
    target(insert.with, "INSERT INTO", insert.table, insert.alias)
    if !insert.columns.isEmpty {
      put(" ")
      columns(insert.columns)
    }
    switch insert.source {
    case .defaultValues: put(" DEFAULT VALUES")
    case .query(let query):
      put(" ")
      self.query(query)
    }
    if let conflict = insert.onConflict { onConflict(conflict) }
    returning(insert.returning)
  }

  private mutating func onConflict(_ conflict: OnConflict) {
    put(" ON CONFLICT")
    switch conflict.target {
    case nil: break
    case .columns(let list, let filter):
      put(" (")
      self.list(list) { $0.expr($1) }
      put(")")
      self.filter(filter)
    case .constraint(let name):
      put(" ON CONSTRAINT ")
      self.name(name)
    }
    switch conflict.action {
    case .nothing: put(" DO NOTHING")
    case .update(let assignments, let filter):
      put(" DO UPDATE SET ")
      self.assignments(assignments)
      self.filter(filter)
    }
  }

  private mutating func assignments(_ assignments: [Assignment]) {
    list(assignments) { printer, assignment in
      if assignment.isRow { printer.columns(assignment.columns) } else { printer.names(assignment.columns) }
      printer.put(" = ")
      printer.expr(assignment.value)
    }
  }

  private mutating func update(_ update: Update) {
    target(update.with, "UPDATE", update.table, update.alias)
    put(" SET ")
    assignments(update.assignments)
    if !update.from.isEmpty {
      put(" FROM ")
      list(update.from) { $0.table($1) }
    }
    filter(update.filter)
    returning(update.returning)
  }

  private mutating func delete(_ delete: Delete) {
    target(delete.with, "DELETE FROM", delete.table, delete.alias)
    if !delete.using.isEmpty {
      put(" USING ")
      list(delete.using) { $0.table($1) }
    }
    filter(delete.filter)
    returning(delete.returning)
  }

  // MARK: session

  private mutating func modes(_ modes: TransactionModes) {
    if let isolation = modes.isolation { put(" ISOLATION LEVEL ", isolation.rawValue) }
    if let isReadOnly = modes.isReadOnly { put(isReadOnly ? " READ ONLY" : " READ WRITE") }
    if let isDeferrable = modes.isDeferrable { put(isDeferrable ? " DEFERRABLE" : " NOT DEFERRABLE") }
  }

  private mutating func subscribe(_ subscribe: Subscribe) {
    put("SUBSCRIBE TO ")
    switch subscribe.source {
    case .relation(let name): self.name(name)
    case .query(let query): subquery(query)
    }
    withOptions(subscribe.options)
    if let tick = subscribe.asOf {
      put(" AS OF ")
      expr(tick)
    }
    if let tick = subscribe.upTo {
      put(" UP TO ")
      expr(tick)
    }
  }

  private mutating func show(_ show: Show) {
    switch show {
    case .all: put("SHOW ALL")
    case .setting(let setting):
      put("SHOW ")
      // A quoted name is never one of the words of SHOW.
      if setting.parts.count == 1, ShowObjects(rawValue: setting.last.name.uppercased()) != nil {
        put("\"", setting.last.name, "\"")
      } else {
        name(setting)
      }
    case .objects(let objects): put("SHOW ", objects.rawValue)
    case .create(let kind, let name):
      put("SHOW CREATE ")
      if let kind { put(kind, " ") }
      self.name(name)
    }
  }

  private mutating func set(_ set: SetVariable) {
    if case .transaction(let modes) = set.value {
      put(set.scope == nil ? "SET TRANSACTION" : "SET SESSION CHARACTERISTICS AS TRANSACTION")
      self.modes(modes)
      return
    }
    put("SET ")
    if let scope = set.scope { put(scope.rawValue, " ") }
    // INTERVAL is a value only in this spelling.
    if case .values(let values) = set.value, case .interval? = values.first?.kind {
      put("TIME ZONE ")
    } else {
      name(set.name)
      put(" = ")
    }
    switch set.value {
    case .values(let values): list(values) { $0.expr($1) }
    default: put("DEFAULT")
    }
  }

  private mutating func declare(_ cursor: DeclareCursor) {
    put("DECLARE ")
    name(cursor.name)
    put(cursor.isBinary ? " BINARY" : "", cursor.isInsensitive ? " INSENSITIVE" : "")
    if let isScroll = cursor.isScroll { put(isScroll ? " SCROLL" : " NO SCROLL") }
    put(" CURSOR", cursor.isWithHold ? " WITH HOLD" : "", " FOR ")
    switch cursor.source {
    case .query(let query): self.query(query)
    case .subscribe(let subscribe): self.subscribe(subscribe)
    }
  }

  private mutating func fetch(_ fetch: Fetch) {
    let direction =
      switch fetch.direction {
      case .next: "NEXT"
      case .prior: "PRIOR"
      case .first: "FIRST"
      case .last: "LAST"
      case .absolute(let count): "ABSOLUTE \(count)"
      case .relative(let count): "RELATIVE \(count)"
      case .forward(let count): "FORWARD \(count)"
      case .forwardAll: "FORWARD ALL"
      case .backward(let count): "BACKWARD \(count)"
      case .backwardAll: "BACKWARD ALL"
      }
    put(fetch.isMove ? "MOVE " : "FETCH ", direction, " FROM ")
    name(fetch.cursor)
    if !fetch.options.isEmpty {
      put(" WITH ")
      options(fetch.options, " = ")
    }
  }

  private mutating func copy(_ copy: Copy) {
    put("COPY ")
    switch copy.source {
    case .table(let name, let columns):
      self.name(name)
      if !columns.isEmpty {
        put(" ")
        self.columns(columns)
      }
    case .query(let statement):
      put("(")
      self.statement(statement)
      put(")")
    }
    put(copy.isFrom ? " FROM " : " TO ")
    switch copy.endpoint {
    case .standard: put(copy.isFrom ? "STDIN" : "STDOUT")
    case .file(let path): string(path)
    }
    if !copy.options.isEmpty {
      put(" WITH ")
      options(copy.options, " ")
    }
    filter(copy.filter)
  }
}
