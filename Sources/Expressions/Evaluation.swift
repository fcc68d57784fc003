package import Columnar
package import SQLTypes

extension BoundExpression {
  /// The expression's value for each row of `input`.
  ///
  /// - Errors: rows that fail are listed in `errors`, located at the failing node; their slots hold anything.
  package func evaluate(_ input: Batch, errors: inout RowErrors) -> Column {
    switch self {
    case .column(let index, _):
      return input.columns[index]
    case .constant(let column, _):
      return column.broadcast(to: input.count)
    case .call(let function, let arguments, let range):
      let output = function.kernel(arguments.map { $0.evaluate(input, errors: &errors) }, input.count)
      for (row, error) in output.errors { errors.append(row: row, error.located(at: range)) }
      return output.column
    case .not(let operand):
      return .not(operand.evaluate(input, errors: &errors))
    case .and(let operands):
      // A row that is false already reaches no further operand.
      return Self.evaluateChain(operands, input, errors: &errors, stopsAt: false)
    case .or(let operands):
      return Self.evaluateChain(operands, input, errors: &errors, stopsAt: true)
    case .isNull(let operand, let negated):
      let isNull = Column.isNull(operand.evaluate(input, errors: &errors))
      return negated ? .not(isNull) : isNull
    case .isBoolean(let operand, let value, let negated):
      let column = operand.evaluate(input, errors: &errors)
      let holds = Column.isTrue(value ? column : .not(column))
      return negated ? .not(holds) : holds
    case .caseWhen(let branches, let otherwise, let type):
      return Self.evaluateCase(branches, otherwise, type, input, errors: &errors)
    case .coalesce(let operands, let type):
      return Self.evaluateCoalesce(operands, type, input, errors: &errors)
    case .nullOnError(let operand):
      return Self.evaluateNullOnError(operand, input)
    case .parameter: preconditionFailure("a plan that is run has values in place of parameters")
    }
  }

  private static func evaluateChain(
    _ operands: [BoundExpression], _ input: Batch, errors: inout RowErrors, stopsAt isTrueEnough: Bool
  ) -> Column {
    var result = operands[0].evaluate(input, errors: &errors)
    for operand in operands.dropFirst() {
      if operand.neverFails {
        // Cheaper for all rows than to gather those that reach it.
        let next = operand.evaluate(input, errors: &errors)
        result = isTrueEnough ? .or(result, next) : .and(result, next)
        continue
      }
      let going = Selection.whereNotTrue(isTrueEnough ? result : .isTrue(.not(result)))
      if going.count == 0 { break }
      let next = operand.evaluate(on: going, of: input, errors: &errors)
      // Rows that did not reach the operand keep their value: it decides already.
      let spread = going.count == input.count ? next : Column.scatter([(going, next)], .bool, count: input.count)
      result = isTrueEnough ? .or(result, spread) : .and(result, spread)
    }
    return result
  }

  /// The value for the selected rows alone.
  private func evaluate(on selection: Selection, of input: Batch, errors: inout RowErrors) -> Column {
    if selection.count == input.count { return evaluate(input, errors: &errors) }
    var branchErrors = RowErrors()
    let read = readColumns
    // Only what is read is gathered; the other columns keep their places.
    let columns = input.columns.enumerated().map { index, column in
      read.contains(index) ? column.gather(selection) : .allNull(column.physicalType, count: selection.count)
    }
    let column = evaluate(Batch(count: selection.count, columns: columns), errors: &branchErrors)
    errors.append(branchErrors, from: selection)
    return column
  }

  private static func evaluateCase(
    _ branches: [(condition: BoundExpression, result: BoundExpression)], _ otherwise: BoundExpression, _ type: SQLType,
    _ input: Batch, errors: inout RowErrors
  ) -> Column {
    let physicalType = type.physicalType
    var parts: [(Selection, Column)] = []
    var rest = Selection.all(input.count)
    for (condition, result) in branches where rest.count > 0 {
      let decided = condition.evaluate(on: rest, of: input, errors: &errors)
      let rows = rest.composed(with: .whereTrue(decided))
      if rows.count > 0 { parts.append((rows, result.evaluate(on: rows, of: input, errors: &errors))) }
      rest = rest.composed(with: .whereNotTrue(decided))
    }
    if rest.count > 0 { parts.append((rest, otherwise.evaluate(on: rest, of: input, errors: &errors))) }
    return .scatter(parts, physicalType, count: input.count)
  }

  private static func evaluateCoalesce(
    _ operands: [BoundExpression], _ type: SQLType, _ input: Batch, errors: inout RowErrors
  ) -> Column {
    var parts: [(Selection, Column)] = []
    var rest = Selection.all(input.count)
    for operand in operands where rest.count > 0 {
      let column = operand.evaluate(on: rest, of: input, errors: &errors)
      let isNull = Column.isNull(column)
      let found = Selection.whereNotTrue(isNull)
      parts.append((rest.composed(with: found), column.gather(found)))
      rest = rest.composed(with: .whereTrue(isNull))
    }
    return .scatter(parts, type.physicalType, count: input.count)
  }

  private static func evaluateNullOnError(_ operand: BoundExpression, _ input: Batch) -> Column {
    var failed = RowErrors()
    let column = operand.evaluate(input, errors: &failed)
    if failed.isEmpty { return column }
    let bad = Set(failed.entries.map(\.row))
    let good = Selection((0..<input.count).filter { !bad.contains($0) })
    return .scatter([(good, column.gather(good))], column.physicalType, count: input.count)
  }

  /// The value of an expression without columns.
  ///
  /// - Returns: a column of one row.
  /// - Errors: what it fails with.
  package func constantValue() throws(SQLError) -> Column {
    var errors = RowErrors()
    let column = evaluate(.unit, errors: &errors)
    if let error = errors.first { throw error }
    return column
  }

  /// The same expression as a constant, if it is one and does not fail; folding never raises an error early.
  package func folded() -> BoundExpression {
    var errors = RowErrors()
    let column = evaluate(.unit, errors: &errors)
    guard errors.isEmpty else { return self }
    return .constant(Column.scatter([(Selection([0]), column)], column.physicalType, count: 1).asOneValue(), type)
  }
}

extension Column {
  /// A column of one row as a constant.
  fileprivate func asOneValue() -> Column {
    Column(physicalType, count: 1, values: values, nulls: nulls, arenas: arenas, isConstant: true)
  }
}
