import SQLTypes

// What the dialect adds to a query for time: EMIT, windowing functions, WITHIN, durations.
extension Parser {
  /// Whether EMIT starts its clause here and is no name: its mode must follow.
  func isEmit(at offset: Int = 0) -> Bool {
    guard isWord("emit", at: offset) else { return false }
    switch word(at: offset + 1) {
    case "changes", "once", "every", "periodic", "final": return true
    case "on": return isWord("window", at: offset + 2) || isWord("update", at: offset + 2)
    case "after": return isWord("window", at: offset + 2)
    default: return false
    }
  }

  /// `EMIT CHANGES | ON WINDOW CLOSE | ONCE [PER (columns)] | EVERY interval [ALWAYS]`, and the spellings of others.
  mutating func parseEmit() throws(SQLError) -> Emit {
    let start = start
    try expect("emit")
    let mode: Emit.Mode
    if accept("changes") || accept("on", "update") {
      mode = .changes
    } else if accept("final") {
      mode = .onWindowClose
    } else if accept("once") {
      var key: [Expr] = []
      if accept("per") {
        try expectMark("(")
        key = try parseExprList()
        try expectMark(")")
      }
      mode = .once(per: key)
    } else if accept("every") || accept("periodic") {
      let interval = try parseDuration()
      mode = .every(interval, always: accept("always"))
    } else {
      guard accept("on") || accept("after") else { throw syntaxError() }
      try expect("window", "close")
      mode = .onWindowClose
    }
    return Emit(mode: mode, range: range(from: start))
  }

  /// `TUMBLE '(' input ',' time ',' size [',' offset] ')'` and its like; arguments by position or by name.
  mutating func parseWindowTable(_ kind: WindowTable.WindowKind, inTable: Bool) throws(SQLError) -> WindowTable {
    let start = start
    advance()
    try expectMark("(")
    if isWord("data"), isNamedArgument { advance(); advance() }
    let isFlink = inTable || isWord("table")
    let input: WindowTable.Input
    if startsQueryInParentheses(), isPunctuation("(") {
      input = .query(try parseParenthesizedQuery())
    } else {
      _ = accept("table")
      input = .relation(try parseObjectName())
    }
    var keys: [Expr] = []
    if accept("partition", "by") { keys = try parsePartitionKeys() }
    var arguments: [FunctionArgument] = []
    while acceptMark(",") {
      arguments.append(try parseWindowArgument())
      try check(arguments.count, 4, .tooManyArguments)
    }
    // `SESSION(payments PARTITION BY a, b, time, gap)`: keys end where the last two arguments begin.
    while arguments.count < 2, keys.count > 1, kind == .session {
      arguments.insert(FunctionArgument(value: keys.removeLast()), at: 0)
    }
    try expectMark(")")
    var window = try windowTable(kind, input, arguments, range(from: start))
    window.partitionBy = keys
    window.includesGap = kind == .session && isFlink
    return window
  }

  /// Keys of PARTITION BY: expressions up to DESCRIPTOR, a named argument or the end.
  mutating func parsePartitionKeys() throws(SQLError) -> [Expr] {
    var keys: [Expr] = []
    let isParenthesized = isPunctuation("(")
    if isParenthesized {
      advance()
      keys = try parseExprList()
      try expectMark(")")
      return keys
    }
    repeat {
      keys.append(try parseExpr())
      try check(keys.count, Limits.arguments, .tooManyArguments)
      if isPunctuation(",") {
        if isWord("descriptor", at: 1), isPunctuation("(", at: 2) { break }
        if isPunctuation("=>", at: 2) || isPunctuation(":=", at: 2) { break }
      }
    } while acceptMark(",")
    return keys
  }

  /// `[name '=>'] (DESCRIPTOR '(' column ')' | a_expr)`.
  mutating func parseWindowArgument() throws(SQLError) -> FunctionArgument {
    var name: Identifier?
    if isNamedArgument {
      name = try parseLabel()
      advance()
    }
    guard isWord("descriptor"), isPunctuation("(", at: 1) else {
      return FunctionArgument(name: name, value: try parseExpr())
    }
    advance(); advance()
    let column = try parseExpr()
    try expectMark(")")
    return FunctionArgument(name: name, value: column)
  }

