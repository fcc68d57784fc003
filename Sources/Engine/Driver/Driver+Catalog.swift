import Dataflow
import Planner
import Platform
import SQLCatalog
import SQLSyntax
import SQLTypes
import StateMemory

/// Changes of the catalog, each a tick of its own.
///
/// What can fail is done before the change is logged: the new relations are built beside the old ones, in a draft. What is
/// logged is then applied without fail, so that a replay does the same.
extension Driver {
  /// A change of the catalog, and what is built for it.
  struct CatalogDraft {
    /// The catalog with the change, as of the time when the draft was made: what its definitions are bound to.
    var catalog: Catalog
    let firstID: UInt64
    var nextRelation: UInt64
    /// Who names another one comes before it.
    var removed: [RelationID] = []
    /// New relations, and of those that hold rows what holds them.
    var definitions: [Relation] = []
    var added: [(id: RelationID, stored: any StoredRelation)] = []
    var sources: [RelationID: SourceState] = [:]
    var lowerings: [Lowering] = []

    func root(of id: RelationID) -> NodeID? { added.first { $0.id == id }?.stored.root }
  }

  /// Logs a change of the catalog and applies it; where there are new views to fill, begins that, and does so at its end.
  ///
  /// - reply: is answered then, or by an error that comes up meanwhile.
  /// - Errors: what the catalog refuses, what the new relations cannot be built of, or what the log throws; then nothing
  ///   has changed.
  func change(_ request: CatalogRequest, _ reply: Reply<CatalogOutcome>) throws(SQLError) {
    try check(request)
    if case .drop(let ids, let jobs) = request.change {
      cancelJobs(jobs)
      cancelJobs(reading: ids)
      if ids.isEmpty { return reply.fulfil(.success(.applied(tick: tick))) }
    }
    let draft = try prepare(request)
    if let job = try makeJob(draft, request, reply) { return begin(job) }
    if let source = draft.sources.values.first { for position in request.startPositions { source.discovered(position) } }
    do throws(SQLError) { try logDefinition(request, firstID: draft.firstID) } catch {
      discard(draft)
      throw error
    }
    apply(draft)
    reply.fulfil(.success(.applied(tick: tick)))
  }

  /// Logs a change of the catalog as the next tick, which `apply` makes.
  func logDefinition(_ request: CatalogRequest, firstID: UInt64) throws(SQLError) {
    var entry = nextEntry()
    entry.ddl.append(.init(statement: request.statement, ids: [firstID]))
    entry.partitions = request.startPositions.map { $0.entry(of: RelationID(firstID)) }
    entry.positions = request.startPositions.compactMap { $0.startEntry(of: RelationID(firstID)) }
    try append(entry)
  }

  /// What fills a draft's new views; nil if it has none.
  ///
  /// - Errors: a constant's that cannot be computed; then nothing of the draft is left.
  func makeJob(
    _ draft: CatalogDraft, _ request: CatalogRequest, _ reply: Reply<CatalogOutcome>?
  ) throws(SQLError) -> BackfillJob? {
    if draft.lowerings.isEmpty { return nil }
    do throws(SQLError) {
      for lowering in draft.lowerings { try lowering.pushConstants() }
    } catch {
      discard(draft)
      throw error
    }
    let views = draft.added.compactMap { id, stored in (stored as? ViewRelation).map { (id: id, stored: $0) } }
    return makeJob(.definition(draft, request, reply), views, draft.lowerings, besides: Set(draft.added.map(\.id)))
  }

