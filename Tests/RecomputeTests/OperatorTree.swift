import Columnar
import Dataflow
import Planner
import SQLCatalog
import SQLTypes
import StateMemory
import ReferenceModel
import TestSupport

/// The operators of one plan, driven by hand: what a view's dataflow does, without an engine around it.
final class OperatorTree {
  private enum Source {
    case scan(RelationID)
    /// Rows that enter in the first tick.
    case constants(TickOutput)
    case inputs([OperatorTree])
  }

  private let source: Source
  private let nodes: [any Operator]
  private var isFirstTick = true

  private init(_ source: Source, _ nodes: [any Operator] = []) {
    self.source = source
    self.nodes = nodes
  }

  convenience init(_ plan: LogicalPlan, _ space: StateSpace) {
    func on(_ input: LogicalPlan) -> Source { .inputs([OperatorTree(input, space)]) }
    switch plan {
    case .unit:
      var rows = TickOutput()
      rows.push(Batch.unit)
      self.init(.constants(rows))
    case .values(let expressions, _):
      var rows = TickOutput()
      for row in expressions { _ = Project(row).push(.unit, port: 0, into: &rows) }
      self.init(.constants(rows))
    case .scan(let id, _): self.init(.scan(id))
    case .filter(let input, let condition): self.init(on(input), [Filter(condition)])
    case .project(let input, let expressions): self.init(on(input), [Project(expressions)])
    case .windows(let input, let windows): self.init(on(input), [Hop(windows)])
    case .unionAll(let inputs):
      self.init(.inputs(inputs.map { OperatorTree($0, space) }), [UnionAll(inputCount: inputs.count)])
    case .distinct(let input): self.init(on(input), [Distinct(types: input.types, space: space)])
    case .aggregate(let input, let keys, let calls):
      self.init(
        on(input), [Aggregate(types: input.types, keys: keys, calls: calls, isAppendOnly: false, space: space, origin: 0)])
    case .topK(let input, let order, let limit, let offset):
      self.init(
        on(input),
        [TopK(types: input.types, order: order, limit: limit, offset: offset, isAppendOnly: false, space: space)])
    case .join(let join):
      let left = Arrange(types: join.left.types, keys: join.keys.map(\.left), space: space)
      let right = Arrange(types: join.right.types, keys: join.keys.map(\.right), space: space)
      let sides = [
        OperatorTree(.inputs([OperatorTree(join.left, space)]), [left]),
        OperatorTree(.inputs([OperatorTree(join.right, space)]), [right]),
      ]
      self.init(
        .inputs(sides), [Join(kind: join.kind == .left ? .left : .inner, left: left, right: right, residual: join.residual)])
    }
  }

  /// Runs one tick with the changes of the relations.
  func tick(_ changes: [RelationID: [Batch]]) -> TickOutput {
    defer { isFirstTick = false }
    var ports: [TickOutput] = []
    switch source {
    case .scan(let id):
      var output = TickOutput()
      for batch in changes[id] ?? [] { output.push(batch) }
      return output
    case .constants(let rows): return isFirstTick ? rows : TickOutput()
    case .inputs(let inputs): ports = inputs.map { $0.tick(changes) }
    }
    var output = TickOutput()
    for (port, input) in ports.enumerated() {
      for batch in input.batches { _ = nodes[0].push(batch, port: port, into: &output) }
      for errors in input.errors { nodes[0].push(errors, port: port, into: &output) }
    }
    nodes[0].endTick(into: &output)
    return output
  }
}

/// Rows and error rows summed over ticks.
struct IntegratedOutput {
  private var rows: [Row: Int64] = [:]
  private var errors: [Row: Int64] = [:]
  private let types: [SQLType]

  init(_ types: [SQLType]) { self.types = types }

  mutating func add(_ output: TickOutput) {
    for batch in output.batches {
      for row in 0..<batch.count {
        rows[batch.columns.indices.map { Value(batch.columns[$0], row: row, as: types[$0]) }, default: 0] += batch.weight(row)
      }
    }
    for batch in output.errors {
      // The poison, the SQLSTATE and the message make part of the identity of an error row.
      let words = ErrorBatch.poisonWords(types.count)
      let all = types + Array(repeating: .bigint, count: words) + [.text, .text, .bigint]
      for row in 0..<batch.rows.count {
        errors[batch.rows.columns.indices.map { Value(batch.rows.columns[$0], row: row, as: all[$0]) }, default: 0] +=
          batch.rows.weight(row)
      }
    }
  }

  var content: [(row: Row, weight: Int64)] { rows.filter { $0.value != 0 }.map { ($0.key, $0.value) } }
  var hasErrors: Bool { errors.contains { $0.value != 0 } }
  var errorDescription: String { "\(errors.filter { $0.value != 0 })" }
}
