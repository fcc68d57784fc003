extension Numeric: SQLTextConvertible {
  /// Reads a number as PostgreSQL's `numeric_in` does.
  ///
  /// 22P02 for what is not a number, 22003 for one that needs more than 38 digits or 254 after the point.
  package init(sqlText text: borrowing Span<UInt8>) throws(SQLError) {
    try self.init(sqlText: text, modifier: nil)
  }

  /// Reads a number for a `numeric(p,s)` column: digits beyond the scale round half away from zero, however many.
  package init(sqlText text: borrowing Span<UInt8>, modifier: SQLType.NumericModifier?) throws(SQLError) {
    let range = trimmedRange(text)
    guard let literal = DecimalLiteral(text, range) else {
      guard let special = Numeric(specialText: text, range) else { throw .invalidInput("numeric", text) }
      self = special
      if let modifier { self = try special.rescaled(to: modifier) }
      return
    }
    if literal.digitCount <= 18, literal.exponent == 0, literal.fractionDigits <= 254 {
      let magnitude = Int128(literal.leadingDigits)
      self.init(unscaled: literal.isNegative ? -magnitude : magnitude, scale: UInt8(literal.fractionDigits))
      if let modifier { self = try rescaled(to: modifier) }
      return
    }
    guard let value = Numeric(literal, of: text, keeping: modifier?.scale) else {
      if let modifier { throw .numericFieldOverflow(modifier) }
      throw .numericOverflow()
    }
    self = value
    if let modifier { self = try value.rescaled(to: modifier) }
  }

  /// NaN and the infinities in PostgreSQL's spellings.
  private init?(specialText text: borrowing Span<UInt8>, _ range: Range<Int>) {
    if spells("nan", text, range) {
      self = .nan
    } else if spells("infinity", text, range) || spells("+infinity", text, range) || spells("inf", text, range)
      || spells("+inf", text, range)
    {
      self = .infinity
    } else if spells("-infinity", text, range) || spells("-inf", text, range) {
      self = .negativeInfinity
    } else {
      return nil
    }
  }

  /// The literal's value, rounded to `keptScale` digits after the point if that is given; nil if it does not fit.
  private init?(_ literal: DecimalLiteral, of text: borrowing Span<UInt8>, keeping keptScale: Int?) {
    let scale = Swift.max(literal.fractionDigits - literal.exponent, 0)
    let zerosAppended = Swift.max(literal.exponent - literal.fractionDigits, 0)
    let dropped = keptScale.map { Swift.max(scale - $0, 0) } ?? 0
    if literal.digitCount == 0 {
      self.init(negative: false, magnitude: 0, scale: scale - dropped)
      return
    }
    let kept = literal.digitCount - dropped
    guard kept + zerosAppended <= Numeric.maximumDigits else { return nil }
    var magnitude: UInt128 = 0
    var roundsUp = false
    if kept >= 0 {
      var seen = 0
      literal.forEachDigit(of: text) { digit in
        if seen < kept {
          magnitude = magnitude &* 10 &+ UInt128(digit)
        } else if seen == kept {
          roundsUp = digit >= 5
        }
        seen += 1
        return seen <= kept
      }
    }
    magnitude = magnitude &* powerOfTen(zerosAppended)
    if roundsUp { magnitude &+= 1 }
    self.init(negative: literal.isNegative, magnitude: magnitude, scale: scale - dropped)
  }

  package func appendSQLText(to bytes: inout [UInt8]) {
    guard isFinite else {
      bytes.append(ascii: isNaN ? "NaN" : (unscaled > 0 ? "Infinity" : "-Infinity"))
      return
    }
    let scale = Int(scale)
    bytes.append(addingCapacity: Swift.max(42, scale + 3)) { output in
      if unscaled < 0 { output.append(45) }
      var digits = InlineArray<40, UInt8>(repeating: 48)
      var start = 40
      var rest = unscaled.magnitude
      // 19 digits at a time, from the last backwards.
      while rest >> 64 != 0 {
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
        let next = start - 19
        digits.fillDecimal(UInt64(truncatingIfNeeded: remainder), before: &start)
        start = next
        rest = quotient
      }
      digits.fillDecimal(UInt64(truncatingIfNeeded: rest), before: &start)
      if scale == 0 {
        output.append(digits, from: Swift.min(start, 39))
      } else if scale < 40 {
        let point = 40 - scale
        start = Swift.min(start, point - 1)
        while start < point {
          output.append(digits[start])
          start &+= 1
        }
        output.append(46)
        output.append(digits, from: point)
      } else {
        output.append(48)
        output.append(46)
        for _ in 40..<scale { output.append(48) }
        output.append(digits, from: 0)
      }
    }
  }
}
