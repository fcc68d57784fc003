import SQLTypes

/// What a random query can read: a table, a view, or a query named by WITH.
package struct QuerySource: Sendable {
  package var name: String
  package var columns: [QueryColumn]
  /// About how many rows it has; it keeps products of relations small.
  package var rowEstimate: Int

  package init(name: String, columns: [QueryColumn], rowEstimate: Int = 10) {
    self.name = name
    self.columns = columns
    self.rowEstimate = rowEstimate
  }

  package init(_ table: RandomTable) {
    self.init(name: table.name, columns: table.columns.map { QueryColumn(sql: $0.name, type: $0.type) })
  }
}

/// A random query: its text, its columns by name, and about how many rows it answers.
package struct RandomQuery: Sendable {
  package var sql: String
  package var columns: [QueryColumn]
  package var rowEstimate: Int

  package func source(named name: String) -> QuerySource {
    QuerySource(name: name, columns: columns, rowEstimate: rowEstimate)
  }
}

/// Makes queries over some sources: of every relational operator that views keep, nested up to a depth.
///
/// Each output column has a name of its own, `c1`, `c2`, …, so that every query can become a view.
package struct QueryGenerator {
  package var sources: [QuerySource]
  /// Whether expressions may fail on some rows.
  package var mayFail: Bool
  /// Whether an order under a LIMIT leaves no choice between rows that differ: needed to compare with another database.
  package var ordersTotally: Bool
  /// Whether the sources have many rows: then relations meet only in selective columns, and nothing fails.
  package var isLarge: Bool
  package var choices: Choices
  private var aliases = 0

  /// No product of relations is estimated larger than this: the reference evaluator visits each pair.
  private static let maximumRowEstimate = 300
  /// Of selective joins of large sources: each doubles the estimate.
  private static let maximumLargeRowEstimate = 400_000

  package init(sources: [QuerySource], ordersTotally: Bool = false, isLarge: Bool = false, _ choices: Choices) {
    self.sources = sources
    self.ordersTotally = ordersTotally
    self.isLarge = isLarge
    self.choices = choices
    mayFail = false
    mayFail = self.choices.chance(30) && !isLarge
  }

  private mutating func alias(_ letter: String) -> String {
    aliases += 1
    return "\(letter)\(aliases)"
  }

  /// A query of at most `depth` levels of nested queries.
  package mutating func query(depth: Int) -> RandomQuery {
    if depth == 0 { return select(depth: 0) }
    switch choices.weighted([(12, 0), (3, 1), (2, 2), (3, 3)]) {
    case 0: return select(depth: depth)
    case 1: return union(depth: depth)
    case 2: return with(depth: depth)
    default: return limited(depth: depth)
    }
  }

  // MARK: Forms of queries

  private mutating func union(depth: Int) -> RandomQuery {
    let types = (0..<1 + choices.below(3)).map { _ in choices.element(of: RandomTable.columnTypes) }
    let isAll = choices.chance(60)
    let left = select(depth: depth - 1, wanting: types)
    let right = select(depth: depth - 1, wanting: types)
    var columns = left.columns
    for index in columns.indices where !right.columns[index].isExact { columns[index].isExact = false }
    return RandomQuery(
      sql: "\(left.sql) UNION\(isAll ? " ALL" : "") \(right.sql)", columns: columns,
      rowEstimate: left.rowEstimate + right.rowEstimate)
  }

  private mutating func with(depth: Int) -> RandomQuery {
    let named = query(depth: depth - 1)
    let name = alias("w")
    let outer = sources
    sources.append(named.source(named: name))
    // Often the named query is read twice.
    if choices.chance(60) { sources = [sources[sources.count - 1]] }
    let body = select(depth: depth - 1)
    sources = outer
    return RandomQuery(sql: "WITH \(name) AS (\(named.sql)) \(body.sql)", columns: body.columns, rowEstimate: body.rowEstimate)
  }

  private mutating func limited(depth: Int) -> RandomQuery {
    let inner = choices.chance(25) ? union(depth: depth) : select(depth: depth)
    var places = Array(1...inner.columns.count)
    var order: [Int] = []
    for _ in 0..<choices.below(3) where !places.isEmpty { order.append(places.remove(at: choices.below(places.count))) }
    if ordersTotally { order += places }
    var sql = inner.sql
    if !order.isEmpty {
      let items = order.map { place in
        "\(place)\(choices.element(of: ["", " DESC"]))\(choices.element(of: ["", "", " NULLS FIRST", " NULLS LAST"]))"
      }
      sql += " ORDER BY \(items.joined(separator: ", "))"
    }
    let limit = 1 + choices.below(4)
    switch choices.below(7) {
    case 0...3: sql += " LIMIT \(limit)"
    case 4: sql += " LIMIT \(limit) OFFSET \(1 + choices.below(2))"
    case 5: sql += " OFFSET \(1 + choices.below(2))"
    default: sql += " FETCH FIRST \(limit) ROWS ONLY"
    }
    return RandomQuery(sql: sql, columns: inner.columns, rowEstimate: min(inner.rowEstimate, 10))
  }

  // MARK: SELECT

  private struct From {
    var sql: String
    var columns: [QueryColumn]
    var rowEstimate: Int
    var relationCount = 1
    /// Conditions that WHERE has to hold: those of a comma join.
    var conditions: [String] = []
    /// Behind a comma JOIN would bind to the last relation alone, and its ON could not name the others.
    var hasComma = false
  }

  /// - Parameter wanted: the types that the query's columns must have; nil for any.
  private mutating func select(depth: Int, wanting wanted: [SQLType]? = nil) -> RandomQuery {
    var from = relation(depth: depth)
    for _ in 0..<choices.weighted([(11, 0), (7, 1), (2, 2)]) { joined(&from, depth: depth) }
    let generator = ExpressionGenerator(columns: from.columns, mayFail: mayFail)
    var conditions = from.conditions
    if choices.chance(35) { conditions.append(generator.condition(depth: 1, &choices)) }
    let tail = " FROM \(from.sql)" + (conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))")
    if let wanted {
      let items = wanted.map { generator.expression(Self.plain($0), depth: 1, &choices) }
      return RandomQuery(
        sql: "SELECT \(Self.list(items))\(tail)",
        columns: zip(wanted, items).enumerated().map {
          QueryColumn(sql: "c\($0 + 1)", type: Self.plain($1.0), isExact: $1.1.isExact, isSelective: false)
        }, rowEstimate: from.rowEstimate)
    }
    return choices.chance(45) ? grouped(from, tail, generator) : projected(from, tail, generator)
  }

  private static func plain(_ type: SQLType) -> SQLType { if case .numeric = type { .numeric(nil) } else { type } }

  private static func list(_ items: [QueryExpression]) -> String {
    items.enumerated().map { "\($1.sql) AS c\($0 + 1)" }.joined(separator: ", ")
  }

  private mutating func projected(_ from: From, _ tail: String, _ generator: ExpressionGenerator) -> RandomQuery {
    let isDistinct = choices.chance(20)
    let head = "SELECT \(isDistinct ? "DISTINCT " : "")"
    if from.relationCount == 1, choices.chance(25) {
      let columns = from.columns.map { column in
        Self.renamed(column, column.sql.split(separator: ".").last.map(String.init) ?? "")
      }
      return RandomQuery(sql: "\(head)*\(tail)", columns: columns, rowEstimate: from.rowEstimate)
    }
    var columns: [QueryColumn] = []
    var items: [QueryExpression] = []
    for index in 0..<1 + choices.below(4) {
      let name = "c\(index + 1)"
      if choices.chance(40) {
        let type = Self.plain(choices.element(of: RandomTable.columnTypes))
        items.append(generator.expression(type, depth: 2, &choices))
        columns.append(QueryColumn(sql: name, type: type, isExact: items[index].isExact, isSelective: false))
      } else {
        let column = choices.element(of: from.columns)
        items.append(QueryExpression(sql: column.sql, isExact: column.isExact))
        columns.append(Self.renamed(column, name))
      }
    }
    return RandomQuery(sql: "\(head)\(Self.list(items))\(tail)", columns: columns, rowEstimate: from.rowEstimate)
  }

  private mutating func grouped(_ from: From, _ tail: String, _ generator: ExpressionGenerator) -> RandomQuery {
    var items: [QueryExpression] = []
    var columns: [QueryColumn] = []
    var keys: [String] = []
    let starts = from.columns.filter { $0.sql.hasSuffix(".window_start") }
    for index in 0..<choices.weighted([(5, 1), (2, 2), (3, 0)]) + (starts.isEmpty ? 0 : 1) {
      let isStart = index == 0 && !starts.isEmpty && choices.chance(70)
      let key = choices.element(of: isStart ? starts : from.columns)
      var sql = key.sql
      if key.type == .integer, choices.chance(25) { sql = "(\(key.sql) % 3)" }
      keys.append(sql)
      if choices.chance(85) {
        items.append(QueryExpression(sql: sql, isExact: key.isExact))
        var column = Self.renamed(key, "c\(items.count)")
        column.isSelective = key.isSelective && sql == key.sql
        columns.append(column)
        if choices.chance(25) { keys[keys.count - 1] = "\(items.count)" }
      }
    }
    for _ in 0..<1 + choices.below(3) {
      let (call, type, isExact) = aggregate(from, generator)
      let isWrapped = choices.chance(15) && type == .bigint
      items.append(QueryExpression(sql: isWrapped ? "(coalesce(\(call), 0) + 1)" : call, isExact: isExact))
      columns.append(QueryColumn(sql: "c\(items.count)", type: type, isExact: isExact, isSelective: false))
    }
    var sql = "SELECT \(choices.chance(8) ? "DISTINCT " : "")\(Self.list(items))\(tail)"
    if !keys.isEmpty { sql += " GROUP BY \(keys.joined(separator: ", "))" }
    if choices.chance(25) {
      sql += choices.chance(50)
        ? " HAVING count(*) \(choices.element(of: [">", "<=", "="])) \(1 + choices.below(3))"
        : " HAVING \(aggregate(from, generator).sql) IS NOT NULL"
    }
    return RandomQuery(sql: sql, columns: columns, rowEstimate: keys.isEmpty ? 1 : max(1, isLarge ? from.rowEstimate : min(from.rowEstimate, 6)))
  }

  /// A call, its type, and whether its result is exact.
  private mutating func aggregate(
    _ from: From, _ generator: ExpressionGenerator
  ) -> (sql: String, type: SQLType, isExact: Bool) {
    let filter = choices.chance(20) ? " FILTER (WHERE \(generator.condition(depth: 0, &choices)))" : ""
    let distinct = choices.chance(20) ? "DISTINCT " : ""
    let column = choices.element(of: from.columns)
    let isNumber =
      switch column.type {
      case .integer, .bigint, .numeric: true
      case .double: column.isExact
      default: false
      }
    let isOrdered = column.type != .boolean
    // PostgreSQL has no arg_min.
    if !ordersTotally, !isLarge, choices.chance(15) {
      let keys = from.columns.filter { $0.type != .boolean && $0.isExact }
      if !keys.isEmpty {
        let name = choices.chance(50) ? "arg_min" : "arg_max", key = choices.element(of: keys)
        return ("\(name)(\(column.sql), \(key.sql))\(filter)", column.type, column.isExact)
      }
    }
    switch choices.below(7) {
    case 0: return ("count(*)\(filter)", .bigint, true)
    case 1: return ("count(\(distinct)\(column.sql))\(filter)", .bigint, true)
    case 2 where isOrdered: return ("min(\(distinct)\(column.sql))\(filter)", column.type, column.isExact)
    case 3 where isOrdered: return ("max(\(column.sql))\(filter)", column.type, column.isExact)
    case 4 where isNumber, 5 where isNumber:
      var argument = column.sql
      if column.type == .integer, choices.chance(30) { argument = generator.expression(.integer, depth: 1, &choices).sql }
      let type: SQLType =
        switch column.type {
        case .integer: .bigint
        case .double: .double
        default: .numeric(nil)
        }
      return ("sum(\(distinct)\(argument))\(filter)", type, column.isExact)
    case 6 where isNumber:
      return ("avg(\(distinct)\(column.sql))\(filter)", column.type == .double ? .double : .numeric(nil), false)
    default: return ("count(\(column.sql))\(filter)", .bigint, true)
    }
  }

  // MARK: FROM

  private mutating func relation(depth: Int) -> From {
    let name = alias("a")
    if depth > 0, choices.chance(45) {
      let inner = query(depth: depth - 1)
      if let windowed = windowed("(\(inner.sql))", inner.source(named: name), name) { return windowed }
      return From(sql: "(\(inner.sql)) AS \(name)", columns: Self.qualified(inner.columns, name), rowEstimate: inner.rowEstimate)
    }
    let source = choices.element(of: sources)
    if let windowed = windowed(source.name, source, name) { return windowed }
    return From(sql: "\(source.name) AS \(name)", columns: Self.qualified(source.columns, name), rowEstimate: source.rowEstimate)
  }

  /// The relation's rows in windows, now and then, if it has a time; PostgreSQL has no such thing.
  private mutating func windowed(_ sql: String, _ source: QuerySource, _ name: String) -> From? {
    let times = source.columns.filter { $0.type == .timestamp || $0.type == .date }
    if ordersTotally || isLarge || times.isEmpty || source.columns.contains(where: { $0.sql == "window_start" }) { return nil }
    guard choices.chance(50) else { return nil }
    let time = choices.element(of: times).sql
    let offset = choices.element(of: ["", "", ", INTERVAL '-90 minutes'", ", INTERVAL '1 day 5 hours'"])
    let call: String
    var windowsPerRow = 1
    if choices.chance(50) {
      call = "TUMBLE(\(sql), \(time), INTERVAL '\(choices.element(of: ["1 hour", "1 day", "36 hours", "7 days"]))'\(offset))"
    } else {
      // Sizes that are multiples of the slide and others, and windows that do not touch.
      let (slide, size, count) = choices.element(of: [
        ("1 hour", "3 hours", 3), ("1 day", "2 days", 2), ("20 hours", "50 hours", 3), ("16 hours", "1 day", 2), ("2 days", "1 day", 1),
      ])
      call = "HOP(\(sql), \(time), INTERVAL '\(slide)', INTERVAL '\(size)'\(offset))"
      windowsPerRow = count
    }
    let windows = ["window_start", "window_end"].map { QueryColumn(sql: $0, type: .timestamp, isSelective: false) }
    return From(
      sql: "\(call) AS \(name)", columns: Self.qualified(source.columns + windows, name),
      rowEstimate: source.rowEstimate * windowsPerRow)
  }

  private static func qualified(_ columns: [QueryColumn], _ name: String) -> [QueryColumn] {
    columns.map { renamed($0, "\(name).\($0.sql)") }
  }

  private static func renamed(_ column: QueryColumn, _ sql: String) -> QueryColumn {
    var copy = column
    copy.sql = sql
    return copy
  }

  private mutating func joined(_ from: inout From, depth: Int) {
    let right = relation(depth: depth)
    let product = isLarge ? 2 * max(from.rowEstimate, right.rowEstimate) : from.rowEstimate * right.rowEstimate
    guard product <= (isLarge ? Self.maximumLargeRowEstimate : Self.maximumRowEstimate) else { return }
    let both = from.columns + right.columns
    var conditions = equality(from.columns, right.columns).map { [$0] } ?? []
    if isLarge, conditions.isEmpty { return }
    if conditions.count == 1, choices.chance(20), let second = equality(from.columns, right.columns) { conditions.append(second) }
    if choices.chance(20) {
      conditions.append(ExpressionGenerator(columns: both, mayFail: mayFail).condition(depth: 1, &choices))
    }
    switch from.hasComma ? 2 : choices.weighted([(5, 0), (5, 1), (3, 2), (isLarge ? 0 : 1, 3)]) {
    case 0: from.sql += " JOIN \(right.sql) ON \(Self.conjunction(conditions))"
    case 1: from.sql += " LEFT JOIN \(right.sql) ON \(Self.conjunction(conditions))"
    case 2:
      from.sql += ", \(right.sql)"
      from.conditions += conditions
      from.hasComma = true
    default: from.sql += " CROSS JOIN \(right.sql)"
    }
    from.columns = both
    from.rowEstimate = max(1, conditions.isEmpty || isLarge ? product : product / 3)
    from.relationCount += 1
  }

  private static func conjunction(_ conditions: [String]) -> String {
    conditions.isEmpty ? "TRUE" : conditions.joined(separator: " AND ")
  }

  /// A column of each side that are equal, if they have columns that can be compared.
  private mutating func equality(_ left: [QueryColumn], _ right: [QueryColumn]) -> String? {
    var pairs: [(String, String)] = []
    for a in left {
      for b in right where Self.areComparable(a.type, b.type) && (!isLarge || (a.isSelective && b.isSelective)) { pairs.append((a.sql, b.sql)) }
    }
    if pairs.isEmpty { return nil }
    let (a, b) = choices.element(of: pairs)
    return choices.chance(15) ? "\(b) = \(a)" : "\(a) = \(b)"
  }

  /// Most of the time columns of one type; integers of two sizes and numerics too.
  private static func areComparable(_ a: SQLType, _ b: SQLType) -> Bool {
    let numbers: [SQLType] = [.integer, .bigint, .numeric(nil)]
    return plain(a) == plain(b) || (numbers.contains(plain(a)) && numbers.contains(plain(b)))
  }
}
