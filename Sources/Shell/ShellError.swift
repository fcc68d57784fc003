/// What the shell itself refuses: a command it does not know, an argument that does not fit.
package struct ShellError: Error, Hashable, Sendable {
  package var message: String
  package var hint: String?

  package init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  /// The error as errors of SQL are shown, but without a code, which it has not.
  package var rendered: String { "ERROR:  \(message)" + (hint.map { "\nHINT:   \($0)" } ?? "") }
}
