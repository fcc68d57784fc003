internal import Columnar
internal import SQLTypes
internal import Synchronization

/// The ids of chunks, counted up by whoever makes one.
final class ChunkIDs: Sendable {
  private let upcoming: Atomic<UInt64>

  init(from first: UInt64) { upcoming = Atomic(first) }

  func next() -> UInt64 { upcoming.wrappingAdd(1, ordering: .relaxed).oldValue }
}

/// What the log's thread does while nobody waits for it, in steps of some milliseconds.
enum Chore: Hashable, Sendable {
  /// Small chunks of a stream become larger ones.
  case merge(stream: UInt64, types: [PhysicalType])
  /// A dropped stream's chunks go.
  case delete(stream: UInt64)
}

struct Chores {
  private static let chunksPerDeletion = 64

  private let chunkIDs: ChunkIDs
  /// By stream, the offset behind which there may be chunks to be merged.
  private var settled: [UInt64: UInt64] = [:]

  init(_ chunkIDs: ChunkIDs) { self.chunkIDs = chunkIDs }

  /// - Returns: whether the chore needs a further step. One that cannot be done is given up: if the database is at its end the
  ///   next write tells why, and a chore that was not done does no harm.
  mutating func step(_ chore: Chore, _ database: LeatDatabase) -> Bool {
    do throws(SQLError) {
      switch chore {
      case .merge(let stream, let types):
        let found = try database.mergeableChunks(of: stream, from: settled[stream] ?? 0)
        settled[stream] = found.settled
        guard let run = found.run else { return false }
        try database.merge(run, types: types, as: chunkIDs.next())
        return true
      case .delete(let stream):
        settled[stream] = nil
        if try !database.isDropped(stream: stream) { try database.markDropped(stream: stream) }
        guard try database.endOffset(of: stream) != nil else { return false }
        return try database.deleteChunks(of: stream, atMost: Self.chunksPerDeletion)
      }
    } catch { return false }
  }
}
