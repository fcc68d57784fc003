import Connectors
import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes

/// Binds CREATE and DROP: from trees to requests to the driver.
struct CatalogBinder {
  /// What a statement asks for.
  enum Bound {
    case request(CatalogRequest, [Notice], tag: String)
    /// IF EXISTS or IF NOT EXISTS: there is nothing to do.
    case nothing([Notice], tag: String)
  }

  private let catalog: Catalog
  private let connectors: Connectors

  init(_ catalog: Catalog, _ connectors: Connectors) {
    self.catalog = catalog
    self.connectors = connectors
  }

  /// - text: what the statement's ranges refer to.
  func bind(_ statement: Statement, _ text: String) throws(SQLError) -> Bound {
    switch statement.kind {
    case .createTable(let table):
      let tag = "CREATE \(table.kind.rawValue)"
      if table.ifNotExists, let notice = exists(table.name) { return .nothing([notice], tag: tag) }
      return request(.create(try relation(table), nil, orReplace: false), statement, text, tag)
    case .createView(let view):
      let tag = view.isMaterialized ? "CREATE MATERIALIZED VIEW" : "CREATE VIEW"
      if view.ifNotExists, let notice = exists(view.name) { return .nothing([notice], tag: tag) }
      let planned = try self.view(view)
      return request(
        .create(planned.relation, view.isMaterialized ? planned.query : nil, orReplace: view.orReplace), statement, text, tag)
    case .drop(let drop): return try bind(drop, statement, text)
    default: preconditionFailure("only CREATE and DROP change the catalog")
    }
  }

  /// The same definition over the relations that its names mean now.
  func rebind(_ relation: Relation) throws(SQLError) -> (Relation, PlannedQuery?) {
    guard let parsed = Parser.parseScript(relation.statement).first, case .createView(let view) = try parsed.result.get().kind
    else { preconditionFailure("\"\(relation.name)\" is a view") }
    let planned = try self.view(view)
    return (with(planned.relation) { $0.statement = relation.statement }, view.isMaterialized ? planned.query : nil)
  }

  private func request(
    _ change: CatalogRequest.Change, _ statement: Statement, _ text: String, _ tag: String, _ notices: [Notice] = []
  ) -> Bound {
    let own = text.text(in: statement.range)
    var change = change
    if case .create(let relation, let query, let orReplace) = change {
      change = .create(with(relation) { $0.statement = own }, query, orReplace: orReplace)
    }
    return .request(CatalogRequest(change: change, statement: own, catalogVersion: catalog.version), notices, tag: tag)
  }

  private func exists(_ name: ObjectName) -> Notice? {
    if catalog.relation(schema: name.schema, name: name.last.name) == nil
      && catalog.fillingRelation(schema: name.schema, name: name.last.name) == nil { return nil }
    return Notice(
      severity: .notice, state: .duplicateTable, message: "relation \"\(name.last.name)\" already exists, skipping")
  }

  // MARK: CREATE

  private func relation(_ table: CreateTable) throws(SQLError) -> Relation {
    try refuseForeignSchema(table.name)
    if let query = table.query { throw .unsupported("CREATE \(table.kind.rawValue) … AS", at: query.range) }
    let relation = try TableBinder.plan(table, id: RelationID(0), names: catalog).relation
    if !relation.uniqueKeys.isEmpty {
      throw .unsupported("UNIQUE", hint: "PRIMARY KEY is.", at: table.name.range)
    }
    let ranges = table.options.map { $0.nameRange }
    do throws(SQLError) {
      _ = try relation.sourceSpec(connectors, ranges)
    } catch { throw error.located(at: table.name.range) }
    return relation
  }

  private func view(_ view: CreateView) throws(SQLError) -> PlannedView {
    try refuseForeignSchema(view.name)
    if let option = view.options.first { throw .unsupported("option \"\(option.name)\"", at: option.nameRange) }
    var planned = try ViewBinder.plan(view, id: RelationID(0), names: catalog)
    if view.isMaterialized, let system = planned.query.plan.relations.sorted().compactMap({ catalog[$0] }).first(where: { $0.kind == .system }) {
      throw .unsupported("a materialized view of \"\(system.schema).\(system.name)\"", at: view.query.range)
    }
    // System views are there as long as the engine is: nobody depends on them.
    planned.relation.dependencies.removeAll { catalog[$0]?.kind == .system }
    return planned
  }

