import Columnar
import Expressions
import SQLSyntax
import SQLTypes

/// Binds expressions of one scope.
package struct ExpressionBinder {
  let scope: Scope
  var aggregates = AggregatePolicy.refused(in: "this expression")
  /// What now() means; nil where no one moment is meant.
  var statementTime: StatementTime?
  /// What `$1` means; nil where parameters cannot be.
  var parameters: QueryParameters?
  /// Who asks; nil where the answer is kept.
  var session: SessionFacts?

  /// The bound expression; a quoted literal and NULL keep type `unknown` until something around them decides.
  func bind(_ expression: Expr) throws(SQLError) -> BoundExpression {
    if let grouped = try bindGrouped(expression) { return grouped }
    if let form = try bindForm(expression) { return form }
    let range = expression.range
    switch expression.kind {
    case .null: return .null(.unknown)
    case .boolean(let value): return .constant(.constant(value ? 1 as UInt8 : 0, .bool, count: 1), .boolean)
    case .integer(let digits): return try bindInteger(digits, at: range)
    case .decimal(let digits): return try numericConstant(digits, at: range)
    case .string(let text): return .constant(.constant(text: text, count: 1), .unknown)
    case .typedLiteral(let type, let text):
      return try cast(.constant(.constant(text: text, count: 1), .unknown), to: SQLType(type), .explicit, at: range)
    case .interval(let text, let fields, let precision): return try bindInterval(text, fields, precision, at: range)
    case .column(let parts):
      let (index, type) = try scope.resolve(parts)
      return .column(index, type)
    case .parameter(let number):
      guard let parameters else { throw .undefinedParameter(number, at: range) }
      return try parameters.parameter(number, at: range)
    case .unary(let name, let operand): return try bindUnary(name, operand, at: range)
    case .binary(let name, let lhs, let rhs):
      return try call(name.name, .infixOperator, [bind(lhs), bind(rhs)], at: name.range)
    case .and(let operands): return .and(try conditions(operands, "AND"))
    case .or(let operands): return .or(try conditions(operands, "OR"))
    case .not(let operand): return .not(try condition(operand, "NOT"))
    case .isTest(let operand, let test, let negated): return try bindTest(operand, test, negated)
    case .isDistinct(let lhs, let rhs, let negated): return try bindDistinct(lhs, rhs, negated, at: range)
    case .between(let value, let low, let high, let symmetric, let negated):
      let isBetween = try bindBetween(bind(value), bind(low), bind(high), symmetric, at: range)
      return negated ? .not(isBetween) : isBetween
    case .inList(let value, let list, let negated):
      let bound = try bind(value)
      var alternatives: [BoundExpression] = []
      for item in list {
        alternatives.append(try call("=", .infixOperator, [bound, bind(item)], at: item.range))
      }
      let isIn = alternatives.count == 1 ? alternatives[0] : BoundExpression.or(alternatives)
      return negated ? .not(isIn) : isIn
    case .like(let op, let text, let pattern, let escape, let negated):
      return try bindLike(op, text, pattern, escape, negated, at: range)
    case .caseWhen(let operand, let whens, let otherwise): return try bindCase(operand, whens, otherwise)
    case .coalesce(let operands):
      let (bound, type) = try unify(operands, for: "COALESCE")
      return .coalesce(bound, type)
    case .nullIf(let lhs, let rhs):
      let first = try bind(lhs)
      let isEqual = try call("=", .infixOperator, [first, bind(rhs)], at: range)
      let value = try cast(first, to: first.type == .unknown ? .text : first.type, .implicit, at: range)
      return .caseWhen([(isEqual, .null(value.type))], otherwise: value, value.type)
    case .cast(let operand, let type, let isTry):
      let target = try SQLType(type)
      let bound = if let literal = floatLiteral(operand, target) { literal } else { try bind(operand) }
      let result = try cast(bound, to: target, .explicit, at: isTry ? range : operand.range, raisesNow: !isTry)
      return isTry ? BoundExpression.nullOnError(result).folded(if: bound.isConstant) : result
    case .call(let function): return try bindCall(function, at: range)
    case .collate(let operand, let name): return try bindCollate(operand, name, at: range)
    default: throw .unsupported(Self.name(of: expression.kind), at: range)
    }
  }

  /// A boolean for WHERE, AND, CASE WHEN, … (42804).
  func condition(_ expression: Expr, _ construct: String) throws(SQLError) -> BoundExpression {
    let bound = try bind(expression)
    if bound.type != .boolean && bound.type != .unknown {
      throw SQLError(
        .datatypeMismatch, "argument of \(construct) must be type boolean, not type \(bound.type.baseName)",
        at: expression.range)
    }
    return try cast(bound, to: .boolean, .implicit, at: expression.range)
  }

  private func conditions(_ expressions: [Expr], _ construct: String) throws(SQLError) -> [BoundExpression] {
    var bound: [BoundExpression] = []
    for expression in expressions { bound.append(try condition(expression, construct)) }
    return bound
  }

  /// `value BETWEEN low AND high`; SYMMETRIC takes the bounds in either order.
  private func bindBetween(
    _ value: BoundExpression, _ low: BoundExpression, _ high: BoundExpression, _ symmetric: Bool, at range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    func between(_ low: BoundExpression, _ high: BoundExpression) throws(SQLError) -> BoundExpression {
      .and([
        try call(">=", .infixOperator, [value, low], at: range), try call("<=", .infixOperator, [value, high], at: range),
      ])
    }
    return symmetric ? .or([try between(low, high), try between(high, low)]) : try between(low, high)
  }

  private func bindUnary(_ name: String, _ operand: Expr, at range: SourceRange) throws(SQLError) -> BoundExpression {
    // PostgreSQL's grammar makes one constant of a sign and a number, so that the smallest bigint can be written.
    if name == "-", case .integer(let digits) = operand.kind {
      if let value = Int32("-" + digits) { return .constant(.constant(value, .int32, count: 1), .integer) }
      if let value = Int64("-" + digits) { return .constant(.constant(value, .int64, count: 1), .bigint) }
    }
    return try call(name, .prefixOperator, [bind(operand)], at: SourceRange(range.start, operand.range.start))
  }

  private func bindTest(_ operand: Expr, _ test: IsTest, _ negated: Bool) throws(SQLError) -> BoundExpression {
    switch test {
    case .null: return .isNull(try bind(operand), negated: negated)
    case .unknown: return .isNull(try condition(operand, "IS UNKNOWN"), negated: negated)
    case .isTrue: return .isBoolean(try condition(operand, "IS TRUE"), value: true, negated: negated)
    case .isFalse: return .isBoolean(try condition(operand, "IS FALSE"), value: false, negated: negated)
    }
  }

  private func bindDistinct(
    _ lhs: Expr, _ rhs: Expr, _ negated: Bool, at range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    let (left, right) = (try bind(lhs), try bind(rhs))
    let differs: BoundExpression = .isBoolean(
      try call("=", .infixOperator, [left, right], at: range), value: false, negated: false)
    let isOneNull: BoundExpression = try call(
      "<>", .infixOperator, [.isNull(left, negated: false), .isNull(right, negated: false)], at: range)
    let isDistinct: BoundExpression = .or([isOneNull, differs])
    return negated ? .not(isDistinct) : isDistinct
  }

  private func bindLike(
    _ op: LikeOperator, _ text: Expr, _ pattern: Expr, _ escape: Expr?, _ negated: Bool, at range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    if op == .similar { throw .unsupported("SIMILAR TO", at: range) }
    var escapeByte: UInt8? = 0x5c
    if let escape {
      guard case .string(let character) = escape.kind, character.utf8.count <= 1 else {
        throw .unsupported("an escape that is not a constant of one ASCII character", at: escape.range)
      }
      escapeByte = character.utf8.first
    }
    let function = FunctionTable.like(escape: escapeByte, ignoringCase: op == .ilike)
    let (left, right) = (try bind(text), try bind(pattern))
    guard [left.type, right.type].allSatisfy({ $0.isText || $0 == .unknown }) else {
      throw SQLError(
        .undefinedFunction, "operator does not exist: \(left.type.baseName) \(function.name) \(right.type.baseName)",
        hint: "No operator matches the given name and argument types. You might need to add explicit type casts.",
        at: range)
    }
    let like: BoundExpression = .call(
      function,
      [try cast(left, to: .text, .implicit, at: text.range), try cast(right, to: .text, .implicit, at: pattern.range)],
      range)
    return negated ? .not(like) : like
  }

  private func bindCase(
    _ operand: Expr?, _ whens: [CaseWhen], _ otherwise: Expr?
  ) throws(SQLError) -> BoundExpression {
    var conditions: [BoundExpression] = []
    var value = try operand.map { (operand) throws(SQLError) in try bind(operand) }
    if let operand, let bound = value, bound.type == .unknown {
      value = try cast(bound, to: .text, .implicit, at: operand.range)
    }
    for when in whens {
      if let value {
        conditions.append(
          try call("=", .infixOperator, [value, bind(when.condition)], at: when.condition.range))
      } else {
        conditions.append(try condition(when.condition, "CASE/WHEN"))
      }
    }
    // PostgreSQL asks ELSE for its type first, which shows where two types could both be the common one.
    let results = [otherwise ?? Expr(.null, whens[0].result.range)] + whens.map(\.result)
    let (bound, type) = try unify(results, for: "CASE")
    return .caseWhen(
      zip(conditions, bound.dropFirst()).map { (condition: $0, result: $1) }, otherwise: bound[0], type)
  }

  /// Binds expressions that meet in one column and casts them to their common type.
  func unify(_ expressions: [Expr], for construct: String) throws(SQLError) -> ([BoundExpression], SQLType) {
    var bound: [BoundExpression] = []
    for expression in expressions { bound.append(try bind(expression)) }
    let type = try commonType(of: zip(bound, expressions).map { ($0.type, $1.range) }, for: construct)
    var result: [BoundExpression] = []
    for (value, expression) in zip(bound, expressions) {
      if Casts.context(value.type, type) != .implicit {
        throw SQLError(
          .cannotCoerce, "\(construct) could not convert type \(value.type.baseName) to \(type.baseName)",
          at: expression.range)
      }
      result.append(try cast(value, to: type, .implicit, at: expression.range))
    }
    return (result, type)
  }

  private func bindCall(_ function: FunctionCall, at range: SourceRange) throws(SQLError) -> BoundExpression {
    if function.over != nil { throw .unsupported("a window function", at: range) }
    guard !function.isStar, !function.isDistinct, function.filter == nil, function.orderBy.isEmpty,
      function.withinGroup.isEmpty
    else { throw .unsupported("an aggregate", at: range) }
    let name = function.name.last.name
    var arguments: [BoundExpression] = []
    for argument in function.arguments {
      if argument.isVariadic { throw .unsupported("a variadic argument", at: range) }
      arguments.append(try bind(argument.value))
    }
    if !function.name.parts.canBeBuiltIn {
      throw FunctionTable.undefined(function.name.parts.dotted, .function, arguments.map(\.type), at: function.name.range)
    }
    arguments = try ordered(arguments, of: function, at: range)
    if let special = try bindSpecialCall(name, arguments, at: function.name.range) { return special }
    return try call(name, .function, arguments, at: function.name.range)
  }

  /// What a refusal calls an expression that is not planned yet.
  private static func name(of kind: Expr.Kind) -> String {
    switch kind {
    case .star: "\"*\" here"
    case .inQuery, .exists, .subquery, .quantified, .arrayQuery: "a subquery in an expression"
    case .row, .field, .fields, .overlaps: "a row value"
    case .array, .element, .slice: "an array"
    case .substringSimilar: "SUBSTRING … SIMILAR"
    case .grouping: "GROUPING"
    case .defaultValue: "DEFAULT here"
    default: "this expression"
    }
  }
}
