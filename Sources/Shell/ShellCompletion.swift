import SQLTypes

/// What could stand for the word begun: commands behind a backslash, names of the catalog, keywords.
package final class ShellCompletion {
  private let target: any ShellTarget
  /// Names of relations and columns; nil until they are asked for, and again after a statement that may change them.
  private var names: (relations: [String], columns: [String])?

  package init(target: any ShellTarget) { self.target = target }

  /// The catalog may have changed.
  package func forget() { names = nil }

  package func candidates(_ request: CompletionRequest) -> [String] {
    let before = request.textBefore.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
    if let command = before.first, command.hasPrefix("\\") { return arguments(of: command, request.word) }
    if request.word.hasPrefix("\\") {
      return MetaCommand.table.map(\.name).filter { $0.hasPrefix(request.word) }
    }
    if request.textBefore.hasSuffix("\\") {
      return MetaCommand.table.map { String($0.name.dropFirst()) }.filter { $0.hasPrefix(request.word) }
    }
    let word = request.word
    let catalog = current()
    if let last = before.last, Self.beforeRelations.contains(last) {
      let relations = Self.fitting(catalog.relations, word)
      // `DROP TABLE IF …`, `FROM (SELECT …`: what may follow beside a name.
      return relations.isEmpty ? Self.keywords(word) : relations
    }
    guard !word.isEmpty else { return [] }
    return Self.unique(Self.keywords(word) + Self.fitting(catalog.relations + catalog.columns, word))
  }

  private func arguments(of command: String, _ word: String) -> [String] {
    switch command {
    case "\\x", "\\timing": ["on", "off"].filter { $0.hasPrefix(word) }
    case _ where command.hasPrefix("\\d") || command == "\\view": Self.fitting(current().relations, word)
    default: []
    }
  }

  private func current() -> (relations: [String], columns: [String]) {
    if let names { return names }
    let now = (relations: list("SELECT name FROM leat.relations"), columns: list("SELECT name FROM leat.columns"))
    names = now
    return now
  }

  /// None if the statement fails, in a failed transaction for example: completion is a help and not an answer.
  private func list(_ sql: String) -> [String] {
    var names: Set<String> = []
    do throws(SQLError) {
      try target.run(sql, input: { nil }) { event in
        if case .row(let row) = event, let name = row.first ?? nil { names.insert(Self.asTyped(name)) }
      }
    } catch { return [] }
    return names.sorted()
  }

  /// In double quotes unless it is a plain word.
  private static func asTyped(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 95 }
    return isPlain && name.utf8.first.map { $0 > 57 } == true ? name : "\"\(name.replacing("\"", with: "\"\""))\""
  }

  private static func fitting(_ names: [String], _ word: String) -> [String] {
    names.filter { $0.hasPrefix(word) || $0.hasPrefix(word.lowercased()) }
  }

  /// Keywords in the case in which the word is begun.
  private static func keywords(_ word: String) -> [String] {
    let isUpper = word.first?.isUppercase == true
    return words.filter { $0.hasPrefix(word.lowercased()) }.map { isUpper ? $0.uppercased() : $0 }
  }

  private static func unique(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }

  private static let beforeRelations: Set<String> = [
    "from", "join", "into", "update", "table", "view", "stream", "subscribe", "to", "describe", "copy", "only",
  ]

  /// The words that people write often.
  private static let words = [
    "all", "alter", "analyze", "and", "any", "array", "as", "asc", "begin", "between", "bigint", "boolean", "by", "bytea",
    "cascade", "case", "cast", "changes", "close", "coalesce", "commit", "conflict", "copy", "count", "create", "cross",
    "current_date", "current_timestamp", "date", "deallocate", "declare", "default", "delete", "desc", "describe",
    "distinct", "do", "double precision", "drop", "each", "else", "emit", "end", "every", "except", "execute", "exists",
    "explain", "extract", "false", "fetch", "filter", "final", "first", "for", "from", "full", "group", "having", "hop",
    "if", "ilike", "in", "index", "inner", "insert", "integer", "intersect", "interval", "into", "is", "join", "json",
    "jsonb", "key", "last", "lateral", "left", "like", "limit", "materialized", "metadata", "natural", "not", "nothing",
    "null", "nullif", "nulls", "numeric", "offset", "on", "once", "only", "or", "order", "outer", "over", "partition",
    "pause", "prepare", "primary", "recursive", "references", "replace", "reset", "resume", "returning", "right",
    "rollback", "row", "rows", "select", "session", "set", "show", "sink", "smallint", "source", "stream", "subscribe",
    "substring", "table", "text", "then", "time", "timestamp", "timestamptz", "to", "trim", "true", "try_cast", "tumble",
    "union", "unique", "update", "using", "uuid", "values", "varchar", "view", "watermark", "when", "where", "window",
    "with", "within",
  ]
}
