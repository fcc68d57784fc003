internal import Glibc

/// SIGTERM and SIGINT as something that a thread waits for, so that no code runs inside of a signal handler.
package enum TerminationSignals {
  /// Makes the signals wait for `wait`. Called before any thread is started, for threads inherit it.
  package static func block() {
    var set = signals
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Returns when one has come.
  package static func wait() {
    var set = signals
    var number: Int32 = 0
    while unsafe sigwait(&set, &number) != 0 {}
  }

  private static var signals: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGTERM)
    unsafe sigaddset(&set, SIGINT)
    return set
  }
}
