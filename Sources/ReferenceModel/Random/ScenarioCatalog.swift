import Columnar
package import Planner
package import SQLCatalog
package import SQLSyntax
package import SQLTypes

/// The names of a scenario's tables and views, and their rows for the reference evaluator.
///
/// It binds queries by itself, so that what it answers depends on the binder and on nothing else of the engine.
package struct ScenarioCatalog: RelationNames {
  private var relations: [String: Relation] = [:]
  /// The plans of the views in the order in which they were made: as the binder made them, and as the rules rewrote them.
  package private(set) var views: [(name: String, bound: LogicalPlan, optimized: LogicalPlan)] = []

  package init(_ tables: [RandomTable]) {
    for table in tables {
      var relation = Relation(
        id: RelationID(UInt64(relations.count + 1)), name: table.name, kind: table.isStream ? .stream : .table,
        columns: table.columns.enumerated().map {
          Relation.Column(name: $1.name, type: $1.type, isNotNull: table.primaryKey.contains($0))
        })
      relation.isAppendOnly = table.isStream
      relation.primaryKey = table.primaryKey
      relation.uniqueKeys = table.primaryKey.isEmpty ? [] : [table.primaryKey]
      relations[table.name] = relation
    }
  }

  package func relation(schema: String?, name: String) -> Relation? { schema == nil || schema == "public" ? relations[name] : nil }

  package var visibleNames: [String] { relations.keys.sorted() }

  /// The plan of a query over these names as the binder makes it, no rule applied.
  package func bind(_ sql: String) throws(SQLError) -> PlannedQuery {
    try QueryBinder.plan(Self.parse(sql), names: self, options: PlannerOptions(appliesRules: false))
  }

  package static func parse(_ sql: String) throws(SQLError) -> Query {
    guard let first = Parser.parseScript(sql).first, case .query(let query) = try first.result.get().kind else {
      preconditionFailure("a random query is a query: \(sql)")
    }
    return query
  }

  /// Adds a view; its plan is bound now, against what there is.
  package mutating func addView(_ name: String, isMaterialized: Bool, _ sql: String) throws(SQLError) {
    let plan = try bind(sql)
    var relation = Relation(
      id: RelationID(UInt64(relations.count + 1)), name: name, kind: isMaterialized ? .materializedView : .view,
      columns: plan.columns.map { Relation.Column(name: $0.name, type: $0.type) })
    relation.definition = sql
    relations[name] = relation
    views.append((name, plan.plan, plan.optimized().plan))
  }

  package func types(of name: String) -> [SQLType] { relations[name]?.columns.map(\.type) ?? [] }

  package func isMaterialized(_ name: String) -> Bool { relations[name]?.kind == .materializedView }

  /// What each view holds, by name, for these rows of the tables: views over views read what those hold.
  package func contents(_ rowsByTable: [String: [Row]]) -> [String: ReferenceResult] {
    var results: [String: ReferenceResult] = [:]
    visit(rowsByTable) { name, evaluator, plans in
      let result = evaluator.evaluate(plans.optimized)
      results[name] = result
      return result.rows
    }
    return results
  }

  /// What each view's two plans make of the same rows.
  package func bothContents(
    _ rowsByTable: [String: [Row]]
  ) -> [(name: String, bound: ReferenceResult, optimized: ReferenceResult)] {
    var results: [(name: String, bound: ReferenceResult, optimized: ReferenceResult)] = []
    visit(rowsByTable) { name, evaluator, plans in
      results.append((name, evaluator.evaluate(plans.bound), evaluator.evaluate(plans.optimized)))
      return results[results.count - 1].optimized.rows
    }
    return results
  }

  /// Calls `evaluate` for each view with an evaluator over what comes before it; it answers what the view holds.
  private func visit(
    _ rowsByTable: [String: [Row]],
    _ evaluate: (String, ReferenceEvaluator, (bound: LogicalPlan, optimized: LogicalPlan)) -> [Row]
  ) {
    var rows: [RelationID: [Row]] = [:]
    for (name, content) in rowsByTable {
      if let relation = relations[name] { rows[relation.id] = content }
    }
    for (name, bound, optimized) in views {
      let content = evaluate(name, ReferenceEvaluator(rows), (bound, optimized))
      if let relation = relations[name] { rows[relation.id] = content }
    }
  }
}
