import Platform
import Shell

/// Ctrl-C at a terminal: cancels the statement that runs, and ends waits, but not the program.
///
/// readline takes Ctrl-C as a key while a line is edited, so the signal comes only in between. `InterruptSignal.block`
/// was called before any thread was started.
///
/// A statement clears its cancel token as it begins, and a server forgets a request to cancel what has not come yet. So a
/// press that is a moment too early must not be lost: it is told again until the shell has seen it.
final class TerminalInterrupts: ShellInterrupts {
  private struct State {
    var isPending = false
    /// `cancel` runs on the thread.
    var isCancelling = false
  }

  private static let repeatMilliseconds: Int64 = 200
  private static let clearMilliseconds: Int64 = 2_000

  private let state = Monitor(State())
  private let thread: Thread

  /// - cancel: called from another thread, and not after `clear` until the next press.
  init(cancel: @escaping @Sendable () -> Void) throws(PlatformError) {
    thread = try Thread(named: "interrupts") { [state] in Self.run(state, cancel) }
  }

  private static func run(_ state: Monitor<State>, _ cancel: () -> Void) {
    var timeout: Int64?
    while true {
      switch InterruptSignal.wait(timeoutMilliseconds: timeout) {
      case .ended: return
      case .interrupted: state.update { $0.isPending = true }
      case .timedOut: break
      }
      let isPending = state.withLock { state in
        state.isCancelling = state.isPending
        return state.isPending
      }
      timeout = isPending ? repeatMilliseconds : nil
      if isPending { cancel() }
      state.update { $0.isCancelling = false }
    }
  }

  deinit {
    InterruptSignal.end()
    thread.join()
  }

  var isPending: Bool { state.withLock { $0.isPending } }

  func clear() {
    do throws(PlatformError) {
      let look = { @Sendable (state: inout State) -> Void? in
        state.isPending = false
        return state.isCancelling ? nil : ()
      }
      try state.wait(until: look, timeoutMilliseconds: Self.clearMilliseconds)
    } catch {
      return                                        // a server that does not answer must not hold the shell
    }
  }

  func sleep(seconds: Double) -> Bool {
    let milliseconds = Int64(min(seconds, 1e9) * 1000)
    do throws(PlatformError) {
      try state.wait(until: { $0.isPending ? () : nil }, timeoutMilliseconds: max(1, milliseconds))
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
