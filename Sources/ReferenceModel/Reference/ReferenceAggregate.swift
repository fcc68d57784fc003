package import Expressions
package import SQLTypes

extension AggregateCall {
  /// The aggregate of a group from its definition (PostgreSQL 15, §9.21): of the rows that its FILTER lets through, the
  /// arguments that are not null; under DISTINCT equal ones once, in canonical form (DESIGN §9.13).
  ///
  /// - Errors: 22003 where the result leaves its type.
  package func value(of group: [Row], types: [SQLType]) throws(SQLError) -> Value {
    let rows = group.filter { row in filter.map { row[$0] == .boolean(true) } ?? true }
    guard let argument else { return .bigint(Int64(rows.count)) }
    if let key { return Self.chosen(rows, argument, key, isLeast: function == .argMin) }
    var values = rows.map { $0[argument] }.filter { !$0.isNull }
    if isDistinct {
      values = Array(Set(values.map { $0.canonical(as: types[argument]) }))
    }
    switch function {
    case .count: return .bigint(Int64(values.count))
    case .min: return values.dropFirst().reduce(values.first ?? .null) { Self.isLess($1, $0) ? $1 : $0 }
    case .max: return values.dropFirst().reduce(values.first ?? .null) { Self.isLess($0, $1) ? $1 : $0 }
    case .argMin, .argMax: preconditionFailure("chosen by a key")
    case .sum: return values.isEmpty ? .null : try Self.sum(values, result)
    case .avg: return values.isEmpty ? .null : try Self.average(values)
    }
  }

  /// Of the rows whose key is not null, those of the least or greatest key; of these the least value, null last.
  private static func chosen(_ rows: [Row], _ argument: Int, _ key: Int, isLeast: Bool) -> Value {
    var best: Row?
    for row in rows where !row[key].isNull {
      guard let known = best else {
        best = row
        continue
      }
      let isBefore =
        if isLess(row[key], known[key]) { isLeast }
        else if isLess(known[key], row[key]) { !isLeast }
        else if row[argument].isNull || known[argument].isNull { known[argument].isNull }
        else { isLess(row[argument], known[argument]) }
      if isBefore { best = row }
    }
    return best?[argument] ?? .null
  }

  private static func isLess(_ a: Value, _ b: Value) -> Bool {
    let order = Value.compare(a, b)
    return order != 0 ? order < 0 : Value.compareForms(a, b) < 0
  }

  private static func sum(_ values: [Value], _ result: SQLType) throws(SQLError) -> Value {
    switch values[0] {
    case .smallint, .integer, .bigint, .numeric:
      switch DecimalSum(values) {
      case .special(let value): return .numeric(value)
      case .finite(let units, let scale):
        if result == .bigint {
          guard let value = units.int128, let sum = Int64(exactly: value) else { throw .outOfRange("bigint") }
          return .bigint(sum)
        }
        return .numeric(try numeric(units, scale: scale))
      }
    case .double: return .double(try finite(floatSum(values).double, values))
    case .real: return .real(Float(try finite(Double(floatSum(values).float), values)))
    case .interval: return .interval(try intervalSum(values))
    default: preconditionFailure("no sum of \(values[0])")
    }
  }

  private static func average(_ values: [Value]) throws(SQLError) -> Value {
    switch values[0] {
    case .smallint, .integer, .bigint, .numeric:
      switch DecimalSum(values) {
      case .special(let value): return .numeric(value)
      case .finite(let units, let scale): return .numeric(try quotient(units, scale: scale, by: values.count))
      }
    case .double, .real: return .double(try finite(floatSum(values).double, values) / Double(values.count))
    default: preconditionFailure("no average of \(values[0])")
    }
  }

  private static func numeric(_ units: ExactInteger, scale: Int) throws(SQLError) -> Numeric {
    guard units.digits.count <= 38, let value = units.int128 else { throw .numericOverflow() }
    return Numeric(unscaled: value, scale: UInt8(scale))
  }

