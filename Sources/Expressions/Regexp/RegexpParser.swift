import SQLTypes

/// Reads an advanced regular expression: branches of quantified atoms and constraints.
struct RegexpParser {
  private let scalars: [UInt32]
  private var position = 0
  private var depth = 0
  private(set) var ignoresCase: Bool

  /// How deep parentheses may nest: reading and writing recurse.
  private static let depthLimit = 200
  /// The largest count in braces.
  private static let countLimit = 255

  init(_ pattern: String, ignoringCase: Bool) {
    scalars = pattern.unicodeScalars.map(\.value)
    ignoresCase = ignoringCase
  }

  mutating func parse() throws(SQLError) -> RegexpNode {
    if starts(with: "***") { throw .unsupported("a regular expression's director \"***\"", at: nil) }
    try parseOptions()
    let tree = try parseAlternatives()
    if position < scalars.count { throw RegularExpression.invalid("parentheses () not balanced") }
    return tree
  }

  // MARK: looking

  func peekScalar(_ offset: Int = 0) -> Unicode.Scalar? {
    let index = position + offset
    return index < scalars.count ? Unicode.Scalar(scalars[index]) : nil
  }

  private func peek(_ offset: Int = 0) -> Character? { peekScalar(offset).map { Character($0) } }

  private func starts(with text: String) -> Bool {
    let wanted = text.unicodeScalars.map(\.value)
    return scalars.count - position >= wanted.count && Array(scalars[position..<position + wanted.count]) == wanted
  }

  private mutating func accept(_ character: Character) -> Bool {
    guard peek() == character else { return false }
    position += 1
    return true
  }

  mutating func next() -> UInt32? {
    guard position < scalars.count else { return nil }
    position += 1
    return scalars[position - 1]
  }

  // MARK: structure

  /// `(?i)` and the like, at the start alone.
  private mutating func parseOptions() throws(SQLError) {
    guard starts(with: "(?"), let first = peek(2), first.isLetter else { return }
    position += 2
    while let letter = next().flatMap({ Unicode.Scalar($0) }) {
      switch letter {
      case "i": ignoresCase = true
      case "c": ignoresCase = false
      // What is the case anyway: newlines are characters like others, and the syntax is the tight one.
      case "s", "t", "e": break
      case ")": return
      case "b", "m", "n", "p", "q", "w", "x": throw .unsupported("a regular expression's option \"\(letter)\"", at: nil)
      default: throw RegularExpression.invalid("invalid embedded option")
      }
    }
    throw RegularExpression.invalid("invalid embedded option")
  }

  private mutating func parseAlternatives() throws(SQLError) -> RegexpNode {
    depth += 1
    if depth > Self.depthLimit { throw RegularExpression.tooComplex }
    var branches = [try parseBranch()]
    while accept("|") { branches.append(try parseBranch()) }
    depth -= 1
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func parseBranch() throws(SQLError) -> RegexpNode {
    var parts: [RegexpNode] = []
    while let character = peek(), character != "|", character != ")" {
      let atom = try parseAtom()
      if case .assert = atom {
        if isQuantifier { throw RegularExpression.invalid("quantifier operand invalid") }
        parts.append(atom)
      } else {
        parts.append(try parseQuantifier(behind: atom))
      }
    }
    return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private var isQuantifier: Bool {
    switch peek() {
    case "*", "+", "?": true
    case "{": peek(1).map { ("0"..."9").contains($0) } ?? false
    default: false
    }
  }

  /// `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`, and a `?` behind it, which changes what is matched and not whether.
  private mutating func parseQuantifier(behind atom: RegexpNode) throws(SQLError) -> RegexpNode {
    guard isQuantifier else { return atom }
    var minimum = 0
    var maximum: Int?
    switch peek() {
    case "*": position += 1
    case "+":
      position += 1
      minimum = 1
    case "?":
      position += 1
      maximum = 1
    default:
      position += 1
      minimum = try parseCount()
      maximum = minimum
      if accept(",") { maximum = peek() == "}" ? nil : try parseCount() }
      if !accept("}") { throw RegularExpression.invalid(peek() == nil ? "braces {} not balanced" : "invalid repetition count(s)") }
      if let maximum, maximum < minimum { throw RegularExpression.invalid("invalid repetition count(s)") }
    }
    _ = accept("?")
    if isQuantifier { throw RegularExpression.invalid("quantifier operand invalid") }
    return .repeated(atom, minimum: minimum, maximum: maximum)
  }

  private mutating func parseCount() throws(SQLError) -> Int {
    var count = 0
    var digits = 0
    while let digit = peek()?.wholeNumberValue, peek()?.isASCII == true {
      position += 1
      digits += 1
      count = count * 10 + digit
      if count > Self.countLimit { throw RegularExpression.invalid("invalid repetition count(s)") }
    }
    if digits == 0 { throw RegularExpression.invalid("invalid repetition count(s)") }
    return count
  }

  private mutating func parseAtom() throws(SQLError) -> RegexpNode {
    guard let scalar = next() else { return .empty }
    switch Unicode.Scalar(scalar) {
    case "(": return try parseGroup()
    case "[": return .set(try parseBracket())
    case ".": return .any
    case "^": return .assert(.textStart)
    case "$": return .assert(.textEnd)
    case "\\": return try parseEscape()
    case "*", "+", "?": throw RegularExpression.invalid("quantifier operand invalid")
    case "{" where peek().map({ ("0"..."9").contains($0) }) ?? false:
      throw RegularExpression.invalid("quantifier operand invalid")
    default: return .character(scalar)
    }
  }

  private mutating func parseGroup() throws(SQLError) -> RegexpNode {
    if accept("?") {
      switch peek() {
      case ":": position += 1
      case "=", "!", "<": throw .unsupported("a regular expression's lookaround", at: nil)
      default: throw RegularExpression.invalid("quantifier operand invalid")
      }
    }
    let inner = try parseAlternatives()
    if !accept(")") { throw RegularExpression.invalid("parentheses () not balanced") }
    // A group of one constraint may be repeated, unlike the constraint itself.
    if case .assert = inner { return .sequence([inner]) }
    return inner
  }
}
