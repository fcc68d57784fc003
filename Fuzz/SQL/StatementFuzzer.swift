import CTraps
import Expressions
import Glibc
import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes
import TestSupport

@testable import Engine

/// Statements of the specification, mutated by token: each parses or is refused with a range inside of it; what is printed parses to
/// the same tree; it is bound, over its file's relations and the system views, with its parameters first inferred and then given;
/// and a query answers the same over a few rows with its plan rewritten by the rules and without.
struct StatementFuzzer {
  private let files: [SpecFile]
  private let places: [(file: Int, statement: Int)]
  private let mutator: TokenMutator
  private let session: SessionFacts
  private let seed: UInt64
  private(set) var counts = Counts()

  /// How far the executions came.
  struct Counts {
    var parsed = 0
    var bound = 0
    var withParameters = 0
    var compared = 0
  }

  init(_ corpus: SpecCorpus, seed: UInt64) {
    files = corpus.files
    places = corpus.files.indices.flatMap { file in corpus.files[file].statements.indices.map { (file, $0) } }
    mutator = TokenMutator(corpus.statements)
    session = SessionFacts(user: "leat", database: "leat", processID: 1, catalog: files[0].catalog, settings: { [] })
    self.seed = seed
  }

  /// Runs one execution, a function of the seed and its number.
  mutating func run(_ execution: UInt64) {
    var random = SeededRandom(seed: SeededRandom.mixed(seed, execution))
    let place = places[random.below(places.count)]
    let file = files[place.file]
    let text = mutator.mutated(file.statements[place.statement], &random)
    note(execution, text)
    var check = StatementCheck(text: text, catalog: file.catalog, session: session, random: random)
    for item in Parser.parseScript(text) {
      switch item.result {
      case .failure(let error): check.expect(error, hasPlace: true)
      case .success(let statement):
        counts.parsed += 1
        check.roundTrip(statement)
        check.bind(statement, &counts)
      }
    }
  }
}

extension SeededRandom {
  /// Numbers of an execution that have nothing to do with its neighbours'.
  static func mixed(_ seed: UInt64, _ execution: UInt64) -> UInt64 {
    var random = SeededRandom(seed: seed)
    return random.next() ^ (execution &* 0xd6e8_feb8_6659_fd93)
  }
}

func note(_ execution: UInt64, _ text: String) {
  var text = text
  text.withUTF8 { ct_note(execution, $0.baseAddress, $0.count) }
}

/// What is asked of one text.
struct StatementCheck {
  let text: String
  let catalog: Catalog
  let session: SessionFacts
  var random: SeededRandom

  func expect(_ error: SQLError, hasPlace: Bool = false) {
    precondition(error.state.code != "XX000", "a refusal has a code of its own")
    guard let range = error.range else { return precondition(!hasPlace, "a syntax error has a place") }
    precondition(range.start >= 0 && range.start <= range.end && range.end <= text.utf8.count, "an error lies in the text")
  }

  func roundTrip(_ statement: Statement) {
    if statement.isPartlyUnsupported { return }
    let printed = Printer.print(statement)
    do throws(SQLError) {
      let again = try Parser.parseStatement(printed)
      precondition(again == statement, "what is printed means the same")
    } catch {
      // A text at the limits of nesting may print a parenthesis more.
      precondition(error.state == .statementTooComplex, "what is printed parses")
    }
  }

  private func context(_ parameters: QueryParameters?) -> BindingContext {
    var context = BindingContext(names: catalog, options: PlannerOptions(appliesRules: false))
    context.statementTime = StatementTime(SQLTimestamp(microseconds: 1_700_000_000_000_000))
    var session = session
    session.catalog = catalog
    context.session = session
    context.parameters = parameters
    return context
  }

  mutating func bind(_ statement: Statement, _ counts: inout StatementFuzzer.Counts) {
    do throws(SQLError) {
      switch statement.kind {
      case .query(var query):
        query.emit = nil
        try bind(query, &counts)
      case .insert, .update, .delete: try bindWrite(statement, &counts)
      case .createTable(let table):
        let planned = try TableBinder.plan(table, id: RelationID(99_999), names: catalog)
        if let rows = planned.rows { try compare(rows, rows.optimized(), &counts) }
      case .createView(let view):
        let planned = try ViewBinder.plan(view, id: RelationID(99_999), names: catalog)
        try roundTrip(definition: planned.relation.definition)
        try compare(planned.query, planned.query.optimized(), &counts)
      case .explain(let explain): bind(explain.statement, &counts)
      case .prepare(_, _, let inner): bind(inner, &counts)
      case .execute(_, let arguments):
        for argument in arguments {
          _ = try ExpressionBinder.value(argument, of: 1, as: samples.randomElement(using: &random)?.type ?? .text, context(nil))
        }
      case .declareCursor(let cursor):
        switch cursor.source {
        case .query(let query): try bind(query, &counts)
        case .subscribe(let subscribe): try bind(subscribe, &counts)
        }
      case .subscribe(let subscribe): try bind(subscribe, &counts)
      case .copy(let copy): if case .query(let inner) = copy.source { bind(inner, &counts) }
      default: break
      }
    } catch { expect(error) }
  }

