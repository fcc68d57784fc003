import Columnar
import Engine
import PGWire
import Planner
import Platform
import SQLTypes
import Synchronization

/// One client: its socket, its thread, its session.
final class ClientConnection: Sendable {
  let secretKey: Int32
  let cancelToken: CancelToken
  private let engine: Engine
  private let socket: Platform.Connection
  private let id: Int32
  private let isRefused: Bool
  private let stopped: Wakeup
  private let cancelOther: @Sendable (Int32, Int32) -> Void
  private let thread = Mutex<Platform.Thread?>(nil)

  init(
    _ engine: Engine, _ socket: Platform.Connection, id: Int32, isRefused: Bool, stopped: Wakeup,
    cancelOther: @escaping @Sendable (Int32, Int32) -> Void
  ) throws(PlatformError) {
    self.engine = engine
    self.socket = socket
    self.id = id
    self.isRefused = isRefused
    self.stopped = stopped
    self.cancelOther = cancelOther
    cancelToken = CancelToken()
    secretKey = Int32.random(in: .min ... .max)
  }

  /// The stack is larger than the 256 KiB that parsing needs: binding and evaluating a tree of the greatest height overflow
  /// those. Only touched pages cost memory.
  func start(whenEnded: @escaping @Sendable () -> Void) throws(PlatformError) {
    let started = try Platform.Thread(named: "client \(id)", stackBytes: 1024 << 10) { [self] in
      var conversation = Conversation(engine.session(cancelToken: cancelToken)) { [self] (bytes) throws(SQLError) in
        try sendLive(bytes)
      }
      serve(&conversation)
      socket.shutDown()
      whenEnded()
    }
    thread.withLock { $0 = started }
  }

  func join() { thread.withLock { $0.take() }?.join() }

  /// Reads and answers until the client, the server or an error ends it.
  private func serve(_ conversation: inout Conversation) {
    do throws(PlatformError) {
      while true {
        while let action = conversation.nextAction() {
          guard try perform(action, &conversation) else { return }
        }
        try send(&conversation)
        let bytes = try socket.receive(atMost: 16_384, or: stopped)
        if bytes.isEmpty { return }
        conversation.received(bytes)
      }
    } catch {
      // The socket is gone, or the server stops: a client that still listens is told which.
      if error == .cancelled {
        conversation.shutDown()
        do throws(PlatformError) { try socket.send(conversation.output, or: nil) } catch { return }
      }
    }
  }

  private func send(_ conversation: inout Conversation) throws(PlatformError) {
    if conversation.output.isEmpty { return }
    try socket.send(conversation.output, or: stopped)
    conversation.outputSent()
  }

  /// Sends rows of a statement that goes on.
  ///
  /// - Errors: 57P01 when the server stops, 57014 when the client says anything or goes: it wants no more rows.
  private func sendLive(_ bytes: [UInt8]) throws(SQLError) {
    if stopped.isSignalled {
      throw SQLError(.adminShutdown, "terminating connection due to administrator command")
    }
    do throws(PlatformError) {
      if !bytes.isEmpty { try socket.send(bytes, or: stopped) }
      if try socket.waitReadable(or: nil, timeoutMilliseconds: 0) == .ready {
        throw PlatformError.cancelled
      }
    } catch {
      throw SQLError(.queryCanceled, "canceling statement: the client has sent something else, or is gone")
    }
  }

  /// - Returns: whether the connection goes on.
  private func perform(_ action: ConnectionProtocol.Action, _ conversation: inout Conversation) throws(PlatformError) -> Bool {
    var action = action
    while true {
      switch action {
      case .proceed: return true
      case .flush, .beginCopyIn:
        try send(&conversation)
        return true
      case .close:
        try send(&conversation)
        return false
      case .cancel(let processID, let secretKey):
        cancelOther(processID, secretKey)
        return false
      case .openSession(let parameters):
        action = conversation.openSession(parameters, id, secretKey, isRefused: isRefused)
      default:
        guard let next = conversation.answer(action) else { return true }
        action = next
      }
    }
  }
}

