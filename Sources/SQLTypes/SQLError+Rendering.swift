extension SQLError {
  /// The error as shell and logs show it (STYLE §5): the line that is wrong, with carets under the wrong part.
  package func rendered(in text: String) -> String {
    var lines = ["ERROR:  \(state.code): \(message)"]
    if let range { lines += excerpt(of: Array(text.utf8), at: range) }
    if let detail { lines.append("DETAIL: \(detail)") }
    if let hint { lines.append("HINT:   \(hint)") }
    return lines.joined(separator: "\n")
  }

  private func excerpt(of bytes: [UInt8], at range: SourceRange) -> [String] {
    let newline = UInt8(ascii: "\n")
    let start = min(max(range.start, 0), bytes.count)
    let lineStart = bytes[..<start].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let lineEnd = bytes[start...].firstIndex(of: newline) ?? bytes.count
    let number = bytes[..<start].count { $0 == newline } + 1
    let head = "LINE \(number): "
    func shown(_ part: ArraySlice<UInt8>) -> String {
      String(decoding: part, as: UTF8.self).replacingTabs()
    }
    let before = shown(bytes[lineStart..<start]).count
    let width = max(1, shown(bytes[start..<max(start, min(range.end, lineEnd))]).count)
    return [
      head + shown(bytes[lineStart..<lineEnd]),
      String(repeating: " ", count: head.count + before) + String(repeating: "^", count: width),
    ]
  }
}

extension String {
  /// A tab takes one column in an excerpt, so that the carets stand right.
  fileprivate func replacingTabs() -> String { String(map { $0 == "\t" || $0 == "\r\n" || $0 == "\r" ? " " : $0 }) }
}