  /// What the catalog refuses.
  private func check(_ request: CatalogRequest) throws(SQLError) {
    guard case .create(let relation, _, let orReplace) = request.change else { return }
    try checkJobs(relation, orReplace: orReplace)
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

  /// What must wait until views that are being filled are there.
  private func checkJobs(_ relation: Relation, orReplace: Bool) throws(SQLError) {
    if let (_, filling) = catalog.fillingJob(schema: relation.schema, name: relation.name) {
      if !orReplace { throw SQLError(.duplicateTable, "relation \"\(relation.name)\" already exists") }
      throw SQLError(
        .objectNotInPrerequisiteState, "\(filling.kind.rawValue) \"\(filling.name)\" is still being filled",
        hint: "leat.jobs tells how far it is.")
    }
    let replaced = Set(jobs.flatMap(\.replaced))
    if let id = relation.dependencies.first(where: { replaced.contains($0) }), let input = catalog[id] {
      throw SQLError(
        .objectNotInPrerequisiteState, "\(input.kind.rawValue) \"\(input.name)\" is being replaced",
        hint: "leat.jobs tells how far that is.")
    }
    guard orReplace, let existing = catalog.relation(schema: relation.schema, name: relation.name) else { return }
    let leaving = Set(catalog.allDependents(of: existing.id).map(\.id)).union([existing.id])
    if let job = jobs.first(where: { !$0.definitions.isEmpty && !$0.reads.isDisjoint(with: leaving) }) {
      throw SQLError(
        .objectNotInPrerequisiteState,
        "\"\(existing.name)\" is read by \"\(job.definitions[0].name)\", which is still being filled",
        hint: "leat.jobs tells how far it is.")
    }
  }

  /// Builds what a request asks for, beside what there is; its views hold nothing yet.
  func prepare(_ request: CatalogRequest) throws(SQLError) -> CatalogDraft {
    var draft = CatalogDraft(catalog: catalog, firstID: nextRelation, nextRelation: nextRelation)
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
          let (again, query) = try CatalogBinder(draft.catalog, connectors).rebind(dependent)
          try add(again, query, to: &draft)
        }
      case .drop(let ids, _):
        draft.removed = ids
        for id in ids { draft.catalog.remove(id) }
      }
      // The ids are its own, however long it takes to fill the views.
      nextRelation = draft.nextRelation
      return draft
    } catch {
      discard(draft)
      throw error
    }
  }

  /// Makes a draft the catalog, and what it has built what readers see.
  func apply(_ draft: CatalogDraft) {
    cancelJobs(reading: draft.removed)
    for id in draft.removed {
      catalog.remove(id)
      endSubscriptions(to: id)
      sources.removeValue(forKey: id)?.stop()
      forget(id)
    }
    for (id, stored) in draft.added { keep(stored, as: id) }
    sources.merge(draft.sources) { $1 }
    for relation in draft.definitions { addChecked(relation) }
    graph.endTick()
    let stored = relations
    publish { content in
      content.relations = stored.mapValues { $0.content }
      for id in draft.removed { content.failingRowCounts[id] = nil }
      for case (let id, let view as ViewRelation) in draft.added { content.failingRowCounts[id] = view.failingRowCount }
    }
  }

  /// Adds a relation of a draft, whose name was free or its own since the draft was made.
  private func addChecked(_ relation: Relation) {
    do throws(SQLError) { try catalog.add(relation) } catch { preconditionFailure("a new relation's name is free") }
  }

  func discard(_ draft: CatalogDraft) {
    for (_, stored) in draft.added.reversed() { discard(stored.nodes) }
  }

  /// Adds a relation under the draft's next id.
  private func add(_ written: Relation, _ query: PlannedQuery?, to draft: inout CatalogDraft) throws(SQLError) {
    var relation = written
    relation.id = RelationID(draft.nextRelation)
    switch relation.kind {
    case .table, .stream:
      let source = try relation.sourceSpec(connectors).map { SourceState($0) }
      let root = graph.add(relation.kind == .table ? "Table" : "Stream", Input(), inputs: [])
      draft.sources[relation.id] = source
      let stored: any StoredRelation
      if relation.kind == .stream {
        stored = source.map { SourcedStream(relation, $0, root: root) } ?? LocalStream(relation, root: root, log: log)
      } else {
        stored = relation.primaryKey.isEmpty
          ? UnkeyedRelation(relation, root: root, in: space) : KeyedRelation(relation, root: root, in: space)
      }
      draft.added.append((relation.id, stored))
    case .materializedView:
      guard let query else { preconditionFailure("a materialized view has a query") }
      // What is there already comes through gates until the view is filled.
      let (view, lowering) = makeView(query, types: relation.columns.map(\.type), names: draft.catalog) { [draft] id in draft.root(of: id) }
      draft.added.append((relation.id, view))
      draft.lowerings.append(lowering)
    case .view: break
    case .system: preconditionFailure("system views are there from the start")
    }
    draft.nextRelation += 1
    try draft.catalog.add(relation)
    draft.definitions.append(relation)
  }

  /// Makes the nodes of a view; it holds nothing yet.
  ///
  /// - names: has the relations that it reads.
  /// - root: the node that a relation's rows come from.
  func makeView(
    _ query: PlannedQuery, types: [SQLType], names: Catalog, root: @escaping (RelationID) -> NodeID?
  ) -> (view: ViewRelation, lowering: Lowering) {
    let spaces = spaces
    let plan = query.visiblePlan
    var lowering = Lowering(graph, space: { spaces[$0] }, root: root) { plan in
      PlanProperties(of: plan) { names[$0] }.isAppendOnly
    }
    let top = lowering.lower(plan)
    let outputs = spaces.map { _ in Output() }
    let root = lowering.finish("Output", on: top, plan) { outputs[$0] }
    for node in lowering.nodes { failingRows[node.id] = FailingRows(types: node.types, in: space) }
    let view = ViewRelation(
      types: types, columnsRead: plan.columnsRead, outputs: outputs, root: root, planNodes: lowering.nodes, in: space,
      sink: changeSink)
    return (view, lowering)
  }
}
