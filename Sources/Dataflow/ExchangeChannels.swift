import Columnar
import Platform

/// What one worker has for another at the end of a tick. That it is there is the mark.
struct Delivery: Sendable {
  var batches: [Batch] = []
  var errors: [ErrorBatch] = []
}

/// The channels of one exchange: from every worker to every other one, each holding at most one tick.
package final class ExchangeChannels: Sendable {
  /// By receiver, then by sender; nil: its mark has not come.
  private let inboxes: [Monitor<[Delivery?]>]

  package init(workerCount: Int) {
    inboxes = (0..<workerCount).map { _ in Monitor(Array(repeating: nil, count: workerCount)) }
  }

  package var workerCount: Int { inboxes.count }

  /// Delivers with the end-of-tick mark.
  func send(_ delivery: Delivery, from sender: Int, to receiver: Int) {
    inboxes[receiver].update { inbox in
      precondition(inbox[sender] == nil, "a worker ends a tick once")
      inbox[sender] = delivery
    }
  }

  /// Waits for the marks of all other workers, and takes what came with them, by sender; the receiver's own is empty.
  func receive(at receiver: Int) -> [Delivery] {
    do throws(PlatformError) {
      return try inboxes[receiver].wait(
        until: { inbox in
          for sender in inbox.indices where sender != receiver && inbox[sender] == nil { return nil }
          let deliveries = inbox.map { $0 ?? Delivery() }
          for sender in inbox.indices { inbox[sender] = nil }
          return deliveries
        }, spins: WorkerTeam.spins)
    } catch { preconditionFailure("a wait without a cancellation or a timeout ends with its result") }
  }
}
