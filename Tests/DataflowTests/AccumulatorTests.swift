import Columnar
import Expressions
import RowTestSupport
import SQLTypes
import StateMemory
import TestSupport
import Testing

@testable import Dataflow

/// The integrated output of one aggregate without keys over one column.
private struct OneColumn {
  let type: SQLType
  let results: [SQLType]
  let node: Aggregate
  var output = Integral()

  init(_ functions: [AggregateFunction], of type: SQLType, isAppendOnly: Bool = false) {
    self.type = type
    results = functions.map { resultType($0, type) }
    node = Aggregate(
      types: [type], keys: [], calls: zip(functions, results).map { AggregateCall($0, argument: 0, result: $1) },
      isAppendOnly: isAppendOnly, space: StateSpace(reservationBytes: 64 << 20), origin: 1)
  }

  /// One tick; the row of the aggregates then, or the error's message.
  mutating func tick(_ changes: [(Cell, Int64)]) -> [Cell]? {
    var sent = TickOutput()
    _ = node.push(batch(changes.map { ([$0.0], $0.1) }, [type]), port: 0, into: &sent)
    node.endTick(into: &sent)
    output.add(sent, results)
    return output.data.keys.first
  }

  var error: ErrorRow? { output.errors.keys.first }
}

private func bits(_ value: Double) -> Cell { .bits(value.bitPattern) }

