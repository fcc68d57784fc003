import Columnar
import Platform
import RowTestSupport
import SQLTypes
import StateMemory
import Synchronization
import TestSupport
import Testing

@testable import ZSets

@Suite(.timeLimit(.minutes(2))) struct WeightedRowsTests {
  /// Against a dictionary, at every tick, with every type, cancelling weights and any cut into batches.
  @Test(arguments: 0..<24) func aZSetIsADictionaryOfWeights(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let types = seed == 0 ? allTypes : seed == 1 ? [] : randomTypes(&random)
    let space = StateSpace(reservationBytes: 64 << 20)
    do {
      var state = WeightedRows(types: types.map(\.physicalType), space: space)
      state.setArmed(seed % 4 == 0)
      var model: [Row: Int64] = [:]
      for tick in 1...60 as ClosedRange<UInt64> {
        let before = model
        space.snapshots.beginPublish()
        for _ in 0..<(1 + random.next() % 3) {
          let input = (0..<Int(random.next() % 60)).map { _ in
            (row: randomRow(types, &random), weight: Int64(random.next() % 5) - 2)
          }
          let weights = state.add(batch(input, types), tick: tick)
          for (number, (row, weight)) in input.enumerated() {
            #expect(weights.before.value(number, as: Int64.self) == model[row] ?? 0)
            model[row, default: 0] += weight
            #expect(weights.after.value(number, as: Int64.self) == model[row])
          }
        }
        expectChanges(state.changes(of: .weight), types) { (model[$0] ?? 0) - (before[$0] ?? 0) }
        expectChanges(state.changes(of: .presence), types) { ((model[$0] ?? 0) > 0 ? 1 : 0) - ((before[$0] ?? 0) > 0 ? 1 : 0) }
        model = model.filter { $0.value != 0 }
        state.endTick()
        space.snapshots.endPublish(tick: tick)
        #expect(state.count == model.count)
        if tick % 20 == 0 { #expect(content(of: state.reference, in: space.snapshots.open()!, types) == model, "tick \(tick)") }
      }
      let all = model.map { (row: $0.key, weight: -$0.value) }
      state.add(batch(all, types))
      state.endTick()
      #expect(state.count == 0, "retracting all leaves no rows")
    }
    #expect(space.stateBytes == 0)
  }

  /// Each changed row once, with what the model says; nothing else changed.
  private func expectChanges(_ batches: [Batch], _ types: [SQLType], _ expected: (Row) -> Int64) {
    var seen: Set<Row> = []
    for batch in batches {
      for (row, weight) in rows(batch, types) {
        #expect(weight != 0 && weight == expected(row))
        #expect(seen.insert(row).inserted)
      }
    }
  }

  /// A reader on another thread scans snapshots while ticks go on: each has the invariant that its tick had.
  @Test func anotherThreadScansWhileTicksGoOn() throws {
    let types: [SQLType] = [.bigint, .text]
    let space = StateSpace(reservationBytes: 256 << 20)
    var state = WeightedRows(types: types.map(\.physicalType), space: space)
    // At tick t the rows are t ..< t + 5000, each with a text that says so.
    func row(_ number: Int) -> Row { [.integer(Int64(number)), .text("the text of row number \(number)")] }
    func publish(_ tick: Int, _ changes: [(row: Row, weight: Int64)]) {
      space.snapshots.beginPublish()
      state.add(batch(changes, types), tick: UInt64(tick))
      state.endTick()
      space.snapshots.endPublish(tick: UInt64(tick))
    }
    publish(0, (0..<5000).map { (row($0), 1) })
    let reference = state.reference
    let isOver = Atomic<Bool>(false), scans = Atomic<Int>(0), failures = Atomic<Int>(0)
    try withThread {
      while !isOver.load(ordering: .relaxed) {
        guard let snapshot = space.snapshots.open() else { continue }
        let tick = Int(snapshot.tick)
        var numbers: Set<Int> = []
        var scan = SnapshotScan(reference, in: snapshot)
        while let batch = scan.next() {
          for (row, weight) in rows(batch, types) {
            guard case .integer(let number) = row[0], weight == 1, row[1] == .text("the text of row number \(number)") else {
              failures.add(1, ordering: .relaxed)
              continue
            }
            numbers.insert(Int(number))
          }
        }
        if numbers != Set(tick..<tick + 5000) { failures.add(1, ordering: .relaxed) }
        scans.add(1, ordering: .relaxed)
      }
    } during: {
      var tick = 0
      while tick < 500 || scans.load(ordering: .relaxed) < 5 {
        tick += 1
        publish(tick, [(row(tick - 1), -1), (row(tick + 4999), 1)])
      }
      isOver.store(true, ordering: .relaxed)
    }
    #expect(failures.load(ordering: .relaxed) == 0)
  }

  @Test func consolidationAddsEqualRowsOverBatches() {
    for seed in 0..<10 {
      var random = SeededRandom(seed: UInt64(seed))
      let types = randomTypes(&random)
      var model: [Row: Int64] = [:]
      let batches = (0..<4).map { _ in
        let input = (0..<Int(random.next() % 100)).map { _ in
          (row: randomRow(types, &random), weight: Int64(random.next() % 3) - 1)
        }
        for (row, weight) in input { model[row, default: 0] += weight }
        return batch(input, types)
      }
      let result = consolidated(batches).flatMap { rows($0, types) }
      #expect(Dictionary(result.map { ($0.row, $0.weight) }, uniquingKeysWith: { $0 + $1 }) == model.filter { $0.value != 0 })
      #expect(Set(result.map(\.row)).count == result.count)
    }
  }

  @Test func equalKeysHashAlike() {
    let doubles = column([.bits((0.0).bitPattern), .bits((-0.0).bitPattern), .bits(Double.nan.bitPattern)], .double)
    let numerics = column([.numeric(10, 1), .numeric(100, 2), .null], .numeric(nil))
    let intervals = column([.interval(1, 0, 0), .interval(0, 30, 0), .interval(0, 29, 0)], .interval)
    let hashes = keyHashes(of: [doubles, numerics, intervals], types: [.double, .numeric(nil), .interval], count: 3)
    #expect(hashes[0] == hashes[1] && hashes[0] != hashes[2])
  }

  /// A key of one column of words is hashed without packing it, unless the batch has a null.
  @Test func aKeyHashesAlikeInEveryBatch() {
    let values: [Cell] = [0, 1, -1, .max, .min, 77].map { .integer($0) }
    func hashes(_ cells: [Cell]) -> [UInt32] { keyHashes(of: [column(cells, .bigint)], types: [.bigint], count: cells.count) }
    let (plain, withNull) = (hashes(values), hashes(values + [.null]))
    #expect(Array(withNull.prefix(values.count)) == plain && Set(plain).count == values.count)
    let constant = Column.constant(Int64(77), .int64, count: 3)
    #expect(keyHashes(of: [constant], types: [.bigint], count: 3) == Array(repeating: plain[5], count: 3))
    let owned = rowsByOwner(of: [column(values, .bigint)], types: [.bigint], count: values.count, owners: 3)
    #expect(owned.reduce(0) { $0 + $1.count } == values.count)
  }
}

/// The rows and weights that a snapshot shows.
func content(of source: RowsReference, in snapshot: Snapshot, _ types: [SQLType]) -> [Row: Int64] {
  var found: [Row: Int64] = [:]
  var scan = SnapshotScan(source, in: snapshot)
  while let batch = scan.next() {
    for (row, weight) in rows(batch, types) { found[row, default: 0] += weight }
  }
  return found
}

/// Runs `body` on a thread of its own while `during` runs here.
func withThread(_ body: () -> Void, during: () -> Void) throws {
  try withoutActuallyEscaping(body) { body in
    nonisolated(unsafe) let body = body  // joined before this returns
    let thread = try Thread(named: "reader") { body() }
    during()
    thread.join()
  }
}
