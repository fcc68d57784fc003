import Columnar
import Engine
import PGWire
import Planner
import SQLTypes

/// The protocol and the session of one connection; it asks the one and tells the other, without a socket.
struct Conversation {
  private enum Portal {
    case empty
    case statement(PreparedStatement, values: [Column], formats: [WireFormat])
    /// Rows of a portal that was suspended: the result, and how many rows were sent.
    case running(StatementResult, formats: [WireFormat], sent: Int)
  }

  private struct Prepared {
    var text: String
    /// The name of Parse, under which SQL finds it too; empty for the unnamed one.
    var name: String
    /// nil for a text without a statement.
    var plan: PreparedStatement?
  }

  private var wire = ConnectionProtocol()
  private var encoder = BackendEncoder()
  private let session: Session
  private var statements: [StatementID: Prepared] = [:]
  private var portals: [PortalID: (text: String, state: Portal)] = [:]
  /// The settings that the client knows of.
  private var toldSettings: [String] = []
  private var toldVersion: UInt64 = 0

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

  /// Why the server has ended the connection, if it has.
  var fatalError: SQLError? { wire.fatalError }

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
    do throws(SQLError) {
      let identity = SessionIdentity(user: startup.user, database: startup.database, processID: processID)
      let notices = try session.begin(as: identity, settings: startup.parameters.map { ($0.name, $0.value) })
      let settings = session.reportedSettings
      (toldSettings, toldVersion) = (settings.map(\.value), session.settingsVersion)
      return wire.sessionOpened(
        parameters: settings.map { WireParameter($0.name, $0.value) }, notices: notices.map(Self.message),
        processID: processID, secretKey: secretKey, into: &encoder)
    } catch { return wire.sessionRefused(error, into: &encoder) }
  }

  /// Performs an action that asks the session; nil when nothing is left to do for it.
  mutating func answer(_ action: ConnectionProtocol.Action) -> ConnectionProtocol.Action? {
    switch action {
    case .query(let sql): return runQuery(sql)
    case .parse(let id, let name, let sql, let types): return parse(id, name, sql, types)
    case .bind(let id, let statement, let message): return bind(id, statement, message)
    case .describeStatement(let id):
      let plan = statements[id]?.plan
      let types = plan?.parameterTypes.map(\.oid) ?? []
      return wire.describedStatement(parameterTypes: types, fields: plan?.columns.map { fields($0) }, into: &encoder)
    case .describePortal(let id): return wire.describedPortal(fields: portalFields(id), into: &encoder)
    case .describeCursor(let name):
      do throws(SQLError) {
        return wire.describedPortal(fields: fields(try session.columns(ofCursor: name)), into: &encoder)
      } catch { return fail(error, "") }
    case .execute(let id, let maxRows): return execute(id, maxRows)
    case .executeCursor(let name, let maxRows): return fetch(name, maxRows)
    case .closeStatement(let id):
      if let name = statements.removeValue(forKey: id)?.name, !name.isEmpty { session.keep(nil, as: name) }
      return nil
    case .closePortal(let id):
      portals[id] = nil
      return nil
    case .closeCursor(let name):
      session.close(cursor: name)
      return nil
    case .abort, .abortCopy: return wire.aborted()
    case .sync:
      if session.transactionStatus == .idle { portals.removeAll() }
      tellSettings()
      return wire.readyForQuery(status, into: &encoder)
    case .beginTLS, .authenticate, .copyData, .copyDone:
      preconditionFailure("the server offers no TLS, asks no password and begins no COPY from a client")
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

  private static func message(_ notice: Notice) -> (SQLError, Severity) {
    (SQLError(notice.state, notice.message), notice.severity)
  }

  private mutating func tell(_ notices: [Notice]) {
    for (report, severity) in notices.map(Self.message) { encoder.notice(report, severity: severity) }
  }

  /// Tells the settings that have changed since the client was last told.
  private mutating func tellSettings() {
    if toldVersion == session.settingsVersion { return }
    toldVersion = session.settingsVersion
    let settings = session.reportedSettings
    for (index, setting) in settings.enumerated() where toldSettings[index] != setting.value {
      encoder.parameterStatus(setting.name, setting.value)
      toldSettings[index] = setting.value
    }
  }

  private mutating func fail(_ error: SQLError, _ statement: String) -> ConnectionProtocol.Action {
    wire.failed(error, statement: statement, into: &encoder)
  }

  // MARK: simple protocol

  private mutating func runQuery(_ sql: String) -> ConnectionProtocol.Action {
    statements[.unnamed] = nil
    portals[.unnamed] = nil
    do throws(SQLError) {
      let count = try session.run(sql) { (result) throws(SQLError) in
        let formats = Array(repeating: WireFormat.text, count: result.columns?.count ?? 0)
        if let columns = result.columns, result.copyFormat == nil { encoder.rowDescription(fields(columns)) }
        _ = try send(result, sql, formats)
      }
      if count == 0 { _ = wire.emptyQuery(into: &encoder) }
      return wire.queryEnded()
    } catch { return fail(error, sql) }
  }

  /// Sends all that a statement answered, behind its columns.
  private mutating func send(
    _ result: StatementResult, _ sql: String, _ formats: [WireFormat]
  ) throws(SQLError) -> ConnectionProtocol.Action {
    tell(result.notices)
    if let change = result.nameChange { try keep(change, sql) }
    if result.copyFormat != nil { return try copyOut(result) }
    if result.columns != nil { _ = writeRows(result, formats, from: 0, limit: 0) }
    if let live = result.live { try follow(live, result, formats) }
    return wire.commandCompleted(result.tag, into: &encoder)
  }

  /// Follows what SQL did to the names that Parse uses too.
  ///
  /// - Errors: 42P05 for a name under which Parse keeps a text without a statement, which the session does not know.
  private mutating func keep(_ change: StatementResult.NameChange, _ sql: String) throws(SQLError) {
    switch change {
    case .prepared(let name, let plan):
      do throws(SQLError) {
        let id = try wire.adoptStatement(named: name, parameterCount: plan.parameterTypes.count)
        statements[id] = Prepared(text: sql, name: name, plan: plan)
      } catch {
        session.keep(nil, as: name)
        throw error
      }
    case .deallocated(let name): statements[try wire.forgetStatement(named: name)] = nil
    case .deallocatedAll:
      wire.forgetAllStatements()
      statements = [:]
    }
  }

  // MARK: extended protocol

  private mutating func parse(
    _ id: StatementID, _ name: String, _ sql: String, _ types: [Int32]
  ) -> ConnectionProtocol.Action {
    do throws(SQLError) {
      var declared: [SQLType?] = []
      for (index, oid) in types.enumerated() { declared.append(try SQLType.parameter(oid: oid, number: index + 1)) }
      let plan = try session.prepare(sql, parameterTypes: declared)
      statements[id] = Prepared(text: sql, name: name, plan: plan)
      if let plan, !name.isEmpty { session.keep(plan, as: name) }
      return wire.parsed(parameterCount: plan?.parameterTypes.count ?? 0, into: &encoder)
    } catch { return fail(error, sql) }
  }

  private mutating func bind(
    _ id: PortalID, _ statement: StatementID, _ message: BindMessage
  ) -> ConnectionProtocol.Action {
    guard let prepared = statements[statement] else { preconditionFailure("the protocol knows its statements") }
    guard let plan = prepared.plan else {
      portals[id] = (prepared.text, .empty)
      return wire.bound(into: &encoder)
    }
    do throws(SQLError) {
      let formats = try message.formats(ofResultColumns: plan.columns?.count ?? 0)
      for (column, format) in zip(plan.columns ?? [], formats) where format == .binary && !BinaryFormat.has(column.type) {
        throw SQLError.unsupported("type \(column.type.baseName) in binary format", at: nil)
      }
      var values: [Column] = []
      for (index, type) in plan.parameterTypes.enumerated() {
        values.append(try Self.value(of: message, index, as: type))
      }
      portals[id] = (prepared.text, .statement(plan, values: values, formats: formats))
    } catch { return fail(error, prepared.text) }
    return wire.bound(into: &encoder)
  }

  private static func value(of message: BindMessage, _ index: Int, as type: SQLType) throws(SQLError) -> Column {
    guard let bytes = message.value(index) else { return .allNull(type.physicalType, count: 1) }
    switch message.format(ofParameter: index) {
    case .text: return try Session.value(of: validatedParameter(bytes), as: type)
    case .binary: return try BinaryFormat.value(bytes, as: type, parameter: index + 1)
    }
  }

  private func portalFields(_ id: PortalID) -> [WireField]? {
    switch portals[id]?.state {
    case .statement(let plan, _, let formats): plan.columns.map { fields($0, formats) }
    case .running(let result, let formats, _): result.columns.map { fields($0, formats) }
    case .empty, nil: nil
    }
  }

  private mutating func execute(_ id: PortalID, _ maxRows: Int) -> ConnectionProtocol.Action {
    guard let (text, state) = portals[id] else { preconditionFailure("the protocol knows its portals") }
    do throws(SQLError) {
      let result: StatementResult
      let formats: [WireFormat]
      var sent = 0
      switch state {
      case .empty: return wire.emptyQuery(into: &encoder)
      case .statement(let plan, let values, let wanted):
        result = try session.execute(plan, values)
        formats = wanted
        if result.live != nil || result.columns == nil || result.copyFormat != nil {
          return try send(result, text, formats)
        }
        tell(result.notices)
      case .running(let running, let wanted, let before): (result, formats, sent) = (running, wanted, before)
      }
      let written = writeRows(result, formats, from: sent, limit: maxRows)
      portals[id] = (text, .running(result, formats: formats, sent: sent + written))
      // As PostgreSQL: a portal that gave exactly as many rows as asked for does not yet know that it is at its end.
      if maxRows > 0 && written == maxRows { return wire.suspended(into: &encoder) }
      return wire.commandCompleted(result.isQuery ? "SELECT \(written)" : result.tag, into: &encoder)
    } catch { return fail(error, text) }
  }

  /// Execute of a cursor that DECLARE made.
  private mutating func fetch(_ name: String, _ maxRows: Int) -> ConnectionProtocol.Action {
    do throws(SQLError) {
      let result = try session.fetch(maxRows == 0 ? nil : maxRows, fromCursor: name)
      let written = writeRows(result, (result.columns ?? []).map { _ in .text }, from: 0, limit: 0)
      if maxRows > 0 && written == maxRows { return wire.suspended(into: &encoder) }
      return wire.commandCompleted("FETCH \(written)", into: &encoder)
    } catch { return fail(error, "") }
  }

  // MARK: rows

  /// Writes rows from number `start` on, at most `limit` (0: all). Returns: how many.
  private mutating func writeRows(_ result: StatementResult, _ formats: [WireFormat], from start: Int, limit: Int) -> Int {
    let types = result.columns?.map(\.type) ?? []
    var number = 0
    var written = 0
    for batch in result.batches {
      if number + batch.count <= start {
        number += batch.count
        continue
      }
      let columns = zip(batch.columns, types).enumerated().map { index, pair in
        formats[index] == .binary ? BinaryFormat.prepared(pair.0, pair.1) : pair.0
      }
      for row in max(start - number, 0)..<batch.count {
        if limit > 0 && written == limit { return written }
        encoder.beginRow(columnCount: columns.count)
        for (index, column) in columns.enumerated() {
          if column.isNull(row) {
            encoder.null()
            continue
          }
          encoder.beginValue()
          if formats[index] == .binary {
            BinaryFormat.append(column, row, as: types[index], to: &encoder.bytes)
          } else {
            column.appendOutput(row, as: types[index], to: &encoder.bytes)
          }
          encoder.endValue()
        }
        encoder.endRow()
        written += 1
      }
      number += batch.count
    }
    return written
  }

  /// Writes rows as they come, until the client has enough.
  private mutating func follow(_ live: LiveRows, _ result: StatementResult, _ formats: [WireFormat]) throws(SQLError) {
    try eachBatches(of: live) { conversation, batches in
      _ = conversation.writeRows(
        StatementResult(columns: result.columns, batches: batches, tag: ""), formats, from: 0, limit: 0)
    }
  }

  /// Hands on rows as they come, and sends what is made of them.
  private mutating func eachBatches(of live: LiveRows, _ write: (inout Conversation, [Batch]) -> Void) throws(SQLError) {
    defer { live.close() }
    while let batches = try live.next(timeoutMilliseconds: 100) {
      try session.checkCancelled()
      write(&self, batches)
      try sendLive(encoder.bytes)
      encoder.removeAll()
    }
  }

  /// Sends a result as the lines of COPY … TO STDOUT.
  private mutating func copyOut(_ result: StatementResult) throws(SQLError) -> ConnectionProtocol.Action {
    guard var lines = CopyLines(result) else { preconditionFailure("a COPY has a format and columns") }
    _ = wire.copyOutBegan(.text, columnFormats: (result.columns ?? []).map { _ in .text }, into: &encoder)
    lines.header { encoder.copyData($0) }
    lines.each(of: result.batches) { encoder.copyData($0) }
    if let live = result.live {
      try eachBatches(of: live) { conversation, batches in lines.each(of: batches) { conversation.encoder.copyData($0) } }
    }
    _ = wire.copyOutEnded(into: &encoder)
    return wire.commandCompleted(lines.tag, into: &encoder)
  }

  private func fields(_ columns: [OutputColumn], _ formats: [WireFormat] = []) -> [WireField] {
    columns.enumerated().map { index, column in
      WireField(name: column.name, type: column.type, format: formats.isEmpty ? .text : formats[index])
    }
  }
}

extension SQLType {
  /// The type that a client declares a parameter to have; nil where it leaves it to the statement.
  ///
  /// - Errors: 0A000 for a type that there is not.
  fileprivate static func parameter(oid: Int32, number: Int) throws(SQLError) -> SQLType? {
    switch oid {
    case 0, 705: nil
    // `name`, `bpchar`: texts too.
    case 19, 1042: .text
    default:
      if let type = declarable.first(where: { $0.oid == oid }) { type } else {
        throw SQLError.unsupported("parameter $\(number) of the type with oid \(oid)", at: nil)
      }
    }
  }

  private static let declarable: [SQLType] = [
    .boolean, .smallint, .integer, .bigint, .oid, .real, .double, .numeric(nil), .text, .varchar(nil), .date, .timestamp, .timestamptz,
    .interval,
  ]
}
