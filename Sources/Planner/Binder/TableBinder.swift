import Expressions
package import SQLCatalog
package import SQLSyntax
package import SQLTypes

/// A table or stream as CREATE declares it.
package struct PlannedTable: Sendable {
  package var relation: Relation
  /// The rows of CREATE TABLE … AS, of exactly the relation's columns.
  package var rows: PlannedQuery?
}

/// Binds CREATE TABLE and CREATE STREAM to the relation that they declare. Whether its name is free is for the catalog.
package struct TableBinder {
  let context: BindingContext

  package static func plan(
    _ create: CreateTable, id: RelationID, names: any RelationNames
  ) throws(SQLError) -> PlannedTable {
    try TableBinder(context: BindingContext(names: names)).bind(create, id: id)
  }

  package init(context: BindingContext) { self.context = context }

  /// - Errors: 42701 for a column that stands twice, 42P16 for a second primary key, 42703 for a key's unknown column,
  ///   42804 for a default of another type, 0A000 for what is not kept yet.
  package func bind(_ create: CreateTable, id: RelationID) throws(SQLError) -> PlannedTable {
    if create.isTemporary { throw .unsupported("a temporary table", at: create.name.range) }
    if create.orReplace { throw .unsupported("CREATE OR REPLACE \(create.kind.rawValue)", at: create.name.range) }
    if let watermark = create.watermark { throw .unsupported("WATERMARK", at: watermark.range) }
    let schema = try schemaName(create.name)
    var relation = Relation(
      id: id, schema: schema, name: create.name.last.name, kind: create.kind == .table ? .table : .stream, columns: [])
    relation.isAppendOnly = create.kind == .stream
    relation.options = create.options.map { Relation.Option(name: $0.name, value: optionText($0.value)) }
    if let query = create.query { return try bind(query, create, relation) }
    var keys = KeyDeclarations(kind: create.kind)
    for definition in create.columns {
      if relation.columns.contains(where: { $0.name == definition.name.name }) {
        throw SQLError(
          .duplicateColumn, "column \"\(definition.name.name)\" specified more than once", at: definition.name.range)
      }
      relation.columns.append(try bind(definition, relation.columns.count, relation.name, &keys))
    }
    for constraint in create.constraints {
      switch constraint.kind {
      case .primaryKey(let names): try keys.addPrimary(try relation.key(names, "primary key"), relation, constraint.range)
      case .unique(let names): try keys.addUnique(try relation.key(names, "unique"), constraint.range)
      case .check: throw .unsupported("CHECK", at: constraint.range)
      case .foreignKey: throw .unsupported("FOREIGN KEY", at: constraint.range)
      }
    }
    if relation.options.isEmpty, let index = relation.columns.firstIndex(where: { $0.metadata != nil }) {
      throw SQLError(
        .invalidTableDefinition, "column \"\(relation.columns[index].name)\" cannot be METADATA: \"\(relation.name)\" has no connector",
        at: create.columns[index].range)
    }
    relation.primaryKey = keys.primary ?? []
    relation.uniqueKeys = keys.unique
    for column in relation.primaryKey { relation.columns[column].isNotNull = true }
    return PlannedTable(relation: relation)
  }

  private func bind(
    _ definition: ColumnDefinition, _ number: Int, _ table: String, _ keys: inout KeyDeclarations
  ) throws(SQLError) -> Relation.Column {
    guard let typeName = definition.type else { throw .unsupported("a computed column", at: definition.range) }
    var column = Relation.Column(name: definition.name.name, type: try SQLType(typeName))
    if column.type.isOfCatalogues { throw .unsupported("a column of type \(column.type.name)", at: typeName.range) }
    var isDeclaredNull = false
    for constraint in definition.constraints {
      switch constraint.kind {
      case .notNull: column.isNotNull = true
      case .null: isDeclaredNull = true
      case .primaryKey:
        column.isNotNull = true
        try keys.addPrimary([number], table, constraint.range)
      case .unique: try keys.addUnique([number], constraint.range)
      case .defaultValue(let value):
        if column.defaultText != nil {
          throw SQLError(
            .syntaxError, "multiple default values specified for column \"\(column.name)\" of table \"\(table)\"",
            at: constraint.range)
        }
        try check(default: value, of: column)
        column.defaultText = Printer.print(value)
      case .collate(let name):
        guard ["C", "POSIX", "default"].contains(name.last.name) else {
          throw .unsupported("collation \"\(name.last.name)\"", hint: "Text sorts by bytes, as in \"C\".", at: name.range)
        }
      case .check: throw .unsupported("CHECK", at: constraint.range)
      case .metadata(let key): column.metadata = key ?? column.name
      case .computed: throw .unsupported("a computed column", at: constraint.range)
      case .references: throw .unsupported("REFERENCES", at: constraint.range)
      case .key: throw .unsupported("KEY", at: constraint.range)
      case .headers: throw .unsupported("HEADERS", at: constraint.range)
      case .identity: throw .unsupported("an identity column", at: constraint.range)
      }
      if isDeclaredNull && column.isNotNull {
        throw SQLError(
          .syntaxError, "conflicting NULL/NOT NULL declarations for column \"\(column.name)\" of table \"\(table)\"",
          at: constraint.range)
      }
    }
    return column
  }

  /// A default is kept as text and bound by each INSERT; here it is bound once so that it is known to be good.
  private func check(default value: Expr, of column: Relation.Column) throws(SQLError) {
    if value.containsColumn {
      throw SQLError(.featureNotSupported, "cannot use column reference in DEFAULT expression", at: value.range)
    }
    let binder = context.expressionBinder(Scope(), .refused(in: "DEFAULT expressions"))
    _ = try binder.assign(try binder.bind(value), to: column, at: value.range, of: "default expression")
  }

  private func bind(
    _ query: Query, _ create: CreateTable, _ declared: Relation
  ) throws(SQLError) -> PlannedTable {
    if create.withNoData { throw .unsupported("WITH NO DATA", at: create.name.range) }
    if let emit = query.emit {
      throw .unsupported(
        "CREATE \(create.kind.rawValue) … EMIT", hint: "CREATE MATERIALIZED VIEW keeps a query.", at: emit.range)
    }
    let planned = try QueryBinder(context: context).bind(query).withoutHiddenColumns().optimized(context.options)
    var relation = declared
    relation.columns = try planned.columns.named(by: create.columnNames, "CREATE TABLE AS", at: create.name.range)
    return PlannedTable(relation: relation, rows: planned)
  }
}

