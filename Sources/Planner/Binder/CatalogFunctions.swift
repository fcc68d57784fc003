import Columnar
import Expressions
import SQLCatalog
import SQLTypes

/// PostgreSQL's functions that look into the catalog or at the session, made for one statement (§9.26 of its manual).
///
/// They take one object a row, for the catalogues are small and read by people and tools.
struct CatalogFunctions {
  let facts: SessionFacts
  private var catalog: Catalog { facts.catalog }

  /// The overloads of a name; empty for a name that is none of these.
  func overloads(_ name: String) -> [Overload] {
    switch name {
    case "pg_get_userbyid": [one(name, [.oid], .catalogText(.name)) { [facts] in Self.userName($0[0], facts) }]
    case "pg_table_is_visible":
      [one(name, [.oid], .boolean) { [catalog] in
        Self.number($0[0]).flatMap { catalog.classObject($0) }.map { .boolean(catalog.isVisible($0.relation)) } ?? .null
      }]
    case "pg_type_is_visible":
      [one(name, [.oid], .boolean) { [catalog] in
        guard let oid = Self.number($0[0]) else { return .null }
        if BuiltinType.byObjectID[oid] != nil { return .boolean(true) }
        return catalog.rowTypeOwner(oid).map { .boolean(catalog.isVisible($0)) } ?? .null
      }]
    // Nothing of these kinds can be made; what there is of them is built in, and visible.
    case "pg_function_is_visible", "pg_operator_is_visible", "pg_collation_is_visible", "pg_conversion_is_visible",
      "pg_opclass_is_visible", "pg_opfamily_is_visible", "pg_ts_config_is_visible", "pg_ts_dict_is_visible",
      "pg_ts_parser_is_visible", "pg_ts_template_is_visible", "pg_statistics_obj_is_visible":
      [one(name, [.oid], .boolean) { _ in .boolean(true) }]
    case "pg_encoding_to_char":
      [one(name, [.integer], .catalogText(.name)) { arguments in
        .text(arguments[0] == .integer(6) ? "UTF8" : arguments[0] == .integer(0) ? "SQL_ASCII" : "")
      }]
    case "pg_char_to_encoding":
      [one(name, [.catalogText(.name)], .integer) {
        guard case .text(let text) = $0[0] else { return .null }
        let encoding = text.lowercased()
        return .integer(["utf8", "utf-8", "unicode"].contains(encoding) ? 6 : encoding == "sql_ascii" ? 0 : -1)
      }]
    case "getdatabaseencoding": [one(name, [], .catalogText(.name)) { _ in .text("UTF8") }]
    default: definitions(name) + ofFunctions(name) + ofNothing(name) + descriptions(name) + privileges(name) + sizes(name)
    }
  }

  // MARK: what defines an object

