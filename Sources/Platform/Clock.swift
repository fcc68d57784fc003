internal import CPlatform
internal import Synchronization

/// The time, injected so that a run is a function of its inputs.
package protocol Clock: Sendable {
  /// Microseconds since 1970-01-01 00:00 UTC. It may go backwards when the machine's clock is set.
  var wallMicroseconds: Int64 { get }
  /// Nanoseconds from an arbitrary start; never backwards.
  var monotonicNanoseconds: Int64 { get }
}

/// The machine's clocks.
package struct SystemClock: Clock {
  package init() {}
  package var wallMicroseconds: Int64 { cp_wall_microseconds() }
  package var monotonicNanoseconds: Int64 { cp_monotonic_nanoseconds() }
}

/// A clock that stands still until it is told to move.
package final class FakeClock: Clock {
  private struct Times { var wallMicroseconds: Int64; var monotonicNanoseconds: Int64 }
  private let times: Mutex<Times>

  package init(wallMicroseconds: Int64 = 0) {
    times = Mutex(Times(wallMicroseconds: wallMicroseconds, monotonicNanoseconds: 0))
  }

  package var wallMicroseconds: Int64 { times.withLock { $0.wallMicroseconds } }
  package var monotonicNanoseconds: Int64 { times.withLock { $0.monotonicNanoseconds } }

  /// Moves both clocks forward.
  package func advance(microseconds: Int64) {
    precondition(microseconds >= 0, "a monotonic clock does not go back")
    times.withLock {
      $0.wallMicroseconds += microseconds
      $0.monotonicNanoseconds += microseconds * 1000
    }
  }

  /// Sets the wall clock, also backwards; the monotonic clock stays.
  package func setWall(microseconds: Int64) { times.withLock { $0.wallMicroseconds = microseconds } }
}

/// CPU time of the calling thread, for measurements.
package var threadCPUNanoseconds: Int64 { cp_thread_cpu_nanoseconds() }

/// Stops the calling thread for a while. For tests and for retries whose wait nobody needs to end.
package func sleep(milliseconds: Int64) { cp_sleep_nanoseconds(milliseconds * 1_000_000) }
