import Columnar
import Dataflow
import SQLCatalog
import SQLTypes
import Synchronization

/// The rows of one local stream, by offset: in chunks in the log's database, or where there is none in memory (DESIGN §9.6).
///
/// The driver appends; any thread reads what it knows to be there. The chunks of a dropped stream go with the last reference.
final class StreamRows: Sendable {
  private let stream: UInt64
  private let types: [PhysicalType]
  private let log: (any TickLog)?
  private let memory = Mutex(StreamMemory())
  private let isDropped = Atomic(false)

  init(of stream: RelationID, types: [PhysicalType], log: (any TickLog)?) {
    self.stream = stream.rawValue
    self.types = types
    self.log = log
  }

  deinit {
    if isDropped.load(ordering: .relaxed) { log?.deleteChunks(of: stream) }
  }

  /// Nobody who does not read it already will.
  func drop() { isDropped.store(true, ordering: .relaxed) }

  /// How many bytes its rows take in memory.
  var memoryBytes: Int { memory.withLock { $0.bytes } }

  /// Rows as a tick appends them: larger chunks are halved as long as they have several rows.
  func chunks(of batches: [Batch]) -> [StreamChunk] { batches.flatMap(chunks) }

  private func chunks(of batch: Batch) -> [StreamChunk] {
    let bytes = BatchCodec.encode(batch)
    if bytes.count > StreamChunk.bytesLimit && batch.count > 1 {
      return batch.slices(of: (batch.count + 1) / 2).flatMap(chunks)
    }
    return [StreamChunk(id: log?.newChunkID() ?? 0, rowCount: UInt32(batch.count), batch: bytes)]
  }

  /// The driver's, before it publishes that they are there: chunks that the tick has appended. Where there is a log, it has them.
  func append(_ chunks: [StreamChunk]) {
    if log != nil { return }
    memory.withLock { memory in
      for chunk in chunks { memory.append(chunk, types) }
    }
  }

  /// Has small chunks made into larger ones, when there is nothing else to do.
  func merge() { log?.mergeChunks(of: stream, types: types) }

  /// The chunks that have the first rows of a range, and maybe rows beside them; none if the stream has been dropped, as a replay finds
  /// it (`StoredScan` reads on from there).
  ///
  /// - Errors: XX001 for damage, 57P01 when the engine stops, the log's error where rows could not be written.
  func chunks(from start: UInt64, to end: UInt64) throws(SQLError) -> [PlacedRows] {
    let placed = try log?.readChunks(of: stream, from: start, to: end) ?? memory.withLock { $0.chunks(from: start, to: end) }
    var found: [PlacedRows] = []
    for chunk in placed {
      found.append(PlacedRows(firstOffset: chunk.firstOffset, batch: try chunk.decoded(types, of: stream)))
    }
    return found
  }
}

/// Rows of a stream that lie behind one another.
struct PlacedRows: Sendable {
  var firstOffset: UInt64
  var batch: Batch

  var endOffset: UInt64 { firstOffset + UInt64(batch.count) }

  /// Those whose offsets are in a range.
  func rows(from start: UInt64, to end: UInt64) -> Batch {
    let first = Int(max(start, firstOffset) - firstOffset)
    let last = Int(min(end, endOffset) - firstOffset)
    return first == 0 && last == batch.count ? batch : batch.gather(Selection(first..<last))
  }
}

/// A stream's chunks where there is no log. Small ones are joined as they come, each row some twelve times at most.
private struct StreamMemory {
  private var places: [PlacedChunk] = []
  private(set) var bytes = 0

  mutating func append(_ chunk: StreamChunk, _ types: [PhysicalType]) {
    places.append(PlacedChunk(firstOffset: places.last?.endOffset ?? 0, chunk: chunk))
    bytes += chunk.batch.count
    // As binary digits are carried: a chunk is joined to one that is not larger.
    while places.count > 1, let joined = joined(places[places.count - 2], places[places.count - 1], types) {
      for place in places.suffix(2) { bytes -= place.chunk.batch.count }
      places.removeLast(2)
      places.append(joined)
      bytes += joined.chunk.batch.count
    }
  }

  private func joined(_ first: PlacedChunk, _ second: PlacedChunk, _ types: [PhysicalType]) -> PlacedChunk? {
    let rowCount = first.chunk.rowCount + second.chunk.rowCount
    guard first.chunk.rowCount <= second.chunk.rowCount, rowCount <= Batch.targetRowCount,
      first.chunk.batch.count + second.chunk.batch.count <= StreamChunk.bytesLimit
    else { return nil }
    do throws(SQLError) {
      let parts = [try BatchCodec.decode(first.chunk.batch, types: types), try BatchCodec.decode(second.chunk.batch, types: types)]
      let batch = BatchCodec.encode(.concatenated(parts, types: types))
      return PlacedChunk(firstOffset: first.firstOffset, chunk: StreamChunk(id: 0, rowCount: rowCount, batch: batch))
    } catch { preconditionFailure("what was encoded here can be decoded: \(error)") }
  }

  /// As many as a reader takes at once.
  private static let partsAtOnce = 16

  func chunks(from start: UInt64, to end: UInt64) -> [PlacedChunk] {
    if start >= end { return [] }
    // The first that ends behind the start.
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].endOffset <= start { low = middle + 1 } else { high = middle }
    }
    return Array(places[low...].prefix(Self.partsAtOnce).prefix { $0.firstOffset < end })
  }
}
