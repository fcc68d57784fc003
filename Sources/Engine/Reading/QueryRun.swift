import Columnar
import Dataflow
import Expressions
import Planner
import SQLCatalog
import SQLTypes
import StateMemory

/// Runs a query once: the operators that a view would keep, fed with what its inputs hold, and thrown away.
struct QueryRun {
  /// Gives a relation's rows, batch by batch, until it is told that there are enough.
  typealias Scan = (RelationID, (Batch) throws(SQLError) -> Demand) throws(SQLError) -> Void

  private let scan: Scan
  private let cancelToken: CancelToken

  init(_ cancelToken: CancelToken, scan: @escaping Scan) {
    self.cancelToken = cancelToken
    self.scan = scan
  }

  /// The query's rows in its order, a row of weight n n times, without hidden columns.
  ///
  /// - mayCancel: rows may come in and be retracted again; then they are consolidated first.
  /// - Errors: the first row's on which an expression failed: asked once, a failing row is an error (DIALECT §7).
  func rows(of query: PlannedQuery, mayCancel: Bool = false) throws(SQLError) -> [Batch] {
    let graph = ShardedGraph()
    graph.cancel { [cancelToken] in cancelToken.isCancelled }
    var made: StateSpace?
    func space() -> StateSpace {
      let space = made ?? StateSpace()
      made = space
      return space
    }
    // Everything comes in one tick, in which each operator sends its rows once.
    var lowering = Lowering(graph, space: { _ in space() }, isAppendOnly: { _ in !mayCancel })
    var top = lowering.lower(query.plan)
    let types = query.plan.types
    if mayCancel {
      top = lowering.finish("Consolidate", on: top, query.plan) { _ in
        Consolidate(types: types.map(\.physicalType), space: space())
      }
    }
    if !query.order.isEmpty {
      top = lowering.finish("Sort", on: top, query.plan) { _ in Sort(types: types, order: query.order, space: space()) }
    }
    let output = Output()
    _ = lowering.finish("Output", on: top, query.plan) { _ in output }
    try lowering.pushConstants()
    for (node, relation) in lowering.scans {
      try scan(relation) { (batch) throws(SQLError) in
        try cancelToken.check()
        let demand = graph.push(batch, to: node)
        if let error = graph.firstError { throw error }
        return demand
      }
    }
    graph.endTick()
    try cancelToken.check()
    if let error = graph.firstError { throw error }
    return output.take().batches.map { $0.repeatedByWeight().prefix(columns: query.columns.count) }
  }
}

extension Batch {
  /// Each row as often as its weight says, without weights.
  func repeatedByWeight() -> Batch {
    guard let weights else { return self }
    var rows: [Int] = []
    for row in 0..<count {
      let weight = weights.value(row, as: Int64.self)
      precondition(weight >= 0, "a query's rows have no negative weight")
      for _ in 0..<weight { rows.append(row) }
    }
    let repeated = gather(Selection(rows))
    return Batch(count: repeated.count, columns: repeated.columns)
  }

  /// The first columns alone.
  func prefix(columns count: Int) -> Batch {
    count == columns.count ? self : Batch(count: self.count, columns: Array(columns[..<count]), weights: weights)
  }
}
