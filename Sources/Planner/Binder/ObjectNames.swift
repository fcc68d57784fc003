import Columnar
import Expressions
package import SQLCatalog
import SQLTypes

/// The names of objects and their numbers: what `'t'::regclass` and `1259::regclass` mean.
struct ObjectNames {
  let catalog: Catalog

  /// The number that a text names, in digits or by name; nil if there is no such object.
  func objectID(_ text: String, _ type: CatalogTextType) -> Int64? {
    if text == "-" { return 0 }
    if let number = Int64(text), (0...Int64(UInt32.max)).contains(number) { return number }
    switch type {
    case .regtype:
      if let type = BuiltinType.named(text) { return type.objectID }
      guard let (schema, name) = Self.split(text), let relation = catalog.relation(schema: schema, name: name) else { return nil }
      return relation.kind == .system ? nil : relation.rowTypeObjectID
    case .regclass:
      return Self.split(text).flatMap { catalog.classObjectID(schema: $0.schema, name: $0.name) }
    case .regnamespace: return Self.split(text).flatMap { $0.schema == nil ? ObjectID.schema($0.name) : nil }
    default: return nil
    }
  }

  /// The text that a name is shown as: with its schema only where it would not be found without.
  func shown(_ text: String, _ type: CatalogTextType) -> String? {
    guard let number = objectID(text, type) else { return nil }
    return shown(number, type)
  }

  /// The name of a number; its digits if it names nothing.
  func shown(_ objectID: Int64, _ type: CatalogTextType) -> String {
    if objectID == 0 { return "-" }
    let name: String? =
      switch type {
      case .regtype: BuiltinType.text(objectID, modifier: nil) ?? catalog.rowTypeOwner(objectID).map { shown($0) }
      case .regclass: catalog.classObject(objectID).map { shown($0.name, of: $0.relation) }
      case .regnamespace: Catalog.schemas.first { ObjectID.schema($0) == objectID }
      default: nil
      }
    return name ?? String(objectID)
  }

  func shown(_ relation: Relation) -> String { shown(relation.name, of: relation) }

  private func shown(_ name: String, of relation: Relation) -> String {
    (catalog.isVisible(relation) ? "" : quotedIdentifier(relation.schema) + ".") + quotedIdentifier(name)
  }

  /// Schema and name of a text; nil if it is not a name.
  private static func split(_ text: String) -> (schema: String?, name: String)? {
    var parts: [String] = []
    var part = ""
    var isQuoted = false
    for character in text {
      if character == "\"" { isQuoted.toggle() } else if character == ".", !isQuoted {
        parts.append(part)
        part = ""
      } else {
        part += isQuoted ? String(character) : character.lowercased()
      }
    }
    parts.append(part)
    if isQuoted || parts.contains("") || parts.count > 2 { return nil }
    return parts.count == 2 ? (parts[0], parts[1]) : (nil, parts[0])
  }

  /// What is said of a text that names nothing.
  static func missing(_ text: String, _ type: CatalogTextType) -> SQLError {
    switch type {
    case .regclass: SQLError(.undefinedTable, "relation \"\(text)\" does not exist")
    case .regnamespace: SQLError(SQLState("3F000"), "schema \"\(text)\" does not exist")
    case .regrole: SQLError(.undefinedObject, "role \"\(text)\" does not exist")
    case .regproc: SQLError(.undefinedFunction, "function \"\(text)\" does not exist")
    default: SQLError(.undefinedObject, "type \"\(text)\" does not exist")
    }
  }
}

extension Relation {
  var keyColumnNames: String { primaryKey.map { quotedIdentifier(columns[$0].name) }.joined(separator: ", ") }

  /// `CREATE UNIQUE INDEX t_pkey ON public.t USING btree (a, b)`: how PostgreSQL tells of a primary key's index.
  ///
  /// - isShort: without the schema.
  package func keyIndexDefinition(isShort: Bool = false) -> String {
    let table = (isShort ? "" : quotedIdentifier(schema) + ".") + quotedIdentifier(name)
    return "CREATE UNIQUE INDEX \(quotedIdentifier(keyName)) ON \(table) USING btree (\(keyColumnNames))"
  }
}

/// A name as SQL writes it: in quotes unless it is made of small letters, digits and underscores, and no keyword.
package func quotedIdentifier(_ name: String) -> String {
  SessionFunctions.quoteIdentifier.function.kernel([.constant(text: name, count: 1)], 1).column.text(0)
}
