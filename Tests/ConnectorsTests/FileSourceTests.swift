import Columnar
import Foundation
import Platform
import SQLTypes
import TestSupport
import Testing

@testable import Connectors

/// A column of every type, the last one NOT NULL.
private let everyType: [SpecColumn] = [
  .init(name: "big", type: .bigint), .init(name: "int", type: .integer), .init(name: "small", type: .smallint),
  .init(name: "double", type: .double), .init(name: "real", type: .real), .init(name: "bool", type: .boolean),
  .init(name: "num", type: .numeric(nil)), .init(name: "money", type: .numeric(.init(precision: 10, scale: 2))),
  .init(name: "wide", type: .numeric(.init(precision: 25, scale: 5))), .init(name: "text", type: .text),
  .init(name: "name", type: .varchar(5)), .init(name: "any", type: .varchar(nil)), .init(name: "day", type: .date),
  .init(name: "at", type: .timestamp), .init(name: "atz", type: .timestamptz), .init(name: "span", type: .interval),
  .init(name: "key", type: .bigint, isNotNull: true),
]

/// JSON values, good for some types and bad for others.
private let fragments = [
  "null", "0", "1", "-1", "42", "-7.5", "1.005", "123456789.123456789", "99999999.99", "99999999.995", "1e3", "2.5e-3", "40000",
  "3000000000", "9223372036854775807", "9223372036854775808", "12345678901234567890.12345", "1e38", "1e400", "true", "false",
  #""yes""#, #""off""#, #""12""#, #"" 7 ""#, #""12.50""#, #""NaN""#, #""Infinity""#, #""x""#, #""""#, #""abcde""#, #""abcde  ""#,
  #""abcdef""#, #""Grüße""#, #""größer""#, #""\u00e4\u00f6\u00fc""#, #""a text of more than twelve bytes""#,
  #""escaped \"text\" of more than twelve bytes""#, #""2015-07-15""#, #""2015-07-15 10:11:12.345678""#,
  #""2015-07-15T10:11:12+02:00""#, #""2015-02-30""#, #""July 4, 1999""#, #""1 day 02:03:04""#, #""P1Y2M""#, #""infinity""#,
  #"{"a":[1,2,{"b":null}]}"#, "[]", #"["x"]"#,
]

