package import Columnar
import Expressions
import Planner
import SQLCatalog
import SQLSyntax
package import SQLTypes

/// Statements that are kept to be run with values: the wire's extended protocol, and PREPARE and EXECUTE.
extension Session {
  /// Binds a text of one statement; nil if it holds none.
  ///
  /// - parameterTypes: the types of the first parameters; nil where the statement is to say it.
  /// - Errors: 42601 for several statements, 42P18 for a parameter of which nothing says the type.
  package func prepare(_ text: String, parameterTypes: [SQLType?] = []) throws(SQLError) -> PreparedStatement? {
    try failingBlock { () throws(SQLError) in
      let statements = Parser.parseScript(text)
      guard let first = statements.first else { return nil }
      if statements.count > 1 {
        throw SQLError(
          .syntaxError, "cannot insert multiple commands into a prepared statement", at: statements[1].range)
      }
      return try described(first.result.get(), text, parameterTypes)
    }
  }

  /// Keeps a statement under a name, or with nil forgets it.
  package func keep(_ statement: PreparedStatement?, as name: String) { namedStatements[name] = statement }

  /// - values: one for each parameter, columns of one row and of its type.
  /// - Errors: a failing row's, or 57014 when cancelled.
  package func execute(_ statement: PreparedStatement, _ values: [Column] = []) throws(SQLError) -> StatementResult {
    let constants = zip(values, statement.parameterTypes).map { BoundExpression.constant($0, $1) }
    return try failingBlock { () throws(SQLError) in try performDescribed(statement, constants) }
  }

  /// Runs a statement that answers what it was described to, however long ago that was.
  ///
  /// - Errors: 0A000 if its columns are now others.
  private func performDescribed(
    _ prepared: PreparedStatement, _ values: [BoundExpression]
  ) throws(SQLError) -> StatementResult {
    let mayDiffer =
      switch prepared.statement.kind {
      case .execute, .fetch: true
      default: prepared.catalogVersion != catalog.version
      }
    if mayDiffer {
      let now = try described(prepared.statement, prepared.text, prepared.parameterTypes)
      try Self.check(now.columns, of: prepared)
    }
    let result = try perform(prepared, values.isEmpty ? nil : values)
    // The catalog may have changed since.
    try Self.check(result.copyFormat == nil ? result.columns : nil, of: prepared)
    return result
  }

  private static func check(_ columns: [OutputColumn]?, of prepared: PreparedStatement) throws(SQLError) {
    if columns?.map(\.type.withoutModifiers) != prepared.columns?.map(\.type.withoutModifiers) {
      throw SQLError(.featureNotSupported, "cached plan must not change result type", at: prepared.statement.range)
    }
  }

  /// A parameter's value as its text says, as PostgreSQL's input function of the type reads it.
  ///
  /// - Returns: a column of one row.
  package static func value(of text: String, as type: SQLType) throws(SQLError) -> Column {
    let literal = BoundExpression.constant(.constant(text: text, count: 1), .unknown)
    guard let read = Casts.function(.unknown, type) else { return .constant(text: text, count: 1) }
    do throws(SQLError) {
      return try BoundExpression.call(read, [literal], SourceRange(0, 0)).constantValue()
    } catch { throw error.withoutRange }
  }

  /// What the statement answers and takes, found before it runs. Statements other than queries are bound again when they
  /// run; bound here too, only their columns, their parameters and their errors come of it.
  private func described(
    _ statement: Statement, _ text: String, _ declared: [SQLType?]
  ) throws(SQLError) -> PreparedStatement {
    try refuseIfFailed(statement)
    let catalog = self.catalog
    let parameters = QueryParameters(declared: declared)
    var context = facts().context(catalog)
    context.parameters = parameters
    // Parameters without values are nothing to rules.
    context.options.appliesRules = false
    var prepared = PreparedStatement(statement: statement, text: text, catalogVersion: catalog.version)
    var planned: PlannedQuery?
    switch statement.kind {
    case .query(let query) where query.emit?.mode == .changes:
      prepared.columns = try bindEmitChanges(query, context).allColumns
    case .subscribe(let subscribe): prepared.columns = try bindSubscribe(subscribe, context).allColumns
    case .query(let query):
      planned = try QueryBinder.plan(query, context: context)
      prepared.columns = planned?.columns
    case .insert, .update, .delete: prepared.columns = try WritePlan(statement, context).returningColumns
    case .explain(let explain):
      prepared.columns = Self.explainColumns
      if case .query(let query) = explain.statement.kind { _ = try QueryBinder.plan(query, context: context) }
    case .show(let show): prepared.columns = try Self.columns(of: show)
    case .execute(let name, _): prepared.columns = try namedStatement(name).columns
    case .fetch(let fetch): prepared.columns = fetch.isMove ? nil : try cursor(fetch.cursor).columns
    case .declareCursor(let cursor):
      switch cursor.source {
      case .query(let query): _ = try QueryBinder.plan(query, context: context)
      case .subscribe(let subscribe): _ = try bindSubscribe(subscribe, context)
      }
    default: break
    }
    prepared.parameterTypes = try parameters.types()
    if let planned, prepared.parameterTypes.isEmpty {
      prepared.plan = PreparedStatement.Plan(
        query: planned.optimized(), catalogVersion: catalog.version,
        isOfMoment: context.statementTime?.isRead == true)
    }
    return prepared
  }

