import Columnar
import SQLTypes
import StateMemory
import ZSets

/// How many matches each left row of a left join has: the sum of the weights of the right rows that it meets, error rows
/// and pairs that the condition failed on included. A row without a match has no entry.
///
/// The rows are found by value, not by their ids in the left arrangement: no array holds another operator's row ids
/// (DESIGN §9.8), so that state can be dealt to other workers and restored by itself.
final class MatchCounts {
  var rows: WeightedRows

  init(types: [PhysicalType], space: StateSpace) { rows = WeightedRows(types: types, space: space) }

  /// Changes counts; what they were and are.
  func add(_ batch: Batch) -> (before: Column, after: Column) { rows.add(batch) }
}

/// What a tick changes in the counts of left rows, by their ids, which are valid in the tick.
struct MatchChanges {
  private(set) var entries: [(id: UInt32, count: Int64)] = []

  /// Pairs whose left rows probed: a left row that came has new matches, one that went has none any more, and one whose
  /// weight alone changed has the same.
  mutating func add(_ pairs: RowPairs, _ kept: Selection?, presenceIn left: Arranged) {
    for index in 0..<(kept?.count ?? pairs.count) {
      let row = kept?[index] ?? index
      let id = pairs.probes.id(row)
      let after = left.rows.weight(of: id, .after)
      let presence: Int64 = (after == 0 ? 0 : 1) - (after == pairs.probes.weight(row) ? 0 : 1)
      if presence != 0 { entries.append((id, presence * pairs.partners.weight(row))) }
    }
  }

  /// Pairs whose right rows probed the left rows that were there before.
  mutating func add(_ pairs: RowPairs, _ kept: Selection?) {
    for index in 0..<(kept?.count ?? pairs.count) {
      let row = kept?[index] ?? index
      entries.append((pairs.partners.id(row), pairs.probes.weight(row)))
    }
  }

  /// One entry for each left row whose count, weight or both may have changed, by id.
  func consolidated(with delta: ArrangedRows) -> [LeftChange] {
    var all = entries.map { LeftChange(id: $0.id, count: $0.count, weight: 0) }
    for row in 0..<delta.count { all.append(LeftChange(id: delta.id(row), count: 0, weight: delta.weight(row))) }
    all.sort { $0.id < $1.id }
    var result: [LeftChange] = []
    for change in all {
      if let last = result.indices.last, result[last].id == change.id {
        result[last].count &+= change.count
        result[last].weight &+= change.weight
      } else {
        result.append(change)
      }
    }
    return result
  }
}

struct LeftChange {
  var id: UInt32
  /// Difference of the number of matches.
  var count: Int64
  /// Difference of the row's own weight.
  var weight: Int64
}

extension Join {
  /// Sends what changed of the left rows of one kind that match nothing.
  func sendUnmatched(
    _ kind: RowKind, _ delta: ArrangedRows, _ changes: MatchChanges, wasHeld: Bool, into output: inout TickOutput
  ) {
    guard let rows = left.arranged(kind), let matches = matches?[kind] else { return }
    var changed = changes.consolidated(with: delta)
    if wasHeld != (poisonedWeight > 0) { addAll(of: rows, below: left.visibleBelow[kind], to: &changed) }
    for first in stride(from: 0, to: changed.count, by: Batch.targetRowCount) {
      let slice = changed[first..<min(changed.count, first + Batch.targetRowCount)]
      let list = ArrangedRows(ids: slice.map(\.id), weights: slice.map(\.count))
      let columns = rows.rows.columns(of: list)
      let (before, after) = matches.add(Batch(count: list.count, columns: columns, weights: list.weights))
      var kept: [Int] = []
      var weights = ColumnBuilder<Int64>(.int64, capacity: list.count)
      let ownPoison = kind == .data ? [] : poisonedKeys(columns, count: list.count)
      for (row, change) in slice.enumerated() where !ownPoison.contains(row) {
        let weight = rows.rows.weight(of: change.id, .after), hasKey = rows.rows.hasKey(change.id)
        let isSent = after.value(row, as: Int64.self) <= 0 && !(poisonedWeight > 0 && hasKey)
        let wasSent = before.value(row, as: Int64.self) <= 0 && !(wasHeld && hasKey)
        let difference = (isSent ? weight : 0) &- (wasSent ? weight &- change.weight : 0)
        if difference == 0 { continue }
        kept.append(row)
        weights.append(difference)
      }
      counts.stateReads += list.count
      sendNullExtended(columns, kind, Selection(kept), weights.finish(), into: &output)
    }
    matches.rows.endTick()
  }

  /// When error rows with a poisoned key come or go, every left row counts as changed.
  private func addAll(of rows: Arranged, below limit: Int, to changed: inout [LeftChange]) {
    let all = rows.rows.rows(from: 0, to: limit)
    let known = Set(changed.map(\.id))
    for row in 0..<all.count where !known.contains(all.id(row)) {
      changed.append(LeftChange(id: all.id(row), count: 0, weight: 0))
    }
    counts.stateReads += all.count
  }

  /// Left error rows with a poisoned key were sent with the right columns poisoned.
  private func poisonedKeys(_ columns: [Column], count: Int) -> Set<Int> {
    let errors = ErrorBatch(width: left.width, rows: Batch(count: count, columns: columns))
    return errors.poison.rows(ofAny: Set(left.arrange.keys))
  }

  private func sendNullExtended(
    _ columns: [Column], _ kind: RowKind, _ kept: Selection, _ weights: Column, into output: inout TickOutput
  ) {
    if kept.count == 0 { return }
    let own = JoinColumns(columns.map { $0.gather(kept) }, count: kept.count, width: left.width, kind)
    let nulls = JoinColumns.nulls(of: right, count: kept.count)
    switch kind {
    case .data: push(Batch(count: kept.count, columns: own.schema + nulls.schema, weights: weights), into: &output)
    case .errors: push(JoinColumns.errors(own, nulls, count: kept.count, weights: weights), into: &output)
    }
  }
}
