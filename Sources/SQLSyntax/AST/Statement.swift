package import SQLTypes

/// A statement of a script: its text's range without the semicolon, and its tree or why there is none.
package struct ParsedStatement: Sendable {
  package var range: SourceRange
  package var result: Result<Statement, SQLError>
}

package struct Statement: Equatable, Sendable {
  package var kind: Kind
  @Located package var range: SourceRange

  package init(_ kind: Kind, _ range: SourceRange) {
    self.kind = kind
    self.range = range
  }

  package indirect enum Kind: Equatable, Sendable {
    case query(Query)
    case createView(CreateView)
    case createTable(CreateTable)
    case drop(Drop)
    case insert(Insert)
    case update(Update)
    case delete(Delete)
    case begin(TransactionModes)
    /// `COMMIT [AND CHAIN]`, `END`.
    case commit(andChain: Bool)
    /// `ROLLBACK [AND CHAIN]`, `ABORT`.
    case rollback(andChain: Bool)
    case subscribe(Subscribe)
    case explain(Explain)
    case show(Show)
    case set(SetVariable)
    /// `RESET name`; nil for ALL.
    case reset(ObjectName?)
    case describe(ObjectName, isExtended: Bool)
    case prepare(Identifier, types: [TypeName], Statement)
    case execute(Identifier, [Expr])
    /// nil for ALL.
    case deallocate(Identifier?)
    case declareCursor(DeclareCursor)
    case waitFor(WaitFor)
    case fetch(Fetch)
    /// nil for ALL.
    case closeCursor(Identifier?)
    case copy(Copy)
    case discard(DiscardTarget)
    /// A statement of the dialect or of PostgreSQL that is recognised by its first words only; the engine answers 0A000
    /// with its name, such as `CREATE INDEX`.
    case unsupported(String)
  }
}

/// `name = value` of a WITH clause: a word, a string, a number or true/false; nil where no value was written.
package struct Option: Equatable, Sendable {
  /// Parts are joined by dots: `kafka.group.id`, `fields.id.kind`.
  package var name: String
  /// A word, string, number or boolean as `.string`, `.integer`, `.decimal`, `.boolean`, negated numbers included in
  /// the digits (`-1`). Words and strings are both `.string`.
  package var value: Expr?
  @Located package var nameRange: SourceRange
}

package struct CreateView: Equatable, Sendable {
  package var isMaterialized: Bool
  package var orReplace: Bool
  package var ifNotExists: Bool
  package var isTemporary = false
  package var isRecursive = false
  package var name: ObjectName
  package var columns: [Identifier]
  package var options: [Option]
  package var query: Query
  /// `WITH NO DATA`.
  package var withNoData = false
}

package struct CreateTable: Equatable, Sendable {
  package enum RelationKind: String, Sendable { case table = "TABLE", stream = "STREAM" }
  package var kind: RelationKind
  package var orReplace: Bool
  package var ifNotExists: Bool
  package var isTemporary = false
  package var name: ObjectName
  /// Columns, table constraints and the watermark, each in its order.
  package var columns: [ColumnDefinition]
  package var constraints: [TableConstraint]
  package var watermark: Watermark?
  package var options: [Option]
  /// `AS query`; then the columns have names only, in `columnNames`.
  package var query: Query?
  package var columnNames: [Identifier] = []
  package var withNoData = false
}

package struct ColumnDefinition: Equatable, Sendable {
  package var name: Identifier
  /// nil only for `name AS (expression)` without a type.
  package var type: TypeName?
  package var constraints: [ColumnConstraint]
  @Located package var range: SourceRange
}

package struct ColumnConstraint: Equatable, Sendable {
  package indirect enum Kind: Equatable, Sendable {
    case notNull, null, primaryKey, unique
    case defaultValue(Expr)
    case check(Expr)
    /// `METADATA [FROM 'key'] [VIRTUAL]`.
    case metadata(from: String?)
    /// `AS (expression)` or `GENERATED ALWAYS AS (expression) STORED`.
    case computed(Expr)
    case references(ObjectName, [Identifier])
    /// ksqlDB's `KEY` and `HEADERS`.
    case key, headers
    case collate(ObjectName)
    case identity(always: Bool)
  }
  /// `CONSTRAINT name`.
  package var name: Identifier?
  package var kind: Kind
  @Located package var range: SourceRange
}

package struct TableConstraint: Equatable, Sendable {
  package indirect enum Kind: Equatable, Sendable {
    case primaryKey([Identifier])
    case unique([Identifier])
    case check(Expr)
    case foreignKey([Identifier], ObjectName, [Identifier])
  }
  package var name: Identifier?
  package var kind: Kind
  @Located package var range: SourceRange
}

/// `WATERMARK FOR column AS expression`.
package struct Watermark: Equatable, Sendable {
  package var column: Identifier
  package var value: Expr
  @Located package var range: SourceRange
}

package struct Drop: Equatable, Sendable {
  package enum Target: String, Sendable {
    case table = "TABLE", stream = "STREAM", view = "VIEW", materializedView = "MATERIALIZED VIEW"
  }
  package var target: Target
  package var ifExists: Bool
  package var names: [ObjectName]
  package var isCascade: Bool
}

package struct Insert: Equatable, Sendable {
  package enum Source: Equatable, Sendable {
    /// VALUES (with `.defaultValue` allowed) or any query.
    case query(Query)
    case defaultValues
  }
  package var with: With?
  package var table: ObjectName
  package var alias: Identifier?
  package var columns: [Identifier]
  package var source: Source
  package var onConflict: OnConflict?
  package var returning: [SelectItem]
}

