/// The shortest decimal that reads back as a given binary number, and of those the nearest: `digits * 10^exponent`.
///
/// Schubfach (Giulietti 2020), except that a decimal on the very edge of the rounding interval is not taken: PostgreSQL
/// leaves those out too, so as not to depend on how a reader breaks ties (1e23 prints as 9.999999999999999e+22).
struct ShortestDecimal {
  var digits: UInt64
  var exponent: Int

  /// `value` is finite and not zero; its sign is ignored.
  init(_ value: Double) {
    let fraction = value.significandBitPattern
    let biased = Int(value.exponentBitPattern)
    let significand = biased == 0 ? fraction : fraction | 1 << 52
    let power = biased == 0 ? -1074 : biased - 1075
    if power <= 0, power > -53, significand & (1 << UInt64(-power) &- 1) == 0 {
      // A whole number below 2^53: its own digits.
      self.init(trimming: significand >> UInt64(-power), 0)
      return
    }
    let isLowerHalfAsFar = fraction == 0 && biased > 1
    let k = ShortestDecimal.exponent(power, isLowerHalfAsFar)
    let shift = UInt64(power + ShortestDecimal.log2OfPowerOfTen(-k) + 1)
    let index = (292 - k) * 2
    let (high, low) = (shortestDecimalPowers[index], shortestDecimalPowers[index + 1])
    func scaled(_ quarters: UInt64) -> UInt64 {
      let factor = quarters << shift
      let lower = low.multipliedFullWidth(by: factor)
      let upper = high.multipliedFullWidth(by: factor)
      let (middle, carry) = upper.low.addingReportingOverflow(lower.high)
      return (upper.high &+ (carry ? 1 : 0)) | (middle > 1 ? 1 : 0)
    }
    self.init(
      lower: scaled(4 * significand - (isLowerHalfAsFar ? 1 : 2)), value: scaled(4 * significand),
      upper: scaled(4 * significand + 2), exponent: k)
  }

  /// `value` is finite and not zero; its sign is ignored.
  init(_ value: Float) {
    let fraction = UInt64(value.significandBitPattern)
    let biased = Int(value.exponentBitPattern)
    let significand = biased == 0 ? fraction : fraction | 1 << 23
    let power = biased == 0 ? -149 : biased - 150
    if power <= 0, power > -24, significand & (1 << UInt64(-power) &- 1) == 0 {
      self.init(trimming: significand >> UInt64(-power), 0)
      return
    }
    let isLowerHalfAsFar = fraction == 0 && biased > 1
    let k = ShortestDecimal.exponent(power, isLowerHalfAsFar)
    let shift = UInt64(power + ShortestDecimal.log2OfPowerOfTen(-k) + 1)
    let index = (292 - k) * 2
    let exact = shortestDecimalPowers[index + 1] == 0
    let high = exact ? shortestDecimalPowers[index] : shortestDecimalPowers[index] &+ 1
    func scaled(_ quarters: UInt64) -> UInt64 {
      let product = high.multipliedFullWidth(by: quarters << shift)
      return product.high | (product.low >> 32 > 1 ? 1 : 0)
    }
    self.init(
      lower: scaled(4 * significand - (isLowerHalfAsFar ? 1 : 2)), value: scaled(4 * significand),
      upper: scaled(4 * significand + 2), exponent: k)
  }

  /// Chooses within the open interval from `lower` to `upper`, all in quarters of 10^exponent, rounded to odd.
  private init(lower: UInt64, value: UInt64, upper: UInt64, exponent: Int) {
    let (lowest, highest) = (lower + 1, upper - 1)
    let s = value / 4
    if s >= 10 {
      let tens = s / 10
      let isDownInside = lowest <= 40 * tens
      let isUpInside = 40 * tens + 40 <= highest
      if isDownInside != isUpInside {
        self.init(trimming: tens + (isUpInside ? 1 : 0), exponent + 1)
        return
      }
    }
    let isDownInside = lowest <= 4 * s
    let isUpInside = 4 * s + 4 <= highest
    if isDownInside != isUpInside {
      self.init(trimming: s + (isUpInside ? 1 : 0), exponent)
      return
    }
    let middle = 4 * s + 2
    let roundsUp = value > middle || (value == middle && s & 1 != 0)
    self.init(trimming: s + (roundsUp ? 1 : 0), exponent)
  }

  private init(trimming digits: UInt64, _ exponent: Int) {
    var (digits, exponent) = (digits, exponent)
    while digits != 0, digits % 10 == 0 {
      digits /= 10
      exponent += 1
    }
    self.digits = digits
    self.exponent = exponent
  }

  /// floor(log10(2^power)), or of three quarters of it.
  private static func exponent(_ power: Int, _ isLowerHalfAsFar: Bool) -> Int {
    (power * 1_262_611 - (isLowerHalfAsFar ? 524_031 : 0)) >> 22
  }

  /// floor(log2(10^exponent))
  private static func log2OfPowerOfTen(_ exponent: Int) -> Int { (exponent * 1_741_647) >> 19 }

  /// Appends the number as PostgreSQL lays it out: with an exponent where that is below -4 or at least `threshold`.
  func append(to bytes: inout [UInt8], scientificFrom threshold: Int) {
    let count = decimalDigitCount(UInt128(digits))
    let leading = exponent + count - 1
    if leading < -4 || leading >= threshold {
      let start = bytes.count
      bytes.appendDecimal(digits)
      if count > 1 { bytes.insert(46, at: start + 1) }
      bytes.append(101)
      bytes.append(leading < 0 ? 45 : 43)
      bytes.appendDecimal(UInt64(leading.magnitude), width: 2)
    } else if exponent >= 0 {
      bytes.appendDecimal(digits)
      bytes.append(contentsOf: repeatElement(48, count: exponent))
    } else if leading >= 0 {
      let start = bytes.count
      bytes.appendDecimal(digits)
      bytes.insert(46, at: start + leading + 1)
    } else {
      bytes.append(48)
      bytes.append(46)
      bytes.appendDecimal(digits, width: -exponent)
    }
  }
}
