import Planner
import SQLTypes
import ReferenceModel
import TestSupport
import Testing

/// Plans as the rules rewrite them against plans as the binder makes them, over the same rows (DESIGN §9.19): equal where the bound
/// plan has no error; otherwise the rewritten one fails on no more, and loses no row that the other has.
@Test(arguments: 0..<20)
func rulesKeepRowsAndAddNoError(group: Int) throws {
  for seed in UInt64(group * 15)..<UInt64(group * 15 + 15) {
    var choices = ScenarioChoices(seed: 1_000_000 + seed, viewCount: 4, writeCount: 20)
    let scenario = choices.make()
    var model = TableModel(scenario.tables)
    var catalog = ScenarioCatalog(scenario.tables)
    var queries: [String: String] = [:]
    for step in scenario.steps.dropLast(scenario.tables.count) {
      switch step {
      case .view(let name, let isMaterialized, let query):
        queries[name] = query.sql
        try catalog.addView(name, isMaterialized: isMaterialized, query.sql)
      case .write(let write): _ = model.apply(write)
      case .transaction(let writes, let commits):
        if commits { for write in writes { _ = model.apply(write) } }
      }
    }
    var contents: [String: [Row]] = [:]
    for (table, rows) in zip(scenario.tables, model.rows) { contents[table.name] = rows }
    for (name, bound, optimized) in catalog.bothContents(contents) {
      let types = catalog.types(of: name)
      let (before, after) = (Bag(bound.rows, types), Bag(optimized.rows, types))
      let holds = bound.didFail ? before.isSubset(of: after) : before == after && !optimized.didFail
      let states = Set(bound.failures.compactMap { $0.failure?.error.state })
      let isSubset = optimized.failures.allSatisfy { $0.failure.map { states.contains($0.error.state) } ?? false }
      if holds, isSubset { continue }
      Issue.record(
        """
        seed \(seed): \(name): \(queries[name] ?? "")
        bound, \(bound.didFail ? "with" : "without") errors:\n\(before)
        optimized, \(optimized.didFail ? "with" : "without") errors:\n\(after)
        """)
    }
  }
}

/// What is compared above are two plans: the rules rewrite most of them, and make panes of some hopping windows.
@Test func rulesRewriteMostPlans() throws {
  var (plans, rewritten, ofPanes) = (0, 0, 0)
  for seed in 1_000_000..<1_000_040 as Range<UInt64> {
    var choices = ScenarioChoices(seed: seed, viewCount: 4, writeCount: 0)
    let scenario = choices.make()
    var catalog = ScenarioCatalog(scenario.tables)
    for case .view(let name, let isMaterialized, let query) in scenario.steps {
      try catalog.addView(name, isMaterialized: isMaterialized, query.sql)
    }
    for view in catalog.views {
      plans += 1
      let texts = [view.bound, view.optimized].map { PlanPrinter.print($0) { _ in nil } }
      if texts[0] != texts[1] { rewritten += 1 }
      if texts[1].contains("Hop: ") && texts[1].contains("date_bin(") { ofPanes += 1 }
    }
  }
  #expect(rewritten > plans / 2, "\(rewritten) of \(plans)")
  #expect(ofPanes > 2, "\(ofPanes) of \(plans)")
}
