import Foundation
import Testing

@testable import SQLTypes

/// PostgreSQL 15's answers to a few thousand questions, written by Golden/generate.py.
struct GoldenFile {
  struct Line {
    var operation: String
    var arguments: [String]
    /// The text of the value; "!SQLSTATE message" for an error, "!null" for NULL.
    var answer: String
  }

  var lines: [Line]

  init(_ name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    let text = try String(contentsOf: folder.appending(path: name + ".tsv"), encoding: .utf8)
    lines = text.split(separator: "\n").map { line in
      var fields = line.split(separator: "\t", omittingEmptySubsequences: false).map { GoldenFile.unescape($0) }
      let answer = fields.removeLast()
      return Line(operation: fields.removeFirst(), arguments: fields, answer: answer)
    }
  }

  private static func unescape(_ text: Substring) -> String {
    guard text.contains("\\") else { return String(text) }
    var result = ""
    var escaped = false
    for character in text.unicodeScalars {
      if escaped {
        let plain: [Unicode.Scalar: Unicode.Scalar] = [
          "t": "\t", "n": "\n", "r": "\r", "v": "\u{0B}", "f": "\u{0C}", "b": "\u{08}",
        ]
        result.unicodeScalars.append(plain[character] ?? character)
        escaped = false
      } else if character == "\\" {
        escaped = true
      } else {
        result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// Evaluates each line of the operations that `ours` knows (others give nil) and compares with PostgreSQL's answer.
  ///
  /// - excuse: whether a difference is one that the module documents.
  func check(
    _ ours: (Line) throws -> String?, excuse: (Line, String) -> Bool = { _, _ in false },
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var differences: [String] = []
    var checked = 0
    for line in lines {
      let answer: String
      do {
        guard let value = try ours(line) else { continue }
        answer = value
      } catch let error as SQLError {
        answer = "!\(error.state) \(error.message)"
      } catch {
        answer = "\(error)"
      }
      checked += 1
      if answer != line.answer, !excuse(line, answer) {
        differences.append("\(line.operation) \(line.arguments): \(answer), PostgreSQL: \(line.answer)")
      }
    }
    #expect(checked > 0, sourceLocation: sourceLocation)
    #expect(
      differences.isEmpty, "\(differences.count) of \(checked):\n\(differences.prefix(40).joined(separator: "\n"))",
      sourceLocation: sourceLocation)
  }
}
