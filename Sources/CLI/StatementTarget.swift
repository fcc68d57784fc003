import Engine
import PGWire
import Planner
import Platform
import SQLTypes
import Shell

/// Where `leat sql` runs a statement: an engine of this process, or a server.
protocol StatementTarget: AnyObject {
  /// Runs a statement and hands on the text of its rows, or of its tag if it has none.
  ///
  /// - Errors: the statement's; 08006 when the server is gone.
  func run(_ statement: String, _ format: ResultTable.Format, _ output: ([UInt8]) -> Void) throws(SQLError)
}

/// An engine of this process, with nothing kept.
final class SessionTarget: StatementTarget {
  private let session = Session()

  func run(_ statement: String, _ format: ResultTable.Format, _ output: ([UInt8]) -> Void) throws(SQLError) {
    try session.run(statement) { (result) throws(SQLError) in
      var table = ResultTable(
        columns: result.columns.map { ResultColumn(name: $0.name, typeOID: $0.type.oid) }, format: format)
      for row in result.textRows { table.append(row) }
      var text: [UInt8] = []
      table.finish(into: &text)
      output(text)
    }
  }
}

/// Why there is no connection.
struct ConnectionError: Error {
  var message: String
}

/// A server, over PostgreSQL's protocol.
final class ServerTarget: StatementTarget {
  private let socket: Platform.Connection
  private var wire = ClientProtocol()

  init(host: String, port: Int) throws(ConnectionError) {
    // Numeric addresses only, and no name service: "localhost" is what people type.
    let address = host == "localhost" ? "127.0.0.1" : host
    do throws(PlatformError) {
      socket = try Platform.Connection(tcp: address, port: UInt16(port), timeoutMilliseconds: 10_000)
    } catch { throw ConnectionError(message: "\(error)") }
    wire.start(StartupParameters(parameters: [WireParameter("user", "leat"), WireParameter("application_name", "leat sql")]))
    do throws(SQLError) {
      try exchange { (message) throws(SQLError) in
        if case .error(let report) = message { throw report.error() }
        if case .authentication(let request) = message, request != .ok {
          throw SQLError.unsupported("a server that asks for a password", at: nil)
        }
      }
    } catch { throw ConnectionError(message: error.message) }
  }

  deinit { socket.shutDown() }

  func run(_ statement: String, _ format: ResultTable.Format, _ output: ([UInt8]) -> Void) throws(SQLError) {
    wire.query(statement)
    var table: ResultTable?
    var failure: SQLError?
    try exchange { (message) throws(SQLError) in
      switch message {
      case .rowDescription(let fields):
        table = ResultTable(columns: fields.map { ResultColumn(name: $0.name, typeOID: $0.typeOID) }, format: format)
      case .dataRow(let row): table?.append((0..<row.count).map { row.text($0) })
      case .commandComplete(let tag):
        var text: [UInt8] = []
        if var finished = table.take() {
          finished.finish(into: &text)
        } else if format == .aligned {
          text = Array((tag + "\n").utf8)
        }
        output(text)
      case .error(let report): failure = report.error(in: statement)
      default: break
      }
    }
    if let failure { throw failure }
  }

  /// Sends what the protocol wrote, and hands on messages until the server is ready.
  private func exchange(_ body: (BackendMessage) throws(SQLError) -> Void) throws(SQLError) {
    do throws(PlatformError) { try socket.send(wire.output.bytes, or: nil) } catch { throw Self.lost("\(error)") }
    wire.outputSent()
    while true {
      while let message = try wire.next() { try body(message) }
      if wire.isReady { return }
      let bytes: [UInt8]
      do throws(PlatformError) { bytes = try socket.receive(atMost: 65_536, or: nil) } catch { throw Self.lost("\(error)") }
      if bytes.isEmpty { throw wire.inputEnded() ?? Self.lost("it ended") }
      wire.received(bytes[...])
    }
  }

  private static func lost(_ why: String) -> SQLError {
    SQLError(.connectionFailure, "the connection to the server is lost: \(why)")
  }
}
