import Columnar
import Expressions
import SQLSyntax
import SQLTypes

/// Forms that the grammar writes in words: EXTRACT (… FROM …), TRIM, GREATEST, CURRENT_DATE, …
extension ExpressionBinder {
  /// The form, or nil where the expression is none of these.
  func bindForm(_ expression: Expr) throws(SQLError) -> BoundExpression? {
    let range = expression.range
    switch expression.kind {
    case .extract(let field, let operand):
      return try form("extract", [.constant(.constant(text: field, count: 1), .unknown), bind(operand)], at: range)
    case .substring(let text, let start, let length):
      let first: BoundExpression =
        if let start { try bind(start) } else { .constant(.constant(1 as Int32, .int32, count: 1), .integer) }
      return try form("substring", [bind(text), first] + bindAll([length].compactMap { $0 }), at: range)
    case .position(let part, let text): return try form("position", [bind(text), bind(part)], at: range)
    case .trim(let side, let characters, let text):
      let name = side == .both ? "btrim" : side == .leading ? "ltrim" : "rtrim"
      return try form(name, bindAll([text] + [characters].compactMap { $0 }), at: range)
    case .overlay(let text, let part, let start, let length):
      return try form("overlay", bindAll([text, part, start] + [length].compactMap { $0 }), at: range)
    case .greatest(let operands): return try bindExtreme(operands, isGreatest: true, at: range)
    case .least(let operands): return try bindExtreme(operands, isGreatest: false, at: range)
    case .atTimeZone(let operand, let zone): return try bindTimeZone(operand, zone, at: range)
    case .current(let value, let precision): return try bindCurrent(value, precision, at: range)
    default: return nil
    }
  }

  private func bindAll(_ expressions: [Expr]) throws(SQLError) -> [BoundExpression] {
    var bound: [BoundExpression] = []
    for expression in expressions { bound.append(try bind(expression)) }
    return bound
  }

  private func textConstant(_ text: String) -> BoundExpression { .constant(.constant(text: text, count: 1), .text) }

  private func form(
    _ name: String, _ arguments: [BoundExpression], at range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    do throws(SQLError) { return try call(name, .function, arguments, at: range) } catch {
      // PostgreSQL names these functions with their schema.
      guard error.state == .undefinedFunction || error.state == .ambiguousFunction else { throw error }
      var named = error
      named.message = error.message.replacingPrefix("function ", with: "function pg_catalog.")
      throw named
    }
  }

  private func bindExtreme(_ operands: [Expr], isGreatest: Bool, at range: SourceRange) throws(SQLError) -> BoundExpression {
    let (bound, type) = try unify(operands, for: isGreatest ? "GREATEST" : "LEAST")
    let function = Extremes.function(isGreatest: isGreatest, type, count: bound.count)
    return BoundExpression.call(function, bound, range).folded(if: bound.allSatisfy(\.isConstant))
  }

  /// `t AT TIME ZONE zone`: a timestamp read in the zone becomes a timestamptz, a timestamptz the zone's reading of it.
  ///
  /// - Errors: 0A000 for a zone that is not UTC or a fixed offset, or is not a constant.
  private func bindTimeZone(_ operand: Expr, _ zone: Expr, at range: SourceRange) throws(SQLError) -> BoundExpression {
    var value = try bind(operand)
    if value.type == .unknown || value.type == .date { value = try cast(value, to: .timestamptz, .implicit, at: operand.range) }
    guard value.type == .timestamp || value.type == .timestamptz else {
      throw SQLError(
        .undefinedFunction, "function pg_catalog.timezone(unknown, \(value.type.baseName)) does not exist", at: range)
    }
    guard case .string(let name) = zone.kind else {
      throw .unsupported("a time zone that is not a constant text", at: zone.range)
    }
    guard let seconds = Self.fixedOffset(name) else {
      throw .unsupported(
        "the time zone \"\(name)\"", hint: "Use UTC or a fixed offset such as '+02:00'.", at: zone.range)
    }
    // A name such as '+02:00' is POSIX's, whose sign is west of Greenwich.
    let isReading = value.type == .timestamp
    let microseconds = Int64(isReading ? seconds : -seconds) * 1_000_000
    let result: SQLType = isReading ? .timestamptz : .timestamp
    let function = ScalarFunction("timezone", [value.type], result, variant: "\(microseconds)") { arguments, _ in
      FunctionOutput(Column.shift(arguments[0], microseconds: microseconds))
    }
    return BoundExpression.call(function, [value], range).folded(if: value.isConstant)
  }

  /// Seconds west of Greenwich of UTC, of its other names, or of `[+-]h[h][:mm]`; nil for any other name.
  static func fixedOffset(_ name: String) -> Int? {
    let word = name.uppercased()
    if ["UTC", "GMT", "Z", "ZULU", "UCT", "ETC/UTC", "ETC/GMT", "UNIVERSAL"].contains(word) { return 0 }
    guard let sign = word.first, sign == "+" || sign == "-" else { return nil }
    let parts = word.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ (1...2).contains($0.utf8.count) }) else { return nil }
    var numbers: [Int] = []
    for part in parts {
      guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(part) else { return nil }
      numbers.append(number)
    }
    let minutes = numbers.count == 2 ? numbers[1] : 0
    guard numbers[0] <= 15, minutes < 60 else { return nil }
    return (numbers[0] * 60 + minutes) * 60 * (sign == "-" ? -1 : 1)
  }

  /// Values of the session and of the statement's time.
  private func bindCurrent(
    _ value: CurrentValue, _ precision: Int?, at range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    if let precision, precision != 6 { throw .unsupported("a precision other than 6", at: range) }
    switch value {
    case .timestamp: return try moment(value.rawValue, .timestamptz, at: range)
    case .localTimestamp: return try moment(value.rawValue, .timestamp, at: range)
    case .date: return try moment(value.rawValue, .date, at: range)
    case .time, .localTime: throw .unsupported(value.rawValue, at: range)
    case .role, .user, .sessionUser, .currentUser, .catalog, .schema: return try bindCurrentName(value, at: range)
    }
  }

  /// The time at which the statement began.
  ///
  /// - Errors: 0A000 where none is known: in a view, whose rows would be of the moment at which it was made.
  private func moment(_ name: String, _ type: SQLType, at range: SourceRange) throws(SQLError) -> BoundExpression {
    guard let time = statementTime?.read() else {
      throw .unsupported(
        "\(name) here", hint: "No one moment is meant here; keep the time in a column.",
        at: range)
    }
    if type == .date { return .constant(.constant(time.date.days, .int32, count: 1), .date) }
    return .constant(.constant(time.microseconds, .int64, count: 1), type)
  }

  /// Functions that are more than a row of the table; nil for any other.
  func bindSpecialCall(
    _ name: String, _ arguments: [BoundExpression], at range: SourceRange
  ) throws(SQLError) -> BoundExpression? {
    if let function = StringFunctions.concatenation(name, arguments.map(\.type)) {
      var converted: [BoundExpression] = []
      for (argument, type) in zip(arguments, function.arguments) {
        converted.append(try cast(argument, to: type, .assignment, at: range))
      }
      return BoundExpression.call(function, converted, range).folded(if: converted.allSatisfy(\.isConstant))
    }
    switch (name, arguments.count) {
    case ("now", 0), ("transaction_timestamp", 0), ("statement_timestamp", 0):
      return try moment("\(name)()", .timestamptz, at: range)
    case ("pg_typeof", 1): return textConstant(arguments[0].type.baseName)
    default: return nil
    }
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}
