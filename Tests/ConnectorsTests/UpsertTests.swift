import Foundation
import SQLTypes
import TestSupport
import Testing

@testable import Connectors

private let columns: [SpecColumn] = [
  .init(name: "client", type: .text), .init(name: "id", type: .bigint), .init(name: "amount", type: .numeric(.init(precision: 9, scale: 2))),
  .init(name: "part", type: .text), .init(name: "at", type: .timestamp), .init(name: "must", type: .integer, isNotNull: true),
]
private let key = [1, 3]

@Suite struct UpsertTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  private func read(_ text: String, blockBytes: Int = 1 << 16, needing: Set<Int> = Set(columns.indices)) throws -> Reading {
    try directory.write("a.jsonl", text)
    let spec = try fileSpec("\(directory.path)/a.jsonl", columns, key: key, ["envelope": "upsert"]).needing { needing.contains($0) }
    return try ConnectorsTests.read(fileSource(spec, .init(blockBytes: blockBytes)))
  }

  @Test func keysAndValuesComeTogether() throws {
    let reading = try read(
      """
      {"key":{"id":1,"part":"a"},"value":{"client":"first","amount":1.5,"must":1,"at":"2020-01-01"}}
      {"value":null,"key":{"part":"a key of more than twelve bytes","id":2}}
      {"key":{"id":3,"part":"\\u00e4"},"value":{"must":3,"client":"esc \\"aped\\" and long enough"},"headers":{"x":[1]}}
      {"key":{"id":4,"part":"b"},"value":{"must":4,"id":99,"part":"not from here","client":null}}
      {"key":{"id":5,"part":"x"},"value":{"must":5},"value":null}
      {"key":{"id":6,"part":"x"},"value":null,"value":{"must":6}}
      """)
    #expect(reading.errors.isEmpty && reading.hasEnded)
    #expect(
      reading.rows.map(\.values) == [
        ["first", "1", "1.50", "a", "2020-01-01 00:00:00", "1"], [nil, "2", nil, "a key of more than twelve bytes", nil, nil],
        ["esc \"aped\" and long enough", "3", nil, "ä", nil, "3"], [nil, "4", nil, "b", nil, "4"], [nil, "5", nil, "x", nil, nil],
        [nil, "6", nil, "x", nil, "6"],
      ])
    #expect(reading.rows.map(\.isDeletion) == [false, true, false, false, true, false])
  }

  @Test func badLinesChangeOnlyThemselves() throws {
    let good = #"{"key":{"id":1,"part":"a"},"value":{"must":1}}"#
    let bads = [
      (#"{"key":{"id":1,"part":"a"}}"#, "22P02", #"the line has no "value""#),
      (#"{"value":{"must":1}}"#, "22P02", #"the line has no "key""#),
      (#"{"id":1,"part":"a","must":1}"#, "22P02", #"the line has no "key""#),
      (#"{"key":null,"value":null}"#, "22P02", #"record is not a JSON object, in "key""#),
      (#"{"key":7,"value":null}"#, "22P02", #"record is not a JSON object, in "key""#),
      (#"{"key":{"id":1,"part":"a"},"value":[1]}"#, "22P02", #"record is not a JSON object, in "value""#),
      (#"{"key":{"id":1},"value":null}"#, "23502", #"null value in column "part" of relation "t" violates not-null constraint, in "key""#),
      (#"{"key":{"id":"x","part":"a"},"value":{}}"#, "22P02", #"invalid input syntax for type bigint: "x" in column "id", in "key""#),
      (#"{"key":{"id":1,"part":"a"},"value":{"must":null}}"#, "23502", #"null value in column "must" of relation "t" violates not-null constraint, in "value""#),
      (#"{"key":{"id":1,"part":"a"},"value":{"must":1,"at":"x"}}"#, "22007", #"invalid input syntax for type timestamp: "x" in column "at", in "value""#),
      (#"{"key":{"id":1,"part":"a"},"value":{"must":1}"#, "22P02", "invalid JSON"),
      ("[]", "22P02", "record is not a JSON object"),
    ]
    for blockBytes in [1, 100, 1 << 16] {
      let text = bads.map { "\(good)\n\($0.0)\n\n" }.joined() + good
      let reading = try read(text, blockBytes: blockBytes)
      #expect(reading.rows.count == bads.count + 1 && reading.rows.allSatisfy { $0.values == [nil, "1", nil, "a", nil, "1"] })
      #expect(reading.errors.map(\.state.code) == bads.map(\.1))
      #expect(reading.errors.map(\.message) == bads.map(\.2))
      for (error, bad) in zip(reading.errors, bads) { #expect(error.payload == Array(bad.0.utf8.prefix(256))) }
      let starts = reading.errors.map { Array(text.utf8)[Int($0.offset)] }
      #expect(starts.allSatisfy { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") })
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>) func randomChangesAreReadAsWritten(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var lines: [String] = []
    var expected: [[String?]] = []
    for number in 0..<9000 {
      let client = ["Zoë", "a client with a long name", "x"].randomElement(using: &random) ?? ""
      let part = "part \(Int.random(in: 0..<1_000_000, using: &random))"
      let keyText = #"{"id":\#(number),"part":"\#(part)"}"#
      switch Int.random(in: 0..<10, using: &random) {
      case 0:
        lines.append("")
      case 1...3:
        lines.append(#"{"key":\#(keyText),"value":null}"#)
        expected.append(["deleted", nil, "\(number)", nil, part, nil, nil])
      default:
        lines.append(#"{"value":{"client":"\#(client)","must":\#(number % 7),"amount":\#(number).25},"key":\#(keyText)}"#)
        expected.append(["set", client, "\(number)", "\(number).25", part, nil, "\(number % 7)"])
      }
    }
    let text = lines.joined(separator: "\n")
    let reading = try read(text)
    #expect(reading.rows.map { [$0.isDeletion ? "deleted" : "set"] + $0.values } == expected && reading.errors.isEmpty)
    let few = try read(text, needing: [1, 2])
    #expect(few.rows.map { [$0.values[1], $0.values[2]] } == expected.map { [$0[2], $0[3]] })
    #expect(few.rows.allSatisfy { $0.values[0] == nil && $0.values[3] == nil && $0.values[5] == nil })
  }

  @Test func theDemoIsReadAsItIs() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appendingPathComponent("queries/positions/positions.jsonl").path
    let columns: [SpecColumn] = [
      .init(name: "position_id", type: .bigint), .init(name: "client", type: .text), .init(name: "ticker", type: .text),
      .init(name: "amount", type: .bigint), .init(name: "exchange", type: .text),
    ]
    let reading = try ConnectorsTests.read(fileSource(fileSpec(path, columns, key: [0], ["envelope": "upsert"])))
    var table: [String?: [String?]] = [:]
    for row in reading.rows { table[row.values[0]] = row.isDeletion ? nil : row.values }
    var expected: [String?: [String?]] = [:]
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let id = try #require((object["key"] as? [String: Any])?["position_id"] as? Int)
      let value = object["value"] as? [String: Any]
      expected["\(id)"] = value.map { value in
        ["\(id)", value["client"] as? String, value["ticker"] as? String, (value["amount"] as? Int).map { "\($0)" }, value["exchange"] as? String]
      }
    }
    #expect(reading.rows.count == 4000 && reading.errors.isEmpty && table == expected)
  }
}