/// The schema that a new relation's name says, or the one where new relations go.
func schemaName(_ name: ObjectName) throws(SQLError) -> String {
  if name.parts.count > 2 { throw .unsupported("a relation of another database", at: name.range) }
  return name.parts.count == 2 ? name.parts[0].name : "public"
}

/// An option's value as text: a word, string, number or truth value; empty where none was written.
func optionText(_ value: Expr?) -> String {
  switch value?.kind {
  case .string(let text)?, .integer(let text)?, .decimal(let text)?: text
  case .boolean(let isTrue)?: isTrue ? "true" : "false"
  case nil: ""
  default: value.map(Printer.print) ?? ""
  }
}

extension [OutputColumn] {
  /// The columns of a relation that a query makes.
  ///
  /// - Errors: 42601 for more names than columns, 42701 for a name that stands twice.
  func named(by names: [Identifier], _ statement: String, at range: SourceRange) throws(SQLError) -> [Relation.Column] {
    if names.count > count {
      let noun = statement == "CREATE TABLE AS" ? "too many column names were specified" : "\(statement) specifies more column names than columns"
      throw SQLError(.syntaxError, noun, at: names[count].range)
    }
    var result: [Relation.Column] = []
    for (index, column) in enumerated() {
      let name = index < names.count ? names[index].name : column.name
      if result.contains(where: { $0.name == name }) {
        throw SQLError(
          .duplicateColumn, "column \"\(name)\" specified more than once",
          at: index < names.count ? names[index].range : range)
      }
      result.append(Relation.Column(name: name, type: column.type))
    }
    return result
  }
}

/// The keys of a table while its columns and constraints are read.
private struct KeyDeclarations {
  let kind: CreateTable.RelationKind
  private(set) var primary: [Int]?
  private(set) var unique: [[Int]] = []

  init(kind: CreateTable.RelationKind) { self.kind = kind }

  mutating func addPrimary(_ columns: [Int], _ table: Relation, _ range: SourceRange) throws(SQLError) {
    try addPrimary(columns, table.name, range)
  }

  mutating func addPrimary(_ columns: [Int], _ table: String, _ range: SourceRange) throws(SQLError) {
    try refuseOfStream("PRIMARY KEY", range)
    if primary != nil {
      throw SQLError(
        .invalidTableDefinition, "multiple primary keys for table \"\(table)\" are not allowed", at: range)
    }
    primary = columns
  }

  mutating func addUnique(_ columns: [Int], _ range: SourceRange) throws(SQLError) {
    try refuseOfStream("UNIQUE", range)
    if !unique.contains(columns) { unique.append(columns) }
  }

  private func refuseOfStream(_ clause: String, _ range: SourceRange) throws(SQLError) {
    if kind == .table { return }
    throw SQLError(
      .invalidTableDefinition, "a stream cannot have \(clause)",
      hint: "A stream's rows are only inserted; CREATE TABLE keeps the newest row of each key.", at: range)
  }
}

extension Relation {
  /// The columns that a key names.
  ///
  /// - Errors: 42703 for an unknown one, 42701 for one that stands twice.
  fileprivate func key(_ names: [Identifier], _ kind: String) throws(SQLError) -> [Int] {
    var key: [Int] = []
    for name in names {
      guard let column = columns.firstIndex(where: { $0.name == name.name }) else {
        throw SQLError(.undefinedColumn, "column \"\(name.name)\" named in key does not exist", at: name.range)
      }
      if key.contains(column) {
        throw SQLError(
          .duplicateColumn, "column \"\(name.name)\" appears twice in \(kind) constraint", at: name.range)
      }
      key.append(column)
    }
    return key
  }
}
