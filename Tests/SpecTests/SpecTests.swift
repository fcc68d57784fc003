import Dataflow
import Engine
import Foundation
import SQLTypes
import SQLiteStorage
import SpecRunner
import Testing

private let corpus = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Spec").standardized

private let files: [String] = {
  let paths = FileManager.default.enumerator(atPath: corpus.path)?.compactMap { $0 as? String } ?? []
  return paths.filter { $0.hasSuffix(".slt") }.sorted()
}()

@Test func theCorpusIsFound() { #expect(files.count >= 5) }

/// Runs a file on what `wrap` makes of an engine, which has a directory if the file restarts it or `keepsData`.
private func run(
  _ file: String, keepsData: Bool = false, modes: Set<String> = [], workers: Int = 1,
  wrap: (EngineInstance) -> any SpecInstance = { $0 }
) throws {
  let path = corpus.appending(path: file)
  let text = try String(contentsOf: path, encoding: .utf8)
  #expect(text.hasPrefix("# "), "a file begins with its description")
  let data = FileManager.default.temporaryDirectory.appending(path: "leat-spec-\(UUID().uuidString)").path
  defer { try? FileManager.default.removeItem(atPath: data) }
  let keepsData = keepsData || SpecRunner.restarts(text)
  // Of several workers each takes part in every tick.
  let sizes = workers == 1 ? ShardedGraph.Sizes() : ShardedGraph.Sizes(smallTickRows: 0, dealtRows: 1)
  let instance = try EngineInstance(keepsData: keepsData) { () throws(SQLError) in
    guard keepsData else { return try Engine(workers: workers, sizes: sizes) }
    return try Engine(workers: workers, sizes: sizes, openLog: { () throws(SQLError) in try LogThread.open(directory: data) })
  }
  var options = SpecRunner.Options()
  options.directory = path.deletingLastPathComponent().path
  options.modes = modes
  let report = SpecRunner.run(text, on: wrap(instance), options)
  #expect(report.passed > 0)
  for failure in report.failures { Issue.record("\(file):\(failure.line): \(failure)") }
}

@Test(arguments: files)
func everyRecordHolds(file: String) throws { try run(file) }

/// What is written of one worker holds of four, with every tick on their threads.
@Test(arguments: files)
func everyRecordHoldsOnFourWorkers(file: String) throws { try run(file, workers: 4) }

/// A restart behind each statement that changed something is not seen.
@Test(arguments: files)
func everyRecordHoldsOverRestarts(file: String) throws {
  try run(file, keepsData: true, modes: ["restarts"]) { RestartingInstance($0) }
}

/// Restarts an engine behind each statement that may have changed what it keeps, unless a transaction is open.
///
/// From the first statement on that gives a session something of its own, it does so no more.
private final class RestartingInstance: SpecInstance {
  private let instance: EngineInstance
  private var sessionHasOwn = false

  init(_ instance: EngineInstance) { self.instance = instance }

  func run(_ sql: String, on connection: String) throws(SQLError) -> SpecAnswer {
    let answer = try instance.run(sql, on: connection)
    try restart(behind: sql)
    return answer
  }

  func changes(
    of relation: String, by sql: String, on connection: String, expecting expected: Int
  ) throws(SQLError) -> [SpecChange] {
    let changes = try instance.changes(of: relation, by: sql, on: connection, expecting: expected)
    try restart(behind: sql)
    return changes
  }

  func tick() throws(SQLError) { try instance.tick() }
  func restart() throws(SQLError) { try instance.restart() }

  private func restart(behind sql: String) throws(SQLError) {
    let word = sql.prefix { $0.isLetter }.lowercased()
    if ["set", "prepare", "declare"].contains(word) { sessionHasOwn = true }
    let changes = ["create", "drop", "insert", "update", "delete", "commit", "end", "with"].contains(word)
    if changes, !sessionHasOwn, !instance.isInTransaction { try instance.restart() }
  }
}

@Test func theWorkersAreASetting() throws {
  let session = try Engine(workers: 3).session()
  var answers: [[String?]] = []
  for query in ["SHOW workers", "SELECT setting FROM leat.settings WHERE name = 'workers'"] {
    try session.run(query) { answers += $0.textRows }
  }
  #expect(answers == [["3"], ["3"]])
  #expect(throws: SQLError.self) { try session.run("SET workers = 2") { _ in } }
  for count in [0, -1, 1025] {
    do throws(SQLError) {
      _ = try Engine(workers: count)
      Issue.record("\(count) workers are refused")
    } catch { #expect(error.state == .invalidParameterValue && error.message.contains("from 1 to 1024, not \(count)")) }
  }
}

@Test func aRecordThatDoesNotHoldFails() {
  #expect(SpecRunner.run("query\nSELECT 1\n----\n2\n").failures.count == 1)
  #expect(SpecRunner.run("statement ok\nSELECT 1/0\n").failures.count == 1)
  #expect(SpecRunner.run("statement error 22012\nSELECT 1\n").failures.count == 1)
  #expect(SpecRunner.run("statement error 22012\nSELECT 1/0\n----\nanother message\n").failures.count == 1)
  #expect(SpecRunner.run("sentence ok\nSELECT 1\n").failures.count == 1)
}
