import SQLTypes
import ReferenceModel
import TestSupport

/// Drives an engine and a model of its tables through a scenario, and compares after every step:
///
/// - each table with the model of the writes,
/// - each view's rows with the reference evaluator's over the model's rows,
/// - each view's query asked once with the same rows, or an error where the evaluator has one.
///
/// With a seed for it, views are filled a row at a time between the statements and compared once they are there. With a seed for
/// that, equal parts of views are shared, and twins of views come and go, which have much in common with them; without, each view
/// has nodes of its own. At its end the
/// tables are emptied, and what the views' operators still keep, summed over the workers, is compared with what those of views over
/// tables that never had a row keep. A view's operators are the same with others' that stand in for some of them.
struct ScenarioRun {
  private let scenario: Scenario
  private let mode: WorkerMode
  private let engine: EngineUnderTest
  private var model: TableModel
  private var catalog: ScenarioCatalog
  private var queries: [(name: String, sql: String)] = []
  private var history: [String] = []
  private var pacing: SeededRandom?
  private var twinning: SeededRandom?
  private var twins: [String] = []
  private var twinCount = 0

  /// - Returns: the first mismatch, or nil.
  static func firstMismatch(
    _ scenario: Scenario, _ mode: WorkerMode = .one, backfillSeed: UInt64? = nil, twinSeed: UInt64? = nil
  ) -> Mismatch? {
    do throws(Mismatch) {
      var run = try ScenarioRun(scenario, mode, backfillSeed, twinSeed)
      try run.runAll()
      return nil
    } catch { return error }
  }

  private init(
    _ scenario: Scenario, _ mode: WorkerMode, _ backfillSeed: UInt64?, _ twinSeed: UInt64?
  ) throws(Mismatch) {
    self.scenario = scenario
    self.mode = mode
    pacing = backfillSeed.map { SeededRandom(seed: $0) }
    twinning = twinSeed.map { SeededRandom(seed: ~$0) }
    model = TableModel(scenario.tables)
    catalog = ScenarioCatalog(scenario.tables)
    do throws(SQLError) { engine = try EngineUnderTest(mode, isStepped: backfillSeed != nil, sharesNodes: twinSeed != nil) } catch {
      throw Mismatch(statement: "", expected: "an engine", actual: "\(error)", history: [])
    }
  }

  private mutating func runAll() throws(Mismatch) {
    for table in scenario.tables { try execute(table.createStatement, failing: nil) }
    for step in scenario.steps {
      switch step {
      case .view(let name, let isMaterialized, let query):
        let statement = step.statements(scenario.tables)[0]
        do throws(SQLError) { try catalog.addView(name, isMaterialized: isMaterialized, query.sql) } catch {
          throw Mismatch(
            statement: statement, expected: "a plan", actual: "\(error.state.code) \(error.message)", history: history)
        }
        try execute(statement, failing: nil)
        queries.append((name, query.sql))
      case .write(let write): try execute(write.sql(scenario.tables), failing: model.apply(write))
      case .transaction(let writes, let commits):
        let before = model
        try execute("BEGIN", failing: nil)
        var failed = false
        for write in writes {
          let state = failed ? .failedTransaction : model.apply(write)
          failed = failed || state != nil
          try execute(write.sql(scenario.tables), failing: state)
        }
        // COMMIT of a failed transaction takes it back too.
        if failed || !commits { model = before }
        try execute(commits ? "COMMIT" : "ROLLBACK", failing: nil)
      }
      try twinSometimes()
      try compareAll()
    }
    if pacing != nil {
      try fillAll()
      try compareAll()
    }
    while !twins.isEmpty { try dropTwin(0) }
    try compareAll()
    try compareEmptied()
  }

  /// Makes a view that has parts in common with one that is there, or drops such a one.
  private mutating func twinSometimes() throws(Mismatch) {
    guard var random = twinning else { return }
    let choice = Int.random(in: 0..<6, using: &random)
    let index = Int.random(in: 0..<1000, using: &random)
    twinning = random
    let views = queries.filter { catalog.isMaterialized($0.name) && !twins.contains($0.name) }
    if choice == 0, !twins.isEmpty { try dropTwin(index % twins.count) }
    guard choice > 2, !views.isEmpty else { return }
    let sql = views[index % views.count].sql
    let query =
      switch choice {
      case 3: sql
      case 4: "SELECT count(*) AS n FROM (\(sql)) AS q"
      default: "SELECT q.* FROM (\(sql)) AS q UNION ALL SELECT r.* FROM (\(sql)) AS r"
      }
    twinCount += 1
    let name = "twin\(twinCount)"
    do throws(SQLError) { try catalog.addView(name, isMaterialized: true, query) } catch { return }
    twins.append(name)
    queries.append((name, query))
    try execute("CREATE MATERIALIZED VIEW \(name) AS \(query)", failing: nil)
  }

  private mutating func dropTwin(_ index: Int) throws(Mismatch) {
    let name = twins.remove(at: index)
    queries.removeAll { $0.name == name }
    try execute("DROP MATERIALIZED VIEW \(name)", failing: nil)
  }

