import SQLTypes
import TestSupport
import Testing

@testable import PGWire

private func types(_ messages: [BackendMessage]) -> [Int32] {
  for case .parameterDescription(let types) in messages { return types }
  return []
}

private func text(_ value: String) -> [UInt8] { Array(value.utf8) }

@Test func parametersGetTheirTypesFromTheStatement() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    _ = try client.query("CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR(3), price NUMERIC(8,2), at TIMESTAMPTZ)")
    func described(_ sql: String, _ declared: [Int32] = []) throws -> [Int32] {
      client.wire.parse(sql: sql, parameterTypes: declared)
      client.wire.describe(.statement(""))
      client.wire.sync()
      return types(try client.exchange())
    }
    #expect(try described("INSERT INTO t VALUES ($1, $2, $3, $4)") == [20, 1043, 1700, 1184])
    #expect(try described("SELECT $2, $1 + 1 FROM t WHERE name LIKE $3 LIMIT $4") == [23, 25, 25, 20])
    #expect(try described("SELECT $1 + 1.5, $2 = 1", [23]) == [23, 23])
    #expect(try described("UPDATE t SET price = $1 WHERE at > $2") == [1700, 1184])
    #expect(try described("SELECT id FROM t WHERE id = $1 EMIT CHANGES") == [20])
    #expect(try described("SELECT 1") == [])
    // json, and a gap of which nobody says anything.
    client.wire.parse(sql: "SELECT $1", parameterTypes: [114])
    client.wire.sync()
    #expect(summary(try client.exchange()) == ["0A000 at 0"])
    client.wire.parse(sql: "SELECT $2::int", parameterTypes: [])
    client.wire.sync()
    #expect(summary(try client.exchange()) == ["42P18 at 0"])
  }
}

@Test func valuesAreTextsOrBinaryAndSoAreResults() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    let sql = "SELECT $1::bigint + 1, $2::text || '!', $3::boolean, $4::numeric(6,2), $5::date"
    #expect(
      summary(try client.run(sql, [text("41"), nil, text("on"), text("1.005"), text("2026-11-25")])) == [
        "42 NULL t 1.01 2026-11-25", "SELECT 1",
      ])
    let binary: [[UInt8]?] = [
      [0, 0, 0, 0, 0, 0, 0, 41], text("a"), [1], [0, 2, 0, 0, 0, 0, 0, 3, 0, 1, 0x27, 0x06], [0, 0, 0, 31],
    ]
    #expect(
      summary(try client.run(sql, binary, types: [20, 25, 16, 1700, 1082], formats: [.binary])) == [
        "42 a! t 1.999 2000-02-01", "SELECT 1",
      ].map { $0.replacing("1.999", with: "2.00") })
    guard case .dataRow(let row)? = try client.run(
      "SELECT 258, 'x', NULL::int, -1.5::numeric", [], results: [.binary]
    ).first(where: { if case .dataRow = $0 { true } else { false } }) else { throw SQLError(.internalError, "no row") }
    #expect((0..<4).map { row[$0].map(Array.init) } == [[0, 0, 1, 2], text("x"), nil, [0, 2, 0, 0, 0x40, 0, 0, 1, 0, 1, 0x13, 0x88]])
  }
}

@Test func wrongValuesAreRefusedAtBind() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    #expect(summary(try client.run("SELECT $1::int", [text("x")])) == ["22P02 at 0"])
    #expect(summary(try client.run("SELECT $1::int", [[1, 2, 3]], formats: [.binary])) == ["22P03 at 0"])
    #expect(summary(try client.run("SELECT $1::text", [[0xff]])) == ["22021 at 0"])
    #expect(summary(try client.run("SELECT $1::text", [[0x61, 0]], formats: [.binary])) == ["22021 at 0"])
    #expect(summary(try client.run("SELECT $1::numeric", [[0, 9, 0, 0, 0, 0, 0, 0]], formats: [.binary])) == ["22P03 at 0"])
    #expect(summary(try client.run("SELECT $1::numeric", [[0, 1, 0x7f, 0xff, 0, 0, 0, 0, 0, 1]], formats: [.binary])) == ["22003 at 0"])
    #expect(summary(try client.run("SELECT 1 / $1::int", [text("0")])) == ["22012 at 10"])
    #expect(summary(try client.run("SELECT $1::int", [])) == ["08P01 at 0"])
    #expect(summary(try client.query("SELECT 1")) == ["1", "SELECT 1"])
  }
}

