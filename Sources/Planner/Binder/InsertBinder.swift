import Expressions
import SQLCatalog
package import SQLSyntax
package import SQLTypes

extension WriteBinder {
  /// Binds INSERT: its rows as a query of exactly the table's columns.
  ///
  /// - Errors: 42601 where numbers of columns and values differ, 42703 and 42701 for the columns it names, 42804 for a
  ///   value that is not assigned to its column's type, 42P10 for an ON CONFLICT target that is no key.
  package func bind(_ insert: Insert) throws(SQLError) -> PlannedInsert {
    let relation = try target(insert.table, "INSERT", "insert into", allowsStream: true)
    let columns = try targetColumns(insert.columns, of: relation)
    let scope = relation.scope(insert.alias)
    return PlannedInsert(
      relation: relation, rows: try bindRows(insert, relation, columns),
      onConflict: try insert.onConflict.map { (conflict) throws(SQLError) in try bind(conflict, relation, scope) },
      returning: try bind(returning: insert.returning, scope))
  }

  private func targetColumns(_ names: [Identifier], of relation: Relation) throws(SQLError) -> [Int] {
    if names.isEmpty { return Array(relation.columns.indices) }
    var columns: [Int] = []
    for name in names {
      let column = try relation.column(name)
      if columns.contains(column) {
        throw SQLError(.duplicateColumn, "column \"\(name.name)\" specified more than once", at: name.range)
      }
      columns.append(column)
    }
    return columns
  }

  private func bindRows(_ insert: Insert, _ relation: Relation, _ columns: [Int]) throws(SQLError) -> PlannedQuery {
    switch insert.source {
    case .defaultValues:
      if let with = insert.with { throw .unsupported("WITH before DEFAULT VALUES", at: with.range) }
      var row: [BoundExpression] = []
      for column in relation.columns.indices { row.append(try defaultValue(column, of: relation)) }
      return relation.rows(.project(.unit, row))
    case .query(let query):
      if case .values(let rows) = query.body.kind, query.hasNoClauses, insert.with == nil {
        return try bind(values: rows, insert, relation, columns)
      }
      return try bind(query, insert, relation, columns)
    }
  }

  /// VALUES of an INSERT: each value is assigned to its column by itself, unlike in VALUES elsewhere; DEFAULT is allowed.
  private func bind(
    values rows: [[Expr]], _ insert: Insert, _ relation: Relation, _ columns: [Int]
  ) throws(SQLError) -> PlannedQuery {
    let binder = context.expressionBinder(Scope(), .refused(in: "VALUES"))
    let defaults = try defaults(of: relation, except: columns.prefix(rows[0].count))
    var bound: [[BoundExpression]] = []
    for row in rows {
      if row.count != rows[0].count {
        throw SQLError(.syntaxError, "VALUES lists must all be the same length", at: row.first?.range)
      }
      try check(valueCount: row.count, insert, columns, at: { row[$0].range })
      var values = defaults
      for (value, column) in zip(row, columns) { values[column] = try bind(value, as: column, of: relation, binder) }
      bound.append(values)
    }
    return relation.rows(.values(bound, relation.columns.map(\.type)))
  }

  /// The rows of a query, in its order: a literal of unknown type in its select list takes its column's type.
  private func bind(
    _ query: Query, _ insert: Insert, _ relation: Relation, _ columns: [Int]
  ) throws(SQLError) -> PlannedQuery {
    var binder = QueryBinder(context: context)
    if let with = insert.with { binder = try binder.bound(with) }
    var planned = try binder.bindKeepingUnknown(query)
    let ranges = query.targetRanges
    let end = query.range
    try check(valueCount: planned.columns.count, insert, columns, at: { ranges.indices.contains($0) ? ranges[$0] : end })
    // Its own expressions are cast in place where the plan ends with them: a literal is then read as its column's type.
    let expressionBinder = context.expressionBinder(Scope(), .refused(in: "INSERT"))
    let (input, sources): (LogicalPlan, [BoundExpression]) =
      if case .project(let input, let expressions) = planned.plan {
        (input, expressions)
      } else {
        (planned.plan, planned.plan.types.enumerated().map { .column($0.offset, $0.element) })
      }
    var values = try defaults(of: relation, except: columns.prefix(planned.columns.count))
    for (number, column) in columns.prefix(planned.columns.count).enumerated() {
      values[column] = try expressionBinder.assign(
        sources[number], to: relation.columns[column], at: ranges.indices.contains(number) ? ranges[number] : end)
    }
    // What sorts the rows is kept behind the table's columns, in the query's own form.
    var order: [SortKey] = []
    for key in planned.order {
      var moved = key
      moved.column = values.count
      values.append(sources[key.column])
      order.append(moved)
    }
    planned = relation.rows(.project(input, values))
    planned.order = order
    return planned.optimized(context.options)
  }

  /// The table's columns as their defaults; those that are given stay NULL here and are replaced.
  private func defaults(
    of relation: Relation, except given: ArraySlice<Int>
  ) throws(SQLError) -> [BoundExpression] {
    var values: [BoundExpression] = []
    for column in relation.columns.indices {
      values.append(
        given.contains(column) ? .null(relation.columns[column].type) : try defaultValue(column, of: relation))
    }
    return values
  }

  /// A list of columns must be filled; without one, columns at the end may be left to their defaults.
  private func check(
    valueCount count: Int, _ insert: Insert, _ columns: [Int], at range: (Int) -> SourceRange
  ) throws(SQLError) {
    if count > columns.count {
      throw SQLError(.syntaxError, "INSERT has more expressions than target columns", at: range(columns.count))
    }
    if !insert.columns.isEmpty && count < columns.count {
      throw SQLError(
        .syntaxError, "INSERT has more target columns than expressions", at: insert.columns[count].range)
    }
  }
}

extension Relation {
  fileprivate func rows(_ plan: LogicalPlan) -> PlannedQuery {
    PlannedQuery(plan: plan, columns: columns.map { OutputColumn(name: $0.name, type: $0.type) })
  }
}

extension Query {
  fileprivate var hasNoClauses: Bool {
    with == nil && orderBy.isEmpty && limit == nil && offset == nil && emit == nil
  }

  /// Where its columns stand, as far as it has a select list without `*`.
  fileprivate var targetRanges: [SourceRange] {
    guard case .select(let select) = body.kind else { return [] }
    let hasStar = select.items.contains { if case .star = $0.value.kind { true } else { false } }
    return hasStar ? [] : select.items.map(\.value.range)
  }
}
