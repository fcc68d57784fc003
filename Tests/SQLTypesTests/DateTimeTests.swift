import Testing

@testable import SQLTypes

/// What the module documents: no clock, no zone database, 64 bits from 1970.
private func isDocumented(_ line: GoldenFile.Line, _ ours: String) -> Bool {
  if ours.hasPrefix("!0A000 time zone") || ours.hasPrefix("!0A000 date/time value") { return true }
  // PostgreSQL 15 lets this difference wrap around.
  if line.operation == "-ts", ours == "!22008 interval out of range" { return true }
  return ours.hasPrefix("!22008 timestamp out of range") && line.answer.hasPrefix("2942")
}

@Test func datesAndTimestampsAreReadAndWrittenAsPostgreSQLDoes() throws {
  try GoldenFile("datetime_text").check(
    { line in
      let text = line.arguments[0]
      switch line.operation {
      case "date": return try SQLDate(sqlText: text).sqlText
      case "timestamp": return try SQLTimestamp(sqlText: text).sqlText
      default: return try SQLTimestamp(zonedSQLText: text).zonedSQLText
      }
    }, excuse: isDocumented)
}

@Test func fieldsAndTruncationsAgreeWithPostgreSQL() throws {
  try GoldenFile("datetime_functions").check { line in
    let field = try #require(DateTimeField(named: line.arguments[0]))
    let text = line.arguments[1]
    switch line.operation {
    case "extract": return try SQLTimestamp(sqlText: text).extract(field)?.sqlText ?? "!null"
    case "extract date": return try SQLDate(sqlText: text).extract(field)?.sqlText ?? "!null"
    case "extract tz": return try SQLTimestamp(zonedSQLText: text).extract(field, zoned: true)?.sqlText ?? "!null"
    case "trunc": return try SQLTimestamp(sqlText: text).truncated(to: field).sqlText
    case "trunc tz": return try SQLTimestamp(zonedSQLText: text).truncated(to: field, zoned: true).zonedSQLText
    default: return nil
    }
  }
}

@Test func datesTimestampsAndIntervalsAddUpAsInPostgreSQL() throws {
  try GoldenFile("datetime_arithmetic").check(
    { line in
      let first = line.arguments[0]
      let second = line.arguments[1]
      switch line.operation {
      case "+": return try SQLTimestamp(sqlText: first).adding(Interval(sqlText: second)).sqlText
      case "-": return try SQLTimestamp(sqlText: first).subtracting(Interval(sqlText: second)).sqlText
      case "-ts": return try SQLTimestamp(sqlText: first).subtracting(SQLTimestamp(sqlText: second)).sqlText
      case "age": return try SQLTimestamp(sqlText: first).age(since: SQLTimestamp(sqlText: second)).sqlText
      case "bin":
        return try SQLTimestamp(sqlText: second)
          .binned(by: Interval(sqlText: first), from: SQLTimestamp(sqlText: line.arguments[2])).sqlText
      case "date+": return try SQLDate(sqlText: first).adding(days: Int32(sqlText: second)).sqlText
      case "date-": return try SQLDate(sqlText: first).subtracting(days: Int32(sqlText: second)).sqlText
      case "date-date": return try SQLDate(sqlText: first).subtracting(SQLDate(sqlText: second)).sqlText
      case "date+interval": return try SQLDate(sqlText: first).adding(Interval(sqlText: second)).sqlText
      default: return nil
      }
    }, excuse: isDocumented)
}

@Test(arguments: ["now", "today", "Tomorrow", " yesterday ", "today 10:00", "2015-07-15 10:00 America/New_York"])
func whatNeedsAClockOrAZoneDatabaseIsRefused(text: String) {
  let timestamp = #expect(throws: SQLError.self) { try SQLTimestamp(sqlText: text) }
  let zoned = #expect(throws: SQLError.self) { try SQLTimestamp(zonedSQLText: text) }
  let date = #expect(throws: SQLError.self) { try SQLDate(sqlText: text) }
  #expect([timestamp, zoned, date].allSatisfy { $0?.state == .featureNotSupported })
}

@Test func timestampsEndWhere64BitsOfMicrosecondsSince1970End() throws {
  let last = try SQLTimestamp(sqlText: "294247-01-10 04:00:54.775806")
  #expect(last == .maximum && last.sqlText == "294247-01-10 04:00:54.775806")
  #expect(throws: SQLError(.datetimeFieldOverflow, "timestamp out of range: \"294247-01-10 04:00:54.775807\"")) {
    try SQLTimestamp(sqlText: "294247-01-10 04:00:54.775807")
  }
  #expect(throws: SQLError.timestampOutOfRange()) { try last.adding(microseconds: 1) }
}

@Test func fieldsAreKnownUnderPostgreSQLsNames() {
  #expect(DateTimeField(named: "YEARS") == .year)
  #expect(DateTimeField(named: "microseconds") == .microseconds)
  #expect(DateTimeField(named: "isodow") == .isoDayOfWeek)
  #expect(DateTimeField(named: "epoch") == .epoch)
  #expect(DateTimeField(named: "fortnight") == nil)
}
