import PGWire
import SQLTypes
import TestSupport

/// Writes sequences of messages as psql, psycopg and asyncpg send them.
struct SequenceWriter {
  private let statements: [TokenText]
  private let mutator: TokenMutator

  init(_ corpus: SpecCorpus) {
    statements = corpus.statements
    mutator = TokenMutator(statements)
  }

  /// Statements with parameters, and the parameters' types.
  private static let prepared: [(sql: String, types: [SQLType])] = [
    ("SELECT $1::int, $2::text, $3::numeric", [.integer, .text, .numeric(nil)]), ("SELECT * FROM t WHERE a = $1", [.integer]),
    ("SELECT $1::date, $2::timestamp, $3::timestamptz, $4::interval", [.date, .timestamp, .timestamptz, .interval]),
    ("SELECT $1::bool, $2::smallint, $3::bigint, $4::real, $5::float8, $6::oid", [.boolean, .smallint, .bigint, .real, .double, .oid]),
    ("INSERT INTO t (a, b, s, n) VALUES ($1, $2, $3, $4) ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING *", [.integer, .bigint, .text, .numeric(nil)]),
    ("UPDATE t SET n = $1, d = $2 WHERE a = $3 RETURNING a, n", [.numeric(nil), .date, .integer]), ("DELETE FROM t WHERE f > $1", [.double]),
    ("SELECT s, count(*) FROM t WHERE z < $1 OR o = $2 GROUP BY s ORDER BY s LIMIT $3", [.timestamptz, .boolean, .bigint]),
    ("SELECT * FROM t", []), ("SELECT * FROM m", []), ("TABLE t", []), ("", []), ("SELECT a, 10 / (a - 2) FROM t", []),
    ("SELECT oid, relname, relkind FROM pg_class WHERE relname LIKE $1", [.text]), ("VALUES (1, 'a'), (2, NULL)", []),
    ("SELECT $1 || 'x', length($1), $2 + 1", [.text, .integer]), ("SELECT * FROM t AS x CROSS JOIN t AS y", []),
  ]

  private static let simple = [
    "BEGIN", "COMMIT", "ROLLBACK", "BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT 1; SELECT 2", "SELECT 1/0", "", ";",
    "COPY t TO STDOUT", "COPY (SELECT a, s FROM t) TO STDOUT WITH (FORMAT csv, HEADER)", "COPY t FROM STDIN", "COPY m (c) TO STDOUT",
    "DECLARE c CURSOR FOR SELECT * FROM t", "DECLARE c CURSOR WITH HOLD FOR SELECT a, s FROM t", "FETCH 2 FROM c", "FETCH ALL c",
    "MOVE 1 IN c", "CLOSE c", "CLOSE ALL", "FETCH BACKWARD 1 FROM c", "PREPARE s AS SELECT $1::int + 1", "EXECUTE s (4)", "DEALLOCATE s",
    "DEALLOCATE ALL", "DISCARD ALL", "SET application_name = 'x'", "SHOW ALL", "RESET ALL", "SET extra_float_digits = 3", "SHOW s",
    "INSERT INTO t (a) VALUES (7); DELETE FROM t WHERE a = 7", "EXPLAIN SELECT * FROM t", "CREATE TABLE u (x int)", "DROP TABLE u",
    "CREATE MATERIALIZED VIEW w AS SELECT a FROM t", "DROP MATERIALIZED VIEW w", "DECLARE c CURSOR FOR SUBSCRIBE m",
    "FETCH 2 FROM c WITH (timeout = 0)", "SELECT * FROM t EMIT CHANGES LIMIT 1",
  ]

  private static let names = ["", "", "", "s", "p", "c", "é"]

  /// The startup, and a few exchanges, each with its Sync.
  func sequence(_ random: inout SeededRandom) -> [[UInt8]] {
    var messages = [Self.message { $0.startup(StartupParameters(parameters: [WireParameter("user", "u"), WireParameter("client_encoding", "UTF8")])) }]
    if random.below(30) == 0 { messages.insert(Self.message { $0.sslRequest() }, at: 0) }
    for _ in 0..<1 + random.below(5) {
      switch random.below(8) {
      case 0: messages.append(Self.message { $0.query(statement(&random)) })
      case 1, 2: messages.append(Self.message { $0.query(Self.simple[random.below(Self.simple.count)]) })
      case 3: appendCursor(to: &messages, &random)
      default: appendExtended(to: &messages, &random)
      }
    }
    if random.below(4) == 0 { messages.append(Self.message { $0.terminate() }) }
    return messages
  }

