import Columnar
import SQLTypes
import StateMemory
import ZSets

/// How many matches each left row of a left join has, by the weights of the right rows that it meets, and how many doubtful
/// ones: pairs that the condition failed on, and right error rows. A row without any has no entry.
///
/// The rows are found by value, not by their ids in the left arrangement: no array holds another operator's row ids
/// (DESIGN §9.8), so that state can be dealt to other workers and restored by itself.
final class MatchCounts {
  var certain: WeightedRows
  var doubtful: WeightedRows

  init(types: [PhysicalType], space: StateSpace) {
    certain = WeightedRows(types: types, space: space)
    doubtful = WeightedRows(types: types, space: space)
  }

  var rowCount: Int { certain.count + doubtful.count }
  var stateBytes: Int { certain.stateBytes + doubtful.stateBytes }
  var readCount: Int { certain.readCount + doubtful.readCount }

  /// Changes the counts of rows; what they were and are.
  func add(_ columns: [Column], _ changes: ArraySlice<LeftChange>) -> (certain: BeforeAfter, doubtful: BeforeAfter?) {
    let matches = certain.add(Batch(count: changes.count, columns: columns, weights: Self.weights(changes, \.certain)))
    // Doubtful matches are rare: most joins never have one.
    if doubtful.count == 0 && changes.allSatisfy({ $0.doubtful == 0 }) { return (matches, nil) }
    return (matches, doubtful.add(Batch(count: changes.count, columns: columns, weights: Self.weights(changes, \.doubtful))))
  }

  func endTick() {
    certain.endTick()
    doubtful.endTick()
  }

  typealias BeforeAfter = (before: Column, after: Column)

  private static func weights(_ changes: ArraySlice<LeftChange>, _ path: KeyPath<LeftChange, Int64>) -> Column {
    var builder = ColumnBuilder<Int64>(.int64, capacity: changes.count)
    for change in changes { builder.append(change[keyPath: path]) }
    return builder.finish()
  }
}

/// What a tick changes in the counts of left rows, by their ids, which are valid in the tick.
struct MatchChanges {
  private var entries: [LeftChange] = []

  /// Pairs that met. Where the left rows probed, one that came has new matches, one that went has none any more, and one
  /// whose weight alone changed has the same; where the right rows did, they met left rows that were there before.
  ///
  /// - left: the left rows, if they probed.
  mutating func add(_ pairs: RowPairs, _ met: MetPairs, presenceIn left: Arranged?) {
    for index in 0..<(met.certain?.count ?? pairs.count) {
      add(pairs, met.certain?[index] ?? index, left, to: \.certain)
    }
    for index in 0..<met.doubtful.count { add(pairs, met.doubtful[index], left, to: \.doubtful) }
  }

  private mutating func add(
    _ pairs: RowPairs, _ row: Int, _ left: Arranged?, to path: WritableKeyPath<LeftChange, Int64>
  ) {
    var change: LeftChange
    if let left {
      let id = pairs.probes.id(row)
      let after = left.rows.weight(of: id, .after)
      let presence: Int64 = (after == 0 ? 0 : 1) - (after == pairs.probes.weight(row) ? 0 : 1)
      if presence == 0 { return }
      change = LeftChange(id: id)
      change[keyPath: path] = presence * pairs.partners.weight(row)
    } else {
      change = LeftChange(id: pairs.partners.id(row))
      change[keyPath: path] = pairs.probes.weight(row)
    }
    entries.append(change)
  }

