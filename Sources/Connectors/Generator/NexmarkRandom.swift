import Glibc

/// The generator's random numbers: splitmix64, whose whole state is one word.
package struct NexmarkRandom: Hashable, Sendable {
  package var state: UInt64

  package init(state: UInt64) { self.state = state }

  /// The next 64 random bits.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number in `0..<bound`, by remainder as in gen.c (the bias is part of the data); `bound` is positive.
  mutating func below(_ bound: Int64) -> Int64 {
    Int64(next() % UInt64(bound))
  }

  /// A price in cents, 100 * 10^(6u) for uniform u.
  ///
  /// `base` is 10, handed in from memory: for a constant base LLVM calls `exp10`, whose last bit can differ from `pow`.
  mutating func price(base: Double) -> Int64 {
    let uniform = Double(next() >> 11) * 0x1p-53
    return Int64(llround(pow(base, uniform * 6) * 100))
  }
}
