import Columnar
import Connectors
import Dataflow
import SQLCatalog
import SQLTypes
import ZSets

/// A relation whose rows can be read by their ids, on the driver's thread between two ticks.
protocol EnumerableRelation: StoredRelation {
  /// All ids are below this.
  var idLimit: Int { get }
  /// The rows whose ids are from `first` and below `end`.
  func rows(from first: Int, to end: Int) -> Batch
}

/// The way of one relation's rows into the nodes of a job, until the nodes read the relation themselves (DESIGN §9.9).
///
/// What lies behind the cursor has been read, so that changes of it pass; what lies before it will be read as it is then,
/// so that changes of it are dropped. At the relation's end the gate opens and everything passes.
final class BackfillGate {
  private enum Cursor {
    /// Rows with smaller ids have been read.
    case row(Int)
    /// A source's rows up to these positions, by partition, have been read, by a reader of the job's own.
    case positions([Int: PartitionPosition], any SourceReplay)
    /// A local stream's rows before this offset have been read.
    case offset(UInt64)
    case end
  }

  let relation: RelationID
  /// The nodes that scan the relation.
  let nodes: [NodeID]
  private var cursor: Cursor
  /// Changes that have passed and have not been pushed.
  private var passed: [Batch] = []
  /// Changed rows that were dropped since the last slice.
  private var droppedCount = 0
  private(set) var readCount = 0

  var isOpen: Bool { if case .end = cursor { true } else { false } }

  init(_ relation: RelationID, nodes: [NodeID], content: StoredRows) {
    self.relation = relation
    self.nodes = nodes
    cursor =
      switch content {
      case .kept: .row(0)
      case .appended: .offset(0)
      case .atSource(let spec, _): .positions([:], spec.makeSource().makeReplay())
      }
  }

  /// A tick has changed the relation.
  ///
  /// - ids: those of the stored rows; nil where rows have none.
  func take(_ change: Batch, ids: AppliedIDs?) {
    switch cursor {
    case .end: passed.append(change)
    case .positions, .offset: droppedCount += change.count
    case .row(let cursor):
      guard let behind = ids?.rows(below: cursor) else { return }
      droppedCount += change.count - behind.count
      if behind.count > 0 { passed.append(change.gather(behind)) }
    }
  }

  func takePassed() -> [Batch] {
    defer { passed = [] }
    return passed
  }

  /// How many rows were dropped since the last call. A slice that is larger by these comes to an end however fast rows come.
  func takeDroppedCount() -> Int {
    defer { droppedCount = 0 }
    return droppedCount
  }

  /// Reads on, and opens the gate at the end.
  ///
  /// - count: how many ids to pass over, or about how many of a source's rows to read; less what was used on return.
  /// - Errors: what reading a source's content throws.
  func read(_ stored: any StoredRelation, _ count: inout Int) throws(SQLError) -> [Batch] {
    var batches: [Batch] = []
    switch cursor {
    case .end: break
    case .row(let first):
      guard let rows = stored as? any EnumerableRelation else { preconditionFailure("rows with ids can be enumerated") }
      let end = min(first + count, rows.idLimit)
      count -= end - first
      let batch = rows.rows(from: first, to: end)
      if batch.count > 0 { batches = batch.slices() }
      cursor = end == rows.idLimit ? .end : .row(end)
    case .offset(let first):
      guard case .appended(let rows, let live) = stored.content else { preconditionFailure("a relation stays where it is") }
      let end = min(first + UInt64(count), live)
      count -= Int(end - first)
      let scan = StoredScan(rows, from: first, to: end)
      while let batch = try scan.next() { batches.append(batch) }
      cursor = end == live ? .end : .offset(end)
    case .positions(let positions, let replay): batches = try read(stored.content, positions, replay, &count)
    }
    readCount += batches.reduce(0) { $0 + $1.count }
    return batches
  }

  private func read(
    _ content: StoredRows, _ reached: [Int: PartitionPosition], _ replay: any SourceReplay, _ count: inout Int
  ) throws(SQLError) -> [Batch] {
    guard case .atSource(_, let partitions) = content else { preconditionFailure("a relation stays where it is") }
    var positions = reached
    var batches: [Batch] = []
    for live in partitions {
      var position = positions[live.partition] ?? live.moved(to: [])
      while position.position != live.position {
        if count <= 0 {
          cursor = .positions(positions, replay)
          return batches
        }
        guard let batch = try replay.next(position, to: live.position) else {
          position = live
          break
        }
        position = position.moved(to: batch.positionAfter)
        count -= batch.batch.count
        if batch.batch.count > 0 { batches.append(batch.batch) }
        positions[live.partition] = position
      }
      positions[live.partition] = position
    }
    cursor = .end
    return batches
  }
}
