package import Columnar
import SQLTypes
import StateMemory

/// Rows of an arrangement by id, each with a weight: a delta, or one side of the pairs that a probe found.
///
/// Ids are valid until the arrangement's tick ends.
package struct ArrangedRows: Sendable {
  package internal(set) var count: Int
  let ids: Buffer
  let weightBuffer: Buffer

  init(capacity: Int) {
    count = 0
    ids = Buffer(byteCount: capacity * 4)
    weightBuffer = Buffer(byteCount: capacity * 8)
  }

  package static let none = ArrangedRows(capacity: 0)

  var idPointer: UnsafeMutablePointer<UInt32> { ids.pointer(as: UInt32.self) }
  var weightPointer: UnsafeMutablePointer<Int64> { weightBuffer.pointer(as: Int64.self) }

  package var weights: Column { Column(.int64, count: count, values: weightBuffer) }
  package func id(_ row: Int) -> UInt32 {
    precondition(row < count, "row outside of its list")
    return idPointer[row]
  }
  package func weight(_ row: Int) -> Int64 {
    precondition(row < count, "row outside of its list")
    return weightPointer[row]
  }

  package init(ids list: [UInt32], weights: [Int64]) {
    precondition(list.count == weights.count, "a weight for each row")
    self.init(capacity: list.count)
    for (row, id) in list.enumerated() {
      idPointer[row] = id
      weightPointer[row] = weights[row]
    }
    count = list.count
  }
}

/// Which weights of an arrangement's rows are meant.
package enum ArrangementTime: Sendable {
  /// Those before the tick's changes.
  case before
  /// Those with them.
  case after
}

extension Arrangement {
  /// A row's weight; `isChanging` tells whether the arrangement takes part in this tick: if not, what it was touched by
  /// belongs to an older one, and both times are the same.
  @inline(__always)
  static func weight(_ header: UnsafeRawPointer, _ time: ArrangementTime, tick: UInt64, isChanging: Bool) -> Int64 {
    if time == .before, isChanging, header.load(fromByteOffset: 16, as: UInt64.self) == tick {
      return header.load(fromByteOffset: 8, as: Int64.self)
    }
    return header.load(as: Int64.self)
  }

  /// A row's weight before the tick or with its changes.
  package func weight(of id: UInt32, _ time: ArrangementTime) -> Int64 {
    precondition(Int(id) < rows.idLimit, "no such row")
    let header = UnsafeRawPointer(rows.base + Int(id) &* rows.rowBytes + layout.endWord * 8)
    return Self.weight(header, time, tick: tick, isChanging: true)
  }

  /// Whether a row can meet others: no column of its key is null.
  package func hasKey(_ id: UInt32) -> Bool {
    precondition(Int(id) < rows.idLimit, "no such row")
    return (rows.base + Int(id) &* rows.rowBytes).load(fromByteOffset: layout.endWord * 8 + 32, as: UInt32.self)
      != HashIndex.none
  }

  /// What this tick changed: the rows with an id below `visibleBelow` whose weight is another one, each once, with the
  /// difference.
  package func delta(visibleBelow limit: Int = .max) -> ArrangedRows {
    var result = ArrangedRows(capacity: touched.count)
    let base = rows.base + layout.endWord * 8, rowBytes = rows.rowBytes
    let ids = result.idPointer, weights = result.weightPointer
    var kept = 0
    for id in touched {
      let at = base + Int(id) &* rowBytes
      let difference = at.load(as: Int64.self) &- at.load(fromByteOffset: 8, as: Int64.self)
      ids[kept] = id
      weights[kept] = difference
      kept &+= difference == 0 || Int(id) >= limit ? 0 : 1
    }
    result.count = kept
    return result
  }

  /// The rows with ids from `first` on, below `end`, with their weights.
  package func rows(from first: Int, to end: Int) -> ArrangedRows {
    let end = min(end, rows.idLimit)
    if first >= end { return .none }
    var result = ArrangedRows(capacity: end - first)
    let base = rows.base + layout.endWord * 8, rowBytes = rows.rowBytes
    let ids = result.idPointer, weights = result.weightPointer
    var kept = 0
    for id in first..<end where rows.isLive(UInt32(id)) {
      let weight = (base + id &* rowBytes).load(as: Int64.self)
      ids[kept] = UInt32(id)
      weights[kept] = weight
      kept &+= weight == 0 ? 0 : 1
    }
    result.count = kept
    return result
  }

  /// The columns of some rows; long texts are copied.
  package func columns(of list: ArrangedRows) -> [Column] { columns(of: list, from: 0, count: list.count) }

  package func columns(of list: ArrangedRows, from first: Int, count: Int) -> [Column] {
    precondition(first + count <= list.count, "rows of the list")
    let arenaBase = arena.base
    return unpack(
      layout.fields, base: rows.base, rowBytes: rows.rowBytes, rows: list.idPointer + first, count: count
    ) { tail, bytes, to in
      to.copyMemory(from: longText(tail, arenaBase), byteCount: bytes)
    }
  }

  /// Some rows with their weights as batches of at most 4,096.
  package func batches(of list: ArrangedRows) -> [Batch] {
    stride(from: 0, to: list.count, by: Batch.targetRowCount).map { first in
      let count = min(Batch.targetRowCount, list.count - first)
      let weights = Buffer(byteCount: count * 8)
      weights.base.copyMemory(from: list.weightPointer + first, byteCount: count * 8)
      return Batch(
        count: count, columns: columns(of: list, from: first, count: count),
        weights: Column(.int64, count: count, values: weights))
    }
  }
}
