import SQLSyntax
import SQLTypes
import TestSupport

/// A statement's text, cut into tokens.
struct TokenText {
  /// What may stand for what.
  enum Kind: Int, CaseIterable { case keyword, name, integer, decimal, string, parameter, op, punctuation, other }

  struct Piece {
    var kind: Kind
    var text: String
  }

  var pieces: [Piece] = []

  /// What does not lex is left out: a corpus of statements that are refused for it has other tests.
  init(_ text: String) {
    var lexer = Lexer(text)
    while true {
      do throws(SQLError) {
        let token = try lexer.next()
        if case .end = token.kind { return }
        pieces.append(Piece(kind: Kind(token.kind), text: lexer.text(token.range)))
      } catch { continue }
    }
  }

  var text: String { pieces.map(\.text).joined(separator: " ") }
}

extension TokenText.Kind {
  fileprivate init(_ kind: Token.Kind) {
    self =
      switch kind {
      case .word(let word): Keywords.isReserved(word) ? .keyword : .name
      case .quotedIdentifier: .name
      case .integer: .integer
      case .decimal: .decimal
      case .string: .string
      case .parameter: .parameter
      case .op: .op
      case .punctuation: .punctuation
      case .end: .other
      }
  }
}

extension Keywords {
  fileprivate static func isReserved(_ word: String) -> Bool {
    reserved.contains(word) || typeOrFunction.contains(word) || columnOnly.contains(word)
  }
}

/// Changes statements by tokens: what comes out is often a statement, and seldom one that somebody wrote.
struct TokenMutator {
  private let statements: [TokenText]
  /// All texts of a kind that the statements have, each once, and what stands at the edges of types.
  private var pools: [[String]]

  private static let edges: [(TokenText.Kind, [String])] = [
    (.integer, ["0", "1", "2", "32768", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "99999999999999999999999999999999999999"]),
    (.decimal, ["0.0", "1e308", "1e-400", ".5", "1.", "0.00000000000000000000000000000000000001", "1e38"]),
    (.string, ["''", "'NaN'", "'-infinity'", "'1'", "'2024-02-29'", "'294276-12-31 23:59:59.999999'", "'1 month -1 day'", "'t'", "E'\\u0001'", "'é😀'", "'pg_class'", "'%'"]),
    (.parameter, ["$1", "$2", "$3", "$1", "$9"]),
    (.name, ["\"é\"", "pg_class", "pg_attribute", "pg_type", "oid", "relname", "attrelid", "regclass", "numeric", "text", "float8", "timestamptz", "leat"]),
    (.op, ["+", "-", "*", "/", "%", "^", "||", "=", "<>", "<", ">=", "~", "!~*"]),
  ]

  init(_ statements: [TokenText]) {
    self.statements = statements
    var seen = Set<String>()
    pools = TokenText.Kind.allCases.map { _ in [] }
    for piece in statements.flatMap(\.pieces) where seen.insert(piece.text).inserted { pools[piece.kind.rawValue].append(piece.text) }
    for (kind, texts) in Self.edges { pools[kind.rawValue] += texts }
  }

  /// The statement changed a few times; seldom not at all.
  func mutated(_ statement: TokenText, _ random: inout SeededRandom) -> String {
    var result = statement
    var count = random.below(16) == 0 ? 0 : 1
    while count > 0 && count < 12 && random.below(2) > 0 { count += 1 }
    for _ in 0..<count { mutate(&result, &random) }
    let text = result.text
    return random.below(32) == 0 ? Self.withOtherByte(text, &random) : text
  }

