package import Columnar
package import Platform
package import SQLTypes

/// Makes the rows of one stream or table. Files and generators are sources; so is a Kafka consumer.
///
/// Life: `start` once, then events arrive in the queue until `.ended` or `.failed`, or until `stop`, which the owner calls in
/// every case and once. A source that was paused is stopped, and a new one is started from the positions reached.
package protocol Source: AnyObject, Sendable {
  var spec: SourceSpec { get }

  /// Starts a thread that puts events into `queue`, waiting where the queue is full.
  ///
  /// - partitions: those known from earlier runs, each with the position to go on from. New ones get the next numbers.
  /// - queue: for this source alone; the source closes it after its last event.
  /// - Errors: 58P01 or 58030 where there is nothing to read at all; 53000 where no thread can be had. Whatever goes wrong
  ///   later is an event.
  func start(from partitions: [PartitionPosition], into queue: BoundedQueue<SourceEvent>) throws(SQLError)

  /// Ends the thread, wherever it waits, and returns when it has ended. Events that were queued stay in the queue.
  func stop()

  /// A reader of what was read before, for restart and for backfill; it belongs to the thread that uses it.
  func makeReplay() -> any SourceReplay
}

/// Reads the rows between two positions of a partition again.
package protocol SourceReplay: AnyObject {
  /// The next of the rows and row errors that the source handed over between `from` and `to`, in batches that may be cut
  /// elsewhere; nil: there are no more, and `to` is where they end.
  ///
  /// - Cost: a file's bytes before `from` are read to prove that they are the same, unless the last call ended there.
  /// - Errors: XX001 if the contents are not those that were read; 58P01 or 58030 if they cannot be read.
  func next(_ from: PartitionPosition, to: [UInt8]) throws(SQLError) -> SourceBatch?
}

extension SourceReplay {
  /// Hands over all that `next` gives between `from` and `to`.
  ///
  /// - Errors: those of `next`; what `body` throws.
  package func read(
    _ from: PartitionPosition, to: [UInt8], _ body: (SourceBatch) throws(SQLError) -> Void
  ) throws(SQLError) {
    var position = from
    while let batch = try next(position, to: to) {
      try body(batch)
      position = from.moved(to: batch.positionAfter)
    }
  }
}

/// A partition and how far it has been read.
package struct PartitionPosition: Hashable, Sendable {
  package let partition: Int
  /// What the partition is: a file's path.
  package let name: String
  /// Empty: nothing was read yet.
  package let position: [UInt8]

  package init(partition: Int, name: String, position: [UInt8] = []) {
    self.partition = partition
    self.name = name
    self.position = position
  }

  /// Another position of the partition.
  package func moved(to position: [UInt8]) -> PartitionPosition {
    PartitionPosition(partition: partition, name: name, position: position)
  }
}

/// What a source tells, in the order in which it happened.
package enum SourceEvent: Sendable {
  /// A partition was found and has a number now; comes before anything else of it. To be logged: the number is for good.
  case discovered(PartitionPosition)
  case rows(SourceBatch)
  /// All that the partition held a moment ago has been sent. More may come: a followed file may grow.
  case caughtUp(partition: Int)
  /// How far partitions go, as offsets that people see, which is to say how much is left to read.
  case ends([Int: Int64])
  /// The source cannot go on for now, and tries again by itself.
  case trouble(SourceFailure)
  /// It goes on after trouble.
  case recovered
  /// Nothing more will come from this partition.
  case partitionEnded(partition: Int)
  /// Nothing more will come at all. The last event of a source that has an end.
  case ended
  /// The source has stopped. The last event of a source that cannot go on.
  case failed(SourceFailure)
}

/// Why a source has stopped, or does not get on.
package struct SourceFailure: Error, Hashable, Sendable {
  /// The partition where it happened, if it was in one.
  package let partition: Int?
  package let error: SQLError

  package init(partition: Int?, error: SQLError) {
    self.partition = partition
    self.error = error
  }
}

/// Rows of one partition, in its order.
///
/// Shapes: `batch` has a column for each of the spec's, by number; those that nobody needs are constant NULLs. `offsets` and
/// `deletions` have a value for each of its rows. A batch may have no rows, only errors or a new position.
package struct SourceBatch: Sendable {
  package let partition: Int
  package let batch: Batch
  /// Upsert envelope only: a boolean for each row, true where the key is deleted. Such a row has its key columns; the
  /// others are NULL.
  package let deletions: Column?
  /// Each row's place in the partition (bigint), ascending.
  package let offsets: Column
  /// The position behind the last row and error of this batch; what a restart begins from.
  package let positionAfter: [UInt8]
  /// Records that made no row, by ascending offset.
  package let errors: [RowError]
  /// Bytes of the partition that the batch was made from: for rates.
  package let byteCount: Int

  package init(
    partition: Int, batch: Batch, deletions: Column? = nil, offsets: Column, positionAfter: [UInt8], errors: [RowError] = [],
    byteCount: Int = 0
  ) {
    self.partition = partition
    self.batch = batch
    self.deletions = deletions
    self.offsets = offsets
    self.positionAfter = positionAfter
    self.errors = errors
    self.byteCount = byteCount
  }
}

/// A record that made no row.
package struct RowError: Hashable, Sendable {
  /// As many bytes of a record are kept.
  package static let payloadLimit = 256

  package let offset: Int64
  package let state: SQLState
  package let message: String
  /// The record's first bytes, whatever they are.
  package let payload: [UInt8]

  package init(offset: Int64, state: SQLState, message: String, payload: [UInt8]) {
    self.offset = offset
    self.state = state
    self.message = message
    self.payload = payload
  }
}
