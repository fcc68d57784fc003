import Expressions
import SQLTypes

extension PlannedQuery {
  /// The query as an input of another: no order, and only the columns that have a name.
  func withoutHiddenColumns() -> PlannedQuery {
    let width = plan.types.count
    if width == columns.count { return PlannedQuery(plan: plan, columns: columns) }
    // Columns behind the named ones are there for an order, which ends here.
    let kept = columns.indices.map { BoundExpression.column($0, plan.types[$0]) }
    return PlannedQuery(plan: .project(plan, kept), columns: columns)
  }

  /// Columns that nothing gave a type are text, as in PostgreSQL.
  func withUnknownAsText(_ context: BindingContext) throws(SQLError) -> PlannedQuery {
    if !columns.contains(where: { $0.type == .unknown }) { return self }
    let types = columns.map { $0.type == .unknown ? .text : $0.type }
    return try cast(to: types, at: SourceRange(0, 0), context)
  }

  /// The query with each named column cast to a type, which it becomes by itself; constants are cast now, and what is wrong with
  /// one is raised.
  func cast(to types: [SQLType], at range: SourceRange, _ context: BindingContext) throws(SQLError) -> PlannedQuery {
    if columns.map(\.type) == types { return self }
    let binder = context.expressionBinder(Scope(), .refused(in: "this expression"))
    // A select list's own expressions are cast in place: a literal then takes the type as a literal does.
    let (input, expressions): (LogicalPlan, [BoundExpression]) =
      if case .project(let input, let expressions) = plan {
        (input, expressions)
      } else {
        (plan, plan.types.enumerated().map { .column($0.offset, $0.element) })
      }
    var converted = expressions
    var result = self
    for (index, type) in types.enumerated() {
      converted[index] = try binder.cast(expressions[index], to: type, .implicit, at: range)
      result.columns[index].type = type
    }
    result.plan = .project(input, converted)
    return result
  }
}
