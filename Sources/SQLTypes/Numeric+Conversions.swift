/// Between numeric and the other number types.
extension Numeric {
  @inlinable package init(_ value: Int64) { self.init(unscaled: Int128(value), scale: 0) }
  @inlinable package init(_ value: Int32) { self.init(unscaled: Int128(value), scale: 0) }
  @inlinable package init(_ value: Int16) { self.init(unscaled: Int128(value), scale: 0) }

  /// 15 significant digits of `value`, as PostgreSQL casts; 22003 from 10^38 on and below 10^-254.
  package init(_ value: Double) throws(SQLError) {
    self = try Numeric.significant(value, digits: 15)
  }

  /// 6 significant digits of `value`.
  package init(_ value: Float) throws(SQLError) {
    self = try Numeric.significant(Double(value), digits: 6)
  }

  /// The nearest integer, halves away from zero, and nil if that is none of `Value`'s.
  @usableFromInline
  func nearestInteger<Value: FixedWidthInteger>(_ type: Value.Type, named name: String) throws(SQLError) -> Value {
    guard isFinite else { throw .cannotConvert(isNaN ? "NaN" : "infinity", to: name) }
    let magnitude = Int128(truncatingIfNeeded: droppingDigits(Int(scale), .halfAwayFromZero))
    guard let value = Value(exactly: isNegative ? -magnitude : magnitude) else { throw .outOfRange(name) }
    return value
  }

  private static func significant(_ value: Double, digits: Int) throws(SQLError) -> Numeric {
    if value.isNaN { return .nan }
    if value.isInfinite { return value < 0 ? .negativeInfinity : .infinity }
    if value == 0 { return .zero }
    guard value.magnitude < 1e38, value.magnitude > 1e-256 else { throw .numericOverflow() }
    // At most one below the decimal exponent.
    var places = digits - 1 - (Int(value.exponent) * 1233) >> 12
    var kept = SignificantDigits.scaled(value.magnitude, places)
    if kept >= powerOfTen(digits) {
      places -= 1
      kept = SignificantDigits.scaled(value.magnitude, places)
    } else if kept < powerOfTen(digits - 1) {
      places += 1
      kept = SignificantDigits.scaled(value.magnitude, places)
    }
    while places > 0, kept % 10 == 0 {
      kept /= 10
      places -= 1
    }
    if places < 0 {
      let (product, overflow) = kept.multipliedReportingOverflow(by: powerOfTen(-places))
      if overflow { throw .numericOverflow() }
      kept = product
      places = 0
    }
    guard let result = Numeric(negative: value < 0, magnitude: kept, scale: places) else { throw .numericOverflow() }
    return result
  }
}

extension Int64 {
  /// Rounds half away from zero; 22003 `bigint out of range`.
  package init(rounding value: Numeric) throws(SQLError) {
    self = try value.nearestInteger(Int64.self, named: "bigint")
  }
}

extension Int32 {
  /// Rounds half away from zero; 22003 `integer out of range`.
  package init(rounding value: Numeric) throws(SQLError) {
    self = try value.nearestInteger(Int32.self, named: "integer")
  }
}

extension Int16 {
  /// Rounds half away from zero; 22003 `smallint out of range`.
  package init(rounding value: Numeric) throws(SQLError) {
    self = try value.nearestInteger(Int16.self, named: "smallint")
  }
}

extension Double {
  /// The nearest double.
  package init(nearest value: Numeric) {
    guard value.isFinite else {
      self = value.isNaN ? .nan : (value.isNegative ? -.infinity : .infinity)
      return
    }
    let magnitude: Double
    if value.isZero {
      magnitude = 0
    } else if value.scale <= 38 {
      let near = BinaryApproximation(value.unscaled.magnitude, scale: Int(value.scale))
      magnitude = Double(sign: .plus, exponent: near.exponent, significand: Double(near.bits))
    } else {
      magnitude = Double(value.absolute.sqlText) ?? 0
    }
    self = value.isNegative ? -magnitude : magnitude
  }
}

extension Float {
  /// The nearest float; 22003 where that is zero although the value is not.
  package init(nearest value: Numeric) throws(SQLError) {
    guard value.isFinite, !value.isZero else {
      self = Float(Double(nearest: value))
      return
    }
    let magnitude: Float
    if value.scale <= 37 {
      let near = BinaryApproximation(value.unscaled.magnitude, scale: Int(value.scale))
      magnitude = Float(sign: .plus, exponent: near.exponent, significand: Float(near.bits))
    } else {
      magnitude = Float(value.absolute.sqlText) ?? 0
      if magnitude == 0 { throw .floatOutOfRange("real", value.sqlText.utf8Span.span) }
    }
    self = value.isNegative ? -magnitude : magnitude
  }
}
