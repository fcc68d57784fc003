import SQLTypes

extension Parser {
  /// Typename: `[SETOF] SimpleTypename { '[' [n] ']' }`, `type ARRAY [n]`, `ARRAY<t>`, `STRUCT<name t, …>`, `MAP<k, v>`.
  mutating func parseTypeName() throws(SQLError) -> TypeName {
    let outer = try enter(weight: 6)
    let start = start
    if isWord("setof") { throw unsupported("SETOF") }
    var type = try parseSimpleTypeName()
    var dimensions: [Int?] = []
    while true {
      if acceptMark("[") {
        dimensions.append(isPunctuation("]") ? nil : try parseInteger())
        try expectMark("]")
      } else if dimensions.isEmpty, accept("array") {
        if acceptMark("[") {
          dimensions.append(try parseInteger())
          try expectMark("]")
        } else {
          dimensions.append(nil)
        }
        break
      } else {
        break
      }
      try check(dimensions.count, 6)
    }
    type.arrayDimensions = dimensions + type.arrayDimensions
    type.range = range(from: start)
    try leave(outer, weight: 6)
    return type
  }

  private mutating func parseSimpleTypeName() throws(SQLError) -> TypeName {
    let start = start
    func named(_ name: String, _ modifiers: [Int] = []) -> TypeName {
      TypeName([Identifier(name, range(from: start))], modifiers: modifiers, range: range(from: start))
    }
    switch word {
    case "int", "integer": advance(); return named("int4")
    case "smallint": advance(); return named("int2")
    case "bigint": advance(); return named("int8")
    case "real": advance(); return named("float4")
    case "boolean": advance(); return named("bool")
    case "double" where isWord("precision", at: 1): advance(); advance(); return named("float8")
    case "float":
      advance()
      guard isPunctuation("(") else { return named("float8") }
      let modifier = current.range
      let bits = try parseModifiers().first ?? 0
      guard (1...53).contains(bits) else {
        throw SQLError(
          .invalidParameterValue,
          bits < 1 ? "precision for type float must be at least 1 bit" : "precision for type float must be less than 54 bits",
          at: modifier)
      }
      return named(bits <= 24 ? "float4" : "float8")
    case "decimal", "dec", "numeric": advance(); return named("numeric", try parseModifiers())
    case "bit":
      advance()
      let name = accept("varying") ? "varbit" : "bit"
      return named(name, try parseModifiers())
    case "varchar": advance(); return named("varchar", try parseModifiers())
    case "national" where isWord("char", at: 1) || isWord("character", at: 1), "char", "character", "nchar":
      if isWord("national") { advance() }
      advance()
      let name = accept("varying") ? "varchar" : "bpchar"
      let modifiers = try parseModifiers()
      return named(name, name == "bpchar" && modifiers.isEmpty ? [1] : modifiers)
    case "timestamp", "time":
      var name = word ?? ""
      advance()
      let modifiers = try parseModifiers()
      if areWords("with", "time", "zone") {
        name += "tz"
        advance(); advance(); advance()
      } else if areWords("without", "time", "zone") {
        advance(); advance(); advance()
      }
      return named(name, modifiers)
    case "interval":
      advance()
      var type = named("interval", try parseModifiers())
      if type.modifiers.isEmpty { type.intervalFields = try parseIntervalFields(into: &type.modifiers) }
      return type
    case "array" where isOperator("<", at: 1):
      advance(); advance()
      var type = try parseTypeName()
      type.arrayDimensions.insert(nil, at: 0)
      try expectClosingAngle()
      return type
    case "struct" where isOperator("<", at: 1), "row" where isOperator("<", at: 1), "map" where isOperator("<", at: 1):
      return try parseBracketedFields()
    default: break
    }
    guard let first = acceptName(Keywords.canNameFunction) else { throw syntaxError() }
    var parts = [first]
    while acceptMark(".") { parts.append(try parseLabel()) }
    return TypeName(parts, modifiers: try parseModifiers(), range: range(from: start))
  }

  /// `'(' n { ',' n } ')'`, or nothing.
  private mutating func parseModifiers() throws(SQLError) -> [Int] {
    guard isPunctuation("("), isInteger(at: 1) || isOperator("-", at: 1) else { return [] }
    advance()
    var modifiers = [try parseInteger(signed: true)]
    while acceptMark(",") {
      modifiers.append(try parseInteger(signed: true))
      try check(modifiers.count, Limits.arguments)
    }
    try expectMark(")")
    return modifiers
  }

  func isInteger(at offset: Int) -> Bool {
    if case .integer = peek(offset).kind { true } else { false }
  }

  /// `STRUCT '<' name type { ',' name type } '>'`, `MAP '<' type ',' type '>'`.
  private mutating func parseBracketedFields() throws(SQLError) -> TypeName {
    let start = start
    let name = try parseLabel()
    let isMap = name.name == "map"
    advance()
    var fields: [TypeField] = []
    repeat {
      let label = isMap ? Identifier(fields.isEmpty ? "key" : "value", current.range) : try parseLabel()
      fields.append(TypeField(name: label, type: try parseTypeName()))
      try check(fields.count, isMap ? 2 : Limits.selectItems, .tooManyColumns)
    } while acceptMark(",")
    if isMap, fields.count != 2 { throw syntaxError() }
    try expectClosingAngle()
    let word = Identifier(isMap ? "map" : "struct", name.range)
    return TypeName([word], fields: fields, range: range(from: start))
  }

  /// `>`; two brackets that close at once are one token `>>`, of which one half is taken.
  private mutating func expectClosingAngle() throws(SQLError) {
    guard case .op(let name) = current.kind, name.utf8.allSatisfy({ $0 == UInt8(ascii: ">") }) else {
      throw syntaxError()
    }
    closedAngles += 1
    if closedAngles == name.utf8.count {
      closedAngles = 0
      advance()
    }
  }

  /// `YEAR`, `DAY TO SECOND(3)`, …, or nothing.
  mutating func parseIntervalFields(into modifiers: inout [Int]) throws(SQLError) -> IntervalFields? {
    guard let first = word, IntervalFields(rawValue: first.uppercased()) != nil else { return nil }
    advance()
    var name = first.uppercased()
    if isWord("to"), let second = word(at: 1) {
      name += " TO " + second.uppercased()
      advance()
      guard IntervalFields(rawValue: name) != nil else { throw syntaxError() }
      advance()
    }
    if name.hasSuffix("SECOND"), isPunctuation("(") { modifiers = try parseModifiers() }
    return IntervalFields(rawValue: name)
  }
}
