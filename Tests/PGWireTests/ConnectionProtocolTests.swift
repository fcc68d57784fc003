import SQLTypes
import Testing

@testable import PGWire

private typealias Action = ConnectionProtocol.Action

/// A connection with its output, for transcripts of (event, expected action, expected answers).
private struct Transcript {
  var connection: ConnectionProtocol
  var out = BackendEncoder()
  var lines: [String] = []

  init(offersTLS: Bool = false) { connection = ConnectionProtocol(offersTLS: offersTLS) }

  static func ready() -> Transcript {
    var transcript = Transcript()
    _ = transcript.receive(.startup(StartupParameters(parameters: [WireParameter("user", "app")])))
    _ = transcript.event { $0.sessionOpened(parameters: [], processID: 7, secretKey: 9, into: &$1) }
    _ = transcript.answers()
    return transcript
  }

  mutating func receive(_ message: FrontendMessage) -> Action { connection.receive(.message(message), into: &out) }

  mutating func event(_ body: (inout ConnectionProtocol, inout BackendEncoder) -> Action) -> Action {
    body(&connection, &out)
  }

  /// What was written since the last call, decoded by the client's half.
  mutating func answers() -> [BackendMessage] {
    var reader = BackendReader()
    reader.append(out.bytes[...])
    out.removeAll()
    var messages: [BackendMessage] = []
    do {
      while let message = try reader.next() { messages.append(message) }
    } catch {
      Issue.record("the answers do not decode: \(error)")
    }
    return messages
  }

  mutating func codes() -> [String] {
    answers().map { if case .error(let report) = $0 { report.state } else { "\($0)" } }
  }
}

private let user = StartupParameters(parameters: [WireParameter("user", "app"), WireParameter("database", "db")])

private func bind(portal: String = "", statement: String = "", values: Int = 0) -> FrontendMessage {
  .bind(
    BindMessage(
      portal: portal, statement: statement, parameterFormats: [], values: Array(repeating: nil, count: values),
      resultFormats: [], body: []))
}

// MARK: Startup

@Test func encryptionIsRefusedAndTrustOpensTheSession() {
  var t = Transcript()
  #expect(t.receive(.gssEncRequest) == .flush)
  #expect(t.receive(.sslRequest) == .flush)
  #expect(t.out.bytes == ascii("NN"))
  t.out.removeAll()
  #expect(t.receive(.startup(user)) == .openSession(user))
  #expect(t.connection.state == .authenticating)
  let opened = t.event {
    $0.sessionOpened(parameters: [WireParameter("TimeZone", "UTC")], processID: 7, secretKey: 9, into: &$1)
  }
  #expect(opened == .flush)
  #expect(
    t.answers() == [
      .authentication(.ok), .parameterStatus(WireParameter("TimeZone", "UTC")),
      .backendKeyData(processID: 7, secretKey: 9), .readyForQuery(.idle),
    ])
  #expect(t.connection.state == .ready)
}

@Test func tlsBeginsOnlyOnACleanBuffer() {
  var t = Transcript(offersTLS: true)
  t.connection.received(sampleStartups[0].bytes[...])
  #expect(t.connection.next(into: &t.out) == .beginTLS)
  #expect(t.out.bytes == ascii("S"))
  #expect(t.connection.tlsBegan() == .proceed)
  #expect(t.receive(.startup(user)) == .openSession(user))

  var stuffed = Transcript(offersTLS: true)
  stuffed.connection.received((sampleStartups[0].bytes + sampleStartups[3].bytes)[...])
  #expect(stuffed.connection.next(into: &stuffed.out) == .close)
  #expect(stuffed.codes() == ["08P01"])
}

@Test func repeatedEncryptionRequestsEndTheConnection() {
  var t = Transcript()
  _ = t.receive(.sslRequest)
  #expect(t.receive(.sslRequest) == .close)
  var g = Transcript()
  _ = g.receive(.gssEncRequest)
  #expect(g.receive(.gssEncRequest) == .close)
}

@Test func cancelRequestIsPassedOnWithoutAnAnswer() {
  var t = Transcript()
  #expect(t.receive(.cancelRequest(processID: 7, secretKey: 9)) == .cancel(processID: 7, secretKey: 9))
  #expect(t.answers().isEmpty)
  #expect(t.connection.state == .closed)
  #expect(t.connection.next(into: &t.out) == nil)
}

