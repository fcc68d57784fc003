import Expressions
package import SQLCatalog
package import SQLSyntax
package import SQLTypes

/// Binds INSERT, UPDATE and DELETE.
package struct WriteBinder {
  let context: BindingContext

  package static func plan(_ insert: Insert, names: any RelationNames) throws(SQLError) -> PlannedInsert {
    try WriteBinder(context: BindingContext(names: names)).bind(insert)
  }

  package static func plan(_ update: Update, names: any RelationNames) throws(SQLError) -> PlannedUpdate {
    try WriteBinder(context: BindingContext(names: names)).bind(update)
  }

  package static func plan(_ delete: Delete, names: any RelationNames) throws(SQLError) -> PlannedDelete {
    try WriteBinder(context: BindingContext(names: names)).bind(delete)
  }

  package init(context: BindingContext) { self.context = context }

  package func bind(_ update: Update) throws(SQLError) -> PlannedUpdate {
    if let with = update.with { throw .unsupported("WITH before UPDATE", at: with.range) }
    if let from = update.from.first { throw .unsupported("UPDATE … FROM", at: from.range) }
    let relation = try target(update.table, "UPDATE", "update", allowsStream: false)
    let scope = relation.scope(update.alias)
    let assignments = try bind(update.assignments, to: relation, over: scope, "UPDATE")
    return PlannedUpdate(
      relation: relation, filter: try bindFilter(update.filter, scope),
      newValues: relation.newValues(assignments), assigned: assignments.map(\.column),
      returning: try bind(returning: update.returning, scope))
  }

  package func bind(_ delete: Delete) throws(SQLError) -> PlannedDelete {
    if let with = delete.with { throw .unsupported("WITH before DELETE", at: with.range) }
    if let using = delete.using.first { throw .unsupported("DELETE … USING", at: using.range) }
    let relation = try target(delete.table, "DELETE", "delete from", allowsStream: false)
    let scope = relation.scope(delete.alias)
    return PlannedDelete(
      relation: relation, filter: try bindFilter(delete.filter, scope),
      returning: try bind(returning: delete.returning, scope))
  }

  /// The table that a statement writes.
  ///
  /// - Errors: 42P01 without one; 42809 for a relation that is not written by statements, 0A000 for a plain view.
  func target(
    _ name: ObjectName, _ statement: String, _ verb: String, allowsStream: Bool
  ) throws(SQLError) -> Relation {
    let relation = try context.relation(name)
    switch relation.kind {
    case .table: return relation
    case .stream:
      if allowsStream { return relation }
      throw SQLError(
        .wrongObjectType, "cannot \(verb) stream \"\(relation.name)\"", hint: "A stream's rows are only inserted.",
        at: name.range)
    case .view: throw .unsupported("\(statement) of a view", at: name.range)
    case .materializedView:
      throw SQLError(.wrongObjectType, "cannot change materialized view \"\(relation.name)\"", at: name.range)
    case .system:
      throw SQLError(.wrongObjectType, "cannot change system view \"\(relation.name)\"", at: name.range)
    }
  }

  func bindFilter(_ condition: Expr?, _ scope: Scope) throws(SQLError) -> BoundExpression? {
    guard let condition else { return nil }
    return try context.expressionBinder(scope, .refused(in: "WHERE")).condition(condition, "WHERE")
  }

  func bind(returning items: [SelectItem], _ scope: Scope) throws(SQLError) -> PlannedReturning? {
    if items.isEmpty { return nil }
    let binder = context.expressionBinder(scope, .refused(in: "RETURNING"))
    let targets = try QueryBinder(context: context).expand(items, scope)
    var result = PlannedReturning(expressions: [], columns: [])
    for target in targets {
      var bound = try target.bind(binder)
      if bound.type == .unknown { bound = try binder.cast(bound, to: .text, .implicit, at: target.range) }
      result.expressions.append(bound)
      result.columns.append(OutputColumn(name: target.name, type: bound.type))
    }
    return result
  }

  struct BoundAssignment {
    var column: Int
    var value: BoundExpression
  }

  /// Binds SET, its values cast to their columns' types.
  ///
  /// - Errors: 42703 for an unknown column, 42601 for one that is assigned twice or for a row of another length.
  func bind(
    _ assignments: [Assignment], to relation: Relation, over scope: Scope, _ place: String
  ) throws(SQLError) -> [BoundAssignment] {
    let binder = context.expressionBinder(scope, .refused(in: place))
    var result: [BoundAssignment] = []
    for assignment in assignments {
      var values = [assignment.value]
      if assignment.isRow {
        guard case .row(let parts) = assignment.value.kind else {
          throw SQLError(
            .featureNotSupported, "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
            at: assignment.value.range)
        }
        if parts.count != assignment.columns.count {
          throw SQLError(
            .syntaxError, "number of columns does not match number of values", at: assignment.value.range)
        }
        values = parts
      }
      for (name, value) in zip(assignment.columns, values) {
        let column = try relation.column(name)
        if result.contains(where: { $0.column == column }) {
          throw SQLError(.syntaxError, "multiple assignments to same column \"\(name.name)\"", at: name.range)
        }
        result.append(BoundAssignment(column: column, value: try bind(value, as: column, of: relation, binder)))
      }
    }
    return result
  }

  /// A value for a column: its default for DEFAULT, else the expression cast as an assignment.
  func bind(
    _ value: Expr, as column: Int, of relation: Relation, _ binder: ExpressionBinder
  ) throws(SQLError) -> BoundExpression {
    if case .defaultValue = value.kind { return try defaultValue(column, of: relation) }
    return try binder.assign(try binder.bind(value), to: relation.columns[column], at: value.range)
  }

  /// A column's default, bound anew for this statement; NULL without one.
  func defaultValue(_ column: Int, of relation: Relation) throws(SQLError) -> BoundExpression {
    let column = relation.columns[column]
    guard let text = column.defaultText else { return .null(column.type) }
    let binder = context.expressionBinder(Scope(), .refused(in: "DEFAULT expressions"))
    let expression = try Parser.parseExpression(text)
    do throws(SQLError) {
      return try binder.assign(try binder.bind(expression), to: column, at: expression.range)
    } catch {
      // The range is one of the default's own text, not of the statement's.
      throw SQLError(
        error.state, "default of column \"\(column.name)\": \(error.message)", detail: error.detail, hint: error.hint)
    }
  }
}

