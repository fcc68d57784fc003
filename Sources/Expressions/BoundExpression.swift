package import Columnar
package import SQLTypes

/// An expression whose names, functions and types are known.
package indirect enum BoundExpression: Sendable {
  /// Column `index` of the input.
  case column(Int, SQLType)
  /// One value for all rows: a constant column of one row.
  case constant(Column, SQLType)
  /// A function whose arguments are evaluated for every row.
  case call(ScalarFunction, [BoundExpression], SourceRange)
  case not(BoundExpression)
  case and([BoundExpression])
  case or([BoundExpression])
  case isNull(BoundExpression, negated: Bool)
  /// `IS [NOT] TRUE` (or FALSE, if `value` is false).
  case isBoolean(BoundExpression, value: Bool, negated: Bool)
  /// Each condition is boolean; all results have the type.
  case caseWhen([(condition: BoundExpression, result: BoundExpression)], otherwise: BoundExpression, SQLType)
  /// The first that is not null; all have the type.
  case coalesce([BoundExpression], SQLType)
  /// TRY_CAST: NULL where the cast fails.
  case nullOnError(BoundExpression)
  /// Parameter `index`, from 0, of a statement whose parameters' types are being inferred. It is never evaluated: a plan
  /// that is run has constants in its place.
  case parameter(Int, SQLType)

  package var type: SQLType {
    switch self {
    case .column(_, let type), .constant(_, let type), .parameter(_, let type), .caseWhen(_, _, let type), .coalesce(_, let type): type
    case .call(let function, _, _): function.result
    case .not, .and, .or, .isNull, .isBoolean: .boolean
    case .nullOnError(let inner): inner.type
    }
  }

  /// Whether it has the same value for every row.
  package var isConstant: Bool {
    if case .constant = self { return true }
    return false
  }

  package static func null(_ type: SQLType) -> BoundExpression {
    .constant(.allNull(type.physicalType, count: 1), type)
  }
}

/// One overload of a function, an operator or a cast.
package struct ScalarFunction: Sendable {
  package typealias Kernel = @Sendable (_ arguments: [Column], _ count: Int) -> FunctionOutput

  /// As SQL text names it: `length`, `+`.
  package let name: String
  package let arguments: [SQLType]
  package let result: SQLType
  /// Whether it has a value for all arguments.
  package let neverFails: Bool
  /// Tells functions of one name and the same types apart whose kernels differ: equal in all, they are one function. Nil: the
  /// kernel has taken in something that is not told, so that it equals no other.
  package var variant: String?
  package let kernel: Kernel

  package init(
    _ name: String, _ arguments: [SQLType], _ result: SQLType, neverFails: Bool = false, variant: String? = nil,
    kernel: @escaping Kernel
  ) {
    self.variant = variant
    self.name = name
    self.arguments = arguments
    self.result = result
    self.neverFails = neverFails
    self.kernel = kernel
  }
}

/// What a function makes of a batch: a value for each row, or an error.
package struct FunctionOutput: Sendable {
  package var column: Column
  package var errors: [(row: Int, error: SQLError)] = []

  package init(_ column: Column, errors: [(row: Int, error: SQLError)] = []) {
    self.column = column
    self.errors = errors
  }

  /// A kernel's result, its faults told as errors of `type`.
  package init(_ result: KernelResult, _ type: SQLType) {
    column = result.column
    errors = result.failures.map { failure in
      (failure.row, failure.fault.error(type))
    }
  }

  package init(_ result: CheckedResult) {
    column = result.column
    errors = result.errors
  }
}

extension KernelFault {
  /// The fault of an operation that gives a `type`, as PostgreSQL words it.
  fileprivate func error(_ type: SQLType) -> SQLError {
    switch (self, type) {
    case (.divisionByZero, _): .divisionByZero()
    case (.underflow, _): SQLError(.numericValueOutOfRange, "value out of range: underflow")
    case (.outOfRange, .real), (.outOfRange, .double):
      SQLError(.numericValueOutOfRange, "value out of range: overflow")
    case (.outOfRange, _): .outOfRange(type)
    }
  }
}
