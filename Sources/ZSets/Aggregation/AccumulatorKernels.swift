import Columnar
import SQLTypes
import StateMemory

extension GroupState {
  /// Adds what a batch holds for one aggregate to its groups.
  ///
  /// - base: where the image of group 0 lies; the groups are declared and touched.
  mutating func accumulate(_ slot: Slot, _ input: AccumulatorInput, _ base: UnsafeMutableRawPointer) {
    let target = AccumulatorTarget(base: base + slot.word * 8, rowBytes: rows.rowBytes)
    switch slot.kind {
    case .rows, .ordered: break
    case .count: target.forEach(input) { words, _, weight in words[0] &+= UInt64(bitPattern: weight) }
    case .integers, .scaled, .wide, .interval: sum(slot, input, target)
    case .buckets:
      guard let values = input.values else { return }
      let aggregate = slot.word
      readCount += buckets.add(
        values, weights: input.counts, groups: input.groupIDs, count: input.count, aggregate: aggregate, round: round
      ) { target.words(of: $0) }
    case .latest: keepExtreme(slot, input, target)
    }
    withExtendedLifetime(input) {}
  }

  private func sum(_ slot: Slot, _ input: AccumulatorInput, _ target: AccumulatorTarget) {
    guard let values = input.values else { return }
    let step = values.isConstant ? 0 : 1
    switch (slot.kind, values.physicalType) {
    case (.integers, .int16): sumIntegers(input, values.pointer(as: Int16.self), step, target)
    case (.integers, .int32): sumIntegers(input, values.pointer(as: Int32.self), step, target)
    case (.integers, .int64): sumIntegers(input, values.pointer(as: Int64.self), step, target)
    case (.scaled, .int64):
      let value = values.pointer(as: Int64.self)
      target.forEach(input) { words, row, weight in
        words[0] &+= UInt64(bitPattern: weight)
        if value[row &* step] == ScaledNumeric.nan(Int64.self) {
          words[3] &+= UInt64(bitPattern: weight)
        } else {
          addProduct(value[row &* step], weight, to: words + 1)
        }
      }
    case (.wide, .int128):
      let value = values.pointer(as: Int128.self)
      target.forEach(input) { words, row, weight in
        words[0] &+= UInt64(bitPattern: weight)
        if value[row &* step] == ScaledNumeric.nan(Int128.self) {
          words[4] &+= UInt64(bitPattern: weight)
        } else {
          addProduct(value[row &* step], weight, to: words + 1)
        }
      }
    case (.interval, .interval):
      let value = values.pointer(as: Interval.self)
      target.forEach(input) { words, row, weight in
        let interval = value[row &* step]
        words[0] &+= UInt64(bitPattern: weight)
        words[1] &+= UInt64(bitPattern: weight &* Int64(interval.months))
        words[2] &+= UInt64(bitPattern: weight &* Int64(interval.days))
        addProduct(interval.microseconds, weight, to: words + 3)
      }
    default: preconditionFailure("a sum's words fit its argument")
    }
  }

  @inline(__always)
  private func sumIntegers<T: FixedWidthInteger & SignedInteger>(
    _ input: AccumulatorInput, _ values: UnsafePointer<T>, _ step: Int, _ target: AccumulatorTarget
  ) {
    target.forEach(input) { words, row, weight in
      words[0] &+= UInt64(bitPattern: weight)
      addProduct(Int64(truncatingIfNeeded: values[row &* step]), weight, to: words + 1)
    }
  }

  /// The extreme of insertions alone.
  private mutating func keepExtreme(_ slot: Slot, _ input: AccumulatorInput, _ target: AccumulatorTarget) {
    guard let values = input.values else { return }
    let layout = RowLayout(types: [values.physicalType])
    let packed = PackedRows(layout, [values], count: input.count)
    let from = packed.words + 1, stride = packed.strideWords, valueWords = layout.endWord - 1
    let order = ValueOrder(values.physicalType), isMinimum = slot.call.function == .minimum
    let isText = values.physicalType == .text
    let writer = arena.willChange()
    let groups = input.groupIDs, weights = input.counts
    for row in 0..<input.count where weights[row] > 0 {
      let words = target.words(of: groups[row]), value = from + row &* stride
      let difference = words[0] == 0 ? 0 : order.compare(value, words + 1, writer.base)
      if words[0] == 0 || (isMinimum ? difference < 0 : difference > 0) {
        if isText, words[0] != 0 { freeTexts(of: words + 1, [1], writer) }
        (words + 1).update(from: value, count: valueWords)
        if isText { storeTexts(of: words + 1, [1], writer) }
      }
      words[0] &+= UInt64(bitPattern: weights[row])
    }
    withExtendedLifetime(packed) {}
  }
}

/// Where the words of one aggregate lie in each group.
struct AccumulatorTarget {
  /// Those of group 0.
  let base: UnsafeMutableRawPointer
  let rowBytes: Int

  @inline(__always)
  func words(of group: UInt32) -> UnsafeMutablePointer<UInt64> {
    (base + Int(group) &* rowBytes).assumingMemoryBound(to: UInt64.self)
  }

  /// Calls `body` with the words, the number and the weight of each row, also where it is 0.
  @inline(__always)
  func forEach(_ input: AccumulatorInput, _ body: (UnsafeMutablePointer<UInt64>, Int, Int64) -> Void) {
    let groups = input.groupIDs, weights = input.counts, count = input.count
    var row = 0
    while row < count {
      body(words(of: groups[row]), row, weights[row])
      row &+= 1
    }
  }
}
