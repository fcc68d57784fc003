import PGWire
import Platform
import SQLTypes
import Shell
import Synchronization

/// Why there is no connection.
struct ConnectionError: Error {
  var message: String
}

/// Runs statements on a server, over PostgreSQL's protocol.
final class ServerTarget: ShellTarget {
  private let socket: Platform.Connection
  private let address: (host: String, port: UInt16)
  private var wire = ClientProtocol()

  init(host: String, port: Int) throws(ConnectionError) {
    // Numeric addresses only, and no name service: "localhost" is what people type.
    let address = (host: host == "localhost" ? "127.0.0.1" : host, port: UInt16(port))
    self.address = address
    do throws(PlatformError) {
      socket = try Platform.Connection(tcp: address.host, port: address.port, timeoutMilliseconds: 10_000)
    } catch { throw ConnectionError(message: "\(error)") }
    wire.start(StartupParameters(parameters: [WireParameter("user", "leat"), WireParameter("application_name", "leat sql")]))
    cancel = {}
    do throws(SQLError) {
      try exchange { (message) throws(SQLError) in
        if case .error(let report) = message { throw report.error() }
        if case .authentication(let request) = message, request != .ok {
          throw SQLError.unsupported("a server that asks for a password", at: nil)
        }
      }
    } catch { throw ConnectionError(message: error.message) }
    let (processID, secretKey) = (wire.processID, wire.secretKey)
    cancel = { Self.cancel(processID, secretKey, at: address) }
  }

  deinit { socket.shutDown() }

  private(set) var cancel: @Sendable () -> Void

  var transactionMark: String {
    switch wire.status {
    case .idle: ""
    case .open: "*"
    case .failed: "!"
    }
  }

  var connectionInfo: String {
    "You are connected to the server at \(address.host):\(address.port) (\(wire.parameters["server_version"] ?? "unknown version"))."
  }

  func run(_ text: String, input: () -> [UInt8]?, _ receive: (StatementEvent) -> Void) throws(SQLError) {
    wire.query(text)
    var failure: SQLError?
    try exchange(pause: { receive(.pause) }) { (message) throws(SQLError) in
      switch message {
      case .rowDescription(let fields):
        receive(.columns(fields.map { ResultColumn(name: $0.name, typeOID: $0.typeOID) }))
      case .dataRow(let row): receive(.row((0..<row.count).map { row.text($0) }))
      case .commandComplete(let tag): receive(.complete(tag: tag))
      case .copyInResponse: try sendCopy(input)
      case .copyData(let bytes): receive(.copyData(bytes))
      case .notice(let report): receive(.notice(report.severity, report.error(in: text)))
      case .error(let report): failure = report.error(in: text)
      default: break
      }
    }
    if let failure { throw failure }
  }

  private func sendCopy(_ input: () -> [UInt8]?) throws(SQLError) {
    while let bytes = input() {
      wire.copyData(bytes[...])
      try send()
    }
    wire.copyDone()
    try send()
  }

  private func send() throws(SQLError) {
    do throws(PlatformError) { try socket.send(wire.output.bytes, or: nil) } catch { throw Self.lost("\(error)") }
    wire.outputSent()
  }

  /// Sends what the protocol wrote, and hands on messages until the server is ready; `pause` comes before each wait.
  private func exchange(
    pause: () -> Void = {}, _ body: (BackendMessage) throws(SQLError) -> Void
  ) throws(SQLError) {
    try send()
    while true {
      while let message = try wire.next() { try body(message) }
      if wire.isReady { return }
      pause()
      let bytes: [UInt8]
      do throws(PlatformError) { bytes = try socket.receive(atMost: 65_536, or: nil) } catch { throw Self.lost("\(error)") }
      if bytes.isEmpty { throw wire.inputEnded() ?? Self.lost("it ended") }
      wire.received(bytes[...])
    }
  }

  private static func lost(_ why: String) -> SQLError {
    SQLError(.connectionFailure, "the connection to the server is lost: \(why)")
  }

  /// Asks on a connection of its own; if that fails the statement goes on, and Ctrl-C can be pressed again.
  private static func cancel(_ processID: Int32, _ secretKey: Int32, at address: (host: String, port: UInt16)) {
    var request = FrontendEncoder()
    request.cancelRequest(processID: processID, secretKey: secretKey)
    do throws(PlatformError) {
      let socket = try Platform.Connection(tcp: address.host, port: address.port, timeoutMilliseconds: 2_000)
      try socket.send(request.bytes, or: nil)
      // The server closes when it has taken the request.
      _ = try socket.receive(atMost: 1, or: nil)
    } catch {
      return
    }
  }
}
