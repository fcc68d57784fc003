// Object ids, as pg_catalog shows them: numbers from 0 to 4294967295, each kind of object with its own.
//
// | id | object |
// |---|---|
// | below 10,000 | what PostgreSQL has built in under that number: its types, its catalogues; leat's own views |
// | 10, 11, 2200, … | the one role, the schemas |
// | 16384 | the database |
// | 18432 + 2048 n | the relation of id 10,000 + n; behind it its row type, the index and the constraint of its key, its defaults |
//
// A relation keeps its id as long as it lives, and after a restart, because the relation's own id is in the log. After two
// million relations the numbers begin anew.

/// Numbers of what there is but once.
package enum ObjectID {
  package static let role: Int64 = 10
  package static let database: Int64 = 16_384
  package static let heap: Int64 = 2
  package static let btree: Int64 = 403
  package static let tablespace: Int64 = 1663
  package static let defaultCollation: Int64 = 100
  package static let cCollation: Int64 = 950

  static let firstRelation: Int64 = 18_432
  static let perRelation: Int64 = 2048
  static let relationLimit = (Int64(UInt32.max) - firstRelation) / perRelation

  package static func schema(_ name: String) -> Int64? {
    switch name {
    case "pg_catalog": 11
    case "public": 2200
    case "information_schema": 13_214
    case "leat": 13_900
    default: nil
    }
  }
}

extension Relation {
  /// The relation's own object id: of a system view its number.
  package var objectID: Int64 {
    if id < Catalog.firstUserID { return Int64(id.rawValue) }
    let number = Int64(clamping: id.rawValue - Catalog.firstUserID.rawValue) % ObjectID.relationLimit
    return ObjectID.firstRelation + number * ObjectID.perRelation
  }

  /// Of the composite type of its rows; system views have none.
  package var rowTypeObjectID: Int64 { kind == .system ? 0 : objectID + 1 }
  /// Of the primary key's index and constraint, which there are if the relation has a primary key.
  package var keyIndexObjectID: Int64 { objectID + 2 }
  package var keyConstraintObjectID: Int64 { objectID + 3 }
  package func defaultObjectID(ofColumn index: Int) -> Int64 { objectID + 16 + Int64(index) }

  /// What PostgreSQL calls the primary key, and the index below it.
  package var keyName: String { name + "_pkey" }

  /// `pg_class.relkind`: a stream is a table that only grows.
  package var classKind: String {
    switch kind {
    case .table, .stream: "r"
    case .view: "v"
    case .materializedView: "m"
    // PostgreSQL's own catalogues are tables, what it puts together from them are views.
    case .system: schema == "pg_catalog" && id < Relation.firstSystemViewID ? "r" : "v"
    }
  }

  /// Ids from here on, up to the first user relation's, are views of the system; those below are its tables.
  package static let firstSystemViewID = RelationID(9_000)
}

extension Catalog {
  /// What an object id of `pg_class` names.
  package enum ClassObject {
    case relation(Relation)
    /// The index of a relation's primary key.
    case keyIndex(Relation)

    package var relation: Relation {
      switch self {
      case .relation(let relation), .keyIndex(let relation): relation
      }
    }

    package var name: String {
      switch self {
      case .relation(let relation): relation.name
      case .keyIndex(let relation): relation.keyName
      }
    }
  }

  /// The relation to which an object id belongs, if any, and how far it is from the relation's own.
  private func owner(_ objectID: Int64) -> (relation: Relation, part: Int64)? {
    if objectID < Int64(Self.firstUserID.rawValue) {
      guard objectID > 0, let relation = self[RelationID(UInt64(objectID))] else { return nil }
      return (relation, 0)
    }
    let offset = objectID - ObjectID.firstRelation
    guard offset >= 0 else { return nil }
    let number = UInt64(offset / ObjectID.perRelation)
    guard let relation = self[RelationID(Self.firstUserID.rawValue + number)] else { return nil }
    return (relation, offset % ObjectID.perRelation)
  }

  package func classObject(_ objectID: Int64) -> ClassObject? {
    guard let (relation, part) = owner(objectID) else { return nil }
    if part == 0 { return .relation(relation) }
    return part == 2 && !relation.primaryKey.isEmpty ? .keyIndex(relation) : nil
  }

  /// The relation whose rows' type an object id is.
  package func rowTypeOwner(_ objectID: Int64) -> Relation? {
    guard let (relation, part) = owner(objectID), part == 1 else { return nil }
    return relation
  }

  /// The relation whose primary key an object id of `pg_constraint` is.
  package func keyOwner(_ objectID: Int64) -> Relation? {
    guard let (relation, part) = owner(objectID), part == 3, !relation.primaryKey.isEmpty else { return nil }
    return relation
  }

  /// Whether a relation's name alone means it.
  package func isVisible(_ relation: Relation) -> Bool { self.relation(schema: nil, name: relation.name)?.id == relation.id }

  /// The object id of a relation or a key's index, by name.
  package func classObjectID(schema: String?, name: String) -> Int64? {
    if let relation = relation(schema: schema, name: name) { return relation.objectID }
    guard name.hasSuffix("_pkey"), let relation = relation(schema: schema, name: String(name.dropLast(5))),
      !relation.primaryKey.isEmpty
    else { return nil }
    return relation.keyIndexObjectID
  }
}
