internal import Columnar
package import Dataflow
internal import Platform
package import SQLTypes
internal import Synchronization

/// The thread that writes the log while the driver computes.
///
/// The driver hands it entries in order and goes on; the thread writes all that have come meanwhile as one transaction with one
/// sync; whoever must know that a tick is on the disk waits for its number. An entry handed over as not synchronous (its client set
/// `synchronous_commit = off`) is written at once and synced with the next that is, when somebody waits for it, or after 200 ms.
/// Chores, which merge and delete chunks of streams, are done step by step while nothing else is there to do, and a step each 200 ms
/// however much there is.
///
/// | state | submit | waitDurable(tick) | thread |
/// |---|---|---|---|
/// | running | queues; waits while 64 MiB or 4,096 entries are queued | waits until the tick is on the disk | writes, syncs |
/// | failed | throws, the entry is not queued | throws if the tick is not on the disk | runs jobs, waits for `withdraw` |
/// | stopped | throws 57P01 | throws 57P01 if the tick is not on the disk | has ended |
package final class LogThread: Sendable {
  private static let queuedBytesLimit = 64 << 20
  private static let queuedEntriesLimit = 4096
  private static let flushIntervalNanoseconds: Int64 = 200_000_000
  private static let choreIntervalNanoseconds: Int64 = 200_000_000

  private struct Item: Sendable { var entry: TickEntry; var chunks: [StreamChunk]; var isSynchronous: Bool; var bytes: Int }

  private struct Job: Sendable {
    /// The newest entry that was handed over before.
    var after: UInt64
    var run: @Sendable (LeatDatabase) -> Void
  }

  private struct State: Sendable {
    var queue: [Item] = []
    var queuedBytes = 0
    var jobs: [Job] = []
    /// Each with the newest entry that was handed over before.
    var chores: [(chore: Chore, after: UInt64)] = []
    /// The newest tick of the log: on the disk, and written though perhaps not synced.
    var durable: UInt64
    var written: UInt64
    /// The newest tick that somebody has waited for.
    var wanted: UInt64 = 0
    var failure: SQLError?
    var isStopping = false
    var hasEnded = false

    /// The jobs whose turn has come, which leave the list.
    mutating func takeJobs() -> [Job] {
      let ready = jobs.prefix { failure != nil || $0.after <= written }
      jobs.removeFirst(ready.count)
      return Array(ready)
    }

    /// The chore to take a step of, if that is allowed.
    var chore: Chore? {
      guard let first = chores.first, failure == nil, !isStopping, first.after <= written else { return nil }
      return first.chore
    }

    var isFull: Bool { queuedBytes > LogThread.queuedBytesLimit || queue.count >= LogThread.queuedEntriesLimit }
  }

  /// What the thread finds to do.
  private enum Work: Sendable { case entries([Item]), jobs([Job]), chore(Chore), flush, end }

  /// The database from the start of the thread to its end, when nobody else touches it.
  private struct Owned: @unchecked Sendable { let database: LeatDatabase }

  private let state: Monitor<State>
  private let thread: Thread
  private let nextChunkID: ChunkIDs

  /// Opens the database in a directory, and starts the thread.
  ///
  /// - Errors: those of `LeatDatabase.open`; 53000 if the thread does not start.
  package static func open(directory: String, vfs: String? = nil) throws(SQLError) -> LogThread {
    try LogThread(LeatDatabase.open(directory: directory, vfs: vfs))
  }

  /// Starts the thread. The database is the thread's own until `stop()`, which has to be called, and closed then.
  package init(_ database: sending LeatDatabase) throws(SQLError) {
    let last = try database.lastTick() ?? 0
    let state = Monitor(State(durable: last, written: last))
    let chunkIDs = ChunkIDs(from: try database.nextChunkID())
    let owned = Owned(database: database)
    self.state = state
    nextChunkID = chunkIDs
    do throws(PlatformError) {
      thread = try Thread(named: "log") { Self.run(owned.database, state, chunkIDs) }
    } catch {
      throw SQLError(.insufficientResources, "cannot start the log's thread: \(error)")
    }
  }

  // MARK: callers (the members of TickLog are described there)

  package func submit(_ entry: TickEntry, _ chunks: [StreamChunk] = [], isSynchronous: Bool = true) throws(SQLError) {
    let bytes = entry.tableChanges.reduce(256) { $0 + $1.batch.count } + chunks.reduce(0) { $0 + $1.batch.count }
    let item = Item(entry: entry, chunks: chunks, isSynchronous: isSynchronous, bytes: bytes)
    try Self.waiting(for: state) { (state) -> Result<Void, SQLError>? in
      if state.isStopping { return .failure(Self.stopped) }
      if let failure = state.failure { return .failure(failure) }
      if state.isFull { return nil }
      state.queue.append(item)
      state.queuedBytes += bytes
      return .success(())
    }.get()
  }

  package func waitDurable(_ tick: UInt64) throws(SQLError) {
    state.update { $0.wanted = max($0.wanted, tick) }
    try Self.waiting(for: state) { (state) -> Result<Void, SQLError>? in
      if state.durable >= tick { return .success(()) }
      if let failure = state.failure { return .failure(failure) }
      return state.hasEnded ? .failure(Self.stopped) : nil
    }.get()
  }

  package var durableTick: UInt64 { state.withLock { $0.durable } }

  /// Forgets an entry that could not be written, and the failure with it: it is as if it had not been handed over. Does nothing
  /// if it was written, or if one before it was not, which somebody may have built on.
  func withdraw(_ tick: UInt64) {
    state.update { state in
      guard state.failure != nil, state.queue.first?.entry.number == tick else { return }
      state.queue = []
      state.queuedBytes = 0
      state.failure = nil
      // Nobody waits for an entry that will not come.
      for index in state.jobs.indices { state.jobs[index].after = min(state.jobs[index].after, state.written) }
      for index in state.chores.indices { state.chores[index].after = min(state.chores[index].after, state.written) }
    }
  }

  /// Runs `body` on the thread once the entries handed over before are written (or have failed), and returns its result.
  package func perform<Value: Sendable>(
    _ body: @escaping @Sendable (LeatDatabase) throws(SQLError) -> Value
  ) throws(SQLError) -> Value {
    let answer = Monitor<Result<Value, SQLError>?>(nil)
    let isQueued = state.update { state in
      if state.isStopping { return false }
      let job = Job(after: state.queue.last?.entry.number ?? state.written) { database in
        let result: Result<Value, SQLError>
        do throws(SQLError) { result = .success(try body(database)) } catch { result = .failure(error) }
        answer.update { $0 = result }
      }
      state.jobs.append(job)
      return true
    }
    if !isQueued { throw Self.stopped }
    return try Self.waiting(for: answer) { $0 }.get()
  }

  package func newChunkID() -> UInt64 { nextChunkID.next() }

  /// The thread writes no commit while it reads, so that it does not read more at once.
  private static let readBytes = 512 << 10

  package func readChunks(of stream: UInt64, from start: UInt64, to end: UInt64) throws(SQLError) -> [PlacedChunk] {
    do throws(SQLError) {
      return try perform { (database) throws(SQLError) in
        try database.isDropped(stream: stream)
          ? [] : database.chunks(of: stream, from: start, to: end, bytes: Self.readBytes)
      }
    } catch {
      // Rows that could not be written are not there to be read.
      throw state.withLock { $0.failure } ?? error
    }
  }

  func add(_ chore: Chore) {
    state.update { state in
      let after = state.queue.last?.entry.number ?? state.written
      // The first may be at its last step, which does not see what has come since.
      if let index = state.chores.indices.dropFirst().first(where: { state.chores[$0].chore == chore }) {
        state.chores[index].after = after
      } else {
        state.chores.append((chore, after))
      }
    }
  }

  package func stop() {
    state.update { $0.isStopping = true }
    thread.join()
  }

  private static var stopped: SQLError { SQLError(.adminShutdown, "the log has been stopped") }

  /// Waits without an end of its own: the thread answers everybody, also when it ends.
  private static func waiting<S: Sendable, Value: Sendable>(for monitor: Monitor<S>, _ body: (inout S) -> Value?) -> Value {
    do throws(PlatformError) { return try monitor.wait(until: body) } catch {
      preconditionFailure("a wait that has neither cancellation nor timeout ended: \(error)")
    }
  }

  // MARK: the thread

  private static func run(_ database: LeatDatabase, _ state: Monitor<State>, _ chunkIDs: ChunkIDs) {
    let clock = SystemClock()
    var chores = Chores(chunkIDs)
    var lastChore = clock.monotonicNanoseconds
    var lastFlush = clock.monotonicNanoseconds
    while true {
      let sinceFlush = clock.monotonicNanoseconds - lastFlush
      let mustFlush = database.isUnsynced && sinceFlush >= flushIntervalNanoseconds
      let isChoreDue = clock.monotonicNanoseconds - lastChore >= choreIntervalNanoseconds
      let work = mustFlush
        ? .flush
        : next(state, isChoreDue, untilNanoseconds: database.isUnsynced ? flushIntervalNanoseconds - sinceFlush : nil)
      switch work {
      case .entries(let items): write(items, to: database, state)
      case .jobs(let jobs): for job in jobs { job.run(database) }
      case .chore(let chore):
        if !chores.step(chore, database) { state.update { _ = $0.chores.removeFirst() } }
        lastChore = clock.monotonicNanoseconds
      case .flush: flush(database, state)
      case .end:
        if database.isUnsynced { flush(database, state) }
        state.update { $0.hasEnded = true }
        return
      }
      if !database.isUnsynced { lastFlush = clock.monotonicNanoseconds }
      database.checkpointIfDue()
    }
  }

  /// Waits for work; nothing for as long as given means that it is time to flush.
  private static func next(_ state: Monitor<State>, _ isChoreDue: Bool, untilNanoseconds timeout: Int64?) -> Work {
    do throws(PlatformError) {
      return try state.wait(
        until: { state in
          if isChoreDue, let chore = state.chore { return .chore(chore) }
          let jobs = state.takeJobs()
          if !jobs.isEmpty { return .jobs(jobs) }
          if state.failure == nil {
            if !state.queue.isEmpty { return .entries(state.queue) }
            if state.written > state.durable && state.wanted > state.durable { return .flush }
            if let chore = state.chore { return .chore(chore) }
          }
          return state.isStopping ? .end : nil
        }, timeoutMilliseconds: timeout.map { max(1, $0 / 1_000_000) })
    } catch {
      return .flush
    }
  }

  /// Writes the entries as one transaction. They stay queued until that has succeeded.
  private static func write(_ items: [Item], to database: LeatDatabase, _ state: Monitor<State>) {
    do throws(SQLError) {
      try database.setSynchronousCommit(items.contains(where: \.isSynchronous))
      try database.write(items.map(\.entry), items.flatMap(\.chunks))
      let isDurable = !database.isUnsynced
      state.update { state in
        state.queue.removeFirst(items.count)
        state.queuedBytes -= items.reduce(0) { $0 + $1.bytes }
        state.written = items[items.count - 1].entry.number
        if isDurable { state.durable = state.written }
      }
    } catch {
      state.update { $0.failure = error }
    }
  }

  private static func flush(_ database: LeatDatabase, _ state: Monitor<State>) {
    do throws(SQLError) {
      try database.flush()
      state.update { $0.durable = $0.written }
    } catch {
      state.update { $0.failure = error }
    }
  }
}
