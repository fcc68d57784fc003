import Foundation
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

@Test func aRecordThatDoesNotHoldFails() {
  #expect(SpecRunner.run("query\nSELECT 1\n----\n2\n").failures.count == 1)
  #expect(SpecRunner.run("statement ok\nSELECT 1/0\n").failures.count == 1)
  #expect(SpecRunner.run("statement error 22012\nSELECT 1\n").failures.count == 1)
  #expect(SpecRunner.run("statement error 22012\nSELECT 1/0\n----\nanother message\n").failures.count == 1)
  #expect(SpecRunner.run("sentence ok\nSELECT 1\n").failures.count == 1)
}
