import Engine
import Foundation
import SQLTypes
import SpecRunner
import TestSupport
import Testing

/// Splits SQL into words, numbers, quoted texts and single characters.
private func tokens(_ sql: String) -> [String] {
  var tokens: [String] = []
  var current = ""
  for character in sql {
    if character.isLetter || character.isNumber || character == "_" {
      current.append(character)
    } else {
      if !current.isEmpty { tokens.append(current) }
      current = ""
      tokens.append(String(character))
    }
  }
  return current.isEmpty ? tokens : tokens + [current]
}

private let statements: [[String]] = {
  let corpus = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Spec").standardized
  let files = FileManager.default.enumerator(atPath: corpus.path)?.compactMap { $0 as? String } ?? []
  return files.filter { $0.hasSuffix(".slt") }.sorted().flatMap { file -> [[String]] in
    guard let text = try? String(contentsOf: corpus.appending(path: file), encoding: .utf8) else { return [] }
    return ((try? SpecRunner.parse(text)) ?? []).map { tokens($0.sql) }
  }
}()

/// Statements of the corpus with tokens of one another put in, doubled, dropped or exchanged: each answers rows or an
/// error whose range lies in its text; none traps.
@Test(arguments: 1...8)
func mutatedStatementsAnswerOrFailInPlace(seed: UInt64) throws {
  var random = SeededRandom(seed: seed)
  #expect(!statements.isEmpty)
  var answered = 0
  var engine = try Engine()
  defer { engine.stop() }
  for number in 0..<5_000 {
    // A new engine now and then: a statement that doubles a table is not run for ever. A new session each time: one that a
    // failed block holds answers nothing.
    if number % 20 == 0 {
      engine.stop()
      engine = try Engine()
    }
    var mutated = statements.randomElement(using: &random) ?? []
    for _ in 0...Int.random(in: 0...3, using: &random) where !mutated.isEmpty {
      let at = Int.random(in: 0..<mutated.count, using: &random)
      switch Int.random(in: 0...3, using: &random) {
      case 0: mutated.remove(at: at)
      case 1: mutated.insert(mutated[at], at: at)
      case 2: mutated.swapAt(at, Int.random(in: 0..<mutated.count, using: &random))
      default: mutated[at] = statements.randomElement(using: &random)?.randomElement(using: &random) ?? ""
      }
    }
    let text = mutated.joined()
    do throws(SQLError) {
      try engine.session().run(text) { (result) throws(SQLError) in
        #expect(result.textRows.allSatisfy { $0.count == result.columns?.count ?? 0 })
      }
      answered += 1
    } catch {
      #expect(error.state.code != "XX000", "\(text)")
      if let range = error.range { #expect(range.start >= 0 && range.start <= range.end && range.end <= text.utf8.count, "\(text)") }
    }
  }
  #expect(answered > 100, "mutations still reach the operators")
}
