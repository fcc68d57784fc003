import Columnar
import Platform
import SQLTypes
import Testing

@testable import Connectors

private func spec(_ table: NexmarkTable, _ options: [String: String] = [:]) throws -> SourceSpec {
  let all = ["connector": "nexmark", "table": table.rawValue].merging(options) { $1 }
  return try SourceSpec(
    relation: "t", columns: table.fields.map { .init(name: $0.name, type: $0.type) },
    options: all.sorted { $0.key < $1.key }.map { SourceOption(name: $0.key, value: $0.value) })
}

/// The rows of a table, event by event from the generator.
private func expected(_ table: NexmarkTable, events: Int64, seed: UInt64) -> [ReadRow] {
  var generator = NexmarkGenerator(seed: seed)
  var rows: [ReadRow] = []
  func time(_ milliseconds: Int64) -> String { SQLTimestamp(microseconds: milliseconds * 1000).sqlText }
  while generator.position.event < events {
    let number = generator.position.event
    let event = generator.next()
    let arena = generator.arena
    func text(_ text: NexmarkText) -> String { String(decoding: arena[text.range], as: UTF8.self) }
    let values: [String?]
    switch (event, table) {
    case (.person(let row), .person):
      values = [
        "\(row.id)", text(row.name), text(row.emailAddress), text(row.creditCard), text(row.city), text(row.state),
        time(row.timeMilliseconds), text(row.extra),
      ]
    case (.auction(let row), .auction):
      values = [
        "\(row.id)", text(row.itemName), text(row.description), "\(row.initialBid)", "\(row.reserve)", time(row.timeMilliseconds),
        time(row.expiresMilliseconds), "\(row.seller)", "\(row.category)", text(row.extra),
      ]
    case (.bid(let row), .bid):
      values = [
        "\(row.auction)", "\(row.bidder)", "\(row.price)", text(row.channel), text(row.url), time(row.timeMilliseconds),
        text(row.extra),
      ]
    default: continue
    }
    rows.append(ReadRow(offset: number, values: values))
  }
  return rows
}

@Suite struct NexmarkSourceTests {
  @Test(arguments: NexmarkTable.allCases, [42, 7] as [UInt64])
  func rowsAreThoseOfTheGenerator(table: NexmarkTable, seed: UInt64) throws {
    let spec = try spec(table, ["events": "12345", "seed": "\(seed)"])
    let reading = try read(spec.makeSource())
    #expect(reading.rows == expected(table, events: 12_345, seed: seed))
    #expect(reading.hasEnded && reading.ended == [0] && reading.discovered == [.init(partition: 0, name: table.rawValue)])
    let few = try read(spec.needing { $0 == 1 || $0 == 6 }.makeSource())
    #expect(few.rows.map { [$0.values[1], $0.values[6]] } == reading.rows.map { [$0.values[1], $0.values[6]] })
    #expect(few.rows.allSatisfy { $0.values[0] == nil })
  }

  @Test(arguments: NexmarkTable.allCases) func rowsLimitTheRows(table: NexmarkTable) throws {
    let all = expected(table, events: 4000, seed: 42)
    for rows in [0, 1, 2, 3, 4, 45, 46, 47, 50] {
      let reading = try read(spec(table, ["rows": "\(rows)"]).makeSource())
      #expect(reading.rows == Array(all.prefix(rows)) && reading.hasEnded)
    }
    #expect(table.eventBehind(rows: .max) > 1 << 60)
  }

  @Test func itGoesOnFromEachPosition() throws {
    let spec = try spec(.bid, ["events": "30000"])
    let source = spec.makeSource()
    let whole = try read(source)
    let replay = source.makeReplay()
    #expect(try replay.next(.init(partition: 0, name: "bid"), to: []) == nil, "nothing was read yet")
    #expect(whole.marks.count > 5)
    var last: [UInt8] = []
    var lastRows = 0
    for mark in whole.marks {
      let again = try read(spec.makeSource(), from: [.init(partition: 0, name: "bid", position: mark.position)])
      #expect(again.rows == Array(whole.rows[mark.rows...]))
      var reading = Reading()
      try replay.read(.init(partition: 0, name: "bid", position: last), to: mark.position) { (batch) throws(SQLError) in
        reading.take(batch, spec.columns)
      }
      #expect(reading.rows == Array(whole.rows[lastRows..<mark.rows]))
      (last, lastRows) = (mark.position, mark.rows)
    }
    let damaged = try read(spec.makeSource(), from: [.init(partition: 0, name: "bid", position: [1])])
    #expect(damaged.failure?.error.state.code == "XX001")
  }

  @Test func aRateIsKept() throws {
    let start = ContinuousClock.now
    let reading = try read(spec(.bid, ["rows": "300", "rate": "1000"]).makeSource())
    let elapsed = start.duration(to: .now)
    #expect(reading.rows.count == 300 && elapsed >= .milliseconds(280))
  }

  @Test func itIsStoppedWhereverItWaits() throws {
    for options in [[:], ["rate": "1"]] {
      let source = try spec(.bid, options).makeSource()
      let queue = BoundedQueue<SourceEvent>(capacity: 2)
      try source.start(from: [], into: queue)
      if options.isEmpty { while queue.count < 2 { sleep(milliseconds: 1) } } else { sleep(milliseconds: 60) }
      let start = ContinuousClock.now
      source.stop()
      #expect(start.duration(to: .now) < .milliseconds(500) && queue.isClosed)
    }
  }

  @Test func columnsMayHaveTheNamesOfTheFiles() throws {
    let columns: [SpecColumn] = [.init(name: "dateTime", type: .timestamptz), .init(name: "price", type: .bigint)]
    let spec = try SourceSpec(
      relation: "t", columns: columns,
      options: ["connector": "nexmark", "table": "bid", "rows": "2"].map { SourceOption(name: $0.key, value: $0.value) })
    let rows = try read(spec.makeSource()).rows
    #expect(rows.map { $0.values[0] } == ["2015-07-15 00:00:00+00", "2015-07-15 00:00:00+00"])
  }
}
