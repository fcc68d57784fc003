internal import Glibc

/// Reads lines from a descriptor that nobody edits: a pipe, a file. It shows no prompt and remembers nothing.
package final class PlainEditor: LineEditor {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var position = 0
  /// Where to look for the next line break: what lies before has none.
  private var searched = 0
  private var isAtEnd = false

  /// The caller keeps the descriptor open while the editor lives, and closes it.
  package init(descriptor: Int32 = STDIN_FILENO) {
    self.descriptor = descriptor
  }

  package func readLine(prompt: String) -> LineInput {
    while true {
      if let end = buffer[searched...].firstIndex(of: .newline) { return .line(takeLine(upTo: end, skipping: 1)) }
      searched = buffer.count
      if isAtEnd {
        return position < buffer.count ? .line(takeLine(upTo: buffer.count, skipping: 0)) : .endOfInput
      }
      fill()
    }
  }

  package func remember(_ entry: String) {}

  private func takeLine(upTo end: Int, skipping: Int) -> String {
    defer {
      position = end + skipping
      searched = position
    }
    return String(decoding: buffer[position..<end], as: UTF8.self)
  }

  /// Reads on. An error ends the input, as the end of the file does: there is nobody to ask.
  private func fill() {
    buffer.removeFirst(position)
    searched -= position
    position = 0
    let old = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: 65_536))
    var count: Int
    repeat {
      count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress! + old, 65_536) }
    } while count < 0 && errno == EINTR
    buffer.removeLast(65_536 - max(0, count))
    if count <= 0 { isAtEnd = true }
  }
}