extension ExpressionBinder {
  /// The value as a column takes it.
  ///
  /// - Errors: 42804 where its type is not assigned to the column's.
  func assign(
    _ value: BoundExpression, to column: Relation.Column, at range: SourceRange, of kind: String = "expression"
  ) throws(SQLError) -> BoundExpression {
    guard let needed = Casts.context(value.type, column.type), needed <= .assignment else {
      throw SQLError(
        .datatypeMismatch,
        "column \"\(column.name)\" is of type \(column.type.baseName) but \(kind) is of type \(value.type.baseName)",
        hint: "You will need to rewrite or cast the expression.", at: range)
    }
    return try cast(value, to: column.type, .assignment, at: range)
  }
}

extension Relation {
  /// The table's columns under its name or alias.
  func scope(_ alias: Identifier?) -> Scope {
    var scope = Scope(
      name: alias?.name ?? name, schema: alias == nil ? schema : nil, columns: columns.map { ($0.name, $0.type) },
      primaryKey: primaryKey)
    if alias != nil { scope.relations[0].hiddenName = name }
    return scope
  }

  /// - Errors: 42703 with the nearest name as a hint.
  func column(_ name: Identifier) throws(SQLError) -> Int {
    if let index = columns.firstIndex(where: { $0.name == name.name }) { return index }
    let nearest = nearestName(to: name.name, among: columns.map(\.name)).map { "Perhaps you meant \"\($0)\"." }
    throw SQLError(
      .undefinedColumn, "column \"\(name.name)\" of relation \"\(self.name)\" does not exist", hint: nearest,
      at: name.range)
  }

  /// All columns of a row after the assignments; the others keep their values.
  func newValues(_ assignments: [WriteBinder.BoundAssignment]) -> [BoundExpression] {
    var values = columns.enumerated().map { BoundExpression.column($0.offset, $0.element.type) }
    for assignment in assignments { values[assignment.column] = assignment.value }
    return values
  }
}
