package import Expressions
import SQLTypes

extension BoundExpression {
  /// The conditions that an AND holds, in the order in which they are evaluated.
  package var conjuncts: [BoundExpression] {
    if case .and(let operands) = self { operands.flatMap(\.conjuncts) } else { [self] }
  }

  /// One condition of several; nil for none.
  static func all(_ conditions: [BoundExpression]) -> BoundExpression? {
    conditions.count > 1 ? .and(conditions) : conditions.first
  }

  /// Whether equal values of other form (1.0 and 1.00) give it the same value, so that it may be evaluated before they
  /// are made canonical (DESIGN §9.13): such columns stand only in comparisons and IS NULL.
  var ignoresForm: Bool {
    switch self {
    case .column(_, let type): !type.hasSeveralForms
    case .isNull(.column, _): true
    case .call(let function, let arguments, _) where function.isComparison:
      arguments.allSatisfy { if case .column = $0 { true } else { $0.ignoresForm } }
    default: operands.allSatisfy(\.ignoresForm)
    }
  }
}

extension ScalarFunction {
  var isComparison: Bool {
    arguments.count == 2 && result == .boolean && ["=", "<>", "<", "<=", ">", ">="].contains(name)
  }
}

extension SQLType {
  /// Whether equal values can differ in their bytes.
  fileprivate var hasSeveralForms: Bool {
    switch self {
    case .real, .double, .numeric(nil), .interval: true
    default: false
    }
  }
}
