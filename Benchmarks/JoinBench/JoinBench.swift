// The join of KERNELS §5 through the operators: auctions against bids, 1:10, both growing in every tick of 4,096 rows.
//
//     BENCH=1 swift run -c release JoinBench [auctions [rounds]]
//
// A row in has a key and a text (the auction's 24 bytes, the bid's 44), a row out both sides' columns. Printed is CPU time
// of the thread per input row, batches being made beforehand: arranging both sides and joining, in every tick; in turns with
// sides that look for each row, as retractions need it, and append-only ones.
import Columnar
import Dataflow
import Platform
import SQLTypes
import StateMemory

private struct Generator {
  var state: UInt64 = 42
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 33) ^ state >> 11
  }
}

private struct Tick {
  let auctions: Batch
  let bids: Batch
}

private func batch(_ keys: [Int64], _ generator: inout Generator, text: (UInt64) -> String) -> Batch {
  var keyBuilder = ColumnBuilder<Int64>(.int64, capacity: keys.count)
  var valueBuilder = ColumnBuilder<Int64>(.int64, capacity: keys.count)
  var textBuilder = TextBuilder(capacity: keys.count, arenaBytes: keys.count * 48)
  for key in keys {
    keyBuilder.append(key)
    valueBuilder.append(Int64(generator.next() % 1_000_000_007))
    textBuilder.append(Array(text(generator.next()).utf8).span)
  }
  return Batch(count: keys.count, columns: [keyBuilder.finish(), valueBuilder.finish(), textBuilder.finish()])
}

private func ticks(auctionCount: Int) -> [Tick] {
  var generator = Generator()
  let auctionsPerTick = 4096 / 11, bidsPerTick = 4096 - auctionsPerTick
  return stride(from: 0, to: auctionCount, by: auctionsPerTick).map { first in
    let auctions = (first..<min(auctionCount, first + auctionsPerTick)).map { Int64($0) }
    let bids = (0..<bidsPerTick).map { _ in Int64(generator.next() % UInt64(auctionCount)) }
    return Tick(
      auctions: batch(auctions, &generator) { "auction of item \(100_000_00 + $0 % 1_000_000_0)" },
      bids: batch(bids, &generator) { "https://www.example.com/item?query=\(1_000_000_00 + $0 % 1_000_000_00)" })
  }
}

private func run(_ ticks: [Tick], isAppendOnly: Bool) -> (rowsIn: Int, rowsOut: Int, nanoseconds: Int64, stateBytes: Int) {
  let space = StateSpace(), types: [SQLType] = [.bigint, .bigint, .text]
  let left = Arrange(types: types, keys: [0], isAppendOnly: isAppendOnly, space: space)
  let right = Arrange(types: types, keys: [0], isAppendOnly: isAppendOnly, space: space)
  let join = Join(kind: .inner, left: left, right: right, residual: nil)
  var rowsIn = 0, rowsOut = 0
  let start = threadCPUNanoseconds
  for tick in ticks {
    var passed = TickOutput(), output = TickOutput()
    _ = left.push(tick.auctions, port: 0, into: &passed)
    _ = right.push(tick.bids, port: 0, into: &passed)
    left.endTick(into: &passed)
    right.endTick(into: &passed)
    _ = join.push(tick.auctions, port: 0, into: &output)
    _ = join.push(tick.bids, port: 1, into: &output)
    join.endTick(into: &output)
    left.closeTick()
    right.closeTick()
    rowsIn += tick.auctions.count + tick.bids.count
    for batch in output.batches { rowsOut += batch.count }
  }
  let nanoseconds = threadCPUNanoseconds - start
  return (rowsIn, rowsOut, nanoseconds, space.stateBytes)
}

@main
struct JoinBench {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    let auctionCount = arguments.first ?? 500_000
    let input = ticks(auctionCount: auctionCount)
    for round in 0..<(arguments.dropFirst().first ?? 4) {
      let isAppendOnly = round % 2 == 1
      let figures = run(input, isAppendOnly: isAppendOnly)
      let perRow = Double(figures.nanoseconds) / Double(figures.rowsIn)
      print(
        "\(isAppendOnly ? "append-only" : "any changes"): \(figures.rowsIn) rows in, \(figures.rowsOut) out: \(Int(perRow)) ns a row in,",
        "\(Double(Int(100_000 / perRow)) / 100) M rows/s, \(figures.stateBytes >> 20) MiB of state")
    }
  }
}
