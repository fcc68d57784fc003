import Columnar
import Connectors
import Dataflow
import SQLCatalog
import SQLTypes

/// What sources tell becomes part of ticks; after a restart it is read again, up to the logged positions.
extension Driver {
  /// Takes an event in; its rows are staged for this tick. Of another kind, it finds the tick ended that had the rows before it.
  ///
  /// - feed: the number of the feed that tells it; what an earlier one told is read again by its successor.
  func take(_ event: SourceEvent, of id: RelationID, _ feed: Int?) {
    guard let source = sources[id], feed == nil || feed == source.feedNumber else { return }
    defer { source.release() }
    switch event {
    case .discovered(let partition):
      if source.partition(partition.partition) != nil { return }
      source.discovered(partition)
      stage(partition, of: id)
    case .rows(let batch): stage(batch, source, id)
    case .caughtUp(let partition), .partitionEnded(let partition): source.reachedEnd(partition)
    case .ends(let ends): source.ends = ends
    case .trouble(let failure):
      source.isInTrouble(failure)
      events.note(.warning, "the source of \"\(source.spec.relation)\" does not get on, and tries again: \(failure.error.message)")
    case .recovered:
      source.recovered()
      events.note(.log, "the source of \"\(source.spec.relation)\" gets on again")
    case .ended: source.ended()
    case .failed(let failure):
      fail(source, failure.error)
      publish(isTick: false)
    }
  }

  /// Stages that a partition has been found, and where it begins if it says so.
  private func stage(_ partition: PartitionPosition, of id: RelationID) {
    stagedPartitions.append(partition.entry(of: id))
    if let start = partition.startEntry(of: id) { stagedPositions.append(start) }
  }

  private func stage(_ batch: SourceBatch, _ source: SourceState, _ id: RelationID) {
    stage([batch], of: id)
    tookIn(batch, source)
    let position = TickEntry.Position(
      source: id.rawValue, partition: UInt32(batch.partition), position: batch.positionAfter)
    stagedPositions.removeAll { $0.source == position.source && $0.partition == position.partition }
    stagedPositions.append(position)
  }

  /// Stages the rows of one partition.
  private func stage(_ batches: [SourceBatch], of id: RelationID) {
    let rows = batches.map(\.batch).filter { $0.count > 0 }
    if rows.isEmpty { return }
    guard let stored = relations[id] else { return }
    if stored is SourcedStream {
      stagedStreams[id, default: []] += rows
      return
    }
    let types = stored.types.map(\.physicalType)
    let change: Batch
    if let keyed = stored as? KeyedRelation {
      let deletions = batches.filter { $0.batch.count > 0 }.compactMap(\.deletions)
      let marks = deletions.isEmpty
        ? nil : Batch.joined(deletions.map { Batch(count: $0.count, columns: [$0]) }, types: [.bool]).columns[0]
      let before = keyed.movedKeyCount
      change = keyed.upsert(.joined(rows, types: types), deletions: marks, from: batches[0].partition)
      noteMovedKeys(of: id, before: before, now: keyed.movedKeyCount)
    } else {
      change = .consolidated(rows, types: types)
    }
    if change.count > 0 { staged[id] = staged[id].map { .consolidated([$0, change], types: types) } ?? change }
  }

  /// Starts sources that wait.
  ///
  /// - reply: answered once all of them have taken in what is there now.
  func startSources(_ ids: [RelationID], _ reply: Reply<Void>?) {
    let all = ids.compactMap { id in sources[id].map { (id, $0) } }
    for (id, source) in all { start(source, id) }
    guard let reply else { return }
    let countdown = Countdown(all.count, reply)
    for (_, source) in all { source.whenCaughtUp(countdown) }
  }

  private func start(_ source: SourceState, _ id: RelationID) {
    let send = send
    do throws(SQLError) {
      try source.start(needing: neededColumns(of: id)) { (event, feed, cancellation) throws(SQLError) in
        try send(.source(id, event, feed: feed), cancellation)
      }
    } catch { fail(source, error) }
  }

  private func fail(_ source: SourceState, _ error: SQLError) {
    source.failed(error)
    events.note(.warning, "the source of \"\(source.spec.relation)\" has stopped: \(error.message)")
    answerPositionWaits()
  }

  /// A batch's rows are in the tick. Refused ones are noted, the more there are the more seldom.
  private func tookIn(_ batch: SourceBatch, _ source: SourceState) {
    let before = source.refusedCount
    source.tookIn(batch)
    guard let error = batch.errors.last, Self.isNoted(source.refusedCount, before: before) else { return }
    events.note(
      .warning,
      "the source of \"\(source.spec.relation)\" has had \(source.refusedCount) \(source.refusedCount == 1 ? "record" : "records") refused, "
        + "the last one at offset \(error.offset) of partition \(batch.partition): \(error.message); see leat.errors")
  }

