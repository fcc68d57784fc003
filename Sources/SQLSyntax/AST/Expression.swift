package import SQLTypes

/// One part of a name: folded to lower case unless it was quoted.
package struct Identifier: Equatable, Sendable {
  package var name: String
  @Located package var range: SourceRange

  package init(_ name: String, _ range: SourceRange) {
    self.name = name
    self.range = range
  }
}

/// A possibly qualified name: `table`, `schema.table`, `database.schema.table`.
package struct ObjectName: Equatable, Sendable {
  /// Never empty.
  package var parts: [Identifier]
  @Located package var range: SourceRange

  package init(_ parts: [Identifier], _ range: SourceRange) {
    self.parts = parts
    self.range = range
  }
  /// The schema's name, if it is given.
  package var schema: String? { parts.count > 1 ? parts[parts.count - 2].name : nil }
  /// The last part: the object's own name.
  package var last: Identifier { parts.last ?? Identifier("", range) }
}

extension Collection<Identifier> {
  /// The parts as they are shown: `schema.table`.
  package var dotted: String { map(\.name).joined(separator: ".") }
}

extension [Identifier] {
  /// Whether it may name something built in: alone, or in `pg_catalog`.
  package var canBeBuiltIn: Bool { count == 1 || (count == 2 && self[0].name == "pg_catalog") }
}

/// A type as it was written; the binder resolves it.
///
/// Keyword types have PostgreSQL's internal name: `bool int2 int4 int8 float4 float8 numeric bpchar varchar timestamp
/// timestamptz time timetz interval bit varbit`. Every other name is as written (`text`, `date`, `uuid`, `string`).
package struct TypeName: Equatable, Sendable {
  package var parts: [Identifier]
  /// `numeric(12,2)` has 12 and 2; `timestamp(3)` has 3; `varchar(n)` has n.
  package var modifiers: [Int]
  /// One element per dimension, nil where no size was given; empty for a scalar.
  package var arrayDimensions: [Int?]
  /// `interval day to second`.
  package var intervalFields: IntervalFields?
  /// `STRUCT<a INT, b TEXT>` has its fields; `MAP<k, v>` has its two types as fields `key` and `value`.
  package var fields: [TypeField]
  @Located package var range: SourceRange

  package init(
    _ parts: [Identifier], modifiers: [Int] = [], arrayDimensions: [Int?] = [], intervalFields: IntervalFields? = nil,
    fields: [TypeField] = [], range: SourceRange
  ) {
    self.parts = parts
    self.modifiers = modifiers
    self.arrayDimensions = arrayDimensions
    self.intervalFields = intervalFields
    self.fields = fields
    self.range = range
  }
  /// The name without its qualification.
  package var name: String { parts.last?.name ?? "" }
}

package struct TypeField: Equatable, Sendable {
  package var name: Identifier
  package var type: TypeName
}

/// The fields of an interval: `YEAR`, `DAY TO SECOND`, …
package enum IntervalFields: String, Sendable, CaseIterable {
  case year = "YEAR", month = "MONTH", day = "DAY", hour = "HOUR", minute = "MINUTE", second = "SECOND"
  case yearToMonth = "YEAR TO MONTH", dayToHour = "DAY TO HOUR", dayToMinute = "DAY TO MINUTE"
  case dayToSecond = "DAY TO SECOND", hourToMinute = "HOUR TO MINUTE", hourToSecond = "HOUR TO SECOND"
  case minuteToSecond = "MINUTE TO SECOND"
}