@Test func startupWithoutUserOrWithOtherBytesIsFatal() {
  var t = Transcript()
  #expect(t.receive(.startup(StartupParameters(parameters: []))) == .close)
  #expect(t.codes() == ["28000"])
  var http = Transcript()
  http.connection.received(ascii("GET / HTTP/1.1\r\n\r\n")[...])
  #expect(http.connection.next(into: &http.out) == .close)
  #expect(http.codes() == ["08P01"])
}

@Test func newerMinorVersionsAreNegotiatedDown() {
  var t = Transcript()
  let startup = StartupParameters(minorVersion: 2, parameters: user.parameters, protocolOptions: ["_pq_.x"])
  #expect(t.receive(.startup(startup)) == .openSession(startup))
  #expect(t.answers() == [.negotiateProtocolVersion(newestMinor: 0, unrecognized: ["_pq_.x"])])
}

@Test func saslRunsItsRoundsBeforeTheSessionOpens() {
  var t = Transcript()
  _ = t.receive(.startup(user))
  #expect(t.event { $0.authenticationRequested(.sasl(mechanisms: ["SCRAM-SHA-256"]), into: &$1) } == .flush)
  #expect(t.connection.state == .awaitingPassword)
  #expect(t.receive(.password([1])) == .authenticate([1]))
  #expect(t.event { $0.authenticationRequested(.saslContinue([2]), into: &$1) } == .flush)
  #expect(t.receive(.password([3])) == .authenticate([3]))
  #expect(t.event { $0.authenticationRequested(.saslFinal([4]), into: &$1) } == .flush)
  #expect(t.event { $0.sessionOpened(parameters: [], processID: 1, secretKey: 2, into: &$1) } == .flush)
  #expect(t.connection.state == .ready)
}

@Test func aQueryInsteadOfAPasswordIsFatal() {
  var t = Transcript()
  _ = t.receive(.startup(user))
  _ = t.event { $0.authenticationRequested(.cleartextPassword, into: &$1) }
  _ = t.answers()
  #expect(t.receive(.query("select 1")) == .close)
  #expect(t.codes() == ["08P01"])
  var refused = Transcript()
  _ = refused.receive(.startup(user))
  #expect(refused.event { $0.sessionRefused(.missingUser, into: &$1) } == .close)
  #expect(refused.connection.state == .closed)
}

// MARK: Simple query

@Test func aQueryOfTwoStatementsEndsWithOneReady() {
  var t = Transcript.ready()
  #expect(t.receive(.query("select 1; ;begin")) == .query(sql: "select 1; ;begin"))
  #expect(t.event { $0.commandCompleted("SELECT 1", into: &$1) } == .proceed)
  #expect(t.event { $0.commandCompleted("BEGIN", into: &$1) } == .proceed)
  #expect(t.connection.queryEnded() == .sync)
  #expect(t.event { $0.readyForQuery(.open, into: &$1) } == .flush)
  #expect(
    t.answers() == [.commandComplete(tag: "SELECT 1"), .commandComplete(tag: "BEGIN"), .readyForQuery(.open)])
}

@Test func anEmptyQuerySaysSo() {
  var t = Transcript.ready()
  _ = t.receive(.query(" "))
  #expect(t.event { $0.emptyQuery(into: &$1) } == .proceed)
  _ = t.connection.queryEnded()
  _ = t.event { $0.readyForQuery(.idle, into: &$1) }
  #expect(t.answers() == [.emptyQueryResponse, .readyForQuery(.idle)])
}

@Test func aFailedQueryPointsIntoItsText() {
  var t = Transcript.ready()
  _ = t.receive(.query("select 'ä', prise"))
  let error = SQLError(.undefinedColumn, "column \"prise\" does not exist", at: SourceRange(12, 17))
  #expect(t.event { $0.failed(error, into: &$1) } == .sync)
  #expect(t.event { $0.readyForQuery(.idle, into: &$1) } == .flush)
  #expect(
    t.answers() == [
      .error(
        ServerReport(severity: .error, state: "42703", message: "column \"prise\" does not exist", position: 12)),
      .readyForQuery(.idle),
    ])
}

