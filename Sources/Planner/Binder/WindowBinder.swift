import Columnar
import Expressions
import SQLSyntax
import SQLTypes

/// Windows over event time (DIALECT §5): TUMBLE and HOP in FROM, and ksqlDB's WINDOW behind it.
extension QueryBinder {
  /// A row is in no more windows than this: a slip of the pen should not fill the memory.
  private static let windowsPerRowLimit: Int64 = 10_000

  /// `TUMBLE(input, time, size[, offset])`, `HOP(input, time, slide, size[, offset])`: the input's columns, `window_start` and
  /// `window_end`, under the input's name if it has one and no alias is given.
  ///
  /// - Errors: 42804 for a time or a length of another type, 22023 for a length that is no positive number of days and time.
  func bind(_ window: WindowTable, as alias: TableAlias?) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    guard window.kind == .tumble || window.kind == .hop else { throw .unsupported(window.kind.rawValue, at: window.range) }
    let name = window.kind.rawValue
    if let key = window.partitionBy.first {
      throw SQLError(.syntaxError, "\(name) has no PARTITION BY", hint: "GROUP BY divides its windows by a key.", at: key.range)
    }
    let (input, scope) = try bind(from: TableRef(window.input.reference, window.range))
    let lengths = try WindowLengths(
      name, size: window.size, slide: window.step, offset: window.offset, self, limit: Self.windowsPerRowLimit)
    let binder = context.expressionBinder(scope, .refused(in: name))
    let time = try windowTime(try binder.bind(window.time), name, at: window.time.range, binder)
    let plan = windowed(input, time, lengths, at: window.time.range)
    let width = input.types.count
    let columns =
      scope.visible.map { OutputColumn(name: $0.name, type: $0.type) }
      + [OutputColumn(name: "window_start", type: time.type), OutputColumn(name: "window_end", type: time.type)]
    let relation = scope.relations.first
    // Of several windows a row with a key is in, each has another start.
    let key = relation.map { $0.primaryKey.isEmpty || lengths.isSingle ? $0.primaryKey : $0.primaryKey + [width] } ?? []
    return try derived(
      PlannedQuery(plan: plan, columns: columns), "table", name: relation?.name, schema: relation?.schema,
      primaryKey: key, as: alias)
  }

  /// ksqlDB's `FROM … WINDOW TUMBLING|HOPPING (…)`: windows over the one column of FROM that is a time. Their columns are
  /// `window_start` and `window_end`, also named `windowstart` and `windowend`.
  ///
  /// - Errors: 0A000 for SESSION, RETENTION and GRACE PERIOD; 42703 and 42702 where FROM has no time, or several.
  func bind(
    _ window: StreamWindow, over input: LogicalPlan, _ scope: Scope
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    let name = "WINDOW \(window.kind.rawValue)"
    if window.kind == .session { throw .unsupported(name, at: window.range) }
    if let retention = window.retention { throw .unsupported("RETENTION", at: retention.range) }
    if let grace = window.grace { throw .unsupported("GRACE PERIOD", at: grace.range) }
    let lengths = try WindowLengths(
      name, size: window.size, slide: window.advance, offset: nil, self, limit: Self.windowsPerRowLimit)
    let function = window.kind == .tumbling ? "TUMBLE" : "HOP"
    let times = scope.visible.filter { $0.type == .timestamp || $0.type == .timestamptz }
    guard let time = times.first else {
      throw SQLError(
        .undefinedColumn, "\(name) finds no column of type timestamp or timestamptz in FROM",
        hint: "\(function)(relation, time, …) in FROM takes any expression as the time.", at: window.range)
    }
    if times.count > 1 {
      throw SQLError(
        .ambiguousColumn, "\(name) does not know which column is the time: \(times.map { "\"\($0.name)\"" }.joined(separator: ", "))",
        hint: "\(function)(relation, time, …) in FROM names it.", at: window.range)
    }
    let plan = windowed(input, .column(time.index, time.type), lengths, at: window.range)
    let start = input.types.count
    var result = scope
    for (column, names) in [["window_start", "windowstart"], ["window_end", "windowend"]].enumerated() {
      result.visible.append(Scope.Column(name: names[0], type: time.type, index: start + column))
      result.synonyms.append(Scope.Column(name: names[1], type: time.type, index: start + column))
    }
    return (plan, result)
  }

  /// The time as a timestamp: a date is its midnight.
  ///
  /// - Errors: 42804 for any other type.
  private func windowTime(
    _ time: BoundExpression, _ name: String, at range: SourceRange, _ binder: ExpressionBinder
  ) throws(SQLError) -> BoundExpression {
    switch time.type {
    case .timestamp, .timestamptz: return time
    case .date: return try binder.cast(time, to: .timestamp, .implicit, at: range)
    default:
      throw SQLError(
        .datatypeMismatch,
        "the time of \(name) must be of type timestamp, timestamptz or date, not type \(time.type.baseName)", at: range)
    }
  }

  /// The input's columns, and the start and the end of each window that a row is in.
  private func windowed(
    _ input: LogicalPlan, _ time: BoundExpression, _ lengths: WindowLengths, at range: SourceRange
  ) -> LogicalPlan {
    let columns = input.types.enumerated().map { BoundExpression.column($0.offset, $0.element) }
    var (below, place) = (input, input.types.count)
    if case .column(let index, _) = time { place = index } else { below = .project(input, columns + [time]) }
    let windows = TimeWindows(
      time: place, type: time.type, slide: lengths.slide, size: lengths.size, offset: lengths.offset, range: range)
    let start = BoundExpression.column(below.types.count, time.type)
    return .project(.windows(below, windows), columns + [start, start.later(by: lengths.size, at: range)])
  }
}