/// An expression and where it stands. Parentheses leave no node; they widen no range.
package struct Expr: Equatable, Sendable {
  package var kind: Kind
  @Located package var range: SourceRange

  package init(_ kind: Kind, _ range: SourceRange) {
    self.kind = kind
    self.range = range
  }

  package indirect enum Kind: Equatable, Sendable {
    case null
    case boolean(Bool)
    /// Decimal digits, of any length.
    case integer(String)
    /// Digits with a point or an exponent, as written.
    case decimal(String)
    case string(String)
    /// `DATE '2024-01-01'`, `numeric(4,1) '1.5'`; intervals are `interval`.
    case typedLiteral(TypeName, String)
    /// `INTERVAL '5' DAY`, `INTERVAL(3) '…'`.
    case interval(String, fields: IntervalFields?, precision: Int?)
    /// A column, possibly qualified: `c`, `t.c`, `s.t.c`. (`r.a` may also be a field; the binder decides.)
    case column([Identifier])
    /// `*` (no parts) or `t.*`.
    case star([Identifier])
    /// `$1` has 1.
    case parameter(Int)
    /// A prefix operator: `-`, `+`, `@`, `~`, …
    case unary(String, Expr)
    /// An infix operator: `+`, `<`, `||`, `->>`, …; `!=` is read as `<>`.
    case binary(Identifier, Expr, Expr)
    /// At least two operands; `a AND b AND c` is one node.
    case and([Expr])
    case or([Expr])
    case not(Expr)
    case isTest(Expr, IsTest, negated: Bool)
    case isDistinct(Expr, from: Expr, negated: Bool)
    case between(Expr, low: Expr, high: Expr, symmetric: Bool, negated: Bool)
    case like(LikeOperator, Expr, pattern: Expr, escape: Expr?, negated: Bool)
    case inList(Expr, [Expr], negated: Bool)
    case inQuery(Expr, Query, negated: Bool)
    case exists(Query)
    case subquery(Query)
    /// `x = ANY (query)`, `x < ALL (array)`; SOME is ANY. LIKE and ILIKE are operators `~~`, `~~*`, `!~~`, `!~~*`.
    case quantified(Expr, operator: String, Quantifier, QuantifiedOperand)
    case caseWhen(operand: Expr?, whens: [CaseWhen], otherwise: Expr?)
    /// `CAST(x AS t)`, `x::t`; `isTry` for TRY_CAST, which gives NULL where CAST fails.
    case cast(Expr, TypeName, isTry: Bool)
    case call(FunctionCall)
    /// `EXTRACT(field FROM x)`; the field is in lower case.
    case extract(String, from: Expr)
    /// `SUBSTRING(x FROM a FOR b)`; the comma form is a plain call.
    case substring(Expr, from: Expr?, length: Expr?)
    /// `SUBSTRING(x SIMILAR p ESCAPE e)`.
    case substringSimilar(Expr, pattern: Expr, escape: Expr)
    case position(Expr, in: Expr)
    /// `TRIM(BOTH chars FROM x)`; without characters, blanks.
    case trim(TrimSide, characters: Expr?, from: Expr)
    case overlay(Expr, placing: Expr, from: Expr, length: Expr?)
    case atTimeZone(Expr, zone: Expr)
    case collate(Expr, ObjectName)
    case coalesce([Expr])
    case nullIf(Expr, Expr)
    case greatest([Expr])
    case least([Expr])
    /// `ROW(a, b)` or `(a, b)`.
    case row([Expr])
    /// `ARRAY[a, b]`; nested brackets are nested arrays.
    case array([Expr])
    case arrayQuery(Query)
    case element(Expr, index: Expr)
    case slice(Expr, lower: Expr?, upper: Expr?)
    /// `(r).a`.
    case field(Expr, Identifier)
    /// `(r).*`.
    case fields(Expr)
    /// `CURRENT_DATE`, `LOCALTIME(3)`, …
    case current(CurrentValue, precision: Int?)
    case grouping([Expr])
    /// `(a, b) OVERLAPS (c, d)`; both are rows.
    case overlaps(Expr, Expr)
    /// `DEFAULT` in VALUES of an INSERT and in SET.
    case defaultValue
  }
}

package enum IsTest: String, Sendable, CaseIterable {
  case null = "NULL", isTrue = "TRUE", isFalse = "FALSE", unknown = "UNKNOWN"
}

package enum LikeOperator: String, Sendable, CaseIterable {
  case like = "LIKE", ilike = "ILIKE", similar = "SIMILAR TO"
}

package enum Quantifier: String, Sendable { case any = "ANY", all = "ALL" }

package enum QuantifiedOperand: Equatable, Sendable {
  case query(Query)
  case array(Expr)
}

package struct CaseWhen: Equatable, Sendable {
  package var condition: Expr
  package var result: Expr
}

package enum TrimSide: String, Sendable { case both = "BOTH", leading = "LEADING", trailing = "TRAILING" }