  /// One entry for each left row whose counts or weight may have changed, by id.
  func consolidated(with delta: ArrangedRows) -> [LeftChange] {
    var all = entries
    for row in 0..<delta.count { all.append(LeftChange(id: delta.id(row), weight: delta.weight(row))) }
    all.sort { $0.id < $1.id }
    var result: [LeftChange] = []
    for change in all {
      if let last = result.indices.last, result[last].id == change.id {
        result[last].certain &+= change.certain
        result[last].doubtful &+= change.doubtful
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
  /// Differences of the numbers of matches.
  var certain: Int64 = 0
  var doubtful: Int64 = 0
  /// Difference of the row's own weight.
  var weight: Int64 = 0
}

/// What is sent of a left row beside its matches.
private enum Unmatched {
  /// It has a match.
  case nothing
  /// It has none: its row with nulls.
  case row
  /// It is not known whether it has one: the row with nulls is an error row.
  case doubt
}

extension Join {
  /// Sends what changed of the left rows of one kind that match nothing, or of which that is not known.
  func sendUnmatched(
    _ kind: RowKind, _ delta: ArrangedRows, _ changes: MatchChanges, wasHeld: Bool, into output: inout TickOutput
  ) {
    guard let rows = left.arranged(kind), let matches = matches?[kind] else { return }
    var changed = changes.consolidated(with: delta)
    let isHeld = poisonedWeight > 0
    if wasHeld != isHeld { addAll(of: rows, below: left.visibleBelow[kind], to: &changed) }
    for first in stride(from: 0, to: changed.count, by: Batch.targetRowCount) {
      let slice = changed[first..<min(changed.count, first + Batch.targetRowCount)]
      let list = ArrangedRows(ids: slice.map(\.id), weights: slice.map(\.weight))
      let columns = rows.rows.columns(of: list)
      let (certain, doubtful) = matches.add(columns, slice)
      func state(_ row: Int, _ hasKey: Bool, isAfter: Bool) -> Unmatched {
        let count = (isAfter ? certain.after : certain.before).value(row, as: Int64.self)
        if count > 0 { return .nothing }
        let doubts = doubtful.map { (isAfter ? $0.after : $0.before).value(row, as: Int64.self) } ?? 0
        return doubts > 0 || ((isAfter ? isHeld : wasHeld) && hasKey) ? .doubt : .row
      }
      var sent = UnmatchedRows(capacity: list.count)
      var doubted = UnmatchedRows(capacity: list.count)
      let ownPoison = kind == .data ? [] : poisonedKeys(columns, count: list.count)
      for (row, change) in slice.enumerated() where !ownPoison.contains(row) {
        let weight = rows.rows.weight(of: change.id, .after), hasKey = rows.rows.hasKey(change.id)
        let (before, after) = (state(row, hasKey, isAfter: false), state(row, hasKey, isAfter: true))
        let weightBefore = weight &- change.weight
        sent.append(row, (after == .row ? weight : 0) &- (before == .row ? weightBefore : 0))
        doubted.append(row, (after == .doubt ? weight : 0) &- (before == .doubt ? weightBefore : 0))
      }
      counts.stateReads += list.count
      sendNullExtended(columns, kind, sent, isDoubtful: false, into: &output)
      sendNullExtended(columns, kind, doubted, isDoubtful: true, into: &output)
    }
    matches.endTick()
  }

  /// When error rows with a poisoned key come or go, every left row counts as changed.
  private func addAll(of rows: Arranged, below limit: Int, to changed: inout [LeftChange]) {
    let all = rows.rows.rows(from: 0, to: limit)
    let known = Set(changed.map(\.id))
    for row in 0..<all.count where !known.contains(all.id(row)) {
      changed.append(LeftChange(id: all.id(row)))
    }
    counts.stateReads += all.count
  }

  /// Left error rows with a poisoned key were sent with the right columns poisoned.
  private func poisonedKeys(_ columns: [Column], count: Int) -> Set<Int> {
    let errors = ErrorBatch(width: left.width, rows: Batch(count: count, columns: columns))
    return errors.poison.rows(ofAny: Set(left.arrange.keys))
  }

  /// - isDoubtful: it is not known whether they match something; left error rows are error rows either way.
  private func sendNullExtended(
    _ columns: [Column], _ kind: RowKind, _ rows: UnmatchedRows, isDoubtful: Bool, into output: inout TickOutput
  ) {
    let count = rows.numbers.count
    if count == 0 { return }
    let kept = Selection(rows.numbers)
    let weights = rows.weightColumn()
    var own = JoinColumns(columns.map { $0.gather(kept) }, count: count, width: left.width, kind)
    let nulls = JoinColumns.nulls(of: right, count: count)
    if kind == .data && !isDoubtful {
      push(Batch(count: count, columns: own.schema + nulls.schema, weights: weights), into: &output)
      return
    }
    if kind == .data { own.error = Self.doubt(count: count) }
    push(JoinColumns.errors(own, nulls, count: count, weights: weights), into: &output)
  }

  /// The error of a left row of which it is not known whether it matches: told where the doubt comes from, so that here it
  /// has no origin.
  private static func doubt(count: Int) -> [Column] {
    [
      .constant(text: SQLState.dataException.code, count: count),
      .constant(text: "it is not known whether a row has a match", count: count), .constant(Int64(0), .int64, count: count),
    ]
  }
}

/// Numbers of left rows and the weights with which they are sent.
private struct UnmatchedRows {
  private(set) var numbers: [Int] = []
  private var weights: [Int64] = []

  init(capacity: Int) {
    numbers.reserveCapacity(capacity)
    weights.reserveCapacity(capacity)
  }

  mutating func append(_ row: Int, _ weight: Int64) {
    if weight == 0 { return }
    numbers.append(row)
    weights.append(weight)
  }

  func weightColumn() -> Column {
    var builder = ColumnBuilder<Int64>(.int64, capacity: weights.count)
    for weight in weights { builder.append(weight) }
    return builder.finish()
  }
}
