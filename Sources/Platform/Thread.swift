internal import CPlatform
internal import Synchronization

/// A thread. Its owner ends it (by closing what it waits for) and then joins it, once: none is ever detached.
package final class Thread: Sendable {
  package let name: String
  private let handle: UInt64
  private let joined = Mutex(false)

  /// Starts a thread that runs `body` to its end.
  ///
  /// - name: shown by `ps -L` and debuggers, which keep its first 15 bytes.
  /// - stackBytes: 256 KiB unless the body recurses over user input.
  package init(
    named name: String, stackBytes: Int = 256 << 10, _ body: @escaping @Sendable () -> Void
  ) throws(PlatformError) {
    self.name = name
    let context = unsafe Unmanaged.passRetained(Body(body))
    var handle: UInt64 = 0
    let result = unsafe cp_thread_start(
      &handle, name, stackBytes, { unsafe Unmanaged<Body>.fromOpaque($0!).takeRetainedValue().run() }, context.toOpaque())
    if result < 0 { unsafe context.release() }
    self.handle = handle
    if result < 0 { joined.withLock { $0 = true } }
    try check("pthread_create", result)
  }

  /// Waits until the body has returned.
  package func join() {
    let again = joined.withLock { joined in
      defer { joined = true }
      return joined
    }
    precondition(!again, "thread \(name) was joined already")
    let result = cp_thread_join(handle)
    precondition(result == 0, "thread \(name) cannot be joined")
  }

  deinit { precondition(joined.withLock { $0 }, "thread \(name) was not joined by its owner") }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

/// Keeps the calling thread on one CPU; advice, for benchmarks.
package func pinThread(toCPU cpu: Int) { _ = cp_thread_pin(Int32(cpu)) }
