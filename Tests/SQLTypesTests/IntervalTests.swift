import Testing

@testable import SQLTypes

@Test func intervalsAreReadAndWrittenAsPostgreSQLDoes() throws {
  let parts: [String: IntervalFields] = [
    "year": .year, "month": .month, "day": .day, "hour": .hour, "minute": .minute, "second": .second,
  ]
  let order = ["year", "month", "day", "hour", "minute", "second"]
  try GoldenFile("interval_text").check { line in
    let text = line.arguments[0]
    if line.operation == "interval" { return try Interval(sqlText: text).sqlText }
    let ends = line.operation.split(separator: " ").filter { $0 != "to" }.map(String.init)
    let range = order.firstIndex(of: ends[0])!...order.firstIndex(of: ends.last!)!
    let fields = order[range].reduce(into: IntervalFields()) { $0.formUnion(parts[$1]!) }
    return try Interval(sqlText: text, fields: fields).sqlText
  }
}

@Test func intervalArithmeticAgreesWithPostgreSQL() throws {
  try GoldenFile("interval_arithmetic").check { line in
    let last = line.arguments.last!
    if line.operation == "extract" || line.operation == "trunc" {
      let field = try #require(DateTimeField(named: line.arguments[0]))
      let value = try Interval(sqlText: last)
      return line.operation == "extract" ? try value.extract(field).sqlText : try value.truncated(to: field).sqlText
    }
    let value = try Interval(sqlText: line.arguments[0])
    switch line.operation {
    case "justify_hours": return try value.justifyingHours().sqlText
    case "justify_days": return try value.justifyingDays().sqlText
    case "justify_interval": return try value.justified().sqlText
    case "*": return try value.multiplied(by: Double(sqlText: last)).sqlText
    case "/": return try value.divided(by: Double(sqlText: last)).sqlText
    case "+": return try value.adding(Interval(sqlText: last)).sqlText
    case "-" where line.arguments.count == 1: return try value.negated().sqlText
    case "-": return try value.subtracting(Interval(sqlText: last)).sqlText
    case "<=>":
      let other = try Interval(sqlText: last)
      return value < other ? "-1" : (value == other ? "0" : "1")
    default: return nil
    }
  }
}
