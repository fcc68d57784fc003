/// Sums, differences and products, with the scales that PostgreSQL gives their results.
extension Numeric {
  /// The sum, or nil where it needs more than 38 digits. Its scale is the larger one.
  @inlinable
  package func addingIfFits(_ other: Numeric) -> Numeric? {
    if scale == other.scale, scale != 255 {
      // Two magnitudes below 10^38 do not always have a sum below 2^127.
      let (sum, overflow) = unscaled.addingReportingOverflow(other.unscaled)
      guard !overflow, sum.magnitude < Numeric.limit else { return nil }
      return Numeric(unscaled: sum, scale: scale)
    }
    return addingAligned(other)
  }

  @usableFromInline
  func addingAligned(_ other: Numeric) -> Numeric? {
    guard isFinite, other.isFinite else {
      if isNaN || other.isNaN { return .nan }
      if !isFinite, !other.isFinite, unscaled != other.unscaled { return .nan }
      return isFinite ? other : self
    }
    let target = Swift.max(scale, other.scale)
    guard let left = magnitude(atScale: Int(target)), left < Numeric.limit,
      let right = other.magnitude(atScale: Int(target)), right < Numeric.limit
    else { return addingWide(other, target: Int(target)) }
    let leftSigned = isNegative ? 0 &- Int128(truncatingIfNeeded: left) : Int128(truncatingIfNeeded: left)
    let rightSigned = other.isNegative ? 0 &- Int128(truncatingIfNeeded: right) : Int128(truncatingIfNeeded: right)
    let (sum, overflow) = leftSigned.addingReportingOverflow(rightSigned)
    guard !overflow, sum.magnitude < Numeric.limit else { return nil }
    return Numeric(unscaled: sum, scale: target)
  }

  /// One operand needs 39 digits at the common scale; where the signs differ the sum may still have fewer.
  private func addingWide(_ other: Numeric, target: Int) -> Numeric? {
    guard isNegative != other.isNegative, let left = magnitude(atScale: target),
      let right = other.magnitude(atScale: target)
    else { return nil }
    let negative = left > right ? isNegative : other.isNegative
    return Numeric(negative: negative, magnitude: left > right ? left - right : right - left, scale: target)
  }

  @inlinable
  package func adding(_ other: Numeric) throws(SQLError) -> Numeric {
    guard let sum = addingIfFits(other) else { throw .numericOverflow() }
    return sum
  }

  @inlinable
  package func subtracting(_ other: Numeric) throws(SQLError) -> Numeric {
    guard let difference = addingIfFits(other.negated) else { throw .numericOverflow() }
    return difference
  }

  /// The product, or nil where it does not fit. Its scale is the sum of the scales.
  @inlinable
  package func multipliedIfFits(by other: Numeric) -> Numeric? {
    guard scale != 255, other.scale != 255 else { return multipliedSpecially(by: other) }
    let scale = Int(scale) &+ Int(other.scale)
    if let left = Int64(exactly: unscaled), let right = Int64(exactly: other.unscaled), scale <= 254 {
      let (high, low) = left.multipliedFullWidth(by: right)
      let product = Int128(high) << 64 | Int128(low)
      // Two 63-bit magnitudes: at most 2^126, which is below 10^38.
      return Numeric(unscaled: product, scale: UInt8(truncatingIfNeeded: scale))
    }
    let (product, overflow) = unscaled.multipliedReportingOverflow(by: other.unscaled)
    return overflow ? nil : Numeric(exactly: product, scale: scale)
  }

  @usableFromInline
  func multipliedSpecially(by other: Numeric) -> Numeric {
    if isNaN || other.isNaN || isZero || other.isZero { return .nan }
    return isNegative == other.isNegative ? .infinity : .negativeInfinity
  }

  @inlinable
  package func multiplied(by other: Numeric) throws(SQLError) -> Numeric {
    guard let product = multipliedIfFits(by: other) else { throw .numericOverflow() }
    return product
  }

  @inlinable
  package var negated: Numeric {
    isNaN ? self : Numeric(unscaled: 0 &- unscaled, scale: scale)
  }

  /// `abs(n)`
  @inlinable
  package var absolute: Numeric { unscaled < 0 ? negated : self }

  /// `sign(n)`: -1, 0, 1 or NaN.
  package var sign: Numeric {
    isNaN ? self : Numeric(unscaled: unscaled.signum(), scale: 0)
  }
}
