import SQLTypes
import TestSupport
import Testing

@testable import Columnar

/// A bigint column; nil is null.
private func bigints(_ values: [Int64?]) -> Column {
  var builder = ColumnBuilder<Int64>(.int64, capacity: values.count)
  for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
  return builder.finish()
}

private func texts(_ values: [String?]) -> Column {
  var builder = TextBuilder(capacity: values.count)
  for value in values { if let value { builder.append(Array(value.utf8).span) } else { builder.appendNull() } }
  return builder.finish()
}

private func list(_ column: Column) -> [Int64?] {
  (0..<column.count).map { column.isNull($0) ? nil : column.value($0, as: Int64.self) }
}

private func booleans(_ column: Column) -> [Bool?] {
  (0..<column.count).map { column.isNull($0) ? nil : column.value($0, as: UInt8.self) != 0 }
}

/// Values around every edge, and nulls.
private func randomBigints(_ count: Int, _ random: inout SeededRandom) -> [Int64?] {
  (0..<count).map { _ in
    switch random.next() % 6 {
    case 0: nil
    case 1: Int64.max &- Int64(random.next() % 3)
    case 2: Int64.min &+ Int64(random.next() % 3)
    default: Int64(random.next() % 7) - 3
    }
  }
}

@Test(arguments: 1...20)
func arithmeticEqualsCheckedArithmeticRowByRow(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  let count = Int(random.next() % 200) + 1
  let (a, b) = (randomBigints(count, &random), randomBigints(count, &random))
  let operators: [(ArithmeticOperator, (Int64, Int64) -> (Int64, Bool))] = [
    (.add, { $0.addingReportingOverflow($1) }), (.subtract, { $0.subtractingReportingOverflow($1) }),
    (.multiply, { $0.multipliedReportingOverflow(by: $1) }), (.divide, { $0.dividedReportingOverflow(by: $1) }),
  ]
  for (op, expected) in operators {
    let result = Column.arithmetic(op, bigints(a), bigints(b))
    let failed = Dictionary(uniqueKeysWithValues: result.failures.map { ($0.row, $0.fault) })
    for row in 0..<count {
      guard let l = a[row], let r = b[row] else {
        #expect(result.column.isNull(row) && failed[row] == nil && result.column.value(row, as: Int64.self) == 0)
        continue
      }
      let (value, overflow) = expected(l, r)
      if op == .divide && r == 0 {
        #expect(failed[row] == .divisionByZero)
      } else if overflow {
        #expect(failed[row] == .outOfRange)
      } else {
        #expect(failed[row] == nil && list(result.column)[row] == value)
      }
    }
  }
}

@Test func constantsGiveTheSameAsColumns() {
  let values: [Int64?] = [1, nil, 3, -4]
  let three = Column.constant(Int64(3), .int64, count: 4)
  #expect(list(Column.arithmetic(.add, bigints(values), three).column) == [4, nil, 6, -1])
  #expect(list(Column.arithmetic(.subtract, three, bigints(values)).column) == [2, nil, 0, 7])
  #expect(list(Column.arithmetic(.multiply, three, three).column) == [9, 9, 9, 9])
  #expect(booleans(.compare(.less, bigints(values), three)) == [true, nil, false, true])
}

@Test func aFailingPairOfConstantsFailsEveryRow() {
  let zero = Column.constant(Int64(0), .int64, count: 3)
  #expect(Column.arithmetic(.divide, zero, zero).failures.map(\.row) == [0, 1, 2])
}

@Test func logicHasThreeValues() {
  let all: [Bool?] = [true, false, nil]
  func column(_ values: [Bool?]) -> Column {
    var builder = ColumnBuilder<UInt8>(.bool, capacity: values.count)
    for value in values { if let value { builder.append(value ? 1 : 0) } else { builder.appendNull() } }
    return builder.finish()
  }
  let left = column(all.flatMap { [$0, $0, $0] })
  let right = column(all + all + all)
  #expect(booleans(.and(left, right)) == [true, false, nil, false, false, false, nil, false, nil])
  #expect(booleans(.or(left, right)) == [true, true, true, true, false, nil, true, nil, nil])
  #expect(booleans(.not(column(all))) == [false, true, nil])
}

