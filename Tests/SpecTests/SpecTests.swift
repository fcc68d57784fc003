import Dataflow
import Engine
import Foundation
import SQLTypes
import SpecRunner
import Testing

private let corpus = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Spec").standardized

private let files: [String] = {
  let paths = FileManager.default.enumerator(atPath: corpus.path)?.compactMap { $0 as? String } ?? []
  return paths.filter { $0.hasSuffix(".slt") }.sorted()
}()

@Test func theCorpusIsFound() { #expect(files.count >= 5) }

@Test(arguments: files)
func everyRecordHolds(file: String) throws {
  let text = try String(contentsOf: corpus.appending(path: file), encoding: .utf8)
  #expect(text.hasPrefix("# "), "a file begins with its description")
  let (passed, failures) = SpecRunner.run(text)
  #expect(passed > 0)
  for failure in failures { Issue.record("\(file): \(failure)") }
}

/// What is written of one worker holds of four, with every tick on their threads.
@Test(arguments: files)
func everyRecordHoldsOnFourWorkers(file: String) throws {
  let text = try String(contentsOf: corpus.appending(path: file), encoding: .utf8)
  let instance = try EngineInstance { () throws(SQLError) in
    try Engine(workers: 4, sizes: .init(smallTickRows: 0, dealtRows: 1))
  }
  let report = SpecRunner.run(text, on: instance)
  #expect(report.passed > 0)
  for failure in report.failures { Issue.record("\(file): \(failure)") }
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