@Suite(.timeLimit(.minutes(2))) struct AccumulatorTests {
  /// Doubles k * 2^e, summed as integers of 128 bits in units of 2^-40 and rounded once.
  @Test(arguments: 0..<10) func sumsOfDoublesAreExact(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var sum = OneColumn([.sum], of: .double)
    var reference: Int128 = 0
    for _ in 0..<30 {
      let values = (0..<20).map { _ in
        (Int64(bitPattern: random.next()) >> Int64(11 + random.next() % 40), Int(random.next() % 70), Int64(random.next() % 7) - 3)
      }
      for (significand, exponent, weight) in values { reference += Int128(significand) << Int128(exponent) * Int128(weight) }
      let result = sum.tick(values.map { (bits(Double($0.0) * Double(sign: .plus, exponent: $0.1 - 40, significand: 1)), $0.2) })
      // The weights may add up to 0 or less, and then there is no sum.
      if case .bits(let found)? = result?.first {
        #expect(Double(bitPattern: found) == Double(reference) * Double(sign: .plus, exponent: -40, significand: 1))
      }
    }
  }

  @Test func theOrderOfDoublesDoesNotMatter() {
    let tiny = Double.leastNonzeroMagnitude
    var sum = OneColumn([.sum, .avg], of: .double)
    #expect(sum.tick([(bits(1e308), 1), (bits(1), 1), (bits(-1e308), 1), (bits(tiny), 1)]) == [bits(1), bits(0.25)])
    #expect(sum.tick([(bits(1), -1)]) == [bits(tiny), bits(tiny / 3)])
    #expect(sum.tick([(bits(.infinity), 1)]) == [bits(.infinity), bits(.infinity)])
    #expect(sum.tick([(bits(-.infinity), 1)]) == [bits(.nan), bits(.nan)])
    #expect(sum.tick([(bits(.infinity), -1), (bits(-.infinity), -1)]) == [bits(tiny), bits(tiny / 3)])
  }

  @Test func aSumThatLeavesItsTypeIsAnErrorUntilItMends() {
    var sum = OneColumn([.sum, .count], of: .double)
    #expect(sum.tick([(bits(1.7e308), 2)]) == nil)
    #expect(sum.error == ErrorRow(cells: [nil, .integer(2)], state: "22003", message: "value out of range: overflow", origin: 1))
    #expect(sum.tick([(bits(1.7e308), 1)]) == nil)
    #expect(sum.error?.cells == [nil, .integer(3)])
    #expect(sum.tick([(bits(1.7e308), -2)]) == [bits(1.7e308), .integer(1)])
    #expect(sum.error == nil)
    var integers = OneColumn([.sum], of: .integer)
    #expect(integers.tick([(.integer(2_147_483_647), 1 << 40)]) == nil)
    #expect(integers.error?.message == "bigint out of range")
    #expect(integers.tick([(.integer(2_147_483_647), 1 - 1 << 40)]) == [.integer(2_147_483_647)])
    var numerics = OneColumn([.sum], of: .numeric(nil))
    let large = Int128(9_999_999_999_999_999_999) * 10_000_000_000_000_000_000
    #expect(numerics.tick([(.numeric(large, 0), 2), (.numeric(5, 254), 1)]) == nil)
    #expect(numerics.error?.message == "value overflows numeric format")
    #expect(numerics.tick([(.numeric(large, 0), -2)]) == [.numeric(5, 254)])
    #expect(numerics.tick([(.numeric(5, 254), -1), (.numeric(15, 1), 1), (.numeric(250, 2), 1)]) == [.numeric(400, 2)])
  }

  /// SELECT avg(x), as PostgreSQL 15 answers.
  @Test func averagesHaveTheScaleOfPostgreSQL() {
    func text(_ type: SQLType, _ values: [Cell]) -> String {
      var average = OneColumn([.avg], of: type)
      guard case .numeric(let unscaled, let scale)? = average.tick(values.map { ($0, 1) })?.first else { return "none" }
      return Numeric(unscaled: unscaled, scale: scale).sqlText
    }
    #expect(text(.integer, [.integer(1), .integer(2)]) == "1.5000000000000000")
    #expect(text(.bigint, [.integer(1), .integer(1), .integer(2)]) == "1.3333333333333333")
    #expect(text(.smallint, [.integer(20000)]) == "20000.000000000000")
    #expect(text(.bigint, [.integer(.max), .integer(.max)]) == "9223372036854775807")
    #expect(text(.numeric(nil), [.numeric(150, 2), .numeric(25, 1)]) == "2.0000000000000000")
    #expect(text(.numeric(.init(precision: 9, scale: 2)), [.integer(150), .integer(250)]) == "2.0000000000000000")
    #expect(text(.integer, []) == "none")
  }

  /// MIN and MAX against a sorted list while a group grows to thousands of values, of which many are equal in their first
  /// 64 bits, and shrinks to nothing.
  @Test(arguments: [SQLType.bigint, .text, .numeric(nil)]) func extremesOfALargeGroup(type: SQLType) {
    var random = SeededRandom(seed: 5)
    var node = OneColumn([.min, .max], of: type)
    func value(_ number: Int) -> Cell {
      switch type {
      case .text: .text("common prefix of all \(1_000_000 + number)")
      case .bigint: .integer(Int64(number) - 3000)
      default: .numeric(Int128(1) << 100 + Int128(number), 3)
      }
    }
    var live: [Int: Int64] = [:]
    for tick in 0..<120 {
      let before = node.node.figures
      var changes: [(Cell, Int64)] = []
      for _ in 0..<200 {
        let number = Int(random.next() % 6000)
        if tick >= 40, let weight = live[number] {
          changes.append((value(number), -weight))
          live[number] = nil
        } else if tick < 80 {
          changes.append((value(number), 1))
          live[number, default: 0] += 1
        }
      }
      if tick >= 80 {  // the ends go first
        for number in live.keys.sorted().prefix(50) + live.keys.sorted().suffix(50) {
          if let weight = live.removeValue(forKey: number) { changes.append((value(number), -weight)) }
        }
      }
      let result = node.tick(changes), after = node.node.figures
      #expect(result == [live.keys.min().map(value) ?? .null, live.keys.max().map(value) ?? .null], "tick \(tick)")
      #expect(after.stateReads - before.stateReads <= 32 * (changes.count + 2) + 64)
      #expect(after.stateRows == live.count + 1)
    }
    #expect(live.isEmpty)
  }

  @Test func extremesOfInsertionsKeepOneValue() {
    var node = OneColumn([.min, .max], of: .text, isAppendOnly: true)
    var random = SeededRandom(seed: 1), all: [String] = []
    for _ in 0..<100 {
      let texts = (0..<5).map { _ in "some long text, number \(random.next() % 1_000_000)" }
      all += texts
      #expect(node.tick(texts.map { (.text($0), 1) }) == [.text(all.min()!), .text(all.max()!)])
      #expect(node.node.figures.stateRows == 1)
    }
  }

  @Test func theUngroupedRowIsThereFromTheFirstTickOn() {
    var node = OneColumn([.count, .sum], of: .bigint)
    #expect(node.tick([]) == [.integer(0), .null])
    #expect(node.tick([]) == [.integer(0), .null] && node.node.figures.rowsOut == 1)
    #expect(node.tick([(.integer(4), -1)]) == [.integer(-1), .null])
    #expect(node.tick([(.integer(4), 2)]) == [.integer(1), .numeric(4, 0)])
  }
}
