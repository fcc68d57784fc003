import SQLTypes
import TestSupport
import Testing

@testable import Columnar

private func column<T: BitwiseCopyable>(_ values: [T?], _ type: PhysicalType) -> Column {
  var builder = ColumnBuilder<T>(type, capacity: values.count)
  for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
  return builder.finish()
}

/// Scaled integers of up to `digits` digits, the extremes, NaN and nulls.
private func scaledValues<T: FixedWidthInteger>(
  _ type: T.Type, digits: Int, count: Int, _ random: inout SeededRandom
) -> [T?] {
  let limit = T(powerOfTen(digits))
  return (0..<count).map { _ in
    switch random.next() % 8 {
    case 0: nil
    case 1: ScaledNumeric.nan(type)
    case 2: limit - 1
    case 3: 1 - limit
    case 4: T(Int(random.next() % 11) - 5)
    default: T(truncatingIfNeeded: Int64(bitPattern: random.next())) % limit
    }
  }
}

private func cells(_ column: Column) -> [Numeric?] {
  (0..<column.count).map { column.isNull($0) ? nil : column.value($0, as: NumericCell.self).numeric }
}

private func number<T: FixedWidthInteger>(_ value: T, _ scale: Int) -> Numeric {
  value == T.max ? .nan : Numeric(unscaled: Int128(value), scale: UInt8(scale))
}

/// The same number with the same scale: what prints alike.
private func isSame(_ a: Numeric?, _ b: Numeric?) -> Bool { a?.scale == b?.scale && a?.unscaled == b?.unscaled }

@Test(arguments: 1...20)
func scaledArithmeticIsNumericArithmetic(seed: UInt64) throws {
  var random = SeededRandom(seed: seed)
  let (leftScale, rightScale) = (Int(random.next() % 19), Int(random.next() % 19))
  let a = scaledValues(Int64.self, digits: 18, count: 150, &random)
  let b = scaledValues(Int64.self, digits: 18, count: 150, &random)
  let (left, right) = (column(a, .int64), column(b, .int64))
  let operators: [(ArithmeticOperator, (Numeric, Numeric) throws -> Numeric)] = [
    (.add, { try $0.adding($1) }), (.subtract, { try $0.subtracting($1) }), (.multiply, { try $0.multiplied(by: $1) }),
  ]
  for (op, expected) in operators {
    let result = cells(.scaledArithmetic(op, (left, leftScale, true), (right, rightScale, true)))
    for row in 0..<150 {
      guard let l = a[row], let r = b[row] else {
        #expect(result[row] == nil)
        continue
      }
      #expect(isSame(result[row], try expected(number(l, leftScale), number(r, rightScale))), "\(op) row \(row)")
    }
  }
}

@Test func theLargestBigintIsNoNaN() {
  let largest = Column.constant(Int64.max, .int64, count: 1)
  let two = Column.constant(Int64(2), .int64, count: 1)
  let product = cells(.scaledArithmetic(.multiply, (largest, 0, false), (two, 0, true)))
  #expect(product == [Numeric(unscaled: Int128(Int64.max) * 2, scale: 0)])
}

@Test(arguments: 1...20)
func numbersAreRoundedToAColumnsScaleAndComeBack(seed: UInt64) throws {
  var random = SeededRandom(seed: seed)
  for modifier in [(9, 2), (18, 18), (38, 4), (20, 0)].map({ SQLType.NumericModifier(precision: $0, scale: $1) }) {
    let scale = UInt8(random.next() % 8)
    let numbers: [Numeric?] = scaledValues(Int64.self, digits: 12, count: 80, &random).map { $0.map { number($0, Int(scale)) } }
      + [.infinity, .negativeInfinity, .nan]
    let result = Column.scaledNumeric(column(numbers.map { $0.map { NumericCell($0) } }, .numeric), to: modifier)
    let back = cells(.numericCells(result.column, from: .numeric(modifier)))
    let failed = Dictionary(uniqueKeysWithValues: result.errors.map { ($0.row, $0.error) })
    for (row, input) in numbers.enumerated() {
      guard let input else {
        #expect(back[row] == nil && failed[row] == nil)
        continue
      }
      do throws(SQLError) {
        let expected = try input.rescaled(to: modifier)
        #expect(failed[row] == nil && isSame(back[row], expected))
      } catch {
        #expect(failed[row] == error)
      }
    }
  }
}

@Test(arguments: 1...20)
func numericArithmeticFailsAndSucceedsRowByRow(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  func numbers() -> [Numeric?] {
    scaledValues(Int128.self, digits: 30, count: 100, &random).map { $0.map { number($0, Int(random.next() % 12)) } }
  }
  let (a, b) = (numbers(), numbers())
  let (left, right) = (column(a.map { $0.map { NumericCell($0) } }, .numeric), column(b.map { $0.map { NumericCell($0) } }, .numeric))
  let operators: [(ArithmeticOperator, (Numeric, Numeric) throws(SQLError) -> Numeric)] = [
    (.add, { (a, b) throws(SQLError) in try a.adding(b) }), (.subtract, { (a, b) throws(SQLError) in try a.subtracting(b) }),
    (.multiply, { (a, b) throws(SQLError) in try a.multiplied(by: b) }),
    (.divide, { (a, b) throws(SQLError) in try a.divided(by: b) }),
    (.remainder, { (a, b) throws(SQLError) in try a.remainder(dividingBy: b) }),
  ]
  for (op, expected) in operators {
    let result = Column.numericArithmetic(op, left, right)
    let failed = Dictionary(uniqueKeysWithValues: result.errors.map { ($0.row, $0.error) })
    let values = cells(result.column)
    for row in 0..<100 {
      guard let l = a[row], let r = b[row] else {
        #expect(values[row] == nil && failed[row] == nil)
        continue
      }
      do throws(SQLError) {
        let value = try expected(l, r)
        #expect(failed[row] == nil && isSame(values[row], value))
      } catch {
        #expect(failed[row] == error)
      }
    }
  }
}

@Test func aConstantThatFailsFailsEveryRow() {
  let zero = Column.constant(NumericCell(.zero), .numeric, count: 3)
  #expect(Column.numericArithmetic(.divide, zero, zero).errors.map(\.row) == [0, 1, 2])
  let long = Column.constant(text: "abcd", count: 2)
  #expect(Column.fitting(long, characters: 3).errors.map(\.row) == [0, 1])
  #expect(Column.fitting(.constant(text: "ab  ", count: 2), characters: 3).column.text(1) == "ab ")
}

@Test func aDateBeyondEveryTimestampIsLaterThanAllButInfinity() throws {
  let dates = column([SQLDate.maximum.days, .max, .min, nil, 1], .int32)
  func compared(_ op: ComparisonOperator, _ time: SQLTimestamp) -> [Bool?] {
    let result = Column.compareDates(op, dates, .constant(time.microseconds, .int64, count: 5))
    return (0..<5).map { result.isNull($0) ? nil : result.value($0, as: UInt8.self) != 0 }
  }
  #expect(compared(.greater, .maximum) == [true, true, false, nil, false])
  #expect(compared(.less, .infinity) == [true, false, true, nil, true])
  #expect(compared(.equal, SQLTimestamp(microseconds: 86_400_000_000)) == [false, false, false, nil, true])
}
