import Expressions
import SQLCatalog
import SQLSyntax
import SQLTypes

extension QueryBinder {
  /// Binds FROM: what its parts hold, side by side, joined from left to right. Without FROM there is one row.
  func bind(from references: [TableRef]) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    guard let first = references.first else { return (.unit, Scope()) }
    if references.count > PlanSize.fromLimit {
      throw SQLError(
        .statementTooComplex, "a FROM clause can have at most \(PlanSize.fromLimit) entries",
        at: references[PlanSize.fromLimit].range)
    }
    var (plan, scope) = try bind(from: first)
    for reference in references.dropFirst() {
      let (right, rightScope) = try bind(from: reference)
      scope = try scope.joined(with: rightScope.shifted(by: plan.types.count), at: reference.range)
      plan = .join(JoinPlan(kind: .inner, left: plan, right: right, keys: []))
    }
    return (plan, scope)
  }

  func bind(from reference: TableRef) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    switch reference.kind {
    case .relation(let name, let time):
      if let time { throw .unsupported("FOR SYSTEM_TIME AS OF", at: time.range) }
      return try bind(relation: name, as: reference.alias)
    case .subquery(let query, let isLateral):
      if isLateral { throw .unsupported("LATERAL", at: reference.range) }
      let planned = try bind(query).withoutHiddenColumns()
      return try derived(planned, "table", name: nil, as: reference.alias)
    case .function(let call, _, _): throw .unsupported("a function in FROM", at: call.name.range)
    case .window(let window): return try bind(window, as: reference.alias)
    case .join(let join): return try bind(join, as: reference.alias)
    }
  }

  private func bind(
    relation name: ObjectName, as alias: TableAlias?
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    if name.parts.count == 1, let known = context.withQueries.last(where: { $0.name == name.last.name }) {
      try PlanSize.check(known.query.plan, at: name.range)
      return try derived(known.query, "table", name: name.last.name, as: alias)
    }
    let relation = try context.relation(name)
    if relation.kind == .view, let definition = relation.definition {
      return try derived(
        try inlined(relation, definition, at: name.range), "table", name: relation.name,
        schema: relation.schema, as: alias)
    }
    let columns = relation.columns.map { OutputColumn(name: $0.name, type: $0.type) }
    return try derived(
      PlannedQuery(plan: .scan(relation.id, columns.map(\.type)), columns: columns), "table", name: relation.name,
      schema: relation.schema, primaryKey: relation.primaryKey, as: alias)
  }

  /// The query of a plain view, which stands for its name.
  ///
  /// - Errors: the query's own, told at the reference: their ranges are of another text.
  private func inlined(
    _ view: Relation, _ definition: String, at range: SourceRange
  ) throws(SQLError) -> PlannedQuery {
    do throws(SQLError) {
      guard case .query(let query) = try Parser.parseStatement(definition).kind else {
        throw SQLError(.internalError, "the definition is not a query")
      }
      var inner = self
      inner.context.withQueries = []
      var planned = try inner.bind(query).withoutHiddenColumns()
      guard planned.columns.count == view.columns.count else {
        throw SQLError(.internalError, "the definition has \(planned.columns.count) columns, not \(view.columns.count)")
      }
      try PlanSize.check(planned.plan, at: range)
      for (index, column) in view.columns.enumerated() { planned.columns[index].name = column.name }
      return planned
    } catch {
      throw SQLError(
        error.state, "view \"\(view.name)\": \(error.message)", detail: error.detail, hint: error.hint, at: range)
    }
  }

  /// A plan under the name and the column names that an alias gives.
  ///
  /// - Errors: 42P10 for more names than columns.
  func derived(
    _ planned: PlannedQuery, _ kind: String, name: String?, schema: String? = nil, primaryKey: [Int] = [],
    as alias: TableAlias?
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    var planned = planned
    let shown = alias?.name?.name ?? name
    try planned.rename(alias?.columns ?? [], kind, shown ?? "", at: alias?.range)
    var scope = Scope(
      name: shown, schema: alias?.name == nil ? schema : nil, columns: planned.columns.map { ($0.name, $0.type) },
      primaryKey: primaryKey)
    if let name, name != shown, !scope.relations.isEmpty { scope.relations[0].hiddenName = name }
    return (planned.plan, scope)
  }
}

extension BindingContext {
  /// The relation of a name.
  ///
  /// - Errors: 42P01 with the nearest name as a hint; 55000 for one that is still being filled.
  func relation(_ name: ObjectName) throws(SQLError) -> Relation {
    let shown = name.parts.dotted
    if name.parts.count > 2 { throw .unsupported("the cross-database reference \"\(shown)\"", at: name.range) }
    if let relation = names.relation(schema: name.schema, name: name.last.name) {
      references.insert(relation)
      return relation
    }
    if let filling = names.fillingRelation(schema: name.schema, name: name.last.name) {
      throw SQLError(
        .objectNotInPrerequisiteState, "\(filling.kind.rawValue) \"\(filling.name)\" is still being filled",
        hint: "leat.jobs tells how far it is.", at: name.range)
    }
    let known = withQueries.map(\.name) + names.visibleNames
    let nearest = nearestName(to: name.last.name, among: known).map { "Perhaps you meant \"\($0)\"." }
    throw SQLError(.undefinedTable, "relation \"\(shown)\" does not exist", hint: nearest, at: name.range)
  }
}
