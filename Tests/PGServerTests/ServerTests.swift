import Foundation
import Platform
import SQLTypes
import TestSupport
import Testing

@testable import PGServer
@testable import PGWire

@Test func aSimpleQueryAnswersItsRows() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    #expect(summary(try client.query("SELECT 1, NULL, 'a' UNION ALL VALUES (2, 't', 'b')")) == ["1 NULL a", "2 t b", "SELECT 2"])
    #expect(summary(try client.query("")) == ["empty"])
  }
}

@Test func aTextOfSeveralStatementsStopsAtItsFirstErrorAndTheSessionGoesOn() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    #expect(summary(try client.query("SELECT 1; SELECT ä; SELECT 3")) == ["1", "SELECT 1", "42703 at 18"])
    #expect(summary(try client.query("CREATE SINK s FROM t WITH (connector = 'kafka')")) == ["0A000 at 1"])
    #expect(summary(try client.query("CREATE TABLE t (a INT)")) == ["CREATE TABLE"])
    #expect(summary(try client.query("SELECT 4")) == ["4", "SELECT 1"])
  }
}

@Test func aPortalGivesItsRowsInPortions() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    client.wire.parse(sql: "VALUES (1), (2), (3)")
    client.wire.bind(values: [])
    client.wire.describe(.portal(""))
    client.wire.execute(maxRows: 2)
    client.wire.execute(maxRows: 2)
    client.wire.sync()
    #expect(summary(try client.exchange()) == ["1", "2", "suspended", "3", "SELECT 1"])
  }
}

/// A statement that is bound once and has read a setting, or the catalog, tells what they are when it runs.
@Test func aPreparedStatementTellsTheMomentAtWhichItRuns() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    func run(_ name: String) throws -> [String] {
      client.wire.bind(statement: name, values: [])
      client.wire.execute()
      client.wire.sync()
      return summary(try client.exchange())
    }
    client.wire.parse(statement: "s", sql: "SELECT current_setting('application_name'), current_user, current_database()")
    client.wire.parse(statement: "c", sql: "SELECT to_regclass('t')")
    client.wire.sync()
    #expect(summary(try client.exchange()) == [])
    #expect(try run("s") == [" test test", "SELECT 1"])
    #expect(try run("c") == ["NULL", "SELECT 1"])
    _ = try client.query("SET application_name = 'mill'")
    _ = try client.query("CREATE TABLE t (a INT)")
    #expect(try run("s") == ["mill test test", "SELECT 1"])
    #expect(try run("c") == ["t", "SELECT 1"])
    #expect(summary(try client.query("SHOW session_authorization")) == ["test", "SHOW"])
  }
}

@Test func anErrorInThePipelineSkipsToItsSync() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    client.wire.parse(sql: "SELECT 1/0 WHERE nothing")
    client.wire.bind(values: [])
    client.wire.execute()
    client.wire.sync()
    #expect(summary(try client.exchange()) == ["42703 at 18"])
    client.wire.parse(sql: "SELECT 5")
    client.wire.bind(values: [], resultFormats: [.binary, .text])
    client.wire.execute()
    client.wire.sync()
    #expect(summary(try client.exchange()) == ["08P01 at 0"])
    #expect(summary(try client.query("SELECT 6")) == ["6", "SELECT 1"])
  }
}

@Test func hostileBytesEndTheirConnectionAlone() throws {
  try withServer { port in
    var client = try WireClient(port: port)
    for bytes: [UInt8] in [[0xff, 0xff, 0xff, 0xff], [0, 0, 0, 1], Array("GET / HTTP/1.1\r\n\r\n".utf8)] {
      let hostile = try Connection(port: port)
      try hostile.send(bytes, or: nil)
      while try !hostile.receive(atMost: 4096, or: nil).isEmpty {}
    }
    #expect(summary(try client.query("SELECT 7")) == ["7", "SELECT 1"])
  }
}

