import Columnar
import SQLSyntax
import SQLTypes

/// How COPY … TO writes rows: PostgreSQL's text and CSV formats.
package struct CopyFormat: Sendable {
  private var isCSV = false
  private var delimiter = UInt8(ascii: "\t")
  private var null: [UInt8] = Array("\\N".utf8)
  private var quote = UInt8(ascii: "\"")
  private var escape = UInt8(ascii: "\"")
  private(set) var hasHeader = false

  /// - Errors: 42601 for an option that is none, twice there, or does not fit the format; 22023 for a value that cannot be;
  ///   0A000 for what is not done.
  init(_ options: [Option]) throws(SQLError) {
    var seen: Set<String> = []
    for option in options {
      if !seen.insert(option.name).inserted {
        throw SQLError(.syntaxError, "conflicting or redundant options", at: option.nameRange)
      }
    }
    if let format = options.first(where: { $0.name == "format" }) {
      switch try format.word.lowercased() {
      case "text": break
      case "csv": (isCSV, delimiter, null) = (true, UInt8(ascii: ","), [])
      case let other: throw .unsupported("COPY format \"\(other)\"", at: format.nameRange)
      }
    }
    var hasEscape = false
    for option in options {
      switch option.name {
      case "format": break
      case "delimiter": delimiter = try option.character
      case "null": null = Array(try option.word.utf8)
      case "header": hasHeader = try option.flag
      case "quote", "escape":
        if !isCSV { throw SQLError(.syntaxError, "COPY \(option.name) available only in CSV mode", at: option.nameRange) }
        if option.name == "quote" { quote = try option.character } else { (escape, hasEscape) = (try option.character, true) }
      case "encoding":
        if !["UTF8", "UTF-8"].contains(try option.word.uppercased()) {
          throw .unsupported("encoding \"\(try option.word)\"", at: option.nameRange)
        }
      case "force_quote", "force_not_null", "force_null", "freeze":
        throw .unsupported("COPY option \"\(option.name)\"", at: option.nameRange)
      default:
        throw SQLError(
          .syntaxError, "option \"\(option.name)\" not recognized",
          hint: Nearest.hint(for: option.name, among: ["format", "delimiter", "null", "header", "quote", "escape", "encoding"]),
          at: option.nameRange)
      }
    }
    if !hasEscape { escape = quote }
    let reserved = isCSV ? [quote] : Array("\\.abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    if reserved.contains(delimiter) || delimiter == 10 || delimiter == 13 {
      throw SQLError(.invalidParameterValue, "COPY delimiter cannot be \"\(Character(Unicode.Scalar(delimiter)))\"")
    }
    if null.contains(10) || null.contains(13) {
      throw SQLError(.invalidParameterValue, "COPY null representation cannot use newline or carriage return")
    }
  }

  /// Appends the line of the columns' names.
  func appendHeader(_ names: [String], to bytes: inout [UInt8]) {
    for (index, name) in names.enumerated() {
      if index > 0 { bytes.append(delimiter) }
      append(Array(name.utf8)[...], isAlone: names.count == 1, to: &bytes)
    }
    bytes.append(10)
  }

  /// Appends the line of a row.
  ///
  /// - scratch: memory that is used again from row to row.
  func appendRow(
    _ columns: [Column], _ types: [SQLType], row: Int, to bytes: inout [UInt8], scratch: inout [UInt8]
  ) {
    for (index, column) in columns.enumerated() {
      if index > 0 { bytes.append(delimiter) }
      if column.isNull(row) {
        bytes += null
        continue
      }
      scratch.removeAll(keepingCapacity: true)
      column.appendOutput(row, as: types[index], to: &scratch)
      append(scratch[...], isAlone: columns.count == 1, to: &bytes)
    }
    bytes.append(10)
  }

  /// - isAlone: whether the value is a line of its own, of which `\.` would end the data.
  private func append(_ value: ArraySlice<UInt8>, isAlone: Bool, to bytes: inout [UInt8]) {
    if !isCSV { return appendEscaped(value, to: &bytes) }
    let mustQuote = value.elementsEqual(null) || (isAlone && value.elementsEqual("\\.".utf8))
      || value.contains { $0 == delimiter || $0 == quote || $0 == 10 || $0 == 13 }
    if !mustQuote {
      bytes += value
      return
    }
    bytes.append(quote)
    for byte in value {
      if byte == quote || byte == escape { bytes.append(escape) }
      bytes.append(byte)
    }
    bytes.append(quote)
  }

  private func appendEscaped(_ value: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    for byte in value {
      let letter: UInt8? =
        switch byte {
        case 8: UInt8(ascii: "b")
        case 9: UInt8(ascii: "t")
        case 10: UInt8(ascii: "n")
        case 11: UInt8(ascii: "v")
        case 12: UInt8(ascii: "f")
        case 13: UInt8(ascii: "r")
        case UInt8(ascii: "\\"), delimiter: byte
        default: nil
        }
      if letter != nil { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(letter ?? byte)
    }
  }
}

extension Option {
  fileprivate var word: String {
    get throws(SQLError) {
      switch value?.kind {
      case .string(let text)?, .integer(let text)?, .decimal(let text)?: return text
      default: throw SQLError(.syntaxError, "\(name) requires a parameter", at: nameRange)
      }
    }
  }

  fileprivate var character: UInt8 {
    get throws(SQLError) {
      let word = try word
      guard word.utf8.count == 1, let byte = word.utf8.first else {
        throw SQLError(.invalidParameterValue, "COPY \(name) must be a single one-byte character", at: nameRange)
      }
      return byte
    }
  }

  fileprivate var flag: Bool {
    get throws(SQLError) {
      switch value?.kind {
      case nil, .boolean(true)?, .integer("1")?, .string("on")?, .string("true")?: return true
      case .boolean(false)?, .integer("0")?, .string("off")?, .string("false")?: return false
      default: throw SQLError(.syntaxError, "\(name) requires a Boolean value", at: nameRange)
      }
    }
  }
}
