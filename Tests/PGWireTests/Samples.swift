import SQLTypes

@testable import PGWire

/// A readable wire text: `\0` for a zero byte, everything else ASCII.
func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A typed frame around a body.
func frame(_ type: Unicode.Scalar, _ body: [UInt8]) -> [UInt8] {
  let length = UInt32(body.count + 4)
  return [UInt8(ascii: type), UInt8(length >> 24), UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255)]
    + body
}

/// What psql, psycopg and asyncpg send at startup.
let sampleStartups: [(message: FrontendMessage, bytes: [UInt8])] = {
  func bytes(_ write: (inout FrontendEncoder) -> Void) -> [UInt8] {
    var encoder = FrontendEncoder()
    write(&encoder)
    return encoder.bytes
  }
  let psql = StartupParameters(parameters: [
    WireParameter("user", "app"), WireParameter("database", "db"), WireParameter("application_name", "psql"),
    WireParameter("client_encoding", "UTF8"),
  ])
  let libpq18 = StartupParameters(
    minorVersion: 2, parameters: [WireParameter("user", "app")], protocolOptions: ["_pq_.report_parameters"])
  return [
    (.sslRequest, [0, 0, 0, 8, 4, 210, 22, 47]),
    (.gssEncRequest, [0, 0, 0, 8, 4, 210, 22, 48]),
    (.cancelRequest(processID: 7, secretKey: -2), [0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 7, 255, 255, 255, 254]),
    (.startup(psql), bytes { $0.startup(psql) }),
    (.startup(libpq18), bytes { $0.startup(libpq18) }),
  ]
}()

/// One of each typed frontend message with its bytes; Parse, Bind, Describe, Execute as psycopg 3 sends them.
let sampleRequests: [(message: FrontendMessage, bytes: [UInt8])] = {
  let bindBody = ascii("p\0s\0") + [0, 2, 0, 0, 0, 1] + [0, 2] + [0, 0, 0, 3] + ascii("abc") + [255, 255, 255, 255] + [0, 1, 0, 1]
  let bind = BindMessage(
    portal: "p", statement: "s", parameterFormats: [.text, .binary], values: [16..<19, nil], resultFormats: [.binary],
    body: bindBody)
  return [
    (.query("select 'ä'"), frame("Q", ascii("select 'ä'\0"))),
    (
      .parse(statement: "_pg3_0", sql: "select $1", parameterTypes: [23, 0]),
      frame("P", ascii("_pg3_0\0select $1\0") + [0, 2, 0, 0, 0, 23, 0, 0, 0, 0])
    ),
    (.bind(bind), frame("B", bindBody)),
    (.describe(.statement("_pg3_0")), frame("D", ascii("S_pg3_0\0"))),
    (.describe(.portal("")), frame("D", ascii("P\0"))),
    (.execute(portal: "", maxRows: 50), frame("E", [0, 0, 0, 0, 50])),
    (.execute(portal: "c", maxRows: 0), frame("E", ascii("c\0") + [255, 255, 255, 255])),
    (.close(.statement("_pg3_0")), frame("C", ascii("S_pg3_0\0"))),
    (.close(.portal("c")), frame("C", ascii("Pc\0"))),
    (.sync, frame("S", [])),
    (.flush, frame("H", [])),
    (.password(ascii("secret\0")), frame("p", ascii("secret\0"))),
    (.copyData(ascii("1\ta\n")), frame("d", ascii("1\ta\n"))),
    (.copyData([]), frame("d", [])),
    (.copyDone, frame("c", [])),
    (.copyFail(reason: "stop"), frame("f", ascii("stop\0"))),
    (.functionCall, frame("F", [0, 0, 0, 1, 0, 0, 0, 0, 0, 0])),
    (.terminate, frame("X", [])),
  ]
}()

