import Platform
import SQLTypes

/// What a thread waits for that asked the driver for something. Fulfilled once.
final class Reply<Value: Sendable>: Sendable {
  private enum State: Sendable {
    /// The request is in the queue.
    case waiting
    /// The driver has taken the request up.
    case claimed
    case given(Result<Value, SQLError>)
    /// Nobody waits any more.
    case left
  }

  private let state = Monitor(State.waiting)

  /// The driver's: takes the request up, from then on it is carried out and answered; false if nobody waits for that any more.
  func claim() -> Bool {
    state.withLock { state in
      if case .left = state { return false }
      state = .claimed
      return true
    }
  }

  func fulfil(_ result: Result<Value, SQLError>) {
    state.update { state in
      switch state {
      case .given: preconditionFailure("a reply is given once")
      case .left: break
      case .waiting, .claimed: state = .given(result)
      }
    }
  }

  /// Whether somebody waits for it.
  var isAwaited: Bool {
    state.withLock { state in
      if case .left = state { false } else { true }
    }
  }

  /// Waits for what the driver answers at some time and does not claim.
  ///
  /// - timeoutMilliseconds: nil: for ever.
  /// - Returns: nil when the time is over.
  /// - Errors: what the driver answered; 57014 if the statement is cancelled.
  func wait(_ token: CancelToken, timeoutMilliseconds: Int64?) throws(SQLError) -> Value? {
    let result: Result<Value, SQLError>
    do throws(PlatformError) {
      result = try answer(token.cancellation, timeoutMilliseconds)
    } catch {
      let isTimedOut = error == .timedOut
      let given: Result<Value, SQLError>? = state.update { state in
        if case .given(let result) = state { return result }
        state = .left
        return nil
      }
      if let given { return try given.get() }
      if isTimedOut { return nil }
      throw CancelToken.error
    }
    return try result.get()
  }

  /// - Errors: what the driver answered.
  func wait() throws(SQLError) -> Value {
    let result: Result<Value, SQLError>
    do throws(PlatformError) { result = try answer(nil) } catch {
      preconditionFailure("a wait without a cancellation or a timeout ends with its result")
    }
    return try result.get()
  }

  /// Waits until the answer is there or the statement is cancelled. Once the driver has taken the request up, its answer
  /// is waited for all the same: what is told is then what has happened.
  ///
  /// - whenClaimed: called if the wait is cancelled after that: it may ask the driver to stop.
  /// - Errors: what the driver answered; 57014 if it will not take the request up any more.
  func wait(_ token: CancelToken, whenClaimed: () throws(SQLError) -> Void = {}) throws(SQLError) -> Value {
    let result: Result<Value, SQLError>?
    do throws(PlatformError) { result = try answer(token.cancellation) } catch {
      result = nil
      let hasLeft = state.update { state in
        guard case .waiting = state else { return false }
        state = .left
        return true
      }
      if hasLeft { throw CancelToken.error }
    }
    if let result { return try result.get() }
    try whenClaimed()
    return try wait()
  }

  private func answer(
    _ cancellation: Cancellation?, _ timeoutMilliseconds: Int64? = nil
  ) throws(PlatformError) -> Result<Value, SQLError> {
    try state.wait(
      until: { state in
        if case .given(let result) = state { result } else { nil }
      }, cancellation: cancellation, timeoutMilliseconds: timeoutMilliseconds)
  }
}
