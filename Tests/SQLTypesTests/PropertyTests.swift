import TestSupport
import Testing

@testable import SQLTypes

extension SeededRandom {
  mutating func numeric() -> Numeric {
    if Int.random(in: 0..<40, using: &self) == 0 {
      return [.nan, .infinity, .negativeInfinity, .zero].randomElement(using: &self)!
    }
    let digits = Int.random(in: 0...38, using: &self)
    let high = UInt128(next())
    let magnitude = (high << 64 | UInt128(next())) % powerOfTen(digits)
    let scale = Int.random(in: 0..<20, using: &self) == 0 ? 254 : Int.random(in: 0...40, using: &self)
    return Numeric(
      unscaled: Bool.random(using: &self) ? Int128(magnitude) : -Int128(magnitude), scale: UInt8(scale))
  }

  mutating func integer64() -> Int64 {
    let bits = Int.random(in: 0..<64, using: &self)
    let value = Int64(truncatingIfNeeded: next()) >> Int64(bits)
    return [value, .max, .min, 0][Int.random(in: 0..<30, using: &self) == 0 ? Int.random(in: 0..<4, using: &self) : 0]
  }

  mutating func interval() -> Interval {
    Interval(
      months: Int32(truncatingIfNeeded: integer64()), days: Int32(truncatingIfNeeded: integer64()),
      microseconds: integer64())
  }

  mutating func timestamp() -> SQLTimestamp {
    SQLTimestamp(checking: integer64()) ?? .infinity
  }

  mutating func date() -> SQLDate {
    let days = Int32.random(in: SQLDate.minimum.days...SQLDate.maximum.days, using: &self)
    return SQLDate(days: Bool.random(using: &self) ? days : days % 30_000)
  }
}

/// `#expect` for loops of a million rounds, where the macro's own cost counts.
private func claim(
  _ holds: Bool, _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  if !holds { Issue.record("\(what())", sourceLocation: sourceLocation) }
}

private func text(_ write: (inout [UInt8]) -> Void) -> [UInt8] {
  var bytes: [UInt8] = []
  write(&bytes)
  return bytes
}

@Test(arguments: [1, 2, 3] as [UInt64])
func readingWhatWasWrittenGivesTheValueBack(seed: UInt64) throws {
  var generator = SeededRandom(seed: seed)
  for _ in 0..<20_000 {
    let numeric = generator.numeric()
    let readNumeric = try Numeric(sqlText: text(numeric.appendSQLText).span)
    claim(readNumeric == numeric && readNumeric.scale == numeric.scale)
    let double = Double(bitPattern: generator.next())
    let readDouble = try Double(sqlText: text(double.appendSQLText).span)
    claim(readDouble.bitPattern == double.bitPattern || (readDouble.isNaN && double.isNaN))
    let float = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
    let readFloat = try Float(sqlText: text(float.appendSQLText).span)
    claim(readFloat.bitPattern == float.bitPattern || (readFloat.isNaN && float.isNaN))
    let integer = generator.integer64()
    try claim(Int64(sqlText: text(integer.appendSQLText).span) == integer)
    let date = generator.date()
    try claim(SQLDate(sqlText: text(date.appendSQLText).span) == date)
    let timestamp = generator.timestamp()
    try claim(SQLTimestamp(sqlText: text(timestamp.appendSQLText).span) == timestamp)
    try claim(SQLTimestamp(zonedSQLText: text(timestamp.appendZonedSQLText).span) == timestamp)
    let interval = generator.interval()
    if interval.microseconds != .min {
      try claim(Interval(sqlText: text(interval.appendSQLText).span).isIdentical(to: interval))
    }
  }
}

@Test(arguments: [4, 5] as [UInt64])
func numericArithmeticKeepsItsLaws(seed: UInt64) throws {
  var generator = SeededRandom(seed: seed)
  for _ in 0..<30_000 {
    let (a, b) = (generator.numeric(), generator.numeric())
    claim(Numeric.compare(a, b) == -Numeric.compare(b, a))
    claim(a == a.canonical && a.hashValue == a.canonical.hashValue)
    claim(a.addingIfFits(b) == b.addingIfFits(a))
    claim(a.multipliedIfFits(by: b) == b.multipliedIfFits(by: a))
    if let sum = a.addingIfFits(b), a.isFinite, b.isFinite {
      try claim(sum.subtracting(b) == a)
    }
    if b.isFinite, !b.isZero, a.isFinite, let rest = try? a.remainder(dividingBy: b) {
      claim(rest.absolute < b.absolute && (rest.isZero || rest.isNegative == a.isNegative))
      if let quotient = try? a.subtracting(rest).divided(by: b), let whole = try? quotient.truncated(),
        let product = try? whole.multiplied(by: b)
      {
        try claim(quotient == whole && product.adding(rest) == a)
      }
    }
    _ = try? a.divided(by: b)
    _ = try? a.rounded(toScale: Int.random(in: -50...300, using: &generator))
    _ = try? a.ceiling()
    _ = try? a.rescaled(to: .init(precision: 38, scale: Int.random(in: 0...38, using: &generator)))
    _ = try? Int64(rounding: a)
    _ = Double(nearest: a)
    _ = try? Float(nearest: a)
    _ = try? Numeric(Double(bitPattern: generator.next()))
    _ = try? Numeric(Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())))
  }
}

