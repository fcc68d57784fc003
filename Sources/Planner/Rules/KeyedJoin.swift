import Columnar
import Expressions
import SQLTypes

/// An equality of an expression of one side of a join with one of the other.
struct JoinEquality {
  /// Over the left side's columns.
  var left: BoundExpression
  /// Over the columns of both sides as the condition names them.
  var right: BoundExpression

  /// The equality that a condition is; nil if it is none, if it can fail, or if its sides have different types.
  init?(_ condition: BoundExpression, isLeft: (Int) -> Bool, isRight: (Int) -> Bool) {
    guard case .call(let function, var arguments, _) = condition, function.name == "=", function.isComparison,
      !condition.mayFail, let type = Self.keyType(arguments[0].type, arguments[1].type)
    else { return nil }
    arguments = arguments.map { $0.type == type ? $0 : $0.retyped(type) }
    let reads = arguments.map(\.readColumns)
    if reads.contains(where: \.isEmpty) { return nil }
    if reads[0].allSatisfy(isLeft), reads[1].allSatisfy(isRight) {
      (left, right) = (arguments[0], arguments[1])
    } else if reads[1].allSatisfy(isLeft), reads[0].allSatisfy(isRight) {
      (left, right) = (arguments[1], arguments[0])
    } else {
      return nil
    }
  }
}

extension JoinEquality {
  /// The type under which both sides are a key. Numerics of one scale and one width in memory are the same integers,
  /// whatever their precision.
  private static func keyType(_ a: SQLType, _ b: SQLType) -> SQLType? {
    if a == b { return a }
    guard case .numeric(let x?) = a, case .numeric(let y?) = b, x.scale == y.scale, a.physicalType == b.physicalType
    else { return nil }
    return x.precision > y.precision ? a : b
  }
}

/// A join of two plans by equal expressions; what is no column is computed below, behind the side's own columns.
///
/// A key never fails here. A row whose key column has failed below leaves an inner join as an error row whether or not
/// the other side has rows (DESIGN §9.4), where a cross product of no rows would have hidden it; it is the one error
/// that a rule can bring to light, and the row has failed in either plan.
struct KeyedJoin {
  private var left: LogicalPlan
  private var right: LogicalPlan
  private let leftWidth: Int
  private let rightWidth: Int
  private var leftAdded: [BoundExpression] = []
  private var rightAdded: [BoundExpression] = []
  private var keys: [JoinPlan.Key] = []

  init(_ left: LogicalPlan, _ right: LogicalPlan) {
    (self.left, self.right) = (left, right)
    (leftWidth, rightWidth) = (left.types.count, right.types.count)
  }

  /// Adds a key; `rightValue` is over the right plan's own columns.
  mutating func add(_ leftValue: BoundExpression, _ rightValue: BoundExpression) {
    let key = JoinPlan.Key(
      left: Self.place(leftValue, leftWidth, &leftAdded), right: Self.place(rightValue, rightWidth, &rightAdded))
    if !keys.contains(key) { keys.append(key) }
  }

  private static func place(_ value: BoundExpression, _ width: Int, _ added: inout [BoundExpression]) -> Int {
    if case .column(let index, _) = value { return index }
    added.append(value)
    return width + added.count - 1
  }

  /// Whether the join has columns besides those of its sides.
  var hasComputedKeys: Bool { !leftAdded.isEmpty || !rightAdded.isEmpty }

  /// Where the column of the sides, counted as if nothing was computed, stands in the join's rows.
  func place(_ column: Int) -> Int { column < leftWidth ? column : column + leftAdded.count }

  /// - residual: over the columns of both sides, as if nothing was computed.
  func plan(_ kind: JoinPlan.Kind, residual: [BoundExpression]) -> LogicalPlan {
    .join(
      JoinPlan(
        kind: kind, left: Self.adding(leftAdded, to: left), right: Self.adding(rightAdded, to: right), keys: keys,
        residual: BoundExpression.all(residual.map { $0.mapColumns(place) })))
  }

  private static func adding(_ expressions: [BoundExpression], to plan: LogicalPlan) -> LogicalPlan {
    if expressions.isEmpty { return plan }
    return .project(plan, plan.types.enumerated().map { .column($0.offset, $0.element) } + expressions)
  }
}

/// The equalities of a left join's condition are its keys, and what it says of the right side alone filters that.
///
/// ```
/// Left Join: where l.a = r.b AND r.c > 1 AND l.d > 2   →   Left Join: l.a = r.b; where l.d > 2
///   l                                                         l
///   r                                                         Filter: r.c > 1
///                                                               r
/// ```
/// A right row that the condition excludes matches nothing, filtered or not; a left row is there in any case, so that
/// what the condition says of it alone stays. What can fail stays, in its order, for pairs that the rest admits.
enum LeftJoinKeys {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan? {
    guard case .join(let join) = plan, join.kind == .left, join.keys.isEmpty, let residual = join.residual else { return nil }
    let types = join.left.types + join.right.types
    let width = join.left.types.count
    var equalities: [JoinEquality] = []
    var (filters, rest): ([BoundExpression], [BoundExpression]) = ([], [])
    for conjunct in residual.conjuncts {
      let reads = conjunct.readColumns
      if let equality = JoinEquality(conjunct, isLeft: { $0 < width }, isRight: { $0 >= width }) {
        equalities.append(equality)
      } else if !reads.isEmpty, reads.allSatisfy({ $0 >= width }), !conjunct.mayFail {
        filters.append(conjunct.mapColumns { $0 - width })
      } else {
        rest.append(conjunct)
      }
    }
    if equalities.isEmpty && filters.isEmpty { return nil }
    var keyed = KeyedJoin(join.left, join.right.filtered(by: filters))
    for equality in equalities { keyed.add(equality.left, equality.right.mapColumns { $0 - width }) }
    let result = keyed.plan(.left, residual: rest)
    if !keyed.hasComputedKeys { return result }
    return .project(result, types.indices.map { .column(keyed.place($0), types[$0]) })
  }
}
