// The one way in which errors, warnings and notices are shown: by the shell, over HTTP and in logs (STYLE §5).
//
//     ERROR:  42703: column "prise" does not exist
//     LINE 2: WHERE prise > 10
//                   ^^^^^
//     HINT:   Perhaps you meant "price".

/// How grave a message is, by PostgreSQL's names.
package enum Severity: String, Hashable, Sendable {
  case error = "ERROR"
  /// The connection ends after it.
  case fatal = "FATAL"
  case panic = "PANIC"
  case warning = "WARNING"
  case notice = "NOTICE"
  case info = "INFO"
  case log = "LOG"
  case debug = "DEBUG"
}

extension SQLError {
  /// The error as lines of text without a line break at the end, with carets under what is wrong in the statement.
  package func rendered(in statementText: String) -> String {
    rendered(as: .error, in: statementText)
  }

  /// The same for any severity; a notice without a code of its own (00000) shows none.
  package func rendered(as severity: Severity, in statementText: String) -> String {
    let code = state.code == "00000" ? "" : "\(state.code): "
    var lines = ["\(severity.rawValue):  \(code)\(message.withVisibleControls)"]
    if let range, let excerpt = Excerpt(of: statementText, at: range) { lines += excerpt.lines }
    if let detail { lines.append("DETAIL: " + detail.indentedAfterLabel) }
    if let hint { lines.append("HINT:   " + hint.indentedAfterLabel) }
    return lines.joined(separator: "\n")
  }
}

/// The line of a statement in which a range begins, shortened as psql does it, and where the carets go.
private struct Excerpt {
  /// Columns of a line that are shown at most, and how many of them should follow the place that is wrong.
  private static let columnsShown = 60
  private static let columnsAfter = 10

  private let number: Int
  private let text: String
  private let isCutBefore: Bool
  private let caretColumn: Int
  private let caretCount: Int

  /// - Returns: nil if the range lies outside the text.
  init?(of statementText: String, at range: SourceRange) {
    let bytes = Array(statementText.utf8)
    guard range.start >= 0, range.start <= bytes.count else { return nil }
    let start = Self.shownStart(range.start, in: bytes)
    let end = max(start, min(range.end, bytes.count))
    let lineStart = bytes[..<start].lastIndex(where: Self.isLineBreak).map { $0 + 1 } ?? 0
    let lineEnd = bytes[start...].firstIndex(where: Self.isLineBreak) ?? bytes.count
    number = 1 + Self.countLineBreaks(in: bytes[..<lineStart])

    // One entry per character of the line: where it begins, in columns, and at last where the line ends.
    let characters = Array(String(decoding: bytes[lineStart..<lineEnd], as: UTF8.self).unicodeScalars)
    var columns = [0]
    var offset = lineStart
    var first = characters.count                  // the character that the range starts at
    var last = characters.count                   // the one after its last
    for (index, character) in characters.enumerated() {
      if first == characters.count, offset >= start { first = index }
      if last == characters.count, offset >= end { last = index }
      offset += UTF8.width(character)
      columns.append(columns[index] + character.displayWidth)
    }

    let shown = Self.shortened(columns, around: first)
    var text = String(String.UnicodeScalarView(characters[shown].map { $0.isControl ? " " : $0 }))
    if shown.upperBound < characters.count { text += "..." }
    self.text = text
    isCutBefore = shown.lowerBound > 0
    caretColumn = columns[first] - columns[shown.lowerBound]
    caretCount = max(1, columns[min(last, shown.upperBound)] - columns[first])
  }

  var lines: [String] {
    let head = "LINE \(number): " + (isCutBefore ? "..." : "")
    let blanks = String(repeating: " ", count: head.utf8.count + caretColumn)
    return [head + text, blanks + String(repeating: "^", count: caretCount)]
  }

  /// Where to point: at a character's first byte; at the end of a text, behind its last visible character.
  private static func shownStart(_ start: Int, in bytes: [UInt8]) -> Int {
    var start = start
    if start == bytes.count {
      while start > 0, bytes[start - 1] == UInt8(ascii: " ") || (0x09...0x0D).contains(bytes[start - 1]) { start -= 1 }
      return start
    }
    while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    if start > 0, bytes[start] == UInt8(ascii: "\n"), bytes[start - 1] == UInt8(ascii: "\r") { start -= 1 }
    return start
  }

  /// The characters to show, when `columns` holds where each begins: first the end is cut, then the beginning.
  private static func shortened(_ columns: [Int], around place: Int) -> Range<Int> {
    var start = 0
    var end = columns.count - 1
    if columns[end] <= columnsShown { return start..<end }
    let isEarly = columns[place] + columnsAfter <= columnsShown
    while isEarly ? columns[end] > columnsShown : columns[place] + columnsAfter < columns[end] { end -= 1 }
    while columns[end] - columns[start] > columnsShown { start += 1 }
    return start..<end
  }

  private static func isLineBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

  /// LF, CR, and the two together are one line break each.
  private static func countLineBreaks(in bytes: ArraySlice<UInt8>) -> Int {
    var count = 0
    var previous: UInt8 = 0
    for byte in bytes {
      if isLineBreak(byte), !(byte == UInt8(ascii: "\n") && previous == UInt8(ascii: "\r")) { count += 1 }
      previous = byte
    }
    return count
  }
}

extension String {
  /// The text with control characters as `\x1B`, so that a message cannot drive the terminal that shows it.
  fileprivate var withVisibleControls: String {
    guard unicodeScalars.contains(where: { $0.isControl && $0 != "\n" && $0 != "\t" }) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isControl, scalar != "\n", scalar != "\t" {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        text += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// The text behind DETAIL or HINT, its further lines under its first.
  fileprivate var indentedAfterLabel: String {
    var text = ""
    for character in withVisibleControls {
      text.append(character)
      if character == "\n" { text += "        " }
    }
    return text
  }
}
