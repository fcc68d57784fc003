import TestSupport

/// The seeds of a run's scenarios, in groups that are one test case each: 500 plans, or as many as a long run asks for.
struct PlanSeeds: Sendable, CustomStringConvertible {
  static let plansPerScenario = 3
  private static let scenariosPerGroup = 10

  let seeds: Range<UInt64>

  var description: String { "\(seeds)" }

  static let all: [PlanSeeds] = {
    let plans = LongRun.current?.count ?? 500, first = LongRun.current?.seed ?? 0
    let scenarios = (plans + plansPerScenario - 1) / plansPerScenario
    return stride(from: 0, to: scenarios, by: scenariosPerGroup).map { start in
      PlanSeeds(seeds: first + UInt64(start)..<first + UInt64(min(scenarios, start + scenariosPerGroup)))
    }
  }()
}