@Test func manyClientsAreServedAtOnceAndStopEndsThemAll() throws {
  try withServer { port in
    var clients = try (0..<20).map { _ in try WireClient(port: port) }
    for index in clients.indices {
      #expect(summary(try clients[index].query("SELECT \(index)")) == ["\(index)", "SELECT 1"])
    }
  }
}

/// Every shape that nests, at every depth up to beyond the limits: on a connection's small stack each answers or is refused.
@Test func noNestingOverflowsAConnectionsStack() throws {
  func nested(_ open: String, _ inner: String, _ close: String) -> (Int) -> String {
    { String(repeating: open, count: $0) + inner + String(repeating: close, count: $0) }
  }
  let shapes: [(Int) -> String] = [
    { "SELECT " + nested("(", "1", ")")($0) }, { "SELECT 1" + String(repeating: " + x", count: $0) + " FROM (VALUES (1)) AS t(x)" },
    { "SELECT " + nested("- ", "1", "")($0) }, { "SELECT " + nested("NOT ", "x", "")($0) + " FROM (VALUES (true)) AS t(x)" },
    { "SELECT x" + String(repeating: "::text", count: $0) + " FROM (VALUES (1)) AS t(x)" },
    { "SELECT x" + String(repeating: " IS NULL", count: $0) + " FROM (VALUES (1)) AS t(x)" },
    { "SELECT " + nested("CASE WHEN x > 0 THEN ", "x", " END")($0) + " FROM (VALUES (1)) AS t(x)" },
    { "SELECT " + nested("CASE WHEN x > 0 AND (", "x > 1", ") THEN true END")($0) + " FROM (VALUES (1)) AS t(x)" },
    { "SELECT " + nested("coalesce(x, ", "x", ")")($0) + " FROM (VALUES (1)) AS t(x)" },
    { "SELECT " + nested("abs(", "x", ")")($0) + " FROM (VALUES (1)) AS t(x)" },
    { nested("SELECT * FROM (", "VALUES (1)", ") AS t")($0) },
    { "SELECT 1" + String(repeating: " UNION ALL SELECT 1", count: $0) },
    { "SELECT " + nested("x IN (x, ", "1", ")")($0) + " FROM (VALUES (1)) AS t(x)" },
    { "SELECT x || 'a'" + String(repeating: " LIKE 'a' || x::text", count: $0) + " FROM (VALUES (1)) AS t(x)" },
  ]
  try withServer { port in
    var client = try WireClient(port: port)
    for (number, shape) in shapes.enumerated() {
      for depth in Array(1...60) + stride(from: 65, through: 200, by: 5) + [5_000] {
        #expect(!summary(try client.query(shape(depth))).isEmpty, "shape \(number), depth \(depth)")
      }
    }
  }
}

/// What a client waits for ends when it goes: a FETCH of rows that do not come, and a query that would run for years.
@Test(arguments: [
  ["CREATE TABLE t (a INT)", "BEGIN", "DECLARE c CURSOR FOR SUBSCRIBE TO t", "FETCH c"],
  [
    "CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9)",
    "SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l",
  ],
])
func theStatementOfAClientThatIsGoneIsCancelled(_ statements: [String]) throws {
  try withServer { port in
    do {
      var client = try WireClient(port: port)
      for statement in statements.dropLast() { _ = try client.query(statement) }
      client.wire.query(statements[statements.count - 1])
      try client.connection.send(client.wire.output.bytes, or: nil)
      client.connection.shutDown()
    }
    var other = try WireClient(port: port)
    let told = "SELECT count(*) FROM leat.log WHERE message LIKE '%client is gone%'"
    for _ in 0..<200 where try summary(other.query(told)).first == "0" { usleep(50_000) }
    #expect(try summary(other.query(told)) == ["1", "SELECT 1"])
    // The session has ended, and its cursor with it, so that the table is nobody's.
    #expect(try summary(other.query("DROP TABLE t")) == ["DROP TABLE"])
  }
}
