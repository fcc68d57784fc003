import Columnar
import Dataflow
import Expressions
import Planner
import SQLTypes

/// Runs a logical plan once: the operators that a view would keep, fed with what the inputs hold now.
struct PlanRun {
  private var errors = RowErrors()
  private let cancelToken: CancelToken

  /// - Errors: the first row's on which an expression failed: asked once, a failing row is an error (DIALECT §7).
  static func rows(of plan: LogicalPlan, _ cancelToken: CancelToken) throws(SQLError) -> [Batch] {
    var run = PlanRun(cancelToken: cancelToken)
    let batches = try run.evaluate(plan)
    if let error = run.errors.first { throw error }
    return batches
  }

  private mutating func evaluate(_ plan: LogicalPlan) throws(SQLError) -> [Batch] {
    switch plan {
    case .unit: return [.unit]
    case .values(let rows): return try concatenated(rows) { (run, row) throws(SQLError) in
      try run.push([.unit], through: Project(row))
    }
    case .filter(let input, let condition): return try push(evaluate(input), through: Filter(condition))
    case .project(let input, let expressions): return try push(evaluate(input), through: Project(expressions))
    case .unionAll(let inputs): return try concatenated(inputs) { (run, input) throws(SQLError) in try run.evaluate(input) }
    }
  }

  private mutating func concatenated<Part>(
    _ parts: [Part], _ evaluate: (inout PlanRun, Part) throws(SQLError) -> [Batch]
  ) throws(SQLError) -> [Batch] {
    var batches: [Batch] = []
    for part in parts { batches += try evaluate(&self, part) }
    return batches
  }

  private mutating func push(_ batches: [Batch], through node: any Operator) throws(SQLError) -> [Batch] {
    var pushed = TickOutput()
    for batch in batches {
      try cancelToken.check()
      if node.push(batch, into: &pushed) == .enough { break }
    }
    node.endTick(into: &pushed)
    errors.append(contentsOf: pushed.errors)
    return pushed.batches
  }
}
