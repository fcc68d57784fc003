import Testing

@testable import KafkaConnector

@Suite struct KafkaLibraryTests {
  @Test func theLoadedLibraryIsOneThatWeWereBuiltFor() {
    #expect(KafkaLibrary.isSupported)
    #expect(KafkaLibrary.version.hasPrefix("2."))
  }

  @Test func anOlderLibraryOrAnotherMajorVersionIsNotSupported() {
    #expect(KafkaLibrary.isSupported(loaded: 0x0206_01ff, built: 0x0200_02ff))
    #expect(!KafkaLibrary.isSupported(loaded: 0x0109_02ff, built: 0x0200_02ff))
    #expect(!KafkaLibrary.isSupported(loaded: 0x0300_00ff, built: 0x0200_02ff))
  }
}
