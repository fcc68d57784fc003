import Columnar
package import SQLTypes

/// Operators on numeric that can stay integers, because their operands are: the same answers as by way of numeric without
/// modifiers, which every other such operator takes, at a fraction of the work.
package enum ScaledOperators {
  /// A call of an operator that is known to compare or compute numerics, in integers; nil where that is not possible.
  ///
  /// | operator | operands |
  /// |---|---|
  /// | comparisons | a numeric(p, s) or an integer, and a constant; two numeric(p, s) of one scale and one width in memory |
  /// | `+ - *` | each a numeric(p <= 18, s), an integer, or a constant of at most 18 digits; not both constants |
  package static func call(
    _ name: String, _ arguments: [BoundExpression], at range: SourceRange
  ) -> BoundExpression? {
    guard arguments.count == 2, !arguments.allSatisfy(\.isConstant) else { return nil }
    let (left, right) = (arguments[0], arguments[1])
    if let op = Comparisons.operators.first(where: { $0.name == name })?.op { return compare(name, op, left, right, range) }
    let operators: [String: ArithmeticOperator] = ["+": .add, "-": .subtract, "*": .multiply]
    guard let op = operators[name], let a = operand(left, at: range), let b = operand(right, at: range) else { return nil }
    // The scales are the types'.
    let function = ScalarFunction(
      name, [a.expression.type, b.expression.type], .numeric(nil), neverFails: true, variant: "scaled"
    ) { arguments, _ in
      FunctionOutput(
        .scaledArithmetic(op, (arguments[0], a.scale, a.isScaled), (arguments[1], b.scale, b.isScaled)))
    }
    return .call(function, [a.expression, b.expression], range)
  }

  private static func compare(
    _ name: String, _ op: ComparisonOperator, _ left: BoundExpression, _ right: BoundExpression, _ range: SourceRange
  ) -> BoundExpression? {
    let function: ScalarFunction? =
      if let number = right.numericConstant, let (op, bound) = bound(op, left, number) {
        ScalarFunction(name, [left.type, right.type], .boolean, neverFails: true, variant: "scaled") { arguments, count in
          FunctionOutput(.compare(op, arguments[0], bound.broadcast(to: count)))
        }
      } else if let number = left.numericConstant, let (op, bound) = bound(op.mirrored, right, number) {
        ScalarFunction(name, [left.type, right.type], .boolean, neverFails: true, variant: "scaled") { arguments, count in
          FunctionOutput(.compare(op, arguments[1], bound.broadcast(to: count)))
        }
      } else {
        ofOneScale(name, op, left, right)
      }
    return function.map { .call($0, [left, right], range) }
  }

  private static func ofOneScale(
    _ name: String, _ op: ComparisonOperator, _ left: BoundExpression, _ right: BoundExpression
  ) -> ScalarFunction? {
    guard let a = left.scaledModifier, let b = right.scaledModifier, a.scale == b.scale,
      left.type.physicalType == right.type.physicalType
    else { return nil }
    return ScalarFunction(name, [left.type, right.type], .boolean, neverFails: true, variant: "of one scale") { arguments, _ in
      FunctionOutput(.compare(op, arguments[0], arguments[1]))
    }
  }

  /// How to compare a column with a constant of any scale: with the integer at or below it, by an operator that says the
  /// same. The call keeps the constant itself as its argument, for those who read the plan.
  private static func bound(
    _ op: ComparisonOperator, _ column: BoundExpression, _ number: Numeric
  ) -> (op: ComparisonOperator, bound: Column)? {
    func bounded<T: FixedWidthInteger & BitwiseCopyable>(_ integer: T.Type) -> (ComparisonOperator, Column)? {
      let modifier = column.scaledModifier
      let (floor, isExact) = number.floor(atScale: modifier?.scale ?? 0, as: integer)
      var (op, bound) = (op, floor)
      if modifier == nil {
        // An integer column can hold every integer: only a bound that is no stand-in for something beyond them will do.
        guard number.isFinite, floor > T.min, floor < T.max - 1, isExact || (op != .equal && op != .notEqual) else {
          return nil
        }
      }
      if !isExact {
        switch op {
        // No numeric column holds the smallest integer: nothing equals it.
        case .equal, .notEqual: bound = T.min
        case .less: op = .lessOrEqual
        case .greaterOrEqual: op = .greater
        case .lessOrEqual, .greater: break
        }
      }
      return (op, .constant(bound, column.type.physicalType, count: 1))
    }
    switch column.type {
    case .smallint: return bounded(Int16.self)
    case .integer: return bounded(Int32.self)
    case .bigint: return bounded(Int64.self)
    case .numeric(let modifier?): return modifier.precision <= 18 ? bounded(Int64.self) : bounded(Int128.self)
    default: return nil
    }
  }

  /// An operand as 64-bit numbers.
  private static func operand(
    _ expression: BoundExpression, at range: SourceRange
  ) -> (expression: BoundExpression, scale: Int, isScaled: Bool)? {
    if let number = expression.numericConstant {
      guard number.isFinite, number.scale <= 18, number.unscaled.magnitude < 1_000_000_000_000_000_000 else { return nil }
      let type = SQLType.numeric(SQLType.NumericModifier(precision: 18, scale: Int(number.scale)))
      return (.constant(.constant(Int64(number.unscaled), .int64, count: 1), type), Int(number.scale), true)
    }
    switch expression.type {
    case .numeric(let modifier?) where modifier.precision <= 18: return (expression, modifier.scale, true)
    case .bigint: return (expression, 0, false)
    case .smallint, .integer:
      return Casts.function(expression.type, .bigint).map { (.call($0, [expression], range), 0, false) }
    default: return nil
    }
  }
}

