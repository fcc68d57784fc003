import Expressions
import SQLCatalog
import SQLTypes

/// The tables of `pg_catalog`, with PostgreSQL 15's numbers, columns and types (chapter 53 of its manual).
///
/// Their rows tell what Leat has. A stream is shown as a table; leat's own views as views. What Leat has nothing of
/// (sequences, triggers, policies, …) is a table without rows, so that a client's query for it answers that there is none.
enum PgCatalog {
  static let all: [SystemView] = relations + types + cluster + views + absent

  static func table(
    _ id: UInt64, _ name: String, _ columns: String,
    rows: @escaping @Sendable (SystemReading) throws(SQLError) -> [[String: SystemValue]] = { _ in [] }
  ) -> SystemView {
    CatalogTable.make(id, "pg_catalog", name, columns, rows: rows)
  }

  private static let relations = [namespaces, classes, attributes, defaults, indexes, constraints]

  private static let namespaces = table(
    2615, "pg_namespace", "oid:oid nspname:name nspowner:oid=10 nspacl:aclitem[]"
  ) { _ in
    Catalog.schemas.map { ["oid": SystemValue(objectID: ObjectID.schema($0)), "nspname": .text($0)] }
  }

  private static let classes = table(
    1259, "pg_class",
    """
    oid:oid relname:name relnamespace:oid reltype:oid=0 reloftype:oid=0 relowner:oid=10 relam:oid=0 relfilenode:oid=0
    reltablespace:oid=0 relpages:int4=0 reltuples:float4=-1 relallvisible:int4=0 reltoastrelid:oid=0 relhasindex:bool=f
    relisshared:bool=f relpersistence:char=p relkind:char relnatts:int2 relchecks:int2=0 relhasrules:bool=f
    relhastriggers:bool=f relhassubclass:bool=f relrowsecurity:bool=f relforcerowsecurity:bool=f relispopulated:bool=t
    relreplident:char=n relispartition:bool=f relrewrite:oid=0 relfrozenxid:xid=0 relminmxid:xid=0 relacl:aclitem[]
    reloptions:text[] relpartbound:pg_node_tree
    """
  ) { reading in
    reading.catalog.all.flatMap { relation in
      let kind = relation.classKind
      let row: [String: SystemValue] = [
        "oid": .integer(relation.objectID), "relname": .text(relation.name),
        "relnamespace": SystemValue(objectID: ObjectID.schema(relation.schema)), "reltype": .integer(relation.rowTypeObjectID),
        "relam": .integer(kind == "v" ? 0 : ObjectID.heap), "relfilenode": .integer(kind == "v" ? 0 : relation.objectID),
        "relhasindex": .boolean(!relation.primaryKey.isEmpty), "relkind": .text(kind),
        "relnatts": SystemValue(relation.columns.count), "relhasrules": .boolean(kind == "v" || kind == "m"),
        "relreplident": relation.kind == .system || kind == "v" ? "n" : "d",
      ]
      if relation.primaryKey.isEmpty { return [row] }
      return [
        row,
        [
          "oid": .integer(relation.keyIndexObjectID), "relname": .text(relation.keyName),
          "relnamespace": SystemValue(objectID: ObjectID.schema(relation.schema)), "relam": .integer(ObjectID.btree),
          "relfilenode": .integer(relation.keyIndexObjectID), "relkind": "i",
          "relnatts": SystemValue(relation.primaryKey.count),
        ],
      ]
    }
  }

  private static let attributes = table(
    1249, "pg_attribute",
    """
    attrelid:oid attname:name atttypid:oid attstattarget:int4=-1 attlen:int2 attnum:int2 attndims:int4=0 attcacheoff:int4=-1
    atttypmod:int4=-1 attbyval:bool=f attalign:char=i attstorage:char=p attcompression:char= attnotnull:bool=f
    atthasdef:bool=f atthasmissing:bool=f attidentity:char= attgenerated:char= attisdropped:bool=f attislocal:bool=t
    attinhcount:int4=0 attcollation:oid=0 attacl:aclitem[] attoptions:text[] attfdwoptions:text[] attmissingval:anyarray
    """
  ) { reading in
    reading.catalog.all.flatMap { relation in
      relation.columns.enumerated().map { attribute($1, number: $0 + 1, of: relation.objectID) }
        + relation.primaryKey.enumerated().map { number, index in
          var column = relation.columns[index]
          // An index's column is never declared NOT NULL, and has no default.
          column.isNotNull = false
          column.defaultText = nil
          return attribute(column, number: number + 1, of: relation.keyIndexObjectID)
        }
    }
  }

