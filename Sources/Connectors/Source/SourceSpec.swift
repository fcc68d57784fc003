package import SQLTypes

/// What a source is to make: the columns of a stream or table, and the options of its WITH clause.
package struct SourceSpec: Sendable {
  package struct Column: Hashable, Sendable {
    package var name: String
    package var type: SQLType
    package var isNotNull: Bool
    /// Whether somebody reads it. Every column is validated, read or not (DESIGN §9.1); one that nobody reads is a constant
    /// NULL in the batches.
    package var isNeeded: Bool
    /// What of a record beside its value the column holds, in the connector's words; nil: something of the value.
    package var metadata: String?

    package init(name: String, type: SQLType, isNotNull: Bool = false, isNeeded: Bool = true, metadata: String? = nil) {
      self.metadata = metadata
      self.name = name
      self.type = type
      self.isNotNull = isNotNull
      self.isNeeded = isNeeded
    }
  }

  /// As many columns as a relation of PostgreSQL can have.
  package static let maximumColumns = 1600

  /// The stream's or table's name, for messages.
  package let relation: String
  package let columns: [Column]
  /// Column numbers of the primary key; empty for a stream.
  package let keyColumns: [Int]
  package let connector: any Connector

  /// Checks columns and options against each other.
  ///
  /// - options: those of WITH, in their order; names in lower case.
  /// - connectors: those that there are.
  /// - Errors: 42601 for an option that is unknown or does not fit the connector, and where one is missing or doubled; 22023
  ///   for a bad value; 0A000 for what DIALECT §9 names and this build does not have; 54011 above 1,600 columns; 42P16 for
  ///   `envelope = 'upsert'` without a primary key; 42703 and 42804 for columns that a generator does not have.
  package init(
    relation: String, columns: [Column], keyColumns: [Int] = [], options: [SourceOption], connectors: Connectors = .builtIn
  ) throws(SQLError) {
    if columns.count > Self.maximumColumns {
      throw SQLError(.tooManyColumns, "a relation can have at most \(Self.maximumColumns) columns")
    }
    precondition(keyColumns.allSatisfy { columns.indices.contains($0) }, "a key's column is a column")
    self.relation = relation
    self.columns = columns
    self.keyColumns = keyColumns
    connector = try connectors.connector(options)
    for column in columns {
      guard let key = column.metadata, let type = connector.metadata[key] else {
        if let key = column.metadata { throw Self.unknown(key, of: column, connector) }
        continue
      }
      if column.type != type {
        throw SQLError(.datatypeMismatch, "METADATA \"\(key)\" is of type \(type.name), and not \(column.type.name) as column \"\(column.name)\"")
      }
    }
    try connector.check(self, options)
  }

  private static func unknown(_ key: String, of column: Column, _ connector: any Connector) -> SQLError {
    let known = connector.metadata.keys.sorted()
    if known.isEmpty { return .unsupported("METADATA of this connector", at: nil) }
    return SQLError(
      .invalidTableDefinition, "there is no METADATA \"\(key)\", which column \"\(column.name)\" is to hold",
      hint: Nearest.hint(for: key, among: known) ?? "There is: \(known.joined(separator: ", ")).")
  }

  /// A source that makes the rows; not started.
  package func makeSource() -> any Source { connector.makeSource(self) }

  /// The same with other columns needed.
  package func needing(_ isNeeded: (Int) -> Bool) -> SourceSpec {
    var copy = columns
    for index in copy.indices { copy[index].isNeeded = isNeeded(index) }
    return SourceSpec(copy, of: self)
  }

  private init(_ columns: [Column], of other: SourceSpec) {
    relation = other.relation
    self.columns = columns
    keyColumns = other.keyColumns
    connector = other.connector
  }
}

/// How bytes encode changes.
package enum Envelope: String, Sendable {
  /// Each record is a row to insert.
  case plain
  /// Each record is a key and its new value, or null for a deletion.
  case upsert
}

/// What happens at a record that makes no row.
package enum OnRowError: Hashable, Sendable {
  /// It becomes an error of the source, and the source goes on.
  case log
  /// It is counted, and the source goes on. (The source tells it in either case; the engine does not keep it.)
  case skip
  /// The source stops before it.
  case stop
}
