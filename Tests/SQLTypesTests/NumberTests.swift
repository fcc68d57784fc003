import Testing

@testable import SQLTypes

/// Where PostgreSQL's answer needs more digits than a Numeric has, we say 22003 instead.
private func isBeyondDigits(_ answer: String) -> Bool {
  guard !answer.hasPrefix("!") else { return false }
  let digits = answer.filter(\.isNumber).drop { $0 == "0" }.count
  let scale = answer.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
  return digits > 38 || scale > 254
}

private func isNumericOverflow(_ line: GoldenFile.Line, _ ours: String) -> Bool {
  ours == "!22003 value overflows numeric format" && isBeyondDigits(line.answer)
}

@Test func numericTextIsReadAndWrittenAsPostgreSQLDoes() throws {
  try GoldenFile("numeric_text").check(
    { line in
      let text = line.arguments[0]
      guard line.operation == "numeric(p,s)" else { return try Numeric(sqlText: text).sqlText }
      let modifier = SQLType.NumericModifier(precision: Int(line.arguments[1])!, scale: Int(line.arguments[2])!)
      return try Numeric(sqlText: text.utf8Span.span, modifier: modifier).sqlText
    },
    excuse: { line, ours in
      // strtol skips blanks after the `e`; we do not.
      isNumericOverflow(line, ours) || line.arguments[0] == "1e 5"
        // The text of a number so large is refused before it is rounded.
        || (ours.hasPrefix("!22003") && line.answer.hasPrefix("!22003"))
    })
}

@Test func numericArithmeticGivesPostgreSQLsValuesAndScales() throws {
  try GoldenFile("numeric_arithmetic").check(
    { line in
      let left = try Numeric(sqlText: line.arguments[0])
      let right = try Numeric(sqlText: line.arguments[1])
      switch line.operation {
      case "+": return try left.adding(right).sqlText
      case "-": return try left.subtracting(right).sqlText
      case "*": return try left.multiplied(by: right).sqlText
      case "/": return try left.divided(by: right).sqlText
      case "%": return try left.remainder(dividingBy: right).sqlText
      case "<=>":
        let order = Numeric.compare(left, right)
        #expect((left == right) == (order == 0) && (left < right) == (order < 0))
        #expect((left.canonicalBytes == right.canonicalBytes) == (order == 0))
        return "\(order)"
      default: return nil
      }
    },
    excuse: { line, ours in
      if isNumericOverflow(line, ours) { return true }
      // A quotient beyond 38 digits is the same number, rounded at fewer digits.
      guard line.operation == "/", isBeyondDigits(line.answer), let value = try? Numeric(sqlText: ours) else {
        return false
      }
      let digits = ours.filter(\.isNumber).drop { $0 == "0" }.count
      guard digits >= 37 else { return false }
      let modifier = SQLType.NumericModifier(precision: 38, scale: Int(value.scale))
      return (try? Numeric(sqlText: line.answer.utf8Span.span, modifier: modifier))?.sqlText == ours
    })
}

@Test func numericFunctionsAgreeWithPostgreSQL() throws {
  try GoldenFile("numeric_functions").check(
    { line in
      let value = try Numeric(sqlText: line.arguments[0])
      switch line.operation {
      case "abs": return value.absolute.sqlText
      case "sign": return value.sign.sqlText
      case "-": return value.negated.sqlText
      case "ceil": return try value.ceiling().sqlText
      case "floor": return try value.floor().sqlText
      case "round": return try value.rounded(toScale: Int(line.arguments[1])!).sqlText
      case "trunc": return try value.truncated(toScale: Int(line.arguments[1])!).sqlText
      default: return nil
      }
    }, excuse: isNumericOverflow)
}

@Test func castsBetweenNumbersAgreeWithPostgreSQL() throws {
  try GoldenFile("numeric_casts").check(
    { line in
      let text = line.arguments[0]
      switch line.operation {
      case "int2": return try Int16(rounding: Numeric(sqlText: text)).sqlText
      case "int4": return try Int32(rounding: Numeric(sqlText: text)).sqlText
      case "int8": return try Int64(rounding: Numeric(sqlText: text)).sqlText
      case "float8": return Double(nearest: try Numeric(sqlText: text)).sqlText
      case "float4": return try Float(nearest: Numeric(sqlText: text)).sqlText
      case "float8->numeric": return try Numeric(Double(sqlText: text)).sqlText
      case "float4->numeric": return try Numeric(Float(sqlText: text)).sqlText
      default: return nil
      }
    }, excuse: isNumericOverflow)
}

@Test func floatsPrintTheShortestDigitsAndReadBackRounded() throws {
  try GoldenFile("float_text").check { line in
    line.operation == "float8"
      ? try Double(sqlText: line.arguments[0]).sqlText : try Float(sqlText: line.arguments[0]).sqlText
  }
}

@Test func integersAndBooleansAreReadAsPostgreSQLDoes() throws {
  try GoldenFile("integer_text").check { line in
    switch line.operation {
    case "int2": try Int16(sqlText: line.arguments[0]).sqlText
    case "int4": try Int32(sqlText: line.arguments[0]).sqlText
    case "int8": try Int64(sqlText: line.arguments[0]).sqlText
    default: try Bool(sqlText: line.arguments[0]) ? "true" : "false"
    }
  }
}

extension Numeric {
  fileprivate var canonicalBytes: [UInt8] {
    var bytes: [UInt8] = []
    appendCanonicalBytes(to: &bytes)
    return bytes
  }
}