  /// `units / 10^scale / count` with the scale of PostgreSQL's `select_div_scale`, lowered until it has at most 38 digits.
  private static func quotient(_ units: ExactInteger, scale: Int, by count: Int) throws(SQLError) -> Numeric {
    let (weight, group) = leadingGroup(units, scale: scale)
    let (divisorWeight, divisorGroup) = leadingGroup(ExactInteger(Int128(count)), scale: 0)
    var quotientWeight = weight - divisorWeight
    if group <= divisorGroup { quotientWeight -= 1 }
    var target = min(max(16 - 4 * quotientWeight, scale, 0), 254)
    while true {
      // Half a unit more, then the fraction is cut off: halves go away from zero.
      let scaled = target >= scale ? units * .powerOfTen(target - scale) : units
      let half = ExactInteger(Int128(count) * Int128(units.sign))
      let divisor = target >= scale ? ExactInteger(1) : ExactInteger.powerOfTen(scale - target)
      let doubled = scaled * ExactInteger(2) + half * divisor
      var rounded = doubled.divided(by: UInt32(2 * count)).quotient
      for _ in 0..<max(scale - target, 0) { rounded = rounded.divided(by: 10).quotient }
      if rounded.digits.count <= 38 { return try numeric(rounded, scale: target) }
      if target == 0 { throw .numericOverflow() }
      target -= 1
    }
  }

  /// The first digit in base 10,000 and the power of 10,000 that it counts.
  private static func leadingGroup(_ units: ExactInteger, scale: Int) -> (weight: Int, digit: Int) {
    if units.isZero { return (0, 0) }
    let digits = units.digits
    let exponent = digits.count - 1 - scale
    let weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4)
    let taken = exponent - 4 * weight + 1
    let padded = digits + String(repeating: "0", count: 4)
    return (weight, Int(padded.prefix(taken)) ?? 0)
  }

  private static func doubles(_ values: [Value]) -> [Double] {
    values.map { value in
      switch value {
      case .double(let number): number
      case .real(let number): Double(number)
      default: preconditionFailure("floats are added to floats")
      }
    }
  }

  private static func floatSum(_ values: [Value]) -> ExactFloatSum {
    var sum = ExactFloatSum()
    for number in doubles(values) where number.isFinite { sum.add(number, count: 1) }
    return sum
  }

  /// The sum of the finite values, or what an infinity or NaN among them makes of it.
  private static func finite(_ sum: Double, _ values: [Value]) throws(SQLError) -> Double {
    let special = doubles(values).filter { !$0.isFinite }
    if !special.isEmpty { return special.reduce(0, +) }
    if sum.isInfinite { throw .outOfRange(.double) }
    return sum
  }

  private static func intervalSum(_ values: [Value]) throws(SQLError) -> Interval {
    var (months, days, microseconds): (Int128, Int128, Int128) = (0, 0, 0)
    for value in values {
      guard case .interval(let interval) = value else { preconditionFailure("intervals are added to intervals") }
      months += Int128(interval.months)
      days += Int128(interval.days)
      microseconds += Int128(interval.microseconds)
    }
    guard let months = Int32(exactly: months), let days = Int32(exactly: days), let microseconds = Int64(exactly: microseconds)
    else { throw .intervalOutOfRange() }
    return Interval(months: months, days: days, microseconds: microseconds)
  }
}

/// The exact sum of integers or numerics, with the largest scale among them.
private enum DecimalSum {
  case finite(ExactInteger, scale: Int)
  /// There is a NaN or an infinity.
  case special(Numeric)

  init(_ values: [Value]) {
    let numbers: [Numeric] = values.map { value in
      switch value {
      case .smallint(let number): Numeric(number)
      case .integer(let number): Numeric(number)
      case .bigint(let number): Numeric(number)
      case .numeric(let number): number
      default: preconditionFailure("numbers are added to numbers")
      }
    }
    let special = numbers.filter { !$0.isFinite }
    if let first = special.first {
      self = .special(special.allSatisfy { $0 == first } ? first : .nan)
      return
    }
    let scale = numbers.map { Int($0.scale) }.max() ?? 0
    self = .finite(
      numbers.reduce(ExactInteger()) { $0 + ExactInteger($1.unscaled) * .powerOfTen(scale - Int($1.scale)) }, scale: scale)
  }
}
