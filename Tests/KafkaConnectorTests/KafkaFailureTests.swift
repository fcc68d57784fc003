import KafkaConnector
import KafkaTestSupport
import Platform
import SQLTypes
import Testing

/// Brokers that are not there, go, or refuse.
@Suite struct KafkaFailureTests {
  /// A port where nobody listens.
  private func nobody() throws -> String { "127.0.0.1:\(try Listener(tcp: "127.0.0.1", port: 0).port)" }

  @Test func aConsumerWithoutABrokerClosesSoon() throws {
    let address = try nobody()
    var reader: Reader? = try Reader(consumerProperties(address))
    try reader?.consumer.assign(positions("t", 0..<4))
    for _ in 0..<3 { reader?.consumeOnce() }
    #expect(elapsed { reader = nil } < 1_000_000_000)
  }

  @Test func aConsumerWhoseBrokerWentClosesSoon() throws {
    let cluster = MockCluster()
    cluster.createTopic("t", partitions: 4)
    let producer = try KafkaProducer(producerProperties(cluster.bootstrapServers))
    try producer.fill("t", partition: 0, (0..<1000).map { "\($0)" })
    var reader: Reader? = try Reader(consumerProperties(cluster.bootstrapServers), batchCapacity: 10)
    try reader?.consumer.assign(positions("t", 0..<4))
    reader?.read { !$0.records.isEmpty }
    cluster.setDown()
    reader?.consumeOnce()
    #expect(elapsed { reader = nil } < 1_000_000_000)
  }

  @Test func questionsEndWithTheirTimeout() throws {
    let consumer = try Reader(consumerProperties(try nobody())).consumer
    for ask in [
      { _ = try consumer.partitionCount(of: "t", timeoutMilliseconds: 300) },
      { _ = try consumer.watermarks(of: "t", partition: 0, timeoutMilliseconds: 300) },
      { _ = try consumer.offsets(of: "t", at: [(0, 0)], timeoutMilliseconds: 300) },
    ] as [() throws -> Void] {
      var error: KafkaError?
      let took = elapsed { do { try ask() } catch let thrown { error = thrown as? KafkaError } }
      #expect(error?.sqlState == .unableToConnect)
      #expect(error?.isRetriable == true)
      #expect(took < 5_000_000_000)
    }
  }

  @Test func eventsTellWhyNobodyAnswers() throws {
    let reader = try Reader(consumerProperties(try nobody()))
    var events: [KafkaEvent] = []
    reader.read { reader in
      events += reader.consumer.drainEvents()
      return events.contains { if case .error(let error) = $0 { error.name == "_ALL_BROKERS_DOWN" } else { false } }
    }
    #expect(events.contains { if case .log(let level, _, let text) = $0 { level <= 6 && text.contains("refused") } else { false } })
    #expect(reader.errors == [])
  }

  @Test func aBrokerThatGoesAndComesLosesNothingAndNobodySpins() throws {
    let cluster = MockCluster()
    cluster.createTopic("t", partitions: 2)
    let producer = try KafkaProducer(producerProperties(cluster.bootstrapServers))
    for partition in 0..<2 { try producer.fill("t", partition: partition, (0..<100).map { "\($0)" }) }
    let reader = try Reader(consumerProperties(cluster.bootstrapServers))
    try reader.consumer.assign(positions("t", 0..<2))
    #expect(reader.read { $0.ends == [0: 100, 1: 100] })
    for round in 1...3 {
      cluster.setDown()
      let calls = reader.consumeCalls
      let cpu = threadCPUNanoseconds
      let down = elapsed { for _ in 0..<10 { reader.consumeOnce(timeoutMilliseconds: 50) } }
      // Each call waits, but for the few that an error message ends.
      #expect(down > 200_000_000)
      #expect(reader.consumeCalls - calls == 10)
      #expect(threadCPUNanoseconds - cpu < 100_000_000)
      cluster.setUp()
      for partition in 0..<2 { try producer.fill("t", partition: partition, (0..<100).map { "\($0)" }) }
      let end = Int64(100 * (round + 1))
      #expect(reader.read { $0.ends == [0: end, 1: end] })
    }
    for partition in 0..<2 { #expect(reader.records(of: partition).map(\.offset) == (0..<400).map { $0 }) }
    #expect(reader.errors.allSatisfy { $0.isRetriable })
  }

  @Test func refusedFetchesAreTriedAgain() throws {
    let cluster = MockCluster()
    cluster.createTopic("t", partitions: 1)
    let producer = try KafkaProducer(producerProperties(cluster.bootstrapServers))
    try producer.fill("t", partition: 0, (0..<100).map { "\($0)" })
    cluster.failRequests(apiKey: 1, with: [-195, 6, 5, 7])
    cluster.setRoundTrip(milliseconds: 20)
    let reader = try Reader(consumerProperties(cluster.bootstrapServers))
    try reader.consumer.assign(positions("t", 0..<1))
    #expect(reader.read { $0.ends[0] == 100 })
    #expect(reader.records.map(\.offset) == (0..<100).map { $0 })
  }

  @Test func anOffsetThatIsNotThereIsAnErrorOfItsPartition() throws {
    let cluster = MockCluster()
    cluster.createTopic("t", partitions: 1)
    let reader = try Reader(consumerProperties(cluster.bootstrapServers))
    try reader.consumer.assign(positions("t", 0..<1, offset: 1000))
    #expect(reader.read { !$0.errors.isEmpty })
    #expect(reader.errors.map(\.name) == ["_AUTO_OFFSET_RESET"])
  }

  @Test func whatIsNotAssignedIsNeitherPausedNorSought() throws {
    let cluster = MockCluster()
    cluster.createTopic("t", partitions: 1)
    let consumer = try Reader(consumerProperties(cluster.bootstrapServers)).consumer
    let other = KafkaPartition(topic: "t", partition: 0)
    for change in [
      { try consumer.pause([other]) }, { try consumer.resume([other]) }, { try consumer.remove([other]) },
      { try consumer.seek([KafkaPosition(topic: "t", partition: 0, offset: 0)], timeoutMilliseconds: 1000) },
      { try consumer.assign(positions("t", 0..<1) + positions("t", 0..<1)) },
    ] as [() throws -> Void] {
      #expect(throws: KafkaError.self) { try change() }
    }
  }

  @Test func aProducerTellsWhatItCouldNotDeliver() throws {
    let producer = try KafkaProducer(producerProperties(try nobody()).setting("message.timeout.ms", "200"))
    try producer.produce(topic: "t", partition: 0, key: nil, value: [1])
    try producer.flush(timeoutMilliseconds: 10_000)
    let deliveries = producer.takeDeliveries()
    #expect(deliveries.map(\.error?.name) == ["_MSG_TIMED_OUT"])
    #expect(deliveries.map(\.offset) == [nil])
  }
}