  private func definitions(_ name: String) -> [Overload] {
    let catalog = catalog
    switch name {
    case "format_type":
      return [ScalarFunction.byRow(name, [.oid, .integer], .text, takesNulls: true) { arguments in
        guard let oid = Self.number(arguments[0]) else { return .null }
        return .text(Self.typeName(oid, Self.number(arguments[1]), catalog))
      }].map { Overload($0) }
    case "pg_get_viewdef":
      let definition: @Sendable ([SystemValue]) -> SystemValue = {
        Self.number($0[0]).flatMap { catalog.classObject($0)?.relation.definition }.map { .text(" " + $0 + ";") } ?? .null
      }
      return [one(name, [.oid], .text, definition), one(name, [.oid, .boolean], .text, definition)]
    case "pg_get_indexdef":
      let definition: @Sendable ([SystemValue]) -> SystemValue = { arguments in
        guard let oid = Self.number(arguments[0]), case .keyIndex(let relation)? = catalog.classObject(oid) else { return .null }
        let column = arguments.count > 1 ? Self.number(arguments[1]) ?? 0 : 0
        if column > 0 { return Self.keyColumn(relation, column) }
        let isShort = arguments.last == .boolean(true) && catalog.isVisible(relation)
        return .text(relation.keyIndexDefinition(isShort: isShort))
      }
      return [one(name, [.oid], .text, definition), one(name, [.oid, .integer, .boolean], .text, definition)]
    case "pg_get_constraintdef":
      let definition: @Sendable ([SystemValue]) -> SystemValue = {
        Self.number($0[0]).flatMap { catalog.keyOwner($0) }.map { .text("PRIMARY KEY (\($0.keyColumnNames))") } ?? .null
      }
      return [one(name, [.oid], .text, definition), one(name, [.oid, .boolean], .text, definition)]
    case "pg_get_expr":
      // An expression is kept as its text.
      let text: @Sendable ([SystemValue]) -> SystemValue = { $0[0] }
      return [
        one(name, [.catalogText(.nodeTree), .oid], .text, text),
        one(name, [.catalogText(.nodeTree), .oid, .boolean], .text, text),
      ]
    case "array_to_string":
      return [CatalogTextType.textArray, .characterArray, .aclArray, .oidArray, .smallintArray, .realArray].map { type in
        one(name, [.catalogText(type), .text], .text) { arguments in
          guard case .text(let array) = arguments[0], case .text(let separator) = arguments[1] else { return .null }
          return .text(Self.elements(of: array).joined(separator: separator))
        }
      }
    case "to_regclass", "to_regtype", "to_regnamespace", "to_regproc":
      guard let type = CatalogTextType(rawValue: String(name.dropFirst(3))) else { return [] }
      return [one(name, [.text], .catalogText(type)) { arguments in
        guard case .text(let text) = arguments[0] else { return .null }
        return ObjectNames(catalog: catalog).shown(text, type).map { .text($0) } ?? .null
      }]
    default: return []
    }
  }

  /// The name of one of a key's columns, counted from 1.
  private static func keyColumn(_ relation: Relation, _ number: Int64) -> SystemValue {
    guard number <= relation.primaryKey.count else { return .null }
    return .text(quotedIdentifier(relation.columns[relation.primaryKey[Int(number) - 1]].name))
  }

  static func typeName(_ objectID: Int64, _ modifier: Int64?, _ catalog: Catalog) -> String {
    if objectID == 0 { return "-" }
    if let text = BuiltinType.text(objectID, modifier: modifier) { return text }
    return catalog.rowTypeOwner(objectID).map { ObjectNames(catalog: catalog).shown($0) } ?? "???"
  }

  private func ofFunctions(_ name: String) -> [Overload] {
    switch name {
    case "pg_get_function_result":
      [one(name, [.oid], .text) { Self.function($0[0]).map { .text($0.result.baseName) } ?? .null }]
    case "pg_get_function_arguments", "pg_get_function_identity_arguments":
      [one(name, [.oid], .text) {
        Self.function($0[0]).map { .text($0.arguments.map(\.baseName).joined(separator: ", ")) } ?? .null
      }]
    default: []
    }
  }

  private static func function(_ value: SystemValue) -> CallableFunction? {
    number(value).flatMap { CallableFunction.of(objectID: $0) }
  }

  /// What is asked of objects of which there are none: triggers, rules, statistics, publications.
  private func ofNothing(_ name: String) -> [Overload] {
    switch name {
    case "pg_get_triggerdef", "pg_get_ruledef":
      [one(name, [.oid], .text) { _ in .null }, one(name, [.oid, .boolean], .text) { _ in .null }]
    case "pg_get_statisticsobjdef_columns", "pg_get_partkeydef", "pg_get_function_sqlbody":
      [one(name, [.oid], .text) { _ in .null }]
    case "pg_relation_is_publishable": [one(name, [.catalogText(.regclass)], .boolean) { _ in .boolean(false) }]
    default: []
    }
  }

  // MARK: descriptions, privileges, sizes

  /// There is no COMMENT yet: no object has a description.
  private func descriptions(_ name: String) -> [Overload] {
    switch name {
    case "shobj_description": [one(name, [.oid, .catalogText(.name)], .text) { _ in .null }]
    case "obj_description":
      [one(name, [.oid, .catalogText(.name)], .text) { _ in .null }, one(name, [.oid], .text) { _ in .null }]
    case "col_description": [one(name, [.oid, .integer], .text) { _ in .null }]
    default: []
    }
  }

