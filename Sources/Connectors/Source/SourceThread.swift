package import Platform
package import SQLTypes
internal import Synchronization

/// The thread of a source: starts it, ends it, and hands its events over.
package final class SourceThread: Sendable {
  private let thread = Mutex<Thread?>(nil)
  private let cancellation = Cancellation()

  package init() {}

  /// Runs `body` on a new thread. Afterwards the queue has `.ended`, or `.failed`, or, stopped, nothing more, and is closed.
  package func start(
    named name: String, _ queue: BoundedQueue<SourceEvent>,
    _ body: @escaping @Sendable (borrowing SourceOutput) throws(SourceEnd) -> Void
  ) throws(SQLError) {
    let output = SourceOutput(queue, cancellation)
    do throws(PlatformError) {
      let started = try Thread(named: name) {
        do throws(SourceEnd) {
          try body(output)
          try output.send(.ended)
        } catch {
          if case .failed(let failure) = error { try? output.send(.failed(failure)) }
        }
        queue.close()
      }
      let isSecond = thread.withLock { thread in
        defer { thread = thread ?? started }
        return thread != nil
      }
      precondition(!isSecond, "a source is started once")
    } catch {
      throw SQLError(.insufficientResources, "could not start a thread: \(error)")
    }
  }

  package func stop() {
    cancellation.cancel()
    let started = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    started?.join()
  }
}

/// Why a source's thread ends before its source does.
package enum SourceEnd: Error {
  case stopped
  case failed(SourceFailure)
}

/// What a source's thread sees of the world.
package struct SourceOutput: Sendable {
  private let queue: BoundedQueue<SourceEvent>
  private let cancellation: Cancellation
  private let idle = Monitor(())

  init(_ queue: BoundedQueue<SourceEvent>, _ cancellation: Cancellation) {
    self.queue = queue
    self.cancellation = cancellation
  }

  package var isStopped: Bool { cancellation.isCancelled }

  /// Puts an event into the queue, waiting for room.
  package func send(_ event: SourceEvent) throws(SourceEnd) {
    do throws(QueueEnd) {
      try queue.push(event, cancellation: cancellation)
    } catch {
      throw .stopped
    }
  }

  /// Lets time pass, unless the source is stopped.
  package func wait(milliseconds: Int64) throws(SourceEnd) {
    do throws(PlatformError) {
      let _: Bool = try idle.wait(until: { _ in nil }, cancellation: cancellation, timeoutMilliseconds: milliseconds)
    } catch {
      if error != .timedOut { throw .stopped }
    }
  }

  /// Runs `body`, whose error stops the source.
  package func failing<Result>(in partition: Int?, _ body: () throws(SQLError) -> Result) throws(SourceEnd) -> Result {
    do throws(SQLError) {
      return try body()
    } catch {
      throw .failed(SourceFailure(partition: partition, error: error))
    }
  }
}
