import Expressions
package import SQLCatalog
import SQLTypes

/// What is known of a plan's rows without looking at them (DESIGN §3).
package struct PlanProperties: Sendable, Equatable {
  /// Rows are only inserted, provided that they are in the plan's inputs.
  package var isAppendOnly: Bool
  /// Sets of columns, ascending, whose values (nulls being equal) two rows never share; the empty set: at most one row.
  package var uniqueKeys: [[Int]]

  /// More keys of one node are not kept: joins multiply them.
  private static let keyLimit = 16

  private init(isAppendOnly: Bool, uniqueKeys: [[Int]]) {
    self.isAppendOnly = isAppendOnly
    // A set that holds another one says nothing new.
    var kept: [[Int]] = []
    for key in uniqueKeys.map({ Array(Set($0)).sorted() })
      .sorted(by: { $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1) })
    where kept.count < Self.keyLimit && !kept.contains(where: { Set($0).isSubset(of: key) }) {
      kept.append(key)
    }
    self.uniqueKeys = kept
  }

  /// - relation: the relation that a scan reads; of an unknown one, nothing is known.
  package init(of plan: LogicalPlan, relation: (RelationID) -> Relation?) {
    switch plan {
    case .unit: self.init(isAppendOnly: true, uniqueKeys: [[]])
    case .values(let rows, _): self.init(isAppendOnly: true, uniqueKeys: rows.count <= 1 ? [[]] : [])
    case .scan(let id, _):
      let relation = relation(id)
      self.init(isAppendOnly: relation?.isAppendOnly ?? false, uniqueKeys: relation?.rowKeys ?? [])
    case .filter(let input, _): self = PlanProperties(of: input, relation: relation)
    case .project(let input, let expressions):
      let below = PlanProperties(of: input, relation: relation)
      var places: [Int: Int] = [:]
      for (place, expression) in expressions.enumerated() {
        if case .column(let index, _) = expression, places[index] == nil { places[index] = place }
      }
      self.init(
        isAppendOnly: below.isAppendOnly,
        uniqueKeys: below.uniqueKeys.compactMap { key in
          let mapped = key.compactMap { places[$0] }
          return mapped.count == key.count ? mapped : nil
        })
    case .windows(let input, let windows):
      let below = PlanProperties(of: input, relation: relation)
      // One window of a row: the row's key; of several, each has another start.
      let start = windows.windowsPerRow == 1 ? [] : [input.types.count]
      self.init(isAppendOnly: below.isAppendOnly, uniqueKeys: below.uniqueKeys.map { $0 + start })
    case .unionAll(let inputs):
      self.init(
        isAppendOnly: inputs.allSatisfy { PlanProperties(of: $0, relation: relation).isAppendOnly }, uniqueKeys: [])
    case .distinct(let input):
      let below = PlanProperties(of: input, relation: relation)
      // A row that fails takes back what was sent of its value, even if rows are only inserted (DESIGN §9.4).
      self.init(
        isAppendOnly: below.isAppendOnly && !input.mayFail,
        uniqueKeys: below.uniqueKeys + [Array(input.types.indices)])
    case .aggregate(let input, let keys, let calls):
      let below = PlanProperties(of: input, relation: relation)
      self.init(
        isAppendOnly: calls.isEmpty && !keys.isEmpty && below.isAppendOnly && !input.mayFail,
        uniqueKeys: [Array(keys.indices)])
    case .join(let join): self = Self.join(join, relation)
    case .topK(let input, _, let limit, let offset):
      let below = PlanProperties(of: input, relation: relation)
      let isAll = limit == nil && offset == 0
      self.init(
        isAppendOnly: isAll && below.isAppendOnly,
        uniqueKeys: below.uniqueKeys + (limit.map { $0 <= 1 } ?? false ? [[]] : []))
    }
  }

  private static func join(_ join: JoinPlan, _ relation: (RelationID) -> Relation?) -> PlanProperties {
    let left = PlanProperties(of: join.left, relation: relation)
    let right = PlanProperties(of: join.right, relation: relation)
    let width = join.left.types.count
    let rightKeys = right.uniqueKeys.map { $0.map { $0 + width } }
    let (leftColumns, rightColumns) = (Set(join.keys.map(\.left)), Set(join.keys.map(\.right)))
    var keys = left.uniqueKeys.flatMap { key in rightKeys.map { key + $0 } }
    // Each left row meets at most one right row.
    if right.uniqueKeys.contains(where: { rightColumns.isSuperset(of: $0) }) { keys += left.uniqueKeys }
    if join.kind == .inner, left.uniqueKeys.contains(where: { leftColumns.isSuperset(of: $0) }) { keys += rightKeys }
    return PlanProperties(
      isAppendOnly: join.kind == .inner && left.isAppendOnly && right.isAppendOnly, uniqueKeys: keys)
  }
}

extension Relation {
  /// Its keys as sets that two rows never share. A UNIQUE constraint of a table lets nulls stand several times.
  fileprivate var rowKeys: [[Int]] {
    let declared = uniqueKeys.filter { key in kind != .table || key.allSatisfy { columns[$0].isNotNull } }
    return (primaryKey.isEmpty ? [] : [primaryKey]) + declared
  }
}
