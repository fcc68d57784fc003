import SQLTypes
import TestSupport
import Testing

@testable import Columnar

/// Times near the edges of windows, at the ends of time, and anywhere; NULL for one in eight.
private func randomTimes(_ random: inout SeededRandom, count: Int, around width: Int64) -> [Int64?] {
  (0..<count).map { _ in
    switch random.next() % 8 {
    case 0: nil
    case 1: [SQLTimestamp.minimum.microseconds, .max - 1, .max, .min].randomElement(using: &random)
    case 2: .random(in: -200_000_000_000_000_000 ... 9_000_000_000_000_000_000, using: &random)
    default: .random(in: -3 * width ... 3 * width, using: &random)
    }
  }
}

private func column(_ times: [Int64?]) -> Column {
  var builder = ColumnBuilder<Int64>(.int64, capacity: times.count)
  for time in times { if let time { builder.append(time) } else { builder.appendNull() } }
  return builder.finish()
}

/// A window holds a time if it begins at the time or before, and ends behind it: nothing else is asked.
@Test(arguments: 0..<40) func windowsAreThoseThatHoldTheTime(seed: Int) {
  var random = SeededRandom(seed: UInt64(seed))
  let slide = Int64.random(in: 1...(seed % 2 == 0 ? 12 : 90_000_000_000), using: &random)
  let size = seed % 4 == 0 ? slide * 3 : Int64.random(in: 1...slide * 5, using: &random)
  let offset = Int64.random(in: 0..<slide, using: &random)
  let times = randomTimes(&random, count: 300, around: size)
  let actual = Column.windows(of: column(times), 10..<290, slide: slide, size: size, offset: offset)

  var (rows, starts, failed): ([Int], [Int64], [Int]) = ([], [], [])
  for row in 10..<290 {
    guard let time = times[row] else { continue }
    if time == .max || time == .min {
      rows.append(row)
      starts.append(time)
      continue
    }
    // From a start far enough back, forwards.
    var start = Int128(offset) + Int128(floorDivide(time, slide)) * Int128(slide) - 8 * Int128(slide)
    var held: [Int128] = []
    while start <= Int128(time) {
      if start + Int128(size) > Int128(time) { held.append(start) }
      start += Int128(slide)
    }
    if held.contains(where: { $0 < Int128(SQLTimestamp.minimum.microseconds) }) {
      failed.append(row)
    } else {
      rows += held.map { _ in row }
      starts += held.map { Int64($0) }
    }
  }
  #expect((0..<actual.rows.count).map { actual.rows[$0] } == rows)
  #expect((0..<actual.starts.count).map { actual.starts.value($0, as: Int64.self) } == starts)
  #expect(actual.failed == failed)
}

/// `date_bin` of a constant stride and origin, which has a loop of its own, is that of the same stride and origin in every row.
@Test(arguments: 0..<40) func binsOfConstantStrideAreThoseOfAnyStride(seed: Int) {
  var random = SeededRandom(seed: UInt64(seed))
  let stride = Interval(days: Int32(random.next() % 3), microseconds: .random(in: -1...7_000_000, using: &random))
  let origin = seed % 8 == 0 ? -9_000_000_000_000_000_000 : Int64.random(in: -8_000_000 ... 8_000_000, using: &random)
  // Mostly without times that fail, which send the whole batch the other way.
  let times = randomTimes(&random, count: 300, around: 9_000_000).map { time in
    seed % 3 == 0 || time.map { $0 > -200_000_000_000 && $0 < 9_000_000_000 } ?? true ? time : 0
  }
  var strides = ColumnBuilder<Interval>(.interval, capacity: 300)
  var origins = ColumnBuilder<Int64>(.int64, capacity: 300)
  for _ in times {
    strides.append(stride)
    origins.append(origin)
  }
  let expected = Column.bin(strides.finish(), column(times), origins.finish())
  let actual = Column.bin(
    .constant(stride, .interval, count: 300), column(times), .constant(origin, .int64, count: 300))
  let failed = Set(expected.errors.map(\.row))
  #expect(actual.errors.map(\.row) == expected.errors.map(\.row))
  #expect(actual.errors.map(\.error.message) == expected.errors.map(\.error.message))
  for row in times.indices where !failed.contains(row) {
    #expect(actual.column.isNull(row) == expected.column.isNull(row))
    #expect(actual.column.value(row, as: Int64.self) == expected.column.value(row, as: Int64.self))
  }
}
