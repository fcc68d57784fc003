extension BoundExpression {
  /// The expressions that this one is made of; empty for a leaf.
  package var operands: [BoundExpression] {
    switch self {
    case .column, .constant, .parameter: []
    case .call(_, let arguments, _): arguments
    case .not(let operand), .isNull(let operand, _), .isBoolean(let operand, _, _), .nullOnError(let operand): [operand]
    case .and(let operands), .or(let operands), .coalesce(let operands, _): operands
    case .caseWhen(let branches, let otherwise, _): branches.flatMap { [$0.condition, $0.result] } + [otherwise]
    }
  }

  /// The columns that the expression reads.
  package var readColumns: Set<Int> {
    var result: Set<Int> = []
    collectColumns(&result)
    return result
  }

  /// Whether it holds a parameter without a value, so that it cannot be evaluated.
  package var hasParameter: Bool {
    if case .parameter = self { return true }
    return operands.contains(where: \.hasParameter)
  }

  private func collectColumns(_ columns: inout Set<Int>) {
    if case .column(let index, _) = self { columns.insert(index) }
    for operand in operands { operand.collectColumns(&columns) }
  }

  /// Whether no row can fail: then it does not matter which rows it is evaluated for.
  package var neverFails: Bool {
    if case .call(let function, _, _) = self, !function.neverFails { return false }
    return operands.allSatisfy(\.neverFails)
  }
}
