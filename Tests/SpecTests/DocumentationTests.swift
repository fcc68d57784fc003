import Engine
import Foundation
import Planner
import SQLTypes
import Shell
import TestSupport
import Testing

/// A page's examples: each block of SQL, and the text that it is said to print.
private struct Example: Sendable, CustomTestStringConvertible {
  var page: String
  var blocks: [(sql: String, expected: String?)]
  var testDescription: String { page }
}

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

private let pages: [Example] = {
  let folder = root.appending(path: "docs/sql")
  let names = (FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".md") }
  return names.sorted().map { name in
    let text = (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    var blocks: [(sql: String, expected: String?)] = []
    var language: String?
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let current = language {
          let body = lines.map { $0 + "\n" }.joined()
          if current == "sql" { blocks.append((body, nil)) }
          if current == "text", let last = blocks.indices.last { blocks[last].expected = body }
          language = nil
        } else {
          (language, lines) = (String(line.dropFirst(3)), [])
        }
      } else if language != nil {
        lines.append(line)
      }
    }
    return Example(page: name, blocks: blocks)
  }
}()

/// Every block of SQL in the reference runs, and prints what stands behind it; a block that names a SQLSTATE fails with it.
@Test(arguments: pages)
private func examplesOfThePageRun(_ page: Example) throws {
  let session = try inMemorySession()
  for (sql, expected) in page.blocks {
    var printed = ""
    do throws(SQLError) {
      try session.run(sql) { (result) throws(SQLError) in
        guard let columns = result.columns else { return }
        var table = ResultTable(columns: columns.map { ResultColumn(name: $0.name, typeOID: $0.type.oid) }, format: .aligned)
        for row in result.textRows { table.append(row) }
        var bytes: [UInt8] = []
        table.finish(into: &bytes)
        printed += String(decoding: bytes, as: UTF8.self)
      }
    } catch {
      printed = "ERROR:  \(error.state.code): \(error.message)\n"
    }
    guard let expected else {
      #expect(!printed.hasPrefix("ERROR"), "\(page.page): \(sql)\(printed)")
      continue
    }
    #expect(plain(printed) == plain(expected), "\(page.page): \(sql)")
  }
}

/// Without blanks at the ends of lines and empty lines.
private func plain(_ text: String) -> [String] {
  text.split(separator: "\n").map { line in
    var line = line
    while line.last == " " { line.removeLast() }
    return String(line)
  }.filter { !$0.isEmpty }
}