@Test func aMalformedQueryAbortsAndIsReady() {
  var t = Transcript.ready()
  let action = t.connection.receive(.malformed(.invalidUTF8([0xFF]), inExtendedQuery: false), into: &t.out)
  #expect(action == .abort)
  #expect(t.connection.aborted() == .sync)
  #expect(t.event { $0.readyForQuery(.failed, into: &$1) } == .flush)
  #expect(t.codes() == ["22021", "readyForQuery(PGWire.TransactionStatus.failed)"])
}

@Test func theFunctionCallProtocolIsRefused() {
  var t = Transcript.ready()
  #expect(t.receive(.functionCall) == .abort)
  #expect(t.connection.aborted() == .sync)
  #expect(t.codes() == ["0A000"])
}

// MARK: Extended query

@Test func aPipelineIsAnsweredStepByStep() {
  var t = Transcript.ready()
  #expect(
    t.receive(.parse(statement: "", sql: "select $1", parameterTypes: [23]))
      == .parse(.unnamed, name: "", sql: "select $1", parameterTypes: [23]))
  #expect(t.event { $0.parsed(parameterCount: 1, into: &$1) } == .proceed)
  #expect(t.receive(.describe(.statement(""))) == .describeStatement(.unnamed))
  let fields = [WireField(name: "?column?", type: .integer)]
  #expect(t.event { $0.describedStatement(parameterTypes: [23], fields: fields, into: &$1) } == .proceed)
  guard case .bind(let message) = bind(values: 1) else { return }
  #expect(t.receive(.bind(message)) == .bind(.unnamed, .unnamed, message))
  #expect(t.event { $0.bound(into: &$1) } == .proceed)
  #expect(t.receive(.describe(.portal(""))) == .describePortal(.unnamed))
  #expect(t.event { $0.describedPortal(fields: nil, into: &$1) } == .proceed)
  #expect(t.receive(.execute(portal: "", maxRows: 2)) == .execute(.unnamed, maxRows: 2))
  #expect(t.event { $0.suspended(into: &$1) } == .proceed)
  #expect(t.receive(.flush) == .flush)
  #expect(t.receive(.execute(portal: "", maxRows: 2)) == .execute(.unnamed, maxRows: 2))
  #expect(t.event { $0.commandCompleted("SELECT 1", into: &$1) } == .proceed)
  #expect(t.receive(.sync) == .sync)
  #expect(t.event { $0.readyForQuery(.idle, into: &$1) } == .flush)
  #expect(
    t.answers() == [
      .parseComplete, .parameterDescription([23]), .rowDescription(fields), .bindComplete, .noData, .portalSuspended,
      .commandComplete(tag: "SELECT 1"), .readyForQuery(.idle),
    ])
}

@Test func afterAnErrorEverythingIsSkippedUntilSync() {
  var t = Transcript.ready()
  _ = t.receive(.parse(statement: "", sql: "selec", parameterTypes: []))
  let error = SQLError.syntax(near: "selec", at: SourceRange(0, 5))
  #expect(t.event { $0.failed(error, into: &$1) } == .proceed)
  #expect(t.connection.state == .skipping)
  for message in [bind(), .execute(portal: "", maxRows: 0), .query("select 1"), .flush, .copyData([1])] {
    #expect(t.receive(message) == .proceed)
  }
  #expect(t.connection.receive(.malformed(.messageTooShort, inExtendedQuery: true), into: &t.out) == .proceed)
  #expect(t.receive(.sync) == .sync)
  #expect(t.event { $0.readyForQuery(.idle, into: &$1) } == .flush)
  #expect(t.codes() == ["42601", "readyForQuery(PGWire.TransactionStatus.idle)"])
  #expect(t.receive(bind()) == .abort)
  #expect(t.codes() == ["26000"])
}

