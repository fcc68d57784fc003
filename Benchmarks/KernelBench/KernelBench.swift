// The kernels that operators call, on batches of 4,096 rows that stay in the second-level cache, beside C twins.
//
//     BENCH=1 swift run -c release KernelBench [rounds [name]]
//
// Kernel and twin take turns in each round. Printed are the medians of the thread's CPU time in ns a row, the kernel's rate,
// the ratio to the twin, and the target of KERNELS §11; `over` marks a ratio above the gate. Ours include the memory that
// the result lies in, the twins' results go where the last ones went. Both must give the same bytes.
import CTwins
import Columnar
import Platform
import SQLTypes
import ZSets

private let gate = 1.15
private let rowCount = Batch.targetRowCount
/// Different batches in turn, so that branches are not learnt by heart.
private let batchCount = 4

private struct Random {
  var state: UInt64 = 42

  mutating func next(below bound: UInt64) -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return ((state >> 33) ^ state >> 11) % bound
  }
}

/// The batches of a kernel: columns of random values below `bound`, a tenth of them null if `hasNulls`.
private func integers(below bound: UInt64, seed: UInt64, hasNulls: Bool = false) -> [Column] {
  var random = Random(state: seed)
  return (0..<batchCount).map { _ in
    var builder = ColumnBuilder<Int64>(.int64, capacity: rowCount)
    for _ in 0..<rowCount {
      let value = Int64(random.next(below: bound))
      if hasNulls && random.next(below: 10) == 0 { builder.appendNull() } else { builder.append(value) }
    }
    return builder.finish()
  }
}

private func texts(_ text: (inout Random) -> String) -> [Column] {
  var random = Random()
  return (0..<batchCount).map { _ in
    var builder = TextBuilder(capacity: rowCount, arenaBytes: rowCount * 48)
    for _ in 0..<rowCount { builder.append(Array(text(&random).utf8).span) }
    return builder.finish()
  }
}

