import Expressions
import SQLSyntax
import SQLTypes

extension QueryBinder {
  /// The keys that GROUP BY names: expressions, ordinals and names of the select list.
  ///
  /// - Errors: 42P10 for an ordinal outside of the select list, 42702 for an alias that two of its columns have.
  func bind(groupBy group: GroupBy?, _ targets: [Target], _ scope: Scope) throws(SQLError) -> [Grouping.Key] {
    var keys: [Grouping.Key] = []
    for element in group?.elements ?? [] {
      switch element {
      case .empty: continue
      case .rollup: throw .unsupported("ROLLUP", at: group?.range)
      case .cube: throw .unsupported("CUBE", at: group?.range)
      case .sets: throw .unsupported("GROUPING SETS", at: group?.range)
      case .expression(let expression):
        // A row of expressions groups as its parts do.
        let parts = if case .row(let parts) = expression.kind { parts } else { [expression] }
        for part in parts {
          let key = try bind(groupKey: part, targets, scope)
          if !keys.contains(where: { $0.canonical == key.canonical }) { keys.append(key) }
        }
      }
    }
    return keys
  }

  private func bind(
    groupKey expression: Expr, _ targets: [Target], _ scope: Scope
  ) throws(SQLError) -> Grouping.Key {
    let target = try target(groupKey: expression, targets, scope)
    let binder = context.expressionBinder(scope, .refused(in: "GROUP BY"))
    var bound = try target.bind(binder)
    if bound.type == .unknown { bound = try binder.cast(bound, to: .text, .implicit, at: target.range) }
    return Grouping.Key(canonical: target.canonical, expression: bound)
  }

  private func target(groupKey expression: Expr, _ targets: [Target], _ scope: Scope) throws(SQLError) -> Target {
    if let target = try ordinalTarget(expression, targets, "GROUP BY") { return target }
    // A column of FROM goes before a name of the select list (SQL99), unlike in ORDER BY.
    if case .column(let parts) = expression.kind, parts.count == 1, !scope.hasColumn(parts[0].name),
      let index = try index(ofTargetNamed: parts[0], targets, "GROUP BY")
    {
      return targets[index]
    }
    return Target(
      name: "", source: .expression(expression), range: expression.range, canonical: scope.canonical(expression))
  }

  /// The select list's column that an integer constant means; nil for any other expression.
  ///
  /// - Errors: 42P10 outside of the list, 42601 for a constant that is no integer.
  private func ordinalTarget(_ expression: Expr, _ targets: [Target], _ clause: String) throws(SQLError) -> Target? {
    try ordinal(expression, targets.count, clause).map { targets[$0] }
  }

  func ordinal(_ expression: Expr, _ count: Int, _ clause: String) throws(SQLError) -> Int? {
    switch expression.kind {
    case .integer(let digits):
      guard let position = Int32(digits) else { break }
      guard position >= 1, position <= count else {
        throw SQLError(
          .invalidColumnReference, "\(clause) position \(position) is not in select list", at: expression.range)
      }
      return Int(position) - 1
    case .unary("-", let operand):
      // PostgreSQL's grammar reads a sign and a number as one constant.
      if case .integer(let digits) = operand.kind, let position = Int32("-" + digits) {
        throw SQLError(
          .invalidColumnReference, "\(clause) position \(position) is not in select list", at: expression.range)
      }
      guard case .decimal = operand.kind else { return nil }
    case .string, .decimal, .null: break
    default: return nil
    }
    throw SQLError(.syntaxError, "non-integer constant in \(clause)", at: expression.range)
  }

  /// The select list's column of a name; nil if there is none.
  ///
  /// - Errors: 42702 where two different columns have the name.
  func index(ofTargetNamed name: Identifier, _ targets: [Target], _ clause: String) throws(SQLError) -> Int? {
    let fits = targets.indices.filter { targets[$0].name == name.name }
    guard let first = fits.first else { return nil }
    if fits.contains(where: { targets[$0].canonical != targets[first].canonical }) {
      throw SQLError(.ambiguousColumn, "\(clause) \"\(name.name)\" is ambiguous", at: name.range)
    }
    return first
  }
}

/// The groups of a query as an `aggregate` over a `project` of what it needs.
struct GroupedInput {
  private(set) var plan: LogicalPlan
  private let width: Int
  private let keyCount: Int
  /// Columns that are not keys and depend on them, each with its place among the groups' columns.
  private var dependent: [Int: Int] = [:]

  /// - Errors: 42803 for a column that is neither a key nor dependent on one.
  init(_ input: LogicalPlan, _ grouping: Grouping) throws(SQLError) {
    width = grouping.width
    keyCount = grouping.keys.count
    plan = input
    var expressions = grouping.keys.map(\.expression)
    for (index, range) in grouping.ungrouped where dependent[index] == nil {
      guard Self.isDependent(index, on: grouping.keys, grouping.scope) else {
        throw SQLError(
          .groupingError,
          "column \"\(grouping.scope.displayName(ofColumn: index))\" must appear in the GROUP BY clause or be used in an aggregate function",
          at: range)
      }
      dependent[index] = expressions.count
      expressions.append(.column(index, input.types[index]))
    }
    let keys = Array(expressions.indices)
    var calls: [AggregateCall] = []
    func place(_ expression: BoundExpression) -> Int {
      if case .column(let index, _) = expression {
        for (place, known) in expressions.enumerated() { if case .column(index, _) = known { return place } }
      }
      expressions.append(expression)
      return expressions.count - 1
    }
    for call in grouping.calls {
      calls.append(
        AggregateCall(
          call.function, argument: call.argument.map(place), key: call.key.map(place), isDistinct: call.isDistinct,
          filter: call.filter.map(place), result: call.result))
    }
    plan = .aggregate(.project(input, expressions), keys: keys, calls: calls)
  }

  /// An expression of the collected numbering (`Grouping`) over the groups' columns.
  func renumber(_ expression: BoundExpression) -> BoundExpression {
    expression.mapColumns { index in
      if index < width {
        guard let place = dependent[index] else { preconditionFailure("an ungrouped column was refused") }
        return place
      }
      let number = index - width
      return number < keyCount ? number : number + dependent.count
    }
  }

  /// Whether a relation's primary key is grouped by, so that its other columns have one value in each group.
  private static func isDependent(_ column: Int, on keys: [Grouping.Key], _ scope: Scope) -> Bool {
    scope.relations.contains { relation in
      !relation.primaryKey.isEmpty && relation.columns.contains { $0.index == column }
        && relation.primaryKey.allSatisfy { keyColumn in
          keys.contains { if case .column(keyColumn, _) = $0.expression { true } else { false } }
        }
    }
  }
}
