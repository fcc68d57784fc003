import Planner
import SQLCatalog
import TestSupport
import Testing

private let catalog = TestCatalog.standard

/// Rows for the catalog's tables: small numbers and few texts, so that rows meet, groups fill and divisors are zero.
private func tables(_ random: inout SeededRandom) -> [RelationID: [[Cell]]] {
  func integer() -> Cell { Int.random(in: 0..<8, using: &random) == 0 ? .null : .integer(.random(in: -2...3, using: &random)) }
  func text() -> Cell {
    ["x", "y", "a text beyond twelve bytes"].randomElement(using: &random).map { Cell.text($0) } ?? .null
  }
  var result: [RelationID: [[Cell]]] = [:]
  for id in 1...2 as ClosedRange<UInt64> {
    result[RelationID(id)] = (0..<Int.random(in: 0...7, using: &random)).map { _ in [integer(), integer(), text()] }
  }
  result[RelationID(3)] = (0..<Int.random(in: 0...5, using: &random)).map { row in
    [.integer(Int64(row)), integer(), integer(), text(), text()]
  }
  result[RelationID(4)] = (0..<Int.random(in: 0...6, using: &random)).map { _ in [integer(), integer(), integer()] }
  return result
}

/// Random queries over the catalog whose columns are always called a, b (numbers) and s (a text), so that they nest.
private struct QueryGenerator {
  var random: SeededRandom
  private let relations = [
    "(SELECT a, b, s FROM t)", "(SELECT c AS a, a AS b, s FROM u)", "(SELECT id AS a, v AS b, w AS s FROM wide)",
    "(SELECT k AS a, n AS b, 'x' AS s FROM log)", "(SELECT x AS a, total AS b, 'y' AS s FROM v)",
  ]

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private mutating func pick(_ choices: String...) -> String { choices.randomElement(using: &random) ?? "" }
  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  private mutating func number(_ qualifiers: [String]) -> String {
    let column = "\(qualifiers.randomElement(using: &random) ?? "q").\(pick("a", "b"))"
    return chance(75) ? column : pick("\(column) + 1", "1 / \(column)", "\(column) * 2", "coalesce(\(column), 0)", "2")
  }

  private mutating func condition(_ qualifiers: [String]) -> String {
    let q = qualifiers.randomElement(using: &random) ?? "q"
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return "\(q).s = 'x'"
    case 1: return "\(q).a IS NOT NULL"
    case 2: return "(\(condition(qualifiers)) OR \(condition(qualifiers)))"
    case 3: return "1 / \(number(qualifiers)) > 0"
    case 4: return "NOT \(q).b = 1"
    case 5: return "\(q).a <> 0 AND 6 / \(q).a > 1"
    case 6: return "\(q).s = \(qualifiers.randomElement(using: &random) ?? q).s"
    default: return "\(number(qualifiers)) \(pick("=", "=", "=", "<", ">=", "<>")) \(number(qualifiers))"
    }
  }

  private mutating func conditions(_ qualifiers: [String], _ range: ClosedRange<Int>) -> String {
    (0..<Int.random(in: range, using: &random)).map { _ in condition(qualifiers) }.joined(separator: " AND ")
  }

  mutating func query(depth: Int) -> String {
    if depth == 0 { return String((relations.randomElement(using: &random) ?? "").dropFirst().dropLast()) }
    if chance(15) {
      return "SELECT a, b, s FROM (\(query(depth: depth - 1))) AS l \(pick("UNION ALL", "UNION")) SELECT a, b, s FROM (\(query(depth: depth - 1))) AS r"
    }
    let names = Array(["p", "q", "r", "w"].prefix(Int.random(in: 1...(depth > 1 ? 3 : 4), using: &random)))
    var from = ""
    for (index, name) in names.enumerated() {
      let input = "(\(query(depth: chance(60) ? 0 : depth - 1))) AS \(name)"
      if index == 0 {
        from = input
      } else if chance(50) {
        from += ", " + input
      } else {
        // A condition of JOIN sees the item that it belongs to alone; after a comma, that is the last name before.
        let visible = from.contains(", (") ? [names[index - 1], name] : Array(names[...index])
        from += " \(pick("JOIN", "LEFT JOIN")) \(input) ON \(conditions(visible, 1...2))"
      }
    }
    let filter = chance(75) ? " WHERE " + conditions(names, 1...3) : ""
    if chance(30) {
      let q = names[0]
      let having = chance(50) ? " HAVING " + pick("count(*) > 1", "max(\(q).b) = 1", "\(q).a > 0", "1 / \(q).a > 0") : ""
      return """
        SELECT \(q).a, \(pick("count(*)", "max(\(q).b)", "count(DISTINCT \(q).b) FILTER (WHERE \(q).b > 0)", "min(1 / \(q).b)")) AS b, \
        \(pick("max(\(q).s)", "'z'")) AS s FROM \(from)\(filter) GROUP BY \(q).a\(having)
        """
    }
    let last = names[names.count - 1]
    let list = "\(number(names)) AS a, \(number(names)) AS b, \(last).s AS s"
    let limit = chance(10) ? " ORDER BY \(pick("1", "b DESC NULLS LAST, a"))  LIMIT \(Int.random(in: 1...4, using: &random))" : ""
    return "SELECT \(chance(15) ? "DISTINCT " : "")\(list) FROM \(from)\(filter)\(limit)"
  }
}

