import Columnar
import Expressions
import Planner
import SQLCatalog
import SQLTypes
import ZSets

/// The one row of a table that a condition can be true for: its key's columns are compared with constants.
struct KeyLookUp {
  let relation: RelationID
  /// A column of one value for each of the key's.
  let values: [Column]

  /// The row as of a tick; nil where the driver cannot tell, because the row has changed since.
  func row(asOf tick: UInt64, _ access: DriverAccess) throws(SQLError) -> Batch? {
    let (relation, values) = (relation, values)
    let (found, newest) = try access.look { driver in
      ((driver.relations[relation] as? KeyedRelation)?.lookUp(values, count: 1), driver.tick)
    }
    guard let found else { return nil }
    let lastChange = found.rows.count > 0 ? found.ticks.value(0, as: UInt64.self) : newest
    return lastChange <= tick ? found.rows : nil
  }
}

extension LogicalPlan {
  /// Look-ups that give all rows of a relation that the plan can use. Of relations that it scans twice there is none.
  ///
  /// - key: the columns of a relation's key, of relations whose rows can be looked up.
  func keyLookUps(_ key: (RelationID) -> [Int]?) -> [KeyLookUp] {
    var scanCounts: [RelationID: Int] = [:]
    var found: [KeyLookUp] = []
    visitScans { relation, types, condition in
      scanCounts[relation, default: 0] += 1
      guard let condition, let key = key(relation), !key.isEmpty else { return }
      let values = key.compactMap { condition.constant(equalTo: $0, types[$0]) }
      if values.count == key.count { found.append(KeyLookUp(relation: relation, values: values)) }
    }
    return found.filter { scanCounts[$0.relation] == 1 }
  }

  /// - visit: is told the condition that stands right above the scan, if there is one.
  private func visitScans(_ visit: (RelationID, [SQLType], BoundExpression?) -> Void) {
    switch self {
    case .scan(let relation, let types): visit(relation, types, nil)
    case .filter(.scan(let relation, let types), let condition): visit(relation, types, condition)
    default: for input in inputs { input.visitScans(visit) }
    }
  }
}

extension BoundExpression {
  /// What a column must be equal to where the condition is true: a constant of the column's own type.
  fileprivate func constant(equalTo column: Int, _ type: SQLType) -> Column? {
    for case .call(let function, let operands, _) in conjuncts where function.name == "=" && operands.count == 2 {
      switch (operands[0], operands[1]) {
      case (.column(column, type), .constant(let value, type)), (.constant(let value, type), .column(column, type)):
        return value
      default: continue
      }
    }
    return nil
  }
}
