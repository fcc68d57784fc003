package import SQLTypes

/// A relation's number; never given out again.
package struct RelationID: Hashable, Comparable, Sendable {
  package let rawValue: UInt64
  package init(_ rawValue: UInt64) { self.rawValue = rawValue }
  package static func < (a: RelationID, b: RelationID) -> Bool { a.rawValue < b.rawValue }
}

/// Anything that FROM can name (DIALECT §1).
package struct Relation: Sendable {
  package enum Kind: String, Sendable {
    case stream, table, view
    case materializedView = "materialized view"
    /// Computed when it is read: `leat.views`, `pg_catalog.pg_class`.
    case system = "system view"
  }

  package struct Column: Hashable, Sendable {
    package var name: String
    package var type: SQLType
    package var isNotNull = false
    /// DEFAULT's expression as SQL text.
    package var defaultText: String?
    /// Of a column `METADATA`: what of a record beside its value it holds, in the connector's words.
    package var metadata: String?

    package init(name: String, type: SQLType, isNotNull: Bool = false, defaultText: String? = nil) {
      self.name = name
      self.type = type
      self.isNotNull = isNotNull
      self.defaultText = defaultText
    }
  }

  package var id: RelationID
  package var schema: String
  package var name: String
  package var kind: Kind
  package var columns: [Column]
  /// Column numbers of the primary key; empty without one.
  package var primaryKey: [Int] = []
  /// Further unique keys, by column numbers.
  package var uniqueKeys: [[Int]] = []
  /// Rows are only inserted.
  package var isAppendOnly = false
  /// The query's text, of a view or a materialized view.
  package var definition: String?
  /// The statement that made it, as written.
  package var statement = ""
  /// What its definition names, plain views included.
  package var dependencies: [RelationID] = []
  /// WITH options, names in lower case, in the order in which they were written.
  package var options: [Option] = []

  package struct Option: Hashable, Sendable {
    package var name: String
    package var value: String
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(id: RelationID, schema: String = "public", name: String, kind: Kind, columns: [Column]) {
    self.id = id
    self.schema = schema
    self.name = name
    self.kind = kind
    self.columns = columns
  }
}

/// How the planner finds relations by name.
package protocol RelationNames {
  /// The relation that a possibly qualified name means, along the search path; nil if there is none.
  func relation(schema: String?, name: String) -> Relation?
  /// All names that `relation` would find without a schema: for hints.
  var visibleNames: [String] { get }
  /// A relation of the name that is being made and cannot be read yet.
  func fillingRelation(schema: String?, name: String) -> Relation?
}

extension RelationNames {
  package func fillingRelation(schema: String?, name: String) -> Relation? { nil }
}
