internal import CPlatform

/// A bell that a thread can poll beside a socket or wait for alone. Rung stays rung until `clear`.
package final class Wakeup: Sendable {
  let descriptor: FileDescriptor

  package init() throws(PlatformError) { descriptor = FileDescriptor(owning: try check("eventfd", cp_eventfd())) }

  /// Rings the bell, from any thread.
  package func signal() { _ = cp_eventfd_signal(descriptor.raw) }

  /// Makes the bell silent until the next `signal`.
  package func clear() { _ = cp_eventfd_drain(descriptor.raw) }

  package var isSignalled: Bool { cp_poll(-1, 0, descriptor.raw, 0) & 2 != 0 }

  /// Waits for the bell. False: the time has passed.
  package func wait(timeoutMilliseconds: Int64? = nil) -> Bool {
    cp_poll(-1, 0, descriptor.raw, timeoutMilliseconds ?? -1) & 2 != 0
  }

  /// For a library that polls descriptors itself; valid while the wakeup lives.
  package var rawDescriptor: Int32 { descriptor.raw }
}
