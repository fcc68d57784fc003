package import SQLTypes

// SQLSyntax: from SQL text to a tree, and back.
//
// - token: the smallest piece of text with a meaning, with its range (`Lexer`, `Token`).
// - tree: `Statement`, `Query`, `TableRef`, `Expr`. It says what was written; names and types are resolved by the binder.
// - printer: writes a tree in the dialect's first spelling, whatever spelling was read.
//
// Invariants: every node has the range of the text that it was read from; no text makes the parser trap;
// `parse(print(tree)) == tree`, where == ignores ranges.

/// A node's range: part of the node, but never of its equality.
///
/// Two trees that were written differently are equal if they say the same, so that the printer can be checked.
@propertyWrapper
package struct Located: Equatable, Sendable {
  package var wrappedValue: SourceRange
  package init(wrappedValue: SourceRange) { self.wrappedValue = wrappedValue }
  package static func == (lhs: Located, rhs: Located) -> Bool { true }
}
