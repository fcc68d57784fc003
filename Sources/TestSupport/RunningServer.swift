import Engine
import PGServer
import Platform
import Synchronization

/// Runs `body` with the port of a server of this process; afterwards the server has stopped and its threads are joined.
///
/// - Errors: those of `body`, then the server's own.
package func withServer(_ body: (UInt16) throws -> Void) throws {
  let engine = try Engine()
  defer { engine.stop() }
  let server = try Server(engine, port: 0)
  let ending = Mutex<PlatformError?>(nil)
  let thread = try Platform.Thread(named: "server") {
    do throws(PlatformError) { try server.run() } catch { ending.withLock { $0 = error } }
  }
  do {
    defer {
      server.stop()
      thread.join()
    }
    try body(server.port)
  }
  if let error = ending.withLock({ $0 }) { throw error }
}
