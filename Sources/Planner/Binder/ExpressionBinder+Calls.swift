import Columnar
import Expressions
import SQLSyntax
import SQLTypes

/// Calls of functions and operators, and the casts around their arguments.
extension ExpressionBinder {
  func call(
    _ name: String, _ kind: FunctionTable.Kind, _ arguments: [BoundExpression], at range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    let arguments = parameters.map { arguments.map($0.refreshed) } ?? arguments
    let more = kind == .function ? try sessionOverloads(name, at: range) : []
    if arguments.contains(where: { $0.type.isArray }), !more.contains(where: { $0.signature.contains { $0.isArray } }) {
      throw .unsupported("an array here", at: range)
    }
    let function = try FunctionTable.resolve(name, kind, arguments.map(\.type), at: range, more: more)
    if kind == .infixOperator, function.arguments == [.numeric(nil), .numeric(nil)],
      let scaled = try scaledCall(name, arguments, at: range)
    {
      return scaled
    }
    var converted: [BoundExpression] = []
    for (argument, type) in zip(arguments, function.arguments) {
      // Resolution has decided; `text || anything` casts its other side as an assignment would.
      converted.append(try cast(argument, to: type, .assignment, at: range))
    }
    return BoundExpression.call(function, converted, range).folded(if: converted.allSatisfy(\.isConstant))
  }

  /// The arguments of a call in the order of the function's parameters, with the defaults of those that it leaves out.
  ///
  /// - Errors: 42601 for a name twice and for an argument without one behind one with; 42883 where they do not fit the
  ///   function; 0A000 for names where a function's parameters have none here.
  func ordered(
    _ arguments: [BoundExpression], of function: FunctionCall, at range: SourceRange
  ) throws(SQLError) -> [BoundExpression] {
    let names = function.arguments.map(\.name?.name)
    let isNamed = names.contains { $0 != nil }
    guard let parameters = NamedParameters.of(function.name.last.name), isNamed || parameters.defaults != nil else {
      if isNamed { throw .unsupported("a named argument here", at: range) }
      return arguments
    }
    for (index, argument) in function.arguments.enumerated() {
      guard let name = argument.name else {
        guard names[..<index].contains(where: { $0 != nil }) else { continue }
        throw SQLError(.syntaxError, "positional argument cannot follow named argument", at: argument.value.range)
      }
      if names[..<index].contains(name.name) {
        throw SQLError(.syntaxError, "argument name \"\(name.name)\" used more than once", at: name.range)
      }
    }
    guard let ordered = parameters.ordered(arguments, names: names) else {
      throw FunctionTable.undefined(
        function.name.last.name, .function, arguments.map(\.type), names: names, at: function.name.range)
    }
    return ordered
  }

  /// An operator of numeric(p, s) columns in integers, where that is possible.
  private func scaledCall(
    _ name: String, _ arguments: [BoundExpression], at range: SourceRange
  ) throws(SQLError) -> BoundExpression? {
    var known: [BoundExpression] = []
    for argument in arguments {
      known.append(argument.type == .unknown ? try cast(argument, to: .numeric(nil), .implicit, at: range) : argument)
    }
    return ScaledOperators.call(name, known, at: range)
  }

  /// The expression as `target`.
  ///
  /// - Errors: 42846 where there is no such cast; what is wrong with a constant's text is raised at once if `raisesNow`.
  func cast(
    _ expression: BoundExpression, to target: SQLType, _ context: CastContext, at range: SourceRange,
    raisesNow: Bool = true
  ) throws(SQLError) -> BoundExpression {
    if case .parameter(let index, .unknown) = expression, let parameters {
      return try cast(parameters.decide(index, target, at: range), to: target, context, at: range)
    }
    let source = expression.type
    if source == target { return expression }
    guard let needed = Casts.context(source, target), needed <= context else {
      throw SQLError(.cannotCoerce, "cannot cast type \(source.baseName) to \(target.baseName)", at: range)
    }
    if let cast = try castThroughCatalog(expression, to: target, at: range, raisesNow: raisesNow) { return cast }
    guard let function = Casts.function(source, target, context) else {
      return expression.retyped(target)
    }
    return try apply(function, to: expression, at: range, raisesNow: raisesNow && source == .unknown)
  }

  /// Calls a cast's function; a constant is cast now.
  ///
  /// - Errors: what a constant fails with, if `raisesNow`.
  func apply(
    _ function: ScalarFunction, to expression: BoundExpression, at range: SourceRange, raisesNow: Bool
  ) throws(SQLError) -> BoundExpression {
    let call = BoundExpression.call(function, [expression], range)
    guard expression.isConstant else { return call }
    if raisesNow { _ = try call.constantValue() }
    return call.folded()
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
      ScalarFunction(target.baseName, [type], target, variant: "retyped") { arguments, _ in FunctionOutput(arguments[0]) }, [self],
      SourceRange(0, 0))
  }
}
