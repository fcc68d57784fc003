/// 10^0 ... 10^19: every power of ten in 64 bits.
@usableFromInline
let smallPowersOfTen: [20 of UInt64] = [
  1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
  100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
  10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
]

/// 10^exponent for exponents 0 ... 38.
@inlinable
package func powerOfTen(_ exponent: Int) -> UInt128 {
  exponent < 20
    ? UInt128(smallPowersOfTen[exponent])
    : UInt128(UInt64(10_000_000_000_000_000_000)) &* UInt128(smallPowersOfTen[exponent &- 19])
}

/// How many decimal digits `value` has; 1 for zero.
@inlinable
package func decimalDigitCount(_ value: UInt128) -> Int {
  // 1233 / 4096 is log10(2) to four digits, enough to be at most one too low below 2^128.
  let bits = 128 &- value.leadingZeroBitCount
  let estimate = (bits &* 1233) >> 12
  if estimate >= 39 { return 39 }
  return value >= powerOfTen(estimate) ? estimate &+ 1 : Swift.max(estimate, 1)
}
