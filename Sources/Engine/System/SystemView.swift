import Columnar
import Connectors
import Dataflow
import Expressions
import Planner
import SQLCatalog
import SQLTypes

/// What a system view is computed from: the tick that a statement reads, and the session that asks.
struct SystemReading {
  let access: DriverAccess
  let content: PublishedState.Content
  let session: SessionFacts

  var catalog: Catalog { content.catalog }
}

/// A relation that is computed when it is read (DIALECT §8).
struct SystemView: Sendable {
  let relation: Relation
  private let rows: @Sendable (SystemReading) throws(SQLError) -> [[SystemValue]]

  init(
    _ id: UInt64, _ schema: String, _ name: String, _ columns: [(String, SQLType)],
    rows: @escaping @Sendable (DriverAccess, PublishedState.Content) throws(SQLError) -> [[SystemValue]]
  ) {
    self.init(id, schema, name, columns: columns.map { Relation.Column(name: $0.0, type: $0.1) }) { (reading) throws(SQLError) in
      try rows(reading.access, reading.content)
    }
  }

  init(
    _ id: UInt64, _ schema: String, _ name: String, columns: [Relation.Column],
    rows: @escaping @Sendable (SystemReading) throws(SQLError) -> [[SystemValue]]
  ) {
    relation = Relation(id: RelationID(id), schema: schema, name: name, kind: .system, columns: columns)
    self.rows = rows
  }

  func batch(_ reading: SystemReading) throws(SQLError) -> Batch {
    Batch(try rows(reading), types: relation.columns.map(\.type))
  }

