import Planner
import SQLCatalog
import SQLSyntax
import SQLTypes
import Testing

private let catalog = TestCatalog.standard

private func relation(_ sql: String) throws -> Relation {
  switch try Parser.parseStatement(sql).kind {
  case .createTable(let create): try TableBinder.plan(create, id: RelationID(90), names: catalog).relation
  case .createView(let create): try ViewBinder.plan(create, id: RelationID(90), names: catalog).relation
  default: preconditionFailure("a definition: \(sql)")
  }
}

private func error(_ sql: String) -> String {
  do {
    _ = try relation(sql)
    return "no error"
  } catch let error as SQLError {
    let bytes = Array(sql.utf8)
    let pointed = error.range.map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) } ?? "nowhere"
    return "\(error.state.code) \(error.message) @\(pointed)"
  } catch { return "\(error)" }
}

@Test func tableHasItsColumnsKeysAndOptions() throws {
  let table = try relation(
    """
    CREATE TABLE s.x (id INT PRIMARY KEY, a TEXT NOT NULL DEFAULT 'p' || 'q', b NUMERIC(8, 2) UNIQUE, c VARCHAR(3),
      UNIQUE (c, a), UNIQUE (b)) WITH (connector = 'file', path = 'x.jsonl', follow = true, "kafka.n" = -1)
    """)
  #expect(table.schema == "s" && table.name == "x" && table.kind == .table && !table.isAppendOnly)
  #expect(table.columns.map(\.name) == ["id", "a", "b", "c"])
  #expect(table.columns.map(\.type) == [.integer, .text, .numeric(.init(precision: 8, scale: 2)), .varchar(3)])
  #expect(table.columns.map(\.isNotNull) == [true, true, false, false])
  #expect(table.columns[1].defaultText == "'p' || 'q'")
  #expect(table.primaryKey == [0] && table.uniqueKeys == [[2], [3, 1]])
  #expect(
    table.options.map { "\($0.name)=\($0.value)" } == ["connector=file", "path=x.jsonl", "follow=true", "kafka.n=-1"])
}

@Test func tableKeyMakesItsColumnsNotNull() throws {
  let table = try relation("CREATE TABLE x (a INT, b INT, c INT, PRIMARY KEY (c, a))")
  #expect(table.primaryKey == [2, 0] && table.columns.map(\.isNotNull) == [true, false, true])
}

@Test func streamIsAppendOnly() throws {
  let stream = try relation("CREATE STREAM x (a INT)")
  #expect(stream.kind == .stream && stream.isAppendOnly && stream.primaryKey.isEmpty)
}

@Test func tableAsQueryHasTheQuerysColumns() throws {
  guard
    case .createTable(let create) = try Parser.parseStatement("CREATE TABLE x (p) AS SELECT a, count(*), 'k' AS l FROM t GROUP BY a").kind
  else { preconditionFailure("a table") }
  let planned = try TableBinder.plan(create, id: RelationID(90), names: catalog)
  #expect(planned.relation.columns.map(\.name) == ["p", "count", "l"])
  #expect(planned.relation.columns.map(\.type) == [.integer, .bigint, .text])
  #expect(planned.rows?.plan.types == [.integer, .bigint, .text])
}

@Test func viewKeepsItsQueryAndWhatItNames() throws {
  let view = try relation("CREATE VIEW x (p) AS SELECT v.x, u.c FROM v JOIN u ON v.x = u.c WHERE u.c > 1 EMIT CHANGES")
  #expect(view.kind == .view && view.columns.map(\.name) == ["p", "c"])
  #expect(view.definition == "SELECT v.x, u.c FROM v JOIN u ON v.x = u.c WHERE u.c > 1")
  #expect(view.dependencies == [RelationID(5), RelationID(1), RelationID(2)])
}