private func randomLine(_ random: inout SeededRandom) -> String {
  switch Int.random(in: 0..<40, using: &random) {
  case 0: return ""
  case 1: return "  \r"
  case 2: return "[1,2]"
  case 3: return #"{"key":1"#
  case 4: return #"{"key":1} x"#
  default: break
  }
  var members = [#""key": \#(Int.random(in: 0..<30, using: &random) == 0 ? "null" : "5")"#]
  // Mostly one odd value a line, so that each has its say.
  for _ in 0..<Int.random(in: 0..<4, using: &random) {
    let column = everyType[Int.random(in: 0..<everyType.count - 1, using: &random)].name
    members.append("\"\(column)\":\(fragments[Int.random(in: 0..<fragments.count, using: &random)])")
  }
  if Bool.random(using: &random) { members.append(#""undeclared":{"x":[true,"\n"]}"#) }
  return "{" + members.shuffled(using: &random).joined(separator: ",") + "}" + (Bool.random(using: &random) ? "\r" : "")
}

private func randomFile(_ lines: Int, seed: UInt64) -> [UInt8] {
  var random = SeededRandom(seed: seed)
  return Array((0..<lines).map { _ in randomLine(&random) }.joined(separator: "\n").utf8)
}

@Suite struct FileSourceTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }
  var path: String { "\(directory.path)/a.jsonl" }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func randomLinesAreReadAsTheSlowReaderReadsThem(seed: UInt64) throws {
    let bytes = randomFile(3000, seed: seed)
    try directory.write("a.jsonl", bytes)
    let reading = try read(fileSource(fileSpec(path, everyType)))
    let expected = reference(bytes, everyType)
    #expect(reading.hasEnded && reading.failure == nil && reading.ended == [0])
    #expect(reading.rows == expected.rows)
    #expect(reading.errors.map(\.offset) == expected.errors.map(\.offset))
    #expect(reading.errors.map(\.state) == expected.errors.map(\.state))
    #expect(expected.rows.count > 800 && Set(expected.errors.map(\.state)).count >= 7)
    for error in reading.errors {
      let line = bytes[Int(error.offset)...].prefix { $0 != 10 }
      #expect(error.payload == Array(line.prefix(256)) && !error.message.isEmpty)
    }
    #expect(reading.positions[0] == reading.marks.last?.position)
  }

  @Test(arguments: [1, 2, 3, 7, 64, 100, 1000, 4096, 1 << 20])
  func anyBlockSizeGivesTheSameRows(blockBytes: Int) throws {
    let bytes = randomFile(400, seed: 99)
    try directory.write("a.jsonl", bytes)
    let expected = reference(bytes, everyType)
    let limits = LineBlocks.Limits(blockBytes: blockBytes, lineBytes: 1 << 16)
    let reading = try read(fileSource(fileSpec(path, everyType), limits))
    #expect(reading.rows == expected.rows && reading.errors.map(\.offset) == expected.errors.map(\.offset))
  }

  @Test func aBadRowAnywhereInABatchChangesOnlyItself() throws {
    let columns: [SpecColumn] = [.init(name: "k", type: .bigint, isNotNull: true), .init(name: "t", type: .timestamp)]
    let good = (0..<130).map { #"{"k":\#($0),"t":"2020-01-01 00:00:\#($0 % 60 < 10 ? "0" : "")\#($0 % 60)"}"# }
    let bads = [
      #"{"k":1,"t":"soon"}"#, #"{"t":"2020-01-01"}"#, #"{"k":1.5}"#, #"{"k":"#, "17", "\u{1}", #"{"k":1}{"k":2}"#,
    ]
    for (index, bad) in bads.enumerated() {
      for place in stride(from: 0, through: good.count, by: 5) {
        var lines = good
        lines.insert(bad, at: place)
        let text = lines.joined(separator: "\n") + "\n"
        try directory.write("b\(index).jsonl", text)
        let reading = try read(fileSource(fileSpec("\(directory.path)/b\(index).jsonl", columns)))
        #expect(reading.rows.map { $0.values[0] } == good.indices.map { String($0) })
        #expect(reading.errors.count == 1)
        #expect(reading.errors.first?.offset == Int64(good[..<place].reduce(0) { $0 + $1.utf8.count + 1 }))
      }
    }
  }

  @Test func messagesArePostgreSQLs() throws {
    let columns: [SpecColumn] = [
      .init(name: "k", type: .bigint, isNotNull: true), .init(name: "p", type: .numeric(.init(precision: 4, scale: 2))),
      .init(name: "v", type: .varchar(3)), .init(name: "d", type: .date),
    ]
    let lines = [
      (#"{"k":"abc"}"#, "22P02", #"invalid input syntax for type bigint: "abc" in column "k""#),
      (#"{"k":1,"p":100}"#, "22003", #"numeric field overflow in column "p""#),
      (#"{"k":1,"v":"long"}"#, "22001", #"value too long for type character varying(3) in column "v""#),
      (#"{"k":1,"d":"2020-02-30"}"#, "22008", #"date/time field value out of range: "2020-02-30" in column "d""#),
      (#"{"k":null,"p":1}"#, "23502", #"null value in column "k" of relation "t" violates not-null constraint"#),
      (#"{"d":"x","k":"y"}"#, "22P02", #"invalid input syntax for type bigint: "y" in column "k""#),
      (#"{"k":1,"d":"x"}"#, "22007", #"invalid input syntax for type date: "x" in column "d""#),
      ("nonsense", "22P02", "record is not a JSON object"),
    ]
    try directory.write("a.jsonl", lines.map(\.0).joined(separator: "\n"))
    let errors = try read(fileSource(fileSpec(path, columns))).errors
    for (error, line) in zip(errors, lines) { #expect(error.state.code == line.1 && error.message == line.2) }
    #expect(errors.count == lines.count)
  }

  @Test func columnsThatNobodyNeedsAreValidatedAllTheSame() throws {
    let bytes = randomFile(2000, seed: 5)
    try directory.write("a.jsonl", bytes)
    let spec = try fileSpec(path, everyType)
    let few = spec.needing { [0, 9].contains($0) }
    let reading = try read(fileSource(few))
    let all = try read(fileSource(spec))
    #expect(reading.errors == all.errors && reading.rows.map(\.offset) == all.rows.map(\.offset))
    #expect(reading.rows.map { $0.values[0] } == all.rows.map { $0.values[0] })
    #expect(reading.rows.map { $0.values[9] } == all.rows.map { $0.values[9] })
    #expect(reading.rows.allSatisfy { $0.values[1] == nil && $0.values[13] == nil })
  }

  @Test func emptyFilesAndBlankLinesHaveNoRows() throws {
    for text in ["", "\n", "\r\n \n\t\n", "   "] {
      try directory.write("a.jsonl", text)
      let reading = try read(fileSource(fileSpec(path, everyType)))
      #expect(reading.rows.isEmpty && reading.errors.isEmpty && reading.ended == [0] && reading.hasEnded)
    }
  }

  @Test(arguments: [1, 50, 4096]) func linesBeyondTheLimitAreBadRows(blockBytes: Int) throws {
    let columns: [SpecColumn] = [.init(name: "t", type: .text)]
    let limits = LineBlocks.Limits(blockBytes: blockBytes, lineBytes: 100)
    func line(_ count: Int) -> String { #"{"t":""# + String(repeating: "x", count: count - 8) + #""}"# }
    for (lengths, last) in [([99, 100, 101, 30, 500, 20], "\n"), ([5000, 100], ""), ([20, 101], ""), ([101, 101, 100], "\n")] {
      let text = lengths.map(line).joined(separator: "\n") + last
      try directory.write("a.jsonl", text)
      let reading = try read(fileSource(fileSpec(path, columns), limits))
      #expect(reading.rows.map { ($0.values[0] ?? "").utf8.count + 8 } == lengths.filter { $0 <= 100 })
      #expect(reading.errors.count == lengths.filter { $0 > 100 }.count)
      #expect(reading.errors.allSatisfy { $0.state.code == "54000" && $0.payload.starts(with: Array(#"{"t":"xx"#.utf8)) })
      #expect(FilePosition(reading.positions[0] ?? [])?.offset == text.utf8.count)
    }
  }

  @Test func onErrorStopEndsBeforeTheFirstBadRow() throws {
    let columns: [SpecColumn] = [.init(name: "k", type: .bigint)]
    try directory.write("a.jsonl", "{\"k\":1}\n\n{\"k\":2}\n{\"k\":\"x\"}\n{\"k\":3}\n")
    let spec = try fileSpec(path, columns, ["on_error": "stop"])
    let reading = try read(fileSource(spec))
    #expect(reading.rows.map { $0.values[0] } == ["1", "2"] && reading.errors.isEmpty && !reading.hasEnded)
    #expect(reading.failure?.error.state.code == "22P02" && reading.failure?.partition == 0)
    #expect(FilePosition(reading.positions[0] ?? [])?.offset == 17)
  }

  @Test func globsAreReadInByteOrder() throws {
    for name in ["b.jsonl", "a.jsonl", "B.jsonl", "a0.jsonl", "ä.jsonl", "c.txt", ".a.jsonl"] {
      try directory.write(name, #"{"t":"\#(name)"}"#)
    }
    try FileManager.default.createDirectory(atPath: "\(directory.path)/d.jsonl", withIntermediateDirectories: true)
    let spec = try fileSpec("\(directory.path)/*.jsonl", [.init(name: "t", type: .text)])
    let reading = try read(fileSource(spec))
    let names = ["B.jsonl", "a.jsonl", "a0.jsonl", "b.jsonl", "ä.jsonl"]
    #expect(reading.discovered == names.enumerated().map { .init(partition: $0, name: "\(directory.path)/\($1)") })
    #expect(reading.rows.map { $0.values[0] } == names && reading.rows.map(\.partition) == [0, 1, 2, 3, 4])
    let few = try read(fileSource(fileSpec("\(directory.path)/[ab]?.jsonl", [.init(name: "t", type: .text)])))
    #expect(few.rows.map { $0.values[0] } == ["a0.jsonl"])
  }

  @Test func manyFilesAreReadInTurn() throws {
    let columns: [SpecColumn] = [.init(name: "k", type: .bigint)]
    for file in 0..<40 { try directory.write("f\(100 + file)", (0..<5000).map { #"{"k":\#($0)}"# }.joined(separator: "\n")) }
    let reading = try read(fileSource(fileSpec("\(directory.path)/f*", columns), .init(blockBytes: 10_000)))
    #expect(reading.rows.count == 200_000 && reading.ended.sorted() == Array(0..<40))
    let places = reading.marks.firstIndex { $0.partition == 15 }
    #expect(places == 15, "the first sixteen take turns")
    for partition in [0, 17, 39] {
      #expect(reading.rows.filter { $0.partition == partition }.map { $0.values[0] } == (0..<5000).map { "\($0)" })
    }
  }

  @Test func whatIsNotThereIsAnErrorOfTheStart() throws {
    let columns: [SpecColumn] = [.init(name: "k", type: .bigint)]
    func state(_ path: String) throws -> String? {
      let source = try fileSource(fileSpec(path, columns))
      defer { source.stop() }
      do throws(SQLError) {
        try source.start(from: [], into: BoundedQueue(capacity: 1))
        return nil
      } catch {
        return error.state.code
      }
    }
    #expect(try state("\(directory.path)/none") == "58P01")
    #expect(try state("\(directory.path)/none*") == "58P01")
    #expect(try state(directory.path) == "42809")
  }

  @Test func timestampsThatShareTheirDayAreReadAsByThemselves() throws {
    let columns: [SpecColumn] = [.init(name: "a", type: .timestamp), .init(name: "z", type: .timestamptz)]
    var random = SeededRandom(seed: 8)
    let days = ["2015-07-15", "2015-07-16", "1969-12-31", "0001-01-01", "2015-02-30", "2015/07/15", "15-07-2015", "9999-12-31"]
    let times = [
      "", " 00:00:00", "T23:59:59.999999", "t10:11:12.5", " 24:00:00", " 10:60:00", " 10:11:60", " 10:11:12.", " 10:11:12.1234567",
      " 10:11:12Z", " 10:11:12+02", " 1:02:03", " 10-11-12", " 10:11:12.12a", "_10:11:12", " :0:11:12", " 10:11:1/", " 10:11:12 BC",
      " 10:11:12.000001", "T10:11:12.123-05:30", " 10:11:12 pm",
    ]
    func time() -> String { days.randomElement(using: &random)! + times.randomElement(using: &random)! }
    let bytes = Array((0..<20_000).map { _ in #"{"a":"\#(time())","z":"\#(time())"}"# }.joined(separator: "\n").utf8)
    try directory.write("a.jsonl", bytes)
    let reading = try read(fileSource(fileSpec(path, columns)))
    let expected = reference(bytes, columns)
    #expect(reading.rows == expected.rows && expected.rows.count > 3000)
    #expect(reading.errors.map(\.offset) == expected.errors.map(\.offset))
    #expect(reading.errors.map(\.state) == expected.errors.map(\.state))
  }
}
