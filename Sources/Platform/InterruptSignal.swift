internal import Glibc

/// SIGINT, which Ctrl-C sends, as something that a thread waits for.
package enum InterruptSignal {
  /// Makes the signal wait for `wait`. Called before any thread is started, for threads inherit it.
  package static func block() {
    var set = signals
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Waits for one.
  ///
  /// - Returns: false after `end`.
  package static func wait() -> Bool {
    var set = signals
    var number: Int32 = 0
    while unsafe sigwait(&set, &number) != 0 {}
    return number == SIGINT
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
