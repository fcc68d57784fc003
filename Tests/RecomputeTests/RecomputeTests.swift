import ReferenceModel
import TestSupport
import Testing

/// Random views over random tables: after every statement each view holds what recomputing it gives (DIALECT §1, the one law), on one
/// worker, and on several, on threads and inline: each seed on one way of several, a long run on all. Odd
/// seeds share equal parts; half of them, and half of the others, have streams.
@Test(arguments: PlanSeeds.all)
func viewsEqualTheirRecomputation(group: PlanSeeds) {
  for seed in group.seeds {
    let twinSeed = seed % 2 == 0 ? nil : seed
    let ways = WorkerMode.several
    let several = LongRun.current == nil ? [ways[Int(seed % UInt64(ways.count))]] : ways
    for mode in [.one] + several {
      var choices = ScenarioChoices(seed: seed, viewCount: PlanSeeds.plansPerScenario, hasStreams: seed % 4 > 1)
      guard ScenarioRun.firstMismatch(choices.make(), mode, twinSeed: twinSeed) != nil else { continue }
      var small = choices.shrunk { ScenarioRun.firstMismatch($0, mode, twinSeed: twinSeed) != nil }
      guard let mismatch = ScenarioRun.firstMismatch(small.make(), mode, twinSeed: twinSeed) else {
        Issue.record("seed \(seed), \(mode): fails, but not when it is run again: the engine depends on more than its statements")
        continue
      }
      Issue.record("seed \(seed), \(mode): \(mismatch)\n\n\(mismatch.specification)")
    }
  }
}

/// The same with views that are filled a row at a time, in the background, while tables are written; each seed on one of the ways.
@Test(arguments: PlanSeeds.all)
func viewsFilledAmidWritesEqualTheirRecomputation(group: PlanSeeds) {
  let ways = [WorkerMode.one] + WorkerMode.several
  for seed in group.seeds {
    let mode = ways[Int(seed % UInt64(ways.count))]
    let twinSeed = seed % 2 == 0 ? nil : seed
    var choices = ScenarioChoices(seed: seed, viewCount: PlanSeeds.plansPerScenario, hasStreams: seed % 4 > 1)
    guard ScenarioRun.firstMismatch(choices.make(), mode, backfillSeed: seed, twinSeed: twinSeed) != nil else { continue }
    var small = choices.shrunk { ScenarioRun.firstMismatch($0, mode, backfillSeed: seed, twinSeed: twinSeed) != nil }
    guard let mismatch = ScenarioRun.firstMismatch(small.make(), mode, backfillSeed: seed, twinSeed: twinSeed) else {
      Issue.record("seed \(seed), \(mode): fails, but not when it is run again: the engine depends on more than its statements")
      continue
    }
    Issue.record("seed \(seed), \(mode): \(mismatch)\n\n\(mismatch.specification)")
  }
}
