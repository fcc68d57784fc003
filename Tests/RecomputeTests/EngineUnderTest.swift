import Dataflow
import Engine
import SQLTypes

/// How many workers run the dataflow, and whether small ticks go through their threads too.
struct WorkerMode: Sendable, CustomStringConvertible {
  var workers: Int
  var usesThreads: Bool

  var description: String { workers == 1 ? "one worker" : "\(workers) workers, \(usesThreads ? "on threads" : "inline")" }

  static let one = WorkerMode(workers: 1, usesThreads: false)
  static let several = [2, 4].flatMap { workers in [true, false].map { WorkerMode(workers: workers, usesThreads: $0) } }

  /// On threads every row of a tick is dealt to the next worker.
  fileprivate var sizes: ShardedGraph.Sizes { usesThreads ? .init(smallTickRows: 0, dealtRows: 1) : .init() }
}

/// The engine as the recompute tests drive it: the one place that knows how an engine is made and asked.
final class EngineUnderTest {
  private let engine: Engine
  private let session: Session

  /// - isStepped: views are filled in the background, a row at a time, when `step` says so.
  /// - sharesNodes: equal parts of views are kept once.
  init(_ mode: WorkerMode = .one, isStepped: Bool = false, sharesNodes: Bool = true) throws(SQLError) {
    var pace = BackfillPace()
    if isStepped { (pace.sliceRows, pace.isStepped) = (1, true) }
    engine = try Engine(workers: mode.workers, sizes: mode.sizes, pace: pace, sharesNodes: sharesNodes)
    session = engine.session()
    if isStepped { try session.run("SET leat.background_ddl = on") { _ in } }
  }

  deinit { engine.stop() }

  /// The rows that a statement answers, as texts, nil for null.
  func run(_ sql: String) throws(SQLError) -> [[String?]] {
    var rows: [[String?]] = []
    try session.run(sql) { (result) throws(SQLError) in rows += result.textRows }
    return rows
  }

  /// Reads a further row for each view that is being filled.
  ///
  /// - Returns: how many are still being filled.
  func step(_ count: Int = 1) throws(SQLError) -> Int { try engine.stepBackfills(count) }
}
