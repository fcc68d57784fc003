package import SQLTypes

/// Cuts SQL text into tokens by PostgreSQL's lexical rules (scan.l of version 15, standard_conforming_strings on).
///
/// It works on UTF-8 bytes; offsets of tokens are byte offsets. Every byte above 127 is a letter, as in PostgreSQL.
/// After an error, `position` stands behind the bad token, so that lexing can go on for recovery.
package struct Lexer {
  private let bytes: [UInt8]
  package private(set) var position = 0

  package init(_ text: String) { bytes = Array(text.utf8) }

  package var count: Int { bytes.count }

  /// The text of a range; bytes that are not UTF-8 (a range can cut a character) are replaced.
  package func text(_ range: SourceRange) -> String {
    let start = max(0, min(range.start, bytes.count))
    return string(bytes[start..<max(start, min(range.end, bytes.count))])
  }

  private func string(_ slice: some Collection<UInt8>) -> String { String(decoding: slice, as: UTF8.self) }

  private func byte(_ offset: Int = 0) -> UInt8 {
    let index = position + offset
    return index < bytes.count ? bytes[index] : 0
  }

  private var isAtEnd: Bool { position >= bytes.count }

  private func error(_ message: String, from start: Int) -> SQLError {
    SQLError(.syntaxError, message, at: SourceRange(start, position))
  }

  private func near(_ message: String, from start: Int) -> SQLError {
    error("\(message) at or near \"\(text(SourceRange(start, position)).prefix(200))\"", from: start)
  }

  /// The next token; at the end of the text, `.end` with an empty range, again and again.
  package mutating func next() throws(SQLError) -> Token {
    try skipBlanks()
    let start = position
    guard !isAtEnd else { return Token(.end, SourceRange(bytes.count, bytes.count)) }
    let kind: Token.Kind
    let first = byte()
    switch first {
    case UInt8(ascii: "e"), UInt8(ascii: "E"):
      if byte(1) == quote {
        position += 1
        kind = .string(try quotedString(from: start, hasEscapes: true))
      } else {
        kind = word()
      }
    case UInt8(ascii: "n"), UInt8(ascii: "N"):
      if byte(1) == quote {
        position += 1
        kind = .string(try quotedString(from: start, hasEscapes: false))
      } else {
        kind = word()
      }
    case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "x"), UInt8(ascii: "X"):
      if byte(1) == quote {
        position += 1
        _ = try quotedString(from: start, hasEscapes: false)
        throw SQLError.unsupported("bit string literal", at: SourceRange(start, position))
      }
      kind = word()
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      if byte(1) == UInt8(ascii: "&"), byte(2) == quote || byte(2) == doubleQuote {
        position += 2
        if byte() == quote { _ = try quotedString(from: start, hasEscapes: false) } else { _ = try quotedIdentifier(from: start) }
        throw SQLError.unsupported("Unicode escape U&", at: SourceRange(start, position))
      }
      kind = word()
    case quote:
      kind = .string(try quotedString(from: start, hasEscapes: false))
    case doubleQuote:
      kind = .quotedIdentifier(try quotedIdentifier(from: start))
    case UInt8(ascii: "$"):
      kind = try dollar(from: start)
    case UInt8(ascii: "."):
      if isDigit(byte(1)) {
        kind = try number(from: start)
      } else if byte(1) == UInt8(ascii: ".") {
        position += 2
        kind = .punctuation("..")
      } else {
        position += 1
        kind = .punctuation(".")
      }
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      kind = try number(from: start)
    case UInt8(ascii: ":"):
      if byte(1) == UInt8(ascii: ":") || byte(1) == UInt8(ascii: "=") {
        kind = .punctuation(byte(1) == UInt8(ascii: "=") ? ":=" : "::")
        position += 2
      } else {
        position += 1
        kind = .punctuation(":")
      }
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
      UInt8(ascii: ";"):
      position += 1
      kind = .punctuation(string([first]))
    default:
      if isWordStart(first) {
        kind = word()
      } else if isOperator(first) {
        kind = operatorToken()
      } else {
        position += 1
        throw near("syntax error", from: start)
      }
    }
    return Token(kind, SourceRange(start, position))
  }

  // MARK: blanks

  private mutating func skipBlanks() throws(SQLError) {
    while !isAtEnd {
      if isBlank(byte()) {
        position += 1
      } else if byte() == UInt8(ascii: "-"), byte(1) == UInt8(ascii: "-") {
        skipLineComment()
      } else if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
        try skipBlockComment()
      } else {
        return
      }
    }
  }

  private mutating func skipLineComment() {
    while !isAtEnd, byte() != 10, byte() != 13 { position += 1 }
  }

  /// Block comments nest.
  private mutating func skipBlockComment() throws(SQLError) {
    let start = position
    var depth = 0
    repeat {
      guard !isAtEnd else { throw near("unterminated /* comment", from: start) }
      if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
        depth += 1
        position += 2
      } else if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
        depth -= 1
        position += 2
      } else {
        position += 1
      }
    } while depth > 0
  }

  // MARK: words and names

  /// A name: letters, digits, `_`, `$`; only ASCII letters are folded.
  private mutating func word() -> Token.Kind {
    var name: [UInt8] = []
    while !isAtEnd, isWordPart(byte()) {
      let each = byte()
      name.append(each >= UInt8(ascii: "A") && each <= UInt8(ascii: "Z") ? each | 0x20 : each)
      position += 1
    }
    return .word(string(name))
  }

  private mutating func quotedIdentifier(from start: Int) throws(SQLError) -> String {
    var name: [UInt8] = []
    position += 1
    while true {
      guard !isAtEnd else { throw near("unterminated quoted identifier", from: start) }
      let each = byte()
      position += 1
      if each == doubleQuote {
        guard byte() == doubleQuote else { break }
        position += 1
      }
      name.append(each)
    }
    guard !name.isEmpty else { throw near("zero-length delimited identifier", from: start) }
    guard !name.contains(0) else { throw near("syntax error", from: start) }
    return string(name)
  }

  // MARK: strings

  /// A string goes on if another quote follows after blanks (or line comments) that hold a line break.
  private mutating func continuesOnNextLine() -> Bool {
    let saved = position
    var hasLineBreak = false
    while !isAtEnd {
      if byte() == 10 || byte() == 13 {
        hasLineBreak = true
        position += 1
      } else if isBlank(byte()) {
        position += 1
      } else if hasLineBreak, byte() == UInt8(ascii: "-"), byte(1) == UInt8(ascii: "-") {
        skipLineComment()
      } else {
        break
      }
    }
    if hasLineBreak, byte() == quote { return true }
    position = saved
    return false
  }

  /// `'…'` where `''` is a quote, or `E'…'` with backslash escapes.
  private mutating func quotedString(from start: Int, hasEscapes: Bool) throws(SQLError) -> String {
    var value: [UInt8] = []
    repeat {
      position += 1
      while true {
        guard !isAtEnd else { throw near("unterminated quoted string", from: start) }
        let each = byte()
        position += 1
        if each == quote {
          guard byte() == quote else { break }
          position += 1
          value.append(quote)
        } else if hasEscapes, each == UInt8(ascii: "\\") {
          guard !isAtEnd else { throw near("unterminated quoted string", from: start) }
          try escape(into: &value)
        } else {
          value.append(each)
        }
      }
    } while continuesOnNextLine()
    return try checked(value, from: start)
  }

  /// What follows a backslash; an unknown letter stands for itself.
  private mutating func escape(into value: inout [UInt8]) throws(SQLError) {
    let start = position - 1
    let each = byte()
    position += 1
    switch each {
    case UInt8(ascii: "b"): value.append(8)
    case UInt8(ascii: "f"): value.append(12)
    case UInt8(ascii: "n"): value.append(10)
    case UInt8(ascii: "r"): value.append(13)
    case UInt8(ascii: "t"): value.append(9)
    case UInt8(ascii: "v"): value.append(11)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      var code = Int(each - 48)
      for _ in 0..<2 where byte() >= 48 && byte() <= 55 && !isAtEnd {
        code = code * 8 + Int(byte() - 48)
        position += 1
      }
      value.append(UInt8(truncatingIfNeeded: code))
    case UInt8(ascii: "x"):
      guard let first = hexDigit(byte()) else {
        value.append(each)
        return
      }
      position += 1
      var code = first
      if let second = hexDigit(byte()) {
        code = code * 16 + second
        position += 1
      }
      value.append(UInt8(truncatingIfNeeded: code))
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      var code = try codeUnit(digits: each == UInt8(ascii: "u") ? 4 : 8, from: start)
      if code >= 0xD800, code < 0xDC00, byte() == UInt8(ascii: "\\"), byte(1) | 0x20 == UInt8(ascii: "u") {
        let isShort = byte(1) == UInt8(ascii: "u")
        position += 2
        let low = try codeUnit(digits: isShort ? 4 : 8, from: start)
        guard low >= 0xDC00, low < 0xE000 else {
          throw near("invalid Unicode surrogate pair", from: start)
        }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(UInt32(code)) else {
        throw near(
          code > 0x10FFFF ? "invalid Unicode escape value" : "invalid Unicode surrogate pair", from: start)
      }
      value.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: value.append(each)
    }
  }

  private mutating func codeUnit(digits: Int, from start: Int) throws(SQLError) -> Int {
    var code = 0
    for _ in 0..<digits {
      guard let digit = hexDigit(byte()) else {
        throw SQLError(
          .invalidEscapeSequence, "invalid Unicode escape", hint: "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.",
          at: SourceRange(start, position))
      }
      code = code << 4 | digit
      position += 1
    }
    return code
  }

  /// Escapes can make bytes that are no text; a zero byte is none either.
  private func checked(_ value: [UInt8], from start: Int) throws(SQLError) -> String {
    guard !value.contains(0), let text = String(validating: value, as: UTF8.self) else {
      throw SQLError(
        .characterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"", at: SourceRange(start, position))
    }
    return text
  }

  // MARK: dollars

  /// `$1`, `$$…$$` or `$tag$…$tag$`.
  private mutating func dollar(from start: Int) throws(SQLError) -> Token.Kind {
    position += 1
    if isDigit(byte()) {
      var number = 0
      var overflows = false
      while isDigit(byte()) {
        number = number * 10 + Int(byte() - 48)
        if number > 65_535 { overflows = true; number = 65_535 }
        position += 1
      }
      if isWordStart(byte()) {
        skipWord()
        throw near("trailing junk after parameter", from: start)
      }
      guard !overflows, number > 0 else {
        throw SQLError(
          .undefinedParameter, "there is no parameter \(text(SourceRange(start, position)))",
          at: SourceRange(start, position))
      }
      return .parameter(number)
    }
    let tagStart = position
    if isWordStart(byte()) {
      while !isAtEnd, isWordPart(byte()), byte() != UInt8(ascii: "$") { position += 1 }
    }
    guard byte() == UInt8(ascii: "$") else {
      position = tagStart
      throw near("syntax error", from: start)
    }
    position += 1
    let delimiter = bytes[start..<position]
    let bodyStart = position
    while !isAtEnd {
      if byte() == UInt8(ascii: "$"), bytes.count - position >= delimiter.count,
        bytes[position..<position + delimiter.count].elementsEqual(delimiter)
      {
        let body = Array(bytes[bodyStart..<position])
        position += delimiter.count
        return .string(try checked(body, from: start))
      }
      position += 1
    }
    throw near("unterminated dollar-quoted string", from: start)
  }

  // MARK: numbers

  /// `1`, `1.5`, `1.`, `.5`, `1e3`; a letter directly behind is an error, as in PostgreSQL 15.
  private mutating func number(from start: Int) throws(SQLError) -> Token.Kind {
    var isInteger = true
    while isDigit(byte()) { position += 1 }
    if byte() == UInt8(ascii: "."), byte(1) != UInt8(ascii: ".") {
      isInteger = false
      position += 1
      while isDigit(byte()) { position += 1 }
    }
    if byte() | 0x20 == UInt8(ascii: "e") {
      let signed = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-")
      if isDigit(byte(signed ? 2 : 1)) {
        isInteger = false
        position += signed ? 2 : 1
        while isDigit(byte()) { position += 1 }
      }
    }
    if !isAtEnd, isWordStart(byte()) {
      skipWord()
      throw near("trailing junk after numeric literal", from: start)
    }
    let digits = string(bytes[start..<position])
    return isInteger ? .integer(digits) : .decimal(digits)
  }

  private mutating func skipWord() {
    while !isAtEnd, isWordPart(byte()) { position += 1 }
  }

  // MARK: operators

  /// The longest run of operator characters, cut before a comment; a `+` or `-` at its end belongs to it only if
  /// the run holds one of `~ ! @ # % ^ & | `` ` `` ?`, so that `a=-1` is `a = - 1`.
  private mutating func operatorToken() -> Token.Kind {
    let start = position
    var end = start
    while end < bytes.count, isOperator(bytes[end]) {
      if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "-"), bytes[end + 1] == UInt8(ascii: "-") { break }
      if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "/"), bytes[end + 1] == UInt8(ascii: "*") { break }
      end += 1
    }
    if !bytes[start..<end].contains(where: isSpecialOperator) {
      while end - start > 1, bytes[end - 1] == UInt8(ascii: "+") || bytes[end - 1] == UInt8(ascii: "-") { end -= 1 }
    }
    position = end
    let name = string(bytes[start..<end])
    return switch name {
    case "=>": .punctuation(name)
    case "!=": .op("<>")
    default: .op(name)
    }
  }
}

// MARK: character classes

private let quote = UInt8(ascii: "'")
private let doubleQuote = UInt8(ascii: "\"")

private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }

private func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

private func isWordStart(_ byte: UInt8) -> Bool {
  (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_") || byte >= 128
}

private func isWordPart(_ byte: UInt8) -> Bool { isWordStart(byte) || isDigit(byte) || byte == UInt8(ascii: "$") }

private func isOperator(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "<"),
    UInt8(ascii: ">"), UInt8(ascii: "="):
    true
  default: isSpecialOperator(byte)
  }
}

private func isSpecialOperator(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "@"), UInt8(ascii: "#"), UInt8(ascii: "%"),
    UInt8(ascii: "^"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "`"), UInt8(ascii: "?"):
    true
  default: false
  }
}

private func hexDigit(_ byte: UInt8) -> Int? {
  switch byte {
  case 48...57: Int(byte - 48)
  case 65...70: Int(byte - 55)
  case 97...102: Int(byte - 87)
  default: nil
  }
}
