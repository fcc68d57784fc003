import SQLTypes

extension Parser {
  /// stmt.
  mutating func parseStatement() throws(SQLError) -> Statement {
    let outer = try enter(weight: 4)
    let start = start
    let kind = try parseStatementKind()
    try leave(outer, weight: 4)
    return Statement(kind, range(from: start))
  }

  private mutating func parseStatementKind() throws(SQLError) -> Statement.Kind {
    guard let word else {
      guard isPunctuation("(") else { throw syntaxError() }
      return .query(try parseQuery())
    }
    switch word {
    case "select", "values", "table": return .query(try parseQuery())
    case "with": return try parseWithStatement()
    case "create": return try parseCreate()
    case "drop": return try parseDrop()
    case "insert": return .insert(try parseInsert(with: nil))
    case "update": return .update(try parseUpdate(with: nil))
    case "delete": return .delete(try parseDelete(with: nil))
    case "begin", "start", "commit", "end", "rollback", "abort": return try parseTransaction(word)
    case "subscribe": return .subscribe(try parseSubscribe())
    case "explain": return .explain(try parseExplain())
    case "show": return .show(try parseShow())
    case "set": return try parseSet()
    case "reset": return try parseReset()
    case "describe", "desc": return try parseDescribe()
    case "prepare": return try parsePrepare()
    case "execute": return try parseExecute()
    case "deallocate": return try parseDeallocate()
    case "declare": return .declareCursor(try parseDeclare())
    case "fetch", "move": return .fetch(try parseFetch())
    case "close":
      advance()
      return .closeCursor(accept("all") ? nil : try parseName())
    case "copy": return .copy(try parseCopy())
    case "wait":
      advance()
      try expect("for")
      let positionRange = current.range
      let position = try parseString()
      return .waitFor(
        WaitFor(position: position, positionRange: positionRange, timeout: accept("timeout") ? try parseDuration() : nil))
    case "discard":
      advance()
      if accept("temporary") { return .discard(.temporary) }
      guard let name = self.word, let target = DiscardTarget(rawValue: name.uppercased()) else { throw syntaxError() }
      advance()
      return .discard(target)
    default: return try parseUnsupported(word)
    }
  }

  /// `WITH … SELECT|INSERT|UPDATE|DELETE`.
  private mutating func parseWithStatement() throws(SQLError) -> Statement.Kind {
    // The statement's own word stands behind balanced parentheses; look for it so that the query rule can own WITH.
    var offset = 1
    var depth = 0
    search: while true {
      switch peek(offset).kind {
      case .end: break search
      case .punctuation("("): depth += 1
      case .punctuation(")"): depth -= 1
      case .word("select") where depth == 0, .word("values") where depth == 0, .word("table") where depth == 0:
        break search
      case .word("insert") where depth == 0: return .insert(try parseInsert(with: try parseWith()))
      case .word("update") where depth == 0: return .update(try parseUpdate(with: try parseWith()))
      case .word("delete") where depth == 0: return .delete(try parseDelete(with: try parseWith()))
      default: break
      }
      offset += 1
    }
    return .query(try parseQuery())
  }

  // MARK: what is recognised only

  /// Skips to the end of the statement.
  mutating func skip(_ name: String) throws(SQLError) -> Statement.Kind {
    index = tokens.count - 1
    if let lexicalError { throw lexicalError }
    return .unsupported(name)
  }

  /// A statement known by its first word; every other word is a syntax error.
  private mutating func parseUnsupported(_ word: String) throws(SQLError) -> Statement.Kind {
    switch word {
    case "alter", "comment", "refresh", "security", "import", "reassign":
      advance()
      guard let name = objectKind() else { throw syntaxError() }
      return try skip("\(word.uppercased()) \(name)")
    case "pause", "resume", "terminate":
      let name = self.word(at: 1)?.uppercased()
      let kinds: Set<String> = ["VIEW", "SOURCE", "SINK", "STREAM", "TABLE", "JOB", "QUERY", "MATERIALIZED"]
      if let name, kinds.contains(name) {
        return try skip("\(word.uppercased()) \(name == "MATERIALIZED" ? "MATERIALIZED VIEW" : name)")
      }
      return try skip(word.uppercased())
    case "analyze", "analyse", "assert", "call", "checkpoint", "cluster", "define", "undefine", "do", "grant", "revoke",
      "listen", "notify", "unlisten", "load", "lock", "merge", "print", "reindex", "release", "savepoint", "truncate",
      "vacuum", "run", "list", "unset":
      return try skip(word == "analyse" ? "ANALYZE" : word.uppercased())
    default: throw syntaxError()
    }
  }

