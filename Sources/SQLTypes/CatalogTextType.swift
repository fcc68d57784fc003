/// A type that only the catalogues' columns have, and casts to it: kept as text.
///
/// Clients decide by a column's type how to read it, so `pg_class.relname` must be said to be a `name`. `name` and `"char"`
/// are texts to every function; the others are shown, compared with NULL and cast, and nothing else.
package enum CatalogTextType: String, Sendable, CaseIterable {
  case name
  case character = "\"char\""
  /// Objects by their names. A number becomes a name, and a name a number, by way of the catalog.
  case regclass, regtype, regproc, regnamespace, regrole
  /// Lists of numbers, as pg_index.indkey is written: `1 2`.
  case int2vector, oidvector
  case textArray = "text[]"
  case characterArray = "\"char\"[]"
  case oidArray = "oid[]"
  case smallintArray = "smallint[]"
  case realArray = "real[]"
  case aclArray = "aclitem[]"
  case anyArray = "anyarray"
  case nodeTree = "pg_node_tree"
  case xid

  package var oid: Int32 {
    switch self {
    case .name: 19
    case .character: 18
    case .regclass: 2205
    case .regtype: 2206
    case .regproc: 24
    case .regnamespace: 4089
    case .regrole: 4096
    case .int2vector: 22
    case .oidvector: 30
    case .textArray: 1009
    case .characterArray: 1002
    case .oidArray: 1028
    case .smallintArray: 1005
    case .realArray: 1021
    case .aclArray: 1034
    case .anyArray: 2277
    case .nodeTree: 194
    case .xid: 28
    }
  }

  /// Bytes of a value as PostgreSQL stores it; -1 for variable length.
  package var typeLength: Int16 {
    switch self {
    case .name: 64
    case .character: 1
    case .regclass, .regtype, .regproc, .regnamespace, .regrole, .xid: 4
    default: -1
    }
  }

  /// Whether functions of texts take it.
  package var isText: Bool { self == .name || self == .character }

  /// Whether it names an object that has a number.
  package var isObject: Bool {
    switch self {
    case .regclass, .regtype, .regproc, .regnamespace, .regrole: true
    default: false
    }
  }

  package var isArray: Bool {
    switch self {
    case .textArray, .characterArray, .oidArray, .smallintArray, .realArray, .aclArray, .anyArray, .int2vector, .oidvector: true
    default: false
    }
  }
}

extension SQLType {
  /// The number of a type, a relation, …: PostgreSQL's text form, 0 to 4294967295. A negative number is taken modulo 2^32.
  ///
  /// - Errors: 22P02, 22003.
  package static func oid(sqlText text: borrowing Span<UInt8>) throws(SQLError) -> Int64 {
    let number: Int64
    do throws(SQLError) { number = try Int64(sqlText: text) } catch {
      let shown = String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
      throw error.state == .numericValueOutOfRange ? oidOutOfRange(shown)
        : SQLError(.invalidTextRepresentation, "invalid input syntax for type oid: \"\(shown)\"")
    }
    guard (Int64(Int32.min)...Int64(UInt32.max)).contains(number) else { throw oidOutOfRange(String(number)) }
    return number & 0xffff_ffff
  }

  private static func oidOutOfRange(_ text: String) -> SQLError {
    SQLError(.numericValueOutOfRange, "value \"\(text)\" is out of range for type oid")
  }

  /// Whether its values are arrays: they are shown, and no operator takes them.
  package var isArray: Bool { if case .catalogText(let type) = self { type.isArray } else { false } }

  /// Whether only the catalogues have columns of it.
  package var isOfCatalogues: Bool {
    switch self {
    case .oid, .catalogText: true
    default: false
    }
  }
}
