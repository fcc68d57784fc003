import SQLTypes

/// An engine whose log could not be written takes no more writes.
///
/// The graph has run the tick by the time its entry turns out not to be on the disk, and operators cannot forget what they have
/// taken in. So nothing of that tick is published, and none comes after it: readers go on with the last one that was, and a
/// restart has all that was acknowledged. A change of the catalog is logged before it is applied and does not come here.
extension Driver {
  /// - error: what the log threw.
  func halt(_ error: SQLError) {
    let error = SQLError(
      error.state, "the engine takes no more writes, because its log could not be written: \(error.message)",
      detail: error.detail, hint: "Queries go on with what was committed before. Mend the cause and start the engine again.")
    halted = error
    events.note(.panic, error.message)
    haltJobs(error)
    haltSources(error)
    refusePositionWaits(error)
    endAllSubscriptions(error)
  }

  /// Answers a command of a halted engine; only looking goes on.
  func refuse(_ command: Command, _ error: SQLError) {
    switch command {
    case .write(_, let reply), .writeNow(_, let reply): if reply.claim() { reply.fulfil(.failure(error)) }
    case .catalog(_, let reply): if reply.claim() { reply.fulfil(.failure(error)) }
    case .subscribe(_, let reply): if reply.claim() { reply.fulfil(.failure(error)) }
    case .stepJobs(_, let reply): reply.fulfil(.failure(error))
    case .startSources(_, let reply): reply.fulfil(.failure(error))
    case .waitFor(let wait): wait.reply.fulfil(.failure(error))
    case .source(let id, _, _): sources[id]?.release()
    case .inspect(let look): look(self)
    // Jobs and subscriptions have ended.
    case .cancelJob, .unsubscribe: break
    }
  }
}
