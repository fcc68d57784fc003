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
      ScalarFunction("oid", [source], target) { arguments, _ in
        FunctionOutput(Column.checkedValues(arguments, Int64.self, into: .int64) { (row) throws(SQLError) in
          let number = arguments[0].value(row, as: Int64.self)
          guard (0...Int64(UInt32.max)).contains(number) else { throw SQLError(.numericValueOutOfRange, "OID out of range") }
          return number
        })
      }
    case (.oid, .integer):
      // As PostgreSQL, which takes the same four bytes for signed ones.
      ScalarFunction("int4", [source], target, neverFails: true) { arguments, _ in
        FunctionOutput(Column.checkedValues(arguments, Int32.self, into: .int32) {
          Int32(truncatingIfNeeded: arguments[0].value($0, as: Int64.self))
        })
      }
    case (.smallint, .oid), (.integer, .oid):
      ScalarFunction("oid", [source], target, neverFails: true) { arguments, _ in
        let wide = Column.convert(arguments[0], to: .int64).column
        return FunctionOutput(Column.checkedValues([wide], Int64.self, into: .int64) { wide.value($0, as: Int64.self) & 0xffff_ffff })
      }
    default: nil
    }
  }
}
