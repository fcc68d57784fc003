import Columnar
import Expressions
import SQLSyntax
import SQLTypes

/// Numbers and intervals as they are written.
extension ExpressionBinder {
  func bindInteger(_ digits: String, at range: SourceRange) throws(SQLError) -> BoundExpression {
    if let value = Int32(digits) { return .constant(.constant(value, .int32, count: 1), .integer) }
    if let value = Int64(digits) { return .constant(.constant(value, .int64, count: 1), .bigint) }
    return try numericConstant(digits, at: range)
  }

  /// A constant with a point, an exponent, or more digits than a bigint has. Errors: 22003 beyond 38 digits.
  func numericConstant(_ digits: String, at range: SourceRange) throws(SQLError) -> BoundExpression {
    do throws(SQLError) {
      let cell = NumericCell(try Numeric(sqlText: digits))
      return .constant(.constant(cell, .numeric, count: 1), .numeric(nil))
    } catch {
      throw error.located(at: range)
    }
  }

  /// `INTERVAL '5' DAY`
  func bindInterval(
    _ text: String, _ fields: SQLSyntax.IntervalFields?, _ precision: Int?, at range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    if let precision, precision != 6 { throw .unsupported("an interval's precision other than 6", at: range) }
    do throws(SQLError) {
      let interval = try Interval(sqlText: text, fields: fields.map { SQLTypes.IntervalFields($0) } ?? [])
      return .constant(.constant(interval, .interval, count: 1), .interval)
    } catch {
      throw error.located(at: range)
    }
  }

  /// The text of a number that is cast to a float at once, for the float's own reader: it gives what PostgreSQL gets by way
  /// of numeric, and takes 1e300, which has more digits than our numeric. Nil for any other cast.
  func floatLiteral(_ operand: Expr, _ target: SQLType) -> BoundExpression? {
    guard target == .real || target == .double, case .decimal(let digits) = operand.kind else { return nil }
    return .constant(.constant(text: digits, count: 1), .unknown)
  }
}
