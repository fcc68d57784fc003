package import Columnar
package import SQLTypes
import ZSets

/// Whom an exchange gives a row.
package struct ExchangeRule: Sendable {
  /// The columns whose hash, in canonical form, says who owns a row; none: all rows go to the first worker.
  package var keys: [Int]
  /// The types of these columns.
  package var keyTypes: [SQLType]
  /// Rows are with their key's owner already, and stay; only copies of error rows travel.
  package var isDealt = false
  /// Whether every worker gets an error row whose key is poisoned; else the first one does. The right side of a left join
  /// needs it: such a row may be a match of each left row.
  package var copiesUnknownKeys = false

  package init(keys: [Int], types: [SQLType], isDealt: Bool = false, copiesUnknownKeys: Bool = false) {
    self.keys = keys
    keyTypes = keys.map { types[$0] }
    self.isDealt = isDealt
    self.copiesUnknownKeys = copiesUnknownKeys
  }
}

/// Moves each row to the worker that owns its key (DESIGN §4, §9.7). Every worker has one under the same node number.
///
/// - Input: batches and error rows. Output: those that belong here; its own worker's at once, while they are in the cache, the
///   others' at `endTick` in the order of the senders, so that what follows is the same whichever thread was faster.
///   Linear: no state.
/// - A tick ends here when every worker's mark has come, so that all of them have to end it: `Graph` sees to that. It is the one
///   operator that waits, and only where workers run on threads of their own.
/// - Cost: the hash of the key and a copy of the columns for each row. Errors: none.
package final class Exchange: Operator {
  private let rule: ExchangeRule
  private let worker: Int
  private let channels: ExchangeChannels
  /// What this tick brought for other workers.
  private var outbox: [Delivery]
  private var hasSentMarks = false
  package private(set) var figures = OperatorFigures()

  /// - channels: shared by the exchanges of all workers under this number.
  package init(_ rule: ExchangeRule, worker: Int, channels: ExchangeChannels) {
    self.rule = rule
    self.worker = worker
    self.channels = channels
    outbox = Array(repeating: Delivery(), count: channels.workerCount)
  }

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    figures.rowsIn += batch.count
    if rule.isDealt || rule.keys.isEmpty {
      give(batch, to: rule.isDealt ? worker : 0, into: &output)
    } else {
      for (owner, rows) in owners(of: batch).enumerated() where rows.count > 0 {
        give(rows.count == batch.count ? batch : batch.gather(rows), to: owner, into: &output)
      }
    }
    return .more
  }

  private func give(_ batch: Batch, to owner: Int, into output: inout TickOutput) {
    if owner != worker {
      outbox[owner].batches.append(batch)
    } else {
      figures.rowsOut += batch.count
      output.push(batch)
    }
  }

  private func give(_ errors: ErrorBatch, to owner: Int, into output: inout TickOutput) {
    if owner != worker {
      outbox[owner].errors.append(errors)
    } else {
      figures.rowsOut += errors.rows.count
      output.push(errors)
    }
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) {
    figures.rowsIn += errors.rows.count
    if rule.keys.isEmpty {
      give(errors, to: 0, into: &output)
      return
    }
    let unknown = errors.poison.rows(ofAny: Set(rule.keys))
    if !unknown.isEmpty {
      let rows = errors.gather(Selection(unknown.sorted()))
      for owner in outbox.indices where owner == 0 || rule.copiesUnknownKeys { give(rows, to: owner, into: &output) }
    }
    let known = errors.gather(Selection((0..<errors.rows.count).filter { !unknown.contains($0) }))
    if rule.isDealt {
      give(known, to: worker, into: &output)
    } else {
      for (owner, rows) in owners(of: known.data).enumerated() where rows.count > 0 {
        give(known.gather(rows), to: owner, into: &output)
      }
    }
  }

  private func owners(of batch: Batch) -> [Selection] {
    rowsByOwner(
      of: rule.keys.map { batch.columns[$0] }, types: rule.keyTypes, count: batch.count, owners: outbox.count)
  }

  /// Sends the other workers their rows and this one's end-of-tick mark; `endTick` does so too, and then waits for theirs.
  func sendMarks() {
    if hasSentMarks { return }
    hasSentMarks = true
    for other in outbox.indices where other != worker {
      channels.send(outbox[other], from: worker, to: other)
      outbox[other] = Delivery()
    }
  }

  package func endTick(into output: inout TickOutput) {
    sendMarks()
    hasSentMarks = false
    for delivery in channels.receive(at: worker) {
      for batch in delivery.batches { give(batch, to: worker, into: &output) }
      for errors in delivery.errors { give(errors, to: worker, into: &output) }
    }
  }
}

/// Stands where a node has its work on the first worker alone.
package final class Absent: Operator {
  package let figures = OperatorFigures()

  package init() {}

  package func push(_ batch: Batch, port: Int, into output: inout TickOutput) -> Demand {
    preconditionFailure("rows of a node of the first worker went to another one")
  }

  package func push(_ errors: ErrorBatch, port: Int, into output: inout TickOutput) {
    preconditionFailure("error rows of a node of the first worker went to another one")
  }

  package func endTick(into output: inout TickOutput) {}
}