  /// The name of the kind of object that stands here (`MATERIALIZED VIEW`, `INDEX`, …), or nil.
  func objectKind() -> String? {
    guard let first = word else { return nil }
    switch first {
    case "materialized", "foreign", "event", "text", "operator", "default", "access", "unique", "user", "security":
      if let second = word(at: 1) {
        switch (first, second) {
        case ("materialized", "view"), ("foreign", "table"), ("foreign", "data"), ("foreign", "schema"),
          ("event", "trigger"), ("text", "search"), ("operator", "class"), ("operator", "family"),
          ("default", "privileges"), ("access", "method"), ("user", "mapping"), ("security", "label"):
          return "\(first) \(second)".uppercased()
        case ("unique", "index"): return "INDEX"
        default: break
        }
      }
      return first == "operator" || first == "user" ? first.uppercased() : nil
    case "temp", "temporary", "local", "global", "unlogged", "recursive":
      guard let second = word(at: 1) else { return nil }
      return "TEMPORARY \(second.uppercased())"
    case "aggregate", "cast", "collation", "connection", "connector", "constraint", "conversion", "database", "domain",
      "extension", "function", "group", "index", "job", "language", "label", "large", "on", "owned", "policy",
      "procedure", "publication", "role", "routine", "rule", "schema", "secret", "sequence", "server", "sink", "source",
      "statistics", "stream", "subscription", "system", "table", "tablespace", "transform", "trigger", "type", "view":
      return first.uppercased()
    default: return nil
    }
  }

  // MARK: transactions

  /// TransactionStmt.
  private mutating func parseTransaction(_ word: String) throws(SQLError) -> Statement.Kind {
    advance()
    switch word {
    case "start":
      try expect("transaction")
      return .begin(try parseTransactionModes())
    case "begin":
      if !accept("work") { _ = accept("transaction") }
      return .begin(try parseTransactionModes())
    case "commit", "end":
      if accept("prepared") { return try skip("COMMIT PREPARED") }
      return .commit(andChain: try parseChain())
    default:
      if accept("prepared") { return try skip("ROLLBACK PREPARED") }
      let andChain = try parseChain()
      if word == "rollback", !andChain, accept("to") { return try skip("ROLLBACK TO SAVEPOINT") }
      return .rollback(andChain: andChain)
    }
  }

  /// `[WORK|TRANSACTION] [AND [NO] CHAIN]`.
  private mutating func parseChain() throws(SQLError) -> Bool {
    if !accept("work") { _ = accept("transaction") }
    guard accept("and") else { return false }
    let isNegated = accept("no")
    try expect("chain")
    return !isNegated
  }

  /// `ISOLATION LEVEL l`, `READ ONLY|WRITE`, `[NOT] DEFERRABLE`, with or without commas.
  private mutating func parseTransactionModes() throws(SQLError) -> TransactionModes {
    var modes = TransactionModes()
    while true {
      if accept("isolation") {
        try expect("level")
        if accept("serializable") { modes.isolation = .serializable }
        else if accept("repeatable", "read") { modes.isolation = .repeatableRead }
        else if accept("read", "committed") { modes.isolation = .readCommitted }
        else if accept("read", "uncommitted") { modes.isolation = .readUncommitted }
        else { throw syntaxError() }
      } else if accept("read", "only") {
        modes.isReadOnly = true
      } else if accept("read", "write") {
        modes.isReadOnly = false
      } else if accept("deferrable") {
        modes.isDeferrable = true
      } else if accept("not", "deferrable") {
        modes.isDeferrable = false
      } else {
        return modes
      }
      if acceptMark(","), current.kind == .end { throw syntaxError() }
    }
  }