extension ComparisonOperator {
  /// The operator that says the same with its sides exchanged.
  fileprivate var mirrored: ComparisonOperator {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }
}

extension BoundExpression {
  /// The modifiers of an expression that holds scaled integers; of a constant none.
  fileprivate var scaledModifier: SQLType.NumericModifier? {
    guard case .numeric(let modifier?) = type, !isConstant else { return nil }
    return modifier
  }

  /// The value of an exact constant that is not null.
  fileprivate var numericConstant: Numeric? {
    guard case .constant(let column, let type) = self, !column.isNull(0) else { return nil }
    switch type {
    case .smallint, .integer, .bigint, .numeric:
      return Column.numericCells(column, from: type).value(0, as: NumericCell.self).numeric
    default: return nil
    }
  }
}

extension Numeric {
  /// The largest multiple of 10^-scale that is not above the number, as a scaled integer, and whether it is the number.
  ///
  /// What is beyond every value of a column gets a bound that compares alike; NaN is the column's own.
  func floor<T: FixedWidthInteger>(atScale scale: Int, as type: T.Type) -> (floor: T, isExact: Bool) {
    if isNaN { return (ScaledNumeric.nan(type), true) }
    let (below, above) = (T.min, T.max - 1)
    if !isFinite { return (isNegative ? below : above, false) }
    let digits = Int(self.scale) - scale
    if digits <= 0 {
      // A scale is at most 38, and so is what it is raised by.
      let (product, overflow) = unscaled.multipliedReportingOverflow(by: Int128(powerOfTen(-digits)))
      guard !overflow, let value = T(exactly: product), value > below, value <= above else {
        return (isZero ? 0 : isNegative ? below : above, isZero)
      }
      return (value, true)
    }
    if digits > Numeric.maximumDigits { return (isNegative ? -1 : 0, isZero) }
    let power = Int128(powerOfTen(digits))
    let quotient = floorDivide(unscaled, power)
    guard let value = T(exactly: quotient), value > below, value <= above else { return (isNegative ? below : above, false) }
    return (value, quotient * power == unscaled)
  }
}
