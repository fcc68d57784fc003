import Testing

@testable import KafkaConnector

@Suite struct KafkaInboxTests {
  @Test func eventsAreBoundedAndTheRestCounted() {
    let inbox = KafkaInbox()
    let events = (0..<300).map { KafkaEvent.log(level: 6, facility: "TEST", text: "\($0)") }
    for event in events { inbox.add(event) }
    #expect(inbox.drainEvents() == events.prefix(256) + [.dropped(count: 44)])
    #expect(inbox.drainEvents() == [])
    inbox.add(events[0])
    #expect(inbox.drainEvents() == [events[0]])
  }
}