@Test func aStatementFollowsWithAParameter() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    _ = try client.query("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)")
    client.wire.parse(sql: "DECLARE c CURSOR WITH HOLD FOR SELECT id FROM t WHERE id > $1 ORDER BY id", parameterTypes: [])
    client.wire.bind(values: [text("1")])
    client.wire.execute()
    // A cursor can be described and run like a portal.
    client.wire.describe(.portal("c"))
    client.wire.execute(portal: "c", maxRows: 1)
    client.wire.execute(portal: "c")
    client.wire.close(.portal("c"))
    client.wire.execute(portal: "c")
    client.wire.sync()
    #expect(
      summary(try client.exchange()) == ["DECLARE CURSOR", "2", "suspended", "3", "FETCH 1", "34000 at 0"])
  }
}

/// In a transaction block a portal lives over Sync.
@Test func aPortalOfATransactionGoesOnAfterSync() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    _ = try client.query("BEGIN")
    client.wire.parse(sql: "VALUES (1), (2), (3)")
    client.wire.bind(portal: "p", values: [])
    client.wire.execute(portal: "p", maxRows: 2)
    client.wire.sync()
    #expect(summary(try client.exchange()) == ["1", "2", "suspended"])
    client.wire.execute(portal: "p", maxRows: 2)
    client.wire.sync()
    #expect(summary(try client.exchange()) == ["3", "SELECT 1"])
    _ = try client.query("COMMIT")
    client.wire.execute(portal: "p")
    client.wire.sync()
    #expect(summary(try client.exchange()) == ["34000 at 0"])
  }
}

@Test func preparedStatementsHaveOneNameInSQLAndOnTheWire() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    client.wire.parse(statement: "a", sql: "SELECT $1::int + 1")
    client.wire.parse(statement: "empty", sql: "")
    client.wire.sync()
    _ = try client.exchange()
    #expect(summary(try client.query("EXECUTE a(2)")) == ["3", "SELECT 1"])
    #expect(summary(try client.query("PREPARE a AS SELECT 1")) == ["42P05 at 9"])
    #expect(summary(try client.query("PREPARE empty AS SELECT 1")) == ["42P05 at 0"])
    #expect(summary(try client.query("PREPARE b AS SELECT $1::text")) == ["PREPARE"])
    client.wire.bind(statement: "b", values: [text("x")])
    client.wire.execute()
    client.wire.sync()
    #expect(summary(try client.exchange()) == ["x", "SELECT 1"])
    #expect(summary(try client.query("DEALLOCATE a")) == ["DEALLOCATE"])
    client.wire.bind(statement: "a", values: [text("1")])
    client.wire.sync()
    #expect(summary(try client.exchange()) == ["26000 at 0"])
    client.wire.close(.statement("b"))
    client.wire.sync()
    _ = try client.exchange()
    #expect(summary(try client.query("EXECUTE b('x')")) == ["26000 at 9"])
  }
}