  static let all: [SystemView] =
    [relations, columns, views, operators, errors, settings, sources, partitions, jobs, log] + PgCatalog.all + InformationSchema.all
  static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.relation.id, $0) })

  private static let relations = SystemView(
    1, "leat", "relations",
    [("schema", .text), ("name", .text), ("kind", .text), ("definition", .text), ("statement", .text)]
  ) { _, content in
    content.catalog.all.map {
      [.text($0.schema), .text($0.name), .text($0.kind.rawValue), SystemValue($0.definition), .text($0.statement)]
    }
  }

  private static let columns = SystemView(
    2, "leat", "columns",
    [
      ("relation_schema", .text), ("relation", .text), ("position", .integer), ("name", .text), ("type", .text),
      ("nullable", .boolean), ("default", .text), ("is_key", .boolean),
    ]
  ) { _, content in
    content.catalog.all.flatMap { relation in
      relation.columns.enumerated().map { index, column in
        [
          .text(relation.schema), .text(relation.name), SystemValue(index + 1), .text(column.name), .text(column.type.name),
          .boolean(!column.isNotNull), SystemValue(column.defaultText), .boolean(relation.primaryKey.contains(index)),
        ]
      }
    }
  }

  private static let views = SystemView(
    3, "leat", "views",
    [("schema", .text), ("name", .text), ("rows", .bigint), ("failing_rows", .bigint), ("state_bytes", .bigint)]
  ) { (access, content) throws(SQLError) in
    let ids = content.catalog.user.filter { $0.kind == .materializedView }.map(\.id)
    let figures = try access.look { driver in
      ids.map { id in (driver.relations[id]?.rowCount ?? 0, driver.relations[id]?.stateBytes ?? 0) }
    }
    return zip(ids, figures).compactMap { id, figure in
      content.catalog[id].map {
        [
          .text($0.schema), .text($0.name), SystemValue(figure.0), SystemValue(content.failingRowCounts[id] ?? 0),
          SystemValue(figure.1),
        ]
      }
    }
  }

  private static let operators = SystemView(
    4, "leat", "operators",
    [
      ("view", .text), ("node", .bigint), ("operator", .text), ("rows_in", .bigint), ("rows_out", .bigint),
      ("state_rows", .bigint), ("state_bytes", .bigint), ("state_reads", .bigint),
    ]
  ) { (access, content) throws(SQLError) in
    try access.look { driver in
      driver.catalog.user.filter { $0.kind == .materializedView }.flatMap { relation in
        (driver.relations[relation.id]?.nodes ?? []).map { node in
          let figures = driver.graph.figures(of: node)
          return [
            .text(relation.name), SystemValue(node.rawValue), .text(driver.graph.name(of: node)), SystemValue(figures.rowsIn),
            SystemValue(figures.rowsOut), SystemValue(figures.stateRows), SystemValue(figures.stateBytes),
            SystemValue(figures.stateReads),
          ]
        }
      }
    }
  }

  private static let errors = SystemView(
    5, "leat", "errors",
    [
      ("relation", .text), ("partition", .integer), ("offset", .bigint), ("at", .timestamptz), ("sqlstate", .text),
      ("message", .text), ("payload", .text),
    ]
  ) { (access, content) throws(SQLError) in
    try access.look { driver in
      driver.catalog.user.flatMap { relation in refusedRows(driver, relation) + failingRows(driver, relation) }
    }
  }

  /// Records of a source that made no row.
  private static func refusedRows(_ driver: Driver, _ relation: Relation) -> [[SystemValue]] {
    (driver.sources[relation.id]?.refused ?? []).map { partition, error in
      [
        .text(relation.name), SystemValue(partition), .integer(error.offset), .null, .text(error.state.code), .text(error.message),
        .text(String(decoding: error.payload, as: UTF8.self)),
      ]
    }
  }

  /// Rows on which an expression of a view fails now.
  private static func failingRows(_ driver: Driver, _ relation: Relation) -> [[SystemValue]] {
    (driver.relations[relation.id]?.nodes ?? []).flatMap { node in
      (driver.failingRows[node]?.failures() ?? []).map { failure in
        [.text(relation.name), .null, .null, .null, .text(failure.state), .text(failure.message), .text(failure.row)]
      }
    }
  }

  private static let sources = SystemView(
    7, "leat", "sources",
    [
      ("name", .text), ("connector", .text), ("state", .text), ("partitions", .bigint), ("rows", .bigint),
      ("refused_rows", .bigint), ("moved_keys", .bigint), ("forgotten_errors", .bigint), ("last_error", .text),
    ]
  ) { (access, content) throws(SQLError) in
    try access.look { driver in
      driver.catalog.user.compactMap { relation in
        driver.sources[relation.id].map { source in
          [
            .text(relation.name), SystemValue(relation.options.first { $0.name == "connector" }?.value),
            .text(source.phase.rawValue), SystemValue(source.partitions.count), SystemValue(source.rowCount),
            SystemValue(source.refusedCount), SystemValue((driver.relations[relation.id] as? KeyedRelation)?.movedKeyCount ?? 0),
            SystemValue(source.forgottenCount), SystemValue(source.failure?.message ?? source.lastTrouble?.message),
          ]
        }
      }
    }
  }

  private static let partitions = SystemView(
    10, "leat", "partitions",
    [
      ("source", .text), ("partition", .integer), ("name", .text), ("position", .bigint), ("end_position", .bigint),
      ("lag", .bigint), ("last_error", .text),
    ]
  ) { (access, content) throws(SQLError) in
    try access.look { driver in
      driver.catalog.user.flatMap { relation in driver.sources[relation.id].map { partitions(of: $0) } ?? [] }
    }
  }

  private static func partitions(of source: SourceState) -> [[SystemValue]] {
    source.partitions.sorted { $0.partition < $1.partition }.map { partition in
      let position = source.spec.connector.offset(of: partition.position)
      let end = source.ends[partition.partition].map { max($0, position ?? $0) }
      let lag = position.flatMap { position in end.map { $0 - position } }
      return [
        .text(source.spec.relation), SystemValue(partition.partition), .text(partition.name), .offset(position), .offset(end),
        .offset(lag), SystemValue(source.trouble(of: partition.partition)?.message),
      ]
    }
  }

  private static let jobs = SystemView(
    8, "leat", "jobs",
    [
      ("relation", .text), ("kind", .text), ("state", .text), ("rows_done", .bigint), ("rows_in_all", .bigint),
      ("share", .double), ("rows_per_second", .double), ("seconds_left", .double), ("message", .text),
    ]
  ) { (access, _) throws(SQLError) in
    try access.look { $0.jobFigures }.map { job in
      [
        SystemValue(job.relation), .text(job.relation == nil ? "subscription" : "backfill"), .text(job.state.rawValue),
        SystemValue(job.rowsDone), SystemValue(job.rowsInAll), .double(job.share), SystemValue(job.rowsPerSecond),
        SystemValue(job.secondsLeft), SystemValue(job.message),
      ]
    }
  }

  private static let log = SystemView(
    9, "leat", "log", [("at", .timestamptz), ("severity", .text), ("message", .text)]
  ) { access, _ in
    access.events.all.map { event in
      [.integer(event.microseconds), .text(event.severity.rawValue), .text(event.message)]
    }
  }

  private static let settings = SystemView(
    6, "leat", "settings",
    columns: ["name", "setting", "description"].map { Relation.Column(name: $0, type: .text) }
  ) { reading in
    reading.session.settings().map { [.text($0.name), .text($0.value), .text($0.description)] }
  }
}

extension SystemValue {
  fileprivate static func offset(_ offset: Int64?) -> SystemValue { offset.map { .integer($0) } ?? .null }
}
