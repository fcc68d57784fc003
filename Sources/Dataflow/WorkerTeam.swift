import Platform
internal import Synchronization

/// The threads of a graph's workers but the first, whose work is done by the thread that owns the team.
///
/// - end: `stop`, at the latest when the last reference goes.
final class WorkerTeam: Sendable {
  /// How often a worker looks again before it sleeps: some tens of microseconds, the time between two ticks under load.
  static let spins = 1000
  /// Plans as deep as the parser lets through are run on these threads.
  private static let stackBytes = 8 << 20

  private struct Round: Sendable {
    var number = 0
    var work: (@Sendable (Int) -> Void)?
    /// Threads that have not done their part yet.
    var running = 0
    var isStopped = false
  }

  private let round: Monitor<Round>
  private let threads: Mutex<[Thread]>
  private let count: Int

  /// - count: workers, the owner's thread included.
  /// - Errors: the system's, where there is no thread left.
  init(count: Int) throws(PlatformError) {
    let round = Monitor(Round())
    self.round = round
    self.count = count
    threads = Mutex([])
    do throws(PlatformError) {
      for worker in 1..<count {
        let thread = try Thread(named: "worker \(worker)", stackBytes: Self.stackBytes) { Self.loop(worker, round) }
        threads.withLock { $0.append(thread) }
      }
    } catch {
      stop()
      throw error
    }
  }

  deinit { stop() }

  /// Runs `work` once for each worker, on its thread, and returns when all have done it.
  func run(_ work: @escaping @Sendable (Int) -> Void) {
    round.update { round in
      precondition(round.running == 0 && !round.isStopped, "one round after another")
      round.number += 1
      round.work = work
      round.running = count - 1
    }
    work(0)
    Self.wait(round) { $0.running == 0 ? () : nil }
    round.withLock { $0.work = nil }
  }

  /// Ends the threads and joins them.
  func stop() {
    round.update { $0.isStopped = true }
    let joined = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in joined { thread.join() }
  }

  private static func loop(_ worker: Int, _ round: Monitor<Round>) {
    var done = 0
    while true {
      let work = wait(round) { round -> (@Sendable (Int) -> Void)?? in
        if round.number > done { return round.work }
        return round.isStopped ? .some(nil) : nil
      }
      guard let work else { return }
      done += 1
      work(worker)
      round.update { $0.running -= 1 }
    }
  }

  private static func wait<Result: Sendable>(_ round: Monitor<Round>, until body: (inout Round) -> Result?) -> Result {
    do throws(PlatformError) { return try round.wait(until: body, spins: spins) } catch {
      preconditionFailure("a wait without a cancellation or a timeout ends with its result")
    }
  }
}
