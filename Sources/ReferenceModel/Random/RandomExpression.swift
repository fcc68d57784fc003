package import SQLTypes

/// A column that a random query can name.
package struct QueryColumn: Sendable {
  /// As the query writes it: `a1.i2`.
  package var sql: String
  package var type: SQLType
  /// Whether sums and products of it are exact in every order: not so for quotients and averages, which were rounded.
  package var isExact = true
  /// Whether few rows share a value: over large tables only such columns are joined.
  package var isSelective = true

  package init(sql: String, type: SQLType, isExact: Bool = true, isSelective: Bool = true) {
    self.sql = sql
    self.type = type
    self.isExact = isExact
    self.isSelective = isSelective
  }
}

/// A random scalar expression in SQL.
package struct QueryExpression: Sendable {
  package var sql: String
  package var isExact = true
}

/// Makes expressions of a wanted type over some columns.
package struct ExpressionGenerator {
  package var columns: [QueryColumn]
  /// Whether arithmetic that fails on some rows may occur: `1 / x`.
  package var mayFail: Bool

  package init(columns: [QueryColumn], mayFail: Bool) {
    self.columns = columns
    self.mayFail = mayFail
  }

  private func fits(_ type: SQLType, _ wanted: SQLType) -> Bool {
    if case .numeric = type, case .numeric = wanted { return true }
    return type == wanted
  }

  /// A column of the type, or a literal where there is none.
  package func leaf(_ type: SQLType, _ choices: inout Choices) -> QueryExpression {
    let fitting = columns.filter { fits($0.type, type) && ($0.isExact || type != .double) }
    if !fitting.isEmpty, !choices.chance(20) {
      let column = choices.element(of: fitting)
      return QueryExpression(sql: column.sql, isExact: column.isExact)
    }
    return QueryExpression(sql: literal(type, &choices))
  }

  package func literal(_ type: SQLType, _ choices: inout Choices) -> String {
    RandomValue.literal(RandomValue.value(of: type, &choices), type)
  }

  /// An expression of the type, of at most `depth` nested operations.
  package func expression(_ type: SQLType, depth: Int, _ choices: inout Choices) -> QueryExpression {
    if mayFail, choices.chance(25), let failing = failing(type, &choices) { return failing }
    if depth == 0 || choices.chance(40) { return leaf(type, &choices) }
    if choices.chance(25) { return conditional(type, depth, &choices) }
    switch type {
    case .integer: return integer(depth, &choices)
    case .bigint: return bigint(depth, &choices)
    case .numeric: return numeric(depth, &choices)
    case .double: return double(depth, &choices)
    case .text: return text(depth, &choices)
    case .boolean: return QueryExpression(sql: condition(depth: depth, &choices))
    case .date:
      return QueryExpression(sql: "(\(leaf(.date, &choices).sql) \(choices.element(of: ["+", "-"])) \(leaf(.integer, &choices).sql))")
    default: return leaf(type, &choices)
    }
  }

  /// Arithmetic that fails where a column is zero (22012) or large (22003); nil for types without any.
  private func failing(_ type: SQLType, _ choices: inout Choices) -> QueryExpression? {
    let divisor = leaf(.integer, &choices).sql
    switch type {
    case .integer:
      switch choices.below(4) {
      case 0: return QueryExpression(sql: "(\(1 + choices.below(9)) / \(divisor))")
      case 1: return QueryExpression(sql: "(\(leaf(.integer, &choices).sql) % \(divisor))")
      case 2: return QueryExpression(sql: "(\(leaf(.integer, &choices).sql) / (\(divisor) - 2))")
      default: return QueryExpression(sql: "(\(divisor) * 1000000000)")
      }
    case .bigint: return QueryExpression(sql: "(\(leaf(.bigint, &choices).sql) / \(divisor))")
    // Digits of a quotient would multiply beyond the 38 that there are.
    case .numeric: return QueryExpression(sql: "(\(literal(.numeric(nil), &choices)) / \(divisor))", isExact: false)
    case .double:
      return QueryExpression(sql: "(\(literal(.double, &choices)) / \(leaf(.double, &choices).sql))", isExact: false)
    default: return nil
    }
  }

  private func conditional(_ type: SQLType, _ depth: Int, _ choices: inout Choices) -> QueryExpression {
    let first = expression(type, depth: depth - 1, &choices)
    let second = leaf(type, &choices)
    let isExact = first.isExact && second.isExact
    switch choices.below(3) {
    case 0: return QueryExpression(sql: "coalesce(\(first.sql), \(second.sql))", isExact: isExact)
    case 1:
      let condition = condition(depth: depth - 1, &choices)
      return QueryExpression(sql: "CASE WHEN \(condition) THEN \(first.sql) ELSE \(second.sql) END", isExact: isExact)
    default: return QueryExpression(sql: "nullif(\(first.sql), \(second.sql))", isExact: first.isExact)
    }
  }

  private func integer(_ depth: Int, _ choices: inout Choices) -> QueryExpression {
    let a = expression(.integer, depth: depth - 1, &choices).sql
    let b = leaf(.integer, &choices).sql
    switch choices.below(6) {
    case 0: return QueryExpression(sql: "(\(a) + \(b))")
    case 1: return QueryExpression(sql: "(\(a) - \(b))")
    case 2: return QueryExpression(sql: "(\(a) * \(2 + choices.below(3)))")
    case 3: return QueryExpression(sql: "(\(a) % \(2 + choices.below(3)))")
    case 4: return QueryExpression(sql: "length(\(leaf(.text, &choices).sql))")
    default: return QueryExpression(sql: "(\(leaf(.date, &choices).sql) - \(leaf(.date, &choices).sql))")
    }
  }

  private func bigint(_ depth: Int, _ choices: inout Choices) -> QueryExpression {
    let a = expression(.bigint, depth: depth - 1, &choices).sql
    switch choices.below(4) {
    case 0: return QueryExpression(sql: "(\(a) + \(leaf(.integer, &choices).sql))")
    case 1: return QueryExpression(sql: "(\(a) - \(leaf(.bigint, &choices).sql))")
    case 2: return QueryExpression(sql: "CAST(\(leaf(.integer, &choices).sql) AS bigint)")
    default: return QueryExpression(sql: "(\(a) * \(2 + choices.below(2)))")
    }
  }

  private func numeric(_ depth: Int, _ choices: inout Choices) -> QueryExpression {
    let a = expression(.numeric(nil), depth: depth - 1, &choices)
    switch choices.below(4) {
    case 0:
      let b = leaf(.numeric(nil), &choices)
      return QueryExpression(sql: "(\(a.sql) + \(b.sql))", isExact: a.isExact && b.isExact)
    case 1: return QueryExpression(sql: "(\(a.sql) - \(leaf(.integer, &choices).sql))", isExact: a.isExact)
    // Digits of a quotient would multiply beyond the 38 that there are.
    case 2: return a.isExact ? QueryExpression(sql: "(\(a.sql) * 1.5)") : a
    default: return QueryExpression(sql: "CAST(\(leaf(.integer, &choices).sql) AS numeric)")
    }
  }

  private func double(_ depth: Int, _ choices: inout Choices) -> QueryExpression {
    let a = expression(.double, depth: depth - 1, &choices).sql
    switch choices.below(3) {
    case 0: return QueryExpression(sql: "(\(a) + \(leaf(.double, &choices).sql))")
    case 1: return QueryExpression(sql: "(\(a) - \(leaf(.integer, &choices).sql))")
    default: return QueryExpression(sql: "(\(a) / 2)")
    }
  }

  private func text(_ depth: Int, _ choices: inout Choices) -> QueryExpression {
    let a = expression(.text, depth: depth - 1, &choices).sql
    switch choices.below(4) {
    case 0: return QueryExpression(sql: "(\(a) || \(leaf(.text, &choices).sql))")
    case 1: return QueryExpression(sql: "upper(\(leaf(.text, &choices).sql))")
    case 2: return QueryExpression(sql: "CAST(\(leaf(.integer, &choices).sql) AS text)")
    default: return QueryExpression(sql: "lower(\(a))")
    }
  }

  /// A boolean expression.
  package func condition(depth: Int, _ choices: inout Choices) -> String {
    if depth > 0, choices.chance(30) {
      let (a, b) = (condition(depth: depth - 1, &choices), condition(depth: depth - 1, &choices))
      switch choices.below(mayFail ? 4 : 3) {
      case 0: return "(\(a) AND \(b))"
      case 1: return "(\(a) OR \(b))"
      case 2: return "(NOT \(a))"
      default:
        // Never fails: the first condition keeps the second from rows that it would fail on.
        let x = leaf(.integer, &choices).sql
        return "(\(x) <> 0 AND 6 / \(x) > \(choices.below(4)))"
      }
    }
    let type: SQLType = columns.isEmpty ? .integer : choices.element(of: columns).type
    let wanted: SQLType = if case .numeric = type { .numeric(nil) } else { type }
    // Mostly a column with another or a literal: constants, and columns with themselves, say little.
    let named = columns.filter { fits($0.type, wanted) && ($0.isExact || wanted != .double) }
    let a =
      named.isEmpty || (depth > 0 && choices.chance(30))
      ? expression(wanted, depth: depth, &choices).sql : choices.element(of: named).sql
    let others = named.filter { $0.sql != a }
    let b = others.isEmpty || choices.chance(30) ? literal(wanted, &choices) : choices.element(of: others).sql
    switch choices.below(8) {
    case 0, 1: return "(\(a) \(choices.element(of: ["<=", "<>", "<", "=", ">", ">="])) \(b))"
    case 2: return "(\(a) \(choices.element(of: [">=", "<"])) \(literal(wanted, &choices)))"
    case 3: return "(\(a) IS \(choices.element(of: ["NOT NULL", "NOT NULL", "NULL"])))"
    case 4: return "(\(a) IN (\(literal(wanted, &choices)), \(literal(wanted, &choices))))"
    case 5:
      let bounds = (0..<2).map { _ in RandomValue.value(of: wanted, &choices) }.sorted { Value.compare($0, $1) < 0 }
      return "(\(a) BETWEEN \(bounds.map { RandomValue.literal($0, wanted) }.joined(separator: " AND ")))"
    case 6: return "(\(a) IS \(choices.element(of: ["DISTINCT", "NOT DISTINCT"])) FROM \(b))"
    default:
      if wanted == .text { return "(\(a) LIKE \(choices.element(of: ["'a%'", "'%too'", "'_'"])))" }
      return wanted == .boolean ? a : "(\(a) <> \(literal(wanted, &choices)))"
    }
  }
}