extension WindowTable.Input {
  /// What FROM would say to read it.
  fileprivate var reference: TableRef.Kind {
    switch self {
    case .relation(let name): .relation(name, asOf: nil)
    case .query(let query): .subquery(query, isLateral: false)
    }
  }
}

extension BoundExpression {
  /// A timestamp moved by a fixed time: a day has 24 hours.
  func later(by microseconds: Int64, at range: SourceRange) -> BoundExpression {
    guard let plus = try? FunctionTable.resolve("+", .infixOperator, [type, .interval], at: range) else {
      preconditionFailure("an interval is added to any timestamp")
    }
    return .call(plus, [self, .interval(microseconds)], range)
  }

  static func interval(_ microseconds: Int64) -> BoundExpression {
    .constant(.constant(Interval(microseconds: microseconds), .interval, count: 1), .interval)
  }
}

/// The lengths that a window function is given, in microseconds.
private struct WindowLengths {
  var size: Int64
  var slide: Int64
  var offset: Int64 = 0

  /// Whether a row is in one window at most.
  var isSingle: Bool { size <= slide }

  /// Beyond this, 73,000 years, sums of lengths and times could leave 64 bits.
  private static let limit = Int64.max / 4

  init(
    _ name: String, size: Expr, slide: Expr?, offset: Expr?, _ binder: QueryBinder, limit: Int64
  ) throws(SQLError) {
    let sizeLength = try Self.positive(size, "size", name, binder)
    let slideLength = if let slide { try Self.positive(slide, "slide", name, binder) } else { sizeLength }
    let offsetLength = if let offset { try Self.length(offset, "offset", name, binder) } else { 0 as Int64? }
    // With parameters whose values are to come, a plan only tells types: any lengths will do.
    guard let sizeLength, let slideLength, let offsetLength else {
      (self.size, self.slide) = (1, 1)
      return
    }
    (self.size, self.slide) = (sizeLength, slideLength)
    self.offset = floorModulo(offsetLength, self.slide)
    if self.size / self.slide >= limit {
      throw SQLError(
        .programLimitExceeded, "a row is in at most \(limit) windows of \(name)",
        hint: "Make the slide longer or the size shorter.", at: slide?.range ?? size.range)
    }
  }

  /// - Errors: 22023 for a length that is not positive.
  private static func positive(_ expression: Expr, _ role: String, _ name: String, _ binder: QueryBinder) throws(SQLError) -> Int64? {
    guard let length = try length(expression, role, name, binder) else { return nil }
    if length > 0 { return length }
    throw SQLError(.invalidParameterValue, "the \(role) of \(name) must be greater than zero", at: expression.range)
  }

  /// The length that a constant gives; nil for what is not known yet.
  ///
  /// - Errors: 42P10 for a column, 42804 for what is no interval, 22023 for NULL and for months and years, 22008 for a length beyond
  ///   the limit.
  private static func length(
    _ expression: Expr, _ role: String, _ name: String, _ binder: QueryBinder
  ) throws(SQLError) -> Int64? {
    let range = expression.range
    if expression.containsColumn {
      throw SQLError(.invalidColumnReference, "the \(role) of \(name) must not contain variables", at: range)
    }
    let expressions = binder.context.expressionBinder(Scope(), .refused(in: name))
    let bound = try expressions.bind(expression)
    guard bound.type == .interval || bound.type == .unknown else {
      throw SQLError(
        .datatypeMismatch, "the \(role) of \(name) must be of type interval, not type \(bound.type.baseName)", at: range)
    }
    let value = try expressions.cast(bound, to: .interval, .implicit, at: range)
    if value.hasParameter { return nil }
    guard value.readColumns.isEmpty else { throw .unsupported("a \(role) of this expression", at: range) }
    let column = try value.constantValue()
    if column.isNull(0) { throw SQLError(.invalidParameterValue, "the \(role) of \(name) must not be null", at: range) }
    let interval = column.value(0, as: Interval.self)
    if interval.months != 0 {
      throw SQLError(
        .invalidParameterValue, "the \(role) of \(name) must not contain months or years, whose lengths differ",
        hint: "Use days: a day has 24 hours here.", at: range)
    }
    guard let length = Int64(exactly: interval.comparableMicroseconds), length.magnitude <= limit.magnitude else {
      throw SQLError.intervalOutOfRange().located(at: range)
    }
    return length
  }
}
