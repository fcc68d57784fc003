import Foundation
import Platform
import SQLTypes
import Testing

@testable import Connectors

private let columns: [SpecColumn] = [.init(name: "k", type: .bigint), .init(name: "t", type: .text)]
private let good = #"{"k":1,"t":"good"}"#

@Suite struct HostileFileTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }
  var path: String { "\(directory.path)/a.jsonl" }

  private func read(_ bad: [UInt8], _ columns: [SpecColumn] = columns, isBad: Bool = true) throws -> Reading {
    try directory.write("a.jsonl", Array("\(good)\n".utf8) + bad + Array("\n\(good)\n".utf8))
    let reading = try ConnectorsTests.read(fileSource(fileSpec(path, columns)))
    #expect(reading.hasEnded && reading.rows.count == (isBad ? 2 : 3) && reading.errors.count == (isBad ? 1 : 0))
    #expect(reading.rows.last?.values.prefix(2) == ["1", "good"])
    #expect(reading.errors.allSatisfy { $0.payload.count <= 256 && $0.message.utf8.count < 1000 })
    return reading
  }

  @Test func deepNestingIsRefusedWithoutDepth() throws {
    #expect(try read(Array(repeating: UInt8(ascii: "["), count: 10_000_000)).errors.first?.state.code == "22P02")
    for open in ["[", #"{"a":"#] {
      let bad = try read(Array((#"{"t":"# + String(repeating: open, count: 2_000_000)).utf8))
      #expect(bad.errors.first?.state.code == "54001")
    }
  }

  /// A gibibyte that is one line, in a file without blocks on the disk but at its end.
  @Test func aLineOfAGibibyteTakesNoMoreMemoryThanTheLimit() throws {
    try directory.write("a.jsonl", "\(good)\n")
    let size = 1 << 30
    #expect(truncate(path, off_t(size)) == 0)
    try directory.append("a.jsonl", "\n\(good)\n")
    let before = residentKiB()
    let reading = try ConnectorsTests.read(fileSource(fileSpec(path, columns)))
    #expect(reading.rows.count == 2 && reading.errors.map(\.state.code) == ["54000"])
    #expect(reading.errors.first?.offset == Int64(good.utf8.count + 1))
    #expect(residentKiB() - before < 200_000)
    let position = try #require(reading.positions[0])
    let again = try ConnectorsTests.read(
      fileSource(fileSpec(path, columns)), from: [.init(partition: 0, name: path, position: position)])
    #expect(again.hasEnded && again.rows.isEmpty)
  }

  private func residentKiB() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4
  }

  @Test func aHundredThousandMembersAreSkipped() throws {
    let members = (0..<100_000).map { #""column number \#($0)":\#($0)"# }.joined(separator: ",")
    let reading = try read(Array(("{" + members + #","k":5}"#).utf8), isBad: false)
    #expect(reading.rows.map { $0.values[0] } == ["1", "5", "1"])
  }

  @Test func sixteenHundredColumnsInAnyOrderAreRead() throws {
    let wide = columns + (2..<1600).map { SpecColumn(name: "column number \($0)", type: .bigint) }
    let members = (2..<1600).map { #""column number \#($0)":\#($0)"# }
    let lines = [members, members.reversed(), members.shuffled()].map { "{" + $0.joined(separator: ",") + "}" }
    try directory.write("a.jsonl", (0..<90).map { lines[$0 % 3] }.joined(separator: "\n"))
    let start = ContinuousClock.now
    let reading = try ConnectorsTests.read(fileSource(fileSpec(path, wide)))
    #expect(start.duration(to: .now) < .seconds(10))
    let row: [String?] = [nil, nil] + (2..<1600).map { "\($0)" }
    #expect(reading.rows.count == 90 && reading.rows.allSatisfy { $0.values == row })
  }

  @Test func escapesByTheMillionAreDecoded() throws {
    let escapes = String(repeating: #"\u00e4\ud83d\ude00\\\"\n"#, count: 200_000)
    let reading = try read(Array(#"{"k":2,"t":"\#(escapes)"}"#.utf8), isBad: false)
    #expect(reading.rows[1].values[1] == String(repeating: "ä😀\\\"\n", count: 200_000))
    for bad in [#"\u00e"#, #"\ud83d"#, #"\udc00\ud83d"#, #"\x41"#, #"\u0000"#, "\\"] {
      _ = try read(Array(#"{"k":2,"t":"\#(escapes)\#(bad)"}"#.utf8))
    }
  }

  @Test func longWrongValuesAreQuotedInPart() throws {
    let long = String(repeating: "ä", count: 1_000_000)
    let error = try #require(try read(Array(#"{"k":"\#(long)"}"#.utf8)).errors.first)
    #expect(error.state.code == "22P02" && error.message.hasPrefix(#"invalid input syntax for type bigint: "ää"#))
    #expect(error.message.hasSuffix("…"))
    let digits = String(repeating: "9", count: 1_000_000)
    for (column, type) in [("n", SQLType.numeric(nil)), ("d", .double), ("i", .interval), ("s", .timestamp)] {
      let error = try read(Array(#"{"\#(column)":\#(digits)}"#.utf8), columns + [.init(name: column, type: type)]).errors.first
      #expect(error != nil)
    }
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    for bytes in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]] as [[UInt8]] {
      let reading = try read(Array(#"{"t":""#.utf8) + bytes + Array(#""}"#.utf8))
      #expect(reading.errors.first?.state.code == "22021" && reading.errors.first?.payload.contains(bytes[0]) == true)
    }
    _ = try read([0, 0, 0])
    _ = try read((0...255).filter { $0 != 10 })
  }
}
