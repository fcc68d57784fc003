import TestSupport
import Testing

@testable import SQLiteStorage

@Suite struct LongCrashLogTests {
  /// Three power failures for each seed.
  @Test(.enabled(if: LongRun.current != nil)) func whatWasAcknowledgedOutlivesAPowerFailure() throws {
    for seed in try #require(LongRun.current).seeds {
      if let fault = faultOfRandomCrashes(seed: seed, synchronous: true) { Issue.record("seed \(seed): \(fault)") }
    }
  }
}

@Suite struct LongDamageTests {
  @Test(.enabled(if: LongRun.current != nil)) func aFlippedBitNeverGivesWrongEntries() throws {
    for seed in try #require(LongRun.current).seeds {
      if let fault = try outcomeOfAFlippedBit(in: seed % 2 == 0 ? "" : "-wal", seed: seed).fault { Issue.record("\(fault)") }
    }
  }
}
