import Foundation
import Testing

@testable import Shell

@Suite struct LineEditorTests {
  private static func read(_ bytes: [UInt8]) throws -> [LineInput] {
    let pipe = Pipe()
    let writer = Thread {
      try? pipe.fileHandleForWriting.write(contentsOf: Data(bytes))
      try? pipe.fileHandleForWriting.close()
    }
    writer.start()
    let editor = PlainEditor(descriptor: pipe.fileHandleForReading.fileDescriptor)
    var inputs: [LineInput] = []
    repeat { inputs.append(editor.readLine(prompt: "leat=> ")) } while inputs.last != .endOfInput
    #expect(editor.readLine(prompt: "") == .endOfInput)
    try pipe.fileHandleForReading.close()
    return inputs
  }

  @Test func plainEditorReadsLinesAndAnUnfinishedLast() throws {
    #expect(try Self.read([]) == [.endOfInput])
    #expect(try Self.read(Array("a\n\nbé".utf8)) == [.line("a"), .line(""), .line("bé"), .endOfInput])
    #expect(try Self.read(Array("a\n".utf8)) == [.line("a"), .endOfInput])
  }

  @Test func plainEditorReadsLinesLongerThanItsBuffer() throws {
    let long = String(repeating: "x", count: 200_000)
    #expect(try Self.read(Array("a\n\(long)\nb\n".utf8)) == [.line("a"), .line(long), .line("b"), .endOfInput])
    let many = (0..<30_000).map { "line \($0)" }
    #expect(try Self.read(Array(many.joined(separator: "\n").utf8)) == many.map { .line($0) } + [.endOfInput])
  }

  private static func withTemporaryPath(_ body: (String) throws -> Void) rethrows {
    let path = NSTemporaryDirectory() + "leat-history-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test func historyKeepsStatementsWhole() throws {
    try Self.withTemporaryPath { path in
      let history = HistoryFile(path: path)
      #expect(history.load() == [])
      history.append("select 1;")
      history.append("select\n  '東京',\n  2;")
      #expect(HistoryFile(path: path).load() == ["select 1;", "select\n  '東京',\n  2;"])
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  @Test func historyFileDoesNotHoldSecrets() {
    Self.withTemporaryPath { path in
      let history = HistoryFile(path: path)
      history.append("CREATE SECRET kafka AS 'hunter2';")
      history.append("alter role joe password 'hunter2';")
      history.append("select * from secrets;")
      #expect(history.load() == ["select * from secrets;"])
    }
  }

  @Test func historyFileIsCutToTheNewestEntries() {
    Self.withTemporaryPath { path in
      let lines = (0..<2 * HistoryFile.limit).map { "select \($0);\n" }.joined()
      _ = FileManager.default.createFile(atPath: path, contents: Data(lines.utf8))
      #expect(HistoryFile(path: path).load().first == "select \(HistoryFile.limit);")
      #expect(HistoryFile(path: path).load().count == HistoryFile.limit)
    }
  }

  @Test func historyFileIsChosenByTheEnvironment() {
    #expect(HistoryFile.standard(environment: [:]) == nil)
    #expect(HistoryFile.standard(environment: ["HOME": "/home/a", "LEAT_HISTORY": ""]) == nil)
    #expect(HistoryFile.standard(environment: ["HOME": "/nonexistent"])?.append("select 1;") == false)
  }

  @Test(arguments: [
    ("se", ["select", "set"], "se"), ("SEL", ["SELECT"], "SELECT"), ("x", ["xyz", "xya"], "xy"),
    ("Se", ["select", "SET"], "Se"), ("", ["a", "b"], ""), ("東", ["東京", "東西"], "東"),
  ])
  func wordIsReplacedByWhatCandidatesShare(word: String, candidates: [String], expected: String) {
    #expect(CompletionList.replacement(of: word, by: candidates) == expected)
  }
}