  /// Reads some rows for the views that are being filled.
  private mutating func stepSometimes() throws(Mismatch) {
    guard var random = pacing else { return }
    let count = Int.random(in: -1...3, using: &random)
    pacing = random
    if count > 0 { try step(count) }
  }

  private func step(_ count: Int) throws(Mismatch) {
    do throws(SQLError) { _ = try engine.step(count) } catch {
      throw mismatch("a slice", "ok", "\(error.state.code) \(error.message)")
    }
  }

  private func fillAll() throws(Mismatch) {
    let question = "SELECT relation, state, message FROM leat.jobs WHERE state NOT IN ('done', 'cancelled')"
    let failed: [[String?]]
    do throws(SQLError) {
      while try engine.step(16) > 0 {}
      failed = try engine.run(question)
    } catch { throw mismatch(question, "ok", "\(error.state.code) \(error.message)") }
    if !failed.isEmpty { throw mismatch(question, "(no rows)", Bag(failed).description) }
  }

  private static let stateStatement =
    "SELECT view, operator, sum(state_rows) FROM leat.operators WHERE operator <> 'Exchange' GROUP BY view, operator"

  private mutating func compareEmptied() throws(Mismatch) {
    // What is kept of streams stays.
    if scenario.tables.contains(where: \.isStream) { return }
    for table in scenario.tables { try execute("DELETE FROM \(table.name)", failing: nil) }
    let fresh: [[String?]], left: [[String?]]
    do throws(SQLError) {
      let empty = try EngineUnderTest(mode)
      for table in scenario.tables { _ = try empty.run(table.createStatement) }
      for step in scenario.steps {
        if case .view = step { for statement in step.statements(scenario.tables) { _ = try empty.run(statement) } }
      }
      fresh = try empty.run(Self.stateStatement)
      left = try engine.run(Self.stateStatement)
    } catch { throw mismatch(Self.stateStatement, "the operators' state", "\(error.state.code) \(error.message)") }
    if Bag(left) != Bag(fresh) { throw mismatch(Self.stateStatement, Bag(fresh).description, Bag(left).description) }
  }

  private mutating func execute(_ statement: String, failing expected: SQLState?) throws(Mismatch) {
    var raised: SQLError?
    try stepSometimes()
    do throws(SQLError) { _ = try engine.run(statement) } catch { raised = error }
    if raised?.state == .objectNotInPrerequisiteState && pacing != nil {
      // It reads a view that is not there yet.
      raised = nil
      try fillAll()
      do throws(SQLError) { _ = try engine.run(statement) } catch { raised = error }
    }
    if raised?.state != expected {
      throw Mismatch(
        statement: statement, expected: expected.map { "error \($0.code)" } ?? "ok",
        actual: raised.map { "\($0.state.code) \($0.message)" } ?? "ok", history: history)
    }
    if raised == nil { history.append(statement) }
  }

  private func compareAll() throws(Mismatch) {
    var contents: [String: [Row]] = [:]
    for (table, rows) in zip(scenario.tables, model.rows) {
      contents[table.name] = rows
      try compare("SELECT * FROM \(table.name)", Bag(rows, table.columns.map(\.type)))
    }
    let results = catalog.contents(contents)
    for (name, sql) in queries {
      guard let result = results[name] else { continue }
      let expected = Bag(result.rows, catalog.types(of: name))
      if catalog.isMaterialized(name) { try compare("SELECT * FROM \(name)", expected) }
      try compareAskedOnce(sql, expected, result)
    }
  }

  private func compare(_ statement: String, _ expected: Bag) throws(Mismatch) {
    let rows: [[String?]]
    do throws(SQLError) { rows = try engine.run(statement) } catch {
      if isBeingFilled(error) { return }
      throw mismatch(statement, expected.description, "\(error.state.code) \(error.message)")
    }
    if Bag(rows) != expected { throw mismatch(statement, expected.description, Bag(rows).description) }
  }

  /// An error row is an error of a query asked once. A row that failed and was dropped afterwards may raise one or not.
  private func compareAskedOnce(_ sql: String, _ expected: Bag, _ result: ReferenceResult) throws(Mismatch) {
    let rows: Bag
    do throws(SQLError) { rows = Bag(try engine.run(sql)) } catch {
      if isBeingFilled(error) { return }
      if !result.didFail { throw mismatch(sql, expected.description, "\(error.state.code) \(error.message)") }
      return
    }
    if let failure = result.failures.first?.failure {
      throw mismatch(sql, "error \(failure.error.state.code)", rows.description)
    }
    if rows != expected { throw mismatch(sql, expected.description, rows.description) }
  }

  private func isBeingFilled(_ error: SQLError) -> Bool { pacing != nil && error.state == .objectNotInPrerequisiteState }

  private func mismatch(_ statement: String, _ expected: String, _ actual: String) -> Mismatch {
    Mismatch(statement: statement, expected: expected, actual: actual, history: history)
  }
}
