import TestSupport
import Testing

@testable import SQLTypes

/// Whole numbers whose limbs are often the smallest or the largest, where carries and guessed quotients go wrong.
private func natural(_ random: inout SeededRandom, limbs: Int) -> [UInt32] {
  var result = (0..<Int(random.next() % UInt64(limbs + 1))).map { _ in
    let edges: [UInt32] = [0, 0, 1, 999_999_999, 999_999_998, 500_000_000, 499_999_999]
    let pick = Int(random.next() % 10)
    return pick < edges.count ? edges[pick] : UInt32(random.next() % DecimalNatural.base)
  }
  while result.last == 0 { result.removeLast() }
  return result
}

@Test(arguments: 1...20 as ClosedRange<UInt64>)
func quotientsOfLongDecimalsAreThoseOfTheirProducts(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  for _ in 0..<1000 {
    let (a, b, c) = (natural(&random, limbs: 6), natural(&random, limbs: 5), natural(&random, limbs: 5))
    #expect(DecimalNatural.difference(DecimalNatural.sum(a, b), b) == a, "seed \(seed): \(a) + \(b)")
    if b.isEmpty { continue }
    let rest = DecimalNatural.isLess(c, b) ? c : DecimalNatural.difference(b, [1])
    let dividend = DecimalNatural.sum(DecimalNatural.product(a, b), rest)
    #expect(DecimalNatural.quotient(dividend, b) == a, "seed \(seed): \(dividend) / \(b)")
  }
}

/// The first multiple of a divisor whose last guess is one too large even after it was corrected.
@Test func aGuessedDigitThatIsTooLargeIsTakenBack() {
  let divisor: [UInt32] = [999_999_999, 0, 500_000_000]
  for quotient in [[999_999_998], [999_999_999, 999_999_999], [0, 999_999_999]] as [[UInt32]] {
    let dividend = DecimalNatural.sum(DecimalNatural.product(divisor, quotient), DecimalNatural.difference(divisor, [1]))
    #expect(DecimalNatural.quotient(dividend, divisor) == quotient)
  }
}

@Test(arguments: 1...10 as ClosedRange<UInt64>)
func exponentialsAndLogarithmsUndoEachOther(seed: UInt64) throws {
  var random = SeededRandom(seed: seed)
  for _ in 0..<100 {
    let digits = Int128(random.next() % 1_000_000_000) + 1
    let x = Numeric(unscaled: digits, scale: UInt8(random.next() % 18))
    let fine = try x.multiplied(by: Numeric(unscaled: 10_000_000_000, scale: 10))
    // e^(ln x) is x to about the digits of the logarithm.
    let error = try fine.naturalLogarithm().exponential().subtracting(x).absolute
    #expect(error <= (try x.multiplied(by: Numeric(unscaled: 1, scale: 10))), "seed \(seed): \(x.sqlText)")
    let square = try x.multiplied(by: x)
    #expect(try square.squareRoot() == x && x.raised(to: Numeric(2 as Int64)) == square.rounded(toScale: Int(Swift.max(16, x.scale))))
  }
}
