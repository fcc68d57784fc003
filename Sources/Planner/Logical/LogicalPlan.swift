package import Expressions
package import SQLCatalog
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

/// A query as relational operators. Operators refer to columns of their input by number; what they need computed, a
/// `project` below them computes.
package indirect enum LogicalPlan: Sendable {
  /// One row without columns: what SELECT without FROM reads.
  case unit
  /// Rows of constants, evaluated once, and the types of their columns.
  case values([[BoundExpression]], [SQLType])
  /// All columns of a stream, a table, a materialized view or a system view.
  case scan(RelationID, [SQLType])
  /// The rows for which the condition is true.
  case filter(LogicalPlan, BoundExpression)
  /// One expression for each output column.
  case project(LogicalPlan, [BoundExpression])
  /// Each row once for each window that holds its time, with the window's start behind its columns (`TimeWindows`).
  case windows(LogicalPlan, TimeWindows)
  /// All rows of all inputs, which have the same types.
  case unionAll([LogicalPlan])
  /// Each row once, in canonical form (DESIGN §9.13).
  case distinct(LogicalPlan)
  /// One row for each group: the key columns in canonical form, then the aggregates. Without keys there is one group,
  /// which is there for an empty input too.
  case aggregate(LogicalPlan, keys: [Int], calls: [AggregateCall])
  /// The columns of the left row, then those of the right.
  case join(JoinPlan)
  /// The rows from `offset` on, at most `limit` of them, in an order whose ties go by the whole row (DIALECT §4).
  case topK(LogicalPlan, order: [SortKey], limit: Int64?, offset: Int64)
}

package struct JoinPlan: Sendable {
  package enum Kind: String, Sendable { case inner, left }
  package struct Key: Hashable, Sendable {
    package var left: Int
    package var right: Int
    package init(left: Int, right: Int) {
      self.left = left
      self.right = right
    }
  }

  package var kind: Kind
  package var left: LogicalPlan
  package var right: LogicalPlan
  /// Pairs of columns of one type that are equal (not null) in rows that meet; empty for a cross join.
  package var keys: [Key]
  /// A further condition over the columns of both; of a left join it decides what matches.
  package var residual: BoundExpression?

  package init(kind: Kind, left: LogicalPlan, right: LogicalPlan, keys: [Key], residual: BoundExpression? = nil) {
    self.kind = kind
    self.left = left
    self.right = right
    self.keys = keys
    self.residual = residual
  }
}

extension LogicalPlan {
  /// The types of the plan's columns.
  package var types: [SQLType] {
    switch self {
    case .unit: []
    case .values(_, let types), .scan(_, let types): types
    case .filter(let input, _), .distinct(let input), .topK(let input, _, _, _): input.types
    case .project(_, let expressions): expressions.map(\.type)
    case .windows(let input, let windows): input.types + [windows.type]
    case .unionAll(let inputs): inputs[0].types
    case .aggregate(let input, let keys, let calls):
      { types in keys.map { types[$0] } + calls.map(\.result) }(input.types)
    case .join(let join): join.left.types + join.right.types
    }
  }
}

/// A plan and the names and types of its rows.
package struct PlannedQuery: Sendable {
  /// Its columns are `columns`, and behind them the hidden ones that only `order` needs.
  package var plan: LogicalPlan
  package var columns: [OutputColumn]
  /// ORDER BY of the outermost query: how a SELECT asked once is sorted. A view has no order; its LIMIT is a `topK`.
  package var order: [SortKey] = []

  package init(plan: LogicalPlan, columns: [OutputColumn], order: [SortKey] = []) {
    self.plan = plan
    self.columns = columns
    self.order = order
  }
}
