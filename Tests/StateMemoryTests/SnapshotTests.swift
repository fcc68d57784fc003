import Platform
import Synchronization
import TestSupport
import Testing

@testable import StateMemory

@Suite(.serialized, .timeLimit(.minutes(3))) struct SnapshotTests {
  /// Several snapshots at different ticks, opened and closed at random, while thousands of batches insert, change and
  /// remove rows, and the arrays grow and move: each shows its tick, at any time.
  @Test(arguments: 0..<4) func snapshotsShowTheirTick(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let space = StateSpace(reservationBytes: 1 << 30)
    do {
      var table = KeyedRows(rowBytes: 32, keyWords: 1, in: space)
      var model: [UInt64: Group] = [:]
      var open: [(snapshot: Snapshot, expected: [UInt64: Group])] = []
      for tick in 1...1500 as ClosedRange<UInt64> {
        space.snapshots.beginPublish()
        let keys = (0..<40).map { _ in random.next() % (100 + tick * 40) }
        if tick % 5 == 4 {
          let removed = Array(Set(keys.filter { model[$0] != nil }))
          remove(removed, from: &table)
          for key in removed { model[key] = nil }
        } else {
          aggregate(keys, keys.map { Int64($0) }, into: &table)
          for key in keys {
            var group = model[key] ?? Group(key: key)
            group.count += 1
            group.sum += Int64(key)
            group.seal()
            model[key] = group
          }
        }
        space.snapshots.endPublish(tick: tick)
        if random.next() % 10 == 0, open.count < 6 {
          let snapshot = random.next() % 2 == 0 ? space.snapshots.open()! : space.snapshots.openOnDriver()!
          #expect(snapshot.tick == tick)
          open.append((snapshot, model))
        }
        if random.next() % 12 == 0, !open.isEmpty {
          let (snapshot, expected) = open.remove(at: Int(random.next() % UInt64(open.count)))
          #expect(groups(of: table.rows.reference, in: snapshot) == expected, "tick \(snapshot.tick) at \(tick)")
        }
      }
      for (snapshot, expected) in open { #expect(groups(of: table.rows.reference, in: snapshot) == expected) }
      #expect(space.savedBytes > 0)
      open.removeAll()
      #expect(space.savedBytes == 0 && space.snapshots.openCount == 0)
    }
    #expect(space.stateBytes == 0)
  }

  private func remove(_ keys: [UInt64], from table: inout KeyedRows) {
    let hashes = keys.map(hash32)
    var ids = [UInt32](repeating: 0, count: keys.count)
    var span = ids.mutableSpan
    table.find(keys: keys.span, hashes: hashes.span, into: &span)
    table.remove(ids: ids.span, hashes: hashes.span)
  }

  @Test func copiesAreFreedWithTheLastSnapshotThatNeedsThem() {
    let space = StateSpace(), registry = space.snapshots
    var array = StateArray(in: space)
    array.grow(toByteCount: 4 * pageBytes)
    func change(_ page: Int, tick: UInt64) {
      registry.beginPublish()
      let writer = array.willChange()
      writer.declare(offset: page * pageBytes, byteCount: 8)
      writer.store(tick, at: page * pageBytes)
      registry.endPublish(tick: tick)
    }
    func value(_ page: Int, _ snapshot: Snapshot) -> UInt64 {
      var reader = SnapshotReader(snapshot)
      return reader.words(of: array.pages, at: page * pageBytes, byteCount: 8)[0]
    }
    for page in 0..<4 { change(page, tick: UInt64(page + 1)) }
    let old = registry.open()!
    var middle: Snapshot? = registry.open()
    change(0, tick: 5)
    #expect(space.savedBytes == pageBytes)
    change(0, tick: 6)
    #expect(space.savedBytes == pageBytes, "a page is saved once for a snapshot")
    middle = nil
    #expect(space.savedBytes == pageBytes, "the old one still needs it")
    middle = registry.open()
    change(0, tick: 7)
    change(1, tick: 8)
    #expect(space.savedBytes == 3 * pageBytes)
    #expect(value(0, old) == 1 && value(1, old) == 2 && value(0, middle!) == 6 && value(1, middle!) == 2)
    middle = nil
    #expect(space.savedBytes == 2 * pageBytes, "page 0 at tick 6 went, page 1 serves the old one")
    #expect(value(0, old) == 1 && value(1, old) == 2)
    withExtendedLifetime(old) {}
    #expect(array.byteCount == 4 * pageBytes)
  }

  @Test func aReplacedRangeIsKeptForItsReaders() {
    let space = StateSpace(reservationBytes: 1 << 30)
    var array = StateArray(in: space)
    array.grow(toByteCount: 1 << 20)
    do {
      let writer = array.willChange()
      for page in 0..<64 {
        writer.declare(offset: page * pageBytes, byteCount: 8)
        writer.store(UInt64(page), at: page * pageBytes)
      }
    }
    let snapshot = space.snapshots.openOnDriver()!
    space.snapshots.beginPublish()
    array.grow(toByteCount: 3 << 20)
    let writer = array.willChange()
    for page in 0..<64 where page % 2 == 0 {
      writer.declare(offset: page * pageBytes, byteCount: 8)
      writer.store(999 as UInt64, at: page * pageBytes)
    }
    space.snapshots.endPublish(tick: 1)
    var reader = SnapshotReader(snapshot)
    for page in 0..<64 { #expect(reader.words(of: array.pages, at: page * pageBytes, byteCount: 8)[0] == UInt64(page)) }
    #expect(reader.words(of: array.pages, at: 2 << 20, byteCount: 8)[0] == 0)
    #expect(reader.words(of: array.pages, at: 5 << 20, byteCount: 8)[0] == 0, "behind the end there are zeros")
  }

  @Test func allSlotsTakenIsAnAnswer() {
    let space = StateSpace(snapshotSlots: 2)
    let first = space.snapshots.open(), second = space.snapshots.open()
    #expect(first != nil && second != nil && space.snapshots.open() == nil && space.snapshots.openOnDriver() == nil)
    withExtendedLifetime((first, second)) {}
  }

  /// The driver changes a table as fast as it can; other threads open a snapshot each, scan it several times, and must
  /// see the same rows each time, whole, and with the totals that the driver had at that tick.
  @Test func readersSeeOneTickWhileTheDriverRuns() throws {
    let space = StateSpace(reservationBytes: 4 << 30), registry = space.snapshots
    let seconds: Int64 = 4
    let totals = Mutex<[UInt64: (rows: Int, sum: Int64)]>([0: (0, 0)])
    let stop = Atomic<Bool>(false), failures = Atomic<Int>(0), scans = Atomic<Int>(0)
    let table = TableBox(in: space), store = table.table.rows.reference
    let readers = try (0..<3).map { number in
      try Platform.Thread(named: "reader \(number)") {
        while !stop.load(ordering: .relaxed) {
          let snapshot = registry.open()!
          var first: UInt64?
          for _ in 0..<3 {
            let reader = SnapshotReader(snapshot)
            var rows = 0, sum: Int64 = 0, digest: UInt64 = 0, torn = 0
            reader.forEachRow(of: store) { id, words in
              var group = Group(key: words[0], count: Int64(bitPattern: words[1]), sum: Int64(bitPattern: words[2]))
              group.seal()
              if group.check != words[3] { torn += 1 }
              rows += 1
              sum += group.sum
              digest = (digest ^ words[3] ^ UInt64(id)) &* 0x100_0000_01B3
            }
            let expected = totals.withLock { $0[snapshot.tick] }
            if torn > 0 || rows != expected?.rows || sum != expected?.sum || (first ?? digest) != digest {
              failures.wrappingAdd(1, ordering: .relaxed)
            }
            first = digest
            scans.wrappingAdd(1, ordering: .relaxed)
          }
        }
      }
    }
    let clock = SystemClock(), end = clock.monotonicNanoseconds + seconds * 1_000_000_000
    var random = SeededRandom(seed: 7), tick: UInt64 = 0, sum: Int64 = 0, live: [UInt64] = []
    while clock.monotonicNanoseconds < end {
      tick += 1
      registry.beginPublish()
      let range: UInt64 = min(1 + tick * 20, 40_000)
      let keys = (0..<200).map { _ in random.next() % range }
      aggregate(keys, keys.map { Int64($0) }, into: &table.table)
      sum += keys.reduce(0) { $0 + Int64($1) }
      live.append(contentsOf: keys)
      if tick % 3 == 0 {  // remove some groups, whatever they hold
        let removed = Array(Set(live.suffix(30)))
        live.removeAll(keepingCapacity: true)
        sum -= removeGroups(removed, from: &table.table)
      }
      totals.withLock { $0[tick] = (table.table.count, sum) }
      registry.endPublish(tick: tick)
    }
    stop.store(true, ordering: .relaxed)
    for reader in readers { reader.join() }
    let ticks = tick
    #expect(failures.load(ordering: .relaxed) == 0)
    #expect(ticks > 1000 && scans.load(ordering: .relaxed) > 30, "\(ticks) ticks, \(scans.load(ordering: .relaxed)) scans")
    registry.beginPublish()
    registry.endPublish(tick: tick + 1)
    #expect(space.savedBytes == 0)
  }

  private func removeGroups(_ keys: [UInt64], from table: inout KeyedRows) -> Int64 {
    let hashes = keys.map(hash32)
    var ids = [UInt32](repeating: 0, count: keys.count)
    var span = ids.mutableSpan
    table.find(keys: keys.span, hashes: hashes.span, into: &span)
    var sum: Int64 = 0
    do {
      let rows = table.elements(as: Group.self)
      for id in ids { sum += rows[Int(id)].sum }
    }
    table.remove(ids: ids.span, hashes: hashes.span)
    return sum
  }
}

/// Holds a table that one thread changes.
final class TableBox {
  var table: KeyedRows
  init(in space: StateSpace) { table = KeyedRows(rowBytes: 32, keyWords: 1, in: space) }
}
