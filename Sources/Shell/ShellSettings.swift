/// How a shell was started; what commands change of it lies in `ShellLoop`.
package struct ShellSettings: Sendable {
  package var format = ResultTable.Format.aligned
  /// Whether a person sits there: prompts, history, a new line behind Ctrl-D, and going on behind an error.
  package var isInteractive = false
  /// `EDITOR`, `VISUAL` and `TMPDIR`, for `\e`.
  package var environment: [String: String] = [:]
  package var variables = ShellVariables()

  package init() {}
}

/// How a run of the shell ended, as the program's exit status.
package enum ShellStatus {
  package static let ok: Int32 = 0
  /// A statement or command failed, and the shell stops at errors.
  package static let failed: Int32 = 1
  /// The connection to the server is lost.
  package static let disconnected: Int32 = 3
}
