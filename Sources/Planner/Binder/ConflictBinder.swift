import Expressions
import SQLCatalog
import SQLSyntax
import SQLTypes

extension WriteBinder {
  /// Binds ON CONFLICT. In DO UPDATE, the table's name means the row that is there, EXCLUDED the one that was to be
  /// inserted.
  ///
  /// - Errors: 42P10 for a target that is no key of the table, 42704 for an unknown constraint, 42601 for DO UPDATE
  ///   without a target.
  func bind(_ conflict: OnConflict, _ relation: Relation, _ scope: Scope) throws(SQLError) -> PlannedConflict {
    let key = try conflict.target.map { (target) throws(SQLError) in try bind(target, relation, at: conflict.range) }
    switch conflict.action {
    case .nothing: return PlannedConflict(key: key, action: .nothing)
    case .update(let assignments, let filter):
      guard key != nil else {
        throw SQLError(
          .syntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name",
          hint: "For example, ON CONFLICT (column_name).", at: conflict.range)
      }
      let excluded = Scope(name: "excluded", columns: relation.columns.map { ($0.name, $0.type) })
      let both = try scope.joined(with: excluded.shifted(by: relation.columns.count), at: conflict.range)
      let bound = try bind(assignments, to: relation, over: both, "UPDATE")
      return PlannedConflict(
        key: key,
        action: .update(newValues: relation.newValues(bound), filter: try bindFilter(filter, both)))
    }
  }

  private func bind(
    _ target: OnConflict.Target, _ relation: Relation, at range: SourceRange
  ) throws(SQLError) -> [Int] {
    switch target {
    case .columns(let expressions, let filter):
      if let filter { throw .unsupported("a partial key in ON CONFLICT", at: filter.range) }
      var columns: Set<Int> = []
      for expression in expressions {
        guard case .column(let parts) = expression.kind, parts.count == 1 else {
          throw .unsupported("an expression in ON CONFLICT", at: expression.range)
        }
        guard let column = relation.columns.firstIndex(where: { $0.name == parts[0].name }) else {
          throw SQLError(.undefinedColumn, "column \"\(parts[0].name)\" does not exist", at: parts[0].range)
        }
        columns.insert(column)
      }
      if let key = relation.keys.first(where: { Set($0.columns) == columns }) { return key.columns }
      throw SQLError(
        .invalidColumnReference,
        "there is no unique or exclusion constraint matching the ON CONFLICT specification", at: range)
    case .constraint(let name):
      if let key = relation.keys.first(where: { $0.name == name.name }) { return key.columns }
      throw SQLError(
        .undefinedObject, "constraint \"\(name.name)\" for table \"\(relation.name)\" does not exist", at: name.range)
    }
  }
}

extension Relation {
  /// The table's keys under the names that PostgreSQL gives to constraints without one: `t_pkey`, `t_a_b_key`.
  fileprivate var keys: [(name: String, columns: [Int])] {
    let primary = primaryKey.isEmpty ? [] : [(name: keyName, columns: primaryKey)]
    return primary
      + uniqueKeys.map { key in
        (name: ([name] + key.map { columns[$0].name } + ["key"]).joined(separator: "_"), columns: key)
      }
  }
}
