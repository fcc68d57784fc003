import Columnar
package import SQLTypes

/// When a cast is applied (PostgreSQL's `pg_cast.castcontext`).
package enum CastContext: Int, Comparable, Sendable {
  case implicit, assignment, explicit
  package static func < (a: CastContext, b: CastContext) -> Bool { a.rawValue < b.rawValue }
}

/// Which type becomes which, and how.
package enum Casts {
  private static let integers: [SQLType] = [.smallint, .integer, .bigint]

  /// The least context in which `source` becomes `target` by itself; nil if it never does.
  package static func context(_ source: SQLType, _ target: SQLType) -> CastContext? {
    if source == target || source == .unknown { return .implicit }
    if let from = integers.firstIndex(of: source), let to = integers.firstIndex(of: target) {
      return from < to ? .implicit : .assignment
    }
    switch (source, target) {
    case (.integer, .boolean), (.boolean, .integer): return .explicit
    case (.text, .varchar), (.varchar, .text), (.varchar, .varchar): return .implicit
    case (_, .text), (_, .varchar): return .assignment
    case (.text, _), (.varchar, _): return .explicit
    default: return nil
    }
  }

  /// The function that casts; nil where values stay as they are.
  package static func function(_ source: SQLType, _ target: SQLType) -> ScalarFunction? {
    switch (source, target) {
    case _ where source == target: return nil
    case (_, .varchar(let length?)) where source.isText || source == .unknown:
      return ScalarFunction("varchar", [source], target) { arguments, _ in
        FunctionOutput(.prefix(arguments[0], characters: length))
      }
    case _ where (source.isText || source == .unknown) && target.isText: return nil
    case _ where integers.contains(source) && integers.contains(target):
      let physicalType = target.physicalType ?? .int64
      return ScalarFunction(target.baseName, [source], target) { arguments, _ in
        FunctionOutput(Column.convert(arguments[0], to: physicalType), target)
      }
    case (.integer, .boolean):
      return ScalarFunction("bool", [source], target) { arguments, count in
        FunctionOutput(.compare(.notEqual, arguments[0], .constant(Int32(0), .int32, count: count)))
      }
    case (.boolean, .integer):
      return ScalarFunction("int4", [source], target) { arguments, _ in FunctionOutput(.booleanInteger(arguments[0])) }
    case (.boolean, .text), (.boolean, .varchar):
      return ScalarFunction("text", [source], target) { arguments, _ in FunctionOutput(.booleanText(arguments[0])) }
    case _ where integers.contains(source) && target.isText:
      return ScalarFunction("text", [source], target) { arguments, _ in FunctionOutput(.integerText(arguments[0])) }
    case _ where source.isText || source == .unknown: return ScalarFunction.parsing(source, target)
    default: return nil
    }
  }
}

extension ScalarFunction {
  /// Reads the text form of a value (22P02, 22003).
  fileprivate static func parsing(_ source: SQLType, _ target: SQLType) -> ScalarFunction? {
    switch target {
    case .boolean:
      return ScalarFunction("boolean", [source], target) { arguments, _ in
        parseRows(arguments[0], UInt8.self, .bool) { (bytes) throws(SQLError) in try Bool(sqlText: bytes) ? 1 : 0 }
      }
    case .smallint:
      return ScalarFunction("smallint", [source], target) { arguments, _ in
        parseRows(arguments[0], Int16.self, .int16) { (bytes) throws(SQLError) in try Int16(sqlText: bytes) }
      }
    case .integer:
      return ScalarFunction("integer", [source], target) { arguments, _ in
        parseRows(arguments[0], Int32.self, .int32) { (bytes) throws(SQLError) in try Int32(sqlText: bytes) }
      }
    case .bigint:
      return ScalarFunction("bigint", [source], target) { arguments, _ in
        parseRows(arguments[0], Int64.self, .int64) { (bytes) throws(SQLError) in try Int64(sqlText: bytes) }
      }
    default: return nil
    }
  }

  private static func parseRows<T: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ input: Column, _ type: T.Type, _ physicalType: PhysicalType, _ parse: (Span<UInt8>) throws(SQLError) -> T
  ) -> FunctionOutput {
    var builder = ColumnBuilder<T>(physicalType, capacity: input.count)
    var errors: [(row: Int, error: SQLError)] = []
    for row in 0..<input.count {
      if input.isNull(row) {
        builder.appendNull()
        continue
      }
      do throws(SQLError) {
        builder.append(try input.withText(row, parse))
      } catch {
        errors.append((row, error))
        builder.append(0)
      }
    }
    return FunctionOutput(builder.finish(), errors: errors)
  }
}