@Test func namesAreCheckedBeforeTheEngineIsAsked() {
  func refused(_ prepare: (inout Transcript) -> Void, _ message: FrontendMessage) -> [String] {
    var t = Transcript.ready()
    prepare(&t)
    _ = t.answers()
    #expect(t.receive(message) == .abort)
    #expect(t.connection.aborted() == .proceed)
    #expect(t.connection.state == .skipping)
    return t.codes()
  }
  func named(_ t: inout Transcript) {
    _ = t.receive(.parse(statement: "s", sql: "select $1", parameterTypes: []))
    _ = t.event { $0.parsed(parameterCount: 1, into: &$1) }
    _ = t.receive(bind(portal: "p", statement: "s", values: 1))
    _ = t.event { $0.bound(into: &$1) }
  }
  #expect(refused({ _ in }, bind(statement: "s")) == ["26000"])
  #expect(refused({ _ in }, .describe(.statement("s"))) == ["26000"])
  #expect(refused({ _ in }, .describe(.portal(""))) == ["34000"])
  #expect(refused({ _ in }, .execute(portal: "", maxRows: 0)) == ["34000"])
  #expect(refused(named, .parse(statement: "s", sql: "select 2", parameterTypes: [])) == ["42P05"])
  #expect(refused(named, bind(portal: "p", statement: "s", values: 1)) == ["42P03"])
  #expect(refused(named, bind(portal: "q", statement: "s", values: 2)) == ["08P01"])
}

@Test func namedStatementsLiveUntilClosedAndPortalsUntilTheTransactionEnds() {
  var t = Transcript.ready()
  guard case .parse(let id, _, _, _) = t.receive(.parse(statement: "s", sql: "select 1", parameterTypes: [])) else {
    Issue.record("Parse does not ask the engine")
    return
  }
  _ = t.event { $0.parsed(parameterCount: 0, into: &$1) }
  guard case .bind(let portal, id, _) = t.receive(bind(portal: "p", statement: "s")) else {
    Issue.record("Bind does not ask the engine")
    return
  }
  _ = t.event { $0.bound(into: &$1) }
  _ = t.receive(.sync)
  _ = t.event { $0.readyForQuery(.open, into: &$1) }
  #expect(t.receive(.execute(portal: "p", maxRows: 0)) == .execute(portal, maxRows: 0))
  _ = t.event { $0.commandCompleted("SELECT 1", into: &$1) }
  _ = t.receive(.sync)
  _ = t.event { $0.readyForQuery(.idle, into: &$1) }
  #expect(t.receive(.close(.portal("p"))) == .closeCursor("p"))
  #expect(t.receive(.close(.statement("s"))) == .closeStatement(id))
  #expect(t.receive(.close(.statement("s"))) == .proceed)
}

@Test func aQueryEndsTheUnnamedStatement() {
  var t = Transcript.ready()
  _ = t.receive(.parse(statement: "", sql: "select 1", parameterTypes: []))
  _ = t.event { $0.parsed(parameterCount: 0, into: &$1) }
  _ = t.receive(.query("select 2"))
  _ = t.connection.queryEnded()
  _ = t.event { $0.readyForQuery(.idle, into: &$1) }
  #expect(t.receive(bind()) == .abort)
}

@Test func namesOfSQLAndOfTheProtocolAreTheSame() throws {
  var t = Transcript.ready()
  let id = try t.connection.adoptStatement(named: "s", parameterCount: 0)
  #expect(t.receive(.describe(.statement("s"))) == .describeStatement(id))
  _ = t.event { $0.describedStatement(parameterTypes: [], fields: nil, into: &$1) }
  #expect(throws: SQLError.duplicateStatement("s")) { try t.connection.adoptStatement(named: "s", parameterCount: 0) }
  #expect(try t.connection.forgetStatement(named: "s") == id)
  #expect(throws: SQLError.unknownStatement("s")) { _ = try t.connection.forgetStatement(named: "s") }
}

@Test func aPortalThatBindDidNotMakeIsAskedForAsACursor() {
  var t = Transcript.ready()
  #expect(t.receive(.describe(.portal("c"))) == .describeCursor("c"))
  _ = t.event { $0.describedPortal(fields: [], into: &$1) }
  #expect(t.receive(.execute(portal: "c", maxRows: 5)) == .executeCursor("c", maxRows: 5))
  _ = t.event { $0.suspended(into: &$1) }
  #expect(t.receive(.close(.portal("c"))) == .closeCursor("c"))
  #expect(t.receive(.execute(portal: "d", maxRows: 0)) == .executeCursor("d", maxRows: 0))
  _ = t.event { $0.failed(.unknownPortal("d"), into: &$1) }
  #expect(t.connection.state == .skipping)
}

