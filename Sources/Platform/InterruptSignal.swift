internal import Glibc

/// SIGINT, which Ctrl-C sends, as something that a thread waits for.
package enum InterruptSignal {
  /// Makes the signal wait for `wait`. Called before any thread is started, for threads inherit it.
  package static func block() {
    var set = signals
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  package enum Event: Sendable { case interrupted, ended, timedOut }

  /// Waits for one, or for `end`, at most so long; nil: for ever.
  package static func wait(timeoutMilliseconds: Int64? = nil) -> Event {
    var set = signals
    while true {
      let number: Int32
      if let timeoutMilliseconds {
        var time = timespec(tv_sec: Int(timeoutMilliseconds / 1000), tv_nsec: Int(timeoutMilliseconds % 1000) * 1_000_000)
        number = unsafe sigtimedwait(&set, nil, &time)
      } else {
        number = unsafe sigwaitinfo(&set, nil)
      }
      switch number {
      case SIGINT: return .interrupted
      case SIGUSR1: return .ended
      case _ where errno == EAGAIN: return .timedOut
      default: break                                // EINTR: another signal's handler ran
      }
    }
  }

  /// Ends a `wait`, now or the next one.
  package static func end() { kill(getpid(), SIGUSR1) }

  /// SIGUSR1 is nobody's else, and stands for the end.
  private static var signals: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGINT)
    unsafe sigaddset(&set, SIGUSR1)
    return set
  }
}