@Test(arguments: 1...20)
func textsCompareByTheirBytes(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  func word() -> String {
    String((0..<Int(random.next() % 20)).map { _ in Character(UnicodeScalar(UInt8(97 + random.next() % 2))) })
  }
  let a = (0..<100).map { _ in word() }
  let b = (0..<100).map { _ in word() }
  let less = booleans(.compare(.less, texts(a), texts(b)))
  let equal = booleans(.compare(.equal, texts(a), texts(b)))
  for row in 0..<100 {
    #expect(less[row] == Array(a[row].utf8).lexicographicallyPrecedes(Array(b[row].utf8)))
    #expect(equal[row] == (a[row] == b[row]))
  }
}

@Test(arguments: 1...20)
func scatteringWhatWasGatheredGivesTheColumnBack(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  let values: [String?] = (0..<150).map { _ in
    random.next() % 5 == 0 ? nil : String(repeating: "x", count: Int(random.next() % 30))
  }
  let column = texts(values)
  let rows = (0..<150).shuffled(using: &random)
  let parts = [Selection(Array(rows[..<70])), Selection(Array(rows[70...]))]
  let back = Column.scatter(parts.map { ($0, column.gather($0)) }, .text, count: 150)
  for row in 0..<150 { #expect((back.isNull(row) ? nil : back.text(row)) == values[row]) }
}

@Test(arguments: [
  ("abc", "a%", true), ("abc", "%c", true), ("abc", "a_c", true), ("abc", "a_", false), ("", "%", true), ("", "_", false),
  ("a%c", "a\\%c", true), ("abc", "a\\%c", false), ("äbc", "_bc", true), ("aaab", "%a%ab", true), ("abcabd", "%ab_", true),
  ("x", "%%%x%%", true),
])
func likeMatches(text: String, pattern: String, expected: Bool) {
  let result = Column.like(texts([text]), texts([pattern]), escape: 0x5c, ignoringCase: false)
  #expect(booleans(result.column) == [expected] && result.failures.isEmpty)
}

@Test func aLikePatternThatEndsWithItsEscapeFails() {
  #expect(Column.like(texts(["a"]), texts(["a\\"]), escape: 0x5c, ignoringCase: false).failures.count == 1)
}

@Test func narrowingFailsOutsideOfTheTarget() {
  let result = Column.convert(bigints([1, 40_000, nil, -32_768]), to: .int16)
  #expect(result.failures == [KernelFailure(row: 1, fault: .outOfRange)])
  #expect(result.column.isNull(2) && result.column.value(3, as: Int16.self) == -32_768)
}

@Test func floatsRoundHalfToEvenAndNaNIsAboveAll() {
  var builder = ColumnBuilder<Double>(.float64, capacity: 4)
  for value in [0.5, 1.5, -2.5, .nan] { builder.append(value) }
  let doubles = builder.finish()
  let result = Column.convert(doubles, to: .int32)
  #expect((0..<3).map { result.column.value($0, as: Int32.self) } == [0, 2, -2])
  #expect(result.failures.map(\.row) == [3])
  #expect(Column.order(doubles, 3, doubles, 0) > 0 && Column.order(doubles, 3, doubles, 3) == 0)
}

@Test(arguments: 1...20)
func divisionByAConstantEqualsDivisionRowByRow(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  let near = (0..<63).map { Int64(1) << $0 }
  var divisors: [Int64] = [0, 1, -1, 2, 3, 7, 10, 1000, -1000, .max, .min]
  for _ in 0..<8 { divisors.append(near[Int(random.next() % 63)] + Int64(random.next() % 3) - 1) }
  var values = randomBigints(50, &random)
  for _ in 0..<50 { values.append(Int64(bitPattern: random.next()) >> Int64(random.next() % 64)) }
  func check<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, _ physicalType: PhysicalType) {
    for divisor in divisors.map({ T(truncatingIfNeeded: $0) }) {
      var builder = ColumnBuilder<T>(physicalType, capacity: values.count)
      for value in values { if let value { builder.append(T(truncatingIfNeeded: value)) } else { builder.appendNull() } }
      let result = Column.arithmetic(.divide, builder.finish(), .constant(divisor, physicalType, count: values.count))
      let failed = Dictionary(uniqueKeysWithValues: result.failures.map { ($0.row, $0.fault) })
      for (row, value) in values.enumerated() {
        guard let value = value.map({ T(truncatingIfNeeded: $0) }) else {
          #expect(result.column.isNull(row) && failed[row] == nil && result.column.value(row, as: type) == 0)
          continue
        }
        let (quotient, overflow) = value.dividedReportingOverflow(by: divisor)
        #expect(failed[row] == (divisor == 0 ? .divisionByZero : overflow ? .outOfRange : nil))
        if !overflow { #expect(result.column.value(row, as: type) == quotient, "\(value) / \(divisor)") }
      }
    }
  }
  check(Int64.self, .int64)
  check(Int32.self, .int32)
}

@Test(arguments: 1...20)
func selectionsHaveTheRowsThatHoldAndNoOthers(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  for count in Array(0...20) + [63, 64, 65, 200] {
    for hasNulls in [false, true] {
      let values: [Bool?] = (0..<count).map { _ in hasNulls && random.next() % 3 == 0 ? nil : random.next() % 2 == 0 }
      var builder = ColumnBuilder<UInt8>(.bool, capacity: count)
      for value in values { if let value { builder.append(value ? 1 : 0) } else { builder.appendNull() } }
      let column = builder.finish()
      let (isTrue, isNotTrue) = (Selection.whereTrue(column), Selection.whereNotTrue(column))
      #expect((0..<isTrue.count).map { isTrue[$0] } == values.indices.filter { values[$0] == true })
      #expect((0..<isNotTrue.count).map { isNotTrue[$0] } == values.indices.filter { values[$0] != true })
    }
  }
}

@Test(arguments: 1...20)
func textsMeetAConstantAsTheirBytesDo(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  func word(_ count: Int) -> String {
    let letters: [Character] = ["a", "a", "a", "b", "b", "é"]
    return String((0..<count).map { _ in letters[Int(random.next() % 6)] })
  }
  for count in [0, 1, 3, 11, 12, 13, 20, 31, 33, 60, 63, 64, 65, 100] {
    let literal = word(max(1, Int(random.next() % 14)))
    let constant = String(repeating: "a", count: count)
    let values: [String?] = (0..<60).map { row in
      switch row % 6 {
      case 0: nil
      case 1: constant
      case 2: String(constant.dropLast()) + "b"
      case 3: word(Int(random.next() % 5)) + literal + word(Int(random.next() % 40))
      default: word(count)
      }
    }
    let column = texts(values), other = Column.constant(text: constant, count: values.count)
    let equal = values.map { $0.map { $0 == constant } }
    #expect(booleans(Column.compare(.equal, column, other)) == equal)
    #expect(booleans(Column.compare(.notEqual, other, column)) == equal.map { $0.map { !$0 } })
    let pattern = Column.constant(text: "%" + literal + "%", count: values.count)
    let bytes = Array(literal.utf8)
    let expected = values.map { value in
      value.map { value in
        let text = Array(value.utf8)
        return text.indices.contains { text[$0...].starts(with: bytes) }
      }
    }
    #expect(booleans(Column.like(column, pattern, escape: 0x5c, ignoringCase: false).column) == expected, "\(literal)")
  }
}
