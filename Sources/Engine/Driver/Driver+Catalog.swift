import Dataflow
import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes
import StateMemory

/// Changes of the catalog, each a tick of its own.
///
/// What can fail is done before the change is logged: the new relations are built beside the old ones, in a draft. What is
/// logged is then applied without fail, so that a replay does the same.
extension Driver {
  /// The catalog as it will be, and what is built for it.
  struct CatalogDraft {
    var catalog: Catalog
    var nextRelation: UInt64
    /// Who names another one comes before it.
    var removed: [RelationID] = []
    var added: [(id: RelationID, stored: any StoredRelation)] = []
    var sources: [RelationID: SourceState] = [:]
    var lowerings: [Lowering] = []

    func root(of id: RelationID) -> NodeID? { added.first { $0.id == id }?.stored.root }
  }

  /// Logs a change of the catalog and applies it.
  ///
  /// - Errors: what the catalog refuses, what the new relations cannot be built of, or what the log throws; then nothing
  ///   has changed.
  func change(_ request: CatalogRequest) throws(SQLError) {
    try check(request)
    let draft = try prepare(request)
    var entry = nextEntry()
    entry.ddl.append(.init(statement: request.statement, ids: [nextRelation]))
    do throws(SQLError) { try append(entry) } catch {
      discard(draft)
      throw error
    }
    apply(draft)
  }

  /// What the catalog refuses.
  private func check(_ request: CatalogRequest) throws(SQLError) {
    guard case .create(let relation, _, let orReplace) = request.change else { return }
    guard let existing = catalog.relation(schema: relation.schema, name: relation.name) else { return }
    if !orReplace {
      throw SQLError(.duplicateTable, "relation \"\(relation.name)\" already exists")
    }
    if existing.kind != relation.kind {
      throw SQLError(.wrongObjectType, "\"\(relation.name)\" is not a \(relation.kind.rawValue)")
    }
    let above = Set(catalog.allDependents(of: existing.id).map(\.id)).union([existing.id])
    if relation.dependencies.contains(where: { above.contains($0) }) {
      throw SQLError(SQLState("42P17"), "\"\(relation.name)\" would depend on itself")
    }
    let dependents = catalog.dependents(of: existing.id)
    if !dependents.isEmpty && existing.columns.map({ ($0.name, $0.type) }).elementsEqual(
      relation.columns.map { ($0.name, $0.type) }, by: ==) == false {
      throw SQLError(
        .invalidTableDefinition, "cannot change the columns of \"\(relation.name)\" while others depend on it",
        detail: dependents.map { "\($0.kind.rawValue) \($0.name)" }.joined(separator: "\n"))
    }
  }

  /// Builds what a request asks for, beside what there is.
  func prepare(_ request: CatalogRequest) throws(SQLError) -> CatalogDraft {
    var draft = CatalogDraft(catalog: catalog, nextRelation: nextRelation)
    do throws(SQLError) {
      switch request.change {
      case .create(let relation, let query, let orReplace):
        var rebuilt: [Relation] = []
        if orReplace, let existing = catalog.relation(schema: relation.schema, name: relation.name) {
          rebuilt = catalog.allDependents(of: existing.id).sorted { $0.id < $1.id }
          draft.removed = rebuilt.reversed().map(\.id) + [existing.id]
          for id in draft.removed { draft.catalog.remove(id) }
        }
        try add(relation, query, to: &draft)
        for dependent in rebuilt {
          // Its definition binds to the new relation under the old name.
          let (again, query) = try CatalogBinder(draft.catalog).rebind(dependent)
          try add(again, query, to: &draft)
        }
      case .drop(let ids):
        draft.removed = ids
        for id in ids { draft.catalog.remove(id) }
      }
      try fill(draft.lowerings, besides: Set(draft.added.map(\.id)))
      return draft
    } catch {
      discard(draft)
      throw error
    }
  }

  /// Makes a draft the catalog, and what it has built what readers see.
  func apply(_ draft: CatalogDraft) {
    for id in draft.removed {
      endSubscriptions(to: id)
      sources.removeValue(forKey: id)?.stop()
      forget(id)
    }
    for (id, stored) in draft.added { keep(stored, as: id) }
    sources.merge(draft.sources) { $1 }
    (catalog, nextRelation) = (draft.catalog, draft.nextRelation)
    graph.endTick()
    let stored = relations
    publish { content in content.relations = stored.mapValues { $0.content } }
  }

  private func discard(_ draft: CatalogDraft) {
    for (_, stored) in draft.added.reversed() { discard(stored.nodes) }
  }

  /// Adds a relation under the draft's next id.
  private func add(_ written: Relation, _ query: PlannedQuery?, to draft: inout CatalogDraft) throws(SQLError) {
    var relation = written
    relation.id = RelationID(draft.nextRelation)
    switch relation.kind {
    case .table, .stream:
      let source = try relation.sourceSpec().map { SourceState($0) }
      let root = graph.add(relation.kind == .table ? "Table" : "Stream", Input(), inputs: [])
      draft.sources[relation.id] = source
      let stored: any StoredRelation
      if let source, relation.kind == .stream {
        stored = SourcedStream(relation, source, root: root)
      } else {
        stored = relation.primaryKey.isEmpty
          ? UnkeyedRelation(relation, root: root, in: space) : KeyedRelation(relation, root: root, in: space)
      }
      draft.added.append((relation.id, stored))
    case .materializedView:
      guard let query else { preconditionFailure("a materialized view has a query") }
      let (view, lowering) = makeView(query, types: relation.columns.map(\.type)) { [relations, draft] id in
        draft.root(of: id) ?? relations[id]?.root
      }
      draft.added.append((relation.id, view))
      draft.lowerings.append(lowering)
    case .view: break
    case .system: preconditionFailure("system views are there from the start")
    }
    draft.nextRelation += 1
    try draft.catalog.add(relation)
  }

  /// Makes the nodes of a view; it holds nothing yet.
  ///
  /// - root: the node that a relation's rows come from.
  func makeView(
    _ query: PlannedQuery, types: [SQLType], root: @escaping (RelationID) -> NodeID?
  ) -> (view: ViewRelation, lowering: Lowering) {
    let spaces = spaces
    var lowering = Lowering(graph, space: { spaces[$0] }, root: root)
    let top = lowering.lower(query.visiblePlan)
    let outputs = spaces.map { _ in Output() }
    let root = lowering.finish("Output", on: top, query.visiblePlan) { outputs[$0] }
    for (node, types) in lowering.nodes { failingRows[node] = FailingRows(types: types, in: space) }
    let view = ViewRelation(
      types: types, outputs: outputs, root: root, nodes: lowering.nodes.map(\.id), in: space, sink: changeSink)
    return (view, lowering)
  }

  /// Pushes what there is into new nodes, all of which have been made: what one of them sends reaches the others by itself.
  ///
  /// - besides: new relations, whose rows come that way.
  /// - Errors: a source's content that cannot be read again, a constant that cannot be computed, 53000.
  func fill(_ lowerings: [Lowering], besides new: Set<RelationID>) throws(SQLError) {
    if lowerings.isEmpty { return }
    // Nothing is staged now: what is stored is what the newest tick's readers see.
    guard let snapshot = space.snapshots.openOnDriver() else {
      throw SQLError(.insufficientResources, "too many statements are reading at once")
    }
    for lowering in lowerings {
      try lowering.pushConstants()
      for (node, relation) in lowering.scans where !new.contains(relation) {
        try relations[relation]?.content.scan(snapshot) { graph.push($0, to: node) }
      }
    }
  }
}
