import SQLSyntax
import SQLTypes

/// WAIT FOR: until what was written to a source is part of every view (DIALECT §6).
extension Session {
  /// - Errors: 22023 for what is no position or no time, 42704 if no source reads the partition, 57014 when the time is over
  ///   or the wait is cancelled; what the source has failed with.
  func wait(for wait: WaitFor) throws(SQLError) -> StatementResult {
    guard let at = wait.position.lastIndex(of: "@"), let offset = Int64(wait.position[wait.position.index(after: at)...]), offset >= 0
    else {
      throw SQLError(
        .invalidParameterValue, "\"\(wait.position)\" is no position", hint: "Positions are written as 'topic-partition@offset'.",
        at: wait.positionRange)
    }
    if block?.pinned != nil {
      throw SQLError(
        .objectNotInPrerequisiteState, "this transaction goes on seeing the tick that it has seen",
        hint: "WAIT FOR belongs before it.", at: wait.positionRange)
    }
    let timeout = try wait.timeout.map { (timeout) throws(SQLError) in try Self.milliseconds(of: timeout) }
    let reply = Reply<Void>()
    let partition = String(wait.position[..<at])
    do throws(SQLError) {
      try engine.submit(.waitFor(PositionWait(partition: partition, offset: offset, reply: reply)), cancelToken)
      guard try reply.wait(cancelToken, timeoutMilliseconds: timeout) != nil else {
        throw SQLError(.queryCanceled, "position \(wait.position) was not reached in time")
      }
    } catch {
      throw error.state == .undefinedObject ? error.located(at: wait.positionRange) : error
    }
    return StatementResult(tag: "WAIT FOR")
  }

  private static func milliseconds(of timeout: Expr) throws(SQLError) -> Int64 {
    let text: String? =
      switch timeout.kind {
      case .string(let text), .interval(let text, fields: nil, precision: nil): text
      default: nil
      }
    guard let milliseconds = text.flatMap(timeoutMilliseconds) else {
      throw SQLError(.invalidParameterValue, "a timeout is an interval, such as '1 s'", at: timeout.range)
    }
    return milliseconds
  }
}
