import Columnar
import SQLTypes

/// Casts of the catalogues' own types (PostgreSQL's `pg_cast`). Those between a name and a number need the catalog: the
/// planner makes them.
extension Casts {
  static func catalogContext(_ source: SQLType, _ target: SQLType) -> CastContext? {
    switch (source, target) {
    case (.smallint, .oid), (.integer, .oid), (.bigint, .oid): .implicit
    case (.oid, .integer), (.oid, .bigint): .assignment
    case (.catalogText(let type), .oid) where type.isObject: .implicit
    case (.oid, .catalogText(let type)) where type.isObject: .assignment
    case (.integer, .catalogText(let type)) where type.isObject: .assignment
    case (.bigint, .catalogText(let type)) where type.isObject: .assignment
    case (.catalogText(let type), .text), (.catalogText(let type), .varchar): type.isText ? .implicit : .assignment
    case (.text, .catalogText(.name)), (.varchar, .catalogText(.name)): .implicit
    case (.text, .catalogText(let type)), (.varchar, .catalogText(let type)):
      type == .character ? .assignment : .explicit
    case (.oid, .text), (.oid, .varchar): .assignment
    case (.text, .oid), (.varchar, .oid): .explicit
    case (.catalogText(.name), .catalogText(.character)), (.catalogText(.character), .catalogText(.name)): .explicit
    default: nil
    }
  }

  /// Between a number and an oid, which is a bigint from 0 to 4294967295.
  static func catalogNumber(_ source: SQLType, _ target: SQLType) -> ScalarFunction? {
    switch (source, target) {
    case (.bigint, .oid):
      return ScalarFunction("oid", [source], target) { arguments, _ in
        checked(arguments[0]) { (0...Int64(UInt32.max)).contains($0) ? nil : SQLError(.numericValueOutOfRange, "OID out of range") }
      }
    case (.oid, .integer):
      // As PostgreSQL, which takes the same four bytes for signed ones.
      return ScalarFunction("int4", [source], target, neverFails: true) { arguments, _ in
        var builder = ColumnBuilder<Int32>(.int32, capacity: arguments[0].count)
        for row in 0..<arguments[0].count {
          if arguments[0].isNull(row) { builder.appendNull() } else {
            builder.append(Int32(truncatingIfNeeded: arguments[0].value(row, as: Int64.self)))
          }
        }
        return FunctionOutput(builder.finish())
      }
    case (.smallint, .oid), (.integer, .oid):
      return ScalarFunction("oid", [source], target, neverFails: true) { arguments, _ in
        let wide = Column.convert(arguments[0], to: .int64).column
        var builder = ColumnBuilder<Int64>(.int64, capacity: wide.count)
        for row in 0..<wide.count {
          if wide.isNull(row) { builder.appendNull() } else { builder.append(wide.value(row, as: Int64.self) & 0xffff_ffff) }
        }
        return FunctionOutput(builder.finish())
      }
    default: return nil
    }
  }

  private static func checked(_ column: Column, _ error: (Int64) -> SQLError?) -> FunctionOutput {
    var errors: [(row: Int, error: SQLError)] = []
    for row in 0..<column.count where !column.isNull(row) {
      if let error = error(column.value(row, as: Int64.self)) { errors.append((row, error)) }
    }
    return FunctionOutput(column, errors: errors)
  }
}
