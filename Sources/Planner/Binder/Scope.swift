import SQLSyntax
import SQLTypes

/// The columns that names can mean at one place of a query: what FROM made, in the order of `*`.
///
/// A column's `index` is its number in the rows of the plan that FROM became. A join's USING leaves one column visible
/// without a qualifier, while `a.c` and `b.c` still mean the columns of the two sides.
struct Scope: Sendable {
  struct Column: Sendable, Equatable {
    var name: String
    var type: SQLType
    var index: Int
  }

  /// What a qualifier can mean: one thing in FROM.
  struct Relation: Sendable {
    /// The alias, or the relation's own name.
    var name: String
    /// The schema, if the relation was named without an alias: then `schema.name.column` can be said too.
    var schema: String?
    /// The relation's own name, where an alias hides it.
    var hiddenName: String?
    var columns: [Column]
    /// The input's columns that are the relation's primary key; empty without one.
    var primaryKey: [Int] = []
  }

  var relations: [Relation] = []
  /// What `*` means, and a name without a qualifier.
  var visible: [Column] = []
  /// Further names of columns, for which nothing visible stands: ksqlDB's `windowstart`.
  var synonyms: [Column] = []

  init() {}

  /// One relation, whose columns are all of the input's from 0 on.
  init(name: String?, schema: String? = nil, columns: [(name: String, type: SQLType)], primaryKey: [Int] = []) {
    visible = columns.enumerated().map { Column(name: $0.element.name, type: $0.element.type, index: $0.offset) }
    if let name {
      relations = [Relation(name: name, schema: schema, columns: visible, primaryKey: primaryKey)]
    }
  }

  /// The same names for rows that have `count` further columns in front.
  func shifted(by count: Int) -> Scope {
    var result = self
    for index in result.visible.indices { result.visible[index].index += count }
    for index in result.synonyms.indices { result.synonyms[index].index += count }
    for relation in result.relations.indices {
      for index in result.relations[relation].columns.indices { result.relations[relation].columns[index].index += count }
      for index in result.relations[relation].primaryKey.indices { result.relations[relation].primaryKey[index] += count }
    }
    return result
  }

  /// The names of both; `other` is shifted already.
  ///
  /// - Errors: 42712 where both have a relation of one name.
  func joined(with other: Scope, at range: SourceRange) throws(SQLError) -> Scope {
    for relation in other.relations {
      let isTaken = relations.contains {
        $0.name == relation.name && ($0.schema == nil || relation.schema == nil || $0.schema == relation.schema)
      }
      if isTaken {
        throw SQLError(.duplicateAlias, "table name \"\(relation.name)\" specified more than once", at: range)
      }
    }
    var result = self
    result.relations += other.relations
    result.visible += other.visible
    result.synonyms += other.synonyms
    return result
  }

  /// The columns that `*` (no parts) or `relation.*` means.
  ///
  /// - Errors: 42P01 for an unknown relation, 42601 where there is none at all.
  func expand(_ qualifier: [Identifier], at range: SourceRange) throws(SQLError) -> [Column] {
    if !qualifier.isEmpty { return try relation(qualifier).columns }
    if relations.isEmpty && visible.isEmpty {
      throw SQLError(.syntaxError, "SELECT * with no tables specified is not valid", at: range)
    }
    return visible
  }

  /// The column that a possibly qualified name means.
  ///
  /// - Errors: 42703 with the nearest name as a hint, 42702 where two columns fit, 42P01 for an unknown relation.
  func resolve(_ parts: [Identifier]) throws(SQLError) -> (index: Int, type: SQLType) {
    guard let last = parts.last else { preconditionFailure("a column name has a part") }
    let range = parts[0].range.union(last.range)
    let candidates = parts.count == 1 ? visible : try relation(parts.dropLast()).columns
    var fits = candidates.filter { $0.name == last.name }
    if fits.isEmpty, parts.count == 1 { fits = synonyms.filter { $0.name == last.name } }
    if fits.count > 1 { throw SQLError(.ambiguousColumn, "column reference \"\(last.name)\" is ambiguous", at: range) }
    if let column = fits.first { return (column.index, column.type) }
    if parts.count == 1, relations.contains(where: { $0.name == last.name }) {
      throw .unsupported("a whole row as a value", at: range)
    }
    let shown = parts.count > 1 ? "\(parts[parts.count - 2].name).\(last.name)" : "\"\(last.name)\""
    throw SQLError(
      .undefinedColumn, "column \(shown) does not exist", hint: nearest(to: last.name, among: candidates), at: range)
  }

  /// Whether a name without a qualifier is a column here; 42702 is not told.
  func hasColumn(_ name: String) -> Bool { (visible + synonyms).contains { $0.name == name } }

  /// A column as an error names it: `t.c`.
  func displayName(ofColumn index: Int) -> String {
    for relation in relations {
      if let column = relation.columns.first(where: { $0.index == index }) { return "\(relation.name).\(column.name)" }
    }
    return visible.first { $0.index == index }?.name ?? "?column?"
  }

  private func relation(_ qualifier: some BidirectionalCollection<Identifier>) throws(SQLError) -> Relation {
    guard let last = qualifier.last else { preconditionFailure("a qualifier has a part") }
    if qualifier.count > 2 {
      let shown = qualifier.dotted
      throw .unsupported("the cross-database reference \"\(shown)\"", at: last.range)
    }
    let schema = qualifier.count == 2 ? qualifier.first?.name : nil
    let fits = relations.filter { $0.name == last.name && (schema == nil || $0.schema == schema) }
    if fits.count > 1 {
      throw SQLError(.init("42P09"), "table reference \"\(last.name)\" is ambiguous", at: last.range)
    }
    guard let relation = fits.first else { throw missing(last) }
    return relation
  }

  private func missing(_ name: Identifier) -> SQLError {
    if let hiding = relations.first(where: { $0.hiddenName == name.name }) {
      return SQLError(
        .undefinedTable, "invalid reference to FROM-clause entry for table \"\(name.name)\"",
        hint: "Perhaps you meant to reference the table alias \"\(hiding.name)\".", at: name.range)
    }
    return SQLError(.undefinedTable, "missing FROM-clause entry for table \"\(name.name)\"", at: name.range)
  }

  private func nearest(to name: String, among candidates: [Column]) -> String? {
    nearestName(to: name, among: candidates.map(\.name)).map { "Perhaps you meant \"\($0)\"." }
  }
}

/// The name that differs least from `name`, if it is near enough to be a slip of the pen.
func nearestName(to name: String, among names: [String]) -> String? {
  let scored = names.map { ($0, editDistance($0, name)) }
  guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(1, name.utf8.count / 2) else { return nil }
  return best.0
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
