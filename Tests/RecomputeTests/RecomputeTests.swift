import Foundation
import ReferenceModel
import TestSupport
import Testing

/// How many plans are tried: 500, or as `LEAT_LONG` says.
private let planCount = ProcessInfo.processInfo.environment["LEAT_LONG"].flatMap { Int($0) } ?? 500
private let plansPerScenario = 3
private let scenariosPerTest = 10
private let groups = Array(0..<max(1, (planCount + plansPerScenario * scenariosPerTest - 1) / (plansPerScenario * scenariosPerTest)))

/// Random views over random tables: after every statement each view holds what recomputing it gives (DIALECT §1, the one law).
@Test(arguments: groups)
func viewsEqualTheirRecomputation(group: Int) {
  for seed in group * scenariosPerTest..<(group + 1) * scenariosPerTest {
    var choices = ScenarioChoices(seed: UInt64(seed), viewCount: plansPerScenario)
    guard ScenarioRun.firstMismatch(choices.make()) != nil else { continue }
    var small = choices.shrunk { ScenarioRun.firstMismatch($0) != nil }
    guard let mismatch = ScenarioRun.firstMismatch(small.make()) else {
      Issue.record("seed \(seed): fails, but not when it is run again: the engine depends on more than its statements")
      continue
    }
    Issue.record("seed \(seed): \(mismatch)\n\n\(mismatch.specification)")
  }
}
