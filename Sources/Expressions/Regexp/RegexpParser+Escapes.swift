import SQLTypes

/// Escapes and bracket expressions.
extension RegexpParser {
  typealias CharacterSet = RegularExpression.CharacterSet

  private static let classes: [String: [ClosedRange<UInt32>]] = [
    "alnum": [48...57, 65...90, 97...122], "alpha": [65...90, 97...122], "blank": [9...9, 32...32], "cntrl": [0...31, 127...127],
    "digit": [48...57], "graph": [33...126], "lower": [97...122], "print": [32...126],
    "punct": [33...47, 58...64, 91...96, 123...126], "space": [9...13, 32...32], "upper": [65...90],
    "xdigit": [48...57, 65...70, 97...102], "word": [48...57, 65...90, 95...95, 97...122],
  ]

  private static func escapedClass(_ letter: Unicode.Scalar) -> CharacterSet? {
    let names: [Unicode.Scalar: String] = ["d": "digit", "s": "space", "w": "word"]
    if let name = names[letter], let ranges = classes[name] { return CharacterSet(ranges: ranges) }
    let complements: [Unicode.Scalar: String] = ["D": "digit", "S": "space", "W": "word"]
    if let name = complements[letter], let ranges = classes[name] { return CharacterSet(ranges: ranges, isComplement: true) }
    return nil
  }

  /// What stands behind a backslash outside of brackets.
  mutating func parseEscape() throws(SQLError) -> RegexpNode {
    guard let scalar = next() else { throw RegularExpression.invalid("invalid escape \\ sequence") }
    guard let letter = Unicode.Scalar(scalar) else { return .character(scalar) }
    if let set = Self.escapedClass(letter) { return .set(set) }
    switch letter {
    case "A": return .assert(.textStart)
    case "Z": return .assert(.textEnd)
    case "m": return .assert(.wordStart)
    case "M": return .assert(.wordEnd)
    case "y": return .assert(.wordEdge)
    case "Y": return .assert(.noWordEdge)
    default: return .character(try parseCharacterEscape(letter))
    }
  }

  /// A character written with a backslash, in brackets or not.
  private mutating func parseCharacterEscape(_ letter: Unicode.Scalar) throws(SQLError) -> UInt32 {
    switch letter {
    case "a": return 7
    case "b": return 8
    case "e": return 27
    case "f": return 12
    case "n": return 10
    case "r": return 13
    case "t": return 9
    case "v": return 11
    case "B": return 92
    case "u": return try parseHex(4...4)
    case "U": return try parseHex(8...8)
    case "x": return try parseHex(1...8)
    case "0"..."9": throw .unsupported("a back reference or octal number in a regular expression", at: nil)
    case "c": throw .unsupported("a control character \\c in a regular expression", at: nil)
    case "A"..."Z", "a"..."z": throw RegularExpression.invalid("invalid escape \\ sequence")
    default: return letter.value
    }
  }

  private mutating func parseHex(_ lengths: ClosedRange<Int>) throws(SQLError) -> UInt32 {
    var value: UInt32 = 0
    var digits = 0
    while digits < lengths.upperBound, let digit = peekHexDigit() {
      _ = next()
      value = value &* 16 &+ digit
      digits += 1
    }
    guard digits >= lengths.lowerBound, value > 0, Unicode.Scalar(value) != nil else {
      throw RegularExpression.invalid("invalid escape \\ sequence")
    }
    return value
  }

  /// `[abc]`, `[^a-z]`, `[[:alpha:]_]`; the opening bracket is read.
  mutating func parseBracket() throws(SQLError) -> CharacterSet {
    var set = CharacterSet()
    set.isComplement = acceptScalar("^")
    var isFirst = true
    while true {
      guard let scalar = next() else { throw RegularExpression.invalid("brackets [] not balanced") }
      if scalar == 0x5d, !isFirst { return set }
      isFirst = false
      if scalar == 0x5b, let ranges = try parseNamedClass() {
        set.ranges += ranges
        continue
      }
      if scalar == 0x5c, let escaped = peekScalar().flatMap({ Self.escapedClass($0) }) {
        if escaped.isComplement { throw RegularExpression.invalid("invalid escape \\ sequence") }
        _ = next()
        set.ranges += escaped.ranges
        continue
      }
      let first = try parseMember(scalar)
      // A hyphen before the closing bracket is itself.
      guard peekScalar() == "-", peekScalar(1) != "]", peekScalar(1) != nil else {
        set.ranges.append(first...first)
        continue
      }
      _ = next()
      guard let scalar = next() else { throw RegularExpression.invalid("brackets [] not balanced") }
      let isClass = scalar == 0x5c && (peekScalar().map { Self.escapedClass($0) != nil } ?? false)
      if isClass || (scalar == 0x5b && [":", ".", "="].contains(peekScalar())) {
        throw RegularExpression.invalid("invalid character range")
      }
      let last = try parseMember(scalar)
      guard first <= last else { throw RegularExpression.invalid("invalid character range") }
      set.ranges.append(first...last)
      // `a-c-e` is no range.
      if peekScalar() == "-", peekScalar(1) != "]" { throw RegularExpression.invalid("invalid character range") }
    }
  }

  private mutating func parseMember(_ scalar: UInt32) throws(SQLError) -> UInt32 {
    guard scalar == 0x5c else { return scalar }
    guard let letter = next().flatMap({ Unicode.Scalar($0) }) else { throw RegularExpression.invalid("invalid escape \\ sequence") }
    return try parseCharacterEscape(letter)
  }

  /// `[:name:]` behind the bracket that opens it; nil for a bracket that is a character.
  private mutating func parseNamedClass() throws(SQLError) -> [ClosedRange<UInt32>]? {
    switch peekScalar() {
    case ".", "=": throw .unsupported("a collating element in a regular expression", at: nil)
    case ":": _ = next()
    default: return nil
    }
    var name = ""
    while let scalar = next().flatMap({ Unicode.Scalar($0) }) {
      if scalar == ":" {
        guard acceptScalar("]") else { break }
        if name == "<" || name == ">" { throw .unsupported("[[:\(name):]] in a regular expression", at: nil) }
        guard let ranges = Self.classes[name] else { throw RegularExpression.invalid("invalid character class") }
        return ranges
      }
      name.unicodeScalars.append(scalar)
    }
    throw RegularExpression.invalid("brackets [] not balanced")
  }

  private mutating func acceptScalar(_ scalar: Unicode.Scalar) -> Bool {
    guard peekScalar() == scalar else { return false }
    _ = next()
    return true
  }

  private func peekHexDigit() -> UInt32? {
    guard let scalar = peekScalar(), scalar.isASCII else { return nil }
    return Character(scalar).hexDigitValue.map { UInt32($0) }
  }
}
