import CFuzzer
import PGWire
import SQLTypes

/// Bytes of a client to the server's protocol and of a server to the client's: none traps, and errors have a state that
/// PostgreSQL's protocol knows. The first byte says which side, and how the bytes are cut.
@main
struct FuzzWire {
  static func main() {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = CommandLine.unsafeArgv
    _ = withUnsafeMutablePointer(to: &arguments) { arguments in
      arguments.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.self, capacity: 1) {
        LLVMFuzzerRunDriver(&count, $0) { data, size in
          FuzzWire.run(Array(UnsafeBufferPointer(start: data, count: size)))
          return 0
        }
      }
    }
  }

  static func run(_ bytes: [UInt8]) {
    guard let mode = bytes.first else { return }
    let rest = bytes[1...]
    let cut = rest.startIndex + (rest.isEmpty ? 0 : Int(mode >> 2) % (rest.count + 1))
    let parts = [rest[..<cut], rest[cut...]]
    switch mode & 3 {
    case 0: server(parts, startsUp: false)
    case 1: server(parts, startsUp: true)
    default: client(parts)
    }
  }

  static let startup: [UInt8] = {
    var encoder = FrontendEncoder()
    encoder.startup(StartupParameters(parameters: [WireParameter("user", "u")]))
    return encoder.bytes
  }()

  static func server(_ parts: [ArraySlice<UInt8>], startsUp: Bool) {
    var connection = ConnectionProtocol()
    var out = BackendEncoder()
    for part in (startsUp ? [startup[...]] : []) + parts {
      connection.received(part)
      while let action = connection.next(into: &out) {
        var pending = action
        while let following = answer(pending, &connection, &out) { pending = following }
      }
      out.removeAll()
    }
  }

  /// An engine that agrees to everything.
  static func answer(
    _ action: ConnectionProtocol.Action, _ connection: inout ConnectionProtocol, _ out: inout BackendEncoder
  ) -> ConnectionProtocol.Action? {
    switch action {
    case .proceed, .flush, .cancel, .closeStatement, .closePortal, .beginCopyIn, .copyData, .close: return nil
    case .beginTLS: return connection.tlsBegan()
    case .openSession, .authenticate:
      return connection.sessionOpened(parameters: [], processID: 1, secretKey: 2, into: &out)
    case .query(let sql):
      if sql.contains("copy") { return connection.copyInBegan(.text, columnFormats: [], into: &out) }
      _ = connection.commandCompleted("SELECT 0", into: &out)
      return connection.queryEnded()
    case .parse: return connection.parsed(parameterCount: 2, into: &out)
    case .bind(_, _, let bind):
      for index in 0..<bind.parameterCount { _ = (bind.value(index), bind.format(ofParameter: index)) }
      return connection.bound(into: &out)
    case .describeStatement: return connection.describedStatement(parameterTypes: [], fields: nil, into: &out)
    case .describePortal: return connection.describedPortal(fields: nil, into: &out)
    case .execute: return connection.suspended(into: &out)
    case .copyDone:
      let next = connection.commandCompleted("COPY 0", into: &out)
      if case .answering(.query) = connection.state { return connection.queryEnded() }
      return next
    case .abortCopy, .abort: return connection.aborted()
    case .sync: return connection.readyForQuery(.idle, into: &out)
    }
  }

  static func client(_ parts: [ArraySlice<UInt8>]) {
    var client = ClientProtocol()
    client.start(StartupParameters(parameters: [WireParameter("user", "u")]))
    do throws(SQLError) {
      for part in parts {
        client.received(part)
        while let message = try client.next() {
          if case .error(let report) = message { _ = report.error(in: "select prise from t") }
          if client.isReady { client.query("select 1") }
        }
      }
    } catch {
      precondition(["08P01", "54000", "22021", "22023", "0A000"].contains(error.state.code), "an error of the protocol")
    }
  }
}
