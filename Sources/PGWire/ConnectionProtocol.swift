package import SQLTypes

/// The engine's key of a prepared statement; the protocol gives it out. A new one under the same key replaces the old.
package struct StatementID: Hashable, Sendable {
  package let number: UInt64
  /// The unnamed statement; it ends with the next Parse into it and with a Query.
  package static let unnamed = StatementID(number: 0)
}

/// The engine's key of a portal; the protocol gives it out. A new one under the same key replaces the old.
package struct PortalID: Hashable, Sendable {
  package let number: UInt64
  /// The unnamed portal; it ends with the next Bind into it, with a Query, and with the transaction.
  package static let unnamed = PortalID(number: 0)
}

/// The server's side of one connection: which message is allowed when, what is answered, what the engine is asked.
///
/// Feed it bytes with `received`, call `next(into:)` until it returns nil, and perform each action; an action that asks
/// the engine is answered by an event before `next` is called again. Answers are appended to the encoder, rows by the
/// thread itself.
///
/// | state              | waits for  | leaves by                                                                       |
/// |--------------------|------------|---------------------------------------------------------------------------------|
/// | `startup`          | client     | SSLRequest -> `securing` (`S`) or `startup` (`N`); GSSENCRequest -> `startup` (`N`); CancelRequest -> `closed`; startup packet -> `authenticating`; anything else -> `closed` (FATAL) |
/// | `securing`         | thread     | `tlsBegan` -> `startup`                                                         |
/// | `authenticating`   | engine     | `sessionOpened` -> `ready`; `authenticationRequested` -> `awaitingPassword`; `sessionRefused` -> `closed` |
/// | `awaitingPassword` | client     | password or SASL message -> `authenticating`; anything else -> `closed` (FATAL) |
/// | `ready`            | client     | a request -> `answering`; Close, Flush -> `ready`; stray COPY messages are ignored |
/// | `answering(query)` | engine     | `commandCompleted`, `emptyQuery` -> the same; `queryEnded`, `failed` -> `answering(sync)`; `copyInBegan` -> `copyIn`; `copyOutBegan` -> `copyOut` |
/// | `answering(parse, bind, describe…)` | engine | `parsed`, `bound`, `described…` -> `ready`; `failed` -> `skipping`   |
/// | `answering(execute)` | engine   | `commandCompleted`, `emptyQuery`, `suspended` -> `ready`; `failed` -> `skipping`; COPY as in a query |
/// | `answering(sync)`  | engine     | `readyForQuery` -> `ready`; `failed` (the commit did) -> the same                |
/// | `answering(abort)` | engine     | `aborted` -> `skipping`, or `answering(sync)` after an error outside the extended protocol |
/// | `copyIn`           | client     | CopyData, Flush, Sync -> `copyIn`; CopyDone -> `answering`; CopyFail, other messages -> `answering(copyAbort)`; `failed` as in the request |
/// | `copyOut`          | engine     | `copyOutEnded` -> `answering`; `failed` as in the request                        |
/// | `answering(copyAbort)` | engine | `aborted` -> `skipping` or `answering(sync)`                                     |
/// | `skipping`         | client     | Sync -> `answering(sync)`; Terminate -> `closed`; all else is ignored           |
/// | `closed`           | nobody     | --                                                                              |
///
/// In every state `inputEnded` and `shutDown` lead to `closed`, and so do bytes that cannot be framed (FATAL).
package struct ConnectionProtocol {
  package enum State: Hashable, Sendable {
    case startup, securing, authenticating, awaitingPassword
    case ready
    case answering(Request)
    case copyIn(CopyOrigin), copyOut(CopyOrigin)
    case skipping, closed
  }

  /// What the engine has been asked.
  package enum Request: Hashable, Sendable {
    case query(sql: String)
    case parse(statement: String, StatementID, sql: String)
    case bind(portal: String, PortalID)
    case describeStatement, describePortal
    case execute
    case sync
    case abort(inExtendedQuery: Bool)
    case copyAbort(CopyOrigin)
  }

  /// Which request a COPY belongs to.
  package enum CopyOrigin: Hashable, Sendable {
    case query(sql: String)
    case execute

    fileprivate var request: Request {
      switch self {
      case .query(let sql): .query(sql: sql)
      case .execute: .execute
      }
    }
  }

  /// What the connection's thread does next. "Answer" names the event that it then reports.
  package enum Action: Hashable, Sendable {
    /// Take the next message; what was written may wait.
    case proceed
    /// Send what was written, then take the next message.
    case flush
    /// Send what was written, do the TLS handshake; answer: `tlsBegan`.
    case beginTLS
    /// Cancel what the session with these keys is running, tell the client nothing, close.
    case cancel(processID: Int32, secretKey: Int32)
    /// Open a session for this user; answer: `sessionOpened`, `authenticationRequested` or `sessionRefused`.
    case openSession(StartupParameters)
    /// Check what the client proves; answers as for `openSession`.
    case authenticate([UInt8])
    /// Drop the unnamed statement and portal and run the statements of a text; answer: for each statement rows and
    /// `commandCompleted`, or COPY, or `emptyQuery` for a text without one, then `queryEnded`; or `failed`.
    case query(sql: String)
    /// Plan a statement; answer: `parsed` or `failed`. The old statement of this id is gone in both cases.
    case parse(StatementID, name: String, sql: String, parameterTypes: [Int32])
    /// Make a portal; answer: `bound` or `failed`. The old portal of this id is gone in both cases.
    case bind(PortalID, StatementID, BindMessage)
    /// Answer: `describedStatement` or `failed`.
    case describeStatement(StatementID)
    /// Answer: `describedPortal` or `failed`.
    case describePortal(PortalID)
    /// Run a portal for at most `maxRows` rows, 0: all; answer: rows, then `commandCompleted`, `suspended`, `emptyQuery`,
    /// COPY or `failed`.
    case execute(PortalID, maxRows: Int)
    /// The same of a name that Bind did not give: a cursor of DECLARE, if there is one.
    case describeCursor(String)
    case executeCursor(String, maxRows: Int)
    /// Forget them; no answer. There may be no such cursor.
    case closeStatement(StatementID)
    case closePortal(PortalID)
    case closeCursor(String)
    /// Send what was written and feed the COPY from the next messages.
    case beginCopyIn
    /// Rows for the COPY; at an error answer `failed`, otherwise go on.
    case copyData([UInt8])
    /// No more rows; answer: `commandCompleted` or `failed`.
    case copyDone
    /// Undo the COPY, mark the transaction as failed; answer: `aborted`.
    case abortCopy(SQLError)
    /// Mark an open transaction as failed, for the protocol found an error; answer: `aborted`.
    case abort
    /// End the implicit transaction: commit, or roll back after an error; answer: `readyForQuery`, after `failed` if the
    /// commit failed. With status `idle` all portals are gone, on both sides.
    case sync
    /// Send what was written, roll back, close the socket.
    case close
  }

  private struct PreparedName {
    var id: StatementID
    var parameterCount: Int
  }

  package private(set) var state: State = .startup
  private var reader: MessageReader
  private let offersTLS: Bool
  private var askedForTLS = false
  private var askedForGSS = false
  private var statements: [String: PreparedName] = [:]
  private var portals: [String: PortalID] = [:]
  private var lastID: UInt64 = 0                // ids are not used twice in a connection
  /// Why the server has ended the connection, if it has.
  package private(set) var fatalError: SQLError?

  package init(offersTLS: Bool = false, messageByteLimit: Int = 64 << 20) {
    self.offersTLS = offersTLS
    reader = MessageReader(messageByteLimit: messageByteLimit)
  }

  // MARK: Input

  package mutating func received(_ bytes: ArraySlice<UInt8>) { reader.append(bytes) }
  package mutating func received(_ bytes: Span<UInt8>) { reader.append(bytes) }

  /// Whether the next step is the client's; otherwise the engine or the thread owes an event.
  package var awaitsClient: Bool {
    switch state {
    case .startup, .awaitingPassword, .ready, .copyIn, .skipping: true
    case .securing, .authenticating, .answering, .copyOut, .closed: false
    }
  }

  /// The action for the next message; nil: read more bytes.
  package mutating func next(into out: inout BackendEncoder) -> Action? {
    if state == .closed { return nil }
    precondition(awaitsClient, "a message is taken before the last action was answered")
    guard let incoming = reader.next() else { return nil }
    return receive(incoming, into: &out)
  }

  /// The action for one message; `next` is this after framing.
  package mutating func receive(_ incoming: Incoming, into out: inout BackendEncoder) -> Action {
    if case .unframed(let error) = incoming { return endFatally(error, into: &out) }
    switch state {
    case .startup: return receiveAtStartup(incoming, into: &out)
    case .awaitingPassword: return receivePassword(incoming, into: &out)
    case .ready: return receiveRequest(incoming, into: &out)
    case .copyIn(let origin): return receiveCopyIn(incoming, of: origin, into: &out)
    case .skipping: return receiveWhileSkipping(incoming)
    case .closed: return .close
    case .securing, .authenticating, .answering, .copyOut:
      preconditionFailure("a message is taken before the last action was answered")
    }
  }

  /// The client has closed its end, or the socket failed.
  package mutating func inputEnded() -> Action {
    state = .closed
    return .close
  }

  /// The server stops, or ends this connection for a reason of its own.
  package mutating func shutDown(_ error: SQLError, into out: inout BackendEncoder) -> Action {
    state == .closed ? .close : endFatally(error, into: &out)
  }

  private mutating func endFatally(_ error: SQLError, into out: inout BackendEncoder) -> Action {
    fatalError = error
    out.error(error, severity: .fatal)
    state = .closed
    return .close
  }

  private mutating func ask(_ request: Request, _ action: Action) -> Action {
    state = .answering(request)
    return action
  }

  /// Answers an error that the protocol found.
  private mutating func refuse(
    _ error: SQLError, inExtendedQuery: Bool = true, into out: inout BackendEncoder
  ) -> Action {
    out.error(error)
    return ask(.abort(inExtendedQuery: inExtendedQuery), .abort)
  }

  // MARK: Startup

  private mutating func receiveAtStartup(_ incoming: Incoming, into out: inout BackendEncoder) -> Action {
    guard case .message(let message) = incoming else {
      return endFatally(.unexpectedMessage("after a malformed one", during: "startup"), into: &out)
    }
    switch message {
    case .sslRequest:
      guard !askedForTLS else { return endFatally(.unexpectedMessage("SSLRequest", during: "startup"), into: &out) }
      askedForTLS = true
      out.encryptionAnswer(accepts: offersTLS)
      guard offersTLS else { return .flush }
      // Plaintext sent behind the request must not be taken for what TLS protects (CVE-2021-23214).
      guard reader.unreadByteCount == 0 else {
        out.removeAll()
        return endFatally(.plaintextAfterTLSRequest, into: &out)
      }
      state = .securing
      return .beginTLS
    case .gssEncRequest:
      guard !askedForGSS else { return endFatally(.unexpectedMessage("GSSENCRequest", during: "startup"), into: &out) }
      askedForGSS = true
      out.encryptionAnswer(accepts: false)
      return .flush
    case .cancelRequest(let processID, let secretKey):
      state = .closed
      return .cancel(processID: processID, secretKey: secretKey)
    case .startup(let parameters):
      guard !parameters.user.isEmpty else { return endFatally(.missingUser, into: &out) }
      if parameters.minorVersion > 0 || !parameters.protocolOptions.isEmpty {
        out.negotiateProtocolVersion(newestMinor: 0, unrecognized: parameters.protocolOptions)
      }
      state = .authenticating
      return .openSession(parameters)
    case .query, .parse, .bind, .describe, .execute, .close, .sync, .flush, .terminate, .password, .copyData, .copyDone,
      .copyFail, .functionCall:
      return endFatally(.unexpectedMessage(message.name, during: "startup"), into: &out)
    }
  }

  package mutating func tlsBegan() -> Action {
    precondition(state == .securing, "TLS begins outside its request")
    state = .startup
    return .proceed
  }

  private mutating func receivePassword(_ incoming: Incoming, into out: inout BackendEncoder) -> Action {
    switch incoming {
    case .message(.password(let bytes)):
      state = .authenticating
      return .authenticate(bytes)
    case .message(.terminate): return inputEnded()
    case .message(let message):
      return endFatally(.unexpectedMessage(message.name, during: "authentication"), into: &out)
    case .malformed(let error, _), .unframed(let error): return endFatally(error, into: &out)
    }
  }

  /// The client must prove who it is.
  package mutating func authenticationRequested(
    _ request: AuthenticationRequest, into out: inout BackendEncoder
  ) -> Action {
    precondition(state == .authenticating, "authentication is requested outside of it")
    out.authentication(request)
    if case .saslFinal = request { return .flush }   // nothing to wait for: `sessionOpened` follows
    state = .awaitingPassword
    return .flush
  }

  /// The session is open, by trust or by proof; the client may send requests.
  package mutating func sessionOpened(
    parameters: [WireParameter], notices: [(SQLError, Severity)] = [], processID: Int32, secretKey: Int32,
    into out: inout BackendEncoder
  ) -> Action {
    precondition(state == .authenticating, "a session opens outside of authentication")
    out.authenticationOk()
    for parameter in parameters { out.parameterStatus(parameter.name, parameter.value) }
    for (report, severity) in notices { out.notice(report, severity: severity) }
    out.backendKeyData(processID: processID, secretKey: secretKey)
    out.readyForQuery(.idle)
    reader.beginSession()
    state = .ready
    return .flush
  }

  package mutating func sessionRefused(_ error: SQLError, into out: inout BackendEncoder) -> Action {
    precondition(state == .authenticating, "a session is refused outside of authentication")
    return endFatally(error, into: &out)
  }

  // MARK: Requests

  private mutating func receiveRequest(_ incoming: Incoming, into out: inout BackendEncoder) -> Action {
    switch incoming {
    case .unframed(let error): return endFatally(error, into: &out)
    case .malformed(let error, let isExtended): return refuse(error, inExtendedQuery: isExtended, into: &out)
    case .message(let message): return receiveRequest(message, into: &out)
    }
  }

  private mutating func receiveRequest(_ message: FrontendMessage, into out: inout BackendEncoder) -> Action {
    switch message {
    case .query(let sql):
      statements[""] = nil
      portals[""] = nil
      return ask(.query(sql: sql), .query(sql: sql))
    case .parse(let statement, let sql, let types): return parse(statement, sql, types, into: &out)
    case .bind(let bind): return self.bind(bind, into: &out)
    case .describe(.statement(let name)):
      guard let prepared = statements[name] else { return refuse(.unknownStatement(name), into: &out) }
      return ask(.describeStatement, .describeStatement(prepared.id))
    case .describe(.portal(let name)):
      if let portal = portals[name] { return ask(.describePortal, .describePortal(portal)) }
      if name.isEmpty { return refuse(.unknownPortal(name), into: &out) }
      return ask(.describePortal, .describeCursor(name))
    case .execute(let name, let maxRows):
      if let portal = portals[name] { return ask(.execute, .execute(portal, maxRows: maxRows)) }
      if name.isEmpty { return refuse(.unknownPortal(name), into: &out) }
      return ask(.execute, .executeCursor(name, maxRows: maxRows))
    case .close(let target): return close(target, into: &out)
    case .sync: return ask(.sync, .sync)
    case .flush: return .flush
    case .terminate: return inputEnded()
    case .copyData, .copyDone, .copyFail: return .proceed   // the rest of a COPY that has failed
    case .functionCall:
      return refuse(
        .unsupported("the function call protocol", hint: "Call the function in a SELECT.", at: nil),
        inExtendedQuery: false, into: &out)
    case .startup, .sslRequest, .gssEncRequest, .cancelRequest, .password:
      return endFatally(.unexpectedMessage(message.name, during: "a session"), into: &out)
    }
  }

  private mutating func parse(
    _ name: String, _ sql: String, _ types: [Int32], into out: inout BackendEncoder
  ) -> Action {
    if name.isEmpty {
      statements[""] = nil
    } else if statements[name] != nil {
      return refuse(.duplicateStatement(name), into: &out)
    }
    let id = name.isEmpty ? .unnamed : StatementID(number: nextID())
    return ask(.parse(statement: name, id, sql: sql), .parse(id, name: name, sql: sql, parameterTypes: types))
  }

  private mutating func bind(_ bind: BindMessage, into out: inout BackendEncoder) -> Action {
    guard let prepared = statements[bind.statement] else {
      return refuse(.unknownStatement(bind.statement), into: &out)
    }
    guard prepared.parameterCount == bind.parameterCount else {
      return refuse(
        .parameterCount(bind.parameterCount, statement: bind.statement, requires: prepared.parameterCount), into: &out)
    }
    if bind.portal.isEmpty {
      portals[""] = nil
    } else if portals[bind.portal] != nil {
      return refuse(.duplicatePortal(bind.portal), into: &out)
    }
    let id = bind.portal.isEmpty ? .unnamed : PortalID(number: nextID())
    return ask(.bind(portal: bind.portal, id), .bind(id, prepared.id, bind))
  }

  /// Closing what does not exist is no error. A portal outlives the statement it was made from, as in PostgreSQL.
  private mutating func close(_ target: WireTarget, into out: inout BackendEncoder) -> Action {
    out.closeComplete()
    switch target {
    case .statement(let name):
      guard let prepared = statements.removeValue(forKey: name) else { return .proceed }
      return .closeStatement(prepared.id)
    case .portal(let name):
      if let portal = portals.removeValue(forKey: name) { return .closePortal(portal) }
      return name.isEmpty ? .proceed : .closeCursor(name)
    }
  }

  private mutating func nextID() -> UInt64 {
    lastID += 1
    return lastID
  }

  private mutating func receiveWhileSkipping(_ incoming: Incoming) -> Action {
    switch incoming {
    case .message(.sync): ask(.sync, .sync)
    case .message(.terminate): inputEnded()
    case .message, .malformed, .unframed: .proceed
    }
  }

  private mutating func receiveCopyIn(
    _ incoming: Incoming, of origin: CopyOrigin, into out: inout BackendEncoder
  ) -> Action {
    let error: SQLError
    switch incoming {
    case .message(.copyData(let bytes)): return .copyData(bytes)
    case .message(.copyDone): return ask(origin.request, .copyDone)
    case .message(.flush), .message(.sync): return .proceed   // a driver pipelines Sync before it sees CopyInResponse
    case .message(.terminate): return inputEnded()
    case .message(.copyFail(let reason)): error = .copyFailed(reason)
    case .message(let message): error = .unexpectedMessage(message.name, during: "COPY from stdin")
    case .malformed(let reason, _), .unframed(let reason): error = reason
    }
    out.error(error)
    return ask(.copyAbort(origin), .abortCopy(error))
  }

  // MARK: Answers of the engine

  /// A statement has ended; its rows are written.
  package mutating func commandCompleted(_ tag: String, into out: inout BackendEncoder) -> Action {
    out.commandComplete(tag)
    return endStatement()
  }

  /// The text or portal held no statement.
  package mutating func emptyQuery(into out: inout BackendEncoder) -> Action {
    out.emptyQueryResponse()
    return endStatement()
  }

  private mutating func endStatement() -> Action {
    switch state {
    case .answering(.query): break
    case .answering(.execute): state = .ready
    case .answering, .startup, .securing, .authenticating, .awaitingPassword, .ready, .copyIn, .copyOut, .skipping,
      .closed:
      preconditionFailure("a statement ends that was not run")
    }
    return .proceed
  }

  /// All statements of a Query have ended.
  package mutating func queryEnded() -> Action {
    guard case .answering(.query) = state else { preconditionFailure("a query ends that was not run") }
    return ask(.sync, .sync)
  }

  /// Execute has sent its row limit and the portal has more.
  package mutating func suspended(into out: inout BackendEncoder) -> Action {
    precondition(state == .answering(.execute), "a portal is suspended that was not run")
    out.portalSuspended()
    state = .ready
    return .proceed
  }

  package mutating func parsed(parameterCount: Int, into out: inout BackendEncoder) -> Action {
    guard case .answering(.parse(let name, let id, _)) = state else {
      preconditionFailure("a statement is prepared that was not parsed")
    }
    statements[name] = PreparedName(id: id, parameterCount: parameterCount)
    out.parseComplete()
    state = .ready
    return .proceed
  }

  package mutating func bound(into out: inout BackendEncoder) -> Action {
    guard case .answering(.bind(let name, let id)) = state else {
      preconditionFailure("a portal is made that was not bound")
    }
    portals[name] = id
    out.bindComplete()
    state = .ready
    return .proceed
  }

  /// `fields` is nil for a statement without rows.
  package mutating func describedStatement(
    parameterTypes: [Int32], fields: [WireField]?, into out: inout BackendEncoder
  ) -> Action {
    precondition(state == .answering(.describeStatement), "a statement is described unasked")
    out.parameterDescription(parameterTypes)
    return described(fields, into: &out)
  }

  package mutating func describedPortal(fields: [WireField]?, into out: inout BackendEncoder) -> Action {
    precondition(state == .answering(.describePortal), "a portal is described unasked")
    return described(fields, into: &out)
  }

  private mutating func described(_ fields: [WireField]?, into out: inout BackendEncoder) -> Action {
    if let fields { out.rowDescription(fields) } else { out.noData() }
    state = .ready
    return .proceed
  }

  /// What was asked has failed; the engine has already marked its transaction. `statement` is the text that the error
  /// points into, unless that is the Query or Parse at hand.
  package mutating func failed(
    _ error: SQLError, statement: String? = nil, into out: inout BackendEncoder
  ) -> Action {
    let request: Request
    switch state {
    case .answering(let asked): request = asked
    case .copyIn(let origin), .copyOut(let origin): request = origin.request
    case .startup, .securing, .authenticating, .awaitingPassword, .ready, .skipping, .closed:
      preconditionFailure("what was not asked has failed")
    }
    switch request {
    case .query(let sql):
      out.error(error, statement: statement ?? sql)
      return ask(.sync, .sync)
    case .parse(_, _, let sql):
      out.error(error, statement: statement ?? sql)
      state = .skipping
    case .bind, .describeStatement, .describePortal, .execute:
      out.error(error, statement: statement)
      state = .skipping
    case .sync:
      out.error(error, statement: statement)
    case .abort, .copyAbort: preconditionFailure("an abort cannot fail")
    }
    return .proceed
  }

  /// The transaction is marked as failed.
  package mutating func aborted() -> Action {
    switch state {
    case .answering(.abort(inExtendedQuery: true)), .answering(.copyAbort(.execute)):
      state = .skipping
      return .proceed
    case .answering(.abort(inExtendedQuery: false)), .answering(.copyAbort(.query)):
      return ask(.sync, .sync)
    case .answering, .startup, .securing, .authenticating, .awaitingPassword, .ready, .copyIn, .copyOut, .skipping,
      .closed:
      preconditionFailure("an abort ends that was not asked for")
    }
  }

  /// The implicit transaction has ended; the session stands at `status`.
  package mutating func readyForQuery(_ status: TransactionStatus, into out: inout BackendEncoder) -> Action {
    precondition(state == .answering(.sync), "the session is ready without a query or Sync")
    if status == .idle { portals.removeAll() }
    out.readyForQuery(status)
    state = .ready
    return .flush
  }

  // MARK: COPY

  package mutating func copyInBegan(
    _ format: WireFormat, columnFormats: [WireFormat], into out: inout BackendEncoder
  ) -> Action {
    state = .copyIn(copyOrigin())
    out.copyInResponse(format, columnFormats: columnFormats)
    return .beginCopyIn
  }

  /// The thread now writes CopyData messages itself, then reports `copyOutEnded`.
  package mutating func copyOutBegan(
    _ format: WireFormat, columnFormats: [WireFormat], into out: inout BackendEncoder
  ) -> Action {
    state = .copyOut(copyOrigin())
    out.copyOutResponse(format, columnFormats: columnFormats)
    return .proceed
  }

  /// All rows are out; `commandCompleted` follows.
  package mutating func copyOutEnded(into out: inout BackendEncoder) -> Action {
    guard case .copyOut(let origin) = state else { preconditionFailure("a COPY ends that was not begun") }
    out.copyDone()
    state = .answering(origin.request)
    return .proceed
  }

  private func copyOrigin() -> CopyOrigin {
    switch state {
    case .answering(.query(let sql)): return .query(sql: sql)
    case .answering(.execute): return .execute
    case .answering, .startup, .securing, .authenticating, .awaitingPassword, .ready, .copyIn, .copyOut, .skipping,
      .closed:
      preconditionFailure("a COPY begins that was not run")
    }
  }

  // MARK: Names that SQL gives

  /// SQL PREPARE: the same names as Parse's. 42P05 if the name is taken.
  package mutating func adoptStatement(named name: String, parameterCount: Int) throws(SQLError) -> StatementID {
    guard statements[name] == nil else { throw .duplicateStatement(name) }
    let id = StatementID(number: nextID())
    statements[name] = PreparedName(id: id, parameterCount: parameterCount)
    return id
  }

  /// SQL DEALLOCATE: forgets the name and returns what it stood for. 26000 if there is none.
  package mutating func forgetStatement(named name: String) throws(SQLError) -> StatementID {
    guard let prepared = statements.removeValue(forKey: name) else { throw .unknownStatement(name) }
    return prepared.id
  }

  /// SQL DEALLOCATE ALL and DISCARD ALL.
  package mutating func forgetAllStatements() { statements.removeAll() }
}

extension FrontendMessage {
  /// The message's name in the protocol's documentation, for errors.
  package var name: String {
    switch self {
    case .startup: "StartupMessage"
    case .sslRequest: "SSLRequest"
    case .gssEncRequest: "GSSENCRequest"
    case .cancelRequest: "CancelRequest"
    case .query: "Query"
    case .parse: "Parse"
    case .bind: "Bind"
    case .describe: "Describe"
    case .execute: "Execute"
    case .close: "Close"
    case .sync: "Sync"
    case .flush: "Flush"
    case .terminate: "Terminate"
    case .password: "PasswordMessage"
    case .copyData: "CopyData"
    case .copyDone: "CopyDone"
    case .copyFail: "CopyFail"
    case .functionCall: "FunctionCall"
    }
  }
}
