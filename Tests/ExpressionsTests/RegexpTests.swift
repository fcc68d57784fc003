import SQLTypes
import TestSupport
import Testing

@testable import Expressions

/// A pattern as its generator knows it, with the slow answer by definition: the set of places at which a match can end.
private indirect enum Pattern {
  case character(Character)
  case any
  case oneOf([Character], isComplement: Bool)
  case start, end
  case sequence([Pattern])
  case either([Pattern])
  case repeated(Pattern, Int, Int?)

  static let alphabet: [Character] = ["a", "b", "c", "é", "-"]

  init(_ random: inout SeededRandom, depth: Int) {
    let kinds: UInt64 = depth == 0 ? 4 : 9
    switch random.next() % kinds {
    case 0, 1: self = .character(Self.letter(&random))
    case 2: self = .any
    case 3:
      let count = Int(random.next() % 3) + 1
      self = .oneOf((0..<count).map { _ in Self.letter(&random) }, isComplement: random.next() % 3 == 0)
    case 4: self = random.next() % 2 == 0 ? .start : .end
    case 5, 6: self = .sequence((0..<Int(random.next() % 3) + 1).map { _ in Pattern(&random, depth: depth - 1) })
    case 7: self = .either((0..<Int(random.next() % 3) + 1).map { _ in Pattern(&random, depth: depth - 1) })
    default:
      let minimum = Int(random.next() % 3)
      let maximum = random.next() % 3 == 0 ? nil : minimum + Int(random.next() % 3)
      self = .repeated(Pattern(&random, depth: depth - 1), minimum, maximum)
    }
  }

  private static func letter(_ random: inout SeededRandom) -> Character { alphabet[Int(random.next() % UInt64(alphabet.count))] }

  /// As PostgreSQL's syntax has it; every part that is not one character stands in parentheses.
  var text: String {
    switch self {
    case .character(let character): String(character)
    case .any: "."
    case .oneOf(let characters, let isComplement):
      // A hyphen is itself at the end alone.
      "[" + (isComplement ? "^" : "") + String(characters.filter { $0 != "-" }) + (characters.contains("-") ? "-" : "") + "]"
    case .start: "^"
    case .end: "$"
    case .sequence(let parts): parts.map(\.grouped).joined()
    case .either(let parts): parts.map(\.grouped).joined(separator: "|")
    case .repeated(let part, 0, nil): part.grouped + "*"
    case .repeated(let part, 1, nil): part.grouped + "+"
    case .repeated(let part, 0, 1?): part.grouped + "?"
    case .repeated(let part, let minimum, nil): part.grouped + "{\(minimum),}"
    case .repeated(let part, let minimum, let maximum?): part.grouped + (minimum == maximum ? "{\(minimum)}" : "{\(minimum),\(maximum)}?")
    }
  }

  private var grouped: String {
    switch self {
    case .character, .any, .oneOf: text
    default: "(\(text))"
    }
  }

  func ends(in text: [Character], from start: Int, ignoringCase: Bool) -> Set<Int> {
    func fold(_ character: Character) -> Character {
      ignoringCase && character.isASCII ? Character(character.lowercased()) : character
    }
    switch self {
    case .character(let wanted): return start < text.count && fold(text[start]) == fold(wanted) ? [start + 1] : []
    case .any: return start < text.count ? [start + 1] : []
    case .oneOf(let characters, let isComplement):
      guard start < text.count else { return [] }
      return characters.map(fold).contains(fold(text[start])) != isComplement ? [start + 1] : []
    case .start: return start == 0 ? [start] : []
    case .end: return start == text.count ? [start] : []
    case .sequence(let parts):
      return parts.reduce([start]) { starts, part in
        starts.reduce(into: []) { $0.formUnion(part.ends(in: text, from: $1, ignoringCase: ignoringCase)) }
      }
    case .either(let parts):
      return parts.reduce(into: []) { $0.formUnion($1.ends(in: text, from: start, ignoringCase: ignoringCase)) }
    case .repeated(let part, let minimum, let maximum):
      func step(_ starts: Set<Int>) -> Set<Int> {
        starts.reduce(into: []) { $0.formUnion(part.ends(in: text, from: $1, ignoringCase: ignoringCase)) }
      }
      var current: Set<Int> = [start]
      for _ in 0..<minimum { current = step(current) }
      var all = current
      // More rounds than the text has characters reach no new place.
      for _ in 0..<(maximum.map { $0 - minimum } ?? text.count + 1) {
        current = step(current)
        all.formUnion(current)
      }
      return all
    }
  }

  func matches(_ text: [Character], ignoringCase: Bool) -> Bool {
    (0...text.count).contains { !ends(in: text, from: $0, ignoringCase: ignoringCase).isEmpty }
  }
}

