internal import Synchronization

/// What a client tells beside the messages.
package enum KafkaEvent: Hashable, Sendable {
  /// - level: as syslog's, 0 the worst, 3 an error, 6 for information.
  case log(level: Int32, facility: String, text: String)
  /// For the owner to know of; librdkafka goes on trying, unless it is fatal.
  case error(KafkaError)
  /// So many more came while nobody took them.
  case dropped(count: Int)
}

/// What librdkafka's callbacks tell, until the client's owner takes it.
final class KafkaInbox: Sendable {
  private struct Events { var kept: [KafkaEvent] = []; var dropped = 0 }
  private let events = Mutex(Events())
  private let deliveries = Mutex<[KafkaDelivery]>([])

  /// Between two drains; the first ones tell how it began.
  static let capacity = 256

  func add(_ event: KafkaEvent) {
    events.withLock { events in
      if events.kept.count < Self.capacity { events.kept.append(event) } else { events.dropped += 1 }
    }
  }

  func drainEvents() -> [KafkaEvent] {
    let events = events.withLock { events in
      defer { events = Events() }
      return events
    }
    return events.dropped == 0 ? events.kept : events.kept + [.dropped(count: events.dropped)]
  }

  func add(_ delivery: KafkaDelivery) { deliveries.withLock { $0.append(delivery) } }

  func takeDeliveries() -> [KafkaDelivery] {
    deliveries.withLock { deliveries in
      defer { deliveries = [] }
      return deliveries
    }
  }
}

/// As librdkafka carries it through its callbacks: the client's owner keeps it alive for longer than they run.
extension KafkaInbox {
  var opaque: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

  static func from(opaque: UnsafeMutableRawPointer?) -> KafkaInbox? {
    unsafe opaque.map { unsafe Unmanaged<KafkaInbox>.fromOpaque($0).takeUnretainedValue() }
  }
}
