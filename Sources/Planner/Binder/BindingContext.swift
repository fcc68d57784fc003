package import SQLCatalog
import SQLSyntax
package import SQLTypes

/// What binding a statement knows besides its text, handed down through all binders.
package struct BindingContext {
  package var names: any RelationNames
  package var options: PlannerOptions
  /// What now() means. Nil where the answer is kept and no one moment is meant, as in a view.
  package var statementTime: StatementTime?
  /// What `$1` means; nil where parameters cannot be, as in a view.
  package var parameters: QueryParameters?
  /// Who asks; nil where the answer is kept for everyone.
  package var session: SessionFacts?
  /// The queries of WITH that can be named here; of one name, the last is meant.
  var withQueries: [(name: String, query: PlannedQuery)] = []
  /// How many queries stand around this one, views and WITH included.
  var queryDepth = 0
  /// Which relations the statement names, plain views included.
  let references = RelationReferences()

  package init(names: any RelationNames, options: PlannerOptions = PlannerOptions()) {
    self.names = names
    self.options = options
  }

  func expressionBinder(_ scope: Scope, _ aggregates: AggregatePolicy) -> ExpressionBinder {
    ExpressionBinder(
      scope: scope, aggregates: aggregates, statementTime: statementTime, parameters: parameters, session: session)
  }
}

/// When the statement, or its transaction, began. A plan that has read it is good for that moment alone.
package final class StatementTime {
  private let time: SQLTimestamp
  package private(set) var isRead = false

  package init(_ time: SQLTimestamp) { self.time = time }

  func read() -> SQLTimestamp {
    isRead = true
    return time
  }
}

/// The relations that a statement names, each once, in the order of their first mention.
final class RelationReferences {
  private(set) var ids: [RelationID] = []
  private var relations: [RelationID: Relation] = [:]

  func insert(_ relation: Relation) {
    if relations.updateValue(relation, forKey: relation.id) == nil { ids.append(relation.id) }
  }

  func relation(_ id: RelationID) -> Relation? { relations[id] }
}

/// A catalog in which there is nothing.
package struct NoRelations: RelationNames {
  package init() {}
  package func relation(schema: String?, name: String) -> Relation? { nil }
  package var visibleNames: [String] { [] }
}
