/// Where lines come from: a person at a terminal, or a file or pipe.
package protocol LineEditor: AnyObject {
  /// Waits for a line; `prompt` is shown where somebody sees it.
  func readLine(prompt: String) -> LineInput

  /// Remembers a statement or command, whole, however many lines it was typed in.
  func remember(_ entry: String)
}

/// What `readLine` brings.
package enum LineInput: Hashable, Sendable {
  /// A line without its end; several at once if they were pasted.
  case line(String)
  /// Ctrl-C: the line is gone, and so should be the statement begun.
  case interrupted
  case endOfInput
}

/// What is to be completed.
package struct CompletionRequest: Hashable, Sendable {
  /// The line up to the word, and the word up to the cursor.
  package var textBefore: String
  package var word: String

  package init(textBefore: String, word: String) {
    self.textBefore = textBefore
    self.word = word
  }
}

/// The whole words that could stand for the word begun.
package typealias Completer = (CompletionRequest) -> [String]