package struct OnConflict: Equatable, Sendable {
  package enum Target: Equatable, Sendable {
    case columns([Expr], filter: Expr?)
    case constraint(Identifier)
  }
  package enum Action: Equatable, Sendable {
    case nothing
    case update([Assignment], filter: Expr?)
  }
  package var target: Target?
  package var action: Action
  @Located package var range: SourceRange
}

/// `column = value`, or `(a, b) = row or subquery`.
package struct Assignment: Equatable, Sendable {
  package var columns: [Identifier]
  /// Whether the columns stand in parentheses.
  package var isRow: Bool
  package var value: Expr
  @Located package var range: SourceRange
}

package struct Update: Equatable, Sendable {
  package var with: With?
  package var table: ObjectName
  package var alias: Identifier?
  package var assignments: [Assignment]
  package var from: [TableRef]
  package var filter: Expr?
  package var returning: [SelectItem]
}

package struct Delete: Equatable, Sendable {
  package var with: With?
  package var table: ObjectName
  package var alias: Identifier?
  package var using: [TableRef]
  package var filter: Expr?
  package var returning: [SelectItem]
}

package struct TransactionModes: Equatable, Sendable {
  package enum Isolation: String, Sendable, CaseIterable {
    case readUncommitted = "READ UNCOMMITTED", readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ", serializable = "SERIALIZABLE"
  }
  package var isolation: Isolation?
  package var isReadOnly: Bool?
  package var isDeferrable: Bool?

  package init(isolation: Isolation? = nil, isReadOnly: Bool? = nil, isDeferrable: Bool? = nil) {
    self.isolation = isolation
    self.isReadOnly = isReadOnly
    self.isDeferrable = isDeferrable
  }
}

/// `WAIT FOR 'topic-partition@offset' [TIMEOUT duration]`.
package struct WaitFor: Equatable, Sendable {
  package var position: String
  @Located package var positionRange: SourceRange
  package var timeout: Expr?
}

/// `SUBSCRIBE [TO] … [WITH (…)] [AS OF tick] [UP TO tick]`.
package struct Subscribe: Equatable, Sendable {
  package enum Source: Equatable, Sendable {
    case relation(ObjectName)
    case query(Query)
  }
  package var source: Source
  package var options: [Option]
  package var asOf: Expr?
  package var upTo: Expr?
}

package struct Explain: Equatable, Sendable {
  /// `(ANALYZE, FORMAT json, …)`, names in lower case; the old spelling `EXPLAIN ANALYZE` gives `analyze`.
  package var options: [Option]
  package var statement: Statement
}

package enum Show: Equatable, Sendable {
  /// A setting's name.
  case setting(ObjectName)
  case all
  case objects(ShowObjects)
  /// `SHOW CREATE [kind] name`: the kind in upper case or nil.
  case create(String?, ObjectName)
}

package enum ShowObjects: String, Sendable, CaseIterable {
  case streams = "STREAMS", tables = "TABLES", views = "VIEWS", materializedViews = "MATERIALIZED VIEWS"
  case sources = "SOURCES", sinks = "SINKS", jobs = "JOBS", functions = "FUNCTIONS", watermarks = "WATERMARKS"
}

package struct SetVariable: Equatable, Sendable {
  package enum Scope: String, Sendable { case session = "SESSION", local = "LOCAL" }
  package enum Value: Equatable, Sendable {
    /// Each a word or string (`.string`), a number or a boolean, as in `Option`.
    case values([Expr])
    case defaultValue
    /// `SET TRANSACTION …`, or `SET SESSION CHARACTERISTICS AS TRANSACTION …` with scope session.
    case transaction(TransactionModes)
  }
  package var scope: Scope?
  /// `timezone` for `SET TIME ZONE`, `transaction` for SET TRANSACTION.
  package var name: ObjectName
  package var value: Value
}

package struct DeclareCursor: Equatable, Sendable {
  package enum Source: Equatable, Sendable {
    case query(Query)
    case subscribe(Subscribe)
  }
  package var name: Identifier
  package var isBinary: Bool
  package var isInsensitive: Bool
  package var isScroll: Bool?
  package var isWithHold: Bool
  package var source: Source
}

/// `FETCH direction FROM cursor [WITH (timeout = …)]`, or MOVE.
package struct Fetch: Equatable, Sendable {
  package enum Direction: Equatable, Sendable {
    case next, prior, first, last
    case absolute(Int), relative(Int)
    /// `FORWARD n`, or a plain number.
    case forward(Int)
    case forwardAll
    case backward(Int)
    case backwardAll
  }
  package var isMove: Bool
  package var direction: Direction
  package var cursor: Identifier
  package var options: [Option]

  package init(isMove: Bool, direction: Direction, cursor: Identifier, options: [Option] = []) {
    self.isMove = isMove
    self.direction = direction
    self.cursor = cursor
    self.options = options
  }
}

package struct Copy: Equatable, Sendable {
  package enum Source: Equatable, Sendable {
    case table(ObjectName, [Identifier])
    /// `COPY (query) TO …`.
    case query(Statement)
  }
  package enum Endpoint: Equatable, Sendable {
    case standard
    case file(String)
  }
  package var source: Source
  /// FROM: into the table.
  package var isFrom: Bool
  package var endpoint: Endpoint
  /// Names in lower case. The old spelling (`CSV HEADER DELIMITER ','`) is read into these too.
  package var options: [Option]
  package var filter: Expr?
}

package enum DiscardTarget: String, Sendable, CaseIterable {
  case all = "ALL", plans = "PLANS", sequences = "SEQUENCES", temporary = "TEMP"
}
