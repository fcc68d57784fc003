import Columnar
import Expressions
import Planner
import SQLCatalog
import SQLTypes
import ReferenceModel
import TestSupport
import Testing

private let t = RelationID(1)
private let u = RelationID(2)

private func ints(_ values: Int32?...) -> Row { values.map { $0.map { .integer($0) } ?? .null } }

private func column(_ index: Int, _ type: SQLType = .integer) -> BoundExpression { .column(index, type) }

private func constant(_ value: Int32) -> BoundExpression { .constant(.constant(value, .int32, count: 1), .integer) }

private func call(_ name: String, _ a: BoundExpression, _ b: BoundExpression) throws -> BoundExpression {
  let range = SourceRange(0, 0)
  return .call(try FunctionTable.resolve(name, .infixOperator, [a.type, b.type], at: range), [a, b], range)
}

/// `1 / column`
private func inverse(_ index: Int) throws -> BoundExpression { try call("/", constant(1), column(index)) }

private let pairs: LogicalPlan = .scan(t, [.integer, .integer])
private let others: LogicalPlan = .scan(u, [.integer, .integer])

/// Rows as texts in order, error rows with a `!` and their poisoned columns with a `?`.
private func answer(_ plan: LogicalPlan, _ rows: [Row], _ others: [Row] = []) -> [String] {
  let result = ReferenceEvaluator([t: rows, u: others]).evaluate(plan)
  func text(_ row: Row, _ failure: ReferenceFailure?) -> String {
    let cells = row.indices.map { index in
      (failure?.poisoned.contains(index) ?? false) ? "?" : row[index].outputText(as: plan.types[index]) ?? "NULL"
    }
    return (failure == nil ? "" : "!") + cells.joined(separator: " ")
  }
  return (result.rows.map { text($0, nil) } + result.failures.map { text($0.values, $0.failure) }).sorted()
}

@Test func filterKeepsTrueRowsAndTellsFailingOnes() throws {
  let plan = LogicalPlan.filter(pairs, try call("=", inverse(0), constant(1)))
  #expect(answer(plan, [ints(1, 5), ints(2, 6), ints(0, 7), ints(nil, 8)]) == ["!0 7", "1 5"])
  // OR ends at the first true operand, AND at the first false one.
  let isZero = try call("=", column(0), constant(0))
  let reached = LogicalPlan.filter(pairs, .or([isZero, try call("=", inverse(0), constant(1))]))
  #expect(answer(reached, [ints(0, 7), ints(1, 5), ints(2, 6)]) == ["0 7", "1 5"])
  let unreached = LogicalPlan.filter(pairs, .and([.not(isZero), try call("=", inverse(0), constant(1))]))
  #expect(answer(unreached, [ints(0, 7), ints(1, 5)]) == ["1 5"])
}

@Test func anErrorRowStaysOneUntilAConditionIsFalse() throws {
  let projected = LogicalPlan.project(pairs, [column(0), try inverse(1)])
  let rows = [ints(1, 0), ints(2, 0), ints(3, 1)]
  #expect(answer(projected, rows) == ["!1 ?", "!2 ?", "3 1"])
  // False on a row without a value there: dropped. Of a poisoned column nothing is known.
  #expect(answer(.filter(projected, try call(">", column(0), constant(1))), rows) == ["!2 ?", "3 1"])
  #expect(answer(.filter(projected, try call(">", column(1), constant(5))), rows) == ["!1 ?", "!2 ?"])
  // Without the poisoned column it is still no data.
  #expect(answer(.project(projected, [column(0)]), rows) == ["!1", "!2", "3"])
}

@Test func caseAndCoalesceReachOnlyWhatTheyNeed() throws {
  let isZero = try call("=", column(0), constant(0))
  let plan = LogicalPlan.project(
    pairs,
    [
      .caseWhen([(isZero, constant(9))], otherwise: try inverse(0), .integer),
      .coalesce([column(1), try inverse(0)], .integer), .nullOnError(try inverse(0)),
    ])
  #expect(answer(plan, [ints(0, 4), ints(1, nil), ints(0, nil)]) == ["!9 ? NULL", "1 1 1", "9 4 NULL"])
}

