/// How long ticks took, and of that their publish phases: histograms of constant size, so that they are always kept.
package struct TickDurations: Sendable {
  /// From when the driver took the tick's first command until what it made was published.
  package private(set) var whole = Histogram()
  /// How long readers could not begin, because rows and catalog were changing.
  package private(set) var publish = Histogram()

  package init() {}

  mutating func add(nanoseconds: Int64, publishNanoseconds: Int64) {
    whole.add(nanoseconds)
    publish.add(publishNanoseconds)
  }

  /// Durations by size: each power of two in sixteen steps, so that what is told is at most a sixteenth too long.
  package struct Histogram: Sendable {
    private static let stepBits = 4
    private var counts = [Int](repeating: 0, count: 64 << stepBits)
    package private(set) var count = 0
    package private(set) var maximum: Int64 = 0

    mutating func add(_ nanoseconds: Int64) {
      counts[Self.bucket(max(0, nanoseconds))] += 1
      count += 1
      maximum = max(maximum, nanoseconds)
    }

    /// What a share of them, from 0 to 1, took at most; 0 where there are none.
    package func quantile(_ share: Double) -> Int64 {
      let wanted = max(1, Int((Double(count) * share).rounded(.up)))
      var sum = 0
      for (bucket, number) in counts.enumerated() {
        sum += number
        if sum >= wanted { return min(maximum, Self.end(of: bucket)) }
      }
      return 0
    }

    private static func bucket(_ value: Int64) -> Int {
      if value < 1 << stepBits { return Int(value) }
      let shift = 63 - value.leadingZeroBitCount - stepBits
      return (shift + 1) << stepBits + Int(value >> Int64(shift)) - 1 << stepBits
    }

    /// The greatest value of a bucket.
    private static func end(of bucket: Int) -> Int64 {
      if bucket < 1 << stepBits { return Int64(bucket) }
      let shift = bucket >> stepBits - 1
      let first = Int64(bucket & (1 << stepBits - 1) + 1 << stepBits) << Int64(shift)
      return first + (1 << Int64(shift)) - 1
    }
  }
}
