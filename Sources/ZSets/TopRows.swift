package import Columnar
import SQLTypes
package import StateMemory

/// A z-set kept in an order, of which a window of ranks is shown: rows `offset` up to `offset + limit`, a row of weight n
/// standing there n times. A weight below 0 counts as 0.
///
/// - `changes` costs the order's look-up for each row that the tick touched, and what the window's edges pass over, which is
///   at most the sum of the tick's weights: it never reads the whole window.
/// - Ranks are found by one pass over the touched rows in their order: between two of them all old ranks differ from the new
///   ones by the sum of the changes before, so that the old window is the new one shifted.
package struct TopRows: ~Copyable {
  /// The rows, in one chain.
  private var rows: Arrangement
  private var list: OrderedRows
  private let keys: [RowOrderKey]
  private let offset: Int64
  /// The rank behind the window.
  private let end: Int64
  /// Only insertions come: rows behind the window never come back into it.
  private let isAppendOnly: Bool
  private var orderReads = 0

  /// - limit: nil: no end. Negative numbers are refused by the caller.
  package init(
    types: [PhysicalType], order: [RowOrderKey], limit: Int64?, offset: Int64, isAppendOnly: Bool, space: StateSpace
  ) {
    precondition(offset >= 0 && limit ?? 0 >= 0, "a window of ranks")
    rows = Arrangement(types: types, keys: [], keyTypes: [], space: space)
    list = OrderedRows(in: space)
    keys = order
    self.offset = offset
    let (end, overflow) = offset.addingReportingOverflow(limit ?? .max)
    // Half of the numbers stand for "no end", so that shifted ends cannot overflow.
    self.end = overflow || end > .max / 2 ? .max : end
    self.isAppendOnly = isAppendOnly && self.end < .max
  }

  package var count: Int { rows.liveCount }
  package var stateBytes: Int { rows.stateBytes + list.stateBytes }
  package var readCount: Int { rows.readCount + orderReads }

  package mutating func add(_ batch: Batch) { rows.add(batch) }

  /// The rows in the window as of the last `takeChanges`, each with how often it stands there.
  package func window() -> [Batch] { rows.batches(of: windowRows()) }

  private func windowRows() -> ArrangedRows {
    var ids: [UInt32] = [], weights: [Int64] = []
    if end > offset {
      let (offset, end) = (self.offset, self.end)
      list.walk(from: offset) { id, rank, weight in
        if rank >= end { return false }
        ids.append(id)
        weights.append(overlap(rank, rank &+ weight, offset, end))
        return true
      }
    }
    return ArrangedRows(ids: ids, weights: weights)
  }

  /// Takes the tick's batches into the order; what they changed in the window.
  ///
  /// Followed by `endTick`.
  package mutating func takeChanges() -> [Batch] {
    let touched = takeTouched()
    var (ids, weights) = (touched.map(\.id), [Int64]())
    weights.reserveCapacity(ids.count)
    var shift: Int64 = 0
    var edges: [(from: Int64, to: Int64, shift: Int64)] = []
    for (index, row) in touched.enumerated() {
      let oldRank = row.rank &- shift
      weights.append(
        overlap(row.rank, row.rank &+ row.after, offset, end) &- overlap(oldRank, oldRank &+ row.before, offset, end))
      shift &+= row.after &- row.before
      let next = index + 1 < touched.count ? touched[index + 1].rank : Int64.max
      if shift != 0, end > offset { edges.append((row.rank &+ row.after, next, shift)) }
    }
    for edge in edges { collectEdges(edge.from, edge.to, shift: edge.shift, &ids, &weights) }
    let kept = weights.indices.filter { weights[$0] != 0 }
    orderReads += ids.count
    return rows.batches(of: ArrangedRows(ids: kept.map { ids[$0] }, weights: kept.map { weights[$0] }))
  }

  /// Between the ranks `from` and `to` no row was touched, and all ranks were `shift` less: the rows near the window's edges
  /// went in or out.
  private func collectEdges(
    _ from: Int64, _ to: Int64, shift: Int64, _ ids: inout [UInt32], _ weights: inout [Int64]
  ) {
    // The old window in new ranks.
    let oldOffset = offset &+ shift, oldEnd = end == .max ? Int64.max : end &+ shift
    let ranges =
      shift.magnitude >= UInt64(end &- offset)
      ? [(min(offset, oldOffset), max(end, oldEnd))]  // the windows do not overlap
      : [(min(offset, oldOffset), max(offset, oldOffset)), (min(end, oldEnd), max(end, oldEnd))]
    var foundIDs: [UInt32] = [], foundWeights: [Int64] = []
    var next = from
    let (offset, end) = (self.offset, self.end)
    for (low, high) in ranges {
      let first = max(low, next), last = min(high, to)
      if first >= last { continue }
      list.walk(from: first) { id, rank, weight in
        if rank >= last { return false }
        let after = rank &+ weight
        foundIDs.append(id)
        foundWeights.append(overlap(rank, after, offset, end) &- overlap(rank, after, oldOffset, oldEnd))
        next = after
        return true
      }
    }
    ids += foundIDs
    weights += foundWeights
  }

  private struct Touched {
    var id: UInt32
    var prefix: UInt64
    var before: Int64
    var after: Int64
    /// The sum of the weights before it, as of this tick.
    var rank: Int64 = 0
  }

  /// Brings the order up to date; what changed, in the order.
  private mutating func takeTouched() -> [Touched] {
    var order = PackedRowOrder(keys, of: rows)
    var touched: [Touched] = []
    for id in rows.touched {
      let row = Touched(
        id: id, prefix: order.prefix(of: id), before: max(0, rows.weight(of: id, .before)),
        after: max(0, rows.weight(of: id, .after)))
      if row.before != row.after { touched.append(row) }
    }
    touched.sort { $0.prefix != $1.prefix ? $0.prefix < $1.prefix : order.compare($0.id, $1.id) < 0 }
    // In ascending order, so that a rank is right as soon as it is known.
    for index in touched.indices {
      let row = touched[index]
      touched[index].rank =
        if row.before == 0 {
          list.insert(row.id, prefix: row.prefix, weight: row.after, order: &order)
        } else if row.after == 0 {
          list.remove(row.id, prefix: row.prefix, order: &order)
        } else {
          list.add(row.after &- row.before, to: row.id, prefix: row.prefix, order: &order)
        }
    }
    orderReads += order.readCount
    return touched
  }

  /// Ends the tick: rows of weight 0 leave, and of an append-only input those behind the window.
  package mutating func endTick() {
    if isAppendOnly { prune() }
    rows.endTick()
  }

  /// Rows that begin behind the window are retracted from the state, in one more tick of its own.
  private mutating func prune() {
    if list.weight <= end { return }
    var ids: [UInt32] = [], weights: [Int64] = []
    let end = self.end
    list.walk(from: end) { id, rank, weight in
      if rank >= end {
        ids.append(id)
        weights.append(weight)
      }
      return true
    }
    if ids.isEmpty { return }
    var order = PackedRowOrder(keys, of: rows)
    for id in ids { list.remove(id, prefix: order.prefix(of: id), order: &order) }
    orderReads += order.readCount + ids.count
    rows.retract(ids)
  }
}

/// How many ranks two ranges have in common.
private func overlap(_ from: Int64, _ to: Int64, _ low: Int64, _ high: Int64) -> Int64 {
  max(0, min(to, high) &- max(from, low))
}
