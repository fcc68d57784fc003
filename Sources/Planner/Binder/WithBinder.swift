import SQLSyntax
import SQLTypes

extension QueryBinder {
  /// A binder that knows the queries of a WITH besides what this one knows.
  ///
  /// Each query is bound once, where it stands: it sees the ones before it and hides relations and outer queries of its
  /// name. A reference copies its plan; equal subplans are one node for the engine. MATERIALIZED changes no answer.
  /// - Errors: 42712 for a name that stands twice, 42P10 for more names than columns.
  func bound(_ with: With) throws(SQLError) -> QueryBinder {
    if with.isRecursive { throw .unsupported("WITH RECURSIVE", at: with.range) }
    var inner = self
    var names: Set<String> = []
    for element in with.elements {
      guard names.insert(element.name.name).inserted else {
        throw SQLError(
          .duplicateAlias, "WITH query name \"\(element.name.name)\" specified more than once", at: element.name.range)
      }
      var planned = try inner.bind(element.query).withoutHiddenColumns()
      try planned.rename(element.columns, "WITH query", element.name.name, at: element.name.range)
      inner.context.withQueries.append((element.name.name, planned))
    }
    return inner
  }
}

extension PlannedQuery {
  /// Gives the first columns other names.
  ///
  /// - Errors: 42P10 for more names than columns.
  mutating func rename(
    _ names: [Identifier], _ kind: String, _ name: String, at range: SourceRange?
  ) throws(SQLError) {
    if names.count > columns.count {
      throw SQLError(
        .invalidColumnReference,
        "\(kind) \"\(name)\" has \(columns.count) columns available but \(names.count) columns specified", at: range)
    }
    for (index, name) in names.enumerated() { columns[index].name = name.name }
  }
}
