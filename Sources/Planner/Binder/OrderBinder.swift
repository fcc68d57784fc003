import Expressions
import SQLSyntax
import SQLTypes

extension QueryBinder {
  /// Binds a SELECT's ORDER BY: output names first, then ordinals, then expressions over FROM. What the select list does
  /// not hold is appended to `expressions`, behind the visible ones.
  ///
  /// - isDistinct: whether only what is in the select list may be sorted by.
  /// - Errors: 42P10 for such a column of SELECT DISTINCT, and for an ordinal outside of the list; 42702.
  func bind(
    orderBy items: [OrderItem], _ targets: [Target], _ scope: Scope, _ binder: ExpressionBinder, isDistinct: Bool,
    _ expressions: inout [BoundExpression]
  ) throws(SQLError) -> [SortKey] {
    var known = targets.map(\.canonical)
    var keys: [SortKey] = []
    for item in items {
      var column = try ordinal(item.value, targets.count, "ORDER BY")
      if column == nil, case .column(let parts) = item.value.kind, parts.count == 1 {
        column = try index(ofTargetNamed: parts[0], targets, "ORDER BY")
      }
      if column == nil {
        let canonical = scope.canonical(item.value)
        column = known.firstIndex(of: canonical)
        if column == nil {
          let bound = try binder.bind(item.value)
          if isDistinct {
            throw SQLError(
              .invalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
              at: item.value.range)
          }
          known.append(canonical)
          expressions.append(bound)
          column = expressions.count - 1
        }
      }
      keys.append(column: column, item)
    }
    return keys
  }

  /// Orders a query that is no SELECT by its output columns; VALUES by expressions over them too.
  ///
  /// - Errors: 0A000 for an expression behind a set operation.
  func ordered(_ planned: PlannedQuery, by items: [OrderItem], of body: QueryBody) throws(SQLError) -> PlannedQuery {
    guard let first = items.first else { return planned }
    var result = try planned.withUnknownAsText(context)
    let scope = Scope(name: nil, columns: result.columns.map { ($0.name, $0.type) })
    let targets = scope.visible.map {
      Target(
        name: $0.name, source: .column($0.index, $0.type), range: first.range,
        canonical: Scope.canonicalColumn($0.index, first.range))
    }
    if case .setOperation = body.kind {
      for item in items {
        if try ordinal(item.value, targets.count, "ORDER BY") != nil { continue }
        if case .column(let parts) = item.value.kind, parts.count == 1 { continue }
        throw SQLError(
          .featureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
          detail: "Only result column names can be used, not expressions or functions.",
          hint: "Add the expression/function to every SELECT, or move the UNION into a FROM clause.", at: item.value.range)
      }
    }
    var expressions = scope.visible.map { BoundExpression.column($0.index, $0.type) }
    let binder = context.expressionBinder(scope, .refused(in: "ORDER BY"))
    result.order = try bind(orderBy: items, targets, scope, binder, isDistinct: false, &expressions)
    if expressions.count > targets.count { result.plan = .project(result.plan, expressions) }
    return result
  }
}

extension [SortKey] {
  /// A column that was sorted by already decides nothing more.
  fileprivate mutating func append(column: Int?, _ item: OrderItem) {
    guard let column, !contains(where: { $0.column == column }) else { return }
    append(SortKey(column: column, isDescending: item.isDescending, nullsFirst: item.nullsFirst))
  }
}
