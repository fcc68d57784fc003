import Columnar
import Expressions
import SQLTypes

extension BoundExpression {
  /// Whether evaluating it can fail on some row. Rules may let a row reach such an expression less often, never more.
  var mayFail: Bool {
    switch self {
    case .call(let function, let arguments, _):
      (function.mayFail && !function.isTotal(for: arguments)) || arguments.contains(where: \.mayFail)
    case .nullOnError: false
    default: operands.contains(where: \.mayFail)
    }
  }
}

extension ScalarFunction {
  private static let comparisons: Set<String> = ["=", "<>", "<", "<=", ">", ">="]

  /// What is not known to give a value for every row may fail.
  var mayFail: Bool {
    if Self.comparisons.contains(name), arguments.count == 2, result == .boolean { return false }
    if name == "||", arguments.allSatisfy(\.isText) { return false }
    if isCast {
      // To a wider type, or to one of no limited length.
      let widenings: [SQLType: [SQLType]] = [
        .smallint: [.integer, .bigint, .real, .double, .numeric(nil)],
        .integer: [.bigint, .real, .double, .numeric(nil)], .bigint: [.real, .double, .numeric(nil)], .real: [.double],
      ]
      if result == .text || result == .varchar(nil) { return false }
      if case .numeric = arguments[0], result == .numeric(nil) { return false }
      return !(widenings[arguments[0]]?.contains(result) ?? false)
    }
    return !["upper", "lower", "length", "char_length", "octet_length"].contains(name)
  }
}

extension ScalarFunction {
  /// Whether it cannot fail with these arguments: LIKE fails only if its pattern ends with the escape character, which a
  /// pattern of that one character shows.
  fileprivate func isTotal(for arguments: [BoundExpression]) -> Bool {
    guard name == "~~" || name == "~~*", arguments.count == 2, case .constant(let pattern, _) = arguments[1] else {
      return false
    }
    if pattern.isNull(0) { return true }
    guard let last = pattern.text(0).unicodeScalars.last else { return true }
    return kernel([.constant(text: "x", count: 1), .constant(text: String(last), count: 1)], 1).errors.isEmpty
  }
}

extension LogicalPlan {
  /// Whether some expression of the plan can fail on a row. A sum can leave its type.
  var mayFail: Bool {
    switch self {
    case .unit, .scan: false
    case .values(let rows, _): rows.contains { $0.contains(where: \.mayFail) }
    case .filter(let input, let condition): condition.mayFail || input.mayFail
    case .project(let input, let expressions): expressions.contains(where: \.mayFail) || input.mayFail
    // A window can begin before the first timestamp.
    case .windows: true
    case .unionAll(let inputs): inputs.contains(where: \.mayFail)
    case .distinct(let input), .topK(let input, _, _, _): input.mayFail
    case .aggregate(let input, _, let calls):
      calls.contains { $0.function == .sum || $0.function == .avg } || input.mayFail
    case .join(let join): join.residual?.mayFail ?? false || join.left.mayFail || join.right.mayFail
    }
  }
}
