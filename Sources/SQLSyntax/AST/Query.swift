package import SQLTypes

/// `WITH … body ORDER BY … LIMIT … OFFSET … EMIT …`.
package struct Query: Equatable, Sendable {
  package var with: With?
  package var body: QueryBody
  package var orderBy: [OrderItem] = []
  /// `LIMIT n`, `FETCH FIRST n ROWS`; nil for LIMIT ALL.
  package var limit: Expr?
  package var limitWithTies = false
  package var offset: Expr?
  package var emit: Emit?
  @Located package var range: SourceRange

  package init(_ body: QueryBody, _ range: SourceRange) {
    self.body = body
    self.range = range
  }
}

package struct With: Equatable, Sendable {
  package var isRecursive: Bool
  package var elements: [CommonTableExpression]
  @Located package var range: SourceRange
}

/// `name (columns) AS [NOT] MATERIALIZED (query)`. SEARCH and CYCLE are refused.
package struct CommonTableExpression: Equatable, Sendable {
  package var name: Identifier
  package var columns: [Identifier]
  package var isMaterialized: Bool?
  package var query: Query
  @Located package var range: SourceRange
}

package struct QueryBody: Equatable, Sendable {
  package var kind: Kind
  @Located package var range: SourceRange

  package init(_ kind: Kind, _ range: SourceRange) {
    self.kind = kind
    self.range = range
  }

  package indirect enum Kind: Equatable, Sendable {
    case select(Select)
    case setOperation(SetOperator, isAll: Bool, QueryBody, QueryBody)
    /// Rows of VALUES: at least one; the binder checks that they are equally long.
    case values([[Expr]])
    /// `TABLE name`.
    case table(ObjectName)
    /// A parenthesised query that has clauses of its own (WITH, ORDER BY, LIMIT, …); others leave no node.
    case nested(Query)
  }
}

package enum SetOperator: String, Sendable { case union = "UNION", intersect = "INTERSECT", except = "EXCEPT" }

package struct Select: Equatable, Sendable {
  package var distinct: Distinct?
  /// May be empty, as in PostgreSQL.
  package var items: [SelectItem]
  /// `SELECT … INTO name`.
  package var into: ObjectName?
  /// Comma-separated; empty without FROM.
  package var from: [TableRef] = []
  /// ksqlDB's `WINDOW TUMBLING (SIZE 10 SECONDS)` after FROM.
  package var streamWindow: StreamWindow?
  package var filter: Expr?
  package var groupBy: GroupBy?
  package var having: Expr?
  package var windows: [NamedWindow] = []
}

package enum Distinct: Equatable, Sendable {
  case rows
  case on([Expr])
}

package struct SelectItem: Equatable, Sendable {
  /// `*` and `t.*` are `.star`.
  package var value: Expr
  package var alias: Identifier?
  @Located package var range: SourceRange
}

package struct GroupBy: Equatable, Sendable {
  package var isDistinct: Bool
  package var elements: [GroupingElement]
  @Located package var range: SourceRange
}

package indirect enum GroupingElement: Equatable, Sendable {
  /// An expression, an ordinal (`.integer`), or a row: `(a, b)`.
  case expression(Expr)
  /// `()`.
  case empty
  /// Each element is an expression or a row.
  case rollup([Expr])
  case cube([Expr])
  case sets([GroupingElement])
}

package struct NamedWindow: Equatable, Sendable {
  package var name: Identifier
  package var specification: WindowSpecification
}

package struct OrderItem: Equatable, Sendable {
  package var value: Expr
  package var isDescending: Bool
  /// nil: PostgreSQL's default, last if ascending and first if descending.
  package var nullsFirst: Bool?
  @Located package var range: SourceRange
}

