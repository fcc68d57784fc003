package import Columnar
package import SQLTypes

/// Rows of a local stream as they are written: an encoded batch under an id of its own.
///
/// Which stream it belongs to, and at which offset, is said by the tick entry that names it (`TickEntry.StreamAppend`).
package struct StreamChunk: Equatable, Sendable {
  package var id: UInt64
  package var rowCount: UInt32
  /// As `BatchCodec` writes it.
  package var batch: [UInt8]

  /// A chunk of several rows has about so many bytes at most.
  package static let bytesLimit = 1 << 20

  package init(id: UInt64, rowCount: UInt32, batch: [UInt8]) {
    self.id = id
    self.rowCount = rowCount
    self.batch = batch
  }
}

/// A chunk of a local stream in its place.
package struct PlacedChunk: Equatable, Sendable {
  package var firstOffset: UInt64
  package var chunk: StreamChunk

  /// The offset behind its last row.
  package var endOffset: UInt64 { firstOffset + UInt64(chunk.rowCount) }

  package init(firstOffset: UInt64, chunk: StreamChunk) {
    self.firstOffset = firstOffset
    self.chunk = chunk
  }
}

extension PlacedChunk {
  /// The chunk's rows.
  ///
  /// - Errors: XX001 if these are not rows of the types, or not as many as the chunk should have.
  package func decoded(_ types: [PhysicalType], of relation: UInt64) throws(SQLError) -> Batch {
    let batch = try BatchCodec.decode(chunk.batch, types: types)
    guard batch.count == Int(chunk.rowCount) else {
      throw SQLError(.dataCorrupted, "the chunk of stream \(relation) at offset \(firstOffset) is damaged")
    }
    return batch
  }
}
