package import SQLTypes

/// `WITH … body ORDER BY … LIMIT … OFFSET … EMIT …`.
package struct Query: Equatable, Sendable {
  private struct Fields: Equatable, Sendable {
    var with: With?
    var body: QueryBody
    var orderBy: [OrderItem] = []
    var limit: Expr?
    var limitWithTies: Bool = false
    var offset: Expr?
    var emit: Emit?
    @Located var range: SourceRange
  }
  private var box: Boxed<Fields>

  package init(_ body: QueryBody, _ range: SourceRange) { box = Boxed(Fields(body: body, range: range)) }

  package var with: With? { get { box.fields.with } set { box.fields.with = newValue } }
  package var body: QueryBody { get { box.fields.body } set { box.fields.body = newValue } }
  package var orderBy: [OrderItem] { get { box.fields.orderBy } set { box.fields.orderBy = newValue } }
  /// `LIMIT n`, `FETCH FIRST n ROWS`; nil for LIMIT ALL.
  package var limit: Expr? { get { box.fields.limit } set { box.fields.limit = newValue } }
  package var limitWithTies: Bool { get { box.fields.limitWithTies } set { box.fields.limitWithTies = newValue } }
  package var offset: Expr? { get { box.fields.offset } set { box.fields.offset = newValue } }
  package var emit: Emit? { get { box.fields.emit } set { box.fields.emit = newValue } }
  package var range: SourceRange { get { box.fields.range } set { box.fields.range = newValue } }
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
  private struct Fields: Equatable, Sendable {
    var distinct: Distinct?
    var items: [SelectItem]
    var into: ObjectName?
    var from: [TableRef] = []
    var streamWindow: StreamWindow?
    var filter: Expr?
    var groupBy: GroupBy?
    var having: Expr?
    var windows: [NamedWindow] = []
  }
  private var box: Boxed<Fields>

  package init(
    distinct: Distinct? = nil, items: [SelectItem], into: ObjectName? = nil, from: [TableRef] = [],
    streamWindow: StreamWindow? = nil, filter: Expr? = nil, groupBy: GroupBy? = nil, having: Expr? = nil,
    windows: [NamedWindow] = []
  ) {
    box = Boxed(
      Fields(
        distinct: distinct, items: items, into: into, from: from, streamWindow: streamWindow, filter: filter,
        groupBy: groupBy, having: having, windows: windows))
  }

  package var distinct: Distinct? { get { box.fields.distinct } set { box.fields.distinct = newValue } }
  /// May be empty, as in PostgreSQL.
  package var items: [SelectItem] { get { box.fields.items } set { box.fields.items = newValue } }
  /// `SELECT … INTO name`.
  package var into: ObjectName? { get { box.fields.into } set { box.fields.into = newValue } }
  /// Comma-separated; empty without FROM.
  package var from: [TableRef] { get { box.fields.from } set { box.fields.from = newValue } }
  /// ksqlDB's `WINDOW TUMBLING (SIZE 10 SECONDS)` after FROM.
  package var streamWindow: StreamWindow? { get { box.fields.streamWindow } set { box.fields.streamWindow = newValue } }
  package var filter: Expr? { get { box.fields.filter } set { box.fields.filter = newValue } }
  package var groupBy: GroupBy? { get { box.fields.groupBy } set { box.fields.groupBy = newValue } }
  package var having: Expr? { get { box.fields.having } set { box.fields.having = newValue } }
  package var windows: [NamedWindow] { get { box.fields.windows } set { box.fields.windows = newValue } }
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
  private struct Fields: Equatable, Sendable {
    var kind: JoinKind
    var left: TableRef
    var right: TableRef
    var condition: Condition
    var within: Within?
    @Located var range: SourceRange
  }
  private var box: Boxed<Fields>

  package init(
    kind: JoinKind, left: TableRef, right: TableRef, condition: Condition, within: Within? = nil, range: SourceRange
  ) {
    box = Boxed(
      Fields(
        kind: kind, left: left, right: right, condition: condition, within: within, range: range))
  }

  package var kind: JoinKind { get { box.fields.kind } set { box.fields.kind = newValue } }
  package var left: TableRef { get { box.fields.left } set { box.fields.left = newValue } }
  package var right: TableRef { get { box.fields.right } set { box.fields.right = newValue } }
  package var condition: Condition { get { box.fields.condition } set { box.fields.condition = newValue } }
  /// ksqlDB's `WITHIN 5 MINUTES` or `WITHIN (1 MINUTE, 5 MINUTES)`: before, after; with its grace period.
  package var within: Within? { get { box.fields.within } set { box.fields.within = newValue } }
  /// The word JOIN and what stands before it.
  package var range: SourceRange { get { box.fields.range } set { box.fields.range = newValue } }
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
  private struct Fields: Equatable, Sendable {
    var kind: WindowKind
    var input: Input
    var partitionBy: [Expr]
    var time: Expr
    var step: Expr?
    var size: Expr
    var offset: Expr?
    var includesGap: Bool = false
    @Located var range: SourceRange
  }
  private var box: Boxed<Fields>

  package init(
    kind: WindowKind, input: Input, partitionBy: [Expr], time: Expr, step: Expr? = nil, size: Expr,
    offset: Expr? = nil, includesGap: Bool = false, range: SourceRange
  ) {
    box = Boxed(
      Fields(
        kind: kind, input: input, partitionBy: partitionBy, time: time, step: step, size: size, offset: offset,
        includesGap: includesGap, range: range))
  }

  package var kind: WindowKind { get { box.fields.kind } set { box.fields.kind = newValue } }
  package var input: Input { get { box.fields.input } set { box.fields.input = newValue } }
  package var partitionBy: [Expr] { get { box.fields.partitionBy } set { box.fields.partitionBy = newValue } }
  package var time: Expr { get { box.fields.time } set { box.fields.time = newValue } }
  /// The slide of HOP, the step of CUMULATE.
  package var step: Expr? { get { box.fields.step } set { box.fields.step = newValue } }
  /// The size; of SESSION the gap.
  package var size: Expr { get { box.fields.size } set { box.fields.size = newValue } }
  package var offset: Expr? { get { box.fields.offset } set { box.fields.offset = newValue } }
  /// Flink's `TABLE(SESSION(TABLE …))`: a row at exactly the gap's distance still belongs to the session.
  package var includesGap: Bool { get { box.fields.includesGap } set { box.fields.includesGap = newValue } }
  package var range: SourceRange { get { box.fields.range } set { box.fields.range = newValue } }
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
