import SQLTypes
import ReferenceModel
import TestSupport
import Testing

/// A scenario as SQL text.
func script(_ scenario: Scenario) -> [String] {
  scenario.tables.map(\.createStatement) + scenario.steps.flatMap { $0.statements(scenario.tables) }
}

@Test func aScenarioIsAFunctionOfItsSeed() {
  for seed in 0..<20 as Range<UInt64> {
    var (a, b) = (ScenarioChoices(seed: seed), ScenarioChoices(seed: seed))
    #expect(script(a.make()) == script(b.make()))
  }
}

@Test func randomQueriesHaveEveryOperator() {
  var found: [String: Int] = [:]
  let words = [
    " WHERE ", " GROUP BY ", "count(*)", "sum(", "avg(", "min(", "max(", "FILTER", "(DISTINCT ", " HAVING ", "SELECT DISTINCT ",
    " UNION ALL ", " UNION SELECT ", " JOIN ", " LEFT JOIN ", "CROSS JOIN", "WITH w", "(SELECT ", " LIMIT ", " OFFSET ", " ORDER BY ",
    " / ", "CASE WHEN", "FROM v", " TUMBLE(", " HOP(",
  ]
  var statements = 0
  for seed in 0..<200 as Range<UInt64> {
    var choices = ScenarioChoices(seed: seed)
    for case .view(_, _, let query) in choices.make().steps {
      statements += 1
      for word in words where query.sql.contains(word) { found[word, default: 0] += 1 }
    }
  }
  for word in words { #expect(found[word, default: 0] * 50 >= statements, "\(word): \(found[word, default: 0]) of \(statements)") }
}

@Test func aFailureIsShrunkToWhatCausesIt() {
  // As if every view with a left join failed once a row was deleted.
  func fails(_ scenario: Scenario) -> Bool {
    var hasJoin = false
    for step in scenario.steps.dropLast(scenario.tables.count) {
      for statement in step.statements(scenario.tables) {
        hasJoin = hasJoin || (statement.hasPrefix("CREATE") && statement.contains("LEFT JOIN"))
        if hasJoin, statement.hasPrefix("DELETE") { return true }
      }
    }
    return false
  }
  var shrunkCount = 0
  for seed in 0..<60 as Range<UInt64> {
    var choices = ScenarioChoices(seed: seed)
    guard fails(choices.make()) else { continue }
    shrunkCount += 1
    var small = choices.shrunk(while: fails)
    let scenario = small.make()
    #expect(fails(scenario))
    #expect(scenario.steps.count - scenario.tables.count <= 3, "\(script(scenario))")
  }
  #expect(shrunkCount > 5)
}

@Test func rowsOfStreamsAreOnlyInserted() {
  var streamCount = 0
  for seed in UInt64(0)..<40 {
    var choices = ScenarioChoices(seed: seed, hasStreams: true)
    let lines = script(choices.make())
    let streams = lines.filter { $0.hasPrefix("CREATE STREAM ") }.map { $0.split(separator: " ")[2] }
    streamCount += streams.count
    for line in lines where line.hasPrefix("UPDATE ") || line.hasPrefix("DELETE ") {
      let words = line.split(separator: " ")
      #expect(!streams.contains(words[words[0] == "UPDATE" ? 1 : 2]), "\(line)")
    }
  }
  #expect(streamCount > 10)
}
