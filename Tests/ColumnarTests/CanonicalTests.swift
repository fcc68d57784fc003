import SQLTypes
import TestSupport
import Testing

@testable import Columnar

private func column<T: BitwiseCopyable>(_ values: [T?], _ type: PhysicalType) -> Column {
  var builder = ColumnBuilder<T>(type, capacity: values.count)
  for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
  return builder.finish()
}

/// The bytes of a row's value, as hashing and matching see them.
private func bytes(_ column: Column, _ row: Int) -> [UInt8] {
  let stride = column.physicalType.stride
  let start = UnsafeRawPointer(column.pointer(as: UInt8.self)) + (column.isConstant ? 0 : row) * stride
  return Array(UnsafeRawBufferPointer(start: start, count: stride))
}

/// Whether two rows have equal bytes exactly where `areEqual` says that their values are equal, and nulls hold zero.
private func checkBytes<T: BitwiseCopyable>(_ values: [T?], _ type: SQLType, _ areEqual: (T, T) -> Bool) {
  let canonical = column(values, type.physicalType).canonical(as: type)
  for (i, a) in values.enumerated() {
    #expect(canonical.isNull(i) == (a == nil))
    guard let a else {
      #expect(bytes(canonical, i).allSatisfy { $0 == 0 })
      continue
    }
    for (j, b) in values.enumerated() {
      guard let b else { continue }
      #expect((bytes(canonical, i) == bytes(canonical, j)) == areEqual(a, b), "rows \(i) and \(j) of \(type.name)")
    }
  }
}

@Test(arguments: 1...10)
func equalIntervalsHaveEqualBytesInCanonicalForm(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  func part(_ most: Int) -> Int { Int(random.next() % UInt64(2 * most + 1)) - most }
  let day: Int64 = 86_400_000_000
  var values: [Interval?] = [
    nil, .zero, Interval(months: 1), Interval(days: 30), Interval(microseconds: 30 * day), Interval(months: -1, days: 30),
    Interval(months: .max, days: .max, microseconds: .max), Interval(months: .min, days: .min, microseconds: .min),
    Interval(months: .max, days: .min, microseconds: .max),
  ]
  for _ in 0..<40 {
    values.append(Interval(months: Int32(part(2)), days: Int32(part(60)), microseconds: Int64(part(3)) * day / 2))
  }
  checkBytes(values, .interval) { $0.comparableMicroseconds == $1.comparableMicroseconds }
}

@Test func theCanonicalIntervalIsTheJustifiedOne() throws {
  for text in ["30 days", "1 mon", "36:00:00", "1 day -01:00:00", "-1 mon 1 day", "1 year 40 days", "-25:00:00", "0"] {
    let interval = try Interval(sqlText: text)
    #expect(interval.canonical.isIdentical(to: try interval.justified()), "\(text)")
  }
}

@Test(arguments: 1...10)
func equalNumericsHaveEqualBytesInCanonicalForm(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  var values: [NumericCell?] = [nil, NumericCell(.nan), NumericCell(.infinity), NumericCell(.negativeInfinity)]
  for _ in 0..<60 {
    let scale = UInt8(random.next() % 5)
    let unscaled = Int128(Int64(random.next() % 21) - 10) * Int128(powerOfTen(Int(random.next() % 5)))
    values.append(NumericCell(Numeric(unscaled: unscaled, scale: scale)))
  }
  checkBytes(values, .numeric(nil)) { $0.numeric == $1.numeric }
}

@Test func equalFloatsHaveEqualBytesInCanonicalForm() {
  let payload = Double(bitPattern: 0xfff8_0000_dead_beef)
  let doubles: [Double?] = [nil, 0, -0.0, .nan, payload, -.nan, 1.5, -1.5, .infinity, -.infinity, .leastNonzeroMagnitude]
  checkBytes(doubles, .double) { $0 == $1 || ($0.isNaN && $1.isNaN) }
  let floats: [Float?] = [nil, 0, -0.0, .nan, -.nan, 2.5, -.infinity]
  checkBytes(floats, .real) { $0 == $1 || ($0.isNaN && $1.isNaN) }
}

@Test func whatIsCanonicalAlreadyIsNotCopied() {
  let numbers = column([1, nil, 3] as [Int64?], .int64)
  for type in [SQLType.bigint, .timestamp, .numeric(SQLType.NumericModifier(precision: 10, scale: 2))] {
    #expect(numbers.canonical(as: type).values === numbers.values)
  }
}
