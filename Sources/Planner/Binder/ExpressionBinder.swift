import Columnar
import Expressions
import SQLSyntax
import SQLTypes

/// Binds expressions of one scope.
struct ExpressionBinder {
  let scope: Scope

  /// The bound expression; a quoted literal and NULL keep type `unknown` until something around them decides.
  func bind(_ expression: Expr) throws(SQLError) -> BoundExpression {
    let range = expression.range
    switch expression.kind {
    case .null: return .null(.unknown)
    case .boolean(let value): return .constant(.constant(value ? 1 as UInt8 : 0, .bool, count: 1), .boolean)
    case .integer(let digits): return try bindInteger(digits, at: range)
    case .string(let text): return .constant(.constant(text: text, count: 1), .unknown)
    case .typedLiteral(let type, let text):
      return try cast(.constant(.constant(text: text, count: 1), .unknown), to: SQLType(type), .explicit, at: range)
    case .column(let parts):
      let (index, type) = try scope.resolve(parts)
      return .column(index, type)
    case .unary(let name, let operand): return try bindUnary(name, operand, at: range)
    case .binary(let name, let lhs, let rhs):
      return try call(name, .infixOperator, [bind(lhs), bind(rhs)], at: operatorRange(lhs, rhs))
    case .and(let operands): return .and(try conditions(operands, "AND"))
    case .or(let operands): return .or(try conditions(operands, "OR"))
    case .not(let operand): return .not(try condition(operand, "NOT"))
    case .isTest(let operand, let test, let negated): return try bindTest(operand, test, negated)
    case .isDistinct(let lhs, let rhs, let negated): return try bindDistinct(lhs, rhs, negated, at: range)
    case .between(let value, let low, let high, let symmetric, let negated):
      if symmetric { throw .unsupported("BETWEEN SYMMETRIC", at: range) }
      let bounds: BoundExpression = .and([
        try call(">=", .infixOperator, [bind(value), bind(low)], at: range),
        try call("<=", .infixOperator, [bind(value), bind(high)], at: range),
      ])
      return negated ? .not(bounds) : bounds
    case .inList(let value, let list, let negated):
      var alternatives: [BoundExpression] = []
      for item in list {
        alternatives.append(try call("=", .infixOperator, [bind(value), bind(item)], at: item.range))
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
      let bound = try bind(operand)
      let result = try cast(bound, to: target, .explicit, at: isTry ? range : operand.range, raisesNow: !isTry)
      return isTry ? BoundExpression.nullOnError(result).folded(if: bound.isConstant) : result
    case .call(let function): return try bindCall(function, at: range)
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

  private func bindInteger(_ digits: String, at range: SourceRange) throws(SQLError) -> BoundExpression {
    if let value = Int32(digits) { return .constant(.constant(value, .int32, count: 1), .integer) }
    if let value = Int64(digits) { return .constant(.constant(value, .int64, count: 1), .bigint) }
    throw .unsupported("a numeric constant", at: range)
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
      try call("<>", .infixOperator, [left, right], at: range), value: true, negated: false)
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
    for when in whens {
      if let operand {
        conditions.append(
          try call("=", .infixOperator, [bind(operand), bind(when.condition)], at: when.condition.range))
      } else {
        conditions.append(try condition(when.condition, "CASE/WHEN"))
      }
    }
    let results = whens.map(\.result) + [otherwise ?? Expr(.null, whens[0].result.range)]
    let (bound, type) = try unify(results, for: "CASE")
    return .caseWhen(
      zip(conditions, bound).map { (condition: $0, result: $1) }, otherwise: bound[bound.count - 1], type)
  }

  /// Binds expressions that meet in one column and casts them to their common type.
  func unify(_ expressions: [Expr], for construct: String) throws(SQLError) -> ([BoundExpression], SQLType) {
    var bound: [BoundExpression] = []
    for expression in expressions { bound.append(try bind(expression)) }
    let type = try commonType(of: zip(bound, expressions).map { ($0.type, $1.range) }, for: construct)
    var result: [BoundExpression] = []
    for (value, expression) in zip(bound, expressions) {
      result.append(try cast(value, to: type, .implicit, at: expression.range))
    }
    return (result, type)
  }

  private func bindCall(_ function: FunctionCall, at range: SourceRange) throws(SQLError) -> BoundExpression {
    if function.over != nil { throw .unsupported("a window function", at: range) }
    guard !function.isStar, !function.isDistinct, function.filter == nil, function.orderBy.isEmpty,
      function.withinGroup.isEmpty
    else { throw .unsupported("an aggregate", at: range) }
    var arguments: [BoundExpression] = []
    for argument in function.arguments {
      if argument.name != nil || argument.isVariadic { throw .unsupported("a named or variadic argument", at: range) }
      arguments.append(try bind(argument.value))
    }
    return try call(function.name.last.name, .function, arguments, at: function.name.range)
  }

  private func call(
    _ name: String, _ kind: FunctionTable.Kind, _ arguments: [BoundExpression], at range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    let function = try FunctionTable.resolve(name, kind, arguments.map(\.type), at: range)
    var converted: [BoundExpression] = []
    for (argument, type) in zip(arguments, function.arguments) {
      // Resolution has decided; `text || anything` casts its other side as an assignment would.
      converted.append(try cast(argument, to: type, .assignment, at: range))
    }
    return BoundExpression.call(function, converted, range).folded(if: converted.allSatisfy(\.isConstant))
  }

  /// The expression as `target`.
  ///
  /// - Errors: 42846 where there is no such cast; what is wrong with a constant's text is raised at once if `raisesNow`.
  func cast(
    _ expression: BoundExpression, to target: SQLType, _ context: CastContext, at range: SourceRange,
    raisesNow: Bool = true
  ) throws(SQLError) -> BoundExpression {
    let source = expression.type
    if source == target { return expression }
    guard let needed = Casts.context(source, target), needed <= context else {
      throw SQLError(.cannotCoerce, "cannot cast type \(source.baseName) to \(target.baseName)", at: range)
    }
    guard let function = Casts.function(source, target) else {
      return expression.retyped(target)
    }
    let call = BoundExpression.call(function, [expression], range)
    guard expression.isConstant else { return call }
    if raisesNow && source == .unknown {
      var errors = RowErrors()
      _ = call.evaluate(.unit, errors: &errors)
      if let error = errors.first { throw error }
    }
    return call.folded()
  }

  private func operatorRange(_ lhs: Expr, _ rhs: Expr) -> SourceRange {
    SourceRange(lhs.range.end, max(lhs.range.end, rhs.range.start))
  }

  /// What a refusal calls an expression that is not planned yet.
  private static func name(of kind: Expr.Kind) -> String {
    switch kind {
    case .decimal: "a numeric constant"
    case .interval: "type \"interval\""
    case .parameter: "a parameter outside of a prepared statement"
    case .star: "\"*\" here"
    case .inQuery, .exists, .subquery, .quantified, .arrayQuery: "a subquery in an expression"
    case .row, .field, .fields, .overlaps: "a row value"
    case .array, .element, .slice: "an array"
    case .extract: "EXTRACT"
    case .substring, .substringSimilar: "SUBSTRING"
    case .position: "POSITION"
    case .trim: "TRIM"
    case .overlay: "OVERLAY"
    case .atTimeZone: "AT TIME ZONE"
    case .collate: "COLLATE"
    case .greatest: "GREATEST"
    case .least: "LEAST"
    case .current(let value, _): value.rawValue
    case .grouping: "GROUPING"
    case .defaultValue: "DEFAULT here"
    default: "this expression"
    }
  }
}

extension BoundExpression {
  func folded(if isConstant: Bool) -> BoundExpression { isConstant ? folded() : self }

  /// The same values under another type of the same physical type; a NULL constant takes any type.
  func retyped(_ target: SQLType) -> BoundExpression {
    if case .constant(let column, let type) = self {
      if column.isNull(0) { return .null(target) }
      precondition(type.physicalType == target.physicalType, "retyping keeps the physical type")
      return .constant(column, target)
    }
    return .call(
      ScalarFunction(target.baseName, [type], target) { arguments, _ in FunctionOutput(arguments[0]) }, [self],
      SourceRange(0, 0))
  }
}
