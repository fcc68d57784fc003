import Expressions
import SQLSyntax
import SQLTypes

/// What becomes of aggregates where an expression stands.
enum AggregatePolicy {
  /// 42803, with what PostgreSQL calls the place: `aggregate functions are not allowed in WHERE`.
  case refused(in: String)
  /// The argument of another aggregate.
  case nested
  /// The select list, HAVING and ORDER BY of a query.
  case collected(Grouping)
}

/// What a query's select list, HAVING and ORDER BY use of its groups, collected while they are bound.
///
/// Whether a query groups at all is known only when everything is bound, so these expressions are bound over the
/// input's columns, the keys as columns `width ..< width + keys.count`, and the aggregates behind those.
/// `SelectBinder` renumbers them when the query turns out to be grouped.
final class Grouping {
  struct Key {
    /// The key with its columns named by number.
    var canonical: Expr
    var expression: BoundExpression
  }

  /// An aggregate over expressions of the input.
  struct Call {
    var canonical: Expr
    var function: AggregateFunction
    var argument: BoundExpression?
    var key: BoundExpression?
    var isDistinct: Bool
    var filter: BoundExpression?
    var result: SQLType
  }

  let scope: Scope
  let width: Int
  let keys: [Key]
  private(set) var calls: [Call] = []
  /// Uses of the input's columns outside of aggregates and keys.
  private(set) var ungrouped: [(index: Int, range: SourceRange)] = []

  /// - width: how many columns the input has.
  init(scope: Scope, width: Int, keys: [Key]) {
    self.scope = scope
    self.width = width
    self.keys = keys
  }

  func column(_ index: Int, _ type: SQLType, at range: SourceRange) -> BoundExpression {
    for (number, key) in keys.enumerated() {
      if case .column(index, _) = key.expression { return .column(width + number, key.expression.type) }
    }
    ungrouped.append((index, range))
    return .column(index, type)
  }

  /// The key that an expression is.
  func key(_ expression: Expr) -> BoundExpression? {
    if keys.isEmpty { return nil }
    let canonical = scope.canonical(expression)
    guard let number = keys.firstIndex(where: { $0.canonical == canonical }) else { return nil }
    return .column(width + number, keys[number].expression.type)
  }

  func add(_ call: Call) -> BoundExpression {
    let known = calls.firstIndex { $0.canonical == call.canonical }
    if known == nil { calls.append(call) }
    return .column(width + keys.count + (known ?? calls.count - 1), call.result)
  }
}

extension ExpressionBinder {
  /// The expression, if it is an aggregate, a group's key, or a column that a group must have; nil where it means the
  /// same with and without groups.
  ///
  /// - Errors: 42803 for an aggregate where none is allowed.
  func bindGrouped(_ expression: Expr) throws(SQLError) -> BoundExpression? {
    if case .call(let function) = expression.kind, function.over == nil {
      if let aggregate = Self.aggregate(named: function.name) {
        return try bindAggregate(aggregate, function, expression)
      }
      if Self.isOtherAggregate(function.name) {
        throw .unsupported("the aggregate \(function.name.last.name)", at: function.name.range)
      }
      try refuseAggregateClauses(function)
    }
    guard case .collected(let grouping) = aggregates else { return nil }
    if case .column(let parts) = expression.kind {
      let (index, type) = try scope.resolve(parts)
      return grouping.column(index, type, at: expression.range)
    }
    return grouping.key(expression)
  }

  private func bindAggregate(
    _ aggregate: AggregateFunction, _ function: FunctionCall, _ expression: Expr
  ) throws(SQLError) -> BoundExpression {
    let range = expression.range
    if let item = function.orderBy.first { throw .unsupported("ORDER BY in an aggregate", at: item.range) }
    if let item = function.withinGroup.first { throw .unsupported("WITHIN GROUP", at: item.range) }
    let grouping: Grouping
    switch aggregates {
    case .refused(let place):
      throw SQLError(.groupingError, "aggregate functions are not allowed in \(place)", at: function.name.range)
    case .nested: throw SQLError(.groupingError, "aggregate function calls cannot be nested", at: function.name.range)
    case .collected(let collecting): grouping = collecting
    }
    var inner = self
    inner.aggregates = .nested
    var arguments: [BoundExpression] = []
    for argument in function.arguments {
      if argument.name != nil || argument.isVariadic { throw .unsupported("a named or variadic argument", at: range) }
      arguments.append(try inner.bind(argument.value))
    }
    if aggregate == .count, !function.isStar, arguments.isEmpty {
      throw SQLError(
        .wrongObjectType, "count(*) must be used to call a parameterless aggregate function", at: function.name.range)
    }
    inner.aggregates = .refused(in: "FILTER")
    var filter: BoundExpression?
    if let condition = function.filter { filter = try inner.condition(condition, "FILTER") }
    var argument: BoundExpression?, key: BoundExpression?
    if aggregate == .argMin || aggregate == .argMax {
      (argument, key) = try bindChosen(aggregate, arguments, function)
    } else if let only = arguments.first {
      let type = try Self.argumentType(aggregate, arguments.map(\.type), at: function.name.range)
      argument = try cast(only, to: type, .implicit, at: function.arguments[0].value.range)
    } else if aggregate != .count {
      throw Self.undefined(aggregate, [], at: function.name.range)
    }
    return grouping.add(
      Grouping.Call(
        canonical: scope.canonical(expression), function: aggregate, argument: argument, key: key,
        // The least and greatest value are the same among distinct ones.
        isDistinct: function.isDistinct && ![.min, .max, .argMin, .argMax].contains(aggregate),
        filter: filter, result: Self.result(aggregate, argument?.type)))
  }

