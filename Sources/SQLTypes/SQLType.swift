/// A scalar SQL type as PostgreSQL names it (DIALECT §3).
///
/// `unknown` is the type of a quoted literal or NULL before something around it decides.
package enum SQLType: Hashable, Sendable {
  case unknown
  case boolean
  case smallint, integer, bigint
  case real, double
  /// `numeric` without modifiers keeps each value's scale; with them, precision 1...38 and scale 0...precision.
  case numeric(NumericModifier?)
  case text
  /// `varchar(n)` counts characters; `varchar` without a length is nil.
  case varchar(Int?)
  case date
  case timestamp, timestamptz
  case interval
  /// The number of an object in the catalogues.
  case oid
  case catalogText(CatalogTextType)

  package struct NumericModifier: Hashable, Sendable {
    package var precision: Int
    package var scale: Int
    package init(precision: Int, scale: Int) {
      self.precision = precision
      self.scale = scale
    }
  }
}

extension SQLType {
  /// The type's name without modifiers, as PostgreSQL's `format_type` writes it.
  package var baseName: String {
    switch self {
    case .unknown: "unknown"
    case .boolean: "boolean"
    case .smallint: "smallint"
    case .integer: "integer"
    case .bigint: "bigint"
    case .real: "real"
    case .double: "double precision"
    case .numeric: "numeric"
    case .text: "text"
    case .varchar: "character varying"
    case .date: "date"
    case .timestamp: "timestamp without time zone"
    case .timestamptz: "timestamp with time zone"
    case .interval: "interval"
    case .oid: "oid"
    case .catalogText(let type): type.rawValue
    }
  }

  /// The type's full name with modifiers.
  package var name: String {
    switch self {
    case .numeric(let modifier?): "numeric(\(modifier.precision),\(modifier.scale))"
    case .varchar(let length?): "character varying(\(length))"
    default: baseName
    }
  }

  /// PostgreSQL's object id of the type, as sent in RowDescription.
  package var oid: Int32 {
    switch self {
    case .unknown: 705
    case .boolean: 16
    case .smallint: 21
    case .integer: 23
    case .bigint: 20
    case .real: 700
    case .double: 701
    case .numeric: 1700
    case .text: 25
    case .varchar: 1043
    case .date: 1082
    case .timestamp: 1114
    case .timestamptz: 1184
    case .interval: 1186
    case .oid: 26
    case .catalogText(let type): type.oid
    }
  }

  /// Bytes of a value as PostgreSQL stores it; -1 for variable length.
  package var typeLength: Int16 {
    switch self {
    case .boolean: 1
    case .smallint: 2
    case .integer, .real, .date, .oid: 4
    case .bigint, .double, .timestamp, .timestamptz: 8
    case .interval: 16
    case .unknown: -2
    case .numeric, .text, .varchar: -1
    case .catalogText(let type): type.typeLength
    }
  }

  /// PostgreSQL's `atttypmod`: -1 without modifiers.
  package var typeModifier: Int32 {
    switch self {
    case .numeric(let modifier?): Int32(modifier.precision << 16 | modifier.scale) + 4
    case .varchar(let length?): Int32(length) + 4
    default: -1
    }
  }

  package var isNumeric: Bool {
    switch self {
    case .smallint, .integer, .bigint, .real, .double, .numeric: true
    default: false
    }
  }

  package var isText: Bool {
    switch self {
    case .text, .varchar: true
    case .catalogText(let type): type.isText
    default: false
    }
  }
}
