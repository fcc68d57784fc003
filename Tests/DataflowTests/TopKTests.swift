import Columnar
import Expressions
import SQLTypes
import StateMemory
import TestSupport
import Testing

@testable import Dataflow

private typealias Cell = JoinModel.Cell
private typealias Row = JoinModel.Row
private typealias ZSet = JoinModel.ZSet

/// The order of PostgreSQL's values, then of all columns, then of the exact forms.
private func precedes(_ a: Row, _ b: Row, _ keys: [SortKey]) -> Bool {
  for key in keys + a.indices.map({ SortKey(column: $0) }) {
    let (x, y) = (a[key.column], b[key.column])
    if x == .null || y == .null {
      if x == y { continue }
      return (x == .null) == key.nullsFirst
    }
    let order = compare(x, y)
    if order != 0 { return (order < 0) != key.isDescending }
  }
  for (x, y) in zip(a, b) {
    if case .double(let p) = x, case .double(let q) = y, p != q { return p < q }
  }
  return false
}

private func compare(_ a: Cell, _ b: Cell) -> Int {
  switch (a, b) {
  case (.int(let x), .int(let y)): return x < y ? -1 : x == y ? 0 : 1
  case (.text(let x), .text(let y)):
    return Array(x.utf8).lexicographicallyPrecedes(Array(y.utf8)) ? -1 : x == y ? 0 : 1
  case (.double(let p), .double(let q)):
    let (x, y) = (Double(bitPattern: p), Double(bitPattern: q))
    if x.isNaN || y.isNaN { return x.isNaN && y.isNaN ? 0 : x.isNaN ? 1 : -1 }
    return x < y ? -1 : x == y ? 0 : 1
  default: return 0
  }
}

private func window(_ set: ZSet, _ keys: [SortKey], _ limit: Int64?, _ offset: Int64) -> ZSet {
  var result: ZSet = [:]
  var rank: Int64 = 0
  for row in set.keys.sorted(by: { precedes($0, $1, keys) }) {
    for _ in 0..<max(0, set[row] ?? 0) {
      if rank >= offset, limit.map({ rank < offset + $0 }) ?? true { JoinModel.add(row, 1, to: &result) }
      rank += 1
    }
  }
  return result
}

