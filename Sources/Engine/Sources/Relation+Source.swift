import Connectors
import SQLCatalog
import SQLTypes

extension Relation {
  /// What its rows are made from, by its WITH options; nil for a local relation.
  ///
  /// - connectors: those of the instance.
  /// - ranges: where the options stand in the statement, if it is at hand.
  /// - Errors: of options that are unknown, missing or do not fit.
  func sourceSpec(_ connectors: Connectors, _ ranges: [SourceRange] = []) throws(SQLError) -> SourceSpec? {
    if options.isEmpty { return nil }
    let given = options.enumerated().map {
      SourceOption(name: $1.name, value: $1.value, range: $0 < ranges.count ? ranges[$0] : nil)
    }
    return try SourceSpec(
      relation: name, columns: columns.map { .init(name: $0.name, type: $0.type, isNotNull: $0.isNotNull, metadata: $0.metadata) },
      keyColumns: primaryKey, options: given, connectors: connectors)
  }
}