/// The protocol and the session of one connection; it asks the one and tells the other, without a socket.
struct Conversation {
  private enum Portal {
    case empty
    case statement(PreparedStatement)
    /// Rows of a portal that was suspended: the result, and how many rows were sent.
    case running(StatementResult, sent: Int)
  }

  private var wire = ConnectionProtocol()
  private var encoder = BackendEncoder()
  private let session: Session
  private var statements: [StatementID: (text: String, plan: PreparedStatement?)] = [:]
  private var portals: [PortalID: (text: String, state: Portal)] = [:]

  /// Sends rows of a statement that goes on; without bytes it only looks whether the client still listens.
  private let sendLive: ([UInt8]) throws(SQLError) -> Void

  init(_ session: Session, sendLive: @escaping ([UInt8]) throws(SQLError) -> Void) {
    self.session = session
    self.sendLive = sendLive
  }

  var output: [UInt8] { encoder.bytes }
  mutating func outputSent() { encoder.removeAll() }
  mutating func received(_ bytes: [UInt8]) { wire.received(bytes[...]) }
  mutating func nextAction() -> ConnectionProtocol.Action? { wire.next(into: &encoder) }

  mutating func shutDown() {
    _ = wire.shutDown(
      SQLError(.adminShutdown, "terminating connection due to administrator command"), into: &encoder)
  }

  mutating func openSession(
    _ startup: StartupParameters, _ processID: Int32, _ secretKey: Int32, isRefused: Bool
  ) -> ConnectionProtocol.Action {
    if isRefused {
      return wire.sessionRefused(SQLError(.tooManyConnections, "sorry, too many clients already"), into: &encoder)
    }
    session.identity = SessionIdentity(user: startup.user, database: startup.database, processID: processID)
    let parameters = [
      ("server_version", "15.0"), ("server_encoding", "UTF8"), ("client_encoding", "UTF8"), ("DateStyle", "ISO, MDY"),
      ("IntervalStyle", "postgres"), ("TimeZone", "UTC"), ("integer_datetimes", "on"), ("standard_conforming_strings", "on"),
    ].map { WireParameter($0.0, $0.1) }
    return wire.sessionOpened(parameters: parameters, processID: processID, secretKey: secretKey, into: &encoder)
  }

  /// Performs an action that asks the session; nil when nothing is left to do for it.
  mutating func answer(_ action: ConnectionProtocol.Action) -> ConnectionProtocol.Action? {
    switch action {
    case .query(let sql): return runQuery(sql)
    case .parse(let id, _, let sql, _):
      do throws(SQLError) {
        statements[id] = (sql, try session.prepare(sql))
        return wire.parsed(parameterCount: 0, into: &encoder)
      } catch { return fail(error, sql) }
    case .bind(let id, let statement, let message): return bind(id, statement, message)
    case .describeStatement(let id):
      let columns = statements[id]?.plan?.columns ?? nil
      return wire.describedStatement(parameterTypes: [], fields: columns.map(fields), into: &encoder)
    case .describePortal(let id): return wire.describedPortal(fields: portalColumns(id).map(fields), into: &encoder)
    case .execute(let id, let maxRows): return execute(id, maxRows)
    case .closeStatement(let id):
      statements[id] = nil
      return nil
    case .closePortal(let id):
      portals[id] = nil
      return nil
    case .abort, .abortCopy: return wire.aborted()
    case .sync:
      portals.removeAll()
      return wire.readyForQuery(status, into: &encoder)
    case .beginTLS, .authenticate, .copyData, .copyDone:
      preconditionFailure("the server offers no TLS, asks no password and begins no COPY")
    case .proceed, .flush, .beginCopyIn, .close, .cancel, .openSession:
      preconditionFailure("the connection performs \(action) itself")
    }
  }

  private var status: PGWire.TransactionStatus {
    switch session.transactionStatus {
    case .idle: .idle
    case .inBlock: .open
    case .failed: .failed
    }
  }

  private mutating func tell(_ notices: [Notice]) {
    for notice in notices { encoder.notice(SQLError(notice.state, notice.message), severity: notice.severity) }
  }

  private mutating func fail(_ error: SQLError, _ statement: String) -> ConnectionProtocol.Action {
    wire.failed(error, statement: statement, into: &encoder)
  }