  // MARK: PREPARE, EXECUTE, DEALLOCATE, DISCARD

  func prepare(
    _ name: Identifier, _ types: [TypeName], _ statement: Statement, _ text: String
  ) throws(SQLError) -> StatementResult {
    switch statement.kind {
    case .query, .insert, .update, .delete: break
    default: throw .unsupported("PREPARE of \(statement.kind.name)", at: statement.range)
    }
    if namedStatements[name.name] != nil {
      throw SQLError(
        .duplicatePreparedStatement, "prepared statement \"\(name.name)\" already exists", at: name.range)
    }
    var declared: [SQLType?] = []
    for type in types { declared.append(try SQLType(type)) }
    let prepared = try described(statement, text, declared)
    namedStatements[name.name] = prepared
    return StatementResult(tag: "PREPARE", nameChange: .prepared(name.name, prepared))
  }

  /// - Errors: 42601 for another number of values than parameters, 42804 for a value of a type that is not assigned to the
  ///   parameter's.
  func execute(_ name: Identifier, _ arguments: [Expr]) throws(SQLError) -> StatementResult {
    let prepared = try namedStatement(name)
    let types = prepared.parameterTypes
    if arguments.count != types.count {
      throw SQLError(
        .syntaxError, "wrong number of parameters for prepared statement \"\(name.name)\"",
        detail: "Expected \(types.count) parameters but got \(arguments.count).", at: name.range)
    }
    let context = facts().context(catalog)
    var values: [BoundExpression] = []
    for (index, argument) in arguments.enumerated() {
      values.append(try ExpressionBinder.value(argument, of: index + 1, as: types[index], context))
    }
    do throws(SQLError) {
      return try performDescribed(prepared, values)
    } catch {
      // It points into the text of PREPARE, which is not the one at hand.
      throw error.withoutRange
    }
  }

  func deallocate(_ name: Identifier?) throws(SQLError) -> StatementResult {
    guard let name else {
      namedStatements = [:]
      return StatementResult(tag: "DEALLOCATE ALL", nameChange: .deallocatedAll)
    }
    _ = try namedStatement(name)
    namedStatements[name.name] = nil
    return StatementResult(tag: "DEALLOCATE", nameChange: .deallocated(name.name))
  }

  /// DISCARD ALL sets the session back to how it began. Errors: 25001 in a transaction block.
  func discard(_ target: DiscardTarget) throws(SQLError) -> StatementResult {
    var result = StatementResult(tag: "DISCARD \(target.rawValue)")
    if target == .all {
      if block != nil {
        throw SQLError(.activeTransaction, "DISCARD ALL cannot run inside a transaction block")
      }
      namedStatements = [:]
      heldCursors = [:]
      _ = try reset(nil)
      result.nameChange = .deallocatedAll
    }
    // Plans are made again when they are out of date; there are neither sequences nor temporary relations.
    return result
  }

  private func namedStatement(_ name: Identifier) throws(SQLError) -> PreparedStatement {
    guard let prepared = namedStatements[name.name] else {
      throw SQLError(
        .invalidStatementName, "prepared statement \"\(name.name)\" does not exist",
        hint: Nearest.hint(for: name.name, among: Array(namedStatements.keys)), at: name.range)
    }
    return prepared
  }
}