  // MARK: SUBSCRIBE, EXPLAIN, SHOW, SET

  /// `SUBSCRIBE [TO] name | (query) [WITH (…)] [AS OF a_expr] [UP TO a_expr]`.
  mutating func parseSubscribe() throws(SQLError) -> Subscribe {
    try expect("subscribe")
    _ = accept("to")
    let source: Subscribe.Source
    if isPunctuation("(") { source = .query(try parseParenthesizedQuery()) } else {
      source = .relation(try parseObjectName())
    }
    let options = try parseWithOptions()
    var subscribe = Subscribe(source: source, options: options)
    if accept("as", "of") { subscribe.asOf = try parseExpr() }
    if accept("up", "to") { subscribe.upTo = try parseExpr() }
    return subscribe
  }

  /// `EXPLAIN [ANALYZE] [VERBOSE] stmt`, `EXPLAIN (options) stmt`.
  private mutating func parseExplain() throws(SQLError) -> Explain {
    try expect("explain")
    var options: [Option] = []
    if isPunctuation("("), !startsQueryInParentheses() {
      options = try parseOptions()
    } else {
      for name in ["analyze", "verbose"] {
        let range = current.range
        if accept(name) || (name == "analyze" && accept("analyse")) {
          options.append(Option(name: name, value: nil, nameRange: range))
        }
      }
    }
    return Explain(options: options, statement: try parseStatement())
  }

  /// `SHOW name|ALL|objects|CREATE [kind] name`.
  private mutating func parseShow() throws(SQLError) -> Show {
    try expect("show")
    if accept("all") { return .all }
    if accept("create") {
      var kind: String?
      if let name = objectKind(), !isPunctuation(".", at: 1), peek(1).kind != .end {
        kind = name
        for _ in name.split(separator: " ") { advance() }
      }
      return .create(kind, try parseObjectName())
    }
    if accept("materialized", "views") { return .objects(.materializedViews) }
    if let word, let objects = ShowObjects(rawValue: word.uppercased()), peek(1).kind == .end {
      advance()
      return .objects(objects)
    }
    return .setting(try parseSettingName())
  }

  /// var_name, or one of the spellings of a few words.
  private mutating func parseSettingName() throws(SQLError) -> ObjectName {
    let start = start
    let name: String
    if accept("time", "zone") {
      name = "timezone"
    } else if areWords("transaction", "isolation", "level") {
      advance(); advance(); advance()
      name = "transaction_isolation"
    } else if accept("session", "authorization") {
      name = "session_authorization"
    } else if case .string(let text) = current.kind, !text.isEmpty {
      advance()
      name = text
    } else {
      return try parseObjectName()
    }
    let range = range(from: start)
    return ObjectName([Identifier(name, range)], range)
  }

  /// `SET [SESSION|LOCAL] name {TO|=} value { ',' value }`, and its spellings of several words.
  private mutating func parseSet() throws(SQLError) -> Statement.Kind {
    try expect("set")
    var scope: SetVariable.Scope?
    if isWord("constraints") { return try skip("SET CONSTRAINTS") }
    if isWord("session"), isWord("authorization", at: 1) { return try skip("SET SESSION AUTHORIZATION") }
    if accept("local") { scope = .local } else if isWord("session"), !isOperator("=", at: 1), !isWord("to", at: 1) {
      advance()
      scope = .session
    }
    if isWord("role") { return try skip("SET ROLE") }
    let start = start
    func named(_ name: String) -> ObjectName {
      ObjectName([Identifier(name, range(from: start))], range(from: start))
    }
    if areWords("characteristics", "as", "transaction"), scope == .session {
      advance(); advance(); advance()
      return .set(
        SetVariable(scope: scope, name: named("transaction"), value: .transaction(try parseTransactionModes())))
    }
    if isWord("transaction"), !isOperator("=", at: 1), !isWord("to", at: 1), scope == nil {
      advance()
      if isWord("snapshot") { throw unsupported("SET TRANSACTION SNAPSHOT") }
      return .set(
        SetVariable(scope: nil, name: named("transaction"), value: .transaction(try parseTransactionModes())))
    }
    let name: ObjectName
    let isTimeZone = accept("time", "zone")
    if isTimeZone {
      name = named("timezone")
      if accept("local") { return .set(SetVariable(scope: scope, name: name, value: .defaultValue)) }
    } else if isWord("names"), !isOperator("=", at: 1), !isWord("to", at: 1) {
      advance()
      name = named("client_encoding")
      if current.kind == .end { return .set(SetVariable(scope: scope, name: name, value: .defaultValue)) }
    } else if isWord("schema"), case .string = peek(1).kind {
      advance()
      name = named("search_path")
    } else {
      name = try parseSettingName()
      guard acceptOperator("=") || accept("to") else { throw syntaxError() }
    }
    if accept("default") { return .set(SetVariable(scope: scope, name: name, value: .defaultValue)) }
    var values: [Expr] = []
    repeat {
      if isTimeZone, values.isEmpty, isWord("interval"), let interval = try parseInterval() {
        values.append(interval)
      } else {
        values.append(try parseOptionValue())
      }
      try check(values.count)
    } while acceptMark(",")
    return .set(SetVariable(scope: scope, name: name, value: .values(values)))
  }

