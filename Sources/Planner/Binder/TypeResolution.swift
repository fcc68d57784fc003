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
    if !name.parts.canBeBuiltIn {
      throw SQLError(.undefinedObject, "type \"\(name.parts.dotted)\" does not exist", at: name.range)
    }
    if !name.arrayDimensions.isEmpty { throw .unsupported("an array type", at: name.range) }
    switch name.name {
    case "bool": self = .boolean
    case "int2": self = .smallint
    case "int4": self = .integer
    case "int8": self = .bigint
    case "float4": self = .real
    case "float8": self = .double
    case "text", "string": self = .text
    case "date": self = .date
    case "oid": self = .oid
    case "char": self = .catalogText(.character)
    case "name", "regclass", "regtype", "regproc", "regnamespace", "regrole":
      self = CatalogTextType(rawValue: name.name).map { .catalogText($0) } ?? .text
    case "numeric":
      self = .numeric(try SQLType.numericModifier(name))
      return
    case "varchar":
      self = .varchar(try SQLType.varcharLength(name))
      return
    case "timestamp", "timestamptz", "interval":
      try SQLType.checkPrecision(name)
      self = name.name == "timestamp" ? .timestamp : name.name == "timestamptz" ? .timestamptz : .interval
      return
    case "bpchar", "bytea", "time", "timetz", "uuid", "json", "jsonb", "bit", "varbit":
      throw .unsupported("type \"\(name.name)\"", at: name.range)
    default: throw SQLError(.undefinedObject, "type \"\(name.name)\" does not exist", at: name.range)
    }
    try refuseModifiers()
  }

  private static func varcharLength(_ name: TypeName) throws(SQLError) -> Int? {
    guard name.modifiers.count <= 1 else { throw SQLError(.invalidParameterValue, "invalid type modifier", at: name.range) }
    if let length = name.modifiers.first, !(1...10_485_760).contains(length) {
      let complaint = length < 1 ? "must be at least 1" : "cannot exceed 10485760"
      throw SQLError(.invalidParameterValue, "length for type varchar \(complaint)", at: name.range)
    }
    return name.modifiers.first
  }

  /// PostgreSQL's limits first, then ours: 38 digits, and a scale from 0 to the precision.
  private static func numericModifier(_ name: TypeName) throws(SQLError) -> NumericModifier? {
    guard let precision = name.modifiers.first else { return nil }
    func invalid(_ message: String) -> SQLError { SQLError(.invalidParameterValue, message, at: name.range) }
    guard name.modifiers.count <= 2 else { throw invalid("invalid NUMERIC type modifier") }
    let scale = name.modifiers.count == 2 ? name.modifiers[1] : 0
    guard (1...1000).contains(precision) else {
      throw invalid("NUMERIC precision \(precision) must be between 1 and 1000")
    }
    guard (-1000...1000).contains(scale) else {
      throw invalid("NUMERIC scale \(scale) must be between -1000 and 1000")
    }
    guard precision <= Numeric.maximumDigits else {
      throw .unsupported("a numeric precision above \(Numeric.maximumDigits)", at: name.range)
    }
    guard (0...precision).contains(scale) else {
      throw .unsupported("a numeric scale below 0 or above the precision", at: name.range)
    }
    return NumericModifier(precision: precision, scale: scale)
  }

  /// Times are kept in microseconds: a precision of 6 changes nothing, others and an interval's fields are refused.
  private static func checkPrecision(_ name: TypeName) throws(SQLError) {
    if name.intervalFields != nil { throw .unsupported("an interval type with fields", at: name.range) }
    guard name.modifiers.count <= 1 else { throw SQLError(.invalidParameterValue, "invalid type modifier", at: name.range) }
    if let precision = name.modifiers.first, precision != 6 {
      throw .unsupported("a precision of \(name.name) other than 6", at: name.range)
    }
  }
}

extension SQLTypes.IntervalFields {
  /// The fields that the syntax names: DAY TO SECOND is day, hour, minute and second.
  init(_ fields: SQLSyntax.IntervalFields) {
    switch fields {
    case .year: self = .year
    case .month: self = .month
    case .day: self = .day
    case .hour: self = .hour
    case .minute: self = .minute
    case .second: self = .second
    case .yearToMonth: self = [.year, .month]
    case .dayToHour: self = [.day, .hour]
    case .dayToMinute: self = [.day, .hour, .minute]
    case .dayToSecond: self = [.day, .hour, .minute, .second]
    case .hourToMinute: self = [.hour, .minute]
    case .hourToSecond: self = [.hour, .minute, .second]
    case .minuteToSecond: self = [.minute, .second]
    }
  }
}

/// What expressions that meet in one column (CASE, VALUES, UNION) are cast to (PostgreSQL 15, §10.5).
///
/// Types that are all equal keep their modifiers; else they meet without, and a literal or NULL among them, which has no
/// modifiers, does that too. Whether each converts is for the cast to say.
func commonType(
  of types: [(type: SQLType, range: SourceRange)], for construct: String
) throws(SQLError) -> SQLType {
  var common = SQLType.unknown
  for (type, range) in types where type != .unknown && type != common {
    if common == .unknown {
      common = type
    } else if type.withoutModifiers == common.withoutModifiers {
      common = type.withoutModifiers
    } else if type.category != common.category {
      throw SQLError(
        .datatypeMismatch, "\(construct) types \(common.baseName) and \(type.baseName) cannot be matched", at: range)
    } else if !common.isPreferred && Casts.context(common, type) == .implicit && Casts.context(type, common) != .implicit {
      common = type.withoutModifiers
    } else {
      common = common.withoutModifiers
    }
  }
  if common == .unknown { return .text }
  return types.contains { $0.type == .unknown } ? common.withoutModifiers : common
}