  private func refuseForeignSchema(_ name: ObjectName) throws(SQLError) {
    if let schema = name.schema, schema != "public" {
      if Catalog.schemas.contains(schema) {
        throw SQLError(SQLState("42501"), "permission denied for schema \(schema)", at: name.range)
      }
      throw SQLError(SQLState("3F000"), "schema \"\(schema)\" does not exist", at: name.range)
    }
  }

  // MARK: DROP

  private func bind(_ drop: Drop, _ statement: Statement, _ text: String) throws(SQLError) -> Bound {
    let tag = "DROP \(drop.target.rawValue)"
    var notices: [Notice] = []
    var targets: [Relation] = []
    var jobs: Set<UInt64> = []
    for name in drop.names {
      let filling = catalog.fillingJob(schema: name.schema, name: name.last.name)
      guard let relation = catalog.relation(schema: name.schema, name: name.last.name) ?? filling?.relation else {
        let what = drop.target.rawValue.lowercased()
        if !drop.ifExists { throw SQLError(.undefinedTable, "\(what) \"\(name.last.name)\" does not exist", at: name.range) }
        notices.append(
          Notice(severity: .notice, state: SQLState("00000"), message: "\(what) \"\(name.last.name)\" does not exist, skipping"))
        continue
      }
      guard relation.kind.rawValue.uppercased() == drop.target.rawValue else {
        throw SQLError(
          .wrongObjectType, "\"\(relation.name)\" is not a \(drop.target.rawValue.lowercased())",
          hint: relation.kind == .system ? nil : "Use DROP \(relation.kind.rawValue.uppercased()) to remove it.", at: name.range)
      }
      if let filling, filling.relation.id == relation.id {
        jobs.insert(filling.job)
      } else if !targets.contains(where: { $0.id == relation.id }) {
        targets.append(relation)
      }
    }
    if !jobs.isEmpty && !targets.isEmpty {
      // The log's statement would name views that were never there.
      throw .unsupported("DROP of a view that is being filled together with others", at: statement.range)
    }
    var doomed = Set(targets.map(\.id))
    var dependents = targets.flatMap { catalog.allDependents(of: $0.id) }.filter { !doomed.contains($0.id) }
    let filling = catalog.fillingDependents(of: doomed.union(dependents.map(\.id)))
    dependents += filling.map(\.relation)
    if !dependents.isEmpty && !drop.isCascade {
      throw SQLError(
        .dependentObjectsStillExist, "cannot drop \(targets[0].kind.rawValue) \(targets[0].name) because other objects depend on it",
        detail: dependents.map { "\($0.kind.rawValue) \($0.name) depends on \(targets[0].kind.rawValue) \(targets[0].name)" }
          .joined(separator: "\n"),
        hint: "Use DROP ... CASCADE to drop the dependent objects too.", at: drop.names[0].range)
    }
    doomed.formUnion(dependents.map(\.id))
    doomed.subtract(filling.map(\.relation.id))
    jobs.formUnion(filling.map(\.job))
    if doomed.isEmpty && jobs.isEmpty { return .nothing(notices, tag: tag) }
    if !dependents.isEmpty {
      var seen: Set<RelationID> = []
      let names = dependents.filter { seen.insert($0.id).inserted }.sorted { $0.id < $1.id }
        .map { "\($0.kind.rawValue) \($0.name)" }
      notices.append(
        Notice(severity: .notice, state: SQLState("00000"), message: "drop cascades to \(names.joined(separator: ", "))"))
    }
    // Who names another one has the greater id, for it was made later.
    return request(.drop(doomed.sorted(by: >), jobs: jobs), statement, text, tag, notices)
  }
}

extension String {
  /// As a name in SQL, in quotes.
  var asIdentifier: String { "\"" + split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" }

  /// The text that a range covers.
  func text(in range: SourceRange) -> String {
    let bytes = utf8
    let start = bytes.index(startIndex, offsetBy: min(range.start, bytes.count))
    let end = bytes.index(startIndex, offsetBy: min(max(range.end, range.start), bytes.count))
    return String(self[start..<end])
  }
}

private func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
  var copy = value
  change(&copy)
  return copy
}