  private static func message(_ write: (inout FrontendEncoder) -> Void) -> [UInt8] {
    var encoder = FrontendEncoder()
    write(&encoder)
    return encoder.bytes
  }

  /// A statement of the specification, half of them mutated.
  private func statement(_ random: inout SeededRandom) -> String {
    let statement = statements[random.below(statements.count)]
    return random.below(2) == 0 ? statement.text : mutator.mutated(statement, &random)
  }

  private func appendExtended(to messages: inout [[UInt8]], _ random: inout SeededRandom) {
    let isOfCorpus = random.below(4) == 0
    let (sql, types) = isOfCorpus ? (statement(&random), []) : Self.prepared[random.below(Self.prepared.count)]
    let (name, portal) = (Self.names[random.below(Self.names.count)], Self.names[random.below(Self.names.count)])
    let declares = random.below(3) == 0
    messages.append(Self.message { $0.parse(statement: name, sql: sql, parameterTypes: declares ? types.map(\.oid) : []) })
    if random.below(2) == 0 { messages.append(Self.message { $0.describe(.statement(name)) }) }
    for _ in 0..<1 + random.below(3) {
      let isBinary = random.below(2) == 0
      let values = types.map { value($0, isBinary: isBinary, &random) }
      let formats: [WireFormat] = isBinary ? [.binary] : random.below(2) == 0 ? [] : [.text]
      let results: [WireFormat] = [[], [.binary], [.text], [.text, .binary]][random.below(4)]
      messages.append(
        Self.message { $0.bind(portal: portal, statement: name, parameterFormats: formats, values: values, resultFormats: results) })
      if random.below(2) == 0 { messages.append(Self.message { $0.describe(.portal(portal)) }) }
      for _ in 0..<1 + random.below(3) {
        let maxRows = Int32([0, 0, 1, 2, 100, -1][random.below(6)])
        messages.append(Self.message { $0.execute(portal: portal, maxRows: maxRows) })
      }
      if random.below(3) == 0 { messages.append(Self.message { $0.close(.portal(portal)) }) }
    }
    if random.below(4) == 0 { messages.append(Self.message { $0.close(.statement(name)) }) }
    messages.append(Self.message { random.below(8) == 0 ? $0.flush() : $0.sync() })
  }

  /// A cursor made by SQL and read as a portal.
  private func appendCursor(to messages: inout [[UInt8]], _ random: inout SeededRandom) {
    messages.append(Self.message { $0.query("BEGIN; DECLARE c CURSOR FOR SELECT * FROM t ORDER BY a") })
    if random.below(2) == 0 { messages.append(Self.message { $0.describe(.portal("c")) }) }
    for _ in 0..<1 + random.below(4) {
      let maxRows = Int32([0, 1, 2][random.below(3)])
      messages.append(Self.message { $0.execute(portal: "c", maxRows: maxRows) })
    }
    if random.below(2) == 0 { messages.append(Self.message { $0.close(.portal("c")) }) }
    messages.append(Self.message { $0.sync() })
    messages.append(Self.message { $0.query(["COMMIT", "ROLLBACK", "FETCH 1 FROM c", "CLOSE c"][random.below(4)]) })
  }

  /// A value of the type, seldom one of another length.
  private func value(_ type: SQLType, isBinary: Bool, _ random: inout SeededRandom) -> [UInt8]? {
    if random.below(6) == 0 { return nil }
    if isBinary, type != .text {
      if case .numeric = type { return [0, 1, 0, 0, 0, 0, 0, 0, 0, UInt8(random.below(100))] }
      let length = random.below(12) == 0 ? random.below(12) : Int(type.typeLength)
      return (0..<length).map { UInt8($0 < length - 1 && random.below(4) > 0 ? 0 : random.below(256)) }
    }
    let texts = SampleRows.samples.first { $0.type == type }?.texts ?? ["x"]
    return Array(texts[random.below(texts.count)].utf8)
  }
}
