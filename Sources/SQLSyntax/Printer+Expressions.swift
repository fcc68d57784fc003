extension Printer {
  /// An operand of an operator: in parentheses unless nothing can bind into it.
  private mutating func operand(_ value: Expr, _ minimum: Int = Precedence.primary) {
    if precedence(value) >= minimum { expr(value) } else {
      put("(")
      expr(value)
      put(")")
    }
  }

  /// How tightly the outermost operator binds; prefix operators count as loose, since they take what follows them.
  private func precedence(_ value: Expr) -> Int {
    switch value.kind {
    case .or: Precedence.or
    case .and: Precedence.and
    case .not, .unary: Precedence.or
    case .isTest, .isDistinct: Precedence.isTest
    case .between, .like, .inList, .inQuery: Precedence.between
    case .binary(let name, _, _): Precedence.of(name.name)
    case .quantified, .overlaps: Precedence.or
    case .atTimeZone: Precedence.atTimeZone
    case .collate: Precedence.collate
    default: Precedence.primary
    }
  }

  private mutating func exprs(_ list: [Expr]) { self.list(list) { $0.expr($1) } }

  private mutating func call(_ name: String, _ list: [Expr]) {
    put(name, "(")
    exprs(list)
    put(")")
  }

  mutating func subquery(_ query: Query) {
    put("(")
    self.query(query)
    put(")")
  }

  /// Each group of rules is a function of its own, because the frame of this one is taken at every level of a tree.
  mutating func expr(_ value: Expr) {
    switch value.kind {
    case .null, .boolean, .integer, .decimal, .string, .typedLiteral, .interval, .column, .star, .parameter, .current,
      .defaultValue:
      leaf(value)
    case .unary, .binary, .and, .or, .not, .isTest, .isDistinct, .collate, .atTimeZone, .overlaps: operation(value)
    case .between, .like, .inList, .inQuery, .quantified: predicate(value)
    case .cast, .element, .slice, .field, .fields: postfix(value)
    case .extract, .substring, .substringSimilar, .position, .trim, .overlay: special(value)
    case .arrayQuery, .exists, .subquery: queryOperand(value)
    case .call(let function): call(function)
    case .caseWhen(let operand, let whens, let otherwise): caseWhen(operand, whens, otherwise)
    case .row, .array, .coalesce, .nullIf, .greatest, .least, .grouping: listed(value)
    }
  }

  @inline(never)
  private mutating func leaf(_ value: Expr) {
    switch value.kind {
    case .null: put("NULL")
    case .boolean(let isTrue): put(isTrue ? "TRUE" : "FALSE")
    case .integer(let digits), .decimal(let digits): put(digits)
    case .string(let text): string(text)
    case .typedLiteral(let type, let text):
      self.type(type)
      put(" ")
      string(text)
    case .interval(let text, let fields, let precision):
      put("INTERVAL ")
      if fields == nil, let precision { put("(", String(precision), ") ") }
      string(text)
      if let fields {
        put(" ", fields.rawValue)
        if let precision { put("(", String(precision), ")") }
      }
    case .column(let parts): names(parts)
    case .star(let parts):
      if !parts.isEmpty {
        names(parts)
        put(".")
      }
      put("*")
    case .parameter(let number): put("$", String(number))
    case .current(let value, let precision):
      put(value.rawValue)
      if let precision { put("(", String(precision), ")") }
    case .defaultValue: put("DEFAULT")
    default: preconditionFailure("expr() sends leaves only")
    }
  }

  @inline(never)
  private mutating func operation(_ value: Expr) {
    switch value.kind {
    case .unary(let name, let right):
      if Precedence.canBePrefix(name) {
        put(name)
        if name != "-" && name != "+" { put(" ") }
      } else {
        put("OPERATOR(", name, ") ")
      }
      operand(right)
    case .binary(let name, let left, let right):
      let level = Precedence.of(name.name)
      operand(left, level == Precedence.comparison ? level + 1 : level)
      put(" ", name.name, " ")
      operand(right, level + 1)
    case .and(let operands): list(operands, " AND ") { $0.operand($1, Precedence.and + 1) }
    case .or(let operands): list(operands, " OR ") { $0.operand($1, Precedence.or + 1) }
    case .not(let right):
      put("NOT ")
      operand(right, Precedence.isTest)
    case .isTest(let left, let test, let negated):
      operand(left, Precedence.isTest + 1)
      put(negated ? " IS NOT " : " IS ", test.rawValue)
    case .isDistinct(let left, let right, let negated):
      operand(left, Precedence.isTest + 1)
      put(negated ? " IS NOT" : " IS", " DISTINCT FROM ")
      operand(right, Precedence.isTest + 1)
    case .collate(let left, let collation):
      operand(left, Precedence.collate)
      put(" COLLATE ")
      name(collation)
    case .atTimeZone(let left, let zone):
      operand(left, Precedence.atTimeZone)
      put(" AT TIME ZONE ")
      operand(zone, Precedence.atTimeZone + 1)
    case .overlaps(let left, let right):
      operand(left)
      put(" OVERLAPS ")
      operand(right)
    default: preconditionFailure("expr() sends operators only")
    }
  }

  @inline(never)
  private mutating func queryOperand(_ value: Expr) {
    switch value.kind {
    case .arrayQuery(let query):
      put("ARRAY")
      subquery(query)
    case .exists(let query):
      put("EXISTS ")
      subquery(query)
    case .subquery(let query): subquery(query)
    default: preconditionFailure("expr() sends queries only")
    }
  }

  /// What is a word and a list.
  @inline(never)
  private mutating func listed(_ value: Expr) {
    switch value.kind {
    case .row(let list): call("ROW", list)
    case .array(let elements):
      put("ARRAY[")
      exprs(elements)
      put("]")
    case .coalesce(let list): call("COALESCE", list)
    case .nullIf(let left, let right): call("NULLIF", [left, right])
    case .greatest(let list): call("GREATEST", list)
    case .least(let list): call("LEAST", list)
    case .grouping(let list): call("GROUPING", list)
    default: preconditionFailure("expr() sends lists only")
    }
  }

  @inline(never)
  private mutating func predicate(_ value: Expr) {
    let tighter = Precedence.between + 1
    switch value.kind {
    case .between(let left, let low, let high, let symmetric, let negated):
      operand(left, tighter)
      put(negated ? " NOT BETWEEN " : " BETWEEN ", symmetric ? "SYMMETRIC " : "")
      operand(low, tighter)
      put(" AND ")
      operand(high, tighter)
    case .like(let op, let left, let pattern, let escape, let negated):
      operand(left, tighter)
      put(negated ? " NOT " : " ", op.rawValue, " ")
      operand(pattern, tighter)
      if let escape {
        put(" ESCAPE ")
        operand(escape, tighter)
      }
    case .inList(let left, let list, let negated):
      operand(left, tighter)
      put(negated ? " NOT" : "", " IN (")
      exprs(list)
      put(")")
    case .inQuery(let left, let query, let negated):
      operand(left, tighter)
      put(negated ? " NOT" : "", " IN ")
      subquery(query)
    case .quantified(let left, let name, let quantifier, let right):
      operand(left)
      put(" ", name, " ", quantifier.rawValue, " ")
      switch right {
      case .query(let query): subquery(query)
      case .array(let array):
        put("(")
        expr(array)
        put(")")
      }
    default: break
    }
  }

  @inline(never)
  private mutating func postfix(_ value: Expr) {
    switch value.kind {
    case .cast(let left, let type, let isTry):
      if isTry {
        put("TRY_CAST(")
        expr(left)
        put(" AS ")
      } else {
        operand(left)
        put("::")
      }
      self.type(type)
      if isTry { put(")") }
    case .element(let base, let index):
      operandOfPostfix(base)
      put("[")
      expr(index)
      put("]")
    case .slice(let base, let lower, let upper):
      operandOfPostfix(base)
      put("[")
      if let lower { expr(lower) }
      put(" : ")
      if let upper { expr(upper) }
      put("]")
    case .field(let base, let field):
      put("(")
      expr(base)
      put(").")
      name(field)
    case .fields(let base):
      put("(")
      expr(base)
      put(").*")
    default: break
    }
  }

  /// A subscript behind `x::t` would belong to the type, behind a name to a column only.
  private mutating func operandOfPostfix(_ value: Expr) {
    switch value.kind {
    case .column, .parameter, .element, .slice: expr(value)
    default:
      put("(")
      expr(value)
      put(")")
    }
  }

  @inline(never)
  private mutating func caseWhen(_ operand: Expr?, _ whens: [CaseWhen], _ otherwise: Expr?) {
    put("CASE")
    if let operand {
      put(" ")
      expr(operand)
    }
    for when in whens {
      put(" WHEN ")
      expr(when.condition)
      put(" THEN ")
      expr(when.result)
    }
    if let otherwise {
      put(" ELSE ")
      expr(otherwise)
    }
    put(" END")
  }

  /// Functions with words between their arguments.
  @inline(never)
  private mutating func special(_ value: Expr) {
    func clause(_ word: String, _ part: Expr?) {
      guard let part else { return }
      put(word)
      operand(part)
    }
    switch value.kind {
    case .extract(let field, let from):
      put("EXTRACT(")
      string(field)
      clause(" FROM ", from)
    case .substring(let text, let from, let length):
      clause("SUBSTRING(", text)
      clause(" FROM ", from)
      clause(" FOR ", length)
    case .substringSimilar(let text, let pattern, let escape):
      clause("SUBSTRING(", text)
      clause(" SIMILAR ", pattern)
      clause(" ESCAPE ", escape)
    case .position(let needle, let text):
      clause("POSITION(", needle)
      clause(" IN ", text)
    case .trim(let side, let characters, let text):
      put("TRIM(", side.rawValue)
      clause(" ", characters)
      clause(" FROM ", text)
    case .overlay(let text, let part, let from, let length):
      clause("OVERLAY(", text)
      clause(" PLACING ", part)
      clause(" FROM ", from)
      clause(" FOR ", length)
    default: break
    }
    put(")")
  }

  // MARK: calls and windows

  @inline(never)
  mutating func call(_ function: FunctionCall) {
    name(function.name)
    put("(")
    if function.isStar { put("*") }
    if function.isDistinct { put("DISTINCT ") }
    list(function.arguments) { $0.argument($1) }
    if !function.orderBy.isEmpty {
      put(" ")
      orderBy(function.orderBy)
    }
    put(")")
    if !function.withinGroup.isEmpty {
      put(" WITHIN GROUP (")
      orderBy(function.withinGroup)
      put(")")
    }
    if let filter = function.filter {
      put(" FILTER (WHERE ")
      expr(filter)
      put(")")
    }
    switch function.over {
    case nil: break
    case .named(let window):
      put(" OVER ")
      name(window)
    case .inline(let specification):
      put(" OVER ")
      window(specification)
    }
  }

  private mutating func argument(_ argument: FunctionArgument) {
    if argument.isVariadic { put("VARIADIC ") }
    if let name = argument.name {
      self.name(name)
      put(" => ")
    }
    expr(argument.value)
  }

  mutating func window(_ window: WindowSpecification) {
    var separator = ""
    put("(")
    if let base = window.base {
      name(base)
      separator = " "
    }
    if !window.partitionBy.isEmpty {
      put(separator, "PARTITION BY ")
      exprs(window.partitionBy)
      separator = " "
    }
    if !window.orderBy.isEmpty {
      put(separator)
      orderBy(window.orderBy)
      separator = " "
    }
    if let frame = window.frame {
      put(separator, frame.unit.rawValue, frame.end == nil ? " " : " BETWEEN ")
      bound(frame.start)
      if let end = frame.end {
        put(" AND ")
        bound(end)
      }
      if let exclusion = frame.exclusion { put(" EXCLUDE ", exclusion.rawValue) }
    }
    put(")")
  }

  /// A frame's offset. A column of that name would read as the bound UNBOUNDED.
  private mutating func offset(_ value: Expr) {
    let isWord = if case .column(let parts) = value.kind { parts.count == 1 && parts[0].name == "unbounded" } else { false }
    if isWord { put("(") }
    operand(value)
    if isWord { put(")") }
  }

  private mutating func bound(_ bound: WindowFrame.Bound) {
    switch bound {
    case .unboundedPreceding: put("UNBOUNDED PRECEDING")
    case .unboundedFollowing: put("UNBOUNDED FOLLOWING")
    case .currentRow: put("CURRENT ROW")
    case .preceding(let offset):
      self.offset(offset)
      put(" PRECEDING")
    case .following(let offset):
      self.offset(offset)
      put(" FOLLOWING")
    }
  }

  mutating func orderBy(_ items: [OrderItem]) {
    put("ORDER BY ")
    list(items) { printer, item in
      printer.expr(item.value)
      if item.isDescending { printer.put(" DESC") }
      if let nullsFirst = item.nullsFirst { printer.put(nullsFirst ? " NULLS FIRST" : " NULLS LAST") }
    }
  }
}
