import TestSupport
import Testing

@testable import StateMemory

@Suite(.timeLimit(.minutes(2))) struct KeyedRowsTests {
  /// Against a dictionary: batches of inserts, look-ups and removals while the table grows step by step, with good hashes
  /// and with few different ones, so that runs are long and wrap around.
  @Test(arguments: 0..<6) func aTableIsADictionary(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let space = StateSpace()
    let mostlyOnes: UInt32 = seed % 3 == 2 ? 0xFFFF_FC00 : 0
    let hash = { (key: UInt64) -> UInt32 in hash32(key) | mostlyOnes }
    let keyLimit: UInt64 = seed % 3 == 2 ? 2000 : 60_000
    do {
      var table = KeyedRows(rowBytes: 32, keyWords: 1, in: space)
      var model: [UInt64: Group] = [:]
      var sawGrowth = false
      for batch in 0..<400 {
        let size = Int(random.next() % 700)
        let keys = (0..<size).map { _ in random.next() % keyLimit }
        if batch % 3 == 1 {
          let removed = Array(Set(keys.filter { model[$0] != nil })).sorted()
          var ids = [UInt32](repeating: 0, count: removed.count)
          var span = ids.mutableSpan
          let hashes = removed.map(hash)
          table.find(keys: removed.span, hashes: hashes.span, into: &span)
          #expect(!ids.contains(HashIndex.none))
          table.remove(ids: ids.span, hashes: hashes.span)
          for key in removed { model[key] = nil }
        } else {
          let values = keys.map { Int64($0) + Int64(batch) }
          aggregate(keys, values, into: &table, hash: hash)
          for (key, value) in zip(keys, values) {
            var group = model[key] ?? Group(key: key)
            group.count += 1
            group.sum += value
            group.seal()
            model[key] = group
          }
        }
        sawGrowth = sawGrowth || table.index.isGrowing
        #expect(table.count == model.count && table.index.count == model.count)
        if batch % 40 == 39 { expectEqual(table, model, keyLimit, hash) }
      }
      #expect(sawGrowth || keyLimit == 2000)
      #expect(table.rows.idLimit <= Int(keyLimit), "ids are used again")
      let all = Array(model.keys), hashes = all.map(hash)
      var ids = [UInt32](repeating: 0, count: all.count)
      var span = ids.mutableSpan
      table.find(keys: all.span, hashes: hashes.span, into: &span)
      table.remove(ids: ids.span, hashes: hashes.span)
      #expect(table.count == 0 && table.index.count == 0)
    }
    #expect(space.stateBytes == 0)
  }

  private func expectEqual(
    _ table: borrowing KeyedRows, _ model: [UInt64: Group], _ keyLimit: UInt64, _ hash: (UInt64) -> UInt32
  ) {
    let keys = Array(0..<keyLimit + 10), hashes = keys.map(hash)
    var ids = [UInt32](repeating: 0, count: keys.count)
    var span = ids.mutableSpan
    table.find(keys: keys.span, hashes: hashes.span, into: &span)
    let rows = table.elements(as: Group.self)
    var differences = 0
    for (key, id) in zip(keys, ids) {
      let found = id == HashIndex.none ? nil : rows[Int(id)]
      if found != model[key] { differences += 1 }
      if id != HashIndex.none, !table.rows.isLive(id) { differences += 1 }
    }
    #expect(differences == 0)
  }

  @Test func keysOfSeveralWordsAreComparedWhole() {
    let space = StateSpace()
    var table = KeyedRows(rowBytes: 32, keyWords: 3, in: space)
    let keys: [UInt64] = [1, 2, 3, 1, 2, 4, 0, 2, 3, 1, 2, 3]
    let hashes: [UInt32] = [7, 7, 7, 7]
    var ids = [UInt32](repeating: 0, count: 4)
    var span = ids.mutableSpan
    let new = table.findOrInsert(keys: keys.span, hashes: hashes.span, into: &span)
    #expect(new == 3 && ids == [0, 1, 2, 0])
  }

  @Test func growingMovesABoundedNumberOfEntriesPerBatch() {
    let space = StateSpace()
    var table = KeyedRows(rowBytes: 32, keyWords: 1, in: space)
    aggregate(Array(0..<195_000), Array(repeating: 1, count: 195_000), into: &table)  // just under 3/4 of 262,144
    #expect(table.index.isGrowing == false)
    aggregate(Array(195_000..<197_000), Array(repeating: 1, count: 2000), into: &table)
    #expect(table.index.isGrowing == true)
    var batches = 0
    while table.index.isGrowing {
      aggregate(Array(0..<1000), Array(repeating: 1, count: 1000), into: &table)
      batches += 1
    }
    #expect(batches >= 10 && batches <= 15, "16 old slots for each row, and 1024")
  }

  @Test func aRestoredStoreKnowsItsFreeIDs() {
    let space = StateSpace()
    var store = RowStore(rowBytes: 16, in: space)
    do {
      let writer = store.willChange()
      for _ in 0..<200 { _ = writer.insert() }
      for id in stride(from: 0 as UInt32, to: 200, by: 3) { writer.remove(id) }
    }
    var restored = RowStore(rowBytes: 16, in: space)
    restored.growForRestore(idLimit: store.idLimit)
    for word in 0..<(200 + 63) / 64 {
      let bits = store.live.elements(as: UInt64.self)[word]
      restored.writeRestored(live: bits, at: word * 8)
    }
    restored.adoptRestoredRows()
    #expect(restored.count == store.count)
    let writer = restored.willChange()
    let first = writer.insert(), second = writer.insert()
    #expect(first == 0 && second == 3)
  }
}

extension RowStore {
  fileprivate mutating func writeRestored(live bits: UInt64, at offset: Int) {
    live.pages.beginBatch()
    live.pages.declare(offset: offset, byteCount: 8)
    live.pages.base.storeBytes(of: bits, toByteOffset: offset, as: UInt64.self)
  }
}
