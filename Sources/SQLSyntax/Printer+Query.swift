extension Printer {
  /// A query and what may follow it in CREATE … AS: behind a SELECT without columns WITH would be read as one.
  mutating func query(_ query: Query, withNoData: Bool) {
    let start = text.utf8.count
    self.query(query)
    if !withNoData { return }
    if text.hasSuffix("SELECT") {
      text.insert("(", at: text.utf8.index(text.startIndex, offsetBy: start))
      put(")")
    }
    put(" WITH NO DATA")
  }

  mutating func query(_ query: Query) {
    if let with = query.with {
      self.with(with)
      put(" ")
    }
    body(query.body)
    if !query.orderBy.isEmpty {
      put(" ")
      orderBy(query.orderBy)
    }
    if let offset = query.offset, query.limitWithTies {
      put(" OFFSET ")
      expr(offset)
    }
    if let limit = query.limit {
      if query.limitWithTies {
        put(" FETCH FIRST (")
        expr(limit)
        put(") ROWS WITH TIES")
      } else {
        put(" LIMIT ")
        expr(limit)
      }
    }
    if let offset = query.offset, !query.limitWithTies {
      put(" OFFSET ")
      expr(offset)
    }
    if let emit = query.emit { self.emit(emit) }
  }

  mutating func with(_ with: With) {
    put(with.isRecursive ? "WITH RECURSIVE " : "WITH ")
    list(with.elements) { printer, element in
      printer.name(element.name)
      if !element.columns.isEmpty {
        printer.put(" ")
        printer.columns(element.columns)
      }
      printer.put(" AS ")
      if let isMaterialized = element.isMaterialized { printer.put(isMaterialized ? "" : "NOT ", "MATERIALIZED ") }
      printer.subquery(element.query)
    }
  }

  private mutating func emit(_ emit: Emit) {
    switch emit.mode {
    case .changes: put(" EMIT CHANGES")
    case .onWindowClose: put(" EMIT ON WINDOW CLOSE")
    case .once(let key):
      put(" EMIT ONCE")
      if !key.isEmpty {
        put(" PER (")
        list(key) { $0.expr($1) }
        put(")")
      }
    case .every(let interval, let always):
      put(" EMIT EVERY ")
      guarded(interval)
      if always { put(" ALWAYS") }
    }
  }

  /// In parentheses unless it is a literal or a name.
  mutating func guarded(_ value: Expr) {
    switch value.kind {
    case .interval(_, nil, _), .column, .integer, .parameter, .call, .current: expr(value)
    default:
      put("(")
      expr(value)
      put(")")
    }
  }

  private mutating func body(_ body: QueryBody) {
    switch body.kind {
    case .select(let select): self.select(select)
    case .values(let rows):
      put("VALUES ")
      list(rows) { printer, row in
        printer.put("(")
        printer.list(row) { $0.expr($1) }
        printer.put(")")
      }
    case .table(let name):
      put("TABLE ")
      self.name(name)
    case .nested(let query): subquery(query)
    case .setOperation(let op, let isAll, let left, let right):
      operand(left, isLeftOf: op)
      put(" ", op.rawValue, isAll ? " ALL " : " ")
      operand(right, isLeftOf: nil)
    }
  }

  /// UNION and EXCEPT nest to the left without parentheses, INTERSECT binds tighter; all else has them.
  private mutating func operand(_ body: QueryBody, isLeftOf parent: SetOperator?) {
    if case .setOperation(let op, _, _, _) = body.kind,
      parent == nil || (parent == .intersect) != (op == .intersect)
    {
      put("(")
      self.body(body)
      put(")")
    } else {
      self.body(body)
    }
  }

  private mutating func select(_ select: Select) {
    put("SELECT")
    switch select.distinct {
    case nil: break
    case .rows: put(" DISTINCT")
    case .on(let list):
      put(" DISTINCT ON (")
      self.list(list) { $0.expr($1) }
      put(")")
    }
    if !select.items.isEmpty {
      put(" ")
      items(select.items)
    }
    if let into = select.into {
      put(" INTO ")
      name(into)
    }
    if !select.from.isEmpty {
      put(" FROM ")
      list(select.from) { $0.table($1) }
    }
    if let window = select.streamWindow { streamWindow(window) }
    if let filter = select.filter {
      put(" WHERE ")
      expr(filter)
    }
    if let groupBy = select.groupBy {
      put(groupBy.isDistinct ? " GROUP BY DISTINCT " : " GROUP BY ")
      list(groupBy.elements) { $0.grouping($1) }
    }
    if let having = select.having {
      put(" HAVING ")
      expr(having)
    }
    if !select.windows.isEmpty {
      put(" WINDOW ")
      list(select.windows) { printer, window in
        printer.name(window.name)
        printer.put(" AS ")
        printer.window(window.specification)
      }
    }
  }

  mutating func items(_ items: [SelectItem]) {
    list(items) { printer, item in
      printer.expr(item.value)
      if let alias = item.alias {
        printer.put(" AS ")
        printer.name(alias)
      }
    }
  }

  private mutating func grouping(_ element: GroupingElement) {
    switch element {
    case .expression(let value): groupingExpr(value)
    case .empty: put("()")
    case .rollup(let list), .cube(let list):
      if case .cube = element { put("CUBE (") } else { put("ROLLUP (") }
      self.list(list) { $0.groupingExpr($1) }
      put(")")
    case .sets(let elements):
      put("GROUPING SETS (")
      list(elements) { $0.grouping($1) }
      put(")")
    }
  }

  private mutating func groupingExpr(_ value: Expr) {
    if case .row(let list) = value.kind, list.count > 1 {
      put("(")
      self.list(list) { $0.expr($1) }
      put(")")
    } else {
      expr(value)
    }
  }

  // MARK: FROM

  mutating func table(_ table: TableRef) {
    switch table.kind {
    case .relation(let name, let asOf):
      self.name(name)
      if let asOf {
        put(" FOR SYSTEM_TIME AS OF ")
        guarded(asOf)
      }
    case .subquery(let query, let isLateral):
      if isLateral { put("LATERAL ") }
      subquery(query)
    case .function(let call, let isLateral, let withOrdinality):
      if isLateral { put("LATERAL ") }
      self.call(call)
      if withOrdinality { put(" WITH ORDINALITY") }
    case .window(let window): windowTable(window)
    case .join(let join):
      if table.alias != nil { put("(") }
      self.join(join)
      if table.alias != nil { put(")") }
    }
    guard let alias = table.alias else { return }
    put(" AS ")
    if let name = alias.name { self.name(name) }
    guard !alias.columns.isEmpty else { return }
    put("(")
    for (index, column) in alias.columns.enumerated() {
      if index > 0 { put(", ") }
      name(column)
      if index < alias.columnTypes.count {
        put(" ")
        type(alias.columnTypes[index])
      }
    }
    put(")")
  }

  private mutating func join(_ join: Join) {
    table(join.left)
    put(" ")
    if case .natural = join.condition { put("NATURAL ") }
    put(join.kind.rawValue, " ")
    if case .join = join.right.kind, join.right.alias == nil {
      put("(")
      table(join.right)
      put(")")
    } else {
      table(join.right)
    }
    if let within = join.within {
      put(" WITHIN (")
      guarded(within.before)
      put(", ")
      guarded(within.after)
      put(")")
      if let grace = within.grace {
        put(" GRACE PERIOD ")
        guarded(grace)
      }
    }
    switch join.condition {
    case .none, .natural: break
    case .on(let condition):
      put(" ON ")
      expr(condition)
    case .using(let names, let alias):
      put(" USING ")
      columns(names)
      if let alias {
        put(" AS ")
        name(alias)
      }
    }
  }

  private mutating func windowTable(_ window: WindowTable) {
    if window.includesGap { put("TABLE(") }
    put(window.kind.rawValue, "(", window.includesGap ? "TABLE " : "")
    switch window.input {
    case .relation(let name): self.name(name)
    case .query(let query): subquery(query)
    }
    if !window.partitionBy.isEmpty {
      put(" PARTITION BY (")
      list(window.partitionBy) { $0.expr($1) }
      put(")")
    }
    put(window.includesGap ? ", DESCRIPTOR(" : ", ")
    expr(window.time)
    if window.includesGap { put(")") }
    for argument in [window.step, window.size, window.offset] {
      guard let argument else { continue }
      put(", ")
      expr(argument)
    }
    put(window.includesGap ? "))" : ")")
  }

  private mutating func streamWindow(_ window: StreamWindow) {
    put(" WINDOW ", window.kind.rawValue, window.kind == .session ? " (" : " (SIZE ")
    guarded(window.size)
    if let advance = window.advance {
      put(", ADVANCE BY ")
      guarded(advance)
    }
    if let retention = window.retention {
      put(", RETENTION ")
      guarded(retention)
    }
    if let grace = window.grace {
      put(", GRACE PERIOD ")
      guarded(grace)
    }
    put(")")
  }
}
