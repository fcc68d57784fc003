import Expressions
import SQLCatalog
import SQLTypes

/// Types, and what PostgreSQL says of them: `pg_type` holds the built-in ones and a type for the rows of each relation.
extension PgCatalog {
  static let types = [typeTable, ranges, enums, casts]

  private static let typeTable = table(
    1247, "pg_type",
    """
    oid:oid typname:name typnamespace:oid=11 typowner:oid=10 typlen:int2 typbyval:bool=f typtype:char typcategory:char
    typispreferred:bool=f typisdefined:bool=t typdelim:char=, typrelid:oid=0 typsubscript:regproc=- typelem:oid=0 typarray:oid=0
    typinput:regproc=- typoutput:regproc=- typreceive:regproc=- typsend:regproc=- typmodin:regproc=- typmodout:regproc=-
    typanalyze:regproc=- typalign:char=i typstorage:char=p typnotnull:bool=f typbasetype:oid=0 typtypmod:int4=-1
    typndims:int4=0 typcollation:oid=0 typdefaultbin:pg_node_tree typdefault:text typacl:aclitem[]
    """
  ) { reading in
    BuiltinType.all.map { row($0) } + reading.catalog.user.map { row(ofRowsOf: $0) }
  }

  private static func row(_ type: BuiltinType) -> [String: SystemValue] {
    [
      "oid": .integer(type.objectID), "typname": .text(type.name), "typlen": .integer(type.length),
      "typbyval": .boolean(type.isByValue), "typtype": .text(type.kind), "typcategory": .text(type.category),
      "typispreferred": .boolean(type.isPreferred), "typdelim": type.name == "box" || type.name == "_box" ? ";" : ",",
      "typsubscript": type.isArray ? "array_subscript_handler" : "-",
      "typelem": .integer(type.elementObjectID), "typarray": .integer(type.arrayObjectID),
      "typinput": .text(type.inputFunction), "typalign": .text(type.alignment), "typstorage": .text(type.storage),
      "typcollation": .integer(type.collation),
    ]
  }

  private static func row(ofRowsOf relation: Relation) -> [String: SystemValue] {
    [
      "oid": .integer(relation.rowTypeObjectID), "typname": .text(relation.name),
      "typnamespace": SystemValue(objectID: ObjectID.schema(relation.schema)), "typlen": -1, "typtype": "c", "typcategory": "C",
      "typrelid": .integer(relation.objectID), "typinput": "record_in", "typalign": "d", "typstorage": "x",
    ]
  }

  private static let ranges = table(
    3541, "pg_range",
    "rngtypid:oid rngsubtype:oid rngmultitypid:oid=0 rngcollation:oid=0 rngsubopc:oid=0 rngcanonical:regproc=- rngsubdiff:regproc=-"
  ) { _ in
    [(3904, 23), (3906, 1700), (3908, 1114), (3910, 1184), (3912, 1082), (3926, 20)].map { range, element in
      ["rngtypid": .integer(range), "rngsubtype": .integer(element)]
    }
  }

  private static let enums = table(3501, "pg_enum", "oid:oid enumtypid:oid enumsortorder:float4 enumlabel:name")

  private static let casts = table(
    2605, "pg_cast", "oid:oid castsource:oid casttarget:oid castfunc:oid=0 castcontext:char castmethod:char=f"
  ) { _ in
    let types: [SQLType] = [
      .boolean, .smallint, .integer, .bigint, .real, .double, .numeric(nil), .text, .varchar(nil), .date, .timestamp, .timestamptz,
      .interval, .oid, .catalogText(.name),
    ]
    let pairs = types.flatMap { source in types.map { (source, $0) } }
    return pairs.filter { $0.0 != $0.1 }.enumerated().compactMap { index, pair -> [String: SystemValue]? in
      // Conversions through text have no row, in PostgreSQL too.
      let isText = pair.0.isText || pair.1.isText
      guard let context = Casts.context(pair.0, pair.1), !isText || context == .implicit else { return nil }
      return [
        "oid": SystemValue(10_000 + index), "castsource": .integer(Int64(pair.0.oid)), "casttarget": .integer(Int64(pair.1.oid)),
        "castcontext": .text(["i", "a", "e"][context.rawValue]),
      ]
    }
  }
}

extension BuiltinType {
  var isByValue: Bool { length > 0 && length <= 8 && length != 6 && !["name", "point"].contains(name) }

  /// What values are aligned to: 1, 2, 4 or 8 bytes.
  var alignment: String {
    switch length {
    case 1: "c"
    case 2: "s"
    case 8, 16, 24, 32: name == "uuid" || name == "macaddr8" ? (name == "uuid" ? "c" : "i") : "d"
    case 64: "c"
    case -2: "c"
    default: "i"
    }
  }

  /// Whether long values may be compressed or moved out of the row.
  var storage: String { length == -1 ? (name == "numeric" || name == "inet" || name == "cidr" ? "m" : "x") : "p" }
}
