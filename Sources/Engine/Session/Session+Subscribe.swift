import Expressions
import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes

extension Session {
  /// What SUBSCRIBE or a SELECT with EMIT CHANGES asks for, bound.
  struct Following {
    var target: SubscribeRequest.Target
    var columns: [OutputColumn]
    var shape: LiveRows.Shape
    var hasSnapshot = true
    var limit: Int?
    var lastTick: UInt64?
    var relations: Set<RelationID>

    /// With the columns that tell of the change.
    var allColumns: [OutputColumn] {
      switch shape {
      case .subscribe:
        [OutputColumn(name: "leat_tick", type: .bigint), OutputColumn(name: "leat_diff", type: .bigint)] + columns
      case .changes: [OutputColumn(name: "leat_diff", type: .bigint)] + columns
      }
    }
  }

  func bindSubscribe(_ subscribe: Subscribe, _ context: BindingContext) throws(SQLError) -> Following {
    if let asOf = subscribe.asOf { throw .unsupported("SUBSCRIBE … AS OF", at: asOf.range) }
    var (hasSnapshot, progress) = (true, false)
    for option in subscribe.options {
      switch option.name {
      case "snapshot": hasSnapshot = try Self.flag(option)
      case "progress": progress = try Self.flag(option)
      case "envelope":
        if case .string("diff")? = option.value?.kind { continue }
        throw .unsupported("an envelope other than \"diff\"", at: option.nameRange)
      default:
        throw SQLError(
          .syntaxError, "SUBSCRIBE has no option \"\(option.name)\"",
          hint: Nearest.hint(for: option.name, among: ["snapshot", "progress", "envelope"]), at: option.nameRange)
      }
    }
    var following: Following
    switch subscribe.source {
    case .relation(let name):
      let query = Query(QueryBody(.table(name), name.range), name.range)
      following = try follow(query, context, .subscribe(progress: progress))
    case .query(let query): following = try follow(query, context, .subscribe(progress: progress))
    }
    following.hasSnapshot = hasSnapshot
    if let upTo = subscribe.upTo {
      guard case .integer(let digits) = upTo.kind, let tick = UInt64(digits) else {
        throw SQLError(.syntaxError, "UP TO needs the number of a tick", at: upTo.range)
      }
      following.lastTick = tick
    }
    return following
  }

  /// `SELECT … EMIT CHANGES [LIMIT n]`: the limit counts changes.
  func bindEmitChanges(_ query: Query, _ context: BindingContext) throws(SQLError) -> Following {
    var query = query
    var limit: Int?
    if let expression = query.limit {
      guard case .integer(let digits) = expression.kind, let count = Int(digits) else {
        throw .unsupported("a LIMIT of EMIT CHANGES that is not a number", at: expression.range)
      }
      limit = count
    }
    (query.limit, query.emit) = (nil, nil)
    if let item = query.orderBy.first { throw .unsupported("ORDER BY with EMIT CHANGES", at: item.range) }
    var following = try follow(query, context, .changes)
    following.limit = limit
    return following
  }

  private func follow(_ query: Query, _ context: BindingContext, _ shape: LiveRows.Shape) throws(SQLError) -> Following {
    var context = context
    // What is followed is kept: no one moment is meant.
    context.statementTime = nil
    context.session = nil
    let planned = try QueryBinder.plan(query, context: context)
    let relations = planned.plan.relations
    if let system = relations.sorted().compactMap({ engine.published.catalog[$0] }).first(where: { $0.kind == .system }) {
      throw .unsupported("to follow \"\(system.schema).\(system.name)\"", at: query.range)
    }
    var target = SubscribeRequest.Target.query(planned)
    if case .scan(let id, _) = planned.visiblePlan.withoutIdentity { target = .relation(id) }
    return Following(target: target, columns: planned.columns, shape: shape, relations: relations)
  }

  /// A statement that follows a relation and answers its rows as they come.
  func follow(_ bind: (Catalog) throws(SQLError) -> Following) throws(SQLError) -> StatementResult {
    let (rows, columns) = try beginToFollow(bind)
    return StatementResult(columns: columns, tag: "SUBSCRIBE", live: rows)
  }

  /// Begins to follow what `bind` finds in the catalog.
  ///
  /// A subscription tells what is committed, tick by tick.
  /// - Errors: 0A000 in a transaction with writes of its own, or with one tick for all its statements: it would be told
  ///   something else than it reads.
  func beginToFollow(
    _ bind: (Catalog) throws(SQLError) -> Following
  ) throws(SQLError) -> (rows: LiveRows, columns: [OutputColumn]) {
    if block?.pinsItsTick == true { throw .unsupported("a subscription in a transaction that reads one tick", at: nil) }
    if block?.pending.isEmpty == false { throw .unsupported("a subscription in a transaction that has written", at: nil) }
    while true {
      try cancelToken.check()
      let catalog = engine.published.catalog
      let following = try bind(catalog)
      try startSources(following.relations)
      let reply = Reply<SubscribeOutcome>()
      try engine.submit(.subscribe(SubscribeRequest(target: following.target, catalogVersion: catalog.version), reply), cancelToken)
      let outcome = try reply.wait(cancelToken) { () throws(SQLError) in
        try engine.submit(.cancelJob(ObjectIdentifier(reply)))
      }
      guard case .subscribed(let id, let subscription) = outcome else { continue }
      let rows = try LiveRows(
        engine, id, subscription, following.shape, types: following.columns.map(\.type),
        hasSnapshot: following.hasSnapshot, limit: following.limit, upTo: following.lastTick)
      return (rows, following.allColumns)
    }
  }

  private static func flag(_ option: Option) throws(SQLError) -> Bool {
    switch option.value?.kind {
    case nil, .boolean(true)?, .string("true")?, .string("on")?: return true
    case .boolean(false)?, .string("false")?, .string("off")?: return false
    default: throw SQLError(.invalidParameterValue, "\"\(option.name)\" is true or false", at: option.nameRange)
    }
  }
}

extension LogicalPlan {
  /// The plan below projections that give each column as it is.
  fileprivate var withoutIdentity: LogicalPlan {
    guard case .project(let input, let expressions) = self, expressions.count == input.types.count else { return self }
    for (index, expression) in expressions.enumerated() {
      guard case .column(let column, _) = expression, column == index else { return self }
    }
    return input.withoutIdentity
  }
}