/// One of each backend message, as the encoder writes it, with what the client must read.
let sampleAnswers: [(message: BackendMessage, bytes: [UInt8])] = {
  func bytes(_ write: (inout BackendEncoder) -> Void) -> [UInt8] {
    var encoder = BackendEncoder()
    write(&encoder)
    return encoder.bytes
  }
  let fields = [
    WireField(name: "id", type: .bigint, tableOID: 16384, columnNumber: 1),
    WireField(name: "price", type: .numeric(.init(precision: 12, scale: 2)), format: .binary),
  ]
  let error = SQLError(.undefinedColumn, "column \"prise\" does not exist", detail: "d", hint: "h", at: SourceRange(7, 12))
  let report = ServerReport(
    severity: .error, state: "42703", message: "column \"prise\" does not exist", detail: "d", hint: "h", position: 8)
  return [
    (.authentication(.ok), bytes { $0.authenticationOk() }),
    (.authentication(.cleartextPassword), bytes { $0.authentication(.cleartextPassword) }),
    (.authentication(.md5Password(salt: [1, 2, 3, 4])), bytes { $0.authentication(.md5Password(salt: [1, 2, 3, 4])) }),
    (
      .authentication(.sasl(mechanisms: ["SCRAM-SHA-256"])),
      bytes { $0.authentication(.sasl(mechanisms: ["SCRAM-SHA-256"])) }
    ),
    (.authentication(.saslContinue(ascii("r=x"))), bytes { $0.authentication(.saslContinue(ascii("r=x"))) }),
    (.authentication(.saslFinal(ascii("v=x"))), bytes { $0.authentication(.saslFinal(ascii("v=x"))) }),
    (.parameterStatus(WireParameter("TimeZone", "UTC")), bytes { $0.parameterStatus("TimeZone", "UTC") }),
    (.backendKeyData(processID: 7, secretKey: -2), bytes { $0.backendKeyData(processID: 7, secretKey: -2) }),
    (
      .negotiateProtocolVersion(newestMinor: 0, unrecognized: ["_pq_.x"]),
      bytes { $0.negotiateProtocolVersion(newestMinor: 0, unrecognized: ["_pq_.x"]) }
    ),
    (.readyForQuery(.failed), bytes { $0.readyForQuery(.failed) }),
    (.rowDescription(fields), bytes { $0.rowDescription(fields) }),
    (
      .dataRow(WireRow(body: [0, 3, 0, 0, 0, 2] + ascii("42") + [255, 255, 255, 255, 0, 0, 0, 0], values: [6..<8, nil, 16..<16])),
      bytes { out in
        out.beginRow(columnCount: 3)
        out.value("42")
        out.null()
        out.value([][...])
        out.endRow()
      }
    ),
    (.commandComplete(tag: "SELECT 1"), bytes { $0.commandComplete("SELECT 1") }),
    (.emptyQueryResponse, bytes { $0.emptyQueryResponse() }),
    (.error(report), bytes { $0.error(error, statement: "select prise from t") }),
    (
      .notice(ServerReport(severity: .warning, state: "01000", message: "careful")),
      bytes { $0.notice(SQLError(.warning, "careful")) }
    ),
    (.parseComplete, bytes { $0.parseComplete() }),
    (.bindComplete, bytes { $0.bindComplete() }),
    (.closeComplete, bytes { $0.closeComplete() }),
    (.noData, bytes { $0.noData() }),
    (.portalSuspended, bytes { $0.portalSuspended() }),
    (.parameterDescription([23, 25]), bytes { $0.parameterDescription([23, 25]) }),
    (
      .copyInResponse(.text, columnFormats: [.text, .text]),
      bytes { $0.copyInResponse(.text, columnFormats: [.text, .text]) }
    ),
    (.copyOutResponse(.binary, columnFormats: [.binary]), bytes { $0.copyOutResponse(.binary, columnFormats: [.binary]) }),
    (.copyData(ascii("1\n")), bytes { $0.copyData(ascii("1\n")[...]) }),
    (.copyDone, bytes { $0.copyDone() }),
    (
      .notification(processID: 7, channel: "c", payload: "p"),
      bytes { $0.notification(processID: 7, channel: "c", payload: "p") }
    ),
  ]
}()
