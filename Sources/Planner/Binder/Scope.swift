import SQLSyntax
import SQLTypes

/// The columns that names can mean at one place of a query, in the order of the input's columns.
struct Scope: Sendable {
  struct Column: Sendable {
    /// The relation's alias; nil for a column that belongs to none.
    var relation: String?
    var name: String
    var type: SQLType
  }

  var columns: [Column] = []

  init() {}

  /// The column that a possibly qualified name means.
  ///
  /// - Errors: 42703 with the nearest name as a hint, 42702 where two columns fit, 42P01 for an unknown relation.
  func resolve(_ parts: [Identifier]) throws(SQLError) -> (index: Int, type: SQLType) {
    guard let last = parts.last else { preconditionFailure("a column name has a part") }
    let range = parts[0].range.union(last.range)
    let qualifier = parts.count > 1 ? parts[parts.count - 2].name : nil
    if parts.count > 2 { throw .unsupported("a column qualified by its schema", at: range) }
    if let qualifier, !columns.contains(where: { $0.relation == qualifier }) {
      throw SQLError(
        .undefinedTable, "missing FROM-clause entry for table \"\(qualifier)\"", at: parts[parts.count - 2].range)
    }
    let fits = columns.indices.filter {
      columns[$0].name == last.name && (qualifier == nil || columns[$0].relation == qualifier)
    }
    if fits.count > 1 { throw SQLError(.ambiguousColumn, "column reference \"\(last.name)\" is ambiguous", at: range) }
    guard let index = fits.first else {
      let shown = qualifier.map { "\($0).\(last.name)" } ?? "\"\(last.name)\""
      throw SQLError(
        .undefinedColumn, "column \(shown) does not exist", hint: nearest(to: last.name), at: range)
    }
    return (index, columns[index].type)
  }

  private func nearest(to name: String) -> String? {
    let scored = columns.map { ($0.name, editDistance($0.name, name)) }
    guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(1, name.utf8.count / 2) else { return nil }
    return "Perhaps you meant \"\(best.0)\"."
  }
}

/// Levenshtein's distance of two names' bytes.
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a.utf8), Array(b.utf8))
  var row = Array(0...b.count)
  for i in a.indices {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
      diagonal = row[j + 1]
      row[j + 1] = next
    }
  }
  return row[b.count]
}
