import ReferenceModel
import TestSupport
import Testing

/// Random views over random tables: after every statement each view holds what recomputing it gives (DIALECT §1, the one law).
@Test(arguments: PlanSeeds.all)
func viewsEqualTheirRecomputation(group: PlanSeeds) {
  for seed in group.seeds {
    var choices = ScenarioChoices(seed: seed, viewCount: PlanSeeds.plansPerScenario)
    guard ScenarioRun.firstMismatch(choices.make()) != nil else { continue }
    var small = choices.shrunk { ScenarioRun.firstMismatch($0) != nil }
    guard let mismatch = ScenarioRun.firstMismatch(small.make()) else {
      Issue.record("seed \(seed): fails, but not when it is run again: the engine depends on more than its statements")
      continue
    }
    Issue.record("seed \(seed): \(mismatch)\n\n\(mismatch.specification)")
  }
}

/// The same with views that are filled a row at a time, in the background, while tables are written.
@Test(arguments: PlanSeeds.all)
func viewsFilledAmidWritesEqualTheirRecomputation(group: PlanSeeds) {
  for seed in group.seeds {
    var choices = ScenarioChoices(seed: seed, viewCount: PlanSeeds.plansPerScenario)
    guard ScenarioRun.firstMismatch(choices.make(), backfillSeed: seed) != nil else { continue }
    var small = choices.shrunk { ScenarioRun.firstMismatch($0, backfillSeed: seed) != nil }
    guard let mismatch = ScenarioRun.firstMismatch(small.make(), backfillSeed: seed) else {
      Issue.record("seed \(seed): fails, but not when it is run again: the engine depends on more than its statements")
      continue
    }
    Issue.record("seed \(seed): \(mismatch)\n\n\(mismatch.specification)")
  }
}
