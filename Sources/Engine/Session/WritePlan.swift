import Columnar
import Expressions
import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes

/// A bound INSERT, UPDATE or DELETE.
enum WritePlan: Sendable {
  case insert(PlannedInsert)
  case update(PlannedUpdate)
  case delete(PlannedDelete)

  init(_ statement: Statement, _ context: BindingContext) throws(SQLError) {
    let binder = WriteBinder(context: context)
    switch statement.kind {
    case .insert(let insert): self = .insert(try binder.bind(insert))
    case .update(let update): self = .update(try binder.bind(update))
    case .delete(let delete): self = .delete(try binder.bind(delete))
    default: preconditionFailure("only statements that write have a write plan")
    }
    // What a statement wrote there would be in no log: a restart reads the source again, and nothing else.
    if !relation.options.isEmpty {
      throw .unsupported(
        "\(statement.kind.name) of \(relation.kind.rawValue) \"\(relation.name)\", whose rows come from its source,",
        at: statement.range)
    }
  }

  var relation: Relation {
    switch self {
    case .insert(let insert): insert.relation
    case .update(let update): update.relation
    case .delete(let delete): delete.relation
    }
  }

  /// What its outcome depends on. Whether keys are free is asked again when it is applied.
  var relationsRead: Set<RelationID> {
    switch self {
    case .insert(let insert): insert.rows.plan.relations.union(insert.onConflict == nil ? [] : [insert.relation.id])
    case .update, .delete: [relation.id]
    }
  }

  private var returning: PlannedReturning? {
    switch self {
    case .insert(let insert): insert.returning
    case .update(let update): update.returning
    case .delete(let delete): delete.returning
    }
  }

  /// nil without RETURNING.
  var returningColumns: [OutputColumn]? { returning?.columns }

  func tag(_ rowCount: Int) -> String {
    switch self {
    case .insert: "INSERT 0 \(rowCount)"
    case .update: "UPDATE \(rowCount)"
    case .delete: "DELETE \(rowCount)"
    }
  }

  /// What the statement changes, as of a tick.
  struct Evaluation: Sendable {
    /// Of a table consolidated: a row that stays as it is, is not in it. Of a stream its new rows, in their order.
    var change: Batch
    var affectedRows: Int
    /// RETURNING's rows.
    var returned: [Batch]
  }

  /// - Errors: a failing row's, 23502 for a null in a NOT NULL column.
  func evaluate(
    _ reading: Reading, access: DriverAccess, _ cancelToken: CancelToken
  ) throws(SQLError) -> Evaluation {
    var old: [Batch] = []
    var new: [Batch] = []
    switch self {
    case .insert(let insert):
      new = try reading.rows(of: insert.rows, access: access, cancelToken)
      if let conflict = insert.onConflict {
        for batch in new { try checkNulls(batch) }
        let types = relation.columns.map(\.type.physicalType)
        (old, new) = try resolve(conflict, .joined(new, types: types), reading, access, cancelToken)
      }
    case .update(let update):
      old = try rows(update.filter, reading, access, cancelToken)
      for batch in old { new.append(try Self.project(batch, update.newValues)) }
    case .delete(let delete):
      old = try rows(delete.filter, reading, access, cancelToken)
    }
    for batch in new { try checkNulls(batch) }
    let isDelete = if case .delete = self { true } else { false }
    let affected = isDelete ? old : new
    var returned: [Batch] = []
    if let returning {
      for batch in affected { returned.append(try Self.project(batch, returning.expressions)) }
    }
    let types = relation.columns.map(\.type.physicalType)
    let change = relation.kind == .stream ? Batch.joined(new, types: types) : .consolidated(old.map { $0.weighted(-1) } + new, types: types)
    return Evaluation(
      change: change,
      affectedRows: affected.reduce(0) { $0 + $1.count }, returned: returned)
  }

  /// The table's rows for which the condition is true, a row of weight n n times.
  func rows(
    _ filter: BoundExpression?, _ reading: Reading, _ access: DriverAccess, _ cancelToken: CancelToken
  ) throws(SQLError) -> [Batch] {
    let columns = relation.columns.map { OutputColumn(name: $0.name, type: $0.type) }
    let scan = LogicalPlan.scan(relation.id, columns.map(\.type))
    let plan = filter.map { LogicalPlan.filter(scan, $0) } ?? scan
    // The driver is asked to write anyway.
    return try reading.rows(of: PlannedQuery(plan: plan, columns: columns), access: access, cancelToken, scanLimit: 1 << 12)
  }

  static func project(_ batch: Batch, _ expressions: [BoundExpression]) throws(SQLError) -> Batch {
    var errors = RowErrors()
    let columns = expressions.map { $0.evaluate(batch, errors: &errors) }
    if let error = errors.first { throw error }
    return Batch(count: batch.count, columns: columns)
  }

  private func checkNulls(_ batch: Batch) throws(SQLError) {
    for (index, column) in relation.columns.enumerated() where column.isNotNull {
      let values = batch.columns[index]
      guard values.nulls != nil, let row = (0..<batch.count).first(where: { values.isNull($0) }) else { continue }
      let shown = zip(batch.columns, relation.columns).map { $0.outputText(row, as: $1.type) ?? "null" }
      throw SQLError(
        .notNullViolation, "null value in column \"\(column.name)\" of relation \"\(relation.name)\" violates not-null constraint",
        detail: "Failing row contains (\(shown.joined(separator: ", "))).")
    }
  }
}
