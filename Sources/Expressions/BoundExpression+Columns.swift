extension BoundExpression {
  /// The columns of the input that it reads, or may read on some row.
  package var columnsRead: Set<Int> {
    switch self {
    case .column(let index, _): [index]
    case .constant, .parameter: []
    case .call(_, let arguments, _): Self.columns(of: arguments)
    case .not(let operand), .isNull(let operand, _), .isBoolean(let operand, _, _), .nullOnError(let operand):
      operand.columnsRead
    case .and(let operands), .or(let operands), .coalesce(let operands, _): Self.columns(of: operands)
    case .caseWhen(let branches, let otherwise, _):
      branches.reduce(otherwise.columnsRead) { $0.union($1.condition.columnsRead).union($1.result.columnsRead) }
    }
  }

  private static func columns(of expressions: [BoundExpression]) -> Set<Int> {
    expressions.reduce(into: []) { $0.formUnion($1.columnsRead) }
  }
}
