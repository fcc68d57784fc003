package import SQLTypes

/// A statement that changes a table: as SQL, and as what it does to a model.
package struct RandomWrite: Sendable {
  package enum Condition: Sendable {
    case always
    case equals(Int, Value)
    case less(Int, Value)
    case isNull(Int)
  }
  package enum Assignment: Sendable {
    case value(Value)
    /// `column + 1`, of an integer column.
    case increment
  }
  package enum Effect: Sendable {
    case insert([Row])
    case update([(column: Int, Assignment)], Condition)
    case delete(Condition)
  }

  package var table: Int
  package var effect: Effect

  /// A write of table `table`; the rows there now make conditions that hit.
  package init(table: Int, of tables: [RandomTable], rows: [Row], _ choices: inout Choices) {
    self.table = table
    let definition = tables[table]
    // The same weights whatever the rows are: else leaving out a statement would change what the next ones are.
    switch choices.weighted([(4, 0), (2, 1), (2, 2)]) {
    case let kind where kind == 0 || definition.isStream:
      effect = .insert((0..<1 + choices.below(5)).map { _ in definition.row(&choices) })
    case 1:
      var assignments: [(column: Int, Assignment)] = []
      for column in definition.columns.indices where choices.chance(35) {
        let isKey = definition.primaryKey.contains(column)
        if isKey, !choices.chance(20) { continue }
        if definition.columns[column].type == .integer, choices.chance(40) {
          assignments.append((column, .increment))
        } else {
          let isNull = !isKey && choices.oneIn(6)
          assignments.append(
            (column, .value(isNull ? .null : RandomValue.value(of: definition.columns[column].type, isKey: isKey, &choices))))
        }
      }
      if assignments.isEmpty {
        let column = definition.columns.count - 1
        let value = RandomValue.value(of: definition.columns[column].type, isKey: definition.primaryKey.contains(column), &choices)
        assignments.append((column, .value(value)))
      }
      effect = .update(assignments, Self.condition(definition, rows, &choices))
    default: effect = .delete(Self.condition(definition, rows, &choices))
    }
  }

  /// Empties a table.
  package init(deletingAllOf table: Int) {
    self.table = table
    effect = .delete(.always)
  }

  private static func condition(_ table: RandomTable, _ rows: [Row], _ choices: inout Choices) -> Condition {
    let column = !table.primaryKey.isEmpty && choices.chance(60) ? 0 : choices.below(table.columns.count)
    if choices.chance(6) { return .always }
    if rows.isEmpty || choices.chance(10) {
      return .equals(column, RandomValue.value(of: table.columns[column].type, isKey: table.primaryKey.contains(column), &choices))
    }
    let value = choices.element(of: rows)[column]
    if value.isNull { return .isNull(column) }
    return choices.chance(15) ? .less(column, value) : .equals(column, value)
  }

  // MARK: As SQL

  package func sql(_ tables: [RandomTable]) -> String {
    let definition = tables[table]
    func literal(_ value: Value, _ column: Int) -> String { RandomValue.literal(value, definition.columns[column].type) }
    func filter(_ condition: Condition) -> String {
      switch condition {
      case .always: ""
      case .equals(let column, let value): " WHERE \(definition.columns[column].name) = \(literal(value, column))"
      case .less(let column, let value): " WHERE \(definition.columns[column].name) < \(literal(value, column))"
      case .isNull(let column): " WHERE \(definition.columns[column].name) IS NULL"
      }
    }
    switch effect {
    case .insert(let rows):
      let tuples = rows.map { row in "(\(row.indices.map { literal(row[$0], $0) }.joined(separator: ", ")))" }
      return "INSERT INTO \(definition.name) VALUES \(tuples.joined(separator: ", "))"
    case .update(let assignments, let condition):
      let items = assignments.map { column, assignment in
        let name = definition.columns[column].name
        switch assignment {
        case .value(let value): return "\(name) = \(literal(value, column))"
        case .increment: return "\(name) = \(name) + 1"
        }
      }
      return "UPDATE \(definition.name) SET \(items.joined(separator: ", "))\(filter(condition))"
    case .delete(let condition): return "DELETE FROM \(definition.name)\(filter(condition))"
    }
  }
}

/// The content of the tables as the writes alone say it should be.
package struct TableModel: Sendable {
  package let tables: [RandomTable]
  package private(set) var rows: [[Row]]

  package init(_ tables: [RandomTable]) {
    self.tables = tables
    rows = tables.map { _ in [] }
  }

  /// Applies a statement; one that fails leaves everything as it was.
  ///
  /// - Returns: the SQLSTATE with which the statement must fail, or nil.
  package mutating func apply(_ write: RandomWrite) -> SQLState? {
    var changed = rows[write.table]
    switch write.effect {
    case .insert(let new): changed += new
    case .update(let assignments, let condition):
      changed = changed.map { row in
        guard Self.holds(condition, row) else { return row }
        var updated = row
        for (column, assignment) in assignments {
          switch (assignment, row[column]) {
          case (.value(let value), _): updated[column] = value
          case (.increment, .integer(let value)): updated[column] = .integer(value + 1)
          case (.increment, _): updated[column] = .null
          }
        }
        return updated
      }
    case .delete(let condition): changed = changed.filter { !Self.holds(condition, $0) }
    }
    let key = tables[write.table].primaryKey
    if !key.isEmpty, Set(changed.map { row in key.map { row[$0] } }).count < changed.count { return .uniqueViolation }
    rows[write.table] = changed
    return nil
  }

  private static func holds(_ condition: RandomWrite.Condition, _ row: Row) -> Bool {
    switch condition {
    case .always: return true
    case .equals(let column, let value): return !row[column].isNull && Value.compare(row[column], value) == 0
    case .less(let column, let value): return !row[column].isNull && Value.compare(row[column], value) < 0
    case .isNull(let column): return row[column].isNull
    }
  }
}
