import Columnar
import Expressions
package import SQLSyntax
package import SQLTypes

extension SQLType {
  /// The type that a type name means.
  ///
  /// - Errors: 42704 for an unknown name, 22023 for a modifier out of range, 0A000 for one that has no columns yet.
  package init(_ name: TypeName) throws(SQLError) {
    func refuseModifiers() throws(SQLError) {
      if !name.modifiers.isEmpty {
        throw SQLError(.syntaxError, "type modifier is not allowed for type \"\(name.name)\"", at: name.range)
      }
    }
    if !name.arrayDimensions.isEmpty { throw .unsupported("an array type", at: name.range) }
    switch name.name {
    case "bool": self = .boolean
    case "int2": self = .smallint
    case "int4": self = .integer
    case "int8": self = .bigint
    case "text", "string": self = .text
    case "varchar":
      guard name.modifiers.count <= 1 else { throw SQLError(.invalidParameterValue, "invalid type modifier", at: name.range) }
      if let length = name.modifiers.first, !(1...10_485_760).contains(length) {
        let complaint = length < 1 ? "must be at least 1" : "cannot exceed 10485760"
        throw SQLError(.invalidParameterValue, "length for type varchar \(complaint)", at: name.range)
      }
      self = .varchar(name.modifiers.first)
      return
    case "float4", "float8", "numeric", "date", "timestamp", "timestamptz", "interval", "bpchar", "bytea", "time", "timetz",
      "uuid", "json", "jsonb", "bit", "varbit":
      throw .unsupported("type \"\(name.name)\"", at: name.range)
    default: throw SQLError(.undefinedObject, "type \"\(name.name)\" does not exist", at: name.range)
    }
    try refuseModifiers()
  }
}

/// What expressions that meet in one column (CASE, VALUES, UNION) are cast to (PostgreSQL 15, §10.5).
func commonType(
  of types: [(type: SQLType, range: SourceRange)], for construct: String
) throws(SQLError) -> SQLType {
  var common = SQLType.unknown
  for (type, range) in types where type != .unknown && type != common {
    if common == .unknown {
      common = type
    } else if type.isText && common.isText {
      common = .text
    } else if Casts.context(common, type) == .implicit && Casts.context(type, common) != .implicit {
      common = type
    } else if Casts.context(type, common) != .implicit {
      throw SQLError(
        .datatypeMismatch, "\(construct) types \(common.baseName) and \(type.baseName) cannot be matched", at: range)
    }
  }
  return common == .unknown ? .text : common
}
