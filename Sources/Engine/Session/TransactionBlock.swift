import Platform
import SQLCatalog
import SQLSyntax
import SQLTypes
import StateMemory

/// A transaction that BEGIN opened.
struct TransactionBlock {
  var isolation: TransactionModes.Isolation
  var isReadOnly: Bool
  private(set) var isFailed = false
  /// Its writes so far; COMMIT makes them one tick.
  var pending = PendingChanges()
  /// The tick that all its statements read, once the first has.
  var pinned: (content: PublishedState.Content, snapshot: Snapshot)?

  /// What a serializable transaction has read.
  var relationsRead: Set<RelationID> = []

  /// Those that DECLARE made in it.
  var cursors: [String: Cursor] = [:]

  /// What now() is in all its statements.
  let beganAtMicroseconds: Int64

  init(_ modes: TransactionModes, at microseconds: Int64) {
    beganAtMicroseconds = microseconds
    isolation = modes.isolation ?? .readCommitted
    isReadOnly = modes.isReadOnly ?? false
  }

  /// Whether all its statements read one tick.
  var pinsItsTick: Bool { isolation == .repeatableRead || isolation == .serializable }

  /// What it wrote is forgotten; only its end is accepted now.
  mutating func fail() {
    isFailed = true
    pending = PendingChanges()
    pinned = nil
    cursors = [:]
  }
}

extension Session {
  func begin(_ modes: TransactionModes, at range: SourceRange) throws(SQLError) -> StatementResult {
    if block != nil {
      return StatementResult(tag: "BEGIN", notices: [
        Notice(severity: .warning, state: .activeTransaction, message: "there is already a transaction in progress")
      ])
    }
    if modes.isDeferrable == true { throw .unsupported("DEFERRABLE", at: range) }
    settings.commit()
    block = TransactionBlock(modes, at: engine.clock.wallMicroseconds)
    return StatementResult(tag: "BEGIN")
  }

  func commit(andChain: Bool) throws(SQLError) -> StatementResult {
    guard let ending = block else { return Self.noTransaction("COMMIT") }
    block = andChain ? ending.successor(at: engine.clock.wallMicroseconds) : nil
    if ending.isFailed {
      settings.rollBack()
      return StatementResult(tag: "ROLLBACK")
    }
    if !ending.pending.isEmpty {
      do throws(SQLError) {
        try apply(ending)
      } catch {
        block = nil
        settings.rollBack()
        throw error
      }
    }
    settings.commit()
    heldCursors.merge(ending.cursors.filter(\.value.isHeld)) { $1 }
    return StatementResult(tag: "COMMIT")
  }

  func rollBack(andChain: Bool) -> StatementResult {
    guard let ending = block else { return Self.noTransaction("ROLLBACK") }
    block = andChain ? ending.successor(at: engine.clock.wallMicroseconds) : nil
    settings.rollBack()
    return StatementResult(tag: "ROLLBACK")
  }

  /// Notes what a serializable transaction reads: relations, and where it has written, what the views among them are made of, which
  /// are evaluated from their queries then.
  func noteRead(_ relations: Set<RelationID>) {
    guard let block, block.isolation == .serializable else { return }
    var read = relations
    if !block.pending.isEmpty {
      var next = Array(relations)
      while let id = next.popLast() {
        for input in catalog[id]?.dependencies ?? [] where read.insert(input).inserted { next.append(input) }
      }
    }
    self.block?.relationsRead.formUnion(read)
  }

  /// Makes a transaction's writes one tick.
  ///
  /// - Errors: 23505, or 40001 if a row that it changed has changed since; if it is serializable, also if a relation that it has
  ///   read has.
  private func apply(_ ending: TransactionBlock) throws(SQLError) {
    let reply = Reply<WriteOutcome>()
    var request = WriteRequest(changes: ending.pending.changes, isSynchronous: isSynchronous)
    if ending.isolation == .serializable, let tick = ending.pinned?.content.tick {
      request.reads = WriteRequest.Reads(tick: tick, relations: ending.relationsRead)
    }
    try engine.submit(.write(request, reply), cancelToken)
    if case .stale = try reply.wait(cancelToken) {
      throw SQLError(
        .serializationFailure, "could not serialize access due to concurrent update",
        hint: "The transaction might succeed if retried.")
    }
  }

  private static func noTransaction(_ tag: String) -> StatementResult {
    StatementResult(tag: tag, notices: [
      Notice(severity: .warning, state: .noActiveTransaction, message: "there is no transaction in progress")
    ])
  }
}

extension TransactionBlock {
  /// What AND CHAIN begins: a transaction with the same modes.
  fileprivate func successor(at microseconds: Int64) -> TransactionBlock {
    TransactionBlock(TransactionModes(isolation: isolation, isReadOnly: isReadOnly, isDeferrable: nil), at: microseconds)
  }
}
