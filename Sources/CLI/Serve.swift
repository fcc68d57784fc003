import Platform
import PGServer

extension CommandLineTool {
  /// `leat serve [--pg-port PORT]`: serves until SIGTERM or SIGINT, then ends its connections and returns 0.
  static func runServe(_ arguments: [String], output: (String) -> Void, errors: (String) -> Void) -> Int32 {
    var port: UInt16 = 5488
    var rest = arguments[...]
    while let option = rest.popFirst() {
      guard option == "--pg-port" else {
        errors("leat serve: unknown option \"\(option)\"\n\(help)")
        return 2
      }
      guard let value = rest.popFirst(), let number = UInt16(value) else {
        errors("leat serve: --pg-port needs a port number from 0 to 65535\n")
        return 2
      }
      port = number
    }
    TerminationSignals.block()
    do throws(PlatformError) {
      let server = try Server(port: port)
      output("leat: listening on 127.0.0.1:\(server.port)\n")
      let signals = try Thread(named: "signals") {
        TerminationSignals.wait()
        server.stop()
      }
      try server.run()
      signals.join()
      return 0
    } catch {
      errors("leat serve: \(error)\n")
      return 1
    }
  }
}
