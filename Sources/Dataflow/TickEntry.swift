/// What one tick took in. Encoded batches are opaque bytes here.
package struct TickEntry: Equatable, Sendable {
  /// Where a partition that moved ended.
  package struct Position: Equatable, Sendable {
    package var source: UInt64
    package var partition: UInt32
    /// The connector's own encoding: an offset, or for a file an offset and a hash of the bytes before it.
    package var position: [UInt8]
    package init(source: UInt64, partition: UInt32, position: [UInt8]) {
      self.source = source
      self.partition = partition
      self.position = position
    }
  }

  /// A partition that was found, and the number that it has for good.
  package struct Partition: Equatable, Sendable {
    package var source: UInt64
    package var partition: UInt32
    /// A file's path.
    package var name: String
    package init(source: UInt64, partition: UInt32, name: String) {
      self.source = source
      self.partition = partition
      self.name = name
    }
  }

  /// A partition that was idle came back: from `offset` on, its floor is `floor` (microseconds of event time).
  package struct FloorJump: Equatable, Sendable {
    package var source: UInt64
    package var partition: UInt32
    package var offset: Int64
    package var floor: Int64
    package init(source: UInt64, partition: UInt32, offset: Int64, floor: Int64) {
      self.source = source
      self.partition = partition
      self.offset = offset
      self.floor = floor
    }
  }

  /// A source's watermark moved by other means than its rows, to `watermark` (microseconds of event time).
  package struct WatermarkJump: Equatable, Sendable {
    package var source: UInt64
    package var watermark: Int64
    package init(source: UInt64, watermark: Int64) {
      self.source = source
      self.watermark = watermark
    }
  }

  /// A DDL statement as written, and the catalog ids that it creates, replaces or drops.
  package struct CatalogChange: Equatable, Sendable {
    package var statement: String
    package var ids: [UInt64]
    package init(statement: String, ids: [UInt64]) {
      self.statement = statement
      self.ids = ids
    }
  }

  /// One encoded batch of weighted changes of a table.
  package struct TableChange: Equatable, Sendable {
    package var relation: UInt64
    package var batch: [UInt8]
    package init(relation: UInt64, batch: [UInt8]) {
      self.relation = relation
      self.batch = batch
    }
  }

  /// Rows of a local stream, which lie in a chunk of their own.
  package struct StreamAppend: Equatable, Sendable {
    package var relation: UInt64
    package var firstOffset: UInt64
    package var rowCount: UInt32
    package var chunk: UInt64
    package init(relation: UInt64, firstOffset: UInt64, rowCount: UInt32, chunk: UInt64) {
      self.relation = relation
      self.firstOffset = firstOffset
      self.rowCount = rowCount
      self.chunk = chunk
    }
  }

  package var number: UInt64
  package var clockMicroseconds: Int64
  package var partitions: [Partition] = []
  package var positions: [Position] = []
  package var floorJumps: [FloorJump] = []
  package var watermarkJumps: [WatermarkJump] = []
  package var ddl: [CatalogChange] = []
  package var tableChanges: [TableChange] = []
  package var streamAppends: [StreamAppend] = []

  package init(number: UInt64, clockMicroseconds: Int64) {
    self.number = number
    self.clockMicroseconds = clockMicroseconds
  }
}
