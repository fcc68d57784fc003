import StateMemory
import TestSupport
import Testing

@testable import ZSets

/// Rows are numbers; equal prefixes are common, so that rows are looked at too.
private struct NumberOrder: RowOrder {
  var values: [Int]
  var reads = 0
  mutating func compare(_ a: UInt32, _ b: UInt32) -> Int {
    reads += 1
    return values[Int(a)] - values[Int(b)]
  }
}

@Suite(.timeLimit(.minutes(2))) struct OrderedRowsTests {
  /// Against a sorted array: insertions, removals and changes of weight, with ranks and walks.
  @Test(arguments: 0..<8) func anOrderedListIsASortedArray(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let size = seed < 4 ? 600 : 30_000, spread = UInt64(seed % 2 == 0 ? 3 : 1000)
    let prefix = { (id: UInt32, order: NumberOrder) in UInt64(order.values[Int(id)]) / spread }
    var order = NumberOrder(values: (0..<size).map { $0 }.shuffled(using: &random))
    var list = OrderedRows(in: StateSpace())
    var weights = [Int64?](repeating: nil, count: size)  // by value
    for step in 0..<(seed < 4 ? 4000 : 60_000) {
      let id = UInt32(random.next() % UInt64(size)), value = order.values[Int(id)]
      // The list grows to most of the rows, then shrinks to few, and again.
      let grows = step / 9_000 % 2 == 0
      if let weight = weights[value] {
        if random.next() % 8 < (grows ? 1 : 7) {
          list.remove(id, prefix: prefix(id, order), order: &order)
          weights[value] = nil
        } else {
          let added = Int64(random.next() % 4) - min(weight, 2)
          let rank = list.add(added, to: id, prefix: prefix(id, order), order: &order)
          if size < 1000 { #expect(rank == sum(weights[..<value])) }
          weights[value] = weight + added
        }
      } else if grows || random.next() % 8 == 0 {
        let weight = Int64(random.next() % 3)
        let rank = list.insert(id, prefix: prefix(id, order), weight: weight, order: &order)
        if size < 1000 { #expect(rank == sum(weights[..<value])) }
        weights[value] = weight
      }
      if step % (size < 1000 ? 50 : 5000) == 0 {
        expectEqual(list, weights, order, from: 0)
        expectEqual(list, weights, order, from: Int64(random.next() % UInt64(size)))
      }
    }
    for id in 0..<UInt32(size) where weights[order.values[Int(id)]] != nil {
      list.remove(id, prefix: prefix(id, order), order: &order)
    }
    #expect(list.count == 0 && list.weight == 0)
  }

  private func sum(_ weights: ArraySlice<Int64?>) -> Int64 { weights.reduce(0) { $0 + ($1 ?? 0) } }

  private func expectEqual(_ list: borrowing OrderedRows, _ weights: [Int64?], _ order: NumberOrder, from rank: Int64) {
    var expected: [[Int64]] = []
    var start: Int64 = 0
    for (value, weight) in weights.enumerated() {
      guard let weight, weight > 0 else { continue }
      if start + weight > rank { expected.append([Int64(value), start, weight]) }
      start += weight
    }
    var found: [[Int64]] = []
    list.walk(from: rank) { id, rank, weight in
      found.append([Int64(order.values[Int(id)]), rank, weight])
      return found.count < 500
    }
    #expect(found == Array(expected.prefix(500)))
    let count = list.count, weight = list.weight
    #expect(count == weights.count { $0 != nil } && weight == start)
  }

  @Test func anInsertionReadsFewRowsOfMany() {
    var random = SeededRandom(seed: 1)
    let size = 200_000
    var order = NumberOrder(values: (0..<size).map { $0 }.shuffled(using: &random))
    var list = OrderedRows(in: StateSpace())
    for id in 0..<UInt32(size - 1) { list.insert(id, prefix: 0, weight: 1, order: &order) }
    order.reads = 0
    let last = UInt32(size - 1)
    let rank = list.insert(last, prefix: 0, weight: 1, order: &order)
    #expect(rank == Int64(order.values[Int(last)]))
    #expect(order.reads <= 30)
  }
}
