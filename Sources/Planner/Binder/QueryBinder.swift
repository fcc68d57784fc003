package import SQLCatalog
package import SQLSyntax
package import SQLTypes

/// Binds queries: from trees to logical plans.
///
/// One idea per file: what FROM, GROUP BY, ORDER BY, LIMIT, WITH and set operations do are extensions of this type.
package struct QueryBinder {
  var context: BindingContext

  /// The plan of a query, the rules applied to it.
  ///
  /// - Errors: of classes 42 and 0A, at the text that is wrong; what is wrong with a constant's value.
  package static func plan(
    _ query: Query, names: any RelationNames, options: PlannerOptions = PlannerOptions()
  ) throws(SQLError) -> PlannedQuery {
    try plan(query, context: BindingContext(names: names, options: options))
  }

  package static func plan(_ query: Query, context: BindingContext) throws(SQLError) -> PlannedQuery {
    try QueryBinder(context: context).bind(query).optimized(context.options)
  }

  /// A query that names no relations.
  package static func plan(_ query: Query) throws(SQLError) -> PlannedQuery {
    try plan(query, names: NoRelations())
  }

  /// Binds a query whose columns of unknown type nothing else will decide: they are text.
  func bind(_ query: Query) throws(SQLError) -> PlannedQuery {
    try bindKeepingUnknown(query).withUnknownAsText(context)
  }

  /// Binds a query; a quoted literal in its select list keeps type `unknown`, for a set operation or INSERT to decide.
  func bindKeepingUnknown(_ query: Query) throws(SQLError) -> PlannedQuery {
    if let emit = query.emit { throw .unsupported("EMIT", at: emit.range) }
    var inner = self
    inner.context.queryDepth += 1
    if inner.context.queryDepth > PlanSize.queryDepthLimit {
      throw SQLError(
        .statementTooComplex, "queries are nested more than \(PlanSize.queryDepthLimit) deep, views included",
        at: query.range)
    }
    if let with = query.with { inner = try inner.bound(with) }
    if case .nested(let nested) = query.body.kind { return try inner.bindKeepingUnknown(try query.merged(with: nested)) }
    var planned =
      if case .select(let select) = query.body.kind {
        try inner.bind(select, orderedBy: query.orderBy, at: query.body.range)
      } else {
        try inner.ordered(try inner.bind(query.body), by: query.orderBy, of: query.body)
      }
    try PlanSize.check(planned.plan, at: query.range)
    let window = try inner.bindRowWindow(query)
    if window.isLimiting {
      planned.plan = .topK(planned.plan, order: planned.order, limit: window.limit, offset: window.offset)
    }
    return planned
  }

  /// Binds what stands on one side of a set operation, or a whole query without its clauses.
  func bind(_ body: QueryBody) throws(SQLError) -> PlannedQuery {
    switch body.kind {
    case .select(let select): return try bind(select, orderedBy: [], at: body.range)
    case .values(let rows): return try bind(values: rows, at: body.range)
    case .nested(let query): return try bindKeepingUnknown(query).withoutHiddenColumns()
    case .setOperation(.union, let isAll, let left, let right): return try bindUnion(left, right, isAll: isAll)
    case .setOperation(let op, let isAll, _, _):
      throw .unsupported(op.rawValue + (isAll ? " ALL" : ""), at: body.range)
    case .table(let name):
      let (plan, scope) = try bind(from: TableRef(.relation(name, asOf: nil), body.range))
      return PlannedQuery(plan: plan, columns: scope.visible.map { OutputColumn(name: $0.name, type: $0.type) })
    }
  }
}

extension Query {
  /// A parenthesised query with clauses behind it is one query in PostgreSQL's grammar: the clauses are put together, and
  /// none may be there twice (42601).
  fileprivate func merged(with nested: Query) throws(SQLError) -> Query {
    func multiple(_ clause: String, at range: SourceRange) -> SQLError {
      SQLError(.syntaxError, "multiple \(clause) clauses not allowed", at: range)
    }
    var result = nested
    if let with = nested.with, self.with != nil { throw multiple("WITH", at: with.range) }
    if let item = orderBy.first {
      if !nested.orderBy.isEmpty { throw multiple("ORDER BY", at: item.range) }
      result.orderBy = orderBy
    }
    if let offset {
      if nested.offset != nil { throw multiple("OFFSET", at: offset.range) }
      result.offset = offset
    }
    if let limit {
      if nested.limit != nil { throw multiple("LIMIT", at: limit.range) }
      result.limit = limit
      result.limitWithTies = limitWithTies
    }
    return result
  }
}
