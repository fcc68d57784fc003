import Columnar
import SQLTypes
import StateMemory
import TestSupport
import Testing

@testable import ZSets

@Suite(.timeLimit(.minutes(2))) struct PackedRowOrderTests {
  /// Sorts values (nil: a null) in both directions, fed in any order: no pair may be out of order, and equal values in
  /// different forms stand in one order.
  private func check<T: BitwiseCopyable>(
    _ type: PhysicalType, _ values: [T], _ isLess: (T, T) -> Bool, _ bytes: (T) -> [UInt64]
  ) {
    var random = SeededRandom(seed: UInt64(values.count))
    for key in [
      RowOrderKey(column: 0), RowOrderKey(column: 0, isDescending: true, nullsFirst: true),
      RowOrderKey(column: 0, isDescending: true), RowOrderKey(column: 0, nullsFirst: true),
    ] {
      var results: [[[UInt64]]] = []
      for _ in 0..<5 {
        var arrangement = Arrangement(types: [type], keys: [], keyTypes: [], space: StateSpace())
        var builder = ColumnBuilder<T>(type, capacity: values.count)
        for value in (values.map { $0 as T? } + [nil]).shuffled(using: &random) {
          if let value { builder.append(value) } else { builder.appendNull() }
        }
        let column = builder.finish()
        arrangement.add(Batch(count: column.count, columns: [column]))
        let sorted = arrangement.columns(of: arrangement.sorted(by: [key]))[0]
        #expect(sorted.count == Set(values.map(bytes)).count + 1)
        #expect(sorted.isNull(key.nullsFirst ? 0 : sorted.count - 1))
        let found = (0..<sorted.count).filter { !sorted.isNull($0) }.map { sorted.value($0, as: T.self) }
        for (a, b) in zip(found, found.dropFirst()) { #expect(key.isDescending ? !isLess(a, b) : !isLess(b, a)) }
        results.append(found.map(bytes))
      }
      #expect(Set(results).count == 1)
    }
  }

  @Test func valuesOfEveryTypeAreInOrder() {
    check(.bool, [0, 1] as [UInt8], <) { [UInt64($0)] }
    check(.int16, [0, -1, 1, .min, .max] as [Int16], <) { [UInt64(bitPattern: Int64($0))] }
    check(.int32, [0, -1, 1, .min, .max, 70_000] as [Int32], <) { [UInt64(bitPattern: Int64($0))] }
    check(.int64, [0, -1, 1, .min, .max, .min + 1, .max - 1] as [Int64], <) { [UInt64(bitPattern: $0)] }
    check(.float32, [0, -0.0, .nan, .infinity, -.infinity, 1.5, -1.5, .leastNonzeroMagnitude] as [Float], isLess) {
      [UInt64($0.bitPattern)]
    }
    check(.float64, [0, -0.0, .nan, .infinity, -.infinity, 1.5, -1.5, .leastNonzeroMagnitude] as [Double], isLess) {
      [$0.bitPattern]
    }
    let wide: [Int128] = [0, 1, -1, Int128(Int64.max) + 1, Int128(Int64.max) + 2, Int128(Int64.min) - 1, .max, .min]
    check(.int128, wide, <) { words($0) }
    let numerics: [Numeric] = [
      .zero, Numeric(unscaled: 0, scale: 3), Numeric(unscaled: 15, scale: 1), Numeric(unscaled: 150, scale: 2),
      Numeric(unscaled: -15, scale: 1), Numeric(unscaled: -1, scale: 0), Numeric(unscaled: 1, scale: 100),
      Numeric(unscaled: -1, scale: 100), Numeric(unscaled: Int128(Numeric.limit - 1), scale: 0), .nan, .infinity,
      .negativeInfinity, Numeric(unscaled: 1, scale: 0), Numeric(unscaled: 10, scale: 1), Numeric(unscaled: 2, scale: 0),
    ]
    check(.numeric, numerics.map { NumericCell($0) }, { $0.numeric < $1.numeric }) {
      words($0.numeric.unscaled) + [UInt64($0.numeric.scale)]
    }
    let intervals = [
      Interval.zero, Interval(months: 1), Interval(days: 30), Interval(months: 1, microseconds: 1), Interval(days: -1),
      Interval(microseconds: 86_400_000_000), Interval(days: 1), Interval(months: .max, days: .max, microseconds: .max),
      Interval(months: .min, days: .min, microseconds: .min), Interval(months: 1, days: -30),
    ]
    check(.interval, intervals, <) {
      [UInt64(bitPattern: Int64($0.months)), UInt64(bitPattern: Int64($0.days)), UInt64(bitPattern: $0.microseconds)]
    }
  }

  private func isLess<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Bool { b.isNaN ? !a.isNaN : a < b }

  private func words(_ value: Int128) -> [UInt64] {
    [UInt64(truncatingIfNeeded: value), UInt64(truncatingIfNeeded: value >> 64)]
  }

  /// While the arrays are armed, a change of a page that was not declared ends the process.
  @Test func anArrangementDeclaresWhatItChanges() {
    var random = SeededRandom(seed: 11)
    let space = StateSpace()
    var arrangement = Arrangement(types: [.text, .int64], keys: [0], keyTypes: [.text], space: space)
    arrangement.setArmed(true)
    var model: [Int64: Int64] = [:]
    for _ in 0..<60 {
      for _ in 0..<3 {
        var texts = TextBuilder(capacity: 200), numbers = ColumnBuilder<Int64>(.int64, capacity: 200)
        var weights = ColumnBuilder<Int64>(.int64, capacity: 200)
        for _ in 0..<200 {
          let number = Int64(random.next() % 5000)
          texts.append(Array("a key that is longer than twelve bytes \(number % 700)".utf8).span)
          numbers.append(number)
          // Rows grow in number, then go again.
          let weight = model[number] == nil ? 1 : -(model[number] ?? 0)
          weights.append(weight)
          model[number, default: 0] += weight
          if model[number] == 0 { model[number] = nil }
        }
        let columns = [texts.finish(), numbers.finish()]
        arrangement.add(Batch(count: 200, columns: columns, weights: weights.finish()))
      }
      arrangement.endTick()
      let (live, count) = (arrangement.liveCount, arrangement.count)
      #expect(live == model.count && count == model.count)
    }
    arrangement.setArmed(false)
  }
}
