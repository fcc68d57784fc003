import Platform
import SQLTypes

/// What a thread waits for that asked the driver for something. Fulfilled once.
final class Reply<Value: Sendable>: Sendable {
  private let result = Monitor<Result<Value, SQLError>?>(nil)

  func fulfil(_ result: Result<Value, SQLError>) {
    self.result.update {
      if case .some = $0 { preconditionFailure("a reply is given once") }
      $0 = result
    }
  }

  /// - Errors: what the driver answered.
  func wait() throws(SQLError) -> Value {
    let answer: Result<Value, SQLError>
    do throws(PlatformError) {
      answer = try result.wait { $0 }
    } catch { preconditionFailure("a wait without a cancellation or a timeout ends with its result") }
    return try answer.get()
  }
}
