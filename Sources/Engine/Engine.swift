// Engine: sessions, the catalog, and the driver that keeps tables and views.
//
// - session: what one client has: it runs statements one after another, and may have a transaction open.
// - driver: the one thread that changes anything, tick by tick; sessions put requests into its queue and wait.
// - stored relation: what a table or a materialized view holds. Readers scan it as of a snapshot.
// - run: a SELECT asked once is planned like a view, lowered to the same operators, fed once, and thrown away (DESIGN §2).
//
// Invariant: a statement that this build cannot run is refused with 0A000 and its name; nothing is accepted and ignored.
package import Connectors
package import Dataflow
package import Platform
import SQLCatalog
package import SQLTypes
import StateMemory
import Synchronization

/// One instance: a catalog, its rows, and the driver's thread. `stop` ends it.
package final class Engine: Sendable {
  let space: StateSpace
  let published: PublishedState
  let clock: any Clock
  /// What happens to the instance; servers note what happens to connections.
  package let events: EventLog
  /// What sources there can be.
  let connectors: Connectors
  /// How many workers run the dataflow.
  let workers: Int
  private let queue: BoundedQueue<Command>
  private let thread: Mutex<Platform.Thread?>

  /// How many requests may wait for the driver; more senders wait.
  private static let queueCapacity = 4096
  /// Plans as deep as the parser lets through are lowered and run on the driver's thread.
  private static let driverStackBytes = 8 << 20

  /// The most workers: more than any machine's cores.
  private static let workersLimit = 1024

  /// Starts an engine; with a log, its ticks are applied first.
  ///
  /// - workers: how many threads run the dataflow of a large tick, the driver's among them. Views hold the same whatever it is.
  /// - sizes: what a large tick is; for tests.
  /// - openLog: opens the log, on the driver's thread, which alone uses it and stops it; nil for an instance that keeps nothing.
  /// - changeSink: takes the changes of materialized views, which then keep no rows; for measurements.
  /// - connectors: what sources there can be.
  /// - pace: how fast new views are filled.
  /// - onEvent: is told what happens to the instance, as `leat.log` lists it.
  /// - sharesNodes: whether equal parts of views are kept once; false for tests of what a view's own are filled with.
  /// - Errors: what opening throws, 22023 for a number of workers that cannot be, XX001 for a damaged log, 53000 if there is no
  ///   thread.
  package init(
    clock: any Clock = SystemClock(), workers: Int = 1, sizes: ShardedGraph.Sizes = .init(),
    changeSink: (any ChangeSink)? = nil, connectors: Connectors = .builtIn, pace: BackfillPace = BackfillPace(), sharesNodes: Bool = true,
    onEvent: @escaping @Sendable (EngineEvent) -> Void = { _ in },
    openLog: (@Sendable () throws(SQLError) -> any TickLog)? = nil
  ) throws(SQLError) {
    guard (1...Self.workersLimit).contains(workers) else {
      throw SQLError(
        .invalidParameterValue, "the number of workers has to be from 1 to \(Self.workersLimit), not \(workers)")
    }
    let space = StateSpace()
    let published = PublishedState(catalog: Catalog(system: SystemView.all.map(\.relation)))
    let queue = BoundedQueue<Command>(capacity: Self.queueCapacity)
    let events = EventLog(clock: clock, tell: onEvent)
    self.events = events
    self.space = space
    self.published = published
    self.clock = clock
    self.connectors = connectors
    self.workers = workers
    self.queue = queue
    let started = Reply<Void>()
    do throws(PlatformError) {
      thread = Mutex(
        try Platform.Thread(named: "driver", stackBytes: Self.driverStackBytes) {
          let driver: Driver
          do throws(SQLError) {
            let graph = try Self.graph(workers, sizes)
            let log = try openLog?()
            driver = Driver(
              space: space, graph: graph, log: log, clock: clock, published: published,
              changeSink: changeSink, events: events, connectors: connectors, pace: pace, sharesNodes: sharesNodes
            ) { (command, cancellation) throws(SQLError) in
              try Self.push(command, queue, cancellation)
            }
            do throws(SQLError) { try driver.replay() } catch {
              log?.stop()
              throw error
            }
          } catch { return started.fulfil(.failure(error)) }
          started.fulfil(.success(()))
          driver.run(queue)
        })
    } catch {
      throw SQLError(.insufficientResources, "the driver's thread does not start: \(error)")
    }
    do throws(SQLError) { try started.wait() } catch {
      stop()
      throw error
    }
  }

  deinit { stop() }

  private static func graph(_ workers: Int, _ sizes: ShardedGraph.Sizes) throws(SQLError) -> ShardedGraph {
    do throws(PlatformError) { return try ShardedGraph(workers: workers, sizes: sizes) } catch {
      throw SQLError(.insufficientResources, "\(workers) workers' threads do not start: \(error)")
    }
  }

  /// Ends the driver after what is queued, and joins it. Later requests get 57P01.
  package func stop() {
    queue.close()
    thread.withLock { $0.take() }?.join()
  }

  package func session(cancelToken: CancelToken = CancelToken()) -> Session {
    Session(self, cancelToken: cancelToken)
  }

  /// Puts a command into the driver's queue, waiting for room.
  ///
  /// - Errors: 57P01 after `stop`; 57014 if the statement is cancelled before there was room.
  func submit(_ command: Command, _ token: CancelToken? = nil) throws(SQLError) {
    try Self.push(command, queue, token?.cancellation)
  }

  private static func push(
    _ command: Command, _ queue: BoundedQueue<Command>, _ cancellation: Cancellation? = nil
  ) throws(SQLError) {
    do throws(QueueEnd) { try queue.push(command, cancellation: cancellation) } catch {
      if error == .cancelled { throw CancelToken.error }
      throw SQLError(.adminShutdown, "the engine is shutting down")
    }
  }

  /// Asks the driver between two ticks.
  func onDriver<Value: Sendable>(
    _ token: CancelToken? = nil, _ look: @escaping @Sendable (Driver) -> Value
  ) throws(SQLError) -> Value {
    let reply = Reply<Value>()
    try submit(.inspect { reply.fulfil(.success(look($0))) }, token)
    guard let token else { return try reply.wait() }
    return try reply.wait(token)
  }

  /// Reads `count` slices for each view that is being filled, where the pace is stepped; for tests.
  ///
  /// - Returns: how many jobs are left.
  package func stepBackfills(_ count: Int = 1) throws(SQLError) -> Int {
    let reply = Reply<Int>()
    try submit(.stepJobs(count, reply))
    return try reply.wait()
  }
}
