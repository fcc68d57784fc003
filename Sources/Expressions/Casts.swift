import Columnar
package import SQLTypes

/// When a cast is applied (PostgreSQL's `pg_cast.castcontext`).
package enum CastContext: Int, Comparable, Sendable {
  case implicit, assignment, explicit
  package static func < (a: CastContext, b: CastContext) -> Bool { a.rawValue < b.rawValue }
}

/// Which type becomes which, and how: PostgreSQL 15's `pg_cast`, and its conversions through text.
package enum Casts {
  /// The least context in which `source` becomes `target` by itself; nil if it never does. Modifiers do not matter.
  package static func context(_ source: SQLType, _ target: SQLType) -> CastContext? {
    if source == .unknown { return .implicit }
    switch (source.withoutModifiers, target.withoutModifiers) {
    case let (source, target) where source == target: return .implicit
    case (.text, .varchar), (.varchar, .text): return .implicit
    case (.oid, _), (_, .oid), (.catalogText, _), (_, .catalogText):
      return catalogContext(source.withoutModifiers, target.withoutModifiers)
    // Any value's text form may be assigned to a text; reading one must be asked for.
    case (_, .text), (_, .varchar): return .assignment
    case (.text, _), (.varchar, _): return .explicit
    case (.integer, .boolean), (.boolean, .integer): return .explicit
    case (.date, .timestamp), (.date, .timestamptz), (.timestamp, .timestamptz): return .implicit
    case (.timestamp, .date), (.timestamptz, .date), (.timestamptz, .timestamp): return .assignment
    case let (source, target):
      // Each number type becomes a wider one by itself. Numeric stands between the integers and the floats.
      guard let from = numberRank(source), let to = numberRank(target) else { return nil }
      return from < to ? .implicit : .assignment
    }
  }

  private static func numberRank(_ type: SQLType) -> Int? {
    switch type {
    case .smallint: 0
    case .integer: 1
    case .bigint: 2
    case .numeric: 3
    case .real: 4
    case .double: 5
    default: nil
    }
  }

  /// The function that casts; nil where values stay as they are in memory.
  ///
  /// - context: an explicit cast to varchar(n) cuts, as the standard has it; any other refuses what is too long (22001)
  ///   unless only blanks are lost.
  package static func function(
    _ source: SQLType, _ target: SQLType, _ context: CastContext = .explicit
  ) -> ScalarFunction? {
    var function = kernel(source, target, context)
    function?.variant = "\(context) cast"
    return function
  }

  private static func kernel(_ source: SQLType, _ target: SQLType, _ context: CastContext) -> ScalarFunction? {
    switch (source, target) {
    case _ where source == target: return nil
    case (.numeric(let from?), .numeric(let to?)) where from.scale == to.scale && from.precision <= to.precision
      && source.physicalType == target.physicalType:
      return nil
    case (_, .varchar(let length?)) where source.isText || source == .unknown:
      return ScalarFunction("varchar", [source], target) { arguments, _ in
        context == .explicit
          ? FunctionOutput(.prefix(arguments[0], characters: length))
          : FunctionOutput(Column.fitting(arguments[0], characters: length))
      }
    case (_, .varchar(_?)): return chain(source, .text, target, context)
    case _ where (source.isText || source == .unknown) && target.isText: return nil
    case (.catalogText, .text), (.catalogText, .varchar), (.unknown, .catalogText), (.text, .catalogText): return nil
    case (.oid, _) where !target.isText, (_, .oid) where source.isNumeric: return catalogNumber(source, target)
    case _ where target.isText:
      return ScalarFunction("text", [source], target, neverFails: true) { arguments, _ in
        FunctionOutput(.textForm(arguments[0], as: source))
      }
    case _ where source.isText || source == .unknown:
      return ScalarFunction(target.baseName, [source], target) { arguments, _ in
        FunctionOutput(Column.parse(arguments[0], as: target))
      }
    case (.integer, .boolean):
      return ScalarFunction("bool", [source], target, neverFails: true) { arguments, count in
        FunctionOutput(.compare(.notEqual, arguments[0], .constant(Int32(0), .int32, count: count)))
      }
    case (.boolean, .integer):
      return ScalarFunction("int4", [source], target, neverFails: true) { arguments, _ in
        FunctionOutput(.booleanInteger(arguments[0]))
      }
    case _ where source.isNumeric && target.isNumeric: return number(source, target)
    default: return dateTime(source, target)
    }
  }

  /// Between number types.
  private static func number(_ source: SQLType, _ target: SQLType) -> ScalarFunction? {
    let physicalType = target.physicalType
    switch (source, target) {
    case (.numeric(nil), .numeric(let modifier?)):
      return ScalarFunction("numeric", [source], target) { arguments, _ in
        FunctionOutput(Column.scaledNumeric(arguments[0], to: modifier))
      }
    case (.real, .numeric(let modifier?)), (.double, .numeric(let modifier?)):
      return ScalarFunction("numeric", [source], target) { arguments, _ in
        FunctionOutput(Column.scaledNumeric(fromFloats: arguments[0], to: modifier))
      }
    case (_, .numeric(_?)): return chain(source, .numeric(nil), target, .explicit)
    case (.real, .numeric), (.double, .numeric):
      return ScalarFunction("numeric", [source], target) { arguments, _ in
        FunctionOutput(Column.numericCells(fromFloats: arguments[0]))
      }
    case (_, .numeric):
      return ScalarFunction("numeric", [source], target, neverFails: true) { arguments, _ in
        FunctionOutput(.numericCells(arguments[0], from: source))
      }
    case (.numeric(nil), _):
      return ScalarFunction(target.baseName, [source], target) { arguments, _ in
        FunctionOutput(Column.convert(numericCells: arguments[0], to: physicalType))
      }
    case (.numeric, _): return chain(source, .numeric(nil), target, .explicit)
    default:
      let isWidening = context(source, target) == .implicit
      return ScalarFunction(target.baseName, [source], target, neverFails: isWidening) { arguments, _ in
        FunctionOutput(Column.convert(arguments[0], to: physicalType), target)
      }
    }
  }

  /// Between dates and timestamps. The session's time zone is UTC, so that a timestamp and a timestamptz of the same
  /// reading are the same number.
  private static func dateTime(_ source: SQLType, _ target: SQLType) -> ScalarFunction? {
    switch (source, target) {
    case (.date, .timestamp), (.date, .timestamptz):
      return ScalarFunction(target.baseName, [source], target) { arguments, _ in
        FunctionOutput(Column.timestamps(fromDates: arguments[0]))
      }
    case (.timestamp, .date), (.timestamptz, .date):
      return ScalarFunction("date", [source], target, neverFails: true) { arguments, _ in
        FunctionOutput(.dates(fromTimestamps: arguments[0]))
      }
    default: return nil
    }
  }

  /// One cast after another; rows that fail the first are not asked again.
  private static func chain(
    _ source: SQLType, _ middle: SQLType, _ target: SQLType, _ context: CastContext
  ) -> ScalarFunction? {
    guard let first = function(source, middle, context), let second = function(middle, target, context) else {
      return function(source, middle, context) ?? function(middle, target, context)
    }
    return ScalarFunction(second.name, [source], target) { arguments, count in
      let half = first.kernel(arguments, count)
      if half.errors.isEmpty { return second.kernel([half.column], count) }
      // Slots of failed rows hold anything; what the second cast says of them is nobody's error.
      let failed = Set(half.errors.map(\.row))
      let whole = second.kernel([half.column], count)
      return FunctionOutput(whole.column, errors: half.errors + whole.errors.filter { !failed.contains($0.row) })
    }
  }
}

extension SQLType {
  /// The type that functions and operators are resolved by: numeric and varchar without modifiers.
  package var withoutModifiers: SQLType {
    switch self {
    case .numeric: .numeric(nil)
    case .varchar: .varchar(nil)
    default: self
    }
  }
}
