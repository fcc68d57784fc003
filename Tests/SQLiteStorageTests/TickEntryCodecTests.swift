import Dataflow
import Testing

@testable import SQLiteStorage

@Suite struct TickEntryCodecTests {
  static func fullEntry() -> TickEntry {
    var entry = TickEntry(number: .max, clockMicroseconds: .min)
    entry.positions = [.init(source: 1, partition: .max, position: [0, 255, 7]), .init(source: 2, partition: 0, position: [])]
    entry.floorJumps = [.init(source: 3, partition: 1, offset: -1, floor: .max)]
    entry.watermarkJumps = [.init(source: 4, watermark: -5)]
    entry.ddl = [.init(statement: "CREATE TABLE \"Größe\" (a INT)", ids: [1, .max])]
    entry.tableChanges = [.init(relation: 9, batch: Array(repeating: 0xA5, count: 300))]
    entry.streamAppends = [.init(relation: 10, firstOffset: 1 << 40, rowCount: 4096, chunk: 12)]
    return entry
  }

  @Test func everyFieldSurvivesTheRoundTrip() throws {
    let entry = Self.fullEntry()
    #expect(try TickEntryCodec.decode(TickEntryCodec.encode(entry)) == entry)
  }

  @Test func everyCutOfAnEntryIsAnError() {
    let bytes = TickEntryCodec.encode(Self.fullEntry())
    for count in 0..<bytes.count {
      #expect(throws: MalformedEntry.self) { try TickEntryCodec.decode(Array(bytes[..<count])) }
    }
    #expect(throws: MalformedEntry.self) { try TickEntryCodec.decode(bytes + [0]) }
  }

  @Test(arguments: [UInt64(1), 2, 3]) func hostileBytesGiveAnErrorOrAnEntryButNeverATrap(seed: UInt64) {
    var state = seed
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    let good = TickEntryCodec.encode(Self.fullEntry())
    var decoded = 0
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0...next() % 4 { bytes[Int(next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: next()) }
      if let entry = try? TickEntryCodec.decode(bytes) {
        decoded += 1
        #expect((try? TickEntryCodec.decode(TickEntryCodec.encode(entry))) == entry)
      }
    }
    #expect(decoded > 0)
  }
}
