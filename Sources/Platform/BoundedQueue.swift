/// A first-in first-out queue of at most `capacity` elements, between any number of threads.
///
/// | state          | push                 | tryPush   | pop                     | tryPop  |
/// |----------------|----------------------|-----------|-------------------------|---------|
/// | open, not full | appends              | `.pushed` | --                      | --      |
/// | open, full     | waits for room       | `.full`   | --                      | --      |
/// | open, empty    | --                   | --        | waits for an element    | nil     |
/// | not empty      | --                   | --        | takes the first         | takes   |
/// | closed         | throws `.closed`     | `.closed` | takes the rest, then nil | the same |
///
/// A cancellation ends a wait with `.cancelled` and leaves the queue as it was: an element whose push was cancelled is not
/// in the queue. `close` wakes everyone who waits. The queue never drops an element; who must not wait uses `tryPush`
/// and decides what `.full` means.
package final class BoundedQueue<Element: Sendable>: Sendable {
  package enum Push: Sendable { case pushed, full, closed }

  private struct Ring: Sendable {
    var slots: [Element?]
    var first = 0
    var count = 0
    var isClosed = false

    mutating func append(_ element: Element) {
      slots[(first + count) % slots.count] = element
      count += 1
    }

    mutating func takeFirst() -> Element? {
      if count == 0 { return nil }
      let element = slots[first]
      slots[first] = nil
      first = (first + 1) % slots.count
      count -= 1
      return element
    }
  }

  package let capacity: Int
  private let ring: Monitor<Ring>
  private let onPush: Wakeup?

  /// - onPush: signalled after each push and after the close, for a consumer that polls descriptors.
  package init(capacity: Int, onPush: Wakeup? = nil) {
    precondition(capacity > 0, "a queue needs room for one element")
    self.capacity = capacity
    self.onPush = onPush
    ring = Monitor(Ring(slots: Array(repeating: nil, count: capacity)))
  }

  package var count: Int { ring.withLock { $0.count } }
  package var isClosed: Bool { ring.withLock { $0.isClosed } }

  /// Appends, waiting while the queue is full.
  package func push(
    _ element: Element, cancellation: Cancellation? = nil, timeoutMilliseconds: Int64? = nil
  ) throws(QueueEnd) {
    let pushed = try waiting(cancellation, timeoutMilliseconds) { ring in
      if ring.isClosed { return false }
      if ring.count == ring.slots.count { return nil }
      ring.append(element)
      return true
    }
    if !pushed { throw .closed }
    onPush?.signal()
  }

  /// Appends if there is room now.
  package func tryPush(_ element: Element) -> Push {
    let push: Push = ring.update { ring in
      if ring.isClosed { return .closed }
      if ring.count == ring.slots.count { return .full }
      ring.append(element)
      return .pushed
    }
    if push == .pushed { onPush?.signal() }
    return push
  }

  /// Takes the first element, waiting while the queue is open and empty. Nil: closed, and nothing is left.
  package func pop(cancellation: Cancellation? = nil, timeoutMilliseconds: Int64? = nil) throws(QueueEnd) -> Element? {
    try waiting(cancellation, timeoutMilliseconds) { (ring: inout Ring) -> Element?? in
      if let element = ring.takeFirst() { return .some(element) }
      return ring.isClosed ? .some(nil) : nil
    }
  }

  /// Takes the first element if there is one now.
  package func tryPop() -> Element? { ring.update { $0.takeFirst() } }

  /// Takes at most `limit` elements that are there now, in order.
  package func popAll(atMost limit: Int = .max) -> [Element] {
    ring.update { ring in
      var elements: [Element] = []
      while elements.count < limit, let element = ring.takeFirst() { elements.append(element) }
      return elements
    }
  }

  /// No more pushes; what is queued can still be taken. Closing twice is closing once.
  package func close() {
    ring.update { $0.isClosed = true }
    onPush?.signal()
  }

  private func waiting<Result: Sendable>(
    _ cancellation: Cancellation?, _ timeoutMilliseconds: Int64?, _ body: (inout Ring) -> Result?
  ) throws(QueueEnd) -> Result {
    do {
      return try ring.wait(until: body, cancellation: cancellation, timeoutMilliseconds: timeoutMilliseconds)
    } catch {
      throw error == .timedOut ? .timedOut : .cancelled
    }
  }
}

/// Why a queue operation ended without its element.
package enum QueueEnd: Error, Equatable, Sendable { case closed, cancelled, timedOut }