private func padded(_ number: UInt64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// FNV's step over a result's bytes.
private func checksum(_ bytes: UnsafeRawPointer, _ count: Int, after sum: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
  UnsafeRawBufferPointer(start: bytes, count: count).reduce(sum) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

private func checksum(_ result: KernelResult) -> UInt64 {
  precondition(result.failures.isEmpty, "no row fails")
  return checksum(result.column)
}

private func checksum(_ column: Column) -> UInt64 {
  checksum(column.values.base, column.count * column.physicalType.stride)
}

private func checksum(_ selection: Selection) -> UInt64 { checksum(selection.rows.base, selection.count * 4) }

/// Memory for a twin's results; it is never freed, since only pointers name it.
private func memory<T: BitwiseCopyable>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
  let memory = UnsafeMutablePointer<T>.allocate(capacity: count)
  UnsafeMutableRawPointer(memory).initializeMemory(as: UInt8.self, repeating: 0, count: count * MemoryLayout<T>.stride)
  return memory
}

private struct Bench {
  let rounds: Int
  let only: String?

  /// Prints a line for a kernel and its twin, both called with the number of a batch.
  ///
  /// - target: M rows/s, if KERNELS §11 has one.
  /// - rows: how many rows a call handles.
  /// - sum, twinSum: checksums of a result, and of what the twin's last call gave.
  func compare<Output>(
    _ name: String, target: Double?, rows: (Int) -> Int = { _ in rowCount }, ours: (Int) -> Output,
    sum: (Output) -> UInt64, twin: (Int) -> Void, twinSum: (Int) -> UInt64
  ) {
    if let only, !name.contains(only) { return }
    for batch in 0..<batchCount {
      twin(batch)
      precondition(sum(ours(batch)) == twinSum(batch), "\(name): the kernel and its twin disagree")
    }
    let passes = 100, total = Double(passes * (0..<batchCount).reduce(0) { $0 + rows($1) })
    var times: (ours: [Double], twin: [Double]) = ([], [])
    for _ in 0..<rounds {
      var before = threadCPUNanoseconds
      for _ in 0..<passes { for batch in 0..<batchCount { withExtendedLifetime(ours(batch)) {} } }
      times.ours.append(Double(threadCPUNanoseconds - before) / total)
      before = threadCPUNanoseconds
      for _ in 0..<passes { for batch in 0..<batchCount { twin(batch) } }
      times.twin.append(Double(threadCPUNanoseconds - before) / total)
    }
    let ours = times.ours.sorted()[rounds / 2], c = times.twin.sorted()[rounds / 2], ratio = ours / c
    print(
      column(name, 34, left: true) + column(fixed(ours, 2), 8) + column(fixed(c, 2), 8) + column(fixed(1000 / ours, 0), 8)
        + column(target.map { fixed($0, 0) } ?? "-", 8) + column(fixed(ratio, 2), 8) + (ratio > gate ? "  over" : ""))
  }
}

private func fixed(_ value: Double, _ digits: Int) -> String {
  let scaled = Int((value * (digits == 0 ? 1 : 100)).rounded())
  return digits == 0 ? String(scaled) : "\(scaled / 100).\(padded(UInt64(scaled % 100), 2))"
}

private func column(_ text: String, _ width: Int, left: Bool = false) -> String {
  let blanks = String(repeating: " ", count: max(0, width - text.count))
  return left ? text + blanks : blanks + text
}

private func compareFilters(_ bench: Bench) {
  let rows = memory(Int32.self, rowCount)
  let limit = Int64(500_000), constant = Column.constant(limit, .int64, count: rowCount)
  var kept: Int64 = 0
  let plain = integers(below: 1_000_000, seed: 1), nullable = integers(below: 1_000_000, seed: 2, hasNulls: true)
  bench.compare(
    "filter: bigint > constant", target: 1200, ours: { Selection.whereTrue(.compare(.greater, plain[$0], constant)) },
    sum: checksum, twin: { kept = ct_filter(plain[$0].pointer(as: Int64.self), Int64(rowCount), limit, rows) },
    twinSum: { _ in checksum(rows, Int(kept) * 4) })
  bench.compare(
    "filter: the same, a tenth null", target: nil,
    ours: { Selection.whereTrue(.compare(.greater, nullable[$0], constant)) }, sum: checksum,
    twin: {
      let nulls = nullable[$0].nulls!.pointer(as: UInt64.self)
      kept = ct_filter_nulls(nullable[$0].pointer(as: Int64.self), nulls, Int64(rowCount), limit, rows)
    }, twinSum: { _ in checksum(rows, Int(kept) * 4) })
}

private func compareGathers(_ bench: Bench, _ long: [Column]) {
  let values = memory(Int64.self, rowCount), views = memory(ct_view.self, rowCount)
  let plain = integers(below: 1_000_000, seed: 3)
  let constant = Column.constant(500_000 as Int64, .int64, count: rowCount)
  let selections = plain.map { Selection.whereTrue(.compare(.greater, $0, constant)) }
  func rows(_ batch: Int) -> UnsafePointer<Int32> { UnsafePointer(selections[batch].rows.pointer(as: Int32.self)) }
  bench.compare(
    "gather: bigint, half", target: 1500, rows: { selections[$0].count }, ours: { plain[$0].gather(selections[$0]) },
    sum: checksum,
    twin: {
      ct_gather8(
        plain[$0].pointer(as: Int64.self), rows($0), Int64(selections[$0].count), values)
    }, twinSum: { checksum(values, selections[$0].count * 8) })
  bench.compare(
    "gather: text views, half", target: 800, rows: { selections[$0].count }, ours: { long[$0].gather(selections[$0]) },
    sum: checksum,
    twin: { ct_gather16(textViews(long[$0]), rows($0), Int64(selections[$0].count), views) },
    twinSum: { checksum(views, selections[$0].count * 16) })
}

private func compareArithmetic(_ bench: Bench) {
  let out = memory(Int64.self, rowCount)
  let prices = integers(below: 1_000_000, seed: 4), others = integers(below: 1_000_000, seed: 5)
  let factor = Column.constant(908 as Int64, .int64, count: rowCount)
  let divisor = Column.constant(1000 as Int64, .int64, count: rowCount)
  func values(_ column: Column) -> UnsafePointer<Int64> { UnsafePointer(column.pointer(as: Int64.self)) }
  var faults: Int32 = 0
  let twinSum: (Int) -> UInt64 = { _ in
    precondition(faults == 0, "no row fails")
    return checksum(out, rowCount * 8)
  }
  bench.compare(
    "bigint + bigint", target: 2000, ours: { Column.arithmetic(.add, prices[$0], others[$0]) }, sum: checksum,
    twin: { faults |= ct_add(values(prices[$0]), values(others[$0]), Int64(rowCount), out) }, twinSum: twinSum)
  bench.compare(
    "bigint * 908", target: nil, ours: { Column.arithmetic(.multiply, prices[$0], factor) }, sum: checksum,
    twin: { faults |= ct_multiply(values(prices[$0]), Int64(rowCount), out) }, twinSum: twinSum)
  bench.compare(
    "bigint / 1000", target: nil, ours: { Column.arithmetic(.divide, prices[$0], divisor) }, sum: checksum,
    twin: { faults |= ct_divide(values(prices[$0]), Int64(rowCount), out) }, twinSum: twinSum)
  bench.compare(
    "bigint * 908 / 1000, two kernels", target: 800,
    ours: { Column.arithmetic(.divide, Column.arithmetic(.multiply, prices[$0], factor).column, divisor) }, sum: checksum,
    twin: { faults |= ct_multiply_divide(values(prices[$0]), Int64(rowCount), out) }, twinSum: twinSum)
}

private func textViews(_ column: Column) -> UnsafePointer<ct_view> {
  UnsafePointer(column.values.base.assumingMemoryBound(to: ct_view.self))
}

private func arena(_ column: Column) -> UnsafePointer<UInt8>? {
  column.arenas.first.map { UnsafePointer($0.pointer(as: UInt8.self)) }
}

private func compareTexts(_ bench: Bench, _ short: [Column], _ long: [Column]) {
  let out = memory(UInt8.self, rowCount), words = memory(UInt64.self, rowCount * 3), hashes = memory(UInt32.self, rowCount)
  let layout = RowLayout(types: [.text])
  for (bytes, columns, rates) in [(12, short, (1000.0 as Double?, 500.0)), (44, long, (nil, 250))] {
    let constant = Column.constant(text: columns[0].text(17), count: rowCount)
    bench.compare(
      "text = constant, \(bytes) bytes", target: rates.0, ours: { Column.compare(.equal, columns[$0], constant) }, sum: checksum,
      twin: {
        ct_text_equal(
          textViews(columns[$0]), Int64(rowCount), arena(columns[$0]), textViews(constant)[0], arena(constant), out)
      },
      twinSum: { _ in checksum(out, rowCount) })
    bench.compare(
      "text packed and hashed, \(bytes) bytes", target: rates.1,
      ours: { PackedRows(layout, [columns[$0]], count: rowCount) },
      sum: { checksum($0.hashes, rowCount * 4, after: checksum($0.words, rowCount * 24)) },
      twin: {
        ct_text_hash(
          textViews(columns[$0]), Int64(rowCount), arena(columns[$0]), words, hashes)
      }, twinSum: { _ in checksum(hashes, rowCount * 4, after: checksum(words, rowCount * 24)) })
  }
  let needle = Array("query=1".utf8), pattern = Column.constant(text: "%query=1%", count: rowCount)
  bench.compare(
    "text LIKE '%query=1%', 44 bytes", target: 220,
    ours: { Column.like(long[$0], pattern, escape: 0x5c, ignoringCase: false) }, sum: checksum,
    twin: { ct_contains(textViews(long[$0]), Int64(rowCount), arena(long[$0]), needle, Int64(needle.count), out) },
    twinSum: { _ in checksum(out, rowCount) })
}

/// What an exchange does with a batch: the rows of each owner of a key, then the gathering of their columns.
private func comparePartitions(_ bench: Bench) {
  let columns = (0..<3).map { integers(below: 1_000_000, seed: 6 + $0) }
  let batches = (0..<batchCount).map { batch in Batch(count: rowCount, columns: columns.map { $0[batch] }) }
  let hashes = memory(UInt32.self, rowCount)
  for owners in [2, 8] {
    let rows: [UnsafeMutablePointer<Int32>?] = (0..<owners).map { _ in memory(Int32.self, rowCount) }
    let results: [UnsafeMutablePointer<Int64>?] = (0..<owners * 3).map { _ in memory(Int64.self, rowCount) }
    var counts = [Int64](repeating: 0, count: owners)
    let inputs = batches.map { $0.columns.map { UnsafePointer($0.pointer(as: Int64.self)) as UnsafePointer<Int64>? } }
    bench.compare(
      "partition to \(owners), 3 columns", target: 180,
      ours: { batch in
        let batch = batches[batch]
        let rows = rowsByOwner(of: [batch.columns[0]], types: [.bigint], count: rowCount, owners: owners)
        return rows.map { batch.gather($0) }
      },
      sum: { parts in
        var sum: UInt64 = 0
        for part in parts { for column in part.columns { sum = sum &* 31 &+ checksum(column) } }
        return sum
      },
      twin: {
        ct_partition(
          inputs[$0], Int64(rowCount), Int64(owners), hashes, rows, &counts, results)
      },
      twinSum: { _ in
        var sum: UInt64 = 0
        for (index, result) in results.enumerated() {
          sum = sum &* 31 &+ checksum(result!, Int(counts[index / 3]) * 8)
        }
        return sum
      })
  }
}

@main
private struct KernelBench {
  static func main() {
    let arguments = CommandLine.arguments
    let rounds = arguments.count > 1 ? max(1, Int(arguments[1]) ?? 15) : 15
    let bench = Bench(rounds: rounds, only: arguments.count > 2 ? arguments[2] : nil)
    // As long as the channels and addresses of KERNELS §2: equal lengths, the addresses with 24 bytes in common.
    let short = texts { "channel-" + padded($0.next(below: 20), 4) }
    let long = texts {
      "https://www.example.com/?query=" + padded($0.next(below: 20) * 500_000, 7) + "&n=" + padded($0.next(below: 1000), 3)
    }
    print(column("", 34) + ["ours", "C", "M/s", "target", "x C"].map { column($0, 8) }.joined())
    compareFilters(bench)
    compareGathers(bench, long)
    compareArithmetic(bench)
    compareTexts(bench, short, long)
    comparePartitions(bench)
  }
}