/// One thing in FROM, or a tree of joins.
package struct TableRef: Equatable, Sendable {
  package var kind: Kind
  package var alias: TableAlias?
  @Located package var range: SourceRange

  package init(_ kind: Kind, alias: TableAlias? = nil, _ range: SourceRange) {
    self.kind = kind
    self.alias = alias
    self.range = range
  }

  package indirect enum Kind: Equatable, Sendable {
    /// `name [FOR SYSTEM_TIME AS OF expr]`; PROCTIME() is a call of `proctime`.
    case relation(ObjectName, asOf: Expr?)
    case subquery(Query, isLateral: Bool)
    case function(FunctionCall, isLateral: Bool, withOrdinality: Bool)
    case window(WindowTable)
    case join(Join)
  }
}

/// `AS name (columns)`; for a function, `AS name (column type, …)` gives types as well.
package struct TableAlias: Equatable, Sendable {
  /// nil for `AS (column type, …)` of a function.
  package var name: Identifier?
  package var columns: [Identifier]
  /// Empty, or as many as `columns`.
  package var columnTypes: [TypeName] = []
  @Located package var range: SourceRange
}

package struct Join: Equatable, Sendable {
  package enum JoinKind: String, Sendable {
    case inner = "JOIN", left = "LEFT JOIN", right = "RIGHT JOIN", full = "FULL JOIN", cross = "CROSS JOIN"
    case asof = "ASOF JOIN", asofLeft = "ASOF LEFT JOIN"
  }
  package enum Condition: Equatable, Sendable {
    case on(Expr)
    /// `USING (columns) AS alias`.
    case using([Identifier], alias: Identifier?)
    case natural
    /// Only of a cross join.
    case none
  }
  package var kind: JoinKind
  package var left: TableRef
  package var right: TableRef
  package var condition: Condition
  /// ksqlDB's `WITHIN 5 MINUTES` or `WITHIN (1 MINUTE, 5 MINUTES)`: before, after; with its grace period.
  package var within: Within?
  /// The word JOIN and what stands before it.
  @Located package var range: SourceRange
}

package struct Within: Equatable, Sendable {
  package var before: Expr
  package var after: Expr
  package var grace: Expr?
  @Located package var range: SourceRange
}

/// `TUMBLE(input, time, size[, offset])`, `HOP(input, time, slide, size[, offset])`,
/// `CUMULATE(input, time, step, size[, offset])`, `SESSION(input PARTITION BY keys, time, gap)`.
package struct WindowTable: Equatable, Sendable {
  package enum WindowKind: String, Sendable {
    case tumble = "TUMBLE", hop = "HOP", cumulate = "CUMULATE", session = "SESSION"
  }
  package enum Input: Equatable, Sendable {
    case relation(ObjectName)
    case query(Query)
  }
  package var kind: WindowKind
  package var input: Input
  package var partitionBy: [Expr]
  package var time: Expr
  /// The slide of HOP, the step of CUMULATE.
  package var step: Expr?
  /// The size; of SESSION the gap.
  package var size: Expr
  package var offset: Expr?
  /// Flink's `TABLE(SESSION(TABLE …))`: a row at exactly the gap's distance still belongs to the session.
  package var includesGap = false
  @Located package var range: SourceRange
}

/// ksqlDB's window clause. Durations are `.interval` literals.
package struct StreamWindow: Equatable, Sendable {
  package enum WindowKind: String, Sendable { case tumbling = "TUMBLING", hopping = "HOPPING", session = "SESSION" }
  package var kind: WindowKind
  /// The size; of SESSION the gap (rows at exactly the gap's distance included).
  package var size: Expr
  package var advance: Expr?
  package var retention: Expr?
  package var grace: Expr?
  @Located package var range: SourceRange
}

/// When results are sent (DIALECT §5).
package struct Emit: Equatable, Sendable {
  package enum Mode: Equatable, Sendable {
    case changes
    case onWindowClose
    /// `ONCE [PER (columns)]`: empty if the key is to be derived.
    case once(per: [Expr])
    case every(Expr, always: Bool)
  }
  package var mode: Mode
  @Located package var range: SourceRange
}
