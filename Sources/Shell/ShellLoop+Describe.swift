import SQLTypes

extension ShellLoop {
  /// `\d`: without a pattern the list of relations, else each relation that fits with its columns.
  func describe(_ pattern: String?, isVerbose: Bool) -> Flow {
    guard let pattern else { return listRelations(MetaCommand.RelationKind.allCases.filter { $0 != .index }, nil, isVerbose: isVerbose) }
    let fits = NamePattern(pattern)
    guard
      let relations = rows(
        "SELECT schema, name, kind, definition FROM leat.relations WHERE \(fits.condition(schema: "schema", name: "name")) ORDER BY 1, 2")
    else { return errorFlow }
    if relations.isEmpty { return failed(ShellError("Did not find any relation named \"\(pattern)\".")) }
    for relation in relations {
      guard describe(relation, isVerbose: isVerbose) else { return errorFlow }
    }
    return .goOn
  }

  private func describe(_ relation: [String?], isVerbose: Bool) -> Bool {
    let (schema, name, kind) = (relation[0] ?? "", relation[1] ?? "", relation[2] ?? "")
    guard
      let columns = rows(
        "SELECT name, type, nullable, \"default\", is_key FROM leat.columns WHERE relation_schema = \(Self.literal(schema)) "
          + "AND relation = \(Self.literal(name)) ORDER BY position")
    else { return false }
    var footer: [String] = []
    let key = columns.filter { Self.isTrue($0[4]) }.map { $0[0] ?? "" }
    if !key.isEmpty { footer.append("Primary key: (\(key.joined(separator: ", ")))") }
    if isVerbose, let definition = relation[3] {
      footer.append("Definition:")
      footer += definition.split(separator: "\n", omittingEmptySubsequences: false).map { " " + $0 }
    }
    var table = ResultTable(
      columns: ["Column", "Type", "Nullable", "Default"].map { ResultColumn(name: $0, typeOID: 25) },
      isExpanded: isExpanded, title: "\(kind.prefix(1).uppercased())\(kind.dropFirst()) \"\(schema).\(name)\"", footer: .lines(footer))
    for column in columns { table.append([column[0], column[1], Self.isTrue(column[2]) ? "" : "not null", column[3] ?? ""]) }
    var text: [UInt8] = []
    table.finish(into: &text)
    output.write(text)
    return true
  }

  /// `\dt`, `\dvm` and so on.
  func listRelations(_ kinds: [MetaCommand.RelationKind], _ pattern: String?, isVerbose: Bool) -> Flow {
    var conditions = ["kind IN (\(kinds.map { Self.literal($0.name) }.joined(separator: ", ")))"]
    if let pattern {
      conditions.append(NamePattern(pattern).condition(schema: "schema", name: "name"))
    } else {
      conditions.append("schema NOT IN ('leat', 'pg_catalog', 'information_schema')")
    }
    guard
      let relations = rows(
        "SELECT schema, name, kind, definition FROM leat.relations WHERE \(conditions.joined(separator: " AND ")) ORDER BY 1, 2")
    else { return errorFlow }
    guard !relations.isEmpty else {
      output.say(pattern.map { "Did not find any relation named \"\($0)\".\n" } ?? "Did not find any relations.\n")
      return .goOn
    }
    let names = ["Schema", "Name", "Type"] + (isVerbose ? ["Definition"] : [])
    list("List of relations", names, relations.map { Array($0.prefix(names.count)) })
    return .goOn
  }

  func listFunctions(_ pattern: String?) -> Flow {
    let condition = pattern.map { " WHERE \(NamePattern($0).condition(schema: "n.nspname", name: "p.proname"))" } ?? ""
    guard
      let functions = rows(
        "SELECT p.proname, pg_get_function_result(p.oid), pg_get_function_arguments(p.oid), "
          + "CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window' ELSE 'function' END "
          + "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace\(condition) ORDER BY 1, 3")
    else { return errorFlow }
    guard !functions.isEmpty else {
      output.say(pattern.map { "Did not find any function named \"\($0)\".\n" } ?? "Did not find any functions.\n")
      return .goOn
    }
    list("List of functions", ["Name", "Result", "Arguments", "Type"], functions)
    return .goOn
  }

  private func list(_ title: String, _ names: [String], _ rows: [[String?]]) {
    var table = ResultTable(columns: names.map { ResultColumn(name: $0, typeOID: 25) }, isExpanded: isExpanded, title: title)
    for row in rows { table.append(row) }
    var text: [UInt8] = []
    table.finish(into: &text)
    output.write(text)
  }

  private var errorFlow: Flow { stopsAtErrors ? .end(status: ShellStatus.failed) : .goOn }

  /// The rows of a statement of the shell's own; nil after an error, which is shown.
  private func rows(_ sql: String) -> [[String?]]? {
    var rows: [[String?]] = []
    do throws(SQLError) {
      try target.run(sql, input: { nil }) { event in
        if case .row(let row) = event { rows.append(row) }
      }
      return rows
    } catch {
      // The text is not the user's, so the place in it says nothing.
      let plain = SQLError(error.state, error.message, detail: error.detail, hint: error.hint)
      showError(plain.rendered(in: "") + "\n")
      errorCount += 1
      return nil
    }
  }

  private static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

  private static func isTrue(_ text: String?) -> Bool { text == "t" || text == "true" || text == "YES" }
}

extension MetaCommand.RelationKind {
  /// As `leat.relations.kind` says it.
  var name: String {
    switch self {
    case .table: "table"
    case .view: "view"
    case .materializedView: "materialized view"
    case .index: "index"
    case .stream: "stream"
    }
  }
}

/// psql's pattern of names: `*` any text, `?` any character, a dot between schema and name; folded to lower case
/// outside of double quotes, within which nothing but the quote is special.
struct NamePattern {
  private(set) var schema: String?
  private(set) var name: String

  /// Patterns of LIKE.
  init(_ text: String) {
    var parts = [""]
    var isQuoted = false
    for character in text {
      switch character {
      case "\"": isQuoted.toggle()
      case "." where !isQuoted && parts.count == 1: parts.append("")
      case "*" where !isQuoted: parts[parts.count - 1] += "%"
      case "?" where !isQuoted: parts[parts.count - 1] += "_"
      case "%", "_", "\\": parts[parts.count - 1] += "\\\(character)"
      default: parts[parts.count - 1] += isQuoted ? String(character) : character.lowercased()
      }
    }
    name = parts[parts.count - 1]
    schema = parts.count == 2 ? parts[0] : nil
  }

  /// - Parameters: the names of the columns; without one for the schema its pattern is left out.
  func condition(schema schemaColumn: String?, name nameColumn: String) -> String {
    func fits(_ column: String, _ pattern: String) -> String { "\(column) LIKE '\(pattern.replacing("'", with: "''"))'" }
    var condition = fits(nameColumn, name)
    if let schema, let schemaColumn { condition = fits(schemaColumn, schema) + " AND " + condition }
    return condition
  }
}
