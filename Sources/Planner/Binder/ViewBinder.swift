package import SQLCatalog
package import SQLSyntax
package import SQLTypes

/// A view as CREATE declares it.
package struct PlannedView: Sendable {
  /// With the names that stand in the query as `dependencies`, and, of a materialized view, what is known of its rows.
  package var relation: Relation
  /// Exactly the relation's columns, in no order.
  package var query: PlannedQuery
}

/// Binds CREATE [MATERIALIZED] VIEW. Whether its name is free is for the catalog.
package struct ViewBinder {
  let context: BindingContext

  package static func plan(
    _ create: CreateView, id: RelationID, names: any RelationNames
  ) throws(SQLError) -> PlannedView {
    try ViewBinder(context: BindingContext(names: names)).bind(create, id: id)
  }

  package init(context: BindingContext) { self.context = context }

  /// - Errors: the query's; 42601 for more names than columns, 42701 for a column that stands twice, 42P16 for a view
  ///   without columns.
  package func bind(_ create: CreateView, id: RelationID) throws(SQLError) -> PlannedView {
    if create.isTemporary { throw .unsupported("a temporary view", at: create.name.range) }
    if create.isRecursive { throw .unsupported("a recursive view", at: create.name.range) }
    if create.withNoData { throw .unsupported("WITH NO DATA", at: create.name.range) }
    var query = create.query
    if query.emit?.mode == .changes { query.emit = nil }
    // A view of its own statement: what it names is not what the statement around it has named.
    var inner = BindingContext(names: context.names, options: context.options)
    inner.withQueries = context.withQueries
    let planned = try QueryBinder(context: inner).bind(query).withoutHiddenColumns().optimized(inner.options)
    var relation = Relation(
      id: id, schema: try schemaName(create.name), name: create.name.last.name,
      kind: create.isMaterialized ? .materializedView : .view,
      columns: try planned.columns.named(
        by: create.columns, create.isMaterialized ? "CREATE MATERIALIZED VIEW" : "CREATE VIEW", at: create.name.range))
    if relation.columns.isEmpty {
      throw SQLError(.invalidTableDefinition, "view must have at least one column", at: create.name.range)
    }
    relation.definition = Printer.print(query)
    relation.dependencies = inner.references.ids
    relation.options = create.options.map { Relation.Option(name: $0.name, value: optionText($0.value)) }
    let named = PlannedQuery(
      plan: planned.plan, columns: relation.columns.map { OutputColumn(name: $0.name, type: $0.type) })
    if create.isMaterialized {
      let properties = PlanProperties(of: planned.plan) { id in inner.references.relation(id) }
      relation.isAppendOnly = properties.isAppendOnly
      relation.uniqueKeys = properties.uniqueKeys
    }
    return PlannedView(relation: relation, query: named)
  }
}