package enum CurrentValue: String, Sendable, CaseIterable {
  case date = "CURRENT_DATE", time = "CURRENT_TIME", timestamp = "CURRENT_TIMESTAMP"
  case localTime = "LOCALTIME", localTimestamp = "LOCALTIMESTAMP"
  case role = "CURRENT_ROLE", user = "CURRENT_USER", sessionUser = "SESSION_USER", currentUser = "USER"
  case catalog = "CURRENT_CATALOG", schema = "CURRENT_SCHEMA"
  /// Whether a precision may follow in parentheses.
  package var takesPrecision: Bool {
    switch self {
    case .time, .timestamp, .localTime, .localTimestamp: true
    default: false
    }
  }
}

/// `f(DISTINCT a, VARIADIC b ORDER BY c) WITHIN GROUP (ORDER BY d) FILTER (WHERE e) OVER (…)`.
package struct FunctionCall: Equatable, Sendable {
  private struct Fields: Equatable, Sendable {
    var name: ObjectName
    var arguments: [FunctionArgument] = []
    var isStar: Bool = false
    var isDistinct: Bool = false
    var orderBy: [OrderItem] = []
    var withinGroup: [OrderItem] = []
    var filter: Expr?
    var over: WindowReference?
  }
  private var box: Boxed<Fields>

  package init(_ name: ObjectName, _ arguments: [FunctionArgument] = []) {
    box = Boxed(Fields(name: name, arguments: arguments))
  }

  package var name: ObjectName { get { box.fields.name } set { box.fields.name = newValue } }
  package var arguments: [FunctionArgument] { get { box.fields.arguments } set { box.fields.arguments = newValue } }
  /// `count(*)`.
  package var isStar: Bool { get { box.fields.isStar } set { box.fields.isStar = newValue } }
  package var isDistinct: Bool { get { box.fields.isDistinct } set { box.fields.isDistinct = newValue } }
  package var orderBy: [OrderItem] { get { box.fields.orderBy } set { box.fields.orderBy = newValue } }
  package var withinGroup: [OrderItem] { get { box.fields.withinGroup } set { box.fields.withinGroup = newValue } }
  package var filter: Expr? { get { box.fields.filter } set { box.fields.filter = newValue } }
  /// `IGNORE NULLS` / `RESPECT NULLS` are not PostgreSQL 15 and are refused.
  package var over: WindowReference? { get { box.fields.over } set { box.fields.over = newValue } }
}

package struct FunctionArgument: Equatable, Sendable {
  /// `name => value`; `name := value` is read alike.
  package var name: Identifier?
  package var value: Expr
  package var isVariadic = false
}

package enum WindowReference: Equatable, Sendable {
  case named(Identifier)
  case inline(WindowSpecification)
}

/// `(base PARTITION BY … ORDER BY … frame)`.
package struct WindowSpecification: Equatable, Sendable {
  private struct Fields: Equatable, Sendable {
    var base: Identifier?
    var partitionBy: [Expr] = []
    var orderBy: [OrderItem] = []
    var frame: WindowFrame?
    @Located var range: SourceRange
  }
  private var box: Boxed<Fields>

  package init(
    base: Identifier? = nil, partitionBy: [Expr] = [], orderBy: [OrderItem] = [], frame: WindowFrame? = nil,
    range: SourceRange
  ) {
    box = Boxed(
      Fields(
        base: base, partitionBy: partitionBy, orderBy: orderBy, frame: frame, range: range))
  }

  package var base: Identifier? { get { box.fields.base } set { box.fields.base = newValue } }
  package var partitionBy: [Expr] { get { box.fields.partitionBy } set { box.fields.partitionBy = newValue } }
  package var orderBy: [OrderItem] { get { box.fields.orderBy } set { box.fields.orderBy = newValue } }
  package var frame: WindowFrame? { get { box.fields.frame } set { box.fields.frame = newValue } }
  package var range: SourceRange { get { box.fields.range } set { box.fields.range = newValue } }
}

package struct WindowFrame: Equatable, Sendable {
  package enum Unit: String, Sendable { case rows = "ROWS", range = "RANGE", groups = "GROUPS" }
  package indirect enum Bound: Equatable, Sendable {
    case unboundedPreceding, preceding(Expr), currentRow, following(Expr), unboundedFollowing
  }
  package enum Exclusion: String, Sendable {
    case currentRow = "CURRENT ROW", group = "GROUP", ties = "TIES", noOthers = "NO OTHERS"
  }
  package var unit: Unit
  package var start: Bound
  /// nil if only the start was written: then it is the current row.
  package var end: Bound?
  package var exclusion: Exclusion?
  @Located package var range: SourceRange
}
