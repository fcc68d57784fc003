import Expressions
import SQLSyntax
import SQLTypes

/// One column of a select list, or one that only ORDER BY needs.
struct Target {
  enum Source {
    case expression(Expr)
    /// What `*` expands to.
    case column(Int, SQLType)
  }

  var name: String
  var source: Source
  var range: SourceRange
  /// The expression with its columns named by number, for comparing.
  var canonical: Expr

  func bind(_ binder: ExpressionBinder) throws(SQLError) -> BoundExpression {
    switch (source, binder.aggregates) {
    case (.expression(let expression), _): try binder.bind(expression)
    case (.column(let index, let type), .collected(let grouping)): grouping.column(index, type, at: range)
    case (.column(let index, let type), _): .column(index, type)
    }
  }
}

extension QueryBinder {
  /// Binds SELECT … FROM … WHERE … GROUP BY … HAVING with its select list, and the ORDER BY behind it.
  ///
  /// - Returns: the select list's columns, then the hidden ones that the order needs.
  func bind(_ select: Select, orderedBy order: [OrderItem], at range: SourceRange) throws(SQLError) -> PlannedQuery {
    if case .on = select.distinct { throw .unsupported("DISTINCT ON", at: range) }
    if let into = select.into { throw .unsupported("SELECT INTO", at: into.range) }
    if let window = select.windows.first { throw .unsupported("WINDOW", at: window.name.range) }
    var (input, scope) = try bind(from: select.from)
    if let window = select.streamWindow { (input, scope) = try bind(window, over: input, scope) }
    if let condition = select.filter {
      let binder = context.expressionBinder(scope, .refused(in: "WHERE"))
      input = .filter(input, try binder.condition(condition, "WHERE"))
    }
    let targets = try expand(select.items, scope)
    var keys = try bind(groupBy: select.groupBy, targets, scope)
    if let window = select.streamWindow { keys = try withWindow(keys, window, select, scope) }
    let grouping = Grouping(scope: scope, width: input.types.count, keys: keys)
    let binder = context.expressionBinder(scope, .collected(grouping))
    var expressions: [BoundExpression] = []
    for target in targets { expressions.append(try target.bind(binder)) }
    var condition: BoundExpression?
    if let having = select.having { condition = try binder.condition(having, "HAVING") }
    let sortKeys = try bind(
      orderBy: order, targets, scope, binder, isDistinct: select.distinct != nil, &expressions)
    let columns = zip(targets, expressions).map { OutputColumn(name: $0.name, type: $1.type) }

    if select.groupBy != nil || select.having != nil || !grouping.calls.isEmpty {
      let grouped = try GroupedInput(input, grouping)
      input = grouped.plan
      if let condition { input = .filter(input, grouped.renumber(condition)) }
      expressions = expressions.map(grouped.renumber)
    }
    var planned = PlannedQuery(plan: .project(input, expressions), columns: columns, order: sortKeys)
    if select.distinct != nil {
      // A literal that is still of unknown type is compared as text.
      planned = try planned.withUnknownAsText(context)
      planned.plan = .distinct(planned.plan)
    }
    return planned
  }

  /// ksqlDB's groups are divided by their windows, whether GROUP BY says so or not.
  ///
  /// - Errors: 42803 where nothing is grouped.
  private func withWindow(
    _ keys: [Grouping.Key], _ window: StreamWindow, _ select: Select, _ scope: Scope
  ) throws(SQLError) -> [Grouping.Key] {
    if select.groupBy == nil {
      throw SQLError(
        .groupingError, "WINDOW \(window.kind.rawValue) needs GROUP BY",
        hint: "\(window.kind == .tumbling ? "TUMBLE" : "HOP")(relation, time, …) in FROM gives each row its windows.", at: window.range)
    }
    var keys = keys
    for column in scope.visible.suffix(2) {
      let key = Grouping.Key(
        canonical: Scope.canonicalColumn(column.index, window.range), expression: .column(column.index, column.type))
      if !keys.contains(where: { $0.canonical == key.canonical }) { keys.append(key) }
    }
    return keys
  }

  func expand(_ items: [SelectItem], _ scope: Scope) throws(SQLError) -> [Target] {
    var targets: [Target] = []
    for item in items {
      if case .star(let qualifier) = item.value.kind {
        for column in try scope.expand(qualifier, at: item.range) {
          targets.append(
            Target(
              name: column.name, source: .column(column.index, column.type), range: item.range,
              canonical: Scope.canonicalColumn(column.index, item.range)))
        }
        continue
      }
      targets.append(
        Target(
          name: item.alias?.name ?? outputName(item.value), source: .expression(item.value), range: item.value.range,
          canonical: scope.canonical(item.value)))
    }
    if targets.count > Parser.Limits.selectItems {
      throw SQLError(
        .tooManyColumns, "target lists can have at most \(Parser.Limits.selectItems) entries", at: items.last?.range)
    }
    return targets
  }
}

/// PostgreSQL's name for an output column without an alias (`FigureColname`).
func outputName(_ expression: Expr) -> String { figuredName(expression) ?? "?column?" }

/// The name of an operand that a cast or a CASE around it keeps: not the name of a type, nor `case`.
private func strongName(_ expression: Expr) -> String? {
  switch expression.kind {
  case .cast(let operand, _, _): strongName(operand)
  case .caseWhen(_, _, let otherwise): otherwise.flatMap { strongName($0) }
  case .collate(let operand, _): strongName(operand)
  case .typedLiteral, .interval, .boolean: nil
  default: figuredName(expression)
  }
}

/// The name that an expression gives of itself, if any. Each operand is asked once: a second time would double at each level.
private func figuredName(_ expression: Expr) -> String? {
  switch expression.kind {
  case .column(let parts): parts.last?.name
  case .call(let function): function.name.last.name
  case .cast(let operand, let type, _): strongName(operand) ?? type.name
  case .typedLiteral(let type, _): type.name
  case .interval: "interval"
  case .boolean: "bool"
  case .caseWhen(_, _, let otherwise): otherwise.flatMap { strongName($0) } ?? "case"
  case .coalesce: "coalesce"
  case .nullIf: "nullif"
  case .greatest: "greatest"
  case .least: "least"
  case .extract: "extract"
  case .substring, .substringSimilar: "substring"
  case .position: "position"
  case .overlay: "overlay"
  case .trim(.both, _, _): "btrim"
  case .trim(.leading, _, _): "ltrim"
  case .trim(.trailing, _, _): "rtrim"
  case .atTimeZone: "timezone"
  case .collate(let operand, _): figuredName(operand)
  case .overlaps: "overlaps"
  case .row: "row"
  case .array, .arrayQuery: "array"
  case .exists: "exists"
  case .field(_, let name): name.name
  case .element(let operand, _), .slice(let operand, _, _): figuredName(operand)
  case .grouping: "grouping"
  case .current(let value, _): value.rawValue == "USER" ? "current_user" : value.rawValue.lowercased()
  default: nil
  }
}