@Test(arguments: [1, 2, 3, 4] as [UInt64])
func randomPatternsMatchWhatTheirDefinitionMatches(seed: UInt64) throws {
  var random = SeededRandom(seed: seed)
  var matching = 0
  let letters = Pattern.alphabet + ["A", "B"]
  for _ in 0..<1500 {
    let pattern = Pattern(&random, depth: 3)
    let ignoresCase = random.next() % 3 == 0
    var matcher = RegexpMatcher(try RegularExpression(pattern.text, ignoringCase: ignoresCase))
    for _ in 0..<6 {
      let text = (0..<Int(random.next() % 8)).map { _ in letters[Int(random.next() % UInt64(letters.count))] }
      let expected = pattern.matches(text, ignoringCase: ignoresCase)
      let bytes = Array(String(text).utf8)
      #expect(matcher.matches(bytes.span) == expected, "seed \(seed): \(String(text)) ~ \(pattern.text), ignoring case: \(ignoresCase)")
      matching += expected ? 1 : 0
    }
  }
  // Both answers are asked for often.
  #expect(matching > 1500 && matching < 7500)
}

@Test(arguments: [5, 6] as [UInt64])
func noPatternTraps(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  let pieces = Array("ab01()[]{}|*+?^$.,:-=!<>\\dwsDWSmMyYAZuUxX&é ").map(String.init) + ["[[:alpha:]]", "(?:", "(?i)", "{2,3}", "\\u00e9", "[^", "***"]
  var compiled = 0
  for _ in 0..<20_000 {
    let pattern = (0..<Int(random.next() % 12)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
    do throws(SQLError) {
      var matcher = RegexpMatcher(try RegularExpression(pattern))
      let bytes = Array("ab01 é-x".utf8)
      _ = matcher.matches(bytes.span)
      compiled += 1
    } catch {
      #expect(error.state == SQLState("2201B") || error.state == .featureNotSupported, "seed \(seed): \(pattern): \(error.message)")
    }
  }
  #expect(compiled > 1000)
}

@Test func nestingAndLengthHaveTheirLimits() {
  for pattern in [String(repeating: "(", count: 100_000), String(repeating: "a", count: 5000), String(repeating: "(a|", count: 300)] {
    #expect { _ = try RegularExpression(pattern) } throws: { ($0 as? SQLError)?.message == "invalid regular expression: regular expression is too complex" }
  }
  #expect(throws: Never.self) { try RegularExpression(String(repeating: "(", count: 150) + "a" + String(repeating: ")", count: 150)) }
}

@Test func aTextThatWouldTakeTooLongIsRefused() throws {
  var matcher = RegexpMatcher(try RegularExpression("(a{60}){60}b"))
  let bytes = [UInt8](repeating: 97, count: 2_000_000)
  #expect(matcher.matches(bytes.span) == nil)
  // Places that are entered without reading a character are steps too.
  var entering = RegexpMatcher(try RegularExpression("(a?){100}a{100}b"))
  #expect(entering.matches(bytes.span) == nil)
}

@Test func aLongTextIsReadToItsEndByAPlainPattern() throws {
  var matcher = RegexpMatcher(try RegularExpression("[a-c]+ d+e"))
  let bytes = Array(String(repeating: "abc d", count: 1_600_000).utf8)
  #expect(matcher.matches(bytes.span) == false)
  #expect(matcher.matches((bytes + Array("abc de".utf8)).span) == true)
}
