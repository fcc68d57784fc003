/// `\copy`: a COPY statement for the server, and the file here that its data come from or go to.
package struct CopyCommand: Hashable, Sendable {
  package enum Place: Hashable, Sendable {
    case file(String)
    /// Where statements are read from and results go to.
    case standard
    /// The process's own standard input or output, whatever the script comes from.
    case processStandard
  }

  /// `COPY … FROM STDIN …` or `COPY … TO STDOUT …`.
  package var statement: String
  package var isFrom: Bool
  package var place: Place

  /// Reads `table [(columns)] | (query)`, `from | to`, `'file' | stdin | stdout | pstdin | pstdout`, and options.
  init(_ text: String) throws(ShellError) {
    let bytes = Array(text.utf8)[...]
    guard let direction = Self.direction(in: bytes) else {
      throw ShellError("\\copy: arguments required", hint: "\\copy t from 'rows.csv' with (format csv)")
    }
    isFrom = direction.isFrom
    var arguments = bytes[direction.range.upperBound...].drop(while: ScriptSplitter.isBlank)
    place = try Self.place(from: &arguments, isFrom: isFrom)
    let subject = Self.trimmed(bytes[..<direction.range.lowerBound])
    let options = Self.trimmed(arguments)
    statement = "COPY \(subject) \(isFrom ? "FROM STDIN" : "TO STDOUT")" + (options.isEmpty ? "" : " " + options)
  }

  /// The first FROM or TO outside quotes and parentheses that something stands before.
  private static func direction(in text: ArraySlice<UInt8>) -> (range: Range<Int>, isFrom: Bool)? {
    var depth = 0
    var quote: UInt8?
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      } else if byte == UInt8(ascii: "(") {
        depth += 1
      } else if byte == UInt8(ascii: ")") {
        depth -= 1
      } else if ShellVariables.isNameByte(byte) {
        let word = text[index...].prefix(while: ShellVariables.isNameByte)
        let keyword = String(decoding: word, as: UTF8.self).lowercased()
        if depth == 0, word.startIndex > text.startIndex, keyword == "from" || keyword == "to" {
          return (word.startIndex..<word.endIndex, keyword == "from")
        }
        index = word.endIndex
        continue
      }
      index += 1
    }
    return nil
  }

  private static func place(from text: inout ArraySlice<UInt8>, isFrom: Bool) throws(ShellError) -> Place {
    if text.first == UInt8(ascii: "'") {
      var name: [UInt8] = []
      text.removeFirst()
      while let byte = text.popFirst() {
        guard byte == UInt8(ascii: "'") else {
          name.append(byte)
          continue
        }
        guard text.first == byte else { return .file(String(decoding: name, as: UTF8.self)) }
        name.append(text.removeFirst())
      }
      throw ShellError("\\copy: unterminated quoted string")
    }
    let word = text.prefix { !ScriptSplitter.isBlank($0) }
    text = text[word.endIndex...]
    let name = String(decoding: word, as: UTF8.self)
    switch (name.lowercased(), isFrom) {
    case ("", _): throw ShellError("\\copy: a file name is missing")
    case ("stdin", true), ("stdout", false): return .standard
    case ("pstdin", true), ("pstdout", false): return .processStandard
    default: return .file(name)
    }
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> String {
    let text = text.drop(while: ScriptSplitter.isBlank)
    return String(decoding: text[..<(text.lastIndex { !ScriptSplitter.isBlank($0) }.map { $0 + 1 } ?? text.startIndex)], as: UTF8.self)
  }
}
