import Expressions

extension BoundExpression {
  /// The same expression with each operand replaced.
  func mapOperands(_ map: (BoundExpression) -> BoundExpression) -> BoundExpression {
    switch self {
    case .column, .constant, .parameter: self
    case .call(let function, let arguments, let range): .call(function, arguments.map(map), range)
    case .not(let operand): .not(map(operand))
    case .and(let operands): .and(operands.map(map))
    case .or(let operands): .or(operands.map(map))
    case .isNull(let operand, let negated): .isNull(map(operand), negated: negated)
    case .isBoolean(let operand, let value, let negated): .isBoolean(map(operand), value: value, negated: negated)
    case .caseWhen(let branches, let otherwise, let type):
      .caseWhen(
        branches.map { (condition: map($0.condition), result: map($0.result)) }, otherwise: map(otherwise), type)
    case .coalesce(let operands, let type): .coalesce(operands.map(map), type)
    case .nullOnError(let operand): .nullOnError(map(operand))
    }
  }

  /// The same expression with each column replaced by an expression.
  func substitutingColumns(_ replacement: (Int, BoundExpression) -> BoundExpression) -> BoundExpression {
    if case .column(let index, _) = self { return replacement(index, self) }
    return mapOperands { $0.substitutingColumns(replacement) }
  }

  /// The same expression over renumbered columns.
  func mapColumns(_ number: (Int) -> Int) -> BoundExpression {
    substitutingColumns { index, column in .column(number(index), column.type) }
  }
}