@Test func materializedViewKnowsItsRows() throws {
  let grouped = try relation("CREATE MATERIALIZED VIEW x AS SELECT count(*) AS n, k FROM log GROUP BY k")
  #expect(grouped.kind == .materializedView && !grouped.isAppendOnly && grouped.uniqueKeys == [[1]])
  let filtered = try relation("CREATE MATERIALIZED VIEW x AS SELECT k + 1 AS j, n FROM log WHERE n > 1")
  #expect(filtered.isAppendOnly && filtered.uniqueKeys.isEmpty)
  let keyed = try relation("CREATE MATERIALIZED VIEW x AS SELECT w, id FROM wide ORDER BY v")
  #expect(!keyed.isAppendOnly && keyed.uniqueKeys == [[1]])
  let distinct = try relation("CREATE MATERIALIZED VIEW x AS SELECT DISTINCT k FROM log")
  #expect(distinct.isAppendOnly && distinct.uniqueKeys == [[0]])
  let failing = try relation("CREATE MATERIALIZED VIEW x AS SELECT DISTINCT 1 / k AS i FROM log")
  #expect(!failing.isAppendOnly && failing.uniqueKeys == [[0]])
}

private let refused: [(sql: String, error: String)] = [
  ("CREATE TABLE x (a INT, a TEXT)", #"42701 column "a" specified more than once @a"#),
  ("CREATE TABLE x (a INT PRIMARY KEY, b INT PRIMARY KEY)", #"42P16 multiple primary keys for table "x" are not allowed @PRIMARY KEY"#),
  ("CREATE TABLE x (a INT PRIMARY KEY, PRIMARY KEY (a))", #"42P16 multiple primary keys for table "x" are not allowed @PRIMARY KEY (a)"#),
  ("CREATE TABLE x (a INT, PRIMARY KEY (b))", #"42703 column "b" named in key does not exist @b"#),
  ("CREATE TABLE x (a INT, PRIMARY KEY (a, a))", #"42701 column "a" appears twice in primary key constraint @a"#),
  ("CREATE TABLE x (a INT, UNIQUE (a, a))", #"42701 column "a" appears twice in unique constraint @a"#),
  ("CREATE TABLE x (a INT NULL NOT NULL)", #"42601 conflicting NULL/NOT NULL declarations for column "a" of table "x" @NOT NULL"#),
  ("CREATE TABLE x (a nosuchtype)", #"42704 type "nosuchtype" does not exist @nosuchtype"#),
  ("CREATE TABLE x (a INT DEFAULT true)", #"42804 column "a" is of type integer but default expression is of type boolean @true"#),
  ("CREATE TABLE x (a INT DEFAULT 'q')", #"22P02 invalid input syntax for type integer: "q" @'q'"#),
  ("CREATE TABLE x (a INT, b INT DEFAULT a + 1)", "0A000 cannot use column reference in DEFAULT expression @a + 1"),
  ("CREATE TABLE x (a INT DEFAULT count(*))", "42803 aggregate functions are not allowed in DEFAULT expressions @count"),
  ("CREATE TABLE x (a INT CHECK (a > 1))", "0A000 CHECK is not supported @CHECK (a > 1)"),
  ("CREATE STREAM x (a INT PRIMARY KEY)", "42P16 a stream cannot have PRIMARY KEY @PRIMARY KEY"),
  ("CREATE VIEW x (a, b) AS SELECT 1", "42601 CREATE VIEW specifies more column names than columns @b"),
  ("CREATE VIEW x AS SELECT 1 AS a, 2 AS a", #"42701 column "a" specified more than once @x"#),
  ("CREATE VIEW x AS SELECT FROM t", "42P16 view must have at least one column @x"),
  ("CREATE TABLE x (a, b) AS SELECT 1", "42601 too many column names were specified @b"),
  ("CREATE VIEW x AS SELECT q FROM t", #"42703 column "q" does not exist @q"#),
]

@Test(arguments: refused)
func refusedDefinitionPointsAtWhatIsWrong(sql: String, error expected: String) { #expect(error(sql) == expected, "\(sql)") }