  /// The value and the key of `arg_min` and `arg_max`: any type, and one that min and max take.
  private func bindChosen(
    _ aggregate: AggregateFunction, _ arguments: [BoundExpression], _ function: FunctionCall
  ) throws(SQLError) -> (BoundExpression, BoundExpression) {
    guard arguments.count == 2, !function.isStar else {
      throw Self.undefined(aggregate, arguments.map(\.type), at: function.name.range)
    }
    let valueType = arguments[0].type == .unknown ? SQLType.text : arguments[0].type
    let keyType = try Self.argumentType(.max, [arguments[1].type], at: function.name.range)
    return (
      try cast(arguments[0], to: valueType, .implicit, at: function.arguments[0].value.range),
      try cast(arguments[1], to: keyType, .implicit, at: function.arguments[1].value.range)
    )
  }

  /// What PostgreSQL says of `DISTINCT`, `FILTER` and `*` in a call that is no aggregate's.
  private func refuseAggregateClauses(_ function: FunctionCall) throws(SQLError) {
    let name = function.name.last.name
    let clause =
      if function.isStar { "\(name)(*)" }
      else if function.isDistinct { "DISTINCT" }
      else if !function.withinGroup.isEmpty { "WITHIN GROUP" }
      else if !function.orderBy.isEmpty { "ORDER BY" }
      else if function.filter != nil { "FILTER" }
      else { "" }
    if clause.isEmpty { return }
    // A function that does not exist is told first.
    var arguments: [SQLType] = []
    for argument in function.arguments { arguments.append(try bind(argument.value).type) }
    _ = try FunctionTable.resolve(name, .function, arguments, at: function.name.range)
    throw SQLError(
      .wrongObjectType, "\(clause) specified, but \(name) is not an aggregate function", at: function.name.range)
  }

  private static func aggregate(named name: ObjectName) -> AggregateFunction? {
    guard name.parts.canBeBuiltIn else { return nil }
    return AggregateFunction(rawValue: name.last.name)
  }

  /// PostgreSQL's other aggregates, and the dialect's (DIALECT §4): refused by name rather than called unknown.
  private static let otherAggregates: Set<String> = [
    "approx_count_distinct", "approx_percentile", "array_agg", "bit_and", "bit_or", "bit_xor",
    "bool_and", "bool_or", "corr", "covar_pop", "covar_samp", "every", "first_value", "json_agg", "json_object_agg",
    "jsonb_agg", "jsonb_object_agg", "last_value", "mode", "percentile_cont", "percentile_disc", "regr_avgx", "regr_avgy",
    "regr_count", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "stddev", "stddev_pop",
    "stddev_samp", "string_agg", "var_pop", "var_samp", "variance",
  ]

  private static func isOtherAggregate(_ name: ObjectName) -> Bool {
    name.parts.count == 1 && otherAggregates.contains(name.last.name)
  }

  /// The type to which an aggregate's argument is cast.
  ///
  /// A numeric(p, s) stays one, so that its scaled integers can be summed as such.
  /// - Errors: 42883 where no overload takes the argument, 42725 where a literal could be any.
  static func argumentType(
    _ aggregate: AggregateFunction, _ arguments: [SQLType], at range: SourceRange
  ) throws(SQLError) -> SQLType {
    let type = arguments[0]
    guard arguments.count == 1 else { throw undefined(aggregate, arguments, at: range) }
    switch aggregate {
    case .count, .argMin, .argMax: return type == .unknown ? .text : type
    case .min, .max:
      switch type {
      case .unknown, .varchar, .catalogText(.name), .catalogText(.character): return .text
      case .boolean, .catalogText: throw undefined(aggregate, arguments, at: range)
      default: return type
      }
    case .sum, .avg:
      switch type {
      case .unknown:
        throw SQLError(
          .ambiguousFunction, "function \(aggregate.rawValue)(unknown) is not unique",
          hint: "Could not choose a best candidate function. You might need to add explicit type casts.", at: range)
      case .smallint, .integer, .bigint, .real, .double, .numeric, .interval: return type
      default: throw undefined(aggregate, arguments, at: range)
      }
    }
  }

  /// PostgreSQL 15's result types (table 9.59); min and max keep a numeric's modifiers.
  static func result(_ aggregate: AggregateFunction, _ argument: SQLType?) -> SQLType {
    switch (aggregate, argument) {
    case (.count, _), (_, nil): .bigint
    case (.min, let type?), (.max, let type?), (.argMin, let type?), (.argMax, let type?): type
    case (.sum, .smallint), (.sum, .integer): .bigint
    case (.sum, .bigint), (.sum, .numeric): .numeric(nil)
    case (.avg, .real), (.avg, .double): .double
    case (.avg, .interval): .interval
    case (.avg, _): .numeric(nil)
    case (.sum, let type?): type
    }
  }

  private static func undefined(
    _ aggregate: AggregateFunction, _ arguments: [SQLType], at range: SourceRange
  ) -> SQLError {
    SQLError(
      .undefinedFunction,
      "function \(aggregate.rawValue)(\(arguments.map(\.baseName).joined(separator: ", "))) does not exist",
      hint: "No function matches the given name and argument types. You might need to add explicit type casts.", at: range)
  }
}