  /// Whether a count that has grown is told: the first time, and when it has a digit more.
  private static func isNoted(_ now: Int, before: Int) -> Bool { before == 0 || String(before).count < String(now).count }

  /// Notes that keys have come in a second partition, the more there are the more seldom.
  private func noteMovedKeys(of id: RelationID, before: Int, now: Int) {
    guard now > before, Self.isNoted(now, before: before), let name = catalog[id]?.name else { return }
    events.note(
      .warning,
      "\(now) \(now == 1 ? "row" : "rows") of the source of \"\(name)\" had a key that another of its partitions has: which row is the last one is by chance")
  }

  /// Before somebody reads a stream: if it runs without a column that is needed now, it starts again where it stands.
  func readMoreColumns(of ids: some Sequence<RelationID>) {
    for id in ids {
      guard let source = sources[id], source.phase == .running else { continue }
      start(source, id)
    }
  }

  /// The columns of a source's rows that somebody reads: of a table all, for it keeps them.
  private func neededColumns(of id: RelationID) -> Set<Int> {
    guard relations[id] is SourcedStream, subscriptions[id] == nil else { return Set(relations[id]?.types.indices ?? 0..<0) }
    let views = relations.values.compactMap { $0 as? ViewRelation } + jobs.flatMap { $0.views.map(\.stored) }
    return views.reduce(into: []) { $0.formUnion($1.columnsRead[id] ?? []) }
  }

  func stopSources() {
    for source in sources.values { source.stop() }
  }

  /// What sources told is in no tick any more, and a restart reads it again.
  func haltSources(_ error: SQLError) {
    for source in sources.values where source.phase == .running {
      source.stop()
      source.failed(error)
    }
  }

  /// Whether a materialized view reads the source, or it has been read from before.
  func isRead(_ id: RelationID) -> Bool {
    sources[id]?.partitions.isEmpty == false || catalog.allDependents(of: id).contains { $0.kind == .materializedView }
  }

  /// Where a definition's entry says that its source begins.
  ///
  /// - Errors: XX001 if the log does not fit the catalog.
  func replayStarts(_ entry: TickEntry) throws(SQLError) {
    try replayPartitions(entry)
    for start in entry.positions { sources[RelationID(start.source)]?.moved(Int(start.partition), to: start.position) }
  }

  /// Partitions that the entry says were found.
  ///
  /// - Errors: XX001 if the log does not fit the catalog.
  func replayPartitions(_ entry: TickEntry) throws(SQLError) {
    for partition in entry.partitions {
      guard let source = sources[RelationID(partition.source)] else { throw Self.damaged(entry.number) }
      source.discovered(PartitionPosition(partition: Int(partition.partition), name: partition.name))
    }
  }

  /// Stages what the entry says that sources brought. A source whose content is not what it was, or cannot be read, stops
  /// there, visibly (DESIGN §9.16); the log still says how far it was, for a start at which it can be read again.
  ///
  /// - Errors: XX001 if the log does not fit the catalog.
  func replaySources(_ entry: TickEntry) throws(SQLError) {
    try replayPartitions(entry)
    for end in entry.positions {
      let id = RelationID(end.source)
      guard let source = sources[id], let start = source.partition(Int(end.partition)) else { throw Self.damaged(entry.number) }
      if source.phase == .failed { continue }
      let replay = replays[id] ?? source.spec.makeSource().makeReplay()
      replays[id] = replay
      var batches: [SourceBatch] = []
      do throws(SQLError) {
        try replay.read(start, to: end.position) { (batch) throws(SQLError) in batches.append(batch) }
      } catch {
        fail(source, error)
        continue
      }
      stage(batches, of: id)
      for batch in batches { tookIn(batch, source) }
      source.moved(Int(end.partition), to: end.position)
    }
  }
}

extension PartitionPosition {
  /// What a tick's entry says of a partition that was found.
  func entry(of id: RelationID) -> TickEntry.Partition {
    .init(source: id.rawValue, partition: UInt32(partition), name: name)
  }

  /// Where it begins; nil where that is its beginning.
  func startEntry(of id: RelationID) -> TickEntry.Position? {
    position.isEmpty ? nil : .init(source: id.rawValue, partition: UInt32(partition), position: position)
  }
}

/// Answers once so many have.
final class Countdown {
  private var left: Int
  private var failure: SQLError?
  private let reply: Reply<Void>

  init(_ count: Int, _ reply: Reply<Void>) {
    left = count
    self.reply = reply
    if count == 0 { reply.fulfil(.success(())) }
  }

  func fulfil(_ answer: Result<Void, SQLError>) {
    if case .failure(let error) = answer { failure = failure ?? error }
    left -= 1
    if left == 0 { reply.fulfil(failure.map { .failure($0) } ?? .success(())) }
  }
}
