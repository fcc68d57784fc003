package import SQLTypes

// Regular expressions: PostgreSQL's advanced ones (§9.7.3 of its manual), as far as they only ask whether a text matches.
//
// A pattern becomes a program of a nondeterministic automaton (Thompson 1968), which reads the text once and keeps the set
// of places at which it may be: no pattern takes more than (its length) x (the text's length) steps, and none goes back.
// glibc's regcomp was the alternative: it is another language (no \d, no \m, no counts above its own limit), its time and
// memory are not bounded by the pattern, and it matches in the process's locale.
//
// Classes and folding of letters know ASCII alone, as PostgreSQL's do under collation "C". What PostgreSQL understands and
// this does not (back references, lookaround, directors, the options for other syntaxes) is refused with 0A000.

/// A compiled pattern.
package struct RegularExpression: Sendable {
  enum Instruction: Sendable, Equatable {
    /// Reads one character.
    case character(UInt32)
    case any
    case set(Int)
    /// Reads nothing; both ways are taken.
    case split(Int, Int)
    case jump(Int)
    case assert(Assertion)
    case match
  }

  /// What must hold between two characters.
  enum Assertion: Sendable, Equatable {
    case textStart, textEnd
    case wordStart, wordEnd, wordEdge, noWordEdge

    func holds(before previous: UInt32?, after next: UInt32?) -> Bool {
      let left = previous.map(CharacterSet.isWord) ?? false
      let right = next.map(CharacterSet.isWord) ?? false
      switch self {
      case .textStart: return previous == nil
      case .textEnd: return next == nil
      case .wordStart: return !left && right
      case .wordEnd: return left && !right
      case .wordEdge: return left != right
      case .noWordEdge: return left == right
      }
    }
  }

  /// Characters by ranges of their code points.
  struct CharacterSet: Sendable, Equatable {
    var ranges: [ClosedRange<UInt32>] = []
    var isComplement = false

    func contains(_ character: UInt32) -> Bool { ranges.contains { $0.contains(character) } != isComplement }

    static func isWord(_ character: UInt32) -> Bool {
      (48...57).contains(character) || (65...90).contains(character) || character == 95 || (97...122).contains(character)
    }
  }

  var program: [Instruction] = []
  var sets: [CharacterSet] = []

  /// A longer program is "too complex"; counts such as `a{255}` are written out in it.
  static let instructionLimit = 4096
  /// How many steps one text may take, each a place looked at for a character or entered without reading one: a third of a
  /// second, and longer for a text of megabytes, where a plain pattern needs a few for each byte. A kernel is not cancelled, so
  /// that this is also how long it may hold its thread for one row.
  static func stepLimit(textBytes: Int) -> Int { 25_000_000 + 8 * textBytes }

  /// - Errors: 2201B for what is no regular expression, 0A000 for what PostgreSQL understands and this does not.
  package init(_ pattern: String, ignoringCase: Bool = false) throws(SQLError) {
    var parser = RegexpParser(pattern, ignoringCase: ignoringCase)
    let tree = try parser.parse()
    var writer = RegexpWriter(ignoresCase: parser.ignoresCase)
    try writer.write(tree)
    try writer.append(.match)
    (program, sets) = (writer.program, writer.sets)
  }

  static func invalid(_ reason: String) -> SQLError {
    SQLError(SQLState("2201B"), "invalid regular expression: \(reason)")
  }

  static let tooComplex = invalid("regular expression is too complex")
}

/// A pattern as it was read.
indirect enum RegexpNode: Equatable {
  case empty
  case character(UInt32)
  case any
  case set(RegularExpression.CharacterSet)
  case assert(RegularExpression.Assertion)
  case sequence([RegexpNode])
  case alternatives([RegexpNode])
  /// `maximum` nil: without end.
  case repeated(RegexpNode, minimum: Int, maximum: Int?)
}

/// Writes the program of a tree.
struct RegexpWriter {
  let ignoresCase: Bool
  private(set) var program: [RegularExpression.Instruction] = []
  private(set) var sets: [RegularExpression.CharacterSet] = []

  init(ignoresCase: Bool) { self.ignoresCase = ignoresCase }

  mutating func append(_ instruction: RegularExpression.Instruction) throws(SQLError) {
    if program.count == RegularExpression.instructionLimit { throw RegularExpression.tooComplex }
    program.append(instruction)
  }

  mutating func write(_ node: RegexpNode) throws(SQLError) {
    switch node {
    case .empty: break
    case .character(let character):
      if ignoresCase, let other = Self.otherCase(character) {
        try write(set: .init(ranges: [character...character, other...other]))
      } else {
        try append(.character(character))
      }
    case .any: try append(.any)
    case .set(let set): try write(set: ignoresCase ? Self.withBothCases(set) : set)
    case .assert(let assertion): try append(.assert(assertion))
    case .sequence(let nodes): for node in nodes { try write(node) }
    case .alternatives(let nodes): try write(alternatives: nodes)
    case .repeated(let node, let minimum, let maximum): try write(node, minimum, maximum)
    }
  }

  private mutating func write(set: RegularExpression.CharacterSet) throws(SQLError) {
    if let known = sets.firstIndex(of: set) { return try append(.set(known)) }
    sets.append(set)
    try append(.set(sets.count - 1))
  }

  private mutating func write(alternatives nodes: [RegexpNode]) throws(SQLError) {
    var ends: [Int] = []
    for (index, node) in nodes.enumerated() {
      if index == nodes.count - 1 {
        try write(node)
        break
      }
      let split = program.count
      try append(.jump(0))
      try write(node)
      ends.append(program.count)
      try append(.jump(0))
      program[split] = .split(split + 1, program.count)
    }
    for end in ends { program[end] = .jump(program.count) }
  }

  private mutating func write(_ node: RegexpNode, _ minimum: Int, _ maximum: Int?) throws(SQLError) {
    for _ in 0..<minimum { try write(node) }
    guard let maximum else {
      let split = program.count
      try append(.jump(0))
      try write(node)
      try append(.jump(split))
      program[split] = .split(split + 1, program.count)
      return
    }
    var splits: [Int] = []
    for _ in minimum..<max(minimum, maximum) {
      splits.append(program.count)
      try append(.jump(0))
      try write(node)
    }
    for split in splits { program[split] = .split(split + 1, program.count) }
  }

  private static func otherCase(_ character: UInt32) -> UInt32? {
    (65...90).contains(character) || (97...122).contains(character) ? character ^ 0x20 : nil
  }

  private static func withBothCases(_ set: RegularExpression.CharacterSet) -> RegularExpression.CharacterSet {
    var result = set
    for range in set.ranges {
      for letters in [65...90, 97...122] as [ClosedRange<UInt32>] where range.overlaps(letters) {
        let part = range.clamped(to: letters)
        result.ranges.append((part.lowerBound ^ 0x20)...(part.upperBound ^ 0x20))
      }
    }
    return result
  }
}
