import Synchronization
import Testing

@testable import Platform

/// Runs `body` on a thread of its own, calls `end` once the thread had time to wait, and joins it: a wait that cannot be
/// ended hangs here, and the time limit names the test.
private func onThread(_ body: @escaping @Sendable () -> Void, thenEnd end: () -> Void) throws {
  let thread = try Thread(named: "waiter", body)
  sleep(milliseconds: 20)
  end()
  thread.join()
}

@Suite(.timeLimit(.minutes(1))) struct WaitTests {
  @Test func aThreadRunsItsBodyAndIsJoined() throws {
    let ran = Mutex(0)
    let threads = try (0..<8).map { number in
      try Thread(named: "worker \(number)") { ran.withLock { $0 += number } }
    }
    for thread in threads { thread.join() }
    #expect(ran.withLock { $0 } == 28)
  }

  @Test func aThreadThatNobodyJoinsIsABrokenInvariant() async {
    await #expect(processExitsWith: .failure) {
      _ = try Thread(named: "lost") {}
      sleep(milliseconds: 50)
    }
  }

  @Test func joiningTwiceIsABrokenInvariant() async {
    await #expect(processExitsWith: .failure) {
      let thread = try Thread(named: "twice") {}
      thread.join()
      thread.join()
    }
  }

  @Test func aMonitorsWaitSeesEveryChange() throws {
    let monitor = Monitor(0)
    let thread = try Thread(named: "counter") {
      for number in 1...1000 {
        _ = try? monitor.wait { $0 == 2 * number - 1 ? true : nil }
        monitor.update { $0 += 1 }
      }
    }
    for number in 1...1000 {
      monitor.update { $0 += 1 }
      _ = try monitor.wait { $0 == 2 * number ? true : nil }
    }
    thread.join()
    #expect(monitor.withLock { $0 } == 2000)
  }

  @Test func aMonitorsWaitEndsByCancellation() throws {
    let monitor = Monitor(0), cancellation = Cancellation()
    try onThread {
      #expect(throws: PlatformError.cancelled) { try monitor.wait(until: { _ in Int?.none }, cancellation: cancellation) }
    } thenEnd: {
      cancellation.cancel()
    }
    #expect(throws: PlatformError.cancelled) { try monitor.wait(until: { _ in Int?.none }, cancellation: cancellation) }
    #expect(try monitor.wait(until: { $0 }, cancellation: cancellation) == 0, "a state that is ready wins")
  }

  @Test func aMonitorsWaitEndsByTime() {
    #expect(throws: PlatformError.timedOut) { try Monitor(0).wait(until: { _ in Int?.none }, timeoutMilliseconds: 5) }
  }

  @Test func aQueueKeepsOrderAndBound() throws {
    let queue = BoundedQueue<Int>(capacity: 3)
    for number in 0..<3 { try queue.push(number) }
    #expect(queue.tryPush(3) == .full)
    #expect(throws: QueueEnd.timedOut) { try queue.push(3, timeoutMilliseconds: 5) }
    #expect(queue.count == 3)
    #expect(queue.tryPop() == 0)
    #expect(queue.tryPush(3) == .pushed)
    #expect(queue.popAll(atMost: 2) == [1, 2])
    #expect(queue.popAll() == [3])
    #expect(queue.tryPop() == nil)
    #expect(throws: QueueEnd.timedOut) { try queue.pop(timeoutMilliseconds: 5) }
  }

  @Test func aClosedQueueGivesItsRestAndTakesNothing() throws {
    let queue = BoundedQueue<Int>(capacity: 3)
    try queue.push(1)
    queue.close()
    queue.close()
    #expect(queue.tryPush(2) == .closed)
    #expect(throws: QueueEnd.closed) { try queue.push(2) }
    #expect(try queue.pop() == 1)
    #expect(try queue.pop() == nil)
  }

  @Test func waitsOfAQueueEndByCloseAndCancellation() throws {
    let full = BoundedQueue<Int>(capacity: 1), empty = BoundedQueue<Int>(capacity: 1)
    try full.push(1)
    try onThread { #expect(throws: QueueEnd.closed) { try full.push(2) } } thenEnd: { full.close() }
    try onThread { #expect(throws: Never.self) { let end = try empty.pop(); #expect(end == nil) } } thenEnd: { empty.close() }

    let cancellation = Cancellation(), open = BoundedQueue<Int>(capacity: 1)
    try onThread {
      #expect(throws: QueueEnd.cancelled) { try open.pop(cancellation: cancellation) }
    } thenEnd: {
      cancellation.cancel()
    }
    try open.push(1)
    #expect(throws: QueueEnd.cancelled) { try open.push(2, cancellation: cancellation) }
    #expect(open.popAll() == [1], "an element whose push was cancelled is not in the queue")
  }

  @Test func aQueueBetweenThreadsLosesAndRepeatsNothing() throws {
    let queue = BoundedQueue<Int>(capacity: 7), sums = Mutex((count: 0, sum: 0)), perProducer = 20_000
    let consumers = try (0..<3).map { number in
      try Thread(named: "consumer \(number)") {
        var last = [Int](repeating: -1, count: 2)
        while let element = try? queue.pop() {
          let producer = element & 1
          if element <= last[producer] { Issue.record("out of order") }
          last[producer] = element
          sums.withLock { $0 = ($0.count + 1, $0.sum + element) }
        }
      }
    }
    let producers = try (0..<2).map { number in
      try Thread(named: "producer \(number)") {
        for index in 0..<perProducer { try? queue.push(2 * index + number) }
      }
    }
    for thread in producers { thread.join() }
    queue.close()
    for thread in consumers { thread.join() }
    let all = 2 * perProducer
    #expect(sums.withLock { $0 } == (count: all, sum: all * (all - 1) / 2))
  }

  @Test func aQueueRingsItsWakeup() throws {
    let wakeup = try Wakeup(), queue = BoundedQueue<Int>(capacity: 2, onPush: wakeup)
    #expect(!wakeup.isSignalled)
    #expect(!wakeup.wait(timeoutMilliseconds: 1))
    try queue.push(1)
    #expect(wakeup.wait())
    wakeup.clear()
    #expect(!wakeup.isSignalled)
    queue.close()
    #expect(wakeup.isSignalled)
  }

  @Test func waitsOfSocketsEndByWakeup() throws {
    let listener = try Listener(port: 0), wakeup = try Wakeup()
    try onThread {
      #expect(throws: Never.self) {
        let connection = try listener.accept(or: wakeup)
        #expect(connection == nil)
      }
    } thenEnd: {
      wakeup.signal()
    }
    wakeup.clear()
    let client = try Connection(port: listener.port), server = try #require(try listener.accept(or: wakeup))
    try onThread {
      #expect(throws: PlatformError.cancelled) { try client.receive(atMost: 10, or: wakeup) }
    } thenEnd: {
      wakeup.signal()
    }
    wakeup.clear()
    try onThread {
      #expect(throws: PlatformError.cancelled) { try client.send([UInt8](repeating: 1, count: 64 << 20), or: wakeup) }
    } thenEnd: {
      wakeup.signal()
    }
    try onThread {
      #expect(throws: Never.self) { while try !server.receive(atMost: 1 << 20, or: nil).isEmpty {} }
    } thenEnd: {
      server.shutDown()
    }
  }
}
