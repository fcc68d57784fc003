import Engine
import SQLTypes
import SpecRunner
import Testing

/// Plays back answers, and writes down what it is asked.
private final class ScriptedInstance: SpecInstance {
  var answers: [String: Result<SpecAnswer, SQLError>] = [:]
  var changes: [SpecChange] = []
  var log: [String] = []

  func run(_ sql: String, on connection: String) throws(SQLError) -> SpecAnswer {
    log.append("\(connection): \(sql)")
    return try (answers[sql] ?? .success(SpecAnswer())).get()
  }

  func changes(
    of relation: String, by sql: String, on connection: String, expecting expected: Int
  ) throws(SQLError) -> [SpecChange] {
    log.append("\(connection): \(sql) -> \(relation)")
    return changes
  }

  func tick() throws(SQLError) { log.append("tick") }
  func restart() throws(SQLError) { log.append("restart") }
}

private func answer(_ rows: [[String?]] = [], tag: String = "SELECT") -> Result<SpecAnswer, SQLError> {
  var answer = SpecAnswer()
  answer.columnCount = rows.first?.count
  answer.rows = rows
  answer.tag = tag
  return .success(answer)
}

@Suite struct SpecRunnerTests {
  @Test(arguments: [
    "statement ok\nSELECT 1", "query\nSELECT 1, NULL, ''\n----\n1  NULL  (empty)", "query IT rowsort\nVALUES (2, 'b'), (1, 'a')\n----\n1  a\n2  b",
    "query II valuesort\nVALUES (3, 1), (2, 4)\n----\n1  2\n3  4", "query I nosort x\nSELECT 1\n----\n1\n\nquery I nosort x\nSELECT 2 - 1\n----\n1",
    "query R\nSELECT 1.5\n----\n1.5", "query B\nSELECT true\n----\nt", "query T\nSELECT E'a\\nb'\n----\na\\nb",
    "statement error 22012\nSELECT 1/0", "statement error 22012\nSELECT 1/0\n----\ndivision by zero", "statement count 1\nSELECT 1",
    "skipif leat\nstatement ok\nnonsense\n\nstatement ok\nSELECT 1", "onlyif sqlite\nstatement ok\nnonsense\n\nonlyif leat\nstatement ok\nSELECT 1",
    "statement ok\nSELECT 1\n\nhalt\n\nstatement ok\nnonsense", "# a comment\nconnection other\n\nstatement ok\nSELECT 1\n\ntick",
  ])
  func whatHoldsPasses(text: String) throws {
    let (passed, failures) = SpecRunner.run(text)
    #expect(failures.isEmpty, "\(failures)")
    #expect(passed > 0)
  }

  @Test(arguments: [
    ("query\nSELECT 1\n----\n2", "SELECT 1\n  expected:\n    2\n  got:\n    1"), ("statement ok\nSELECT 1/0", "SELECT 1/0\n  expected:\n    ok\n  got:\n    error 22012 division by zero"),
    ("statement error 22012\nSELECT 1", "SELECT 1\n  expected:\n    error 22012\n  got:\n    1"),
    ("statement error 22012\nSELECT 1/0\n----\nanother", "SELECT 1/0\n  expected:\n    error 22012 another\n  got:\n    error 22012 division by zero"),
    ("query II\nSELECT 1\n----\n1", "SELECT 1\n  expected:\n    2 columns\n  got:\n    1 columns"), ("query I\nSELECT 'x'\n----\nx", "SELECT 'x'\n  expected:\n    type I\n  got:\n    \"x\""),
    ("query rowsort\nVALUES (1), (2)\n----\n1", "VALUES (1), (2)\n  expected:\n    1\n  got:\n    1\n    2"),
    ("query\nSELECT 1 WHERE false\n----\n1", "SELECT 1 WHERE false\n  expected:\n    1\n  got:\n    (no rows)"),
    ("statement count 2\nSELECT 1", "SELECT 1\n  expected:\n    a count of 2\n  got:\n    SELECT 1"),
    ("restart", "  expected:\n    ok\n  got:\n    error 0A000 restart of an engine that keeps nothing is not supported"),
    ("query nosort x\nSELECT 1\n----\n1\n\nquery nosort x\nSELECT 2\n----\n2", "SELECT 2\n  expected:\n    as the first query of label x:\n    1\n  got:\n    2"),
    ("sentence ok\nSELECT 1", "no record: \"sentence ok\""), ("statement ok\n", "a record without SQL"), ("query ZZ rowsort up down\nSELECT 1\n----\n1", "no record: \"query ZZ rowsort up down\" with a result"),
    ("changelog m\nSELECT 1", "no record: \"changelog m\""), ("statement ok\nSELECT 1\n----\n1", "no record: \"statement ok\" with a result"),
    ("skipif leat", "skipif leat stands before no record"), ("statement error 123\nSELECT 1", "no record: \"statement error 123\""),
  ])
  func whatDoesNotHoldFailsWithBothSides(text: String, description: String) {
    let failures = SpecRunner.run(text).failures
    #expect(failures.map(\.description) == [description])
  }

