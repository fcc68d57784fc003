import Expressions
import SQLSyntax
import SQLTypes

extension QueryBinder {
  /// Binds a join. Its condition is a residual, and USING's equalities too: the rules find the keys in them.
  ///
  /// - Errors: 42703, 42702 and 42701 for what USING names; 0A000 for a kind that is not planned yet.
  func bind(_ join: Join, as alias: TableAlias?) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    let kind: JoinPlan.Kind
    switch join.kind {
    case .inner, .cross: kind = .inner
    case .left: kind = .left
    case .right, .full, .asof, .asofLeft: throw .unsupported(join.kind.rawValue, at: join.range)
    }
    if let within = join.within { throw .unsupported("WITHIN", at: within.range) }
    var (left, leftScope) = try bind(from: join.left)
    let (right, unshifted) = try bind(from: join.right)

    let pairs: [MergedColumn]
    switch join.condition {
    case .on, .none: pairs = []
    case .using(let names, _): pairs = try mergedColumns(names, leftScope, unshifted)
    case .natural:
      let common = leftScope.visible.map(\.name).filter { unshifted.hasColumn($0) }
      pairs = try mergedColumns(common.map { Identifier($0, join.range) }, leftScope, unshifted)
    }
    // A merged column of another type than the left one's is computed beside the left columns.
    var added: [BoundExpression] = []
    let binder = context.expressionBinder(Scope(), .refused(in: "JOIN conditions"))
    let leftWidth = left.types.count
    var merged: [Scope.Column] = []
    for pair in pairs {
      var column = Scope.Column(name: pair.name.name, type: pair.type, index: pair.left.index)
      if pair.left.type != pair.type {
        column.index = leftWidth + added.count
        added.append(
          try binder.cast(.column(pair.left.index, pair.left.type), to: pair.type, .implicit, at: pair.name.range))
      }
      merged.append(column)
    }
    if !added.isEmpty {
      left = .project(left, left.types.enumerated().map { .column($0.offset, $0.element) } + added)
    }
    let shift = left.types.count
    let rightScope = unshifted.shifted(by: shift)
    var scope = try leftScope.joined(with: rightScope, at: join.right.range)

    var conditions: [BoundExpression] = []
    for pair in pairs {
      conditions.append(
        try binder.call(
          "=", .infixOperator,
          [.column(pair.left.index, pair.left.type), .column(pair.right.index + shift, pair.right.type)],
          at: pair.name.range))
    }
    if case .on(let condition) = join.condition {
      let binder = context.expressionBinder(scope, .refused(in: "JOIN conditions"))
      conditions.append(try binder.condition(condition, "JOIN/ON"))
    }
    let names = Set(pairs.map(\.name.name))
    scope.visible =
      merged + (leftScope.visible + rightScope.visible).filter { !names.contains($0.name) }
    if case .using(_, let alias?) = join.condition {
      scope.relations.append(Scope.Relation(name: alias.name, columns: merged))
    }
    let residual = conditions.count > 1 ? BoundExpression.and(conditions) : conditions.first
    let plan = LogicalPlan.join(JoinPlan(kind: kind, left: left, right: right, keys: [], residual: residual))
    return (plan, try scope.renamed(by: alias))
  }

  /// A column that USING or NATURAL makes of one of each side; its value is the left one's.
  private struct MergedColumn {
    var name: Identifier
    var left: Scope.Column
    var right: Scope.Column
    var type: SQLType
  }

  private func mergedColumns(
    _ names: [Identifier], _ left: Scope, _ right: Scope
  ) throws(SQLError) -> [MergedColumn] {
    var pairs: [MergedColumn] = []
    for name in names {
      if pairs.contains(where: { $0.name.name == name.name }) {
        throw SQLError(
          .duplicateColumn, "column name \"\(name.name)\" appears more than once in USING clause", at: name.range)
      }
      let (a, b) = (try left.common(name, "left"), try right.common(name, "right"))
      let type = try commonType(of: [(a.type, name.range), (b.type, name.range)], for: "JOIN/USING")
      pairs.append(MergedColumn(name: name, left: a, right: b, type: type))
    }
    return pairs
  }
}

extension Scope {
  fileprivate func common(_ name: Identifier, _ side: String) throws(SQLError) -> Column {
    let fits = visible.filter { $0.name == name.name }
    if fits.count > 1 {
      throw SQLError(
        .ambiguousColumn, "common column name \"\(name.name)\" appears more than once in \(side) table", at: name.range)
    }
    guard let column = fits.first else {
      throw SQLError(
        .undefinedColumn, "column \"\(name.name)\" specified in USING clause does not exist in \(side) table",
        at: name.range)
    }
    return column
  }

  /// A join under an alias of its own: it hides the names of its parts.
  fileprivate func renamed(by alias: TableAlias?) throws(SQLError) -> Scope {
    guard let alias, let name = alias.name else { return self }
    if alias.columns.count > visible.count {
      throw SQLError(
        .invalidColumnReference,
        "join expression \"\(name.name)\" has \(visible.count) columns available but \(alias.columns.count) columns specified",
        at: alias.range)
    }
    var result = self
    for (index, column) in alias.columns.enumerated() { result.visible[index].name = column.name }
    result.relations = [Relation(name: name.name, columns: result.visible)]
    return result
  }
}