  /// Puts the arguments in their places.
  func windowTable(
    _ kind: WindowTable.WindowKind, _ input: WindowTable.Input, _ arguments: [FunctionArgument], _ range: SourceRange
  ) throws(SQLError) -> WindowTable {
    let places: [[String]] =
      switch kind {
      case .tumble: [["timecol"], ["size"], ["offset"]]
      case .hop: [["timecol"], ["slide"], ["size"], ["offset"]]
      case .cumulate: [["timecol"], ["step"], ["size"], ["offset"]]
      case .session: [["timecol"], ["gap", "size"]]
      }
    var found: [Expr?] = Array(repeating: nil, count: places.count)
    for (position, argument) in arguments.enumerated() {
      var place = position
      if let name = argument.name {
        guard let named = places.firstIndex(where: { $0.contains(name.name) }) else {
          throw SQLError(
            .undefinedFunction, "\(kind.rawValue) has no argument \"\(name.name)\"", at: name.range)
        }
        place = named
      }
      guard place < places.count, found[place] == nil else {
        throw SQLError(.syntaxError, "too many arguments of \(kind.rawValue)", at: argument.value.range)
      }
      found[place] = argument.value
    }
    let hasStep = kind == .hop || kind == .cumulate
    let step = hasStep ? found[1] : nil
    guard let time = found[0], let size = found[hasStep ? 2 : 1], !hasStep || step != nil else {
      throw SQLError(.syntaxError, "too few arguments of \(kind.rawValue)", at: range)
    }
    return WindowTable(
      kind: kind, input: input, partitionBy: [], time: time, step: step, size: size,
      offset: kind == .session ? nil : found[places.count - 1], range: range)
  }

  /// ksqlDB: `WINDOW TUMBLING|HOPPING '(' SIZE d [',' ADVANCE BY d] [',' RETENTION d] [',' GRACE PERIOD d] ')'`,
  /// `WINDOW SESSION '(' d … ')'`.
  mutating func parseStreamWindow() throws(SQLError) -> StreamWindow? {
    guard isWord("window"), isPunctuation("(", at: 2), let name = word(at: 1),
      let kind = StreamWindow.WindowKind(rawValue: name.uppercased())
    else { return nil }
    let start = start
    advance(); advance(); advance()
    if kind != .session { try expect("size") }
    var window = StreamWindow(kind: kind, size: try parseDuration(), range: current.range)
    while acceptMark(",") {
      if kind == .hopping, window.advance == nil, accept("advance", "by") {
        window.advance = try parseDuration()
      } else if window.retention == nil, accept("retention") {
        window.retention = try parseDuration()
      } else if window.grace == nil, accept("grace", "period") {
        window.grace = try parseDuration()
      } else {
        throw syntaxError()
      }
    }
    if kind == .hopping, window.advance == nil { throw syntaxError() }
    try expectMark(")")
    window.range = range(from: start)
    return window
  }

  /// ksqlDB: `WITHIN duration`, `WITHIN '(' before ',' after ')'`, `[GRACE PERIOD duration]`.
  mutating func parseWithin() throws(SQLError) -> Within? {
    let start = start
    guard accept("within") else { return nil }
    let before: Expr
    var after: Expr
    if acceptMark("(") {
      before = try parseDuration()
      try expectMark(",")
      after = try parseDuration()
      try expectMark(")")
    } else {
      before = try parseDuration()
      after = before
    }
    let grace = accept("grace", "period") ? try parseDuration() : nil
    return Within(before: before, after: after, grace: grace, range: range(from: start))
  }

  /// A duration: `10 SECONDS` as ksqlDB writes it, or any expression.
  mutating func parseDuration() throws(SQLError) -> Expr {
    let units: Set<String> = [
      "millisecond", "second", "minute", "hour", "day", "week", "month", "year", "milliseconds", "seconds", "minutes",
      "hours", "days", "weeks", "months", "years",
    ]
    if case .integer(let digits) = current.kind, let unit = word(at: 1), units.contains(unit) {
      let start = start
      advance(); advance()
      return Expr(.interval("\(digits) \(unit)", fields: nil, precision: nil), range(from: start))
    }
    return try parseExpr(Precedence.other)
  }
}
