import Columnar
import Dataflow
import Expressions
import Planner
import SQLTypes

/// Runs a logical plan once: the operators that a view would keep, fed with what the inputs hold now.
struct PlanRun {
  private(set) var output = TickOutput()

  /// - Errors: the first row's on which an expression failed: asked once, a failing row is an error (DIALECT §7).
  static func rows(of plan: LogicalPlan) throws(SQLError) -> [Batch] {
    var run = PlanRun()
    let batches = run.evaluate(plan)
    if let error = run.output.errors.first { throw error }
    return batches
  }

  private mutating func evaluate(_ plan: LogicalPlan) -> [Batch] {
    switch plan {
    case .unit: return [.unit]
    case .values(let rows): return rows.flatMap { push([.unit], through: Project($0)) }
    case .filter(let input, let condition): return push(evaluate(input), through: Filter(condition))
    case .project(let input, let expressions): return push(evaluate(input), through: Project(expressions))
    case .unionAll(let inputs): return inputs.flatMap { evaluate($0) }
    }
  }

  private mutating func push(_ batches: [Batch], through node: any Operator) -> [Batch] {
    var pushed = TickOutput()
    for batch in batches where node.push(batch, into: &pushed) == .enough { break }
    node.endTick(into: &pushed)
    output.errors.append(contentsOf: pushed.errors)
    return pushed.batches
  }
}
