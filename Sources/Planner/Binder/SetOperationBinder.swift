import Expressions
import SQLSyntax
import SQLTypes

extension QueryBinder {
  /// Binds UNION [ALL]: names of the left side, and each pair of columns cast to its common type.
  ///
  /// - Errors: 42601 for different numbers of columns, 42804 for types that do not meet.
  func bindUnion(_ left: QueryBody, _ right: QueryBody, isAll: Bool) throws(SQLError) -> PlannedQuery {
    let (first, second) = (try bind(left), try bind(right))
    guard first.columns.count == second.columns.count else {
      throw SQLError(
        .syntaxError, "each UNION query must have the same number of columns", at: right.firstTargetRange)
    }
    var columns: [OutputColumn] = []
    for (a, b) in zip(first.columns, second.columns) {
      let type = try commonType(of: [(a.type, left.range), (b.type, right.firstTargetRange)], for: "UNION")
      columns.append(OutputColumn(name: a.name, type: type))
    }
    let types = columns.map(\.type)
    let inputs = [
      try first.cast(to: types, at: left.range, context).plan,
      try second.cast(to: types, at: right.firstTargetRange, context).plan,
    ]
    // A chain leans to the left; it is one node. Of UNION, rows are made distinct once, at the end.
    let flat: LogicalPlan =
      switch inputs[0] {
      case .unionAll(let earlier): .unionAll(earlier + [inputs[1]])
      case .distinct(.unionAll(let earlier)) where !isAll: .unionAll(earlier + [inputs[1]])
      default: .unionAll(inputs)
      }
    return PlannedQuery(plan: isAll ? flat : .distinct(flat), columns: columns)
  }

  /// Binds VALUES: each column's expressions cast to their common type.
  ///
  /// - Errors: 42601 for rows of different length.
  func bind(values rows: [[Expr]], at range: SourceRange) throws(SQLError) -> PlannedQuery {
    let width = rows[0].count
    if let odd = rows.first(where: { $0.count != width }) {
      throw SQLError(.syntaxError, "VALUES lists must all be the same length", at: odd.first?.range ?? range)
    }
    let binder = context.expressionBinder(Scope(), .refused(in: "VALUES"))
    var bound = rows.map { _ in [BoundExpression]() }
    var columns: [OutputColumn] = []
    for index in 0..<width {
      let (column, type) = try binder.unify(rows.map { $0[index] }, for: "VALUES")
      for row in rows.indices { bound[row].append(column[row]) }
      columns.append(OutputColumn(name: "column\(index + 1)", type: type))
    }
    return PlannedQuery(plan: .values(bound, columns.map(\.type)), columns: columns)
  }
}

extension QueryBody {
  /// Where PostgreSQL points for what is wrong with a set operation's side: at its first column.
  fileprivate var firstTargetRange: SourceRange {
    switch kind {
    case .select(let select): select.items.first?.range ?? range
    case .setOperation(_, _, let left, _): left.firstTargetRange
    default: range
    }
  }
}
