package import SQLTypes

/// The smallest piece of SQL text with a meaning.
package struct Token: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// An unquoted name, folded to lower case; it may be a keyword.
    case word(String)
    /// A quoted name, without its quotes; never a keyword.
    case quotedIdentifier(String)
    /// Digits only.
    case integer(String)
    /// Digits with a point or an exponent.
    case decimal(String)
    /// The string's value: quotes and escapes are resolved.
    case string(String)
    /// `$1`.
    case parameter(Int)
    /// An operator of PostgreSQL's operator characters, `!=` as `<>`.
    case op(String)
    /// `( ) [ ] , ; . :` and `::`, `:=`, `=>`, `..`.
    case punctuation(String)
    case end
  }
  package var kind: Kind
  package var range: SourceRange

  package init(_ kind: Kind, _ range: SourceRange) {
    self.kind = kind
    self.range = range
  }
}