  private static func attribute(_ column: Relation.Column, number: Int, of relation: Int64) -> [String: SystemValue] {
    let type = BuiltinType.byObjectID[Int64(column.type.oid)]
    return [
      "attrelid": .integer(relation), "attname": .text(column.name), "atttypid": .integer(Int64(column.type.oid)),
      "attlen": .integer(Int64(column.type.typeLength)), "attnum": SystemValue(number),
      "atttypmod": .integer(Int64(column.type.typeModifier)), "attbyval": .boolean(type?.isByValue ?? false),
      "attalign": .text(type?.alignment ?? "i"), "attstorage": .text(type?.storage ?? "p"),
      "attnotnull": .boolean(column.isNotNull), "atthasdef": .boolean(column.defaultText != nil),
      "attcollation": .integer(type?.collation ?? 0),
    ]
  }

  private static let defaults = table(2604, "pg_attrdef", "oid:oid adrelid:oid adnum:int2 adbin:pg_node_tree") { reading in
    reading.catalog.all.flatMap { relation in
      relation.columns.enumerated().compactMap { index, column in
        column.defaultText.map {
          [
            "oid": .integer(relation.defaultObjectID(ofColumn: index)), "adrelid": .integer(relation.objectID),
            "adnum": SystemValue(index + 1), "adbin": .text($0),
          ]
        }
      }
    }
  }

  private static let indexes = table(
    2610, "pg_index",
    """
    indexrelid:oid indrelid:oid indnatts:int2 indnkeyatts:int2 indisunique:bool=t indnullsnotdistinct:bool=f indisprimary:bool=t
    indisexclusion:bool=f indimmediate:bool=t indisclustered:bool=f indisvalid:bool=t indcheckxmin:bool=f indisready:bool=t
    indislive:bool=t indisreplident:bool=f indkey:int2vector indcollation:oidvector indclass:oidvector indoption:int2vector
    indexprs:pg_node_tree indpred:pg_node_tree
    """
  ) { reading in
    reading.catalog.all.filter { !$0.primaryKey.isEmpty }.map { relation in
      func vector(_ number: (Int) -> Int64) -> SystemValue {
        .text(relation.primaryKey.map { String(number($0)) }.joined(separator: " "))
      }
      return [
        "indexrelid": .integer(relation.keyIndexObjectID), "indrelid": .integer(relation.objectID),
        "indnatts": SystemValue(relation.primaryKey.count), "indnkeyatts": SystemValue(relation.primaryKey.count),
        "indkey": vector { Int64($0 + 1) },
        "indcollation": vector { BuiltinType.byObjectID[Int64(relation.columns[$0].type.oid)]?.collation ?? 0 },
        "indclass": vector { _ in 0 }, "indoption": vector { _ in 0 },
      ]
    }
  }

  private static let constraints = table(
    2606, "pg_constraint",
    """
    oid:oid conname:name connamespace:oid contype:char=p condeferrable:bool=f condeferred:bool=f convalidated:bool=t conrelid:oid
    contypid:oid=0 conindid:oid conparentid:oid=0 confrelid:oid=0 confupdtype:char= confdeltype:char= confmatchtype:char=
    conislocal:bool=t coninhcount:int4=0 connoinherit:bool=t conkey:int2[] confkey:int2[] conpfeqop:oid[] conppeqop:oid[]
    conffeqop:oid[] confdelsetcols:int2[] conexclop:oid[] conbin:pg_node_tree
    """
  ) { reading in
    reading.catalog.all.filter { !$0.primaryKey.isEmpty }.map { relation in
      [
        "oid": .integer(relation.keyConstraintObjectID), "conname": .text(relation.keyName),
        "connamespace": SystemValue(objectID: ObjectID.schema(relation.schema)), "conrelid": .integer(relation.objectID),
        "conindid": .integer(relation.keyIndexObjectID),
        "conkey": .text("{" + relation.primaryKey.map { String($0 + 1) }.joined(separator: ",") + "}"),
      ]
    }
  }
}

extension SystemValue {
  init(objectID: Int64?) { self = objectID.map { .integer($0) } ?? .null }
}
