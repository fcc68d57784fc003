internal import CPlatform

/// What ended a wait for a socket.
package enum Readiness: Sendable { case ready, woken, timedOut }

/// Waits until the descriptor is ready, or the wakeup rings. If both are there, the wakeup wins.
private func wait(
  for descriptor: Int32, toWrite: Bool, or wakeup: Wakeup?, timeoutMilliseconds: Int64?
) throws(PlatformError) -> Readiness {
  let ready = try check(
    "poll", cp_poll(descriptor, toWrite ? 1 : 0, wakeup?.descriptor.raw ?? -1, timeoutMilliseconds ?? -1))
  return ready & 2 != 0 ? .woken : ready & 1 != 0 ? .ready : .timedOut
}

/// Accepts connections on a TCP address or a unix socket.
package final class Listener: Sendable {
  private let descriptor: FileDescriptor
  private let unixPath: String?

  /// Listens on a numeric address; port 0 takes a free one.
  package init(tcp address: String = "127.0.0.1", port: UInt16, backlog: Int32 = 128) throws(PlatformError) {
    descriptor = FileDescriptor(owning: try check("listen", unsafe cp_listen_tcp(address, port, backlog)))
    unixPath = nil
  }

  /// Listens on a path, which must not exist, and removes it in the end. Who holds the directory's lock may remove a
  /// path left by a crash first.
  package init(unix path: String, backlog: Int32 = 128) throws(PlatformError) {
    descriptor = FileDescriptor(owning: try check("listen", unsafe cp_listen_unix(path, backlog)))
    unixPath = path
  }

  deinit { if let unixPath { _ = unsafe cp_remove_file(unixPath) } }

  /// The TCP port that is listened on.
  package var port: UInt16 { UInt16(max(0, cp_local_port(descriptor.raw))) }

  /// Waits for the next connection. Nil: the wakeup rang, or the time has passed.
  package func accept(or wakeup: Wakeup, timeoutMilliseconds: Int64? = nil) throws(PlatformError) -> Connection? {
    while true {
      let accepted = cp_accept(descriptor.raw)
      if accepted >= 0 { return Connection(FileDescriptor(owning: accepted)) }
      if accepted != -cp_errno_again() { try check("accept", accepted) }
      let readiness = try wait(for: descriptor.raw, toWrite: false, or: wakeup, timeoutMilliseconds: timeoutMilliseconds)
      if readiness != .ready { return nil }
    }
  }
}

/// A stream connection. One thread reads and writes it; any thread may `shutDown` it.
///
/// Every call that can wait takes a wakeup, and throws `.cancelled` when it rings.
package final class Connection: Sendable {
  private let descriptor: FileDescriptor

  init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

  package convenience init(
    tcp address: String = "127.0.0.1", port: UInt16, or wakeup: Wakeup? = nil, timeoutMilliseconds: Int64? = nil
  ) throws(PlatformError) {
    var pending: Int32 = 0
    self.init(FileDescriptor(owning: try check("connect", unsafe cp_connect_tcp(address, port, &pending))))
    if pending != 0 { try finishConnecting(or: wakeup, timeoutMilliseconds) }
  }

  package convenience init(
    unix path: String, or wakeup: Wakeup? = nil, timeoutMilliseconds: Int64? = nil
  ) throws(PlatformError) {
    var pending: Int32 = 0
    self.init(FileDescriptor(owning: try check("connect", unsafe cp_connect_unix(path, &pending))))
    if pending != 0 { try finishConnecting(or: wakeup, timeoutMilliseconds) }
  }

  private func finishConnecting(or wakeup: Wakeup?, _ timeoutMilliseconds: Int64?) throws(PlatformError) {
    switch try waitWritable(or: wakeup, timeoutMilliseconds: timeoutMilliseconds) {
    case .ready: try check("connect", cp_socket_error(descriptor.raw))
    case .woken: throw .cancelled
    case .timedOut: throw .timedOut
    }
  }

  /// Waits for bytes or the peer's end.
  package func waitReadable(or wakeup: Wakeup?, timeoutMilliseconds: Int64? = nil) throws(PlatformError) -> Readiness {
    try wait(for: descriptor.raw, toWrite: false, or: wakeup, timeoutMilliseconds: timeoutMilliseconds)
  }

  /// Waits for room to send.
  package func waitWritable(or wakeup: Wakeup?, timeoutMilliseconds: Int64? = nil) throws(PlatformError) -> Readiness {
    try wait(for: descriptor.raw, toWrite: true, or: wakeup, timeoutMilliseconds: timeoutMilliseconds)
  }

  /// Receives what is there, waiting for at least one byte. 0: the peer sends no more.
  package func receive(into bytes: inout MutableRawSpan, or wakeup: Wakeup?) throws(PlatformError) -> Int {
    let raw = descriptor.raw
    while true {
      let count = unsafe bytes.withUnsafeMutableBytes { unsafe cp_receive(raw, $0.baseAddress, $0.count) }
      if count != -Int64(cp_errno_again()) { return Int(try check("recv", count)) }
      if try waitReadable(or: wakeup) == .woken { throw .cancelled }
    }
  }

  /// The same into an array of at most `count` bytes. Empty: the peer sends no more.
  package func receive(atMost count: Int, or wakeup: Wakeup?) throws(PlatformError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var elements = bytes.mutableSpan
    var span = unsafe elements.mutableBytes
    let received = try receive(into: &span, or: wakeup)
    bytes.removeLast(count - received)
    return bytes
  }

  /// Sends all bytes, waiting for room. When it throws, an unknown part was sent.
  package func send(_ bytes: RawSpan, or wakeup: Wakeup?) throws(PlatformError) {
    let raw = descriptor.raw
    var done = 0
    while done < bytes.byteCount {
      let count = unsafe bytes.withUnsafeBytes { unsafe cp_send(raw, $0.baseAddress! + done, $0.count - done) }
      if count != -Int64(cp_errno_again()) {
        done += Int(try check("send", count))
      } else if try waitWritable(or: wakeup) == .woken {
        throw .cancelled
      }
    }
  }

  package func send(_ bytes: [UInt8], or wakeup: Wakeup?) throws(PlatformError) { try send(unsafe bytes.span.bytes, or: wakeup) }

  /// Whether the peer has closed the connection, or will at least send no more; from any thread.
  package var isPeerGone: Bool { cp_peer_is_gone(descriptor.raw) != 0 }

  /// Ends both directions, from any thread: a wait of the connection's thread ends as at the peer's end.
  package func shutDown() { cp_shutdown(descriptor.raw) }

  /// For a TLS library that reads and writes itself; valid while the connection lives, and non-blocking.
  package var rawDescriptor: Int32 { descriptor.raw }
}