@Test func aCommitThatFailsAtSyncIsReportedOnce() {
  var t = Transcript.ready()
  _ = t.receive(.sync)
  #expect(t.event { $0.failed(SQLError(.serializationFailure, "again"), into: &$1) } == .proceed)
  #expect(t.event { $0.readyForQuery(.idle, into: &$1) } == .flush)
  #expect(t.codes() == ["40001", "readyForQuery(PGWire.TransactionStatus.idle)"])
}

// MARK: COPY

@Test func copyInByQueryEndsWithItsTag() {
  var t = Transcript.ready()
  _ = t.receive(.query("copy t from stdin"))
  #expect(t.event { $0.copyInBegan(.text, columnFormats: [.text], into: &$1) } == .beginCopyIn)
  #expect(t.receive(.copyData(ascii("1\n"))) == .copyData(ascii("1\n")))
  #expect(t.receive(.flush) == .proceed)
  #expect(t.receive(.copyDone) == .copyDone)
  #expect(t.event { $0.commandCompleted("COPY 1", into: &$1) } == .proceed)
  #expect(t.connection.queryEnded() == .sync)
  #expect(t.event { $0.readyForQuery(.idle, into: &$1) } == .flush)
  #expect(
    t.answers() == [
      .copyInResponse(.text, columnFormats: [.text]), .commandComplete(tag: "COPY 1"), .readyForQuery(.idle),
    ])
}

@Test func copyFailAbortsAndStrayRowsAreIgnored() {
  var t = Transcript.ready()
  _ = t.receive(.query("copy t from stdin"))
  _ = t.event { $0.copyInBegan(.text, columnFormats: [], into: &$1) }
  _ = t.answers()
  #expect(t.receive(.copyFail(reason: "stop")) == .abortCopy(.copyFailed("stop")))
  #expect(t.connection.aborted() == .sync)
  _ = t.event { $0.readyForQuery(.idle, into: &$1) }
  #expect(t.codes() == ["57014", "readyForQuery(PGWire.TransactionStatus.idle)"])
  for stray in [FrontendMessage.copyData([1]), .copyDone, .copyFail(reason: "")] {
    #expect(t.receive(stray) == .proceed)
  }
}

@Test func aBadRowEndsCopyInAtOnce() {
  var t = Transcript.ready()
  _ = t.receive(.query("copy t from stdin"))
  _ = t.event { $0.copyInBegan(.text, columnFormats: [], into: &$1) }
  _ = t.receive(.copyData([1]))
  #expect(t.event { $0.failed(SQLError(.invalidTextRepresentation, "bad"), into: &$1) } == .sync)
}

@Test func copyInByExecuteIgnoresThePipelinedSync() {
  var t = Transcript.ready()
  _ = t.receive(.parse(statement: "", sql: "copy t from stdin", parameterTypes: []))
  _ = t.event { $0.parsed(parameterCount: 0, into: &$1) }
  _ = t.receive(bind())
  _ = t.event { $0.bound(into: &$1) }
  _ = t.receive(.execute(portal: "", maxRows: 0))
  _ = t.event { $0.copyInBegan(.text, columnFormats: [], into: &$1) }
  #expect(t.receive(.sync) == .proceed)
  #expect(t.receive(.copyDone) == .copyDone)
  #expect(t.event { $0.commandCompleted("COPY 0", into: &$1) } == .proceed)
  #expect(t.receive(.sync) == .sync)
}

@Test func anotherRequestInsideCopyInAbortsIt() {
  var t = Transcript.ready()
  _ = t.receive(.query("copy t from stdin"))
  _ = t.event { $0.copyInBegan(.text, columnFormats: [], into: &$1) }
  let error = SQLError.unexpectedMessage("Query", during: "COPY from stdin")
  #expect(t.receive(.query("select 1")) == .abortCopy(error))
  #expect(t.connection.aborted() == .sync)
}

@Test func copyOutWritesItsRowsBetweenResponseAndDone() {
  var t = Transcript.ready()
  _ = t.receive(.query("copy t to stdout"))
  #expect(t.event { $0.copyOutBegan(.text, columnFormats: [.text], into: &$1) } == .proceed)
  t.out.beginCopyData()
  t.out.bytes.append(contentsOf: ascii("1\n"))
  t.out.endCopyData()
  #expect(t.event { $0.copyOutEnded(into: &$1) } == .proceed)
  #expect(t.event { $0.commandCompleted("COPY 1", into: &$1) } == .proceed)
  #expect(
    t.answers() == [
      .copyOutResponse(.text, columnFormats: [.text]), .copyData(ascii("1\n")), .copyDone,
      .commandComplete(tag: "COPY 1"),
    ])
  var failing = Transcript.ready()
  _ = failing.receive(.query("copy t to stdout"))
  _ = failing.event { $0.copyOutBegan(.text, columnFormats: [], into: &$1) }
  #expect(failing.event { $0.failed(SQLError(.queryCanceled, "stop"), into: &$1) } == .sync)
}