@Suite(.timeLimit(.minutes(3))) struct TopKTests {
  static let types: [SQLType] = [.bigint, .text, .double]
  static let texts = ["", "a", "a\0", "ab", "abcd", "abcde", "abcdefgh", "abcdefghijklmnop", "abcdefghijklmnoq", "é", "z"]
  static let doubles: [Double] = [0, -0.0, .nan, -.nan, 1, -1, .infinity, -.infinity, 0.5]
  static let ints: [Int64] = [0, 1, 2, -1, .max, .min, .max - 1, .min + 1]

  private static func row(_ random: inout SeededRandom) -> Row {
    func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
    return [
      pick(6) == 0 ? .null : .int(ints[pick(ints.count)]), pick(6) == 0 ? .null : .text(texts[pick(texts.count)]),
      pick(6) == 0 ? .null : .double(doubles[pick(doubles.count)].bitPattern),
    ]
  }

  private static func order(_ random: inout SeededRandom) -> [SortKey] {
    (0..<Int(random.next() % 4)).map { _ in
      let bits = random.next()
      return SortKey(column: Int(bits % 3), isDescending: bits >> 8 & 1 == 1, nullsFirst: bits >> 9 & 1 == 1)
    }
  }

  private static func push(_ rows: [(Row, Int64)], to node: any Operator, _ random: inout SeededRandom, _ output: inout TickOutput) {
    for batch in JoinModel.cut(rows, types.map(\.physicalType), &random) { _ = node.push(batch, port: 0, into: &output) }
  }

  /// Random changes against a sorted list; error rows come and go.
  @Test(arguments: 0..<40) func aWindowIsASliceOfTheSortedRows(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let keys = Self.order(&random)
    let limit: Int64? = seed % 5 == 0 ? nil : seed % 11 == 1 ? 0 : Int64(random.next() % 30)
    let offset = seed % 3 == 0 ? 0 : Int64(random.next() % 20)
    let node = TopK(types: Self.types, order: keys, limit: limit, offset: offset, space: StateSpace())
    var set: ZSet = [:], data: ZSet = [:], errors: ZSet = [:]
    var live: Int64 = 0
    for tick in 0..<60 {
      var changes: [(Row, Int64)] = []
      let pool = set.keys.sorted { precedes($0, $1, keys) }
      // Now and then much changes at once, so that the window moves further than it is long.
      for _ in 0..<(random.next() % (tick % 10 == 9 ? 120 : 8)) {
        let isRetraction = random.next() % 5 < (tick / 20 == 1 ? 3 : 2)
        if isRetraction, let row = pool.randomElement(using: &random) {
          guard let weight = set[row] else { continue }
          changes.append((row, random.next() % 2 == 0 ? -weight : -1))
        } else {
          changes.append((Self.row(&random), Int64(random.next() % 3) + 1))
        }
        JoinModel.add(changes[changes.count - 1].0, changes[changes.count - 1].1, to: &set)
      }
      var output = TickOutput()
      Self.push(changes.shuffled(using: &random), to: node, &random, &output)
      if seed % 2 == 1, random.next() % 5 == 0 {
        let weight: Int64 = live > 0 && random.next() % 3 != 0 ? -1 : 1
        live += weight
        let row: Row = [.int(1), .text("x"), .null, .int(4), .text("22012"), .text("division by zero"), .int(1)]
        let rows = JoinModel.batch([(row, weight)], ErrorBatch.types(over: Self.types.map(\.physicalType)))
        node.push(ErrorBatch(width: 3, rows: rows), port: 0, into: &output)
      }
      node.endTick(into: &output)
      #expect(JoinModel.collect(output, &data, &errors))
      let expected = live > 0 ? [:] : window(set, keys, limit, offset)
      #expect(data == expected, "tick \(tick)")
      #expect(errors.values.reduce(0, +) == live)
      if data != expected { return }
      // Of one tick's output each row is there once.
      var seen: Set<Row> = []
      for batch in output.batches {
        for row in 0..<batch.count { #expect(seen.insert(batch.columns.map { JoinModel.cell($0, row) }).inserted) }
      }
    }
    var output = TickOutput()
    Self.push(set.map { ($0.key, -$0.value) }, to: node, &random, &output)
    node.endTick(into: &output)
    #expect(JoinModel.collect(output, &data, &errors))
    #expect(data.isEmpty && node.figures.stateRows == 0)
  }

  /// Of an append-only input only the window's rows and those before it are kept.
  @Test(arguments: 0..<10) func anAppendOnlyInputKeepsWhatMayBeShown(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let keys = Self.order(&random)
    let limit = Int64(random.next() % 20), offset = Int64(random.next() % 10)
    let node = TopK(types: Self.types, order: keys, limit: limit, offset: offset, isAppendOnly: true, space: StateSpace())
    var set: ZSet = [:], data: ZSet = [:], errors: ZSet = [:]
    for _ in 0..<40 {
      let changes = (0..<(random.next() % 20)).map { _ in (Self.row(&random), Int64(random.next() % 2) + 1) }
      for (row, weight) in changes { JoinModel.add(row, weight, to: &set) }
      var output = TickOutput()
      Self.push(changes, to: node, &random, &output)
      node.endTick(into: &output)
      #expect(JoinModel.collect(output, &data, &errors))
      #expect(data == window(set, keys, limit, offset))
      #expect(Int64(node.figures.stateRows) <= limit + offset)
    }
  }

  @Test func readsAreInProportionToTheChange() {
    var random = SeededRandom(seed: 3)
    let types: [SQLType] = [.bigint, .bigint]
    let node = TopK(types: types, order: [SortKey(column: 0)], limit: 10, offset: 40_000, space: StateSpace())
    let rows = { (count: Int) -> Batch in
      JoinModel.batch(
        (0..<count).map { _ in ([.int(Int64(random.next() % 1000)), .int(Int64(random.next() % 1_000_000))], 1) },
        [.int64, .int64])
    }
    var output = TickOutput()
    for _ in 0..<25 { _ = node.push(rows(4000), port: 0, into: &output) }
    node.endTick(into: &output)
    for count in [1, 2, 50, 1000] {
      let before = node.figures
      var output = TickOutput()
      _ = node.push(rows(count), port: 0, into: &output)
      node.endTick(into: &output)
      let changed = count + node.figures.rowsOut - before.rowsOut
      #expect(node.figures.stateReads - before.stateReads <= 32 * changed + 64)
    }
  }

  /// Rows that the order ties, so that each look-up compares whole rows: 4 changes read 216 rows of 100,000 once.
  @Test func changesOfTiedRowsReadInProportion() {
    let node = TopK(types: Self.types, order: [SortKey(column: 0)], limit: 3, offset: 0, space: StateSpace())
    func push(_ changes: [(Int64, Int64)]) {
      var output = TickOutput()
      let rows = changes.map { (key, weight) -> (Row, Int64) in ([.null, .text("a text with number \(key)"), .null], weight) }
      _ = node.push(JoinModel.batch(rows, Self.types.map(\.physicalType)), port: 0, into: &output)
      node.endTick(into: &output)
    }
    push((0..<100_000).map { ($0, 1) })
    for count in [1, 2, 40, 400] as [Int64] {
      let before = node.figures
      let leaving: [Int64] = (0..<count).map { 50_000 + 100 * $0 }
      let coming: [Int64] = leaving.map { -$0 }
      push(leaving.map { ($0, -1) } + coming.map { ($0, 1) })
      let changed = node.figures.rowsIn - before.rowsIn + node.figures.rowsOut - before.rowsOut
      #expect(node.figures.stateReads - before.stateReads <= 32 * changed + 64, "\(changed) rows changed")
      push(leaving.map { ($0, 1) } + coming.map { ($0, -1) })
    }
  }

  @Test(arguments: 0..<10) func sortedRowsAreInOrder(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let keys = Self.order(&random)
    let node = Sort(types: Self.types, order: keys, space: StateSpace())
    let rows = (0..<(seed == 0 ? 0 : seed * 900)).map { _ in (Self.row(&random), Int64(random.next() % 3) - 1) }
    var set: ZSet = [:]
    for (row, weight) in rows { JoinModel.add(row, weight, to: &set) }
    var output = TickOutput()
    Self.push(rows, to: node, &random, &output)
    #expect(output.batches.isEmpty)
    node.endTick(into: &output)
    var sorted: [Row] = [], sent: ZSet = [:]
    for batch in output.batches {
      #expect(batch.count <= Batch.targetRowCount)
      for row in 0..<batch.count { sorted.append(batch.columns.map { JoinModel.cell($0, row) }) }
      JoinModel.add(batch, to: &sent)
    }
    #expect(sent == set && sorted == set.keys.sorted { precedes($0, $1, keys) })
  }
}
