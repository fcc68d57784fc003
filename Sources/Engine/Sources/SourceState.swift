import Columnar
import Connectors
import Platform
import SQLTypes

/// A source as the driver knows it: how far its partitions have been taken in, and what was refused.
final class SourceState {
  enum Phase: String, Sendable {
    /// Nobody reads it yet (DESIGN §9.10).
    case waiting
    case running
    /// Its end was reached; nothing more will come.
    case ended
    case failed
  }

  let spec: SourceSpec
  private(set) var phase = Phase.waiting
  private(set) var failure: SQLError?
  private(set) var partitions: [PartitionPosition] = []
  /// Partitions whose content has been taken in as far as it went a moment ago.
  private var atEnd: Set<Int> = []
  private(set) var rowCount = 0
  private(set) var refusedCount = 0
  private(set) var refused: [(partition: Int, error: RowError)] = []
  private(set) var forgottenCount = 0
  private var refusedBytes = 0
  /// How far its partitions went when it last told, as offsets that people see.
  var ends: [Int: Int64] = [:]
  /// What went wrong last at a partition, or, under nil, at the whole source.
  private var troubles: [Int?: SQLError] = [:]
  private var isTroubled = false
  private var feed: SourceFeed?
  /// Events of earlier feeds are not its own any more: what they told since is read again.
  private(set) var feedNumber = 0
  /// The columns whose values batches have; others are constant NULLs.
  private var neededColumns: Set<Int> = []
  /// Statements that wait until all that is there has been taken in.
  private var waiting: [Countdown] = []

  /// DIALECT §7: what entries of one source are kept, the oldest go first.
  private static let errorRetentionBytes = 64 << 20

  init(_ spec: SourceSpec) { self.spec = spec }

  /// Starts the source where it stands, or again if it runs without a column that is needed.
  ///
  /// - needed: the columns that somebody reads.
  /// - send: hands on an event of the feed with this number.
  /// - Errors: what the source does not start with.
  func start(
    needing needed: Set<Int>, send: @escaping @Sendable (SourceEvent, Int, Cancellation) throws(SQLError) -> Void
  ) throws(SQLError) {
    switch phase {
    case .waiting: break
    case .running: if needed.isSubset(of: neededColumns) { return }
    case .ended, .failed: return
    }
    feed?.stop()
    feedNumber += 1
    neededColumns = needed
    let number = feedNumber
    feed = try SourceFeed(spec.needing { needed.contains($0) }.makeSource(), from: partitions) { (event, cancellation) throws(SQLError) in
      try send(event, number, cancellation)
    }
    phase = .running
  }

  func stop() {
    feed?.stop()
    feed = nil
    answerWaiting(.failure(SQLError(.objectNotInPrerequisiteState, "source \"\(spec.relation)\" has been stopped")))
  }

  /// Answers once everything that is there now has been taken in.
  func whenCaughtUp(_ reply: Countdown) {
    if let failure { return reply.fulfil(.failure(failure)) }
    if isCaughtUp { return reply.fulfil(.success(())) }
    if isTroubled, let error = lastTrouble { return reply.fulfil(.failure(error)) }
    waiting.append(reply)
  }

  private var isCaughtUp: Bool {
    switch phase {
    case .ended, .failed: true
    case .waiting: false
    case .running: !partitions.isEmpty && partitions.allSatisfy { atEnd.contains($0.partition) }
    }
  }

  // MARK: events

  func release() { feed?.release() }

  func discovered(_ partition: PartitionPosition) {
    if !partitions.contains(where: { $0.partition == partition.partition }) { partitions.append(partition) }
  }

  /// Whether it has the partition, or one of the name may turn up.
  func reads(_ partition: String) -> Bool {
    partitions.contains { $0.name == partition } || spec.connector.mayHave(partition)
  }

  func partition(_ number: Int) -> PartitionPosition? { partitions.first { $0.partition == number } }

  /// A batch's rows are in the tick: its position and errors become the source's.
  func tookIn(_ batch: SourceBatch) {
    moved(batch.partition, to: batch.positionAfter)
    rowCount += batch.batch.count
    refusedCount += batch.errors.count
    if spec.connector.onError == .skip { return }
    for error in batch.errors {
      refused.append((batch.partition, error))
      refusedBytes += error.payload.count + 64
    }
    while refusedBytes > Self.errorRetentionBytes, let first = refused.first {
      refusedBytes -= first.error.payload.count + 64
      refused.removeFirst()
      forgottenCount += 1
    }
  }

  func moved(_ partition: Int, to position: [UInt8]) {
    atEnd.remove(partition)
    guard let index = partitions.firstIndex(where: { $0.partition == partition }) else { return }
    partitions[index] = PartitionPosition(partition: partition, name: partitions[index].name, position: position)
  }

  func reachedEnd(_ partition: Int) {
    atEnd.insert(partition)
    if isCaughtUp { answerWaiting(.success(())) }
  }

  /// The source tries again by itself; who waits for it is told.
  func isInTrouble(_ failure: SourceFailure) {
    troubles[failure.partition] = failure.error
    isTroubled = true
    answerWaiting(.failure(failure.error))
  }

  /// What went wrong last, if that was not the end of it.
  var lastTrouble: SQLError? { troubles[Int?.none] ?? troubles.values.first }

  func trouble(of partition: Int) -> SQLError? { troubles[partition] ?? troubles[Int?.none] }

  func recovered() { isTroubled = false }

  func ended() {
    phase = .ended
    answerWaiting(.success(()))
  }

  func failed(_ error: SQLError) {
    phase = .failed
    failure = error
    answerWaiting(.failure(error))
  }

  private func answerWaiting(_ answer: Result<Void, SQLError>) {
    for reply in waiting { reply.fulfil(answer) }
    waiting = []
  }
}
