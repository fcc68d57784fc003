import Columnar
import Expressions
package import SQLSyntax
package import SQLTypes

/// Binds queries: from trees to logical plans.
package enum QueryBinder {
  package static func plan(_ query: Query) throws(SQLError) -> PlannedQuery {
    if let with = query.with { throw .unsupported("WITH", at: with.range) }
    if let item = query.orderBy.first { throw .unsupported("ORDER BY", at: item.range) }
    if let limit = query.limit { throw .unsupported("LIMIT", at: limit.range) }
    if let offset = query.offset { throw .unsupported("OFFSET", at: offset.range) }
    if let emit = query.emit { throw .unsupported("EMIT", at: emit.range) }
    return try plan(query.body).withUnknownAsText()
  }

  private static func plan(_ body: QueryBody) throws(SQLError) -> PlannedQuery {
    switch body.kind {
    case .select(let select): return try plan(select, at: body.range)
    case .values(let rows): return try plan(values: rows, at: body.range)
    case .nested(let query): return try plan(query)
    case .setOperation(.union, isAll: true, let left, let right): return try planUnionAll(left, right, at: body.range)
    case .setOperation(let op, let isAll, _, _):
      throw .unsupported(op.rawValue + (isAll ? " ALL" : ""), at: body.range)
    case .table(let name): throw undefinedTable(name)
    }
  }

  private static func plan(_ select: Select, at range: SourceRange) throws(SQLError) -> PlannedQuery {
    if select.distinct != nil { throw .unsupported("DISTINCT", at: range) }
    if let into = select.into { throw .unsupported("SELECT INTO", at: into.range) }
    if let group = select.groupBy { throw .unsupported("GROUP BY", at: group.range) }
    if let having = select.having { throw .unsupported("HAVING", at: having.range) }
    if let window = select.windows.first { throw .unsupported("WINDOW", at: window.name.range) }
    if let window = select.streamWindow { throw .unsupported("WINDOW", at: window.range) }
    if select.from.count > 1 { throw .unsupported("a join", at: select.from[1].range) }
    var (input, scope) = try select.from.first.map { (from) throws(SQLError) in try plan(from: from) } ?? (.unit, Scope())
    let binder = ExpressionBinder(scope: scope)
    if let condition = select.filter { input = .filter(input, try binder.condition(condition, "WHERE")) }
    var expressions: [BoundExpression] = []
    var columns: [OutputColumn] = []
    for item in select.items {
      if case .star(let qualifier) = item.value.kind {
        for (index, column) in try expand(qualifier, scope, at: item.range) {
          expressions.append(.column(index, column.type))
          columns.append(column)
        }
        continue
      }
      let bound = try binder.bind(item.value)
      expressions.append(bound)
      columns.append(OutputColumn(name: item.alias?.name ?? outputName(item.value), type: bound.type))
    }
    return PlannedQuery(plan: .project(input, expressions), columns: columns)
  }

  private static func plan(from reference: TableRef) throws(SQLError) -> (LogicalPlan, Scope) {
    switch reference.kind {
    case .subquery(let query, _):
      let planned = try plan(query)
      let names = reference.alias?.columns ?? []
      if names.count > planned.columns.count {
        throw SQLError(
          .invalidColumnReference,
          "table \"\(reference.alias?.name?.name ?? "")\" has \(planned.columns.count) columns available but \(names.count) columns specified",
          at: reference.alias?.range)
      }
      var scope = Scope()
      for (index, column) in planned.columns.enumerated() {
        scope.columns.append(
          Scope.Column(
            relation: reference.alias?.name?.name, name: index < names.count ? names[index].name : column.name,
            type: column.type))
      }
      return (planned.plan, scope)
    case .relation(let name, _): throw undefinedTable(name)
    case .function(let call, _, _): throw .unsupported("a function in FROM", at: call.name.range)
    case .window(let window): throw .unsupported(window.kind.rawValue, at: reference.range)
    case .join: throw .unsupported("a join", at: reference.range)
    }
  }

  private static func expand(
    _ qualifier: [Identifier], _ scope: Scope, at range: SourceRange
  ) throws(SQLError) -> [(Int, OutputColumn)] {
    if let relation = qualifier.last, !scope.columns.contains(where: { $0.relation == relation.name }) {
      throw SQLError(
        .undefinedTable, "missing FROM-clause entry for table \"\(relation.name)\"", at: relation.range)
    }
    let columns = scope.columns.enumerated().filter { qualifier.isEmpty || $0.element.relation == qualifier.last?.name }
    if columns.isEmpty {
      throw SQLError(.syntaxError, "SELECT * with no tables specified is not valid", at: range)
    }
    return columns.map { ($0.offset, OutputColumn(name: $0.element.name, type: $0.element.type)) }
  }

  private static func plan(values rows: [[Expr]], at range: SourceRange) throws(SQLError) -> PlannedQuery {
    let width = rows[0].count
    if let odd = rows.first(where: { $0.count != width }) {
      throw SQLError(.syntaxError, "VALUES lists must all be the same length", at: odd.first?.range ?? range)
    }
    let binder = ExpressionBinder(scope: Scope())
    var bound = rows.map { _ in [BoundExpression]() }
    var columns: [OutputColumn] = []
    for index in 0..<width {
      let (column, type) = try binder.unify(rows.map { $0[index] }, for: "VALUES")
      for row in rows.indices { bound[row].append(column[row]) }
      columns.append(OutputColumn(name: "column\(index + 1)", type: type))
    }
    return PlannedQuery(plan: .values(bound), columns: columns)
  }

  private static func planUnionAll(
    _ left: QueryBody, _ right: QueryBody, at range: SourceRange
  ) throws(SQLError) -> PlannedQuery {
    let (first, second) = (try plan(left), try plan(right))
    guard first.columns.count == second.columns.count else {
      throw SQLError(.syntaxError, "each UNION query must have the same number of columns", at: right.range)
    }
    var columns: [OutputColumn] = []
    for (a, b) in zip(first.columns, second.columns) {
      let type = try commonType(of: [(a.type, left.range), (b.type, right.range)], for: "UNION")
      columns.append(OutputColumn(name: a.name, type: type))
    }
    let types = columns.map(\.type)
    return PlannedQuery(
      plan: .unionAll([try first.cast(to: types, at: left.range), try second.cast(to: types, at: right.range)]),
      columns: columns)
  }

  private static func undefinedTable(_ name: ObjectName) -> SQLError {
    let shown = name.parts.map(\.name).joined(separator: ".")
    return SQLError(.undefinedTable, "relation \"\(shown)\" does not exist", at: name.range)
  }

  /// PostgreSQL's name for an output column without an alias (`FigureColname`).
  private static func outputName(_ expression: Expr) -> String { figuredName(expression) ?? "?column?" }

  /// The name that an expression gives of itself, if any. Each operand is asked once: a second time would double at each level.
  private static func figuredName(_ expression: Expr) -> String? {
    switch expression.kind {
    case .column(let parts): parts.last?.name
    case .call(let function): function.name.last.name
    case .cast(let operand, let type, _): figuredName(operand) ?? type.name
    case .typedLiteral(let type, _): type.name
    case .boolean: "bool"
    case .caseWhen(_, _, let otherwise): otherwise.flatMap { figuredName($0) } ?? "case"
    case .coalesce: "coalesce"
    case .nullIf: "nullif"
    default: nil
    }
  }
}

extension PlannedQuery {
  /// The plan with each column cast to the type that a set operation gives it.
  fileprivate func cast(to types: [SQLType], at range: SourceRange) throws(SQLError) -> LogicalPlan {
    if columns.map(\.type) == types { return plan }
    let binder = ExpressionBinder(scope: Scope())
    var expressions: [BoundExpression] = []
    for (index, column) in columns.enumerated() {
      expressions.append(try binder.cast(.column(index, column.type), to: types[index], .implicit, at: range))
    }
    return .project(plan, expressions)
  }

  /// Columns that nothing gave a type are text, as in PostgreSQL.
  fileprivate func withUnknownAsText() -> PlannedQuery {
    PlannedQuery(
      plan: plan, columns: columns.map { $0.type == .unknown ? OutputColumn(name: $0.name, type: .text) : $0 })
  }
}
