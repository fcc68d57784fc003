package import Expressions
package import Planner
package import SQLCatalog
package import SQLTypes

/// A row of a relation as the evaluator carries it: data, or a row that an expression failed on.
package struct ReferenceRow: Hashable, Sendable {
  /// Poisoned columns are null here.
  package var values: Row
  package var failure: ReferenceFailure?

  package init(_ values: Row, failure: ReferenceFailure? = nil) {
    self.values = values
    self.failure = failure
    for column in failure?.poisoned ?? [] { self.values[column] = .null }
  }
}

/// Why a row is no data.
package struct ReferenceFailure: Hashable, Sendable {
  /// Columns that have no value. None: it is not known whether the row is there.
  package var poisoned: Set<Int>
  package var error: SQLError
}

/// What a plan makes of its relations.
package struct ReferenceResult: Sendable {
  /// The data, each copy of a row by itself; in order below a `topK`, else in any.
  package var rows: [Row]
  /// The error rows.
  package var failures: [ReferenceRow]
  /// Whether an expression failed on any row anywhere, also where that row went away later.
  package var didFail: Bool
}

/// Computes a plan from the whole content of the relations it scans: nested loops over arrays of rows, nothing kept, nothing shared
/// with the operators that it checks.
///
/// What follows is derived from DESIGN §9.4 and §9.13 and DIALECT §4 and §7. A relation is a bag of rows; each is *data* or an *error
/// row*, which stands for what the row would have been, had nothing failed. Of an error row some columns may be poisoned: they have no
/// value. An expression that names a poisoned column has none either, whether or not the row reaches the column.
///
/// | node | data | error rows |
/// |---|---|---|
/// | filter | kept if the condition is true; if it fails, an error row without poisoned columns | dropped if the condition is false or null; kept if it is true, fails or has no value |
/// | project | the expressions' values; if some fail, an error row with those columns poisoned | the same; it stays an error row, whatever its columns |
/// | windows | one row for each window that holds the time, none for NULL; if a window begins before the first timestamp, one error row whose start is poisoned | the same; one whose time is poisoned passes on once, its start poisoned |
/// | union all | all rows of all inputs | all |
/// | distinct | one canonical row for each key without an error row | one for each key that has an error row; a row with a poisoned column has no key and passes on |
/// | aggregate | one row for each group without an error row; if an aggregate fails, an error row with the aggregates poisoned | one for each group that has an error row, its aggregates poisoned; a row with a poisoned key column belongs to no group and passes on, its aggregates poisoned |
/// | inner join | the pairs whose keys are equal and for which the residual is true; if the residual fails, an error row | a pair with an error row is one, with the poisoned columns of both, unless the residual is false or null; a row with a poisoned key column meets no row and passes on, the columns of the other side poisoned |
/// | left join | also the left rows, null-extended, that have no pair, neither data nor error, as long as no right row has a poisoned key or a key of theirs is null | a left row that has error pairs alone, or no pair and a key without nulls while a right row has a poisoned key, is null-extended as an error row without poisoned columns: it is not known whether it is there; an error row of the left side without a pair is null-extended |
/// | top-k | the window of the order, if there is no error row | passed on |
///
/// A scanned relation has no error rows: poison stops at a materialized view's edge.
package struct ReferenceEvaluator {
  private let relations: [RelationID: [Row]]
  var didFail = false

  /// - Parameter relations: the rows of each relation, with how many copies there are, at least one.
  package init(relations: [RelationID: [(row: Row, weight: Int64)]]) {
    self.relations = relations.mapValues { rows in
      rows.flatMap { row, weight in
        precondition(weight > 0, "a relation holds no row a negative number of times")
        return Array(repeating: row, count: Int(weight))
      }
    }
  }

  package init(_ relations: [RelationID: [Row]]) { self.relations = relations }

  package func evaluate(_ plan: LogicalPlan) -> ReferenceResult {
    var run = self
    let rows = run.rows(of: plan)
    return ReferenceResult(
      rows: rows.filter { $0.failure == nil }.map(\.values), failures: rows.filter { $0.failure != nil }, didFail: run.didFail)
  }

  mutating func rows(of plan: LogicalPlan) -> [ReferenceRow] {
    switch plan {
    case .unit: return [ReferenceRow([])]
    case .values(let rows, _): return rows.map { project(ReferenceRow([]), $0) }
    case .scan(let id, _):
      guard let rows = relations[id] else { preconditionFailure("the evaluator was given no rows of relation \(id.rawValue)") }
      return rows.map { ReferenceRow($0) }
    case .filter(let input, let condition): return rows(of: input).compactMap { filter($0, condition) }
    case .project(let input, let expressions): return rows(of: input).map { project($0, expressions) }
    case .windows(let input, let windows): return rows(of: input).flatMap { repeated($0, windows) }
    case .unionAll(let inputs): return inputs.flatMap { rows(of: $0) }
    case .distinct(let input):
      return aggregate(rows(of: input), types: input.types, keys: Array(input.types.indices), calls: [])
    case .aggregate(let input, let keys, let calls):
      return aggregate(rows(of: input), types: input.types, keys: keys, calls: calls)
    case .join(let join): return self.join(join)
    case .topK(let input, let order, let limit, let offset): return topK(rows(of: input), order, limit, offset)
    }
  }

  /// The row if it passes, an error row if that is not known, else nil.
  mutating func filter(_ row: ReferenceRow, _ condition: BoundExpression) -> ReferenceRow? {
    if let failure = row.failure, !failure.poisoned.isDisjoint(with: condition.columnsRead) { return row }
    do throws(SQLError) {
      return try condition.truth(of: row.values) == true ? row : nil
    } catch {
      didFail = true
      return row.failure != nil ? row : ReferenceRow(row.values, failure: ReferenceFailure(poisoned: [], error: error))
    }
  }

  private mutating func project(_ row: ReferenceRow, _ expressions: [BoundExpression]) -> ReferenceRow {
    var values: Row = []
    var poisoned: Set<Int> = []
    var firstError = row.failure?.error
    for (index, expression) in expressions.enumerated() {
      values.append(.null)
      if let failure = row.failure, !failure.poisoned.isDisjoint(with: expression.columnsRead) {
        poisoned.insert(index)
        continue
      }
      do throws(SQLError) {
        values[index] = try expression.value(of: row.values)
      } catch {
        didFail = true
        poisoned.insert(index)
        firstError = firstError ?? error
      }
    }
    return ReferenceRow(values, failure: firstError.map { ReferenceFailure(poisoned: poisoned, error: $0) })
  }

  private mutating func aggregate(
    _ input: [ReferenceRow], types: [SQLType], keys: [Int], calls: [AggregateCall]
  ) -> [ReferenceRow] {
    var output: [ReferenceRow] = []
    var groups: [Row: [ReferenceRow]] = keys.isEmpty ? [[]: []] : [:]
    let results = Set(keys.count..<keys.count + calls.count)
    for row in input {
      let key = keys.map { row.values[$0].canonical(as: types[$0]) }
      let poisonedKeys = keys.indices.filter { row.failure?.poisoned.contains(keys[$0]) ?? false }
      if let failure = row.failure, !poisonedKeys.isEmpty {
        output.append(
          ReferenceRow(
            key + calls.map { _ in .null },
            failure: ReferenceFailure(poisoned: results.union(poisonedKeys), error: failure.error)))
      } else {
        groups[key, default: []].append(row)
      }
    }
    for (key, rows) in groups {
      var values = key
      var error = rows.compactMap(\.failure).first?.error
      if error == nil {
        do throws(SQLError) {
          for call in calls { values.append(try call.value(of: rows.map(\.values), types: types)) }
        } catch let raised {
          didFail = true
          error = raised
        }
      }
      if let error {
        output.append(
          ReferenceRow(key + calls.map { _ in .null }, failure: ReferenceFailure(poisoned: results, error: error)))
      } else {
        output.append(ReferenceRow(values))
      }
    }
    return output
  }

  private func topK(_ input: [ReferenceRow], _ order: [SortKey], _ limit: Int64?, _ offset: Int64) -> [ReferenceRow] {
    if input.contains(where: { $0.failure != nil }) { return input.filter { $0.failure != nil } }
    let sorted = input.sorted { a, b in ReferenceOrder.isLess(a.values, b.values, by: order) }
    let window = sorted.dropFirst(Int(clamping: offset))
    return Array(limit.map { window.prefix(Int(clamping: $0)) } ?? window)
  }
}

/// The order of rows in a `topK`.
package enum ReferenceOrder {
  /// By the keys, then by the whole row: each column ascending, nulls last; of equal rows by the forms of their values.
  package static func isLess(_ a: Row, _ b: Row, by keys: [SortKey]) -> Bool {
    for key in keys + a.indices.map({ SortKey(column: $0) }) {
      switch (a[key.column], b[key.column]) {
      case (.null, .null): continue
      case (.null, _): return key.nullsFirst
      case (_, .null): return !key.nullsFirst
      case (let x, let y):
        let order = Value.compare(x, y)
        if order != 0 { return key.isDescending ? order > 0 : order < 0 }
      }
    }
    for (x, y) in zip(a, b) {
      let order = Value.compareForms(x, y)
      if order != 0 { return order < 0 }
    }
    return false
  }
}
