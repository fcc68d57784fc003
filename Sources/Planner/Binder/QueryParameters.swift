package import Expressions
package import SQLSyntax
package import SQLTypes

/// The parameters `$1`, `$2`, … of the statement that is bound.
///
/// A statement with parameters is bound twice. The first time, their types are *inferred*, as PostgreSQL does: the first
/// construct that gives a parameter a type decides it, so a parameter behaves like a quoted literal until then. That plan
/// tells types and columns and is never run. When values have been *given*, each is a typed constant in its place, so that
/// rules see it as one.
package final class QueryParameters {
  private struct Parameter {
    var type: SQLType?
    /// Where it is first mentioned.
    var range: SourceRange?
  }

  private var inferred: [Parameter]
  private let given: [BoundExpression]?

  /// Types are to be inferred.
  ///
  /// - declared: the types of the first parameters, as far as the client says them.
  package init(declared: [SQLType?] = []) {
    inferred = declared.map { Parameter(type: $0?.withoutModifiers) }
    given = nil
  }

  /// Values are given: constants of one row.
  package init(values: [BoundExpression]) {
    inferred = []
    given = values
  }

  /// The types of all parameters, once the statement has been bound.
  ///
  /// - Errors: 42P18 for one that nothing gave a type.
  package func types() throws(SQLError) -> [SQLType] {
    var types: [SQLType] = []
    for (index, parameter) in inferred.enumerated() {
      guard let type = parameter.type else {
        throw SQLError(
          .indeterminateDatatype, "could not determine data type of parameter $\(index + 1)", at: parameter.range)
      }
      types.append(type)
    }
    return types
  }

  /// The parameter with a number from 1; of type `unknown` until something decides.
  ///
  /// - Errors: 42P02 where there are fewer values.
  func parameter(_ number: Int, at range: SourceRange) throws(SQLError) -> BoundExpression {
    if let given {
      guard number <= given.count else { throw .undefinedParameter(number, at: range) }
      return given[number - 1]
    }
    while inferred.count < number { inferred.append(Parameter()) }
    if inferred[number - 1].range == nil { inferred[number - 1].range = range }
    return .parameter(number - 1, inferred[number - 1].type ?? .unknown)
  }

  /// What is known by now of an expression that was bound before something else gave its parameter a type.
  func refreshed(_ expression: BoundExpression) -> BoundExpression {
    guard case .parameter(let index, .unknown) = expression, let type = inferred[index].type else { return expression }
    return .parameter(index, type)
  }

  /// Gives the parameter of an index from 0 a type.
  ///
  /// - Errors: 42P08 if it has got another one meanwhile.
  func decide(_ index: Int, _ type: SQLType, at range: SourceRange) throws(SQLError) -> BoundExpression {
    let type = type.withoutModifiers
    if let known = inferred[index].type, known != type {
      throw SQLError(
        .ambiguousParameter, "inconsistent types deduced for parameter $\(index + 1)",
        detail: "\(known.baseName) versus \(type.baseName)", at: inferred[index].range ?? range)
    }
    inferred[index].type = type
    return .parameter(index, type)
  }
}

extension ExpressionBinder {
  /// The value that EXECUTE gives a parameter: an expression without columns, as a constant of the parameter's type.
  ///
  /// - Errors: 42804 for a type that is not assigned to the parameter's, and what the expression fails with.
  package static func value(
    _ expression: Expr, of number: Int, as type: SQLType, _ context: BindingContext
  ) throws(SQLError) -> BoundExpression {
    let binder = context.expressionBinder(Scope(), .refused(in: "EXECUTE parameters"))
    let bound = try binder.bind(expression)
    guard let needed = Casts.context(bound.type, type), needed <= .assignment else {
      throw SQLError(
        .datatypeMismatch,
        "parameter $\(number) of type \(bound.type.baseName) cannot be coerced to the expected type \(type.baseName)",
        hint: "You will need to rewrite or cast the expression.", at: expression.range)
    }
    let value = try binder.cast(bound, to: type, .assignment, at: expression.range)
    return .constant(try value.constantValue(), type)
  }
}

extension SQLError {
  static func undefinedParameter(_ number: Int, at range: SourceRange) -> SQLError {
    SQLError(.undefinedParameter, "there is no parameter $\(number)", at: range)
  }
}
