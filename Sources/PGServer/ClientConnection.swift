import Engine
import PGWire
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
  /// Since when the session has been answering what the client sent, in monotonic nanoseconds; 0: it waits for the client.
  private let busySince = Atomic<Int64>(0)
  /// That time, once it has been seen that the client is gone.
  private let abandoned = Atomic<Int64>(0)
  private let clock = SystemClock()

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
      if let error = conversation.fatalError { engine.events.note(.log, "connection \(id) has been ended: \(error.message)") }
      socket.shutDown()
      whenEnded()
    }
    thread.withLock { $0 = started }
  }

  func join() { thread.withLock { $0.take() }?.join() }

  /// From the server's thread: cancels the statement that has been running for so long, if its client is gone. A client that
  /// ends its half of the connection and still waits for answers gets those of short statements.
  func cancelIfAbandoned(afterMilliseconds limit: Int64) {
    let since = busySince.load(ordering: .relaxed)
    if since == 0 || clock.monotonicNanoseconds - since < limit * 1_000_000 || !socket.isPeerGone { return }
    if abandoned.exchange(since, ordering: .relaxed) != since {
      engine.events.note(.log, "connection \(id): its client is gone, its statement is cancelled")
    }
    // Again each time: a text may have many statements.
    cancelToken.cancel()
  }

  /// Reads and answers until the client, the server or an error ends it.
  private func serve(_ conversation: inout Conversation) {
    do throws(PlatformError) {
      while true {
        while let action = conversation.nextAction() {
          guard try perform(action, &conversation) else { return }
        }
        try send(&conversation)
        busySince.store(0, ordering: .relaxed)
        let bytes = try socket.receive(atMost: 16_384, or: stopped)
        busySince.store(clock.monotonicNanoseconds, ordering: .relaxed)
        if bytes.isEmpty { return }
        conversation.received(bytes)
      }
    } catch {
      // The socket is gone, or the server stops: a client that still listens is told which.
      guard error == .cancelled else { return engine.events.note(.log, "connection \(id) has been lost: \(error)") }
      conversation.shutDown()
      do throws(PlatformError) { try socket.send(conversation.output, or: nil) } catch { return }
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
      case .openSession(let startup):
        action = conversation.openSession(startup, id, secretKey, isRefused: isRefused)
      default:
        guard let next = conversation.answer(action) else { return true }
        action = next
      }
    }
  }
}