  private func mutate(_ statement: inout TokenText, _ random: inout SeededRandom) {
    let count = statement.pieces.count
    guard count > 0 else { return statement = statements[random.below(statements.count)] }
    let place = random.below(count)
    switch random.below(64) {
    case 0..<8: statement.pieces.remove(at: place)
    case 8..<14: statement.pieces.insert(statement.pieces[place], at: random.below(count + 1))
    case 14..<19: statement.pieces.swapAt(place, random.below(count))
    case 19..<39:
      let kind = statement.pieces[place].kind
      if let text = pools[kind.rawValue].randomElement(using: &random) { statement.pieces[place].text = text }
    case 39..<44:
      let other = statements[random.below(statements.count)].pieces
      if let piece = other.randomElement(using: &random) { statement.pieces[place] = piece }
    case 44..<48: splice(&statement, at: place, &random)
    case 48..<53: insertRange(&statement, at: place, &random)
    case 53..<55: statement.pieces.removeSubrange(range(statement.pieces, &random))
    case 55..<59: nest(&statement, &random)
    case 59..<62: literalToParameter(&statement, &random)
    default: lengthen(&statement, &random)
    }
    if statement.pieces.count > 4096 { statement.pieces.removeSubrange(4096...) }
  }

  /// This one's beginning and another one's end.
  private func splice(_ statement: inout TokenText, at place: Int, _ random: inout SeededRandom) {
    let other = statements[random.below(statements.count)].pieces
    statement.pieces = Array(statement.pieces[..<place] + other[random.below(other.count + 1)...])
  }

  private func insertRange(_ statement: inout TokenText, at place: Int, _ random: inout SeededRandom) {
    let other = random.below(2) == 0 ? statement.pieces : statements[random.below(statements.count)].pieces
    guard !other.isEmpty else { return }
    statement.pieces.insert(contentsOf: other[range(other, &random)], at: place)
  }

  private func range(_ pieces: [TokenText.Piece], _ random: inout SeededRandom) -> Range<Int> {
    let start = random.below(pieces.count)
    return start..<min(pieces.count, start + 1 + random.below(random.below(4) == 0 ? 32 : 6))
  }

  /// Parentheses around a few tokens, or a query; once or often.
  private func nest(_ statement: inout TokenText, _ random: inout SeededRandom) {
    let range = range(statement.pieces, &random)
    let depth = random.below(24) == 0 ? random.below(320) : 1 + random.below(2)
    let openings = [["("], ["(", "SELECT"], ["-"], ["NOT"], ["CASE", "WHEN", "true", "THEN"], ["coalesce", "("], ["(", "SELECT", "*", "FROM", "("]]
    let closings = [[")"], [")"], [], [], ["END"], [",", "NULL", ")"], [")", "q", ")"]]
    let choice = random.below(3) > 0 ? 0 : random.below(openings.count)
    let opening = openings[choice].map { TokenText.Piece(kind: .other, text: $0) }
    let closing = closings[choice].map { TokenText.Piece(kind: .other, text: $0) }
    statement.pieces.insert(contentsOf: (0..<depth).flatMap { _ in closing }, at: range.upperBound)
    statement.pieces.insert(contentsOf: (0..<depth).flatMap { _ in opening }, at: range.lowerBound)
  }

  private func literalToParameter(_ statement: inout TokenText, _ random: inout SeededRandom) {
    let literals = statement.pieces.indices.filter { [.integer, .decimal, .string].contains(statement.pieces[$0].kind) }
    guard let place = literals.randomElement(using: &random) else { return }
    statement.pieces[place] = TokenText.Piece(kind: .parameter, text: "$\(1 + random.below(3))")
  }

  /// A few tokens again and again, with something between them: a list, a chain of operators, of set operations.
  private func lengthen(_ statement: inout TokenText, _ random: inout SeededRandom) {
    let range = range(statement.pieces, &random)
    let part = statement.pieces[range]
    let separators = [",", ",", "AND", "OR", "+", "||", "UNION ALL SELECT", ";", "JOIN", "."]
    let separator = TokenText.Piece(kind: .other, text: separators[random.below(separators.count)])
    let times = random.below(8) == 0 ? random.below(700) : 1 + random.below(6)
    statement.pieces.insert(contentsOf: (0..<times).flatMap { _ in [separator] + part }, at: range.upperBound)
  }

  private static func withOtherByte(_ text: String, _ random: inout SeededRandom) -> String {
    var bytes = Array(text.utf8)
    guard !bytes.isEmpty else { return text }
    let place = random.below(bytes.count)
    if random.below(2) == 0 { bytes.remove(at: place) } else { bytes[place] = UInt8(random.below(256)) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension SeededRandom {
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
