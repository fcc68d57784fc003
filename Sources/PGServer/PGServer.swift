// PGServer: PostgreSQL's protocol on sockets, a thread for each connection (DESIGN §4).
//
// - server: a listener and the connections that it took in; it owns and joins their threads.
// - connection: drives one `ConnectionProtocol` and one `Session` with blocking reads and writes.
//
// Invariant: whatever bytes a client sends, the server answers an error or closes that connection, and no other one notices.

package import Engine
package import Platform
import Synchronization

/// Takes in connections until it is stopped.
package final class Server: Sendable {
  private struct Running {
    var connections: [Int32: ClientConnection] = [:]
    var lastID: Int32 = 0
    /// Ended, but their threads not joined yet.
    var ended: [Int32] = []
  }

  package static let connectionLimit = 200

  /// How often it is looked whether the clients of running statements are still there.
  private static let watchMilliseconds: Int64 = 1_000

  private let engine: Engine
  private let listener: Listener
  private let stopped: Wakeup
  private let running = Mutex(Running())

  /// Listens on the loopback interface; port 0 takes a free one.
  package init(_ engine: Engine, port: UInt16) throws(PlatformError) {
    self.engine = engine
    listener = try Listener(tcp: "127.0.0.1", port: port)
    stopped = try Wakeup()
  }

  package var port: UInt16 { listener.port }

  /// Serves on the calling thread until `stop`; then every connection has ended and its thread is joined.
  package func run() throws(PlatformError) {
    defer { endConnections() }
    while true {
      let isWatching = running.withLock { !$0.connections.isEmpty }
      let socket = try listener.accept(or: stopped, timeoutMilliseconds: isWatching ? Self.watchMilliseconds : nil)
      if stopped.isSignalled { return }
      joinEnded()
      if let socket { try take(socket) } else { cancelAbandoned() }
    }
  }

  /// Ends the long statements of clients that are gone.
  private func cancelAbandoned() {
    let all = running.withLock { Array($0.connections.values) }
    for connection in all { connection.cancelIfAbandoned(afterMilliseconds: Self.watchMilliseconds) }
  }

  /// Ends `run`, from any thread.
  package func stop() { stopped.signal() }

  private func take(_ socket: Platform.Connection) throws(PlatformError) {
    let (id, count) = running.withLock { running in
      running.lastID &+= 1
      return (running.lastID, running.connections.count)
    }
    let connection = try ClientConnection(
      engine, socket, id: id, isRefused: count >= Self.connectionLimit, stopped: stopped) { [self] processID, secretKey in
      cancel(processID, secretKey)
    }
    running.withLock { $0.connections[id] = connection }
    try connection.start { [self] in running.withLock { $0.ended.append(id) } }
  }

  /// Cancels the statement of the session with these keys; a wrong key does nothing, as in PostgreSQL.
  private func cancel(_ processID: Int32, _ secretKey: Int32) {
    running.withLock { running in
      if let connection = running.connections[processID], connection.secretKey == secretKey { connection.cancelToken.cancel() }
    }
  }

  private func joinEnded() {
    let ended = running.withLock { running in
      defer { running.ended = [] }
      return running.ended.compactMap { running.connections.removeValue(forKey: $0) }
    }
    for connection in ended { connection.join() }
  }

  private func endConnections() {
    let all = running.withLock { running in
      defer { running = Running(lastID: running.lastID) }
      return Array(running.connections.values)
    }
    for connection in all { connection.join() }
  }
}
