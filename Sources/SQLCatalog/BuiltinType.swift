/// A row of PostgreSQL's `pg_type`: the types that Leat has, and those that clients look up without having values of them.
package struct BuiltinType: Sendable {
  package let objectID: Int64
  /// `pg_type.typname`: `int4`.
  package let name: String
  /// Bytes of a value; -1 for variable length, -2 for a C string.
  package let length: Int64
  package let category: String
  /// `b` base, `p` pseudo, `r` range.
  package let kind: String
  /// Of the type whose values are arrays of it; 0 for none.
  package let arrayObjectID: Int64
  /// As SQL names it: `integer`.
  package let sqlName: String
  /// Of an array's elements; 0 for others.
  package var elementObjectID: Int64 = 0

  package var isArray: Bool { elementObjectID != 0 }
  package var isPreferred: Bool { ["bool", "float8", "text", "timestamptz", "interval", "oid", "inet", "varbit"].contains(name) }
  package var collation: Int64 {
    switch name {
    case "text", "varchar", "bpchar", "_text", "_varchar", "_bpchar": ObjectID.defaultCollation
    case "name", "_name": ObjectID.cCollation
    default: 0
    }
  }

  /// As pg_type.typinput names it.
  package var inputFunction: String {
    if isArray { return "array_in" }
    return Self.underscored.contains(name) || kind == "r" ? "\(kind == "r" ? "range" : name)_in" : name + "in"
  }

  private static let underscored: Set<String> = [
    "numeric", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "bit", "varbit", "uuid", "json", "jsonb", "inet",
    "cidr", "macaddr", "xml", "record", "void", "any", "trigger", "pg_lsn", "point", "line", "lseg", "box", "path", "poly", "circle",
    "cstring", "anyarray", "anyelement", "jsonpath", "pg_node_tree",
  ]

  /// oid, name, length, category, kind, the array type's oid, and the name in SQL where it is another one.
  private static let table = """
    16 bool 1 B b 1000 boolean
    17 bytea -1 U b 1001
    18 char 1 Z b 1002 "char"
    19 name 64 S b 1003
    20 int8 8 N b 1016 bigint
    21 int2 2 N b 1005 smallint
    22 int2vector -1 A b 1006
    23 int4 4 N b 1007 integer
    24 regproc 4 N b 1008
    25 text -1 S b 1009
    26 oid 4 N b 1028
    27 tid 6 U b 1010
    28 xid 4 U b 1011
    29 cid 4 U b 1012
    30 oidvector -1 A b 1013
    114 json -1 U b 199
    142 xml -1 U b 143
    194 pg_node_tree -1 Z b 0
    600 point 16 G b 1017
    601 lseg 32 G b 1018
    602 path -1 G b 1019
    603 box 32 G b 1020
    604 polygon -1 G b 1027
    628 line 24 G b 629
    650 cidr -1 I b 651
    700 float4 4 N b 1021 real
    701 float8 8 N b 1022 double precision
    705 unknown -2 X p 0
    718 circle 24 G b 719
    774 macaddr8 8 U b 775
    790 money 8 N b 791
    829 macaddr 6 U b 1040
    869 inet -1 I b 1041
    1033 aclitem 12 U b 1034
    1042 bpchar -1 S b 1014 character
    1043 varchar -1 S b 1015 character varying
    1082 date 4 D b 1182
    1083 time 8 D b 1183 time without time zone
    1114 timestamp 8 D b 1115 timestamp without time zone
    1184 timestamptz 8 D b 1185 timestamp with time zone
    1186 interval 16 T b 1187
    1266 timetz 12 D b 1270 time with time zone
    1560 bit -1 V b 1561
    1562 varbit -1 V b 1563 bit varying
    1700 numeric -1 N b 1231
    1790 refcursor -1 U b 2201
    2202 regprocedure 4 N b 2207
    2203 regoper 4 N b 2208
    2204 regoperator 4 N b 2209
    2205 regclass 4 N b 2210
    2206 regtype 4 N b 2211
    2249 record -1 P p 2287
    2275 cstring -2 P p 1263
    2276 any 4 P p 0 "any"
    2277 anyarray -1 P p 0
    2278 void 4 P p 0
    2279 trigger 4 P p 0
    2283 anyelement 4 P p 0
    2950 uuid 16 U b 2951
    3220 pg_lsn 8 U b 3221
    3614 tsvector -1 U b 3643
    3615 tsquery -1 U b 3645
    3734 regconfig 4 N b 3735
    3769 regdictionary 4 N b 3770
    3802 jsonb -1 U b 3807
    3904 int4range -1 R r 3905
    3906 numrange -1 R r 3907
    3908 tsrange -1 R r 3909
    3910 tstzrange -1 R r 3911
    3912 daterange -1 R r 3913
    3926 int8range -1 R r 3927
    4072 jsonpath -1 U b 4073
    4089 regnamespace 4 N b 4090
    4096 regrole 4 N b 4097
    """

  /// All types, arrays included, by object id.
  package static let all: [BuiltinType] = {
    var types: [BuiltinType] = []
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 6)
      guard fields.count >= 6, let oid = Int64(fields[0]), let length = Int64(fields[2]), let array = Int64(fields[5]) else {
        preconditionFailure("a type's line has its fields: \(line)")
      }
      let name = String(fields[1])
      let sqlName = fields.count == 7 ? String(fields[6]) : name
      types.append(
        BuiltinType(
          objectID: oid, name: name, length: length, category: String(fields[3]), kind: String(fields[4]), arrayObjectID: array,
          sqlName: sqlName))
      guard array != 0 else { continue }
      types.append(
        BuiltinType(
          objectID: array, name: "_" + name, length: -1, category: "A", kind: name == "record" ? "p" : "b", arrayObjectID: 0,
          sqlName: sqlName + "[]", elementObjectID: oid))
    }
    return types.sorted { $0.objectID < $1.objectID }
  }()

  package static let byObjectID = Dictionary(uniqueKeysWithValues: all.map { ($0.objectID, $0) })
  private static let byName: [String: BuiltinType] = {
    var types: [String: BuiltinType] = [:]
    for type in all {
      types[type.name] = type
      types[type.sqlName] = type
    }
    // Unquoted, `char` is the standard's type.
    types["char"] = byObjectID[1042]
    for (alias, oid) in [("int", 23), ("decimal", 1700), ("float", 701)] as [(String, Int64)] { types[alias] = byObjectID[oid] }
    return types
  }()

  /// The type of a name as SQL or `pg_type` has it, with or without `pg_catalog.` in front.
  package static func named(_ name: String) -> BuiltinType? {
    let bare = name.hasPrefix("pg_catalog.") ? String(name.dropFirst(11)) : name
    return byName[bare] ?? byName[bare.lowercased()]
  }

  /// `format_type(oid, modifier)`; nil if there is no such type here.
  package static func text(_ objectID: Int64, modifier: Int64?) -> String? {
    guard let type = byObjectID[objectID] else { return nil }
    guard let modifier, modifier >= 0 else { return type.sqlName }
    let element = type.isArray ? byObjectID[type.elementObjectID] : type
    guard let element else { return type.sqlName }
    let suffix = type.isArray ? "[]" : ""
    switch element.name {
    case "varchar", "bpchar": return "\(element.sqlName)(\(modifier - 4))\(suffix)"
    case "numeric": return "numeric(\((modifier - 4) >> 16),\((modifier - 4) & 0xffff))\(suffix)"
    default: return type.sqlName
    }
  }
}