  /// `RESET name|ALL`.
  private mutating func parseReset() throws(SQLError) -> Statement.Kind {
    advance()
    return .reset(accept("all") ? nil : try parseSettingName())
  }

  /// `DESCRIBE [EXTENDED] name`.
  private mutating func parseDescribe() throws(SQLError) -> Statement.Kind {
    advance()
    let isExtended = isWord("extended") && peek(1).kind != .end && accept("extended")
    return .describe(try parseObjectName(), isExtended: isExtended)
  }

  // MARK: prepared statements and cursors

  /// `PREPARE name [(types)] AS stmt`.
  private mutating func parsePrepare() throws(SQLError) -> Statement.Kind {
    advance()
    if isWord("transaction"), case .string = peek(1).kind { return try skip("PREPARE TRANSACTION") }
    let name = try parseName()
    var types: [TypeName] = []
    if acceptMark("(") {
      repeat {
        types.append(try parseTypeName())
        try check(types.count, 65_535)
      } while acceptMark(",")
      try expectMark(")")
    }
    try expect("as")
    return .prepare(name, types: types, try parseStatement())
  }

  /// `EXECUTE name [(list)]`.
  private mutating func parseExecute() throws(SQLError) -> Statement.Kind {
    advance()
    let name = try parseName()
    var values: [Expr] = []
    if acceptMark("(") {
      values = try parseExprList()
      try expectMark(")")
    }
    return .execute(name, values)
  }

  /// `DEALLOCATE [PREPARE] name|ALL`.
  private mutating func parseDeallocate() throws(SQLError) -> Statement.Kind {
    advance()
    if isWord("prepare"), peek(1).kind != .end { advance() }
    return .deallocate(accept("all") ? nil : try parseName())
  }

  /// `DECLARE name [BINARY] [INSENSITIVE] [[NO] SCROLL] CURSOR [WITH|WITHOUT HOLD] FOR query|SUBSCRIBE …`.
  private mutating func parseDeclare() throws(SQLError) -> DeclareCursor {
    try expect("declare")
    let name = try parseName()
    var isBinary = false
    var isInsensitive = false
    var isScroll: Bool?
    while !isWord("cursor") {
      if accept("binary") { isBinary = true }
      else if accept("insensitive") { isInsensitive = true }
      else if accept("asensitive") { isInsensitive = false }
      else if accept("scroll") { isScroll = true }
      else if accept("no", "scroll") { isScroll = false }
      else { throw syntaxError() }
    }
    advance()
    var isWithHold = false
    if accept("with", "hold") { isWithHold = true } else { _ = accept("without", "hold") }
    try expect("for")
    let source: DeclareCursor.Source =
      isWord("subscribe") ? .subscribe(try parseSubscribe()) : .query(try parseQuery())
    return DeclareCursor(
      name: name, isBinary: isBinary, isInsensitive: isInsensitive, isScroll: isScroll, isWithHold: isWithHold,
      source: source)
  }