  /// What a view keeps as its definition is read again each time that the view is.
  private func roundTrip(definition: String?) throws(SQLError) {
    guard let definition else { return }
    do throws(SQLError) { _ = try Parser.parseStatement(definition) } catch {
      precondition(error.state == .statementTooComplex, "a view's definition parses")
    }
  }

  private mutating func bind(_ subscribe: Subscribe, _ counts: inout StatementFuzzer.Counts) throws(SQLError) {
    if case .query(let query) = subscribe.source { try bind(query, &counts) }
  }

  private mutating func bind(_ query: Query, _ counts: inout StatementFuzzer.Counts) throws(SQLError) {
    let inferred = QueryParameters()
    var planned = try QueryBinder.plan(query, context: context(inferred))
    counts.bound += 1
    let types = try inferred.types()
    _ = PlanPrinter.print(planned) { catalog[$0] }
    if !types.isEmpty {
      counts.withParameters += 1
      planned = try QueryBinder.plan(query, context: context(try given(types)))
    }
    try compare(planned, planned.optimized(), &counts)
  }

  private mutating func bindWrite(_ statement: Statement, _ counts: inout StatementFuzzer.Counts) throws(SQLError) {
    let inferred = QueryParameters()
    try plan(statement, context(inferred))
    counts.bound += 1
    let types = try inferred.types()
    if types.isEmpty { return }
    counts.withParameters += 1
    try plan(statement, context(try given(types)))
  }

  private func plan(_ statement: Statement, _ context: BindingContext) throws(SQLError) {
    let binder = WriteBinder(context: context)
    switch statement.kind {
    case .insert(let insert):
      let planned = try binder.bind(insert)
      _ = PlanPrinter.print(planned.rows) { catalog[$0] }
      _ = planned.rows.optimized()
    case .update(let update): _ = try binder.bind(update)
    case .delete(let delete): _ = try binder.bind(delete)
    default: break
    }
  }

  private mutating func given(_ types: [SQLType]) throws(SQLError) -> QueryParameters {
    var values: [BoundExpression] = []
    for type in types {
      let row = random.below(4)
      values.append(row == 3 ? .null(type) : try SampleRows.value(type, row + random.below(8)))
    }
    return QueryParameters(values: values)
  }

  // MARK: running

  /// Both plans over a few rows: what the first answers, the second does too; it may be spared an error of the first's.
  private func compare(_ plain: PlannedQuery, _ rewritten: PlannedQuery, _ counts: inout StatementFuzzer.Counts) throws(SQLError) {
    _ = PlanPrinter.print(rewritten) { catalog[$0] }
    guard let size = SampleRows.size(of: plain.plan), size <= 2_000 else { return }
    let expected: [String]
    do throws(SQLError) { expected = try rows(of: plain) } catch {
      expect(error)
      do throws(SQLError) { _ = try rows(of: rewritten) } catch { expect(error) }
      return
    }
    counts.compared += 1
    do throws(SQLError) {
      let answered = try rows(of: rewritten)
      if answered != expected { fail("the rules change the rows", plain, rewritten, "\(expected)\n\(answered)") }
    } catch { fail("the rules add an error", plain, rewritten, "\(error.state.code) \(error.message)") }
  }

  private func fail(_ what: String, _ plain: PlannedQuery, _ rewritten: PlannedQuery, _ answers: String) -> Never {
    print(what, answers, PlanPrinter.print(plain) { catalog[$0] }, PlanPrinter.print(rewritten) { catalog[$0] }, separator: "\n")
    abort()
  }

  /// Texts of the rows, sorted: an order is the executor's, not the rules'.
  private func rows(of query: PlannedQuery) throws(SQLError) -> [String] {
    var query = query
    let catalog = catalog
    query.plan = try query.plan.replacingScans { (id) throws(SQLError) in
      guard let relation = catalog[id] else { preconditionFailure("a plan scans relations of its catalog") }
      return try SampleRows.plan(of: relation)
    }
    let batches = try QueryRun(CancelToken()) { _, _ in preconditionFailure("all scans are replaced") }.rows(of: query)
    let columns = query.columns
    return StatementResult(columns: columns, batches: batches, tag: "").textRows.map { row in
      row.map { $0 ?? "NULL" }.joined(separator: "|")
    }.sorted()
  }

  private var samples: [(type: SQLType, texts: [String])] { SampleRows.samples }
}

extension Statement {
  /// EXPLAIN or PREPARE of a statement that is recognised only cannot be printed in full.
  var isPartlyUnsupported: Bool {
    switch kind {
    case .unsupported: true
    case .explain(let explain): explain.statement.isPartlyUnsupported
    case .prepare(_, _, let inner): inner.isPartlyUnsupported
    case .copy(let copy): if case .query(let inner) = copy.source { inner.isPartlyUnsupported } else { false }
    default: false
    }
  }
}
