import Columnar
import Expressions
import SQLTypes
import ZSets

/// Rows of an input: data, or error rows (DESIGN §9.4).
enum RowKind: CaseIterable {
  case data, errors
}

/// One value for the data and one for the error rows.
struct ByKind<Value> {
  var data: Value
  var errors: Value

  subscript(kind: RowKind) -> Value {
    get { kind == .data ? data : errors }
    set { if kind == .data { data = newValue } else { errors = newValue } }
  }
}

/// One input of a join: the arrangement, and how much of it the join has seen.
struct JoinSide {
  var arrange: Arrange
  /// Whether rows came in this tick: what the arrangement says of changes is of this tick then.
  var isChanging = false
  /// Only rows with ids below are there for this join (DESIGN §9.9): the backfill's cursor, later no limit.
  var visibleBelow = ByKind(data: Int.max, errors: Int.max)

  init(_ arrange: Arrange) { self.arrange = arrange }

  var width: Int { arrange.types.count }

  func arranged(_ kind: RowKind) -> Arranged? { kind == .data ? arrange.data : arrange.errors }

  /// What this tick changed of what the join sees.
  func deltas() -> ByKind<ArrangedRows> {
    guard isChanging else { return ByKind(data: .none, errors: .none) }
    return ByKind(
      data: arrange.data.rows.delta(visibleBelow: visibleBelow.data),
      errors: arrange.errors?.rows.delta(visibleBelow: visibleBelow.errors) ?? .none)
  }

  /// Rows of one kind as columns of the schema, and behind them, of error rows, the columns that say so.
  func columns(of rows: ArrangedRows, _ kind: RowKind) -> JoinColumns {
    guard let columns = arranged(kind)?.rows.columns(of: rows) else { return .nulls(of: self, count: rows.count) }
    return JoinColumns(columns, count: rows.count, width: width, kind)
  }
}