  /// `FETCH|MOVE [direction] [FROM|IN] cursor [WITH (options)]`.
  private mutating func parseFetch() throws(SQLError) -> Fetch {
    let isMove = isWord("move")
    advance()
    var direction = Fetch.Direction.next
    // A lone name is the cursor, whatever the name is.
    if peek(1).kind != .end && peek(1).kind != .word("with") { direction = try parseFetchDirection() }
    if !accept("from") { _ = accept("in") }
    var fetch = Fetch(isMove: isMove, direction: direction, cursor: try parseName(), options: [])
    if accept("with") { fetch.options = try parseOptions() }
    return fetch
  }

  private mutating func parseFetchDirection() throws(SQLError) -> Fetch.Direction {
    if accept("next") { return .next }
    if accept("prior") { return .prior }
    if accept("first") { return .first }
    if accept("last") { return .last }
    if accept("all") { return .forwardAll }
    if accept("absolute") { return .absolute(try parseInteger(signed: true)) }
    if accept("relative") { return .relative(try parseInteger(signed: true)) }
    if accept("forward") {
      if accept("all") { return .forwardAll }
      return isSignedInteger ? .forward(try parseInteger(signed: true)) : .forward(1)
    }
    if accept("backward") {
      if accept("all") { return .backwardAll }
      return isSignedInteger ? .backward(try parseInteger(signed: true)) : .backward(1)
    }
    return isSignedInteger ? .forward(try parseInteger(signed: true)) : .next
  }

  private var isSignedInteger: Bool {
    isInteger(at: 0) || isOperator("-") || isOperator("+")
  }

  // MARK: COPY

  /// `COPY name [(columns)] FROM|TO STDIN|STDOUT|'file' [options] [WHERE a_expr]`, `COPY (query) TO …`.
  private mutating func parseCopy() throws(SQLError) -> Copy {
    try expect("copy")
    let source: Copy.Source
    var isFrom = false
    if isPunctuation("(") {
      switch word(at: 1) {
      case "insert", "update", "delete", "subscribe":
        advance()
        source = .query(try parseStatement())
        try expectMark(")")
      default:
        let start = start
        let query = try parseParenthesizedQuery()
        source = .query(Statement(.query(query), range(from: start)))
      }
      try expect("to")
    } else {
      if isWord("binary"), !isPunctuation("(", at: 1) { throw unsupported("COPY BINARY") }
      let name = try parseObjectName()
      source = .table(name, try parseOptionalNameList())
      isFrom = accept("from")
      if !isFrom { try expect("to") }
    }
    let endpoint: Copy.Endpoint
    if isWord("program") { throw unsupported("COPY PROGRAM") }
    if accept("stdin") || accept("stdout") { endpoint = .standard } else { endpoint = .file(try parseString()) }
    var copy = Copy(source: source, isFrom: isFrom, endpoint: endpoint, options: [])
    _ = accept("with")
    if isPunctuation("(") { copy.options = try parseOptions() } else { try parseOldCopyOptions(into: &copy.options) }
    if isFrom, accept("where") { copy.filter = try parseExpr() }
    return copy
  }

  /// `CSV`, `BINARY`, `HEADER`, `DELIMITER [AS] c`, `NULL [AS] s`, `QUOTE [AS] c`, `ESCAPE [AS] c`, `ENCODING s`.
  private mutating func parseOldCopyOptions(into options: inout [Option]) throws(SQLError) {
    while let word, word != "where" {
      let range = current.range
      switch word {
      case "csv", "binary":
        advance()
        options.append(Option(name: "format", value: Expr(.string(word), range), nameRange: range))
      case "header", "freeze":
        advance()
        options.append(Option(name: word, value: nil, nameRange: range))
      case "delimiter", "null", "quote", "escape", "encoding":
        advance()
        _ = accept("as")
        guard case .string = current.kind else { throw syntaxError() }
        options.append(Option(name: word, value: try parseOptionValue(), nameRange: range))
      default: throw syntaxError()
      }
      try check(options.count)
    }
  }
}