  private mutating func runQuery(_ sql: String) -> ConnectionProtocol.Action {
    statements[.unnamed] = nil
    portals[.unnamed] = nil
    do throws(SQLError) {
      let count = try session.run(sql) { (result) throws(SQLError) in
        tell(result.notices)
        if let columns = result.columns {
          encoder.rowDescription(fields(columns))
          _ = writeRows(result, from: 0, limit: 0)
          if let live = result.live { try follow(live, columns) }
        }
        _ = wire.commandCompleted(result.tag, into: &encoder)
      }
      if count == 0 { _ = wire.emptyQuery(into: &encoder) }
      return wire.queryEnded()
    } catch { return fail(error, sql) }
  }

  private mutating func bind(
    _ id: PortalID, _ statement: StatementID, _ message: BindMessage
  ) -> ConnectionProtocol.Action {
    guard let (text, plan) = statements[statement] else { preconditionFailure("the protocol knows its statements") }
    let columnCount = plan?.columns?.count ?? 0
    do throws(SQLError) {
      if try message.formats(ofResultColumns: columnCount).contains(.binary) {
        throw SQLError.unsupported("a result in binary format", at: nil)
      }
    } catch { return fail(error, text) }
    portals[id] = (text, plan.map { .statement($0) } ?? .empty)
    return wire.bound(into: &encoder)
  }

  private func portalColumns(_ id: PortalID) -> [OutputColumn]? {
    switch portals[id]?.state {
    case .statement(let plan): plan.columns
    case .running(let result, _): result.columns
    case .empty, nil: nil
    }
  }

  private mutating func execute(_ id: PortalID, _ maxRows: Int) -> ConnectionProtocol.Action {
    guard let (text, state) = portals[id] else { preconditionFailure("the protocol knows its portals") }
    do throws(SQLError) {
      let result: StatementResult
      var sent = 0
      switch state {
      case .empty: return wire.emptyQuery(into: &encoder)
      case .statement(let plan):
        result = try session.execute(plan)
        tell(result.notices)
        if let live = result.live {
          try follow(live, result.columns ?? [])
          return wire.commandCompleted(result.tag, into: &encoder)
        }
      case .running(let running, let before): (result, sent) = (running, before)
      }
      guard result.columns != nil else { return wire.commandCompleted(result.tag, into: &encoder) }
      let written = writeRows(result, from: sent, limit: maxRows)
      portals[id] = (text, .running(result, sent: sent + written))
      // As PostgreSQL: a portal that gave exactly as many rows as asked for does not yet know that it is at its end.
      if maxRows > 0 && written == maxRows { return wire.suspended(into: &encoder) }
      return wire.commandCompleted(result.isQuery ? "SELECT \(written)" : result.tag, into: &encoder)
    } catch { return fail(error, text) }
  }

  /// Writes rows from number `start` on, at most `limit` (0: all). Returns: how many.
  private mutating func writeRows(_ result: StatementResult, from start: Int, limit: Int) -> Int {
    var number = 0
    var written = 0
    for batch in result.batches {
      for row in 0..<batch.count {
        defer { number += 1 }
        if number < start { continue }
        if limit > 0 && written == limit { return written }
        encoder.beginRow(columnCount: batch.columns.count)
        for (column, output) in zip(batch.columns, result.columns ?? []) {
          if let text = column.outputText(row, as: output.type) { encoder.value(text) } else { encoder.null() }
        }
        encoder.endRow()
        written += 1
      }
    }
    return written
  }

  /// Writes rows as they come, until the client has enough.
  private mutating func follow(_ live: LiveRows, _ columns: [OutputColumn]) throws(SQLError) {
    defer { live.close() }
    while let batches = try live.next(timeoutMilliseconds: 100) {
      try session.checkCancelled()
      _ = writeRows(StatementResult(columns: columns, batches: batches, tag: ""), from: 0, limit: 0)
      try sendLive(encoder.bytes)
      encoder.removeAll()
    }
  }

  private func fields(_ columns: [OutputColumn]) -> [WireField] {
    columns.map { WireField(name: $0.name, type: $0.type) }
  }
}
