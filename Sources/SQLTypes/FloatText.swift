extension Double: SQLTextConvertible {
  /// Reads a number as PostgreSQL's `float8in` does, correctly rounded; no hexadecimal forms.
  package init(sqlText text: borrowing Span<UInt8>) throws(SQLError) {
    let range = trimmedRange(text)
    if let literal = DecimalLiteral(text, range) {
      guard let value = Double(literal, of: text, range) else {
        throw .floatOutOfRange("double precision", text)
      }
      self = value
    } else if let special = specialFloat(text, range) {
      self = special
    } else {
      throw .invalidInput("double precision", text)
    }
  }

  /// The nearest double; nil if that is infinite, or zero although the number is not.
  init?(_ literal: DecimalLiteral, of text: borrowing Span<UInt8>, _ range: Range<Int>) {
    if literal.digitCount == 0 {
      self = literal.isNegative ? -0.0 : 0
      return
    }
    let exponent = literal.exponent - literal.fractionDigits
    let magnitude: Double
    if literal.digitCount <= 15, exponent.magnitude <= 22 {
      // Both operands are exact, so that the one rounding is the right one (Clinger 1990).
      let digits = Double(literal.leadingDigits)
      let power = exactPowersOfTen[Int(exponent.magnitude)]
      magnitude = exponent < 0 ? digits / power : digits * power
    } else if let near = BinaryApproximation(literal, of: text, exponent: exponent) {
      magnitude = Double(sign: .plus, exponent: near.exponent, significand: Double(near.bits))
    } else {
      guard let value = Double(String(bytes: text.extracting(range))) else { return nil }
      if value.isInfinite || value == 0 { return nil }
      self = value
      return
    }
    self = literal.isNegative ? -magnitude : magnitude
  }

  /// Appends the shortest decimal that reads back as the same double.
  package func appendSQLText(to bytes: inout [UInt8]) {
    if appendSpecialFloat(self, to: &bytes) { return }
    if self < 0 { bytes.append(45) }
    ShortestDecimal(self).append(to: &bytes, scientificFrom: 15)
  }
}

extension Float: SQLTextConvertible {
  /// Reads a number as PostgreSQL's `float4in` does, correctly rounded; no hexadecimal forms.
  package init(sqlText text: borrowing Span<UInt8>) throws(SQLError) {
    let range = trimmedRange(text)
    if let literal = DecimalLiteral(text, range) {
      guard let value = Float(literal, of: text, range) else { throw .floatOutOfRange("real", text) }
      self = value
    } else if let special = specialFloat(text, range) {
      self = Float(special)
    } else {
      throw .invalidInput("real", text)
    }
  }

  /// The nearest float; nil if that is infinite, or zero although the number is not.
  init?(_ literal: DecimalLiteral, of text: borrowing Span<UInt8>, _ range: Range<Int>) {
    if literal.digitCount == 0 {
      self = literal.isNegative ? -0.0 : 0
      return
    }
    let exponent = literal.exponent - literal.fractionDigits
    // From 10^-37 on there is no subnormal float, whose second rounding would be one too many.
    if exponent >= -37, let near = BinaryApproximation(literal, of: text, exponent: exponent) {
      let magnitude = Float(sign: .plus, exponent: near.exponent, significand: Float(near.bits))
      self = literal.isNegative ? -magnitude : magnitude
    } else {
      guard let value = Float(String(bytes: text.extracting(range))) else { return nil }
      if value.isInfinite || value == 0 { return nil }
      self = value
    }
  }

  /// Appends the shortest decimal that reads back as the same float.
  package func appendSQLText(to bytes: inout [UInt8]) {
    if appendSpecialFloat(Double(self), to: &bytes) { return }
    if self < 0 { bytes.append(45) }
    ShortestDecimal(self).append(to: &bytes, scientificFrom: 6)
  }
}

/// 10^0 ... 10^22: the powers that a double holds exactly.
private let exactPowersOfTen: [23 of Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]

/// NaN and the infinities, with or without a sign.
private func specialFloat(_ text: borrowing Span<UInt8>, _ range: Range<Int>) -> Double? {
  var range = range
  var isNegative = false
  if let first = range.first, text[first] == 45 || text[first] == 43 {
    isNegative = text[first] == 45
    range = first + 1..<range.upperBound
  }
  if spells("nan", text, range) { return .nan }
  if spells("inf", text, range) || spells("infinity", text, range) { return isNegative ? -.infinity : .infinity }
  return nil
}

/// Appends NaN, an infinity or a zero; says whether `value` was one.
private func appendSpecialFloat(_ value: Double, to bytes: inout [UInt8]) -> Bool {
  if value.isNaN {
    bytes.append(ascii: "NaN")
  } else if value.isInfinite {
    bytes.append(ascii: value < 0 ? "-Infinity" : "Infinity")
  } else if value == 0 {
    bytes.append(ascii: value.sign == .minus ? "-0" : "0")
  } else {
    return false
  }
  return true
}