// MARK: Ends

@Test func terminateEndsReadySkippingAndCopyIn() {
  var ready = Transcript.ready()
  #expect(ready.receive(.terminate) == .close)
  var skipping = Transcript.ready()
  _ = skipping.receive(.execute(portal: "", maxRows: 0))
  _ = skipping.connection.aborted()
  #expect(skipping.receive(.terminate) == .close)
  var copying = Transcript.ready()
  _ = copying.receive(.query("copy t from stdin"))
  _ = copying.event { $0.copyInBegan(.text, columnFormats: [], into: &$1) }
  #expect(copying.receive(.terminate) == .close)
  #expect(copying.connection.state == .closed)
}

@Test func hangUpAndShutDownEndEveryState() {
  var busy = Transcript.ready()
  _ = busy.receive(.query("select 1"))
  #expect(busy.connection.inputEnded() == .close)
  var idle = Transcript.ready()
  #expect(idle.event { $0.shutDown(SQLError(.adminShutdown, "terminating connection"), into: &$1) } == .close)
  #expect(
    idle.answers() == [
      .error(ServerReport(severity: .fatal, state: "57P01", message: "terminating connection"))
    ])
}

@Test func unframedBytesInASessionAreFatal() {
  var t = Transcript.ready()
  #expect(t.connection.receive(.unframed(.invalidMessageType(0)), into: &t.out) == .close)
  #expect(t.receive(.sync) == .close)
}

// MARK: Client

@Test func theClientSpeaksWithTheServer() throws {
  var client = ClientProtocol()
  var server = ScriptedServer()
  func exchange() throws -> [BackendMessage] {
    server.connection.received(client.output.bytes[...])
    client.outputSent()
    while let action = server.connection.next(into: &server.out) {
      var pending = action
      while let following = server.answer(pending) { pending = following }
    }
    client.received(server.out.bytes[...])
    server.out.removeAll()
    var messages: [BackendMessage] = []
    while let message = try client.next() { messages.append(message) }
    return messages
  }
  client.start(user)
  #expect(try exchange().last == .readyForQuery(.idle))
  #expect(client.isReady && client.processID == 1 && client.secretKey == 2)
  client.query("select 1")
  #expect(!client.isReady)
  #expect(try exchange() == [.commandComplete(tag: "SELECT 0"), .readyForQuery(.idle)])
  client.parse(sql: "select $1, $2")
  client.bind(values: [nil, nil])
  client.describe(.portal(""))
  client.execute()
  client.sync()
  #expect(try exchange() == [.parseComplete, .bindComplete, .noData, .portalSuspended, .readyForQuery(.idle)])
  client.query("copy t from stdin")
  #expect(try exchange() == [.copyInResponse(.text, columnFormats: [])])
  #expect(client.state == .copyIn)
  client.copyData(ascii("1\n")[...])
  client.copyDone()
  #expect(try exchange() == [.commandComplete(tag: "COPY 0"), .readyForQuery(.idle)])
  #expect(client.isReady)
  client.terminate()
  #expect(try exchange().isEmpty)
  #expect(server.connection.state == .closed)
  #expect(client.inputEnded() == nil)
}

@Test func theClientRefusesWhatTheServerMustNotSay() {
  var client = ClientProtocol()
  client.start(user)
  client.received(sampleAnswers[12].bytes[...])
  #expect(throws: SQLError.protocolViolation("the server sent a result while the connection was opening")) {
    try client.next()
  }
  #expect(client.state == .closed)
}

@Test func aServersReportBecomesAnErrorWithARange() {
  let report = ServerReport(severity: .error, state: "42703", message: "m", hint: "h", position: 9)
  #expect(report.error(in: "select äx").range == SourceRange(9, 10))
  #expect(report.error(in: "select ä").range == SourceRange(9, 9))
  #expect(report.error().range == nil)
}
