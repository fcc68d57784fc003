import AgreeingEngine
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
        while let following = connection.agree(to: pending, into: &out) { pending = following }
      }
      out.removeAll()
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
