import Columnar
package import Planner
import Platform
import SQLCatalog
import SQLSyntax
package import SQLTypes

/// DECLARE, FETCH, MOVE and CLOSE, over queries and over subscriptions.
extension Session {
  /// - Errors: 25P01 outside of a transaction block, unless the cursor is held; 42P03 for a name that is taken.
  func declare(_ declared: DeclareCursor, _ facts: StatementFacts, at range: SourceRange) throws(SQLError) -> StatementResult {
    let name = declared.name.name
    if declared.isBinary { throw .unsupported("a binary cursor", at: range) }
    if block == nil && !declared.isWithHold {
      throw SQLError(.noActiveTransaction, "DECLARE CURSOR can only be used in transaction blocks", at: range)
    }
    if block?.cursors[name] != nil || heldCursors[name] != nil {
      throw SQLError(.duplicateCursor, "cursor \"\(name)\" already exists", at: declared.name.range)
    }
    let cursor: Cursor
    switch declared.source {
    case .query(let query) where query.emit?.mode == .changes:
      cursor = try live(declared, at: query.range) { (catalog) throws(SQLError) in
        try bindEmitChanges(query, facts.context(catalog))
      }
    case .subscribe(let subscribe):
      cursor = try live(declared, at: range) { (catalog) throws(SQLError) in
        try bindSubscribe(subscribe, facts.context(catalog))
      }
    case .query(let query):
      let result = try select(plan(query, facts, catalog).query)
      let columns = result.columns ?? []
      let batch = Batch.joined(result.batches, types: columns.map(\.type.physicalType))
      cursor = Cursor(
        columns: columns, rows: .stored(batch), isScroll: declared.isScroll ?? true, isHeld: declared.isWithHold)
    }
    if block == nil { heldCursors[name] = cursor } else { block?.cursors[name] = cursor }
    return StatementResult(tag: "DECLARE CURSOR")
  }

  /// A cursor over a subscription.
  private func live(
    _ declared: DeclareCursor, at range: SourceRange, _ bind: (Catalog) throws(SQLError) -> Following
  ) throws(SQLError) -> Cursor {
    if declared.isWithHold { throw .unsupported("WITH HOLD for a subscription", at: range) }
    if declared.isScroll == true { throw .unsupported("SCROLL for a subscription", at: range) }
    let (rows, columns) = try beginToFollow(bind)
    return Cursor(columns: columns, rows: .live(rows, waiting: []), isScroll: false, isHeld: false)
  }

  /// - Errors: 55000 for a way back in a cursor that goes forward only.
  func fetch(_ fetch: Fetch) throws(SQLError) -> StatementResult {
    var cursor = try cursor(fetch.cursor)
    let timeout = try fetch.options.isEmpty ? nil : Self.timeoutMilliseconds(fetch, cursor)
    let batches: [Batch]
    switch cursor.rows {
    case .stored(let batch):
      let (rows, position) = cursor.movement(fetch.direction, count: batch.count)
      if !cursor.isScroll && cursor.isBackward(rows, position) { throw Self.forwardOnly(fetch, canScroll: true) }
      cursor.position = position
      batches = rows.isEmpty ? [] : [batch.gather(Selection(rows.map { $0 - 1 }))]
    case .live(let live, let waiting):
      let (taken, left) = try take(fetch, from: live, waiting, timeoutMilliseconds: timeout)
      cursor.rows = .live(live, waiting: left)
      batches = taken
    }
    keep(cursor, as: fetch.cursor.name)
    let count = batches.reduce(0) { $0 + $1.count }
    return fetch.isMove
      ? StatementResult(tag: "MOVE \(count)")
      : StatementResult(columns: cursor.columns, batches: batches, tag: "FETCH \(count)")
  }

