import Dataflow
import Expressions
import SQLTypes

/// What a node sends, by what it does and to what: nodes of equal keys send the same rows.
struct NodeKey: Hashable {
  var operation: OperationKey
  /// Empty for a scan, whose operation names the relation.
  var inputs: [NodeID]
}

/// A node of a plan, the types of its rows, and its key if others may be the same.
struct PlanNode {
  var id: NodeID
  var types: [SQLType]
  var key: NodeKey?
}

/// The nodes that views and followed queries share (DESIGN §3): equal subplans are one node, and so are equal arrangements of
/// one input.
///
/// The joins of a new view look into arrangements that are there (`Driver.adoptArrangements`). Whatever else it needs it is filled with
/// as nodes of its own. When it is there they hold what equal nodes of others do, and nothing above them knows a row of theirs by
/// anything but its value, so that those of others can stand in their place from then on.
struct SharedNodes {
  private struct Entry {
    var key: NodeKey
    var useCount = 0
  }

  private var nodeByKey: [NodeKey: NodeID] = [:]
  private var entries: [NodeID: Entry] = [:]

  /// The nodes that are there of a new view's, inputs first, by the view's own.
  func equals(of nodes: [PlanNode]) -> [NodeID: NodeID] {
    var equals: [NodeID: NodeID] = [:]
    for node in nodes {
      guard var key = node.key else { continue }
      key.inputs = key.inputs.map { equals[$0] ?? $0 }
      equals[node.id] = nodeByKey[key]
    }
    return equals
  }

  /// A new view uses a node that is there.
  ///
  /// - Returns: the node as one of the view's.
  mutating func use(_ id: NodeID, types: [SQLType]) -> PlanNode {
    guard let key = entries[id]?.key else { preconditionFailure("a node that is used is there") }
    entries[id]?.useCount += 1
    return PlanNode(id: id, types: types, key: key)
  }

  /// Adds the nodes of a view that has been filled, inputs first, or finds others in their place.
  ///
  /// - replace: is told the nodes that others stand in for, inputs first. An edge leads to a greater number: a node that was
  ///   made before an equal one was known stays beside it.
  /// - Returns: the nodes that are the view's now, each once: what it has used from the beginning may stand in for a node of its own
  ///   as well.
  mutating func add(_ nodes: [PlanNode], replace: (_ node: NodeID, _ other: NodeID) -> Void) -> [PlanNode] {
    var places: [NodeID: NodeID] = [:]
    var own = Set(nodes.map(\.id))
    var result: [PlanNode] = []
    for var node in nodes {
      if var key = node.key {
        key.inputs = key.inputs.map { places[$0] ?? $0 }
        node.key = key
        if let other = nodeByKey[key] {
          // The same node has been used from the beginning.
          if other < node.id {
            places[node.id] = other
            replace(node.id, other)
            node.id = other
            if !own.insert(other).inserted { continue }
            entries[other]?.useCount += 1
          }
        } else {
          nodeByKey[key] = node.id
          entries[node.id] = Entry(key: key, useCount: 1)
        }
      }
      result.append(node)
    }
    return result
  }

  /// Whether a node that one of its users gives up is nobody's now.
  mutating func release(_ node: NodeID) -> Bool {
    guard var entry = entries[node] else { return true }
    entry.useCount -= 1
    entries[node] = entry.useCount == 0 ? nil : entry
    if entry.useCount > 0 { return false }
    nodeByKey[entry.key] = nil
    return true
  }
}
