import Engine
import SQLTypes

/// The engine as the recompute tests drive it: the one place that knows how an engine is made and asked.
final class EngineUnderTest {
  private let engine: Engine
  private let session: Session

  init() throws(SQLError) {
    engine = try Engine()
    session = engine.session()
  }

  deinit { engine.stop() }

  /// The rows that a statement answers, as texts, nil for null.
  func run(_ sql: String) throws(SQLError) -> [[String?]] {
    var rows: [[String?]] = []
    try session.run(sql) { (result) throws(SQLError) in rows += result.textRows }
    return rows
  }
}
