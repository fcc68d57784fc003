import Columnar
import RowTestSupport
import SQLTypes
import StateMemory
import TestSupport
import Testing

@testable import ZSets

@Suite(.timeLimit(.minutes(2))) struct KeyedTableTests {
  /// Against a dictionary: good and bad deltas, look-ups, snapshots, with every type of key.
  @Test(arguments: 0..<24) func aKeyedTableIsADictionary(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let types = seed == 0 ? allTypes : randomTypes(&random) + randomTypes(&random)
    let drawn = Set((0..<2).map { _ in Int(random.next() % UInt64(types.count)) })
    let keys = seed == 0 ? [9, 1, 7] : seed % 3 == 0 ? Array(types.indices) : drawn.sorted()
    func key(_ row: Row) -> Row { keys.map { row[$0].canonical(types[$0]) } }
    let space = StateSpace(reservationBytes: 64 << 20)
    do {
      var table = KeyedTable(types: types, keys: keys, space: space)
      table.setArmed(seed % 4 == 0)
      var model: [Row: (row: Row, tick: UInt64)] = [:]
      var violations = 0
      for tick in 1...150 as ClosedRange<UInt64> {
        var delta: [(row: Row, weight: Int64)] = []
        var next = model
        for _ in 0..<Int(random.next() % 12) {
          let row = randomRow(types, &random)
          // An exact row comes at most once in a consolidated delta.
          if delta.contains(where: { $0.row == row }) { continue }
          if let old = next[key(row)], random.next() % 8 != 0, !delta.contains(where: { $0.row == old.row }), old.row != row {
            delta.append((old.row, -1))
            next[key(row)] = nil
            if random.next() % 2 == 0 { continue }
          }
          delta.append((row, 1))
          next[key(row)] = (row, tick)
        }
        if random.next() % 6 == 0 {
          let row = randomRow(types, &random)
          if !delta.contains(where: { $0.row == row }) { delta.append((row, -1)) }
        }
        for position in stride(from: delta.count - 1, to: 0, by: -1) {
          delta.swapAt(position, Int(random.next() % UInt64(position + 1)))
        }
        let expected = apply(delta, to: model, key, tick)
        space.snapshots.beginPublish()
        let violation = table.apply(batch(delta, types), tick: tick)
        space.snapshots.endPublish(tick: tick)
        switch expected {
        case .success(let after):
          #expect(violation == nil)
          model = after
        case .failure: #expect(violation != nil, "tick \(tick)")
          violations += 1
          expectNamesACulprit(violation, delta, model, key)
        }
        #expect(table.count == model.count)
        if tick % 10 == 0 { expectContent(&table, model, types, keys, key, space, &random) }
      }
      #expect(violations > 0)
      #expect(table.apply(batch(model.values.map { ($0.row, -1) }, types), tick: 1000) == nil)
      #expect(table.count == 0)
    }
    #expect(space.stateBytes == 0)
  }

  private struct Refused: Error {}

  private func apply(
    _ delta: [(row: Row, weight: Int64)], to model: [Row: (row: Row, tick: UInt64)], _ key: (Row) -> Row, _ tick: UInt64
  ) -> Result<[Row: (row: Row, tick: UInt64)], Refused> {
    var after = model
    for (row, weight) in delta where weight < 0 {
      guard after[key(row)]?.row == row else { return .failure(Refused()) }
      after[key(row)] = nil
    }
    for (row, weight) in delta where weight > 0 {
      guard after[key(row)] == nil else { return .failure(Refused()) }
      after[key(row)] = (row, tick)
    }
    return .success(after)
  }

  /// The row that is named is one that does not fit.
  private func expectNamesACulprit(
    _ violation: KeyViolation?, _ delta: [(row: Row, weight: Int64)], _ model: [Row: (row: Row, tick: UInt64)],
    _ key: (Row) -> Row
  ) {
    switch violation {
    case .missing(let row): #expect(delta[row].weight < 0 && model[key(delta[row].row)]?.row != delta[row].row)
    case .duplicate(let row):
      let same = delta.indices.filter { key(delta[$0].row) == key(delta[row].row) }
      let free = model[key(delta[row].row)] == nil || same.contains { delta[$0].weight < 0 }
      #expect(delta[row].weight > 0 && (!free || same.contains { $0 < row && delta[$0].weight > 0 }))
    case nil: break
    }
  }

  private func expectContent(
    _ table: inout KeyedTable, _ model: [Row: (row: Row, tick: UInt64)], _ types: [SQLType], _ keys: [Int],
    _ key: (Row) -> Row, _ space: StateSpace, _ random: inout SeededRandom
  ) {
    let expectedRows = Dictionary(uniqueKeysWithValues: model.values.map { ($0.row, Int64(1)) })
    #expect(content(of: table.reference, in: space.snapshots.open()!, types) == expectedRows)
    let probes = (0..<50).map { _ in randomRow(types, &random) }
    let columns = keys.map { index in column(probes.map { $0[index] }, types[index]) }
    let result = table.lookUp(columns, count: probes.count)
    let expected = probes.indices.filter { model[key(probes[$0])] != nil }
    #expect((0..<result.found.count).map { result.found[$0] } == expected)
    #expect(rows(result.rows, types).map(\.row) == expected.map { model[key(probes[$0])]!.row })
    #expect((0..<result.found.count).map { result.ticks.value($0, as: UInt64.self) } == expected.map { model[key(probes[$0])]!.tick })
  }
}
