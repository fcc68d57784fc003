package import SQLTypes

/// Where the shell's statements run: an engine of this process, or a server.
package protocol ShellTarget: AnyObject {
  /// Runs a text, which holds one statement or several, and hands on what it brings, in order.
  ///
  /// - input: the next data for `COPY … FROM STDIN`, nil at their end; asked only when the target wants data.
  /// - Errors: the statement's; 08006 when the server is gone.
  func run(_ text: String, input: () -> [UInt8]?, _ receive: (StatementEvent) -> Void) throws(SQLError)

  /// Ends the statement that runs, from any thread; nothing if none does.
  var cancel: @Sendable () -> Void { get }

  /// What psql's prompt shows of the transaction: empty, `*` in one, `!` in a failed one.
  var transactionMark: String { get }

  /// For `\conninfo`, a sentence.
  var connectionInfo: String { get }
}

/// What a statement brings.
package enum StatementEvent: Sendable {
  /// A result begins. If its first column is `leat_diff`, rows are those of `EMIT CHANGES` with their weights; if the
  /// first two are `leat_tick` and `leat_diff`, those of `SUBSCRIBE`.
  case columns([ResultColumn])
  /// One row's texts; nil is null.
  case row([String?])
  /// Nothing more is there now, and the next row may take its time: show what came so far.
  case pause
  /// Data of `COPY … TO STDOUT`, as they are.
  case copyData([UInt8])
  case notice(Severity, SQLError)
  /// A statement has ended, with PostgreSQL's command tag.
  case complete(tag: String)
}

/// Ctrl-C while no line is being edited.
package protocol ShellInterrupts: AnyObject {
  /// Whether it was pressed since `clear`.
  var isPending: Bool { get }
  func clear()
  /// Waits.
  ///
  /// - Returns: false if Ctrl-C ended the wait.
  func sleep(seconds: Double) -> Bool
}
