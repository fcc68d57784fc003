import SQLTypes
import TestSupport
import Testing

@testable import Columnar

private let allTypes: [PhysicalType] = [
  .bool, .int16, .int32, .int64, .float32, .float64, .text, .int128, .numeric, .interval,
]

/// Any 64 bits, small numbers, and those around the ends of every width.
private func edgy(_ random: inout SeededRandom) -> Int64 {
  switch random.next() % 5 {
  case 0: Int64(random.next() % 5) - 2
  case 1: Int64.max &- Int64(random.next() % 3)
  case 2: Int64.min &+ Int64(random.next() % 3)
  case 3: Int64(1) << Int64(random.next() % 63) &- Int64(random.next() % 2)
  default: Int64(truncatingIfNeeded: random.next())
  }
}

private func edgyNumeric(_ random: inout SeededRandom) -> Numeric {
  switch random.next() % 6 {
  case 0: .nan
  case 1: .infinity
  case 2: .negativeInfinity
  case 3: Numeric(unscaled: Int128(Numeric.limit) - 1, scale: 254)
  default: Numeric(unscaled: Int128(edgy(&random)) * Int128(random.next() % 1000), scale: UInt8(random.next() % 255))
  }
}

private func column(_ type: PhysicalType, count: Int, _ random: inout SeededRandom) -> Column {
  let nullsInTen = [0, 0, 3, 10][Int(random.next() % 4)]
  let isNarrow = random.next() % 2 == 0
  func fixed<T: BitwiseCopyable>(_ value: (inout SeededRandom) -> T) -> Column {
    var builder = ColumnBuilder<T>(type, capacity: count)
    for _ in 0..<count { if random.next() % 10 < nullsInTen { builder.appendNull() } else { builder.append(value(&random)) } }
    return builder.finish()
  }
  func integer(_ random: inout SeededRandom) -> Int64 { isNarrow ? 1_700_000_000 + Int64(random.next() % 200) : edgy(&random) }
  switch type {
  case .bool: return fixed { UInt8($0.next() % 2) }
  case .int16: return fixed { Int16(truncatingIfNeeded: integer(&$0)) }
  case .int32: return fixed { Int32(truncatingIfNeeded: integer(&$0)) }
  case .int64: return fixed { integer(&$0) }
  case .float32: return fixed { Float(bitPattern: UInt32(truncatingIfNeeded: edgy(&$0))) }
  case .float64: return fixed { Double(bitPattern: UInt64(bitPattern: edgy(&$0))) }
  case .int128: return fixed { Int128(edgy(&$0)) * Int128(edgy(&$0)) }
  case .numeric: return fixed { NumericCell(edgyNumeric(&$0)) }
  case .interval:
    return fixed {
      Interval(months: Int32(truncatingIfNeeded: edgy(&$0)), days: Int32(truncatingIfNeeded: edgy(&$0)), microseconds: edgy(&$0))
    }
  case .text:
    var builder = TextBuilder(capacity: count)
    for _ in 0..<count {
      let text = String((0..<random.next() % 20).map { _ in ["a", "é", "水", "🌊", "\0"][Int(random.next() % 5)] }.joined())
      if random.next() % 10 < nullsInTen { builder.appendNull() } else { builder.append(Array(text.utf8).span) }
    }
    return builder.finish()
  }
}

private func constant(_ column: Column, count: Int) -> Column {
  Column(
    column.physicalType, count: count, values: column.values, nulls: column.nulls, arenas: column.arenas, isConstant: true)
}

private func randomBatch(_ random: inout SeededRandom, count: Int, columns: Int) -> Batch {
  let made = (0..<columns).map { index in
    let type = allTypes[(index + Int(random.next() % 2)) % allTypes.count]
    return random.next() % 5 == 0 ? constant(column(type, count: 1, &random), count: count) : column(type, count: count, &random)
  }
  var weights: Column?
  if random.next() % 2 == 0 {
    var builder = ColumnBuilder<Int64>(.int64, capacity: count)
    for _ in 0..<count { builder.append(edgy(&random)) }
    weights = builder.finish()
  }
  return Batch(count: count, columns: made, weights: weights)
}

/// What a row is, to the bit: nil is null.
private func cell(_ column: Column, _ row: Int) -> [UInt8]? {
  if column.isNull(row) { return nil }
  if column.physicalType == .text { return Array(column.text(row).utf8) }
  let start = column.values.base + (column.isConstant ? 0 : row) * column.physicalType.stride
  return Array(UnsafeRawBufferPointer(start: start, count: column.physicalType.stride))
}

