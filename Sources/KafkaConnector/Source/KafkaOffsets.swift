internal import Connectors
internal import SQLTypes

/// How far a partition has been read, as the engine keeps it.
///
/// | offset | size | meaning |
/// |---|---|---|
/// | 0 | 8 | the offset where the source began, little-endian |
/// | 8 | 8 | the offset of the next record, little-endian |
///
/// The first is what a reader of the whole stream begins with: what lies before it was never the stream's.
struct KafkaOffsets: Hashable, Sendable {
  var start: Int64
  var next: Int64

  init(start: Int64, next: Int64) {
    self.start = start
    self.next = next
  }

  /// Nil for bytes that are none.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == 16, let start = Int64(exactly: bytes.littleEndianWord(at: 0)),
      let next = Int64(exactly: bytes.littleEndianWord(at: 8)), start <= next
    else { return nil }
    self.init(start: start, next: next)
  }

  /// - Errors: XX001 for bytes that are no position.
  init(_ position: PartitionPosition) throws(SQLError) {
    guard let offsets = KafkaOffsets(position.position) else {
      throw SQLError(.dataCorrupted, "the position of partition \"\(position.name)\" is damaged")
    }
    self = offsets
  }

  var bytes: [UInt8] { [UInt8](littleEndianWords: UInt64(start), UInt64(next)) }
}
