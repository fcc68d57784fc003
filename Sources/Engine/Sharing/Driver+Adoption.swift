import Dataflow

/// Reads, slice by slice, what a new view's join sees of arrangements that were there before it (DESIGN §9.9).
final class ArrangementCursor {
  private let join: NodeID
  private(set) var readCount = 0
  private(set) var isAtEnd = false
  /// What was left after the last slice.
  private var left: Int

  init(_ join: NodeID, _ graph: ShardedGraph) {
    self.join = join
    left = graph.backfillLeft(join)
  }

  /// How many ids there are to be read.
  func left(_ graph: ShardedGraph) -> Int { isAtEnd ? 0 : graph.backfillLeft(join) }

  /// - count: how many ids to read; less what was read on return. A slice is larger by what came since the last one, so that it
  ///   comes to an end however fast rows come.
  func read(_ graph: ShardedGraph, _ count: inout Int) {
    let before = left(graph)
    let wanted = count + max(0, before - left)
    isAtEnd = !graph.backfill(join, wanted)
    left = left(graph)
    let read = max(0, before - left)
    readCount += read
    count -= read
  }
}

extension Driver {
  /// Lets the joins of a new view look into arrangements that are there instead of filling their own, which go, with the nodes that
  /// fed them alone.
  ///
  /// - Returns: what fills those joins. A join is behind those whose rows it gets.
  func adoptArrangements(_ view: ViewRelation, _ lowering: inout Lowering) -> [ArrangementCursor] {
    guard let equals = sharedNodes?.equals(of: lowering.nodes) else { return [] }
    let adopted = Set(lowering.joins.flatMap { [$0.left, $0.right] }).filter { equals[$0] != nil }
    if adopted.isEmpty { return [] }
    var gone: Set<NodeID> = []
    for node in adopted.sorted() {
      guard let other = equals[node] else { continue }
      graph.replace(node, by: other)
      gone.insert(node)
    }
    for node in lowering.nodes.reversed() where node.id != view.root && !gone.contains(node.id) && !graph.isRead(node.id) {
      graph.remove([node.id])
      gone.insert(node.id)
    }
    for node in gone { failingRows[node] = nil }
    let used = nodes(below: adopted, lowering.nodes).compactMap { node in
      equals[node.id].flatMap { sharedNodes?.use($0, types: node.types) }
    }
    lowering.remove(gone, standIns: equals.filter { adopted.contains($0.key) })
    view.planNodes = used + lowering.nodes
    let joins = lowering.joins.filter { !gone.contains($0.node) && (adopted.contains($0.left) || adopted.contains($0.right)) }
    return joins.map { node, left, right in
      graph.beginBackfill(node, left: adopted.contains(left), right: adopted.contains(right))
      return ArrangementCursor(node, graph)
    }
  }

  /// Nodes of a plan and all that they read, inputs first.
  private func nodes(below tops: Set<NodeID>, _ nodes: [PlanNode]) -> [PlanNode] {
    var wanted = tops
    var found: [PlanNode] = []
    for node in nodes.reversed() where wanted.contains(node.id) {
      found.append(node)
      wanted.formUnion(node.key?.inputs ?? [])
    }
    return found.reversed()
  }
}
