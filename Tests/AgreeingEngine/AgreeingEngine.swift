package import PGWire

extension ConnectionProtocol {
  /// Answers an action as an engine that agrees to everything: for tests and fuzzers that only care that nothing traps.
  ///
  /// - Returns: the action of the answer, if one was owed.
  package mutating func agree(to action: Action, into out: inout BackendEncoder) -> Action? {
    switch action {
    case .proceed, .flush, .cancel, .closeStatement, .closePortal, .closeCursor, .beginCopyIn, .copyData, .close: return nil
    case .beginTLS: return tlsBegan()
    case .openSession, .authenticate:
      return sessionOpened(parameters: [], processID: 1, secretKey: 2, into: &out)
    case .query(let sql):
      if sql.contains("copy") { return copyInBegan(.text, columnFormats: [], into: &out) }
      _ = commandCompleted("SELECT 0", into: &out)
      return queryEnded()
    case .parse: return parsed(parameterCount: 2, into: &out)
    case .bind(_, _, let bind):
      for index in 0..<bind.parameterCount { _ = (bind.value(index), bind.format(ofParameter: index)) }
      return bound(into: &out)
    case .describeStatement: return describedStatement(parameterTypes: [], fields: nil, into: &out)
    case .describePortal, .describeCursor: return describedPortal(fields: nil, into: &out)
    case .execute, .executeCursor: return suspended(into: &out)
    case .copyDone:
      let next = commandCompleted("COPY 0", into: &out)
      if case .answering(.query) = state { return queryEnded() }
      return next
    case .abortCopy, .abort: return aborted()
    case .sync: return readyForQuery(.idle, into: &out)
    }
  }
}
