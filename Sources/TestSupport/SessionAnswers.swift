package import Engine
package import SQLTypes

/// What a session answers, as tests compare it.
extension Session {
  /// The rows that the statements of a text answer, as texts, nil for null.
  package func texts(_ sql: String) throws(SQLError) -> [[String?]] {
    var rows: [[String?]] = []
    try run(sql) { (result) throws(SQLError) in rows += result.textRows }
    return rows
  }

  /// The rows as lines in order, null written out; nil where a relation that is read is not there.
  package func sortedLines(_ query: String) throws(SQLError) -> [String]? {
    do throws(SQLError) {
      return try texts(query).map { $0.map { $0 ?? "null" }.joined(separator: "|") }.sorted()
    } catch {
      if error.state == .undefinedTable { return nil }
      throw error
    }
  }

  /// Runs texts in turn.
  package func runAll(_ statements: String...) throws(SQLError) {
    for statement in statements { try run(statement) { _ in } }
  }

  /// What a text fails with, if it does.
  package func error(of sql: String) -> SQLError? {
    do throws(SQLError) {
      try run(sql) { _ in }
      return nil
    } catch { return error }
  }
}