/// What is derived of a plan holds for its rows: no two share a unique key, and of append-only inputs, more rows give
/// the rows that there were and further ones.
@Test(arguments: 1...8 as ClosedRange<UInt64>)
func propertiesHoldForTheRows(seed: UInt64) throws {
  var generator = QueryGenerator(seed: seed &+ 1000)
  var (keysSeen, growing) = (0, 0)
  for number in 0..<120 {
    var sql = generator.query(depth: number % 3)
    // Every other query reads the stream alone.
    if number % 2 == 0 {
      for table in ["FROM t)", "FROM u)", "FROM wide)", "FROM v)"] {
        sql = sql.replacing(table, with: "FROM log)")
      }
      for column in ["c AS a, a AS b, s", "id AS a, v AS b, w AS s", "x AS a, total AS b, 'y' AS s", "a, b, s FROM log"] {
        sql = sql.replacing("SELECT \(column)", with: "SELECT k AS a, n AS b, 'x' AS s" + (column.hasSuffix("log") ? " FROM log" : ""))
      }
    }
    guard let query = try? catalog.query(sql, appliesRules: true) else { continue }
    let properties = PlanProperties(of: query.plan) { catalog.relation($0) }
    var data = tables(&generator.random)
    var whole = SlowEvaluator(tables: data)
    let rows = whole.rows(query.plan)
    if whole.failures > 0 { continue }
    for key in properties.uniqueKeys {
      keysSeen += 1
      #expect(Set(rows.map { row in key.map { row[$0] } }).count == rows.count, "seed \(seed), key \(key): \(sql)")
    }
    if properties.isAppendOnly {
      growing += 1
      data[RelationID(4), default: []] = data[RelationID(4), default: []].dropLast()
      var part = SlowEvaluator(tables: data)
      var rest = rows
      for row in part.rows(query.plan) {
        if let index = rest.firstIndex(of: row) { rest.remove(at: index) } else { Issue.record("seed \(seed): \(sql)") }
      }
    }
  }
  #expect(keysSeen > 5 && growing > 5, "\(keysSeen) keys, \(growing) append-only plans")
}

/// What the rules make of a plan gives the same rows; if nothing fails without rules, nothing fails with them.
@Test(arguments: 1...12 as ClosedRange<UInt64>)
func rulesChangeNoAnswerAndAddNoError(seed: UInt64) throws {
  var generator = QueryGenerator(seed: seed)
  var compared = 0
  for _ in 0..<60 {
    let sql = generator.query(depth: 2)
    guard let plain = try? catalog.query(sql) else { continue }
    let better = try catalog.query(sql, appliesRules: true)
    #expect(better.plan.types == plain.plan.types, "\(sql)")
    for _ in 0..<4 {
      let rows = tables(&generator.random)
      var (slow, fast) = (SlowEvaluator(tables: rows), SlowEvaluator(tables: rows))
      let (expected, actual) = (slow.rows(plain.plan), fast.rows(better.plan))
      // A row that fails takes others with it (a group, a left row), so that only plans without failures compare.
      guard slow.failures == 0 else { continue }
      compared += 1
      #expect(fast.failures == 0, "seed \(seed): \(sql)")
      if expected.sorted(by: { $0.lexicographicallyPrecedes($1) }) != actual.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        Issue.record("seed \(seed): \(sql)\n\(rows)\n\(expected)\n\(actual)\n\(PlanPrinter.print(better) { catalog.relation($0) })")
        return
      }
    }
  }
  #expect(compared > 20, "most random plans compare")
}
