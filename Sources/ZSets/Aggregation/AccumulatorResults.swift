import Columnar
package import SQLTypes
import StateMemory

/// Images of groups, of which some send data: the input of results.
struct GroupImages {
  let addresses: UnsafePointer<UnsafePointer<UInt64>>
  let count: Int
  /// Images below this number are from before the round.
  let oldCount: Int
  /// Results are wanted of those that send data.
  let status: UnsafePointer<SentStatus>
}

/// Where an aggregate cannot be sent (22003).
package struct AggregateFailure: Sendable {
  package let column: Int
  package let row: Int
  package let error: SQLError
}

extension GroupState {
  /// What one aggregate sends for each image; null and zero where nothing is wanted or it failed.
  ///
  /// - Errors: 22003 where the value leaves its type.
  func results(_ slot: Slot, _ images: GroupImages, _ column: Int, _ failures: inout [AggregateFailure]) -> Column {
    let result = slot.call.result.physicalType
    switch slot.kind {
    case .rows: return map(images, 0, Int64.self, result, column, &failures) { words, _ in Int64(bitPattern: words[0]) }
    case .count: return map(images, slot.word, Int64.self, result, column, &failures) { words, _ in Int64(bitPattern: words[0]) }
    case .integers: return integers(slot, images, column, &failures)
    case .scaled, .wide: return scaled(slot, images, column, &failures)
    case .buckets: return bucketed(slot, images, column, &failures)
    case .interval: return intervals(slot, images, column, &failures)
    case .latest: return latest(slot, images)
    case .ordered: return ordered(slot, images)
    }
  }

  /// One value for each image whose words begin with a count above 0, or for count: always.
  @inline(__always)
  private func map<T: BitwiseCopyable>(
    _ images: GroupImages, _ word: Int, _ type: T.Type, _ result: PhysicalType, _ column: Int,
    _ failures: inout [AggregateFailure], _ value: (UnsafePointer<UInt64>, Bool) throws(SQLError) -> T?
  ) -> Column {
    precondition(MemoryLayout<T>.stride == result.stride, "a result of its type")
    let out = Buffer(byteCount: images.count * result.stride), to = out.pointer(as: type)
    let nulls = Buffer(byteCount: (images.count + 63) / 64 * 8), bits = nulls.pointer(as: UInt64.self)
    var hasNulls = false, row = 0
    while row < images.count {
      var isNull = true
      if images.status[row] == .data {
        do throws(SQLError) {
          if let value = try value(images.addresses[row] + word, row < images.oldCount) {
            to[row] = value
            isNull = false
          }
        } catch { failures.append(AggregateFailure(column: column, row: row, error: error)) }
      }
      if isNull {
        bits[row &>> 6] |= 1 &<< UInt64(row & 63)
        hasNulls = true
      }
      row &+= 1
    }
    return Column(result, count: images.count, values: out, nulls: hasNulls ? nulls : nil)
  }

  private func integers(
    _ slot: Slot, _ images: GroupImages, _ column: Int, _ failures: inout [AggregateFailure]
  ) -> Column {
    let result = slot.call.result.physicalType
    if slot.call.function == .average {
      return map(images, slot.word, NumericCell.self, result, column, &failures) { (words, _) throws(SQLError) in
        try average(exactly(int128(words + 1), 0), words[0])
      }
    }
    if result == .int64 {
      return map(images, slot.word, Int64.self, result, column, &failures) { (words, _) throws(SQLError) in
        if Int64(bitPattern: words[0]) <= 0 { return nil }
        guard let sum = Int64(exactly: int128(words + 1)) else { throw .outOfRange(slot.call.result) }
        return sum
      }
    }
    return map(images, slot.word, NumericCell.self, result, column, &failures) { (words, _) throws(SQLError) in
      if Int64(bitPattern: words[0]) <= 0 { return nil }
      let sum = int128(words + 1)
      if Int64(exactly: sum) != nil { return NumericCell(Numeric(unscaled: sum, scale: 0)) }
      return NumericCell(try exactly(sum, 0))
    }
  }

  private func scaled(
    _ slot: Slot, _ images: GroupImages, _ column: Int, _ failures: inout [AggregateFailure]
  ) -> Column {
    guard case .numeric(let modifier?)? = slot.call.argument?.type else { preconditionFailure("a scaled numeric") }
    let isWide = slot.kind == .wide, isAverage = slot.call.function == .average
    return map(images, slot.word, NumericCell.self, .numeric, column, &failures) { (words, _) throws(SQLError) in
      if Int64(bitPattern: words[0]) <= 0 { return nil }
      if Int64(bitPattern: words[isWide ? 4 : 3]) > 0 { return NumericCell(.nan) }
      let sum = isWide ? try narrowed((words[1], words[2], words[3])) : int128(words + 1)
      let number = try exactly(sum, modifier.scale)
      return isAverage ? try average(number, words[0]) : NumericCell(number)
    }
  }

