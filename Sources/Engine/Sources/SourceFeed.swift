import Connectors
import Platform
import SQLCatalog
import SQLTypes

/// A source that runs: hands its events to the driver, few at a time.
///
/// The source fills a queue of its own; a thread moves events from it to the driver's queue while the driver has fewer than
/// `credit` of them. So a source that is faster than the driver waits, and the driver waits at one queue only.
final class SourceFeed: Sendable {
  private static let credit = 16

  private let source: any Source
  private let outstanding = Monitor(0)
  private let stopped = Cancellation()
  private let thread: Platform.Thread

  /// - Errors: what the source does not start with.
  init(
    _ source: any Source, from partitions: [PartitionPosition],
    send: @escaping @Sendable (SourceEvent, Cancellation) throws(SQLError) -> Void
  ) throws(SQLError) {
    self.source = source
    let queue = BoundedQueue<SourceEvent>(capacity: Self.credit)
    try source.start(from: partitions, into: queue)
    let (outstanding, stopped) = (outstanding, stopped)
    do throws(PlatformError) {
      thread = try Platform.Thread(named: "feed \(source.spec.relation)") {
        do {
          while let event = try queue.pop(cancellation: stopped) {
            _ = try outstanding.wait(
              until: { (count: inout Int) -> Bool? in
                if count >= Self.credit { return nil }
                count += 1
                return true
              }, cancellation: stopped)
            // Cancelled too: who stops it may be the one that would make room.
            try send(event, stopped)
          }
        } catch {
          // Stopped, or the engine is shutting down: whoever did it joins this thread.
        }
      }
    } catch {
      source.stop()
      throw SQLError(.insufficientResources, "the thread of source \"\(source.spec.relation)\" does not start: \(error)")
    }
  }

  /// The driver has dealt with an event.
  func release() { outstanding.update { $0 -= 1 } }

  /// Ends the source's threads; events that the driver has not seen are forgotten, and read again after a restart.
  func stop() {
    stopped.cancel()
    source.stop()
    thread.join()
  }
}
