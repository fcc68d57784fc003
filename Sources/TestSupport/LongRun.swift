internal import Glibc

/// What `scripts/long` asks of the long suites through the environment: how many rounds, from which seed on.
///
/// A long suite is a test that is enabled only while `LongRun.current` is there; it runs the seeds `seed ..< seed + count`, records
/// an issue that names its seed for each fault, and prints nothing else.
package struct LongRun: Sendable {
  package let count: Int
  package let seed: UInt64

  /// Nil in an ordinary run of the tests.
  package static let current: LongRun? = {
    guard let count = integer("LEAT_LONG_COUNT"), let seed = integer("LEAT_LONG_SEED"), count > 0, seed >= 0 else { return nil }
    return LongRun(count: count, seed: UInt64(seed))
  }()

  package var seeds: Range<UInt64> { seed..<seed + UInt64(count) }

  private static func integer(_ name: String) -> Int? {
    unsafe getenv(name).flatMap { unsafe Int(String(cString: $0)) }
  }
}