  /// The next rows of a subscription, as many as are asked for and there; waits until there is one.
  private func take(
    _ fetch: Fetch, from live: LiveRows, _ waiting: [Batch], timeoutMilliseconds: Int64?
  ) throws(SQLError) -> (taken: [Batch], left: [Batch]) {
    let wanted: Int
    switch fetch.direction {
    case .next: wanted = 1
    case .forward(let count) where count > 0: wanted = count
    case .forwardAll: wanted = .max
    default: throw Self.forwardOnly(fetch, canScroll: false)
    }
    var rows = waiting
    let start = engine.clock.monotonicNanoseconds
    while rows.reduce(0, { $0 + $1.count }) < wanted {
      try cancelToken.check()
      let isWaiting = !rows.contains { $0.count > 0 }
      let passed = (engine.clock.monotonicNanoseconds - start) / 1_000_000
      let rest = timeoutMilliseconds.map { max($0 - passed, 0) }
      guard let more = try live.next(timeoutMilliseconds: isWaiting ? rest : 0, cancelToken.cancellation) else { break }
      rows += more
      if !more.contains(where: { $0.count > 0 }) && (!isWaiting || rest == 0) { break }
    }
    return rows.split(at: wanted)
  }

  private static func timeoutMilliseconds(_ fetch: Fetch, _ cursor: Cursor) throws(SQLError) -> Int64 {
    for option in fetch.options where option.name != "timeout" {
      throw SQLError(
        .syntaxError, "FETCH has no option \"\(option.name)\"",
        hint: Nearest.hint(for: option.name, among: ["timeout"]), at: option.nameRange)
    }
    guard case .live = cursor.rows else {
      throw SQLError(.syntaxError, "only FETCH from a subscription has a timeout", at: fetch.options[0].nameRange)
    }
    guard case .string(let text)? = fetch.options[0].value?.kind, let milliseconds = timeoutMilliseconds(text) else {
      throw SQLError(
        .invalidParameterValue, "\"timeout\" is an interval, such as '1 s'", at: fetch.options[0].nameRange)
    }
    return milliseconds
  }

  /// How long an interval's text is; nil for what is none, and for what lies in the past.
  static func timeoutMilliseconds(_ text: String) -> Int64? {
    guard let length = try? Interval(sqlText: text), let milliseconds = Int64(exactly: length.comparableMicroseconds / 1_000) else {
      return nil
    }
    return milliseconds >= 0 ? milliseconds : nil
  }

  private static func forwardOnly(_ fetch: Fetch, canScroll: Bool) -> SQLError {
    SQLError(
      .objectNotInPrerequisiteState, "cursor can only scan forward",
      hint: canScroll ? "Declare it with SCROLL option to enable backward scan." : nil, at: fetch.cursor.range)
  }

  /// For the wire, which takes a cursor for a portal.
  ///
  /// - count: how many rows; nil: all that there are.
  /// - Errors: as FETCH.
  package func fetch(_ count: Int?, fromCursor name: String) throws(SQLError) -> StatementResult {
    let direction = count.map { Fetch.Direction.forward($0) } ?? .forwardAll
    let fetch = Fetch(isMove: false, direction: direction, cursor: Identifier(name, SourceRange(0, 0)), options: [])
    return try failingBlock { () throws(SQLError) in
      do throws(SQLError) { return try self.fetch(fetch) } catch { throw error.withoutRange }
    }
  }

  /// - Errors: 34000.
  package func columns(ofCursor name: String) throws(SQLError) -> [OutputColumn] {
    try failingBlock { () throws(SQLError) in
      do throws(SQLError) { return try cursor(Identifier(name, SourceRange(0, 0))).columns } catch { throw error.withoutRange }
    }
  }

  /// Closes a cursor, if there is one of this name.
  package func close(cursor name: String) {
    block?.cursors[name] = nil
    heldCursors[name] = nil
  }

  /// nil closes all of them.
  func close(_ name: Identifier?) throws(SQLError) -> StatementResult {
    guard let name else {
      block?.cursors = [:]
      heldCursors = [:]
      return StatementResult(tag: "CLOSE CURSOR ALL")
    }
    _ = try cursor(name)
    close(cursor: name.name)
    return StatementResult(tag: "CLOSE CURSOR")
  }

  /// - Errors: 34000.
  func cursor(_ name: Identifier) throws(SQLError) -> Cursor {
    guard let cursor = block?.cursors[name.name] ?? heldCursors[name.name] else {
      throw SQLError(.invalidCursorName, "cursor \"\(name.name)\" does not exist", at: name.range)
    }
    return cursor
  }

  private func keep(_ cursor: Cursor, as name: String) {
    if block?.cursors[name] != nil { block?.cursors[name] = cursor } else { heldCursors[name] = cursor }
  }
}