/// What a statement was described to answer it answers, or says that it cannot; nothing is done then.
@Test func aStatementWhoseColumnsHaveChangedIsRefused() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    _ = try client.query("CREATE TABLE t (a INT); PREPARE p AS SELECT 1")
    client.wire.parse(statement: "returning", sql: "INSERT INTO t VALUES (1) RETURNING *")
    client.wire.parse(statement: "reading", sql: "SELECT * FROM t")
    client.wire.parse(statement: "following", sql: "SUBSCRIBE t UP TO 1")
    client.wire.parse(statement: "executing", sql: "EXECUTE p")
    client.wire.sync()
    _ = try client.exchange()
    _ = try client.query("DROP TABLE t; CREATE TABLE t (a INT, b TEXT); DEALLOCATE p; PREPARE p AS SELECT 1, 2")
    for name in ["returning", "reading", "following", "executing"] {
      client.wire.bind(statement: name, values: [], resultFormats: [.text])
      client.wire.execute()
      client.wire.sync()
      #expect(summary(try client.exchange()).first?.hasPrefix("0A000") == true, "\(name)")
    }
    #expect(summary(try client.query("SELECT count(*) FROM t")) == ["0", "SELECT 1"])
  }
}

@Test func copyToStdoutSendsLines() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    _ = try client.query("CREATE TABLE t (id INT PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, e'x\\ty\\\\'), (2, NULL), (3, 'q\"r')")
    #expect(
      summary(try client.query("COPY (SELECT * FROM t ORDER BY id) TO STDOUT")) == [
        "1\tx\\ty\\\\\n", "2\t\\N\n", "3\tq\"r\n", "COPY 3",
      ])
    #expect(
      summary(try client.query("COPY (SELECT a, id FROM t ORDER BY id) TO STDOUT (FORMAT csv, HEADER, NULL 'nil')")) == [
        "a,id\n", "x\ty\\,1\n", "nil,2\n", "\"q\"\"r\",3\n", "COPY 3",
      ])
    #expect(summary(try client.query("COPY t (a) TO STDOUT WITH CSV DELIMITER '\"'")) == ["22023 at 0"])
    #expect(summary(try client.query("COPY t (nope) TO STDOUT")) == ["42703 at 9"])
    #expect(summary(try client.query("COPY t TO STDOUT (delimiterr ',')")) == ["42601 at 19"])
    #expect(summary(try client.query("COPY t FROM STDIN")) == ["0A000 at 1"])
    #expect(summary(try client.query("COPY t TO '/tmp/x'")) == ["0A000 at 1"])
    #expect(
      summary(try client.query("COPY (SUBSCRIBE (SELECT id FROM t WHERE id < 2) UP TO 2) TO STDOUT"))
        == ["2\t1\t1\n", "COPY 1"])
  }
}

@Test func settingsOfTheStartupPacketAreTakenAndTold() throws {
  try withServer { port in
    func told(_ messages: [BackendMessage]) -> [String] {
      messages.compactMap { message in
        switch message {
        case .parameterStatus(let parameter): "\(parameter.name)=\(parameter.value)"
        case .notice(let report): "\(report.state)"
        default: nil
        }
      }
    }
    var client = try WireClient(
      port: port,
      [
        WireParameter("application_name", "mine"), WireParameter("TimeZone", "Europe/Berlin"),
        WireParameter("options", "-c extra_float_digits=3 --client-min-messages=warning"),
      ])
    let greeting = told(client.greeting)
    #expect(greeting.contains("application_name=mine") && greeting.contains("TimeZone=UTC") && greeting.contains("01000"))
    #expect(greeting.contains("session_authorization=test"))
    #expect(summary(try client.query("SHOW client_min_messages")) == ["warning", "SHOW"])
    #expect(told(try client.query("SET application_name = 'other'")) == ["application_name=other"])
    #expect(told(try client.query("RESET application_name")) == ["application_name=mine"])
    #expect(told(try client.query("BEGIN; SET application_name = 'x'; ROLLBACK")) == [])
    for refused in [
      ("nope", "1", "42704"), ("client_encoding", "LATIN1", "0A000"), ("options", "-x", "42601"), ("server_version", "9", "55P02"),
      ("replication", "true", "0A000"),
    ] {
      let failed = try WireClient(port: port, [WireParameter(refused.0, refused.1)])
      #expect(summary(failed.greeting) == ["\(refused.2) at 0"])
    }
  }
}
