package import Platform
package import SQLTypes
import Synchronization

/// Something that happened to an instance without a statement that could tell of it: a source that stopped, refused rows, a lost
/// connection.
package struct EngineEvent: Sendable {
  /// Since 1970, UTC.
  package var microseconds: Int64
  package var severity: Severity
  package var message: String

  /// A line for whoever runs the program.
  package var line: String {
    var bytes: [UInt8] = []
    SQLTimestamp(microseconds: microseconds).appendZonedSQLText(to: &bytes)
    return "\(String(decoding: bytes, as: UTF8.self)) \(severity.rawValue):  \(message)\n"
  }
}

/// The newest events, which `leat.log` lists. Any thread may note one.
package final class EventLog: Sendable {
  private static let eventsKept = 1000

  private let clock: any Clock
  private let events = Mutex<[EngineEvent]>([])
  private let tell: @Sendable (EngineEvent) -> Void

  /// - tell: is told each event, by the thread that notes it, before the next one.
  package init(clock: any Clock, tell: @escaping @Sendable (EngineEvent) -> Void = { _ in }) {
    self.clock = clock
    self.tell = tell
  }

  package func note(_ severity: Severity, _ message: String) {
    events.withLock { events in
      let event = EngineEvent(microseconds: clock.wallMicroseconds, severity: severity, message: message)
      events.append(event)
      if events.count > Self.eventsKept { events.removeFirst(events.count - Self.eventsKept) }
      tell(event)
    }
  }

  var all: [EngineEvent] { events.withLock { $0 } }
}