  private func exactly(_ unscaled: Int128, _ scale: Int) throws(SQLError) -> Numeric {
    guard let number = Numeric(exactly: unscaled, scale: scale) else { throw .numericOverflow() }
    return number
  }

  /// A sum of 192 bits as 128.
  private func narrowed(_ words: (UInt64, UInt64, UInt64)) throws(SQLError) -> Int128 {
    let low = Int128(truncatingIfNeeded: UInt128(words.1) << 64 | UInt128(words.0))
    guard words.2 == (low < 0 ? .max : 0) else { throw .numericOverflow() }
    return low
  }

  private func average(_ sum: Numeric, _ count: UInt64) throws(SQLError) -> NumericCell? {
    let count = Int64(bitPattern: count)
    return count <= 0 ? nil : NumericCell(try sum.divided(by: Numeric(count)))
  }

  private func intervals(
    _ slot: Slot, _ images: GroupImages, _ column: Int, _ failures: inout [AggregateFailure]
  ) -> Column {
    let isAverage = slot.call.function == .average
    return map(images, slot.word, Interval.self, .interval, column, &failures) { (words, _) throws(SQLError) in
      let count = Int64(bitPattern: words[0])
      if count <= 0 { return nil }
      guard let months = Int32(exactly: Int64(bitPattern: words[1])), let days = Int32(exactly: Int64(bitPattern: words[2])),
        let microseconds = Int64(exactly: int128(words + 3))
      else { throw .intervalOutOfRange() }
      let sum = Interval(months: months, days: days, microseconds: microseconds)
      return isAverage ? try sum.divided(by: Double(count)) : sum
    }
  }

  private func bucketed(
    _ slot: Slot, _ images: GroupImages, _ column: Int, _ failures: inout [AggregateFailure]
  ) -> Column {
    let isAverage = slot.call.function == .average
    switch slot.call.argument?.type {
    case .numeric:
      return map(images, slot.word, NumericCell.self, .numeric, column, &failures) { (words, isOld) throws(SQLError) in
        if Int64(bitPattern: words[0]) <= 0 { return nil }
        let sum = try BucketTotal(buckets, words[1], isOld, round).numeric()
        return isAverage ? try average(sum, words[0]) : NumericCell(sum)
      }
    default:
      if slot.call.result == .real {
        return map(images, slot.word, Float.self, .float32, column, &failures) { (words, isOld) throws(SQLError) in
          if Int64(bitPattern: words[0]) <= 0 { return nil }
          return Float(try BucketTotal(buckets, words[1], isOld, round).double(isSingle: true))
        }
      }
      return map(images, slot.word, Double.self, .float64, column, &failures) { (words, isOld) throws(SQLError) in
        let count = Int64(bitPattern: words[0])
        if count <= 0 { return nil }
        let sum = try BucketTotal(buckets, words[1], isOld, round).double(isSingle: false)
        return isAverage ? sum / Double(count) : sum
      }
    }
  }

  /// The extremes that stand in the images themselves.
  private func latest(_ slot: Slot, _ images: GroupImages) -> Column {
    guard let type = slot.call.argument?.type.physicalType else { preconditionFailure("an extreme of values") }
    let valueWords = (type.stride + 7) / 8
    let values = Buffer(byteCount: images.count * valueWords * 8), ids = Buffer(byteCount: images.count * 4)
    let (to, idOut) = (values.pointer(as: UInt64.self), ids.pointer(as: UInt32.self))
    var rows: [Int] = []
    for row in 0..<images.count where images.status[row] == .data {
      let words = images.addresses[row] + slot.word
      if words[0] == 0 { continue }
      (to + rows.count * valueWords).update(from: words + 1, count: valueWords)
      idOut[rows.count] = UInt32(rows.count)
      rows.append(row)
    }
    let field = RowLayout.Field(type: type, offset: 0, nullWord: 0, nullBit: 0)
    let arenaBase = arena.base
    let column = unpack(
      [field], base: values.base, rowBytes: valueWords * 8, rows: idOut, count: rows.count
    ) { tail, bytes, to in to.copyMemory(from: longText(tail, arenaBase), byteCount: bytes) }
    return .scatter([(Selection(rows), column[0])], type, count: images.count)
  }

