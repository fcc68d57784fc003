import Columnar
import Expressions
import SQLSyntax
import SQLTypes

/// What LIMIT, OFFSET and FETCH leave of a query's rows.
struct RowWindow {
  var limit: Int64?
  var offset: Int64 = 0
  var isLimiting: Bool { limit != nil || offset > 0 }
}

extension QueryBinder {
  /// - Errors: 2201W and 2201X for negative counts, 42P10 for a column, 42804 for what is no number, 0A000 for WITH TIES
  ///   and for what is not constant.
  func bindRowWindow(_ query: Query) throws(SQLError) -> RowWindow {
    if query.limitWithTies { throw .unsupported("FETCH … WITH TIES", at: query.limit?.range ?? query.range) }
    var window = RowWindow()
    if let limit = query.limit, let count = try rowCount(limit, "LIMIT") {
      if count < 0 { throw SQLError(.invalidRowCountInLimit, "LIMIT must not be negative", at: limit.range) }
      window.limit = count
    }
    if let offset = query.offset, let count = try rowCount(offset, "OFFSET") {
      if count < 0 { throw SQLError(.invalidRowCountInOffset, "OFFSET must not be negative", at: offset.range) }
      window.offset = count
    }
    return window
  }

  /// The number that a constant expression gives; nil for NULL, which means no bound, and for what is not known yet.
  private func rowCount(_ expression: Expr, _ clause: String) throws(SQLError) -> Int64? {
    if expression.containsColumn {
      throw SQLError(
        .invalidColumnReference, "argument of \(clause) must not contain variables", at: expression.range)
    }
    let binder = context.expressionBinder(Scope(), .refused(in: clause))
    let bound = try binder.bind(expression)
    guard let castContext = Casts.context(bound.type, .bigint), castContext <= .assignment else {
      throw SQLError(
        .datatypeMismatch, "argument of \(clause) must be type bigint, not type \(bound.type.baseName)",
        at: expression.range)
    }
    let number = try binder.cast(bound, to: .bigint, .assignment, at: expression.range)
    if number.hasParameter { return nil }
    guard number.readColumns.isEmpty else { throw .unsupported("\(clause) of this expression", at: expression.range) }
    let column = try number.constantValue()
    return column.isNull(0) ? nil : column.value(0, as: Int64.self)
  }
}

extension Expr {
  var containsColumn: Bool {
    if case .column = kind { return true }
    var found = false
    _ = try? mapOperands { (operand) throws(SQLError) in
      if operand.containsColumn { found = true }
      return operand
    }
    return found
  }
}
