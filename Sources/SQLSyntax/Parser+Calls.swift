import SQLTypes

// Names, calls and their arguments.
extension Parser {
  /// columnref, func_expr, or a typed literal: what starts with a name.
  mutating func parseNamed() throws(SQLError) -> Expr {
    let start = start
    let isCallable: Bool
    let isColumn: Bool
    if case .word(let word) = current.kind {
      isCallable = Keywords.canNameFunction(word)
      isColumn = Keywords.canNameColumn(word)
    } else {
      isCallable = true
      isColumn = true
    }
    guard isCallable || isColumn else { throw syntaxError() }
    var parts = [try parseLabel()]
    while isColumn, acceptMark(".") {
      if acceptOperator("*") { return Expr(.star(parts), range(from: start)) }
      parts.append(try parseLabel())
      try check(parts.count, 16, .syntaxError)
    }
    if isPunctuation("("), isCallable || parts.count > 1 {
      let name = ObjectName(parts, range(from: start))
      advance()
      return try parseCallBody(name, from: start)
    }
    if case .string(let text) = current.kind, isCallable || parts.count > 1 {
      let type = TypeName(parts, range: range(from: start))
      advance()
      return Expr(.typedLiteral(type, text), range(from: start))
    }
    guard isColumn else { throw syntaxError() }
    return Expr(.column(parts), range(from: start))
  }

  var isNamedArgument: Bool { isPunctuation("=>", at: 1) || isPunctuation(":=", at: 1) }

  /// func_application behind its opening parenthesis, and what may follow the closing one; `first` is an argument that
  /// was read already.
  mutating func parseCallBody(_ name: ObjectName, first: Expr? = nil, from start: Int) throws(SQLError) -> Expr {
    var call = FunctionCall(name)
    if let first {
      call.arguments = [FunctionArgument(value: first)]
      if acceptMark(",") { try parseArguments(into: &call) }
    } else if isOperator("*"), isPunctuation(")", at: 1) {
      advance()
      call.isStar = true
    } else if !isPunctuation(")") {
      if accept("distinct") { call.isDistinct = true } else { _ = accept("all") }
      try parseArguments(into: &call)
    }
    if isWord("order") { call.orderBy = try parseOrderBy() }
    try expectMark(")")
    if accept("within", "group") {
      try expectMark("(")
      guard isWord("order") else { throw syntaxError() }
      call.withinGroup = try parseOrderBy()
      try expectMark(")")
    }
    if isWord("ignore") || isWord("respect"), isWord("nulls", at: 1) { throw unsupported("IGNORE NULLS") }
    if isWord("filter"), isPunctuation("(", at: 1) {
      advance(); advance()
      try expect("where")
      call.filter = try parseExpr()
      try expectMark(")")
    }
    if accept("over") {
      if isPunctuation("(") {
        call.over = .inline(try parseWindowSpecification())
      } else {
        call.over = .named(try parseName())
      }
    }
    return Expr(.call(call), range(from: start))
  }

  mutating func parseArguments(into call: inout FunctionCall) throws(SQLError) {
    repeat {
      call.arguments.append(try parseArgument())
      try check(call.arguments.count, Limits.arguments, .tooManyArguments)
    } while acceptMark(",")
  }

  /// func_arg_expr: `[VARIADIC] [name '=>'] a_expr`.
  mutating func parseArgument() throws(SQLError) -> FunctionArgument {
    let isVariadic = accept("variadic")
    var name: Identifier?
    if isNamedArgument {
      name = try parseLabel()
      advance()
    }
    return FunctionArgument(name: name, value: try parseExpr(), isVariadic: isVariadic)
  }

  /// A call that stands in FROM.
  mutating func parseTableFunction() throws(SQLError) -> FunctionCall {
    let start = start
    let value = try parsePrimary()
    guard case .call(let call) = value.kind else {
      throw SQLError.syntax(near: lexer.text(range(from: start)), at: range(from: start))
    }
    return call
  }
}
