// Group-by count, sum and max over ten million random rows: our state with its marks against the C twin without.
//
//     BENCH=1 swift run -c release StateBench [rounds [groups [variant]]]
//
// Variants take turns in each round; printed is the median CPU time of the thread, in ns per row, and the ratio to the
// better of the two C twins. `snapshots` holds one snapshot at all times, replaced every million rows.
import CTwins
import Platform
import StateMemory

private struct Row: BitwiseCopyable {
  var key: Int64
  var count: Int64
  var sum: Int64
  var max: Int64
}

private struct Input {
  let keys: [UInt64]
  let values: [Int64]
  let weights: [Int64]

  init(rows: Int, groups: UInt64) {
    var state: UInt64 = 42
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) ^ state >> 11
    }
    keys = (0..<rows).map { _ in next() % groups }
    values = (0..<rows).map { _ in Int64(next() % 1000) - 500 }
    weights = [Int64](repeating: 1, count: rows)
  }
}

@inline(__always) private func hash(_ key: UInt64) -> UInt32 {
  let product = (key ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
  return UInt32(truncatingIfNeeded: (product.high ^ product.low) >> 32)
}

private enum Snapshots { case none, everyMillionRows }

/// The rows of one batch go into their groups.
private func update(
  _ table: inout KeyedRows, _ ids: UnsafePointer<UInt32>, _ values: UnsafePointer<Int64>,
  _ weights: UnsafePointer<Int64>, _ count: Int
) {
  let writer = table.willChange(Span(_unsafeStart: ids, count: count))
  let rows = writer.base.assumingMemoryBound(to: Row.self)
  var index = 0
  while index < count {
    let row = rows + Int(ids[index]), value = values[index], weight = weights[index]
    row.pointee.count &+= weight
    row.pointee.sum &+= value &* weight
    if value > row.pointee.max { row.pointee.max = value }
    index &+= 1
  }
}

private func group(_ input: Input, batch: Int, snapshots: Snapshots) -> Int64 {
  let space = StateSpace()
  var table = KeyedRows(
    rowBytes: 32, keyWords: 1, newRow: [0, 0, UInt64(bitPattern: Int64.min)], in: space)
  var hashes = [UInt32](repeating: 0, count: batch), ids = hashes
  var snapshot: Snapshot?
  var start = 0, tick: UInt64 = 0, nextSnapshot = 0
  let total = input.keys.count
  input.keys.withUnsafeBufferPointer { keys in
    input.values.withUnsafeBufferPointer { values in
      input.weights.withUnsafeBufferPointer { weights in
        while start < total {
          let count = min(batch, total - start)
          space.snapshots.beginPublish()
          hashes.withUnsafeMutableBufferPointer { hashes in
            let hashes = hashes.baseAddress!, keys = keys.baseAddress! + start
            var index = 0
            while index < count {
              hashes[index] = hash(keys[index])
              index &+= 1
            }
          }
          do {
            var span = ids.mutableSpan
            let batchKeys = Span(_unsafeStart: keys.baseAddress! + start, count: count)
            table.findOrInsert(keys: batchKeys, hashes: hashes.span.extracting(0..<count), into: &span)
          }
          ids.withUnsafeBufferPointer {
            update(&table, $0.baseAddress!, values.baseAddress! + start, weights.baseAddress! + start, count)
          }
          tick += 1
          space.snapshots.endPublish(tick: tick)
          start += count
          if snapshots == .everyMillionRows, start >= nextSnapshot {
            snapshot = nil
            snapshot = space.snapshots.openOnDriver()
            nextSnapshot += 1_000_000
          }
        }
      }
    }
  }
  withExtendedLifetime(snapshot) {}
  var checksum = Int64(table.count)
  let rows = table.elements(as: Row.self)
  for id in 0..<table.rows.idLimit { checksum += rows[id].sum * 31 + rows[id].count + rows[id].max }
  return checksum
}

@main
private struct StateBench {
  static func main() {
    let rounds = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 5 : 5
    let rows = 10_000_000, batch = 4096
    let only = CommandLine.arguments.count > 2 ? UInt64(CommandLine.arguments[2]) : nil
    for groups in [1000, 100_000, 5_000_000] as [UInt64] where only == nil || only == groups {
      let input = Input(rows: rows, groups: groups)
      let c: (Int32) -> Int64 = { prefetch in
        input.keys.withUnsafeBufferPointer { keys in
          keys.withMemoryRebound(to: Int64.self) {
            ct_group($0.baseAddress, input.values, input.weights, Int64(rows), Int64(batch), Int64(groups), prefetch)
          }
        }
      }
      let variants: [(name: String, run: () -> Int64)] = [
        ("C", { c(0) }), ("C, prefetch", { c(1) }),
        ("state", { group(input, batch: batch, snapshots: .none) }),
        ("state, snapshots", { group(input, batch: batch, snapshots: .everyMillionRows) }),
      ].filter { CommandLine.arguments.count < 4 || CommandLine.arguments[3] == $0.0 }
      var times = [[Double]](repeating: [], count: variants.count)
      var checksums = Set<Int64>()
      for _ in 0..<rounds {
        for (index, variant) in variants.enumerated() {
          let before = threadCPUNanoseconds
          checksums.insert(variant.run())
          times[index].append(Double(threadCPUNanoseconds - before) / Double(rows))
        }
      }
      precondition(checksums.count == 1, "the variants disagree")
      let medians = times.map { $0.sorted()[$0.count / 2] }, ruler = medians.prefix(2).min()!
      print("\(groups) groups:")
      for (variant, median) in zip(variants, medians) {
        print("  \(variant.name): \((median * 100).rounded() / 100) ns/row, x\((median / ruler * 100).rounded() / 100)")
      }
    }
  }
}