@Test func aGroupWithAnErrorRowIsAnErrorRow() throws {
  let projected = LogicalPlan.project(pairs, [column(0), try inverse(1)])
  let rows = [ints(1, 1), ints(1, 0), ints(2, 1), ints(2, 1), ints(nil, 1)]
  let grouped = LogicalPlan.aggregate(
    projected, keys: [0], calls: [AggregateCall(.count, argument: nil, result: .bigint)])
  #expect(answer(grouped, rows) == ["!1 ?", "2 2", "NULL 1"])
  // A poisoned key belongs to no group and holds back none.
  let byFailing = LogicalPlan.aggregate(projected, keys: [1], calls: [AggregateCall(.sum, argument: 0, result: .bigint)])
  #expect(answer(byFailing, rows) == ["!? ?", "1 5"])
  let whole = LogicalPlan.aggregate(projected, keys: [], calls: [AggregateCall(.count, argument: nil, result: .bigint)])
  #expect(answer(whole, rows) == ["!?"])
  #expect(answer(whole, []) == ["0"])
  #expect(answer(grouped, []) == [])
}

@Test func distinctAndTopKGiveWayToErrors() throws {
  let failing = LogicalPlan.filter(pairs, try call("=", inverse(1), constant(1)))
  let same = LogicalPlan.unionAll([failing, .filter(pairs, .isNull(column(0), negated: true))])
  #expect(answer(.distinct(same), [ints(1, 0), ints(2, 1), ints(2, 1)]) == ["!1 0", "2 1"])
  #expect(answer(.topK(failing, order: [SortKey(column: 0)], limit: 5, offset: 0), [ints(1, 0), ints(2, 1)]) == ["!1 0"])
}

@Test func topKOrdersByKeysThenByTheWholeRow() {
  let rows = [ints(1, nil), ints(nil, 2), ints(1, 3), ints(1, 2), ints(1, 2)]
  func window(_ order: [SortKey], _ limit: Int64?, _ offset: Int64) -> [String] {
    answer(.topK(pairs, order: order, limit: limit, offset: offset), rows)
  }
  #expect(window([SortKey(column: 0)], 3, 0) == ["1 2", "1 2", "1 3"])
  #expect(window([SortKey(column: 0, isDescending: true)], 2, 0) == ["1 2", "NULL 2"])
  #expect(window([SortKey(column: 0, nullsFirst: true)], 1, 0) == ["NULL 2"])
  #expect(window([], nil, 3) == ["1 NULL", "NULL 2"])
}

@Test func joinsPairRowsAndExtendUnmatchedOnes() throws {
  let left = [ints(1, 10), ints(2, 20), ints(nil, 30)]
  let right = [ints(1, 1), ints(1, 2), ints(nil, 3)]
  func plan(_ kind: JoinPlan.Kind, _ residual: BoundExpression? = nil) -> LogicalPlan {
    .join(JoinPlan(kind: kind, left: pairs, right: others, keys: [.init(left: 0, right: 0)], residual: residual))
  }
  #expect(answer(plan(.inner), left, right) == ["1 10 1 1", "1 10 1 2"])
  #expect(answer(plan(.left), left, right) == ["1 10 1 1", "1 10 1 2", "2 20 NULL NULL", "NULL 30 NULL NULL"])
  let none = try call(">", column(3), constant(5))
  #expect(answer(plan(.left, none), [ints(1, 10)], right) == ["1 10 NULL NULL"])
  // A residual that fails: the pair is an error row, and nobody knows whether the left row is unmatched.
  let failing = try call(">", call("/", constant(1), call("-", column(3), constant(1))), constant(5))
  #expect(answer(plan(.inner, failing), left, right) == ["!1 10 1 1"])
  #expect(answer(plan(.left, failing), [ints(1, 10), ints(2, 20)], right) == ["!1 10 1 1", "!1 10 NULL NULL", "2 20 NULL NULL"])
}

