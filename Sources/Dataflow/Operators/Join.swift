package import Columnar
package import Expressions
import SQLTypes
import StateMemory
import ZSets

/// Rows of two inputs that meet: equal keys, none of them null, and a further condition that is true.
///
/// - Ports: 0 left, 1 right. The inputs are what two `Arrange` nodes passed on in this tick; the join reads the changes in
///   the arrangements themselves. One node may be both sides.
/// - Output at `endTick`, batches of at most 4,096: the left columns, then the right ones; of a left join also each left
///   row without a match, with nulls. With L and R before the tick: ΔL ⋈ (R + ΔR) + L ⋈ ΔR (DESIGN §9.8).
/// - Keys are paired in the order of the arrangements' key columns and have equal types. No keys: a cross join.
/// - State: of a left join, how many matches each matched left row has (`MatchCounts`), by the row's value; the rows
///   themselves are the arrangements'. A left row's null-extended form comes and goes with the count.
/// - Cost: a look-up for each changed row, and what it meets.
/// - Error rows (DESIGN §9.4) meet like data, and what they meet becomes an error row with the poison of both. A pair on
///   which the condition fails becomes an error row. Either makes the left row's null-extended form an error row too, as
///   long as no sure match is there. An error row with a poisoned key goes on with the other side's columns poisoned, and on
///   the right side of a left join it does the same to every left row without a match, but those whose key is null, which
///   match nothing whatever comes. Every worker of a left join gets the right side's; the first one alone sends them on.
package final class Join: Operator {
  package enum Kind: Sendable { case inner, left }

  let kind: Kind
  let residual: BoundExpression?
  let residualColumns: Set<Int>
  let origin: Int64
  /// Whether it sends on the right side's error rows with a poisoned key.
  let sendsPoisonedRight: Bool
  var left: JoinSide
  var right: JoinSide
  var matches: ByKind<MatchCounts>?
  /// The weight of the right side's error rows with a poisoned key.
  var poisonedWeight: Int64 = 0
  var counts = OperatorFigures()

  package init(
    kind: Kind, left: Arrange, right: Arrange, residual: BoundExpression?, origin: Int64 = 0, worker: Int = 0
  ) {
    precondition(left.keys.count == right.keys.count, "keys are paired")
    sendsPoisonedRight = kind == .inner || worker == 0
    self.kind = kind
    self.residual = residual
    self.origin = origin
    residualColumns = residual?.readColumns ?? []
    self.left = JoinSide(left)
    self.right = JoinSide(right)
    if kind == .left {
      precondition(!left.data.rows.isAppendOnly, "a left join's left rows are each one row of the arrangement")
      let types = left.types.map(\.physicalType)
      matches = ByKind(
        data: MatchCounts(types: types, space: left.space),
        errors: MatchCounts(types: ErrorBatch.types(over: types), space: left.space))
    }
  }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    note(batch.count, port)
    return .more
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) { note(errors.rows.count, port) }

  private func note(_ rowCount: Int, _ port: Int) {
    counts.rowsIn += rowCount
    let isSelfJoin = left.arrange === right.arrange
    if port == 0 || isSelfJoin { left.isChanging = true }
    if port == 1 || isSelfJoin { right.isChanging = true }
  }

  package func readsInstead(_ source: any Operator, port: Int) {
    guard let arrange = source as? Arrange else { preconditionFailure("a join reads arrangements") }
    if port == 0 { left.arrange = arrange } else { right.arrange = arrange }
  }

  package func endTick(into output: inout TickOutput) {
    process(left.deltas(), right.deltas(), into: &output)
    left.isChanging = false
    right.isChanging = false
  }

  /// Sends what comes of changes of both sides.
  private func process(_ leftDelta: ByKind<ArrangedRows>, _ rightDelta: ByKind<ArrangedRows>, into output: inout TickOutput) {
    var changes = ByKind(data: MatchChanges(), errors: MatchChanges())
    for leftKind in RowKind.allCases {
      for rightKind in RowKind.allCases {
        meet(leftDelta[leftKind], leftKind, rightKind, isLeft: true, changes: &changes, into: &output)
        meet(rightDelta[rightKind], leftKind, rightKind, isLeft: false, changes: &changes, into: &output)
      }
    }
    let wasHeld = poisonedWeight > 0
    sendPoisonedKeys(leftDelta.errors, isLeft: true, into: &output)
    sendPoisonedKeys(rightDelta.errors, isLeft: false, into: &output)
    if kind == .left {
      for leftKind in RowKind.allCases {
        sendUnmatched(leftKind, leftDelta[leftKind], changes[leftKind], wasHeld: wasHeld, into: &output)
      }
    }
  }

  // Backfill (DESIGN §9.9) -------------------------------------------------------------------------------------------

  /// Begins where arrangements of other joins are looked into, which hold rows already: nothing of a left side's has been seen, so
  /// that its rows come by slices and ticks change only what is behind the cursor. A right side's rows are there to be met at once; of
  /// its error rows, which concern every left row, the first slice tells. A side that is the join's own begins empty.
  package func beginBackfill(left isLeftFilled: Bool, right isRightFilled: Bool) {
    if isLeftFilled { left.visibleBelow = ByKind(data: 0, errors: 0) }
    if isRightFilled { right.visibleBelow.errors = 0 }
  }

  /// How many ids of the left side have not been read.
  package var backfillLeft: Int { left.visibleBelow.data == .max ? 0 : max(0, left.arrange.idLimit - left.visibleBelow.data) }

  /// Between two ticks: reads at most `rowCount` further ids of the left side. To be called once at least, and until none are left.
  package func backfill(_ rowCount: Int, into output: inout TickOutput) {
    left.arrange.closeTick()
    right.arrange.closeTick()
    if right.visibleBelow.errors < .max {
      let delta = right.arrange.errors?.rows.rows(from: 0, to: .max) ?? .none
      process(ByKind(data: .none, errors: .none), ByKind(data: .none, errors: delta), into: &output)
      right.visibleBelow.errors = .max
    }
    let cursor = left.visibleBelow.data
    if cursor == .max { return }
    let end = cursor + rowCount
    // Error rows are few: they come with the first slice.
    let errors = left.visibleBelow.errors == .max ? nil : left.arrange.errors
    let delta = ByKind(
      data: left.arrange.data.rows.rows(from: cursor, to: end), errors: errors?.rows.rows(from: 0, to: .max) ?? .none)
    process(delta, ByKind(data: .none, errors: .none), into: &output)
    left.visibleBelow = ByKind(data: end >= left.arrange.idLimit ? .max : end, errors: .max)
  }

  package var figures: OperatorFigures {
    var figures = counts
    if let matches {
      figures.stateRows = matches.data.rowCount + matches.errors.rowCount
      figures.stateBytes = matches.data.stateBytes + matches.errors.stateBytes
      figures.stateReads += matches.data.readCount + matches.errors.readCount
    }
    return figures
  }
}
