package import SQLTypes

/// The client's side of one connection, as the shell and the spec runner use it.
///
/// Requests are appended to `output`, which the caller sends and empties; bytes that come are given to `received`, and
/// `next()` returns one message after another. After a Query or Sync, read until ReadyForQuery makes `isReady` true.
/// A COPY from stdin through Execute needs its Sync after `copyDone`, not before: a server drops a Sync inside a COPY.
///
/// | state      | waits for         | leaves by                                                          |
/// |------------|-------------------|--------------------------------------------------------------------|
/// | `starting` | caller            | `start` -> `opening`                                               |
/// | `opening`  | server            | ReadyForQuery -> `ready`; ErrorResponse -> `closed`; a request for a password is the caller's to answer |
/// | `ready`    | caller            | `query`, `sync`, an extended request -> `busy`                     |
/// | `busy`     | server            | the last owed ReadyForQuery -> `ready`; CopyInResponse -> `copyIn`; a FATAL error -> `closed` |
/// | `copyIn`   | caller            | `copyDone`, `copyFail` -> `busy`; ErrorResponse -> `busy`          |
/// | `closed`   | nobody            | --                                                                 |
package struct ClientProtocol {
  package enum State: Hashable, Sendable {
    case starting, opening, ready, busy, copyIn, closed
  }

  package private(set) var state: State = .starting
  package private(set) var status: TransactionStatus = .idle
  /// What the server said of itself and the session, by ParameterStatus.
  package private(set) var parameters: [String: String] = [:]
  /// The keys for a CancelRequest on a connection of its own.
  package private(set) var processID: Int32 = 0
  package private(set) var secretKey: Int32 = 0
  package private(set) var output = FrontendEncoder()
  private var reader: BackendReader
  private var owedReadies = 0                   // Query and Sync messages without their ReadyForQuery

  package init(messageByteLimit: Int = 256 << 20) { reader = BackendReader(messageByteLimit: messageByteLimit) }

  package var isReady: Bool { state == .ready }

  /// Forgets output that was sent.
  package mutating func outputSent() { output.removeAll() }

  // MARK: Requests

  package mutating func start(_ startup: StartupParameters) {
    precondition(state == .starting, "a connection starts twice")
    output.startup(startup)
    state = .opening
  }

  /// The answer to an `authentication` message.
  package mutating func password(_ bytes: [UInt8]) {
    precondition(state == .opening, "a password is sent unasked")
    output.password(bytes)
  }

  package mutating func query(_ sql: String) {
    request()
    output.query(sql)
    owedReadies += 1
  }
  package mutating func parse(statement: String = "", sql: String, parameterTypes: [Int32] = []) {
    request()
    output.parse(statement: statement, sql: sql, parameterTypes: parameterTypes)
  }
  package mutating func bind(
    portal: String = "", statement: String = "", parameterFormats: [WireFormat] = [], values: [[UInt8]?],
    resultFormats: [WireFormat] = []
  ) {
    request()
    output.bind(
      portal: portal, statement: statement, parameterFormats: parameterFormats, values: values,
      resultFormats: resultFormats)
  }
  package mutating func describe(_ target: WireTarget) {
    request()
    output.describe(target)
  }
  package mutating func execute(portal: String = "", maxRows: Int32 = 0) {
    request()
    output.execute(portal: portal, maxRows: maxRows)
  }
  package mutating func close(_ target: WireTarget) {
    request()
    output.close(target)
  }
  package mutating func flush() {
    request()
    output.flush()
  }
  package mutating func sync() {
    request()
    output.sync()
    owedReadies += 1
  }
  package mutating func terminate() {
    if state != .closed { output.terminate() }
    state = .closed
  }

  private mutating func request() {
    precondition(state == .ready || state == .busy, "a request is sent while the connection takes none")
    state = .busy
  }

  package mutating func copyData(_ bytes: ArraySlice<UInt8>) {
    precondition(state == .copyIn, "rows are sent outside of COPY")
    output.copyData(bytes)
  }
  package mutating func copyDone() {
    precondition(state == .copyIn, "COPY ends that was not begun")
    output.copyDone()
    state = .busy
  }
  package mutating func copyFail(reason: String) {
    precondition(state == .copyIn, "COPY ends that was not begun")
    output.copyFail(reason: reason)
    state = .busy
  }

  // MARK: Answers

  package mutating func received(_ bytes: ArraySlice<UInt8>) { reader.append(bytes) }
  package mutating func received(_ bytes: Span<UInt8>) { reader.append(bytes) }

  /// The next message, or nil until more bytes are received. After an error is thrown the connection is `closed`.
  package mutating func next() throws(SQLError) -> BackendMessage? {
    do {
      guard let message = try reader.next() else { return nil }
      try follow(message)
      return message
    } catch {
      state = .closed
      throw error
    }
  }

  /// The server has closed its end: an error unless this side has said goodbye.
  package mutating func inputEnded() -> SQLError? {
    guard state != .closed else { return nil }
    state = .closed
    return SQLError(.connectionFailure, "server closed the connection unexpectedly")
  }

  private mutating func follow(_ message: BackendMessage) throws(SQLError) {
    switch message {
    case .parameterStatus(let parameter): parameters[parameter.name] = parameter.value
    case .backendKeyData(let processID, let secretKey):
      self.processID = processID
      self.secretKey = secretKey
    case .notice, .notification: break
    case .error(let report):
      if state == .opening || report.severity == .fatal || report.severity == .panic { state = .closed }
      if state == .copyIn { state = .busy }
    case .authentication, .negotiateProtocolVersion:
      guard state == .opening else { throw unexpected("a startup message") }
    case .readyForQuery(let status):
      self.status = status
      if state == .opening {
        state = .ready
      } else {
        guard owedReadies > 0 else { throw unexpected("ReadyForQuery") }
        owedReadies -= 1
        state = owedReadies == 0 ? .ready : .busy
      }
    case .copyInResponse:
      guard state == .busy else { throw unexpected("CopyInResponse") }
      state = .copyIn
    case .rowDescription, .dataRow, .commandComplete, .emptyQueryResponse, .parseComplete, .bindComplete,
      .closeComplete, .noData, .portalSuspended, .parameterDescription, .copyOutResponse, .copyData, .copyDone:
      guard state == .busy else { throw unexpected("a result") }
    }
  }

  private func unexpected(_ what: String) -> SQLError {
    .protocolViolation("the server sent \(what) while the connection was \(state)")
  }
}
