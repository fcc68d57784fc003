import Columnar
import Expressions
import SQLCatalog
import SQLSyntax
import SQLTypes

/// What depends on the session and the catalog: `current_user`, `current_setting('…')`, `'t'::regclass`.
extension ExpressionBinder {
  /// The session that is asked; a kept view has none.
  ///
  /// - Errors: 0A000.
  func sessionFacts(_ name: String, at range: SourceRange) throws(SQLError) -> SessionFacts {
    if let session { return session }
    throw .unsupported(
      "\(name) here", hint: "It tells of one session and one moment, and what is kept has none.", at: range)
  }

  /// The overloads that a function's name has for this session.
  func sessionOverloads(_ name: String, at range: SourceRange) throws(SQLError) -> [Overload] {
    if name == "quote_ident" { return [SessionFunctions.quoteIdentifier] }
    if SessionFunctions.refused.contains(name) { throw .unsupported("\(name)()", at: range) }
    let facts = session ?? .nobody
    let overloads = SessionFunctions(facts: facts).overloads(name) + CatalogFunctions(facts: facts).overloads(name)
    if overloads.isEmpty { return [] }
    _ = try sessionFacts("\(name)()", at: range)
    if name == "current_setting" {
      // A setting may change while the plan is kept: the plan is of this moment, as if it had asked for now().
      _ = statementTime?.read()
    }
    return overloads
  }

  /// CURRENT_USER and its like.
  func bindCurrentName(_ value: CurrentValue, at range: SourceRange) throws(SQLError) -> BoundExpression {
    let facts = try sessionFacts(value.rawValue, at: range)
    let name =
      switch value {
      case .catalog: facts.database
      case .schema: "public"
      default: facts.user
      }
    return .constant(.constant(text: name, count: 1), .catalogText(.name))
  }

  /// A cast to or from a type of objects by name; nil for any other cast.
  ///
  /// - Errors: 42P01, 42704, 3F000 or 42883 for a constant text that names nothing; 0A000 in a kept view.
  func castThroughCatalog(
    _ expression: BoundExpression, to target: SQLType, at range: SourceRange, raisesNow: Bool
  ) throws(SQLError) -> BoundExpression? {
    guard let function = try objectCast(expression.type, target, at: range) else { return nil }
    return try apply(function, to: expression, at: range, raisesNow: raisesNow)
  }

  private func objectCast(_ source: SQLType, _ target: SQLType, at range: SourceRange) throws(SQLError) -> ScalarFunction? {
    switch (source, target) {
    case (_, .catalogText(let type)) where type.isObject && (source.isText || source == .unknown):
      let names = ObjectNames(catalog: try sessionFacts(target.name, at: range).catalog)
      return .byRow(target.name, [source], target) { (arguments) throws(SQLError) in
        guard case .text(let text) = arguments[0] else { return .null }
        guard let shown = names.shown(text, type) else { throw ObjectNames.missing(text, type) }
        return .text(shown)
      }
    case (_, .catalogText(let type)) where type.isObject && (source == .oid || source.isNumeric):
      let names = ObjectNames(catalog: try sessionFacts(target.name, at: range).catalog)
      return .byRow(target.name, [source], target) { arguments in
        guard case .integer(let number) = arguments[0] else { return .null }
        return .text(names.shown(number, type))
      }
    case (.catalogText(let type), .oid) where type.isObject:
      let names = ObjectNames(catalog: try sessionFacts(source.name, at: range).catalog)
      return .byRow("oid", [source], target) { (arguments) throws(SQLError) in
        guard case .text(let text) = arguments[0] else { return .null }
        guard let number = names.objectID(text, type) else { throw ObjectNames.missing(text, type) }
        return .integer(number)
      }
    default: return nil
    }
  }

  /// `x COLLATE "C"`: texts compare by their bytes, whatever is said.
  ///
  /// - Errors: 42804 for what is no text, 0A000 for another order.
  func bindCollate(_ operand: Expr, _ name: ObjectName, at range: SourceRange) throws(SQLError) -> BoundExpression {
    let bound = try bind(operand)
    guard bound.type.isText || bound.type == .unknown else {
      throw SQLError(.datatypeMismatch, "collations are not supported by type \(bound.type.baseName)", at: range)
    }
    guard name.parts.canBeBuiltIn, ["C", "POSIX", "default", "ucs_basic"].contains(name.last.name) else {
      throw .unsupported(
        "collation \"\(name.last.name)\"", hint: "Texts sort by their bytes: collation \"C\".", at: name.range)
    }
    return bound.type == .unknown ? try cast(bound, to: .text, .implicit, at: operand.range) : bound
  }
}