@Test func aPoisonedKeyHoldsBackUnmatchedRows() throws {
  let right = LogicalPlan.project(others, [try inverse(0), column(1)])
  let plan = LogicalPlan.join(JoinPlan(kind: .left, left: pairs, right: right, keys: [.init(left: 0, right: 0)]))
  #expect(
    answer(plan, [ints(1, 10), ints(2, 20)], [ints(1, 7), ints(0, 8)]) == ["!2 20 NULL NULL", "!? ? ? 8", "1 10 1 7"])
}

@Test func aggregatesAreThoseOfPostgreSQL() throws {
  func aggregate(_ function: AggregateFunction, _ values: [Value], _ type: SQLType, _ result: SQLType, distinct: Bool = false) -> String? {
    let call = AggregateCall(function, argument: 0, isDistinct: distinct, result: result)
    do throws(SQLError) { return try call.value(of: values.map { [$0] }, types: [type]).outputText(as: result) } catch { return error.state.code }
  }
  func numerics(_ texts: String...) throws -> [Value] { try texts.map { .numeric(try Numeric(sqlText: $0)) } }
  // What PostgreSQL 15 answers.
  #expect(aggregate(.avg, [.integer(1), .integer(2)], .integer, .numeric(nil)) == "1.5000000000000000")
  #expect(aggregate(.avg, [.integer(0), .integer(0)], .integer, .numeric(nil)) == "0.00000000000000000000")
  #expect(aggregate(.avg, [.integer(1), .integer(0), .integer(0)], .integer, .numeric(nil)) == "0.33333333333333333333")
  #expect(aggregate(.avg, [.integer(-2), .null, .integer(-3), .integer(0)], .integer, .numeric(nil)) == "-1.6666666666666667")
  #expect(aggregate(.avg, try numerics("10.00", "2.50", "1.00"), .numeric(nil), .numeric(nil)) == "4.5000000000000000")
  #expect(aggregate(.sum, try numerics("1.5", "1.50", "NaN"), .numeric(nil), .numeric(nil)) == "NaN")
  #expect(aggregate(.sum, try numerics("1.5", "1.50"), .numeric(nil), .numeric(nil)) == "3.00")
  #expect(aggregate(.sum, try numerics("1.50", "1.5"), .numeric(nil), .numeric(nil), distinct: true) == "1.5")
  #expect(aggregate(.max, try numerics("1.50", "1.5"), .numeric(nil), .numeric(nil)) == "1.50")
  let huge = String(repeating: "9", count: 38)
  #expect(aggregate(.sum, try numerics(huge, huge), .numeric(nil), .numeric(nil)) == "22003")
  #expect(aggregate(.avg, try numerics(huge, huge), .numeric(nil), .numeric(nil)) == huge)
  #expect(aggregate(.sum, [.bigint(.max), .bigint(.max)], .bigint, .numeric(nil)) == "18446744073709551614")
  #expect(aggregate(.sum, [.double(1e308), .double(1), .double(-1e308)], .double, .double) == "1")
  #expect(aggregate(.sum, [.double(1e308), .double(1e308)], .double, .double) == "22003")
  #expect(aggregate(.sum, [.double(.leastNonzeroMagnitude), .double(.leastNonzeroMagnitude)], .double, .double) == "1e-323")
  #expect(aggregate(.avg, [.double(.infinity), .double(-.infinity)], .double, .double) == "NaN")
  #expect(aggregate(.max, [.double(.nan), .double(.infinity)], .double, .double) == "NaN")
  #expect(aggregate(.min, [.text("b"), .text("ab"), .null], .text, .text) == "ab")
  #expect(aggregate(.max, [.null], .integer, .integer) == nil)
  #expect(aggregate(.count, [.integer(1), .integer(1), .null], .integer, .bigint, distinct: true) == "1")
}

@Test(arguments: [1, 2, 3] as [UInt64])
func exactSumsOfDoublesAgreeWithIntegers(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  for _ in 0..<300 {
    // Multiples of 2^-20 below 2^20 in number: their sum is exact in Int64.
    let values = (0..<20).map { _ in Int64.random(in: -1 << 40...1 << 40, using: &random) }
    var sum = ExactFloatSum()
    for value in values { sum.add(Double(value) / 1_048_576, count: 1) }
    #expect(sum.double == Double(values.reduce(0, +)) / 1_048_576)
  }
}
