import Columnar
import Connectors
import SQLTypes
import StateMemory
import ZSets

/// Reads what a relation holds as of a snapshot, batch by batch; one thread's.
final class StoredScan {
  private enum Rest {
    case kept
    /// A local stream's rows from an offset on.
    case appended(StreamRows, next: UInt64, end: UInt64)
    /// Of partitions, the first of which is being read; and how far it has been.
    case atSource(any SourceReplay, ArraySlice<PartitionPosition>, PartitionPosition?)
    case nothing
  }

  private var rest: Rest
  private var kept: SnapshotScan?
  /// Batches that were read together with the last one.
  private var waiting: ArraySlice<Batch> = []

  init(_ rows: StoredRows, _ snapshot: Snapshot) {
    switch rows {
    case .kept(let reference):
      kept = SnapshotScan(reference, in: snapshot)
      rest = .kept
    case .appended(let rows, let end): rest = .appended(rows, next: 0, end: end)
    case .atSource(let spec, let partitions): rest = .atSource(spec.makeSource().makeReplay(), partitions[...], nil)
    }
  }

  /// A local stream's rows from an offset up to, not including, another one.
  init(_ rows: StreamRows, from start: UInt64, to end: UInt64) { rest = .appended(rows, next: start, end: end) }

  /// The next rows; nil: there are no more.
  ///
  /// - Errors: what reading a source's content, or a stream's, throws.
  func next() throws(SQLError) -> Batch? {
    while true {
      if let batch = waiting.popFirst() { return batch }
      switch rest {
      case .kept: return kept?.next()
      case .appended(_, let next, let end) where next >= end: return nil
      case .appended(let rows, let next, let end):
        let parts = try rows.chunks(from: next, to: end)
        waiting = parts.map { $0.rows(from: next, to: end) }[...]
        rest = parts.last.map { .appended(rows, next: $0.endOffset, end: end) } ?? .nothing
      case .atSource(let replay, var partitions, let reached):
        guard let end = partitions.first else { return nil }
        let position = reached ?? PartitionPosition(partition: end.partition, name: end.name)
        if let batch = try replay.next(position, to: end.position) {
          rest = .atSource(replay, partitions, position.moved(to: batch.positionAfter))
          if batch.batch.count > 0 { return batch.batch }
        } else {
          partitions.removeFirst()
          rest = .atSource(replay, partitions, nil)
        }
      case .nothing: return nil
      }
    }
  }
}
