/// The names that `\set` and `-v` gave a text.
package struct ShellVariables: Hashable, Sendable {
  private var values: [String: String] = [:]

  package init() {}

  /// Nil if the name is not set. A name that `isName` refuses is never set.
  package subscript(name: String) -> String? {
    get { values[name] }
    set { if Self.isName(name) { values[name] = newValue } }
  }

  /// All variables in order of their names.
  package var sorted: [(name: String, value: String)] {
    values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { (name: $0.key, value: $0.value) }
  }

  /// Letters, digits and underscores, and everything beyond ASCII, as in psql.
  package static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy(isNameByte)
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
      true
    default: false
    }
  }
}

/// A place in a text where a variable stands, and what takes its place.
///
/// `:name` the text itself, `:'name'` as an SQL string, `:"name"` as an SQL name, `:{?name}` TRUE or FALSE for whether it
/// is set (all psql's), `${name}` the text (ksqlDB's). What names no variable stays as it is.
struct VariableReference {
  var name: String
  /// Bytes that the reference takes.
  var length: Int
  /// Nil for a variable that is not set.
  var replacement: [UInt8]?

  /// - Returns: nil if `text`, which begins with `:` or `$`, does not begin with a reference.
  init?(at text: ArraySlice<UInt8>, in variables: ShellVariables) {
    if text.first == UInt8(ascii: "$") {
      self.init(text, "${", "}") { variables[$0] }
    } else if let reference = Self(text, ":{?", "}", { variables[$0] == nil ? "FALSE" : "TRUE" }) {
      self = reference
    } else if let reference = Self(text, ":'", "'", { variables[$0].map { Self.quoted($0, by: "'") } }) {
      self = reference
    } else if let reference = Self(text, ":\"", "\"", { variables[$0].map { Self.quoted($0, by: "\"") } }) {
      self = reference
    } else {
      self.init(text, ":", "") { variables[$0] }
    }
  }

  private init?(_ text: ArraySlice<UInt8>, _ open: String, _ close: String, _ value: (String) -> String?) {
    guard text.starts(with: open.utf8) else { return nil }
    let name = text.dropFirst(open.utf8.count).prefix(while: ShellVariables.isNameByte)
    let rest = text.dropFirst(open.utf8.count + name.count)
    guard !name.isEmpty, rest.starts(with: close.utf8) else { return nil }
    self.name = String(decoding: name, as: UTF8.self)
    length = open.utf8.count + name.count + close.utf8.count
    replacement = value(self.name).map { Array($0.utf8) }
  }

  private static func quoted(_ text: String, by quote: Unicode.Scalar) -> String {
    var quoted = String.UnicodeScalarView([quote])
    for scalar in text.unicodeScalars {
      if scalar == quote { quoted.append(quote) }
      quoted.append(scalar)
    }
    quoted.append(quote)
    return String(quoted)
  }
}
