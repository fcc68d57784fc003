/// How plans are made.
package struct PlannerOptions: Sendable {
  /// Whether rules rewrite what the binder made; tests compare both.
  package var appliesRules: Bool

  package init(appliesRules: Bool = true) { self.appliesRules = appliesRules }
}

/// Applies the rules to a plan.
///
/// What every rule keeps (DIALECT §7, DESIGN §9.19): rows that do not fail are the same; an expression may be evaluated
/// for fewer rows than before, never for more, so that an error can go away and none is added. Hence `mayFail`
/// (Failure.swift) decides what moves ahead of what.
enum Optimizer {
  private typealias Rule = @Sendable (LogicalPlan) -> LogicalPlan?

  /// Rules that move filters towards the scans, from the top down.
  private static let pushing: [Rule] = [
    MergeProjects.apply, SplitFilter.apply, MergeFilters.apply, PushFilterThroughProject.apply,
    PushFilterThroughUnion.apply, PushFilterThroughDistinct.apply, PushFilterThroughAggregate.apply,
    PushFilterThroughLeftJoin.apply, LeftJoinKeys.apply, TumbleAsProject.apply, PushFilterThroughWindows.apply,
  ]

  /// Rules of grouped windows, from the bottom up: first which keys there are, then how their groups are made.
  private static let grouping: [Rule] = [MergeProjects.apply, ComputeKeyAboveGroups.apply]
  private static let paning: [Rule] = [HopByPanes.apply]

  /// Rules that take out nodes, from the bottom up.
  private static let cleaning: [Rule] = [
    MergeProjects.apply, RemoveIdentityProject.apply, MergeFilters.apply, SkipProjectBelowAggregate.apply,
  ]

  static func optimize(_ plan: LogicalPlan) -> LogicalPlan {
    let grouped = ascend(ascend(push(plan), grouping), paning)
    return ascend(PruneColumns.apply(grouped) ?? grouped, cleaning)
  }

  private static func push(_ plan: LogicalPlan) -> LogicalPlan {
    let rewritten = rewrite(plan, pushing)
    return OrderJoins.apply(rewritten, optimizeInput: push) ?? rewritten.mapInputs(push)
  }

  private static func ascend(_ plan: LogicalPlan, _ rules: [Rule]) -> LogicalPlan {
    rewrite(plan.mapInputs { ascend($0, rules) }, rules)
  }

  /// Applies rules to one node until none applies: each moves a filter down or takes a node out, so that they end.
  private static func rewrite(_ plan: LogicalPlan, _ rules: [Rule]) -> LogicalPlan {
    var plan = plan
    search: while true {
      for rule in rules {
        if let next = rule(plan) {
          plan = next
          continue search
        }
      }
      return plan
    }
  }
}

extension PlannedQuery {
  /// The same query by a better plan.
  package func optimized(_ options: PlannerOptions = PlannerOptions()) -> PlannedQuery {
    guard options.appliesRules else { return self }
    return PlannedQuery(plan: Optimizer.optimize(plan), columns: columns, order: order)
  }
}
