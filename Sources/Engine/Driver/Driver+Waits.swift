import Connectors
import SQLCatalog
import SQLTypes

/// Somebody waits until a source's partition has been taken in past an offset.
struct PositionWait: Sendable {
  /// As `leat.partitions` names it.
  let partition: String
  let offset: Int64
  let reply: Reply<Void>
}

/// Waits for positions. Several sources may read one partition: all of them have to be there, and are started if nobody reads them
/// yet.
extension Driver {
  func wait(for wait: PositionWait) {
    let reading = sources.filter { $0.value.reads(wait.partition) }
    if reading.isEmpty {
      return wait.reply.fulfil(.failure(SQLError(.undefinedObject, "no source reads partition \"\(wait.partition)\"")))
    }
    startSources(reading.keys.sorted(), nil)
    positionWaits.append(wait)
    answerPositionWaits()
  }

  /// Answers those whose positions the newest tick has, and forgets those that nobody waits for any more.
  func answerPositionWaits() {
    if positionWaits.isEmpty { return }
    positionWaits.removeAll { wait in
      if !wait.reply.isAwaited { return true }
      guard let answer = answer(to: wait) else { return false }
      wait.reply.fulfil(answer)
      return true
    }
  }

  private func answer(to wait: PositionWait) -> Result<Void, SQLError>? {
    for source in sources.values where source.reads(wait.partition) {
      if let failure = source.failure { return .failure(failure) }
      let position = source.partitions.first { $0.name == wait.partition }.flatMap { source.spec.connector.offset(of: $0.position) }
      guard let position, position > wait.offset else { return nil }
    }
    return .success(())
  }

  func refusePositionWaits(_ error: SQLError) {
    for wait in positionWaits { wait.reply.fulfil(.failure(error)) }
    positionWaits = []
  }
}