  /// The extremes that rows of an index hold.
  private func ordered(_ slot: Slot, _ images: GroupImages) -> Column {
    guard let type = slot.call.argument?.type.physicalType, let number = slot.index else {
      preconditionFailure("an extreme of values")
    }
    let ids = Buffer(byteCount: images.count * 4), idOut = ids.pointer(as: UInt32.self)
    var rows: [Int] = []
    for row in 0..<images.count where images.status[row] == .data {
      let word = images.addresses[row][slot.word]
      if word == 0 { continue }
      idOut[rows.count] = UInt32(truncatingIfNeeded: word - 1)
      rows.append(row)
    }
    return .scatter([(Selection(rows), indexes[number].values(of: idOut, count: rows.count))], type, count: images.count)
  }
}

/// What a group's buckets hold together.
private struct BucketTotal {
  private var sums: [BucketSums.Sum] = []
  private var hasNaN = false
  private var hasInfinity = false
  private var hasNegativeInfinity = false

  init(_ buckets: borrowing BucketSums, _ first: UInt64, _ isOld: Bool, _ round: UInt64) {
    var sums: [BucketSums.Sum] = [], nan = false, infinity = false, negativeInfinity = false
    buckets.sums(from: first, isOld: isOld, round: round) { sum in
      switch sum.bucket {
      case BucketSums.nan: nan = sum.count > 0
      case BucketSums.infinity: infinity = sum.count > 0
      case BucketSums.negativeInfinity: negativeInfinity = sum.count > 0
      default: if sum.count != 0 || sum.words != (0, 0, 0) { sums.append(sum) }
      }
    }
    self.sums = sums
    hasNaN = nan || (infinity && negativeInfinity)
    hasInfinity = infinity
    hasNegativeInfinity = negativeInfinity
  }

  /// The sum, with the largest of the scales. 22003 from 39 digits on.
  func numeric() throws(SQLError) -> Numeric {
    if hasNaN { return .nan }
    if hasInfinity { return .infinity }
    if hasNegativeInfinity { return .negativeInfinity }
    let scale = sums.map(\.bucket).max() ?? 0
    if sums.count == 1 {
      let words = sums[0].words, sum = Int128(truncatingIfNeeded: UInt128(words.1) << 64 | UInt128(words.0))
      guard words.2 == (sum < 0 ? .max : 0), let number = Numeric(exactly: sum, scale: scale) else {
        throw .numericOverflow()
      }
      return number
    }
    // 192 bits times 10^254 are 1,036 bits, and there are at most 255 such summands.
    let wordCount = 17
    var total = WideInteger(wordCount: wordCount)
    for sum in sums {
      var part = WideInteger(wordCount: wordCount)
      part.add(sum.words, atWord: 0)
      let isNegative = part.isNegative
      if isNegative { part.negate() }
      var digits = scale - sum.bucket
      while digits > 0 {
        let step = min(digits, 19)
        part.multiply(by: UInt64(truncatingIfNeeded: powerOfTen(step)))
        digits -= step
      }
      if isNegative { part.negate() }
      total.add(part)
    }
    let isNegative = total.isNegative
    if isNegative { total.negate() }
    guard let magnitude = total.magnitude128, let unscaled = Int128(exactly: magnitude),
      let number = Numeric(exactly: isNegative ? -unscaled : unscaled, scale: scale)
    else { throw .numericOverflow() }
    return number
  }

  /// The sum, rounded once. 22003 beyond the type's range.
  func double(isSingle: Bool) throws(SQLError) -> Double {
    if hasNaN { return .nan }
    if hasInfinity { return .infinity }
    if hasNegativeInfinity { return -.infinity }
    // Words from the smallest bucket that is there to above the largest.
    guard let first = sums.map(\.bucket).min(), let last = sums.map(\.bucket).max() else { return 0 }
    var total = WideInteger(wordCount: last - first + 4)
    for sum in sums { total.add(sum.words, atWord: sum.bucket - first) }
    let unit = 64 * first - 1074
    let value = isSingle
      ? total.nearest(
        unit: unit, significandBits: 24, leastExponent: -149, greatest: Double(Float.greatestFiniteMagnitude))
      : total.nearest(unit: unit, significandBits: 53, leastExponent: -1074, greatest: .greatestFiniteMagnitude)
    guard let value else { throw SQLError(.numericValueOutOfRange, "value out of range: overflow") }
    return value
  }
}
