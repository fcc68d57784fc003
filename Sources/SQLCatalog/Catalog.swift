package import SQLTypes

/// All relations at one tick.
package struct Catalog: Sendable, RelationNames {
  private struct Name: Hashable, Sendable {
    var schema: String
    var name: String
  }

  /// Moves with every change: a plan made under another version is made again.
  package private(set) var version: UInt64 = 0
  private var relations: [RelationID: Relation] = [:]
  private var ids: [Name: RelationID] = [:]
  /// Relations that are being made, by the number of the job that fills them. They take part in nothing yet.
  private var filling: [UInt64: [Relation]] = [:]
  /// Who names a relation in its definition.
  private var dependents: [RelationID: Set<RelationID>] = [:]

  /// Ids below this one belong to system views.
  package static let firstUserID = RelationID(10_000)
  package static let schemas = ["public", "leat", "pg_catalog", "information_schema"]
  /// Where a name without a schema is looked up, in this order.
  package static let searchPath = ["pg_catalog", "public"]

  package init(system: [Relation]) {
    for relation in system { insert(relation) }
  }

  package subscript(id: RelationID) -> Relation? { relations[id] }

  package func relation(schema: String?, name: String) -> Relation? {
    for schema in schema.map({ [$0] }) ?? Self.searchPath {
      if let id = ids[Name(schema: schema, name: name)] { return relations[id] }
    }
    return nil
  }

  package var visibleNames: [String] { ids.keys.filter { $0.schema == "public" }.map(\.name).sorted() }

  /// All relations by id.
  package var all: [Relation] { relations.values.sorted { $0.id < $1.id } }
  package var user: [Relation] { all.filter { $0.kind != .system } }

  /// Relations whose definition names `id`, by id.
  package func dependents(of id: RelationID) -> [Relation] {
    (dependents[id] ?? []).sorted().compactMap { relations[$0] }
  }

  /// Everything that names `id` directly or through others, nearest first, without `id`.
  package func allDependents(of id: RelationID) -> [Relation] {
    var seen: Set<RelationID> = [id]
    var found: [Relation] = []
    var frontier = [id]
    while !frontier.isEmpty {
      let next = frontier.flatMap { dependents(of: $0) }.filter { seen.insert($0.id).inserted }
      found += next
      frontier = next.map(\.id)
    }
    return found
  }

  /// - Errors: 42P07 if the name is taken.
  package mutating func add(_ relation: Relation) throws(SQLError) {
    if ids[Name(schema: relation.schema, name: relation.name)] != nil {
      throw SQLError(.duplicateTable, "relation \"\(relation.name)\" already exists", at: nil)
    }
    version += 1
    insert(relation)
  }

  /// Removes a relation that no other one names.
  package mutating func remove(_ id: RelationID) {
    guard let relation = relations.removeValue(forKey: id) else { preconditionFailure("a relation is removed once") }
    precondition(dependents[id]?.isEmpty ?? true, "a relation that another one names stays")
    version += 1
    ids[Name(schema: relation.schema, name: relation.name)] = nil
    dependents[id] = nil
    for dependency in relation.dependencies { dependents[dependency]?.remove(id) }
  }

  // MARK: what is being filled

  /// New relations are being filled; some may be to replace one of the same name.
  package mutating func beginFilling(_ job: UInt64, _ relations: [Relation]) {
    version += 1
    filling[job] = relations
  }

  package mutating func endFilling(_ job: UInt64) {
    version += 1
    filling[job] = nil
  }

  package func fillingRelation(schema: String?, name: String) -> Relation? { fillingJob(schema: schema, name: name)?.relation }

  /// Who makes a relation of this name.
  package func fillingJob(schema: String?, name: String) -> (job: UInt64, relation: Relation)? {
    for (job, relations) in filling {
      if let relation = relations.first(where: { $0.name == name && schema ?? $0.schema == $0.schema }) { return (job, relation) }
    }
    return nil
  }

  /// Jobs that make a relation whose definition names one of `ids`, and that relation; by the number of the job.
  package func fillingDependents(of ids: Set<RelationID>) -> [(job: UInt64, relation: Relation)] {
    filling.sorted { $0.key < $1.key }.compactMap { job, relations in
      relations.first { !ids.isDisjoint(with: $0.dependencies) }.map { (job, $0) }
    }
  }

  private mutating func insert(_ relation: Relation) {
    relations[relation.id] = relation
    ids[Name(schema: relation.schema, name: relation.name)] = relation.id
    for dependency in relation.dependencies { dependents[dependency, default: []].insert(relation.id) }
  }
}
