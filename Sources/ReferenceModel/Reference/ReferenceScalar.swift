import Columnar
package import Expressions
package import SQLTypes

extension BoundExpression {
  /// The expression's value for one row, node by node as SQL defines it; only functions run their kernels, on columns of one row.
  ///
  /// - Errors: that of the first failing node which the row reaches, in the order in which SQL evaluates.
  package func value(of row: Row) throws(SQLError) -> Value {
    switch self {
    case .column(let index, _): return row[index]
    case .call(let function, let arguments, let range):
      var columns: [Column] = []
      for argument in arguments { columns.append(try argument.value(of: row).column(as: argument.type)) }
      let output = function.kernel(columns, 1)
      if let (_, error) = output.errors.first { throw error.located(at: range) }
      return Value(output.column, row: 0, as: function.result)
    case .not(let operand):
      return try operand.truth(of: row).map { .boolean(!$0) } ?? .null
    case .and(let operands): return try Self.chain(operands, row, endsAt: false)
    case .or(let operands): return try Self.chain(operands, row, endsAt: true)
    case .isNull(let operand, let negated): return .boolean(try operand.value(of: row).isNull != negated)
    case .isBoolean(let operand, let value, let negated): return .boolean((try operand.truth(of: row) == value) != negated)
    case .caseWhen(let branches, let otherwise, _):
      for (condition, result) in branches where try condition.truth(of: row) == true { return try result.value(of: row) }
      return try otherwise.value(of: row)
    case .coalesce(let operands, _):
      for operand in operands {
        let value = try operand.value(of: row)
        if !value.isNull { return value }
      }
      return .null
    case .nullOnError(let operand):
      do throws(SQLError) { return try operand.value(of: row) } catch { return .null }
    case .constant(let column, let type):
      return Value(column, row: 0, as: type)
    case .parameter: preconditionFailure("a plan that is run has values in place of parameters")
    }
  }

  /// True, false or nil for unknown.
  package func truth(of row: Row) throws(SQLError) -> Bool? {
    switch try value(of: row) {
    case .boolean(let value): return value
    case .null: return nil
    default: preconditionFailure("a condition is boolean")
    }
  }

  /// AND ends at the first false operand, OR at the first true one; what comes behind is not evaluated.
  private static func chain(_ operands: [BoundExpression], _ row: Row, endsAt end: Bool) throws(SQLError) -> Value {
    var isUnknown = false
    for operand in operands {
      guard let truth = try operand.truth(of: row) else {
        isUnknown = true
        continue
      }
      if truth == end { return .boolean(end) }
    }
    return isUnknown ? .null : .boolean(!end)
  }

  /// The columns that occur in the expression, whether a row reaches them or not.
  package var columnsRead: Set<Int> {
    switch self {
    case .column(let index, _): [index]
    case .call(_, let operands, _), .and(let operands), .or(let operands), .coalesce(let operands, _):
      operands.reduce(into: []) { $0.formUnion($1.columnsRead) }
    case .not(let operand), .isNull(let operand, _), .isBoolean(let operand, _, _), .nullOnError(let operand):
      operand.columnsRead
    case .caseWhen(let branches, let otherwise, _):
      branches.reduce(into: otherwise.columnsRead) { $0.formUnion($1.condition.columnsRead.union($1.result.columnsRead)) }
    case .constant, .parameter: []
    }
  }
}