private func isSame(_ left: Batch, _ right: Batch) -> Bool {
  guard left.count == right.count, left.columns.count == right.columns.count else { return false }
  return (0..<left.count).allSatisfy { row in
    left.weight(row) == right.weight(row) && zip(left.columns, right.columns).allSatisfy { cell($0, row) == cell($1, row) }
  }
}

@Suite struct BatchCodecTests {
  @Test(arguments: 1...40) func everyBatchSurvivesTheRoundTripToTheBit(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let batch = randomBatch(&random, count: [0, 1, 2, 63, 64, 65, 700][Int(seed) % 7], columns: Int(seed) % 15)
    let bytes = BatchCodec.encode(batch)
    let decoded = try BatchCodec.decode(bytes, types: batch.columns.map(\.physicalType))
    #expect(isSame(batch, decoded))
    #expect(BatchCodec.encode(decoded) == bytes)
    for column in decoded.columns {
      #expect(!column.isConstant)
      // The invariant of columns: a null slot holds zero bytes.
      let stride = column.physicalType.stride
      for row in 0..<decoded.count where column.isNull(row) {
        let slot = UnsafeRawBufferPointer(start: column.values.base + row * stride, count: stride)
        #expect(slot.allSatisfy { $0 == 0 })
      }
    }
  }

  @Test func oneRowTakesFewBytes() throws {
    func one<T: BitwiseCopyable>(_ type: PhysicalType, _ value: T) -> Column { .constant(value, type, count: 1) }
    let row = Batch(
      count: 1,
      columns: [
        one(.int64, Int64(1_764_081_000_000_000)), one(.int32, Int32(42)), one(.numeric, NumericCell(Numeric(unscaled: 12345, scale: 2))),
        .constant(text: "a name of some length", count: 1), one(.float64, 0.5),
      ], weights: one(.int64, Int64(-1)))
    #expect(BatchCodec.encode(row).count == 57)
  }

  @Test func otherTypesThanExpectedAreDamage() {
    let bytes = BatchCodec.encode(Batch(count: 1, columns: [.constant(Int64(1), .int64, count: 1)]))
    for types in [[], [PhysicalType.float64], [.int64, .int64]] {
      let error = #expect(throws: SQLError.self) { try BatchCodec.decode(bytes, types: types) }
      #expect(error?.state == .dataCorrupted)
    }
  }

  @Test(arguments: 1...4) func everyCutIsDamage(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let batch = randomBatch(&random, count: 9, columns: 10)
    let bytes = BatchCodec.encode(batch)
    let types = batch.columns.map(\.physicalType)
    for count in 0..<bytes.count {
      #expect(throws: SQLError.self) { try BatchCodec.decode(Array(bytes[..<count]), types: types) }
    }
    #expect(throws: SQLError.self) { try BatchCodec.decode(bytes + [0], types: types) }
  }

  /// 200,000 mutations in all. What still decodes is a whole batch: it can be read, and survives the round trip.
  @Test(arguments: 1...20) func hostileBytesGiveABatchOrDamageButNeverATrap(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let decoded = (0..<10_000).count { _ in decodesAfterMutation(&random, seed) }
    #expect(decoded > 100 && decoded < 9_900)
  }
}

@Suite struct LongBatchCodecTests {
  @Test(.enabled(if: LongRun.current != nil)) func hostileBytesGiveABatchOrDamage() throws {
    let run = try #require(LongRun.current)
    for seed in run.seeds {
      var random = SeededRandom(seed: seed)
      _ = decodesAfterMutation(&random, seed)
    }
  }
}

/// Decodes a random batch after up to four mutations of its bytes. Returns: whether a batch came out.
private func decodesAfterMutation(_ random: inout SeededRandom, _ seed: UInt64) -> Bool {
  let batch = randomBatch(&random, count: Int(random.next() % 6), columns: Int(random.next() % 11))
  let types = batch.columns.map(\.physicalType)
  var bytes = BatchCodec.encode(batch)
  for _ in 0...random.next() % 4 {
    let place = Int(random.next() % UInt64(bytes.count))
    switch random.next() % 4 {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 1: bytes[place] ^= 1 << UInt8(random.next() % 8)
    case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
    default: if bytes.count > 1 { bytes.remove(at: place) }
    }
  }
  do throws(SQLError) {
    let first = try BatchCodec.decode(bytes, types: types)
    // A batch without columns may claim any number of rows.
    if first.count < 100 {
      let second = try BatchCodec.decode(BatchCodec.encode(first), types: types)
      if !isSame(first, second) { Issue.record("a batch changes in the round trip, seed \(seed)") }
    }
    return true
  } catch {
    if error.state != .dataCorrupted { Issue.record("state \(error.state) instead of XX001, seed \(seed)") }
    return false
  }
}