  /// There is one role, which owns everything. What is asked about must be there all the same.
  private func privileges(_ name: String) -> [Overload] {
    switch name {
    case "has_table_privilege":
      forObjects(name) { [catalog] in
        Self.number($0).flatMap { catalog.classObject($0) }.map { _ in .boolean(true) } ?? .null
      }
        + forNames(name) { [catalog] in
          Self.found("relation", .undefinedTable, $0, ObjectNames(catalog: catalog).objectID($0, .regclass) != nil)
        }
    case "has_schema_privilege":
      forObjects(name) { _ in .boolean(true) }
        + forNames(name) { Self.found("schema", SQLState("3F000"), $0, ObjectID.schema($0) != nil) }
    case "has_database_privilege":
      forObjects(name) { _ in .boolean(true) }
        + forNames(name) { [facts] in Self.found("database", SQLState("3D000"), $0, $0 == facts.database) }
    case "pg_has_role": forNames(name) { _ in .success(.boolean(true)) } + forObjects(name) { _ in .boolean(true) }
    default: []
    }
  }

  private static func found(
    _ what: String, _ state: SQLState, _ name: String, _ isThere: Bool
  ) -> Result<SystemValue, SQLError> {
    isThere ? .success(.boolean(true)) : .failure(SQLError(state, "\(what) \"\(name)\" does not exist"))
  }

  /// `f(object, privilege)` and `f(user, object, privilege)`.
  private func forObjects(_ name: String, _ body: @escaping @Sendable (SystemValue) -> SystemValue) -> [Overload] {
    [
      one(name, [.oid, .text], .boolean) { body($0[0]) },
      one(name, [.catalogText(.name), .oid, .text], .boolean) { body($0[1]) },
    ]
  }

  private func forNames(_ name: String, _ body: @escaping @Sendable (String) -> Result<SystemValue, SQLError>) -> [Overload] {
    [([SQLType.text, .text], 0), ([.catalogText(.name), .text, .text], 1)].map { types, index in
      Overload(ScalarFunction.byRow(name, types, .boolean) { (arguments) throws(SQLError) in
        guard case .text(let text) = arguments[index] else { return .null }
        return try body(text).get()
      })
    }
  }

  /// Not known, so NULL: relations share memory and a log, and have no files of their own. `leat.views` tells a view's state.
  private func sizes(_ name: String) -> [Overload] {
    switch name {
    case "pg_relation_size", "pg_table_size", "pg_total_relation_size", "pg_indexes_size":
      [one(name, [.oid], .bigint) { _ in .null }]
    case "pg_database_size", "pg_tablespace_size":
      [one(name, [.oid], .bigint) { _ in .null }, one(name, [.catalogText(.name)], .bigint) { _ in .null }]
    case "pg_tablespace_location": [one(name, [.oid], .text) { _ in .text("") }]
    default: []
    }
  }

  // MARK: making them

  private func one(
    _ name: String, _ arguments: [SQLType], _ result: SQLType, _ body: @escaping @Sendable ([SystemValue]) -> SystemValue
  ) -> Overload {
    Overload(ScalarFunction.byRow(name, arguments, result) { body($0) })
  }

  private static func number(_ value: SystemValue) -> Int64? {
    if case .integer(let number) = value { number } else { nil }
  }

  static func userName(_ value: SystemValue, _ facts: SessionFacts) -> SystemValue {
    guard let oid = number(value) else { return .null }
    return .text(oid == ObjectID.role ? facts.user : "unknown (OID=\(oid))")
  }

  /// The elements of an array's text, `{a,"b,c"}`; NULL among them is left out, as array_to_string does.
  static func elements(of array: String) -> [String] {
    var elements: [String] = []
    var element = ""
    var isQuoted = false, wasQuoted = false, isEscaped = false
    for character in array.dropFirst().dropLast() {
      if isEscaped {
        element.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        isQuoted.toggle()
        wasQuoted = true
      } else if character == ",", !isQuoted {
        if wasQuoted || element != "NULL" { elements.append(element) }
        (element, wasQuoted) = ("", false)
      } else {
        element.append(character)
      }
    }
    if array != "{}", wasQuoted || element != "NULL" { elements.append(element) }
    return elements
  }
}
