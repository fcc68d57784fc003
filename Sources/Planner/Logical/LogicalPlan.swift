package import Expressions
package import SQLTypes

/// A column of a plan's rows.
package struct OutputColumn: Hashable, Sendable {
  package var name: String
  package var type: SQLType

  package init(name: String, type: SQLType) {
    self.name = name
    self.type = type
  }
}

/// A query as relational operators.
package indirect enum LogicalPlan: Sendable {
  /// One row without columns: what SELECT without FROM reads.
  case unit
  /// Rows of constants, evaluated once.
  case values([[BoundExpression]])
  /// The rows for which the condition is true.
  case filter(LogicalPlan, BoundExpression)
  /// One expression for each output column.
  case project(LogicalPlan, [BoundExpression])
  /// All rows of all inputs.
  case unionAll([LogicalPlan])
}

/// A plan and the names and types of its rows.
package struct PlannedQuery: Sendable {
  package var plan: LogicalPlan
  package var columns: [OutputColumn]
}
