import KafkaTestSupport
import Testing

/// What runs on the one real broker: one test after another, for some stop it.
@Suite(.serialized, .enabled(if: RealBroker.isAvailable, "\(RealBroker.absence)")) struct RealBrokerTests {}
