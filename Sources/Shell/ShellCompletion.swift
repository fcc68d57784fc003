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
    if request.word.hasPrefix("\\") {
      return MetaCommand.table.map(\.name).filter { $0.hasPrefix(request.word) }
    }
    if let command = before.first, command.hasPrefix("\\") { return arguments(of: command, request.word) }
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
    let relations = rows("SELECT schema, name FROM leat.relations").map { row in
      ["public", "pg_catalog"].contains(row[0]) ? Self.asTyped(row[1]) : "\(Self.asTyped(row[0])).\(Self.asTyped(row[1]))"
    }
    // A person's own: those of the system's relations begin like half of the keywords.
    let columns = rows(
      "SELECT name FROM leat.columns WHERE relation_schema NOT IN ('leat', 'pg_catalog', 'information_schema')"
    ).map { Self.asTyped($0[0]) }
    let now = (relations: Self.unique(relations.sorted()), columns: Self.unique(columns.sorted()))
    names = now
    return now
  }

  /// None if the statement fails, in a failed transaction for example: completion is a help and not an answer.
  private func rows(_ sql: String) -> [[String]] {
    var rows: [[String]] = []
    do throws(SQLError) {
      try target.run(sql, input: { nil }) { event in
        if case .row(let row) = event { rows.append(row.map { $0 ?? "" }) }
      }
    } catch { return [] }
    return rows
  }

  /// In double quotes unless it is a plain word.
  private static func asTyped(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 95 }
    return isPlain && name.utf8.first.map { $0 > 57 } == true ? name : "\"\(name.replacing("\"", with: "\"\""))\""
  }

  /// Relations of the system only for who has begun to write one.
  private static func fitting(_ names: [String], _ word: String) -> [String] {
    names.filter { name in
      if word.isEmpty { return !["pg_", "leat.", "information_schema."].contains { name.hasPrefix($0) } }
      return name.hasPrefix(word) || name.hasPrefix(word.lowercased())
    }
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
