extension CommandSpec {
  /// What `leat help` prints.
  package static var overview: String {
    let usages = all.map { ($0.title + ($0.operands.isEmpty ? "" : " " + $0.operands), $0.summary) }
    return """
      Leat, a streaming SQL database.

      usage:
      \(columns(usages))
      Options of a command: leat help COMMAND, or leat COMMAND --help.
      Exit status: 0 ok, 1 SQL error, 2 usage, 3 cannot connect.

      """
  }

  /// What `leat help sql` prints.
  package var help: String {
    """
    usage: \(title) [OPTION]…\(operands.isEmpty ? "" : " " + operands)
    \(summary)

    \(Self.columns(options.map { ($0.usage, $0.summary + ($0.environment.map { "; also \($0)" } ?? "")) }))
    """
  }

  /// Two columns, the first as wide as it must be.
  private static func columns(_ rows: [(String, String)]) -> String {
    let width = rows.map { $0.0.unicodeScalars.count }.max() ?? 0
    return rows.map { left, right in
      "  \(left)\(String(repeating: " ", count: width - left.unicodeScalars.count + 2))\(right)\n"
    }.joined()
  }
}

extension CommandSpec {
  /// What could stand for the last of `words`, which are the arguments typed so far; for completion in bash and zsh.
  package static func completions(of words: [String]) -> [String] {
    guard let word = words.last else { return [] }
    let spec = words.count > 1 ? named(words[0]) ?? shell : shell
    let previous = words.count > 1 ? words[words.count - 2] : ""
    var candidates: [String] = []
    if let option = spec.options.first(where: { $0.value != nil && $0.matches(previous) }) {
      candidates = option.choices
    } else if word.hasPrefix("-") {
      candidates = spec.options.map { "--\($0.name)" }
    } else if words.count == 1 || (words.count == 2 && spec.name == "help") {
      candidates = all.map(\.name).filter { !$0.isEmpty }
    } else {
      candidates = spec.choices
    }
    return candidates.filter { $0.hasPrefix(word) }
  }
}

extension OptionSpec {
  /// Whether an argument is this option by its long or short name.
  fileprivate func matches(_ argument: String) -> Bool {
    argument == "--\(name)" || (short.map { argument == "-\($0)" } ?? false)
  }
}
