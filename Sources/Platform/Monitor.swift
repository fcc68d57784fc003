internal import CPlatform
internal import Synchronization

/// A state behind a lock, and a way to wait until it is as one needs it.
///
/// A waiter reads the change counter while it holds the lock, lets go, and sleeps only while the counter is unchanged;
/// `update` moves the counter before it lets go. So no change is missed, and nothing is polled. `update` wakes all
/// waiters; it costs a system call only if there is one.
package final class Monitor<State: Sendable>: Sendable {
  private struct Guarded: Sendable { var state: State; var waiters = 0 }
  private let guarded: Mutex<Guarded>
  private let changes = FutexWord()

  package init(_ state: State) { guarded = Mutex(Guarded(state: state)) }

  /// Looks at the state, or changes it in a way that no waiter can be waiting for.
  package func withLock<Result: Sendable, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try guarded.withLock { guarded throws(Failure) in try body(&guarded.state) }
  }

  /// Changes the state and lets every waiter look again. `body` does not wait and takes no other lock.
  package func update<Result: Sendable, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (result, mustWake) = try guarded.withLock { guarded throws(Failure) in
      let result = try body(&guarded.state)
      changes.add()
      return (result, guarded.waiters > 0)
    }
    if mustWake { changes.wakeAll() }
    return result
  }

  /// Runs `body` under the lock until it returns a value, sleeping between changes; `body` may change the state in the
  /// run that returns a value, and waiters then look again.
  ///
  /// - Ends with `.cancelled` when `cancellation` is or becomes cancelled, `.timedOut` after `timeoutMilliseconds`. A
  ///   state that is ready wins over both.
  /// - spins: how often to look whether there was a change before going to sleep; where the next one is likely near.
  package func wait<Result: Sendable>(
    until body: (inout State) -> Result?, cancellation: Cancellation? = nil, timeoutMilliseconds: Int64? = nil,
    spins: Int = 0
  ) throws(PlatformError) -> Result {
    let end = timeoutMilliseconds.map { cp_monotonic_nanoseconds() + $0 * 1_000_000 }
    var (result, seen) = attempt(body, waits: false)
    if let result { return result }
    for _ in 0..<spins {
      cp_pause()
      if changes.value == seen { continue }
      (result, seen) = attempt(body, waits: false)
      if let result { return result }
    }
    let registration = cancellation?.register { [changes] in
      changes.add()
      changes.wakeAll()
    }
    defer { if let registration { cancellation?.unregister(registration) } }
    while true {
      let (result, seen) = attempt(body, waits: true)
      if let result { return result }
      defer { guarded.withLock { $0.waiters -= 1 } }
      if cancellation?.isCancelled == true { throw .cancelled }
      let left = end.map { $0 - cp_monotonic_nanoseconds() }
      if let left, left <= 0 { throw .timedOut }
      changes.sleep(whileEqual: seen, nanoseconds: left)
    }
  }

  /// One look. If there is no result and the caller `waits`, it is counted as a waiter before the lock is let go.
  private func attempt<Result: Sendable>(
    _ body: (inout State) -> Result?, waits: Bool
  ) -> (result: Result?, seen: UInt32) {
    let (result, seen, mustWake) = guarded.withLock { guarded in
      let result = body(&guarded.state)
      if result != nil { changes.add() } else if waits { guarded.waiters += 1 }
      return (result, changes.value, result != nil && guarded.waiters > 0)
    }
    if mustWake { changes.wakeAll() }
    return (result, seen)
  }
}

/// A 32-bit word that threads sleep on.
@safe
final class FutexWord: @unchecked Sendable {  // the word is only touched by atomic operations, and freed with the last reference
  private let word: UnsafeMutablePointer<UInt32>

  init() {
    unsafe word = .allocate(capacity: 1)
    unsafe word.initialize(to: 0)
  }

  deinit { unsafe word.deallocate() }

  var value: UInt32 { unsafe cp_load_acquire_u32(word) }
  func add() { _ = unsafe cp_fetch_add_u32(word, 1) }
  func wakeAll() { _ = unsafe cp_futex_wake(word, Int32.max) }

  /// Sleeps while the word holds `value`; may also return for no reason.
  func sleep(whileEqual value: UInt32, nanoseconds: Int64?) { _ = unsafe cp_futex_wait(word, value, nanoseconds ?? -1) }
}

/// A flag that ends waits. Once cancelled it stays so.
package final class Cancellation: Sendable {
  private struct State { var isCancelled = false; var next = 0; var wakers: [Int: @Sendable () -> Void] = [:] }
  private let state = Mutex(State())

  package init() {}

  package var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Ends every wait that was given this cancellation, now and later.
  package func cancel() {
    let wakers = state.withLock { state in
      state.isCancelled = true
      return Array(state.wakers.values)
    }
    for wake in wakers { wake() }
  }

  /// Calls `wake` on the cancelling thread, or at once if cancelled already. `wake` does not block.
  package func register(_ wake: @escaping @Sendable () -> Void) -> Int {
    let (number, wasCancelled) = state.withLock { state in
      state.next += 1
      state.wakers[state.next] = wake
      return (state.next, state.isCancelled)
    }
    if wasCancelled { wake() }
    return number
  }

  /// Forgets a waker; one that is being called on another thread may still run.
  package func unregister(_ number: Int) { state.withLock { $0.wakers[number] = nil } }
}