@Test(arguments: [6, 7] as [UInt64])
func timesAtTheEndsOfTheirRangesGiveErrorsAndNoTraps(seed: UInt64) throws {
  var generator = SeededRandom(seed: seed)
  for _ in 0..<30_000 {
    let (a, b) = (generator.timestamp(), generator.timestamp())
    let (i, j) = (generator.interval(), generator.interval())
    let factor = Double(bitPattern: generator.next())
    if let later = try? a.adding(microseconds: i.microseconds), later.isFinite, a.isFinite {
      claim(later.microseconds - i.microseconds == a.microseconds)
    }
    _ = try? a.adding(i)
    _ = try? a.subtracting(i)
    if let difference = try? a.subtracting(b) { try claim(b.adding(difference) == a) }
    if let age = try? a.age(since: b) { claim((a < b) == (age < .zero) || age == .zero) }
    if let bin = try? a.binned(by: j, from: b), a.isFinite { claim(bin <= a) }
    for field in DateTimeField.allCases {
      if let start = try? a.truncated(to: field) { claim(start <= a) }
      _ = try? a.extract(field, zoned: true)
      _ = try? a.date.extract(field)
      _ = try? i.extract(field)
      _ = try? i.truncated(to: field)
    }
    if let sum = try? i.adding(j) { try claim(sum.subtracting(j).isIdentical(to: i)) }
    _ = try? i.multiplied(by: factor)
    _ = try? i.divided(by: factor)
    _ = try? i.negated()
    for justified in [try? i.justifyingHours(), try? i.justifyingDays(), try? i.justified()] {
      if let justified { claim(justified == i) }
    }
    claim((i == j) == (i.comparableMicroseconds == j.comparableMicroseconds))
    _ = try? generator.date().adding(days: Int32(truncatingIfNeeded: generator.next()))
    _ = try? generator.date().subtracting(generator.date())
    _ = try? generator.date().adding(i)
    let date = generator.date().civil
    claim(CivilDate(days: date.days) == date)
  }
}

/// Feeds 200,000 texts, random or golden ones with a few bytes changed, to every reader: nothing traps, and what is
/// accepted can be written and read again.
@Test(arguments: [8] as [UInt64])
func anyTextIsReadOrRefused(seed: UInt64) throws {
  var generator = SeededRandom(seed: seed)
  var corpus: [[UInt8]] = []
  for name in ["numeric_text", "float_text", "integer_text", "datetime_text", "interval_text"] {
    corpus += try GoldenFile(name).lines.prefix(3000).map { Array($0.arguments[0].utf8) }
  }
  let alphabet = Array("0123456789+-:./ eETZPYMDHSnabcdojulyfint\t\0é".utf8)
  func byte(_ generator: inout SeededRandom) -> UInt8 {
    Int.random(in: 0..<20, using: &generator) == 0
      ? UInt8.random(in: .min ... .max, using: &generator) : alphabet.randomElement(using: &generator)!
  }
  for _ in 0..<200_000 {
    var bytes: [UInt8]
    if Int.random(in: 0..<4, using: &generator) == 0 {
      bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in byte(&generator) }
    } else {
      bytes = corpus.randomElement(using: &generator)!
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes.insert(byte(&generator), at: place)
        case 1 where place < bytes.count: bytes[place] = byte(&generator)
        case 2 where place < bytes.count: bytes.remove(at: place)
        default: bytes.insert(contentsOf: corpus.randomElement(using: &generator)!.prefix(20), at: place)
        }
      }
    }
    readAgain(Int16.self, bytes)
    readAgain(Int32.self, bytes)
    readAgain(Int64.self, bytes)
    readAgain(Float.self, bytes)
    readAgain(Double.self, bytes)
    readAgain(Numeric.self, bytes)
    readAgain(SQLDate.self, bytes)
    readAgain(SQLTimestamp.self, bytes)
    readAgain(Interval.self, bytes)
    _ = try? Bool(sqlText: bytes.span)
    let precision = Int.random(in: 1...38, using: &generator)
    let scale = Int.random(in: 0...precision, using: &generator)
    _ = try? Numeric(sqlText: bytes.span, modifier: .init(precision: precision, scale: scale))
    _ = try? SQLTimestamp(zonedSQLText: bytes.span)
    let fields = IntervalFields(rawValue: UInt8.random(in: 0...63, using: &generator))
    _ = try? Interval(sqlText: bytes.span, fields: fields)
    _ = DateTimeField(named: String(decoding: bytes, as: UTF8.self))
  }
}

private func readAgain<Value: SQLTextConvertible & Equatable>(_ type: Value.Type, _ bytes: [UInt8]) {
  guard let value = try? Value(sqlText: bytes.span), value == value else { return }
  // The one interval whose text PostgreSQL cannot read either: its hours alone exceed 64 bits of microseconds.
  if let interval = value as? Interval, interval.microseconds == .min { return }
  let again = try? Value(sqlText: text(value.appendSQLText).span)
  claim(again == value, "\(type): \(String(decoding: bytes, as: UTF8.self))")
}
