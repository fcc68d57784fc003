import Platform
import Shell

/// Ctrl-C at a terminal: cancels the statement that runs, and ends waits, but not the program.
///
/// readline takes Ctrl-C as a key while a line is edited, so the signal comes only in between. `InterruptSignal.block`
/// was called before any thread was started.
final class TerminalInterrupts: ShellInterrupts {
  private let pressed = Monitor(false)
  private let thread: Thread

  /// - cancel: called from another thread.
  init(cancel: @escaping @Sendable () -> Void) throws(PlatformError) {
    thread = try Thread(named: "interrupts") { [pressed] in
      while InterruptSignal.wait() {
        pressed.update { $0 = true }
        cancel()
      }
    }
  }

  deinit {
    InterruptSignal.end()
    thread.join()
  }

  var isPending: Bool { pressed.withLock { $0 } }
  func clear() { pressed.withLock { $0 = false } }

  func sleep(seconds: Double) -> Bool {
    let milliseconds = Int64(min(seconds, 1e9) * 1000)
    do throws(PlatformError) {
      try pressed.wait(until: { $0 ? () : nil }, timeoutMilliseconds: max(1, milliseconds))
      return false
    } catch { return true }
  }
}

/// A script's: Ctrl-C ends the program, as it does any.
final class NoInterrupts: ShellInterrupts {
  var isPending: Bool { false }
  func clear() {}
  func sleep(seconds: Double) -> Bool {
    Platform.sleep(milliseconds: max(1, Int64(min(seconds, 1e9) * 1000)))
    return true
  }
}
