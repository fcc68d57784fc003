import SQLSyntax
import SQLTypes

extension Expr {
  /// The same expression with each direct operand replaced; queries inside it stay as they are.
  func mapOperands(_ map: (Expr) throws(SQLError) -> Expr) throws(SQLError) -> Expr {
    func all(_ list: [Expr]) throws(SQLError) -> [Expr] {
      var result: [Expr] = []
      result.reserveCapacity(list.count)
      for item in list { result.append(try map(item)) }
      return result
    }
    func optional(_ operand: Expr?) throws(SQLError) -> Expr? {
      if let operand { try map(operand) } else { nil }
    }
    let mapped: Kind
    switch kind {
    case .null, .boolean, .integer, .decimal, .string, .typedLiteral, .interval, .column, .star, .parameter, .exists,
      .subquery, .arrayQuery, .current, .defaultValue:
      return self
    case .unary(let name, let operand): mapped = .unary(name, try map(operand))
    case .binary(let name, let lhs, let rhs): mapped = .binary(name, try map(lhs), try map(rhs))
    case .and(let operands): mapped = .and(try all(operands))
    case .or(let operands): mapped = .or(try all(operands))
    case .not(let operand): mapped = .not(try map(operand))
    case .isTest(let operand, let test, let negated): mapped = .isTest(try map(operand), test, negated: negated)
    case .isDistinct(let lhs, let rhs, let negated):
      mapped = .isDistinct(try map(lhs), from: try map(rhs), negated: negated)
    case .between(let value, let low, let high, let symmetric, let negated):
      mapped = .between(
        try map(value), low: try map(low), high: try map(high), symmetric: symmetric, negated: negated)
    case .like(let op, let text, let pattern, let escape, let negated):
      mapped = .like(op, try map(text), pattern: try map(pattern), escape: try optional(escape), negated: negated)
    case .inList(let value, let list, let negated): mapped = .inList(try map(value), try all(list), negated: negated)
    case .inQuery(let value, let query, let negated): mapped = .inQuery(try map(value), query, negated: negated)
    case .quantified(let value, let op, let quantifier, let operand):
      var operand = operand
      if case .array(let array) = operand { operand = .array(try map(array)) }
      mapped = .quantified(try map(value), operator: op, quantifier, operand)
    case .caseWhen(let operand, let whens, let otherwise):
      var branches = whens
      let subject = try optional(operand)
      for index in branches.indices {
        branches[index].condition = try map(branches[index].condition)
        branches[index].result = try map(branches[index].result)
      }
      mapped = .caseWhen(operand: subject, whens: branches, otherwise: try optional(otherwise))
    case .cast(let operand, let type, let isTry): mapped = .cast(try map(operand), type, isTry: isTry)
    case .call(var function):
      for index in function.arguments.indices {
        function.arguments[index].value = try map(function.arguments[index].value)
      }
      for index in function.orderBy.indices { function.orderBy[index].value = try map(function.orderBy[index].value) }
      for index in function.withinGroup.indices {
        function.withinGroup[index].value = try map(function.withinGroup[index].value)
      }
      function.filter = try optional(function.filter)
      mapped = .call(function)
    case .extract(let field, let operand): mapped = .extract(field, from: try map(operand))
    case .substring(let text, let from, let length):
      mapped = .substring(try map(text), from: try optional(from), length: try optional(length))
    case .substringSimilar(let text, let pattern, let escape):
      mapped = .substringSimilar(try map(text), pattern: try map(pattern), escape: try map(escape))
    case .position(let part, let text): mapped = .position(try map(part), in: try map(text))
    case .trim(let side, let characters, let text):
      mapped = .trim(side, characters: try optional(characters), from: try map(text))
    case .overlay(let text, let part, let from, let length):
      mapped = .overlay(try map(text), placing: try map(part), from: try map(from), length: try optional(length))
    case .atTimeZone(let operand, let zone): mapped = .atTimeZone(try map(operand), zone: try map(zone))
    case .collate(let operand, let collation): mapped = .collate(try map(operand), collation)
    case .coalesce(let operands): mapped = .coalesce(try all(operands))
    case .nullIf(let lhs, let rhs): mapped = .nullIf(try map(lhs), try map(rhs))
    case .greatest(let operands): mapped = .greatest(try all(operands))
    case .least(let operands): mapped = .least(try all(operands))
    case .row(let operands): mapped = .row(try all(operands))
    case .array(let operands): mapped = .array(try all(operands))
    case .element(let operand, let index): mapped = .element(try map(operand), index: try map(index))
    case .slice(let operand, let lower, let upper):
      mapped = .slice(try map(operand), lower: try optional(lower), upper: try optional(upper))
    case .field(let operand, let name): mapped = .field(try map(operand), name)
    case .fields(let operand): mapped = .fields(try map(operand))
    case .grouping(let operands): mapped = .grouping(try all(operands))
    case .overlaps(let lhs, let rhs): mapped = .overlaps(try map(lhs), try map(rhs))
    }
    return Expr(mapped, range)
  }
}

extension Scope {
  /// The expression with each column named by its number: equal for `t.a + 1` and `a + 1`, so that what GROUP BY, ORDER
  /// BY and the select list say can be compared. A name that means nothing stays; binding it raises the error.
  func canonical(_ expression: Expr) -> Expr {
    if case .column(let parts) = expression.kind {
      guard let column = try? resolve(parts) else { return expression }
      return Self.canonicalColumn(column.index, expression.range)
    }
    let mapped = try? expression.mapOperands { (operand) throws(SQLError) in canonical(operand) }
    return mapped ?? expression
  }

  static func canonicalColumn(_ index: Int, _ range: SourceRange) -> Expr {
    Expr(.column([Identifier("", range), Identifier(String(index), range)]), range)
  }
}