  @Test func failuresHaveTheLineOfTheirRecord() {
    let report = SpecRunner.run("# text\n\nstatement ok\nSELECT 1\n\nquery\nSELECT 1\n----\n2\n")
    #expect(report.failures.map(\.line) == [6])
  }

  @Test func connectionsTicksAndRestartsReachTheInstance() {
    let instance = ScriptedInstance()
    let report = SpecRunner.run(
      "statement ok\nA\n\nconnection two\n\nstatement ok\nB\n\ntick\n\nrestart\n\nstatement ok\nC\n", on: instance)
    #expect(instance.log == ["default: A", "two: B", "tick", "restart", "default: C"])
    #expect(report.passed == 6 && report.failures.isEmpty)
  }

  @Test func changesOfEqualRowsAddUp() {
    let instance = ScriptedInstance()
    instance.changes = [
      SpecChange(weight: 1, row: ["a", "1"]), SpecChange(weight: -1, row: ["b", nil]), SpecChange(weight: 1, row: ["a", "1"]),
      SpecChange(weight: 1, row: ["c", ""]), SpecChange(weight: -1, row: ["c", ""]),
    ]
    #expect(SpecRunner.run("changelog m\nX\n----\n-1  b  NULL\n+2  a  1\n", on: instance).passed == 1)
    let failures = SpecRunner.run("changelog m\nX\n----\n+1  a  1\n", on: instance).failures
    #expect(failures.map(\.description) == ["X\n  expected:\n    +1  a  1\n  got:\n    +2  a  1\n    -1  b  NULL"])
  }

  @Test func aSubscriptionSeesWhatAStatementChanges() {
    let text = """
      statement ok
      CREATE TABLE t (k text, v bigint)

      statement ok
      CREATE MATERIALIZED VIEW m AS SELECT k, count(*) AS n FROM t GROUP BY k

      changelog m
      INSERT INTO t VALUES ('a', 1), ('b', 2), ('a', 3)
      ----
      +1  a  2
      +1  b  1

      changelog m
      DELETE FROM t WHERE v = 3
      ----
      -1  a  2
      +1  a  1
      """
    let (passed, failures) = SpecRunner.run(text)
    #expect(failures.isEmpty, "\(failures)")
    #expect(passed == 4)
  }

  @Test func queriesAreComparedWithTheirViews() {
    let instance = ScriptedInstance()
    instance.answers = [
      "SELECT 1": answer([["1"]]), "SELECT * FROM spec_view_1": answer([["1"]]), "SELECT 2": answer([["2"]]),
      "SELECT * FROM spec_view_2": answer([["3"]]), "SELECT 3": answer([["3"]]),
      "CREATE MATERIALIZED VIEW spec_view_3 AS SELECT 3": .failure(SQLError.unsupported("this", at: nil)), "SHOW x": answer([["y"]]),
    ]
    var options = SpecRunner.Options()
    options.comparesViews = true
    let report = SpecRunner.run(
      "query\nSELECT 1\n----\n1\n\nquery\nSELECT 2\n----\n2\n\nquery\nSELECT 3\n----\n3\n\nquery\nSHOW x\n----\ny\n", on: instance, options)
    #expect(report.viewsCompared == 1)
    #expect(report.viewsRefused == ["0A000 this is not supported": 1])
    #expect(report.failures.map(\.description) == ["SELECT 2\n  expected:\n    as a view, in any order:\n    2\n  got:\n    3"])
    #expect(instance.log.contains("default: DROP MATERIALIZED VIEW spec_view_1"))
  }
}
